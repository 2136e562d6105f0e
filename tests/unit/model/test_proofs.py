"""Slots counted by proofs of anchored readings: once, instead of readings, also after closing."""

from __future__ import annotations

import pytest

from energy_grid.domain.slots import Closing, SlotEnergy
from tests.model.costs import Fees
from tests.model.settlement import (
    Account,
    MarketRules,
    SettlementModel,
    SlotMeteredError,
    SlotNotOverError,
    SlotProvenError,
)

START, GRACE = 1_767_571_200, 600
SLOT, END = START // 3600, START + 3600
CLOSABLE = END + 2 * GRACE
GRID = 400_001


@pytest.fixture
def settlement() -> SettlementModel:
    books = SettlementModel(MarketRules(slot_seconds=3600, grace=GRACE), Fees())
    books.deposit("home", 1_000_000)
    return books


def test_prove__an_open_slot__counts_its_energy(settlement: SettlementModel) -> None:
    assert not settlement.is_counted("home", SLOT)
    assert settlement.prove("home", SLOT, 500, 200, GRID, END) is None
    assert settlement.energy_of("home", SLOT) == SlotEnergy(produced=500, consumed=200)
    assert settlement.is_counted("home", SLOT)
    assert not settlement.is_counted("home", SLOT + 1)


def test_prove__a_slot_that_is_not_over__is_refused(settlement: SettlementModel) -> None:
    with pytest.raises(SlotNotOverError):
        settlement.prove("home", SLOT, 0, 0, GRID, END - 1)


@pytest.mark.parametrize("energy", [0, 7])
def test_prove__twice__is_refused(settlement: SettlementModel, energy: int) -> None:
    settlement.prove("home", SLOT, energy, 0, GRID, END)
    with pytest.raises(SlotProvenError):
        settlement.prove("home", SLOT, energy, 0, GRID, END)
    with pytest.raises(SlotProvenError):
        settlement.record("home", END, 1, 0, END)
    assert settlement.energy_of("home", SLOT).produced == energy


@pytest.mark.parametrize(
    ("timestamp", "produced", "consumed", "counted"),
    [
        (END, 0, 0, True),
        (END - 1, 0, 0, False),
        (END - 1, 1, 0, True),
        (END - 1, 0, 1, True),
        (START, 5, 5, False),
    ],
)
def test_prove__where_readings_have_counted__is_refused(
    settlement: SettlementModel, timestamp: int, produced: int, consumed: int, counted: bool
) -> None:
    settlement.record("home", timestamp, produced, consumed, timestamp)
    assert settlement.is_counted("home", SLOT) is counted
    if counted:
        with pytest.raises(SlotMeteredError):
            settlement.prove("home", SLOT, 9, 9, GRID, END)
    else:
        settlement.prove("home", SLOT, 9, 9, GRID, END)


def test_prove__a_surplus_after_the_closing__is_credited(settlement: SettlementModel) -> None:
    settlement.close_slot("home", SLOT, GRID, CLOSABLE)
    closing = settlement.prove("home", SLOT, 500, 200, GRID, CLOSABLE)
    assert closing == Closing(minted=300)
    assert settlement.account("home") == Account(available=1_000_000, energy_credits=300)
    assert settlement.energy_of("home", SLOT) == SlotEnergy(produced=500, consumed=200, closed=True)


def test_prove__a_deficit_after_the_closing__comes_from_the_bank_the_grid_and_a_debt(
    settlement: SettlementModel,
) -> None:
    settlement.prove("home", SLOT - 1, 100, 0, GRID, END)
    settlement.close_slot("home", SLOT - 1, GRID, CLOSABLE)
    settlement.close_slot("home", SLOT, GRID, CLOSABLE)
    closing = settlement.prove("home", SLOT, 0, 3000, GRID, CLOSABLE)
    cost = -(-2900 * GRID // 1000)
    assert closing == Closing(
        burned=100, from_grid=2900, cost=cost, paid=1_000_000, debt=cost - 1_000_000
    )
    assert settlement.account("home") == Account(debt=cost - 1_000_000)
    assert settlement.treasury.grid_sales == 1_000_000


def test_prove__after_the_closing__does_not_undo_what_was_delivered(
    settlement: SettlementModel,
) -> None:
    """Energy bought and credited at the closing covers consumption that is proven later."""
    settlement.energy["home", SLOT] = SlotEnergy(bought=400)
    assert settlement.close_slot("home", SLOT, GRID, CLOSABLE).minted == 400
    closing = settlement.prove("home", SLOT, 0, 400, GRID, CLOSABLE)
    assert closing == Closing(burned=400)
    assert settlement.account("home") == Account(available=1_000_000)
