"""closeSlots: many slots of one account at once."""

from __future__ import annotations

import pytest

from energy_grid.contracts import errors
from tests.support.market import MONDAY, Market, Receipt, actor
from tests.support.refusals import refused
from tests.support.settlement import close, energy_of, last_closable, open_account, record

PROSUMER, KEEPER, STRANGER = actor("prosumer"), actor("keeper"), actor("stranger")
WEEK = 7 * 86_400


@pytest.fixture
def slot(market: Market) -> int:
    """The newest slot that can be closed, a week after the market began."""
    market.go_to(MONDAY + WEEK)
    open_account(market, PROSUMER)
    return last_closable(market)


def close_all(market: Market, slots: list[int]) -> Receipt:
    return market.do(KEEPER, market.settlement, "closeSlots", PROSUMER.address, slots)


@pytest.mark.usefixtures("slot")
@pytest.mark.parametrize("slots", [[], [0]])
def test_close_slots__unknown_account__is_refused(market: Market, slots: list[int]) -> None:
    with refused(errors.Settlement_UnknownAccount, account=STRANGER.address):
        market.do(KEEPER, market.settlement, "closeSlots", STRANGER.address, slots)


@pytest.mark.usefixtures("slot")
def test_close_slots__none__does_nothing(market: Market) -> None:
    assert close_all(market, []).logs == []


def test_close_slots__one_too_early__closes_none(market: Market, slot: int) -> None:
    record(market, PROSUMER, slot, produced=5)
    values = {"slot": slot + 1, "closable_at": market.closable_at(slot + 1)}
    with refused(errors.Settlement_SlotNotClosable, **values):
        close_all(market, [slot, slot + 1])
    assert not energy_of(market, PROSUMER, slot).closed


def test_close_slots__some_closed_some_twice__closes_each_once(market: Market, slot: int) -> None:
    for number in (slot - 2, slot - 1, slot):
        record(market, PROSUMER, number, produced=5)
    close(market, PROSUMER, slot - 1)
    receipt = close_all(market, [slot - 1, slot, slot - 2, slot])
    closed = market.events(receipt, market.settlement, "SlotClosed")
    assert [event["slot"] for event in closed] == [slot, slot - 2]
    assert market.energy_token.call("balanceOf", PROSUMER.address) == 15


def test_close_slots__surplus_before_deficit__is_used_for_it(market: Market, slot: int) -> None:
    record(market, PROSUMER, slot - 1, produced=5)
    record(market, PROSUMER, slot, consumed=7)
    forth = close_all(market, [slot - 1, slot])
    assert [
        (event["minted"], event["burned"], event["from_grid"])
        for event in market.events(forth, market.settlement, "SlotClosed")
    ] == [(5, 0, 0), (0, 5, 2)]


def test_close_slots__deficit_before_surplus__is_bought(market: Market, slot: int) -> None:
    record(market, PROSUMER, slot - 1, produced=5)
    record(market, PROSUMER, slot, consumed=7)
    back = close_all(market, [slot, slot - 1])
    assert [
        (event["minted"], event["burned"], event["from_grid"])
        for event in market.events(back, market.settlement, "SlotClosed")
    ] == [(0, 0, 7), (5, 0, 0)]


@pytest.mark.anvil
def test_close_slots__hundreds__cost_the_same_each(market: Market) -> None:
    slots = [market.slot(MONDAY) - number for number in range(1, 202)]
    for number in slots:
        record(market, PROSUMER, number, produced=5)
    market.go_to(MONDAY + 86_400)
    # Before what is compared: the first surplus also opens the account's bank.
    close(market, PROSUMER, slots[0])
    single = [
        market.do(KEEPER, market.settlement, "closeSlot", PROSUMER.address, number).gas_used
        for number in slots[1:101]
    ]
    # A byte of call data that is zero costs 12 gas less.
    assert max(single) - min(single) <= 12
    together = close_all(market, slots[101:])
    assert len(market.events(together, market.settlement, "SlotClosed")) == 100
    assert together.gas_used / 100 < min(single)
    assert market.energy_token.call("balanceOf", PROSUMER.address) == 1005
