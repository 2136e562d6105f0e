"""isCounted: whether an account has metered or proven energy in a slot."""

from __future__ import annotations

import pytest

from tests.support.market import MONDAY, Market, actor
from tests.support.settlement import (
    close,
    last_closable,
    move_energy,
    open_account,
    prove,
    record,
)

PROSUMER, NEIGHBOUR, STRANGER = actor("prosumer"), actor("neighbour"), actor("stranger")
SLOT = MONDAY // 3600


def is_counted(market: Market, slot: int = SLOT) -> bool:
    return bool(market.settlement.call("isCounted", PROSUMER.address, slot))


@pytest.mark.parametrize(
    "reading",
    [{"produced": 1}, {"consumed": 1}, {"at_end": True}, {"produced": 2**56 - 1, "at_end": True}],
)
def test_is_counted__reading__is_counted(market: Market, reading: dict[str, int]) -> None:
    record(market, PROSUMER, SLOT, **reading)
    assert is_counted(market)
    assert not is_counted(market, SLOT + 1)
    assert not market.settlement.call("isCounted", NEIGHBOUR.address, SLOT)


def test_is_counted__reading_of_nothing_within_the_slot__is_not(market: Market) -> None:
    record(market, PROSUMER, SLOT)
    assert not is_counted(market)


@pytest.mark.parametrize("energy", [{}, {"produced": 1}, {"consumed": 1}])
def test_is_counted__proof__is_counted(market: Market, energy: dict[str, int]) -> None:
    prove(market, PROSUMER, SLOT, **energy)
    assert is_counted(market)
    assert not is_counted(market, SLOT + 1)


def test_is_counted__energy_bought_or_slot_closed__is_not(market: Market) -> None:
    """Neither says what the account drew."""
    market.go_to(MONDAY + 86_400)
    slot = last_closable(market)
    open_account(market, PROSUMER)
    record(market, NEIGHBOUR, slot, produced=2**56 - 1)
    move_energy(market, NEIGHBOUR, PROSUMER, slot, 2**56 - 1)
    assert not is_counted(market, slot)
    close(market, PROSUMER, slot)
    assert not is_counted(market, slot)
    prove(market, PROSUMER, slot)
    assert is_counted(market, slot)


@pytest.mark.parametrize("slot", [0, SLOT, 2**256 - 1])
def test_is_counted__unknown_account_or_slot__is_not(market: Market, slot: int) -> None:
    open_account(market, PROSUMER)
    assert not is_counted(market, slot)
    assert not market.settlement.call("isCounted", STRANGER.address, slot)
