"""recordMetered: readings add up in the table of slots."""

from __future__ import annotations

from dataclasses import replace

import pytest

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.contracts.errors import Panic
from energy_grid.domain.slots import SlotEnergy
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.support.settlement import (
    energy_of,
    last_closable,
    move_energy,
    read_at_end,
    record,
)

PROSUMER, NEIGHBOUR = actor("prosumer"), actor("neighbour")
SLOT = MONDAY // 3600
LARGEST = 2**56 - 1
# Where the count of readings at a slot's end stops.
MANY = 63


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


def test_record_metered__at_the_slots_end__is_counted(market: Market) -> None:
    for at_end in (False, True, False, True):
        record(market, PROSUMER, SLOT, produced=1, consumed=2, at_end=at_end)
    record(market, PROSUMER, SLOT + 1, at_end=True)
    record(market, NEIGHBOUR, SLOT, consumed=5)
    assert read_at_end(market, PROSUMER, SLOT) == 2
    assert read_at_end(market, PROSUMER, SLOT + 1) == 1
    assert read_at_end(market, NEIGHBOUR, SLOT) == 0
    assert energy_of(market, PROSUMER, SLOT) == SlotEnergy(produced=4, consumed=8)
    assert energy_of(market, PROSUMER, SLOT + 1) == SlotEnergy()


def test_record_metered__63_at_the_slots_end__are_the_most_that_are_counted(
    market: Market,
) -> None:
    """Further ones are recorded all the same, and all else keeps what it holds."""
    full = SlotEnergy(produced=LARGEST, consumed=LARGEST, sold=LARGEST, bought=LARGEST)
    slot = last_closable(market)
    record(market, PROSUMER, slot, produced=LARGEST - MANY - 2, consumed=LARGEST)
    record(market, NEIGHBOUR, slot, produced=LARGEST)
    for count in range(1, MANY + 3):
        record(market, PROSUMER, slot, produced=1, at_end=True)
        assert read_at_end(market, PROSUMER, slot) == min(count, MANY)
    move_energy(market, PROSUMER, NEIGHBOUR, slot, LARGEST)
    move_energy(market, NEIGHBOUR, PROSUMER, slot, LARGEST)
    assert energy_of(market, PROSUMER, slot) == full
    market.do(PROSUMER, market.settlement, "closeSlot", PROSUMER.address, slot)
    assert energy_of(market, PROSUMER, slot) == replace(full, closed=True)
    assert read_at_end(market, PROSUMER, slot) == MANY


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


def test_record_metered__shut_down__has_more(market: Market) -> None:
    market.do(market.roles[Role.ADMIN], market.settlement, "shutdown")
    record(market, PROSUMER, SLOT, produced=1)
    assert energy_of(market, PROSUMER, SLOT) == SlotEnergy(produced=1)
