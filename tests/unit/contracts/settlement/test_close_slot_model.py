"""closeSlot against the reference model: a random life of an account, slot after slot."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from energy_grid.chain.roles import Role
from energy_grid.domain.slots import SlotEnergy, close_slot
from tests.support.examples import on_chain, rewound
from tests.support.market import Market, actor
from tests.support.settlement import (
    close,
    energy_of,
    holdings,
    liabilities,
    move_energy,
    record,
    treasury,
)

PROSUMER, NEIGHBOUR = actor("prosumer"), actor("neighbour")
# Small ones meet often and leave exact balances, large ones overflow what is too narrow.
wh = st.integers(0, 20) | st.integers(0, 10**6) | st.integers(0, 2**50)
prices = st.integers(1, 2_000) | st.integers(1, 10**6) | st.integers(1, 2**62)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """What happens to the account in an hour; money comes before the slot is closed."""

    energy: SlotEnergy
    price: int
    deposit: int


@st.composite
def hours(draw: st.DrawFn) -> Hour:
    produced = draw(wh)
    energy = SlotEnergy(
        produced=produced,
        consumed=draw(wh),
        sold=draw(st.integers(0, produced)),
        bought=draw(wh),
    )
    return Hour(energy=energy, price=draw(prices), deposit=draw(st.just(0) | st.integers(1, 10**7)))


@on_chain
@given(st.lists(hours(), min_size=1, max_size=4))
def test_close_slot__random_hours__equals_the_model(market: Market, life: list[Hour]) -> None:
    authority = market.roles[Role.GRID_AUTHORITY]
    with rewound(market):
        first = market.slot(market.now) + 1
        for slot, hour in enumerate(life, first):
            # Deficits of an hour are charged by the base price that it begins with.
            market.do(authority, market.grid, "setBasePrice", hour.price)
            market.go_to(market.end_of(slot - 1))
            happen(market, slot, hour)
        market.go_to(market.closable_at(first + len(life)))

        energy_credits = available = debt = revenue = 0
        for slot, hour in enumerate(life, first):
            if hour.deposit:
                market.deposit(PROSUMER, hour.deposit)
                repaid = min(debt, hour.deposit)
                debt, revenue = debt - repaid, revenue + repaid
                available += hour.deposit - repaid
            expected = close_slot(hour.energy, energy_credits, available, hour.price)
            event = close(market, PROSUMER, slot)
            for name in ("minted", "burned", "from_grid", "cost", "paid"):
                assert event[name] == getattr(expected, name), name

            energy_credits += expected.minted - expected.burned
            available -= expected.paid
            debt, revenue = debt + expected.debt, revenue + expected.paid
            assert market.energy_token.call("balanceOf", PROSUMER.address) == energy_credits
            assert market.balance(PROSUMER) == available
            assert market.settlement.call("debtOf", PROSUMER.address) == debt
            assert treasury(market) == (0, revenue)
            assert holdings(market) == liabilities(market)


def happen(market: Market, slot: int, hour: Hour) -> None:
    """Put an hour's energy into its slot, which is running."""
    energy = hour.energy
    record(market, PROSUMER, slot, produced=energy.produced, consumed=energy.consumed)
    record(market, NEIGHBOUR, slot, produced=energy.bought)
    if energy.sold:
        move_energy(market, PROSUMER, NEIGHBOUR, slot, energy.sold)
    if energy.bought:
        move_energy(market, NEIGHBOUR, PROSUMER, slot, energy.bought)
    assert energy_of(market, PROSUMER, slot) == energy
