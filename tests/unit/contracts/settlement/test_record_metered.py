"""recordMetered: readings add up in the table of slots."""

from __future__ import annotations

import pytest

from energy_grid.adapters.chain import errors
from energy_grid.adapters.chain.errors import Panic
from energy_grid.adapters.chain.roles import Role
from energy_grid.domain.slots import SlotEnergy
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.support.settlement import energy_of, move_energy, record

PROSUMER, NEIGHBOUR = actor("prosumer"), actor("neighbour")
SLOT = MONDAY // 3600
LARGEST = 2**56 - 1


def test_record_metered__readings__add_up(market: Market) -> None:
    for produced, consumed in ((1, 10), (2, 0), (0, 30)):
        record(market, PROSUMER, SLOT, produced=produced, consumed=consumed)
    assert energy_of(market, PROSUMER, SLOT) == SlotEnergy(produced=3, consumed=40)


def test_record_metered__slots_and_accounts__are_apart(market: Market) -> None:
    record(market, PROSUMER, SLOT, produced=1)
    record(market, PROSUMER, SLOT + 1, consumed=2)
    record(market, NEIGHBOUR, SLOT, consumed=3)
    assert energy_of(market, PROSUMER, SLOT) == SlotEnergy(produced=1)
    assert energy_of(market, PROSUMER, SLOT + 1) == SlotEnergy(consumed=2)
    assert energy_of(market, NEIGHBOUR, SLOT) == SlotEnergy(consumed=3)
    assert energy_of(market, NEIGHBOUR, SLOT + 1) == SlotEnergy()


def test_record_metered__all_fields_full__stay_apart(market: Market) -> None:
    full = SlotEnergy(produced=LARGEST, consumed=LARGEST, sold=LARGEST, bought=LARGEST)
    record(market, PROSUMER, SLOT, produced=LARGEST, consumed=LARGEST)
    record(market, NEIGHBOUR, SLOT, produced=LARGEST, consumed=LARGEST)
    move_energy(market, PROSUMER, NEIGHBOUR, SLOT, LARGEST)
    move_energy(market, NEIGHBOUR, PROSUMER, SLOT, LARGEST)
    assert energy_of(market, PROSUMER, SLOT) == full
    assert energy_of(market, NEIGHBOUR, SLOT) == full


@pytest.mark.parametrize("more", [1, LARGEST, 2**256 - 1 - LARGEST])
@pytest.mark.parametrize("field", ["produced", "consumed"])
def test_record_metered__57_bits__is_refused(market: Market, field: str, more: int) -> None:
    record(market, PROSUMER, SLOT, produced=LARGEST, consumed=LARGEST)
    values = {"bits": 56, "value": LARGEST + more}
    with refused(errors.SafeCastOverflowedUintDowncast, **values):
        record(market, PROSUMER, SLOT, **{field: more})


@pytest.mark.parametrize("field", ["produced", "consumed"])
def test_record_metered__beyond_256_bits__is_refused(market: Market, field: str) -> None:
    record(market, PROSUMER, SLOT, produced=1, consumed=1)
    with refused(Panic, code=0x11):
        record(market, PROSUMER, SLOT, **{field: 2**256 - 1})


def test_record_metered__shut_down__goes_on(market: Market) -> None:
    market.do(market.roles[Role.ADMIN], market.settlement, "shutdown")
    record(market, PROSUMER, SLOT, produced=1)
    assert energy_of(market, PROSUMER, SLOT) == SlotEnergy(produced=1)
