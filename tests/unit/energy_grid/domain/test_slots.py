"""The energy balance of a slot."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.domain.costs import cost_up
from energy_grid.domain.slots import Closing, SlotClosedError, SlotEnergy, close_slot

wh = st.integers(0, 10**6)


@st.composite
def balances(draw: st.DrawFn) -> SlotEnergy:
    produced = draw(wh)
    return SlotEnergy(
        produced=produced,
        consumed=draw(wh),
        sold=draw(st.integers(0, produced)),
        bought=draw(wh),
    )


@given(balances(), wh, st.integers(0, 10**9), st.integers(0, 10**6))
def test_close_slot__always_balances(
    energy: SlotEnergy, energy_credits: int, available: int, price: int
) -> None:
    closing = close_slot(energy, energy_credits, available, price)
    assert (
        energy.produced + energy.bought + closing.burned + closing.from_grid
        == energy.consumed + energy.sold + closing.minted
    )
    assert closing.minted == 0 or closing.burned == closing.from_grid == 0
    assert closing.burned <= energy_credits
    assert closing.from_grid == 0 or closing.burned == energy_credits
    assert closing.cost == cost_up(closing.from_grid, price) == closing.paid + closing.debt
    assert 0 <= closing.paid <= available
    assert closing.debt == 0 or closing.paid == available


def test_close_slot__surplus__is_minted() -> None:
    energy = SlotEnergy(produced=5000, consumed=1000, sold=2000, bought=500)
    assert close_slot(energy, 0, 0, 10**6) == Closing(minted=2500)


def test_close_slot__deficit__burns_then_buys_then_owes() -> None:
    energy = SlotEnergy(consumed=1001)
    assert close_slot(energy, 1001, 0, 300_001) == Closing(burned=1001)
    assert close_slot(energy, 1000, 500, 300_001) == Closing(
        burned=1000, from_grid=1, cost=301, paid=301
    )
    assert close_slot(energy, 0, 300_000, 300_001) == Closing(
        from_grid=1001, cost=300_302, paid=300_000, debt=302
    )


def test_close_slot__empty__changes_nothing() -> None:
    assert close_slot(SlotEnergy(), 7, 7, 7) == Closing()


def test_close_slot__twice__is_refused() -> None:
    with pytest.raises(SlotClosedError):
        close_slot(SlotEnergy(closed=True), 0, 0, 0)
