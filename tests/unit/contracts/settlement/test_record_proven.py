"""recordProven: a slot is counted once, by a proof; one that is closed is balanced again."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.slots import SlotEnergy, close_slot
from tests.support.examples import on_chain, rewound
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.support.settlement import (
    close,
    closed_event,
    energy_of,
    holdings,
    last_closable,
    liabilities,
    move_energy,
    open_account,
    prove,
    read_at_end,
    record,
    treasury,
)

PROSUMER, NEIGHBOUR, STRANGER = actor("prosumer"), actor("neighbour"), actor("stranger")
SLOT = MONDAY // 3600
LARGEST = 2**56 - 1
# Small ones meet often and leave exact balances.
wh = st.integers(0, 20) | st.integers(0, 10**6) | st.integers(0, 2**50)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What a proof tells of a closed slot (Wh), what the account has, and what it leads to."""

    produced: int = 0
    consumed: int = 0
    bought: int = 0
    energy_credits: int = 0
    money: int = 0
    minted: int = 0
    burned: int = 0
    from_grid: int = 0
    cost: int = 0
    paid: int = 0


# The price is 300,000 per kWh: 300 per Wh. The first closing turns bought energy into credits.
CASES = {
    "nothing": Case(),
    "surplus": Case(produced=700, consumed=200, minted=500),
    "exact": Case(produced=700, consumed=700, energy_credits=5, money=9),
    "surplus, and purchases": Case(produced=7, bought=300, minted=7),
    "bank covers": Case(produced=1, consumed=701, energy_credits=701, money=9, burned=700),
    "purchases cover": Case(consumed=299, bought=300, burned=299),
    "bank covers a part": Case(
        consumed=700, energy_credits=699, money=301, burned=699, from_grid=1, cost=300, paid=300
    ),
    "all from the grid": Case(
        produced=100, consumed=600, money=150_001, from_grid=500, cost=150_000, paid=150_000
    ),
    "one unit is owed": Case(
        consumed=2, energy_credits=1, money=299, burned=1, from_grid=1, cost=300, paid=299
    ),
    "all is owed": Case(consumed=2, from_grid=2, cost=600),
}


def close_unproven(market: Market, case: Case) -> int:
    """A slot that was closed before anything of it was proven, and the account with what it has."""
    market.go_to(MONDAY + 86_400)
    slot = last_closable(market)
    if case.energy_credits:
        record(market, PROSUMER, slot - 1, produced=case.energy_credits)
        close(market, PROSUMER, slot - 1)
    if case.money:
        market.deposit(PROSUMER, case.money)
    open_account(market, PROSUMER)
    if case.bought:
        record(market, NEIGHBOUR, slot, produced=case.bought)
        move_energy(market, NEIGHBOUR, PROSUMER, slot, case.bought)
    closed = close(market, PROSUMER, slot)
    assert closed["minted"] == case.bought
    return slot


def energy_credits(market: Market) -> int:
    return int(market.energy_token.call("balanceOf", PROSUMER.address))


def debt(market: Market) -> int:
    return int(market.settlement.call("debtOf", PROSUMER.address))


# Slots that are open


@pytest.mark.parametrize(("produced", "consumed"), [(0, 0), (3, 0), (0, 40), (3, 40)])
def test_record_proven__open_slot__is_counted(market: Market, produced: int, consumed: int) -> None:
    receipt = prove(market, PROSUMER, SLOT, produced=produced, consumed=consumed)
    assert energy_of(market, PROSUMER, SLOT) == SlotEnergy(produced=produced, consumed=consumed)
    assert market.settlement.call("isCounted", PROSUMER.address, SLOT)
    assert not market.events(receipt, market.settlement, "SlotClosed")
    # No meter was read.
    assert read_at_end(market, PROSUMER, SLOT) == 0


def test_record_proven__slots_and_accounts__are_apart(market: Market) -> None:
    prove(market, PROSUMER, SLOT, produced=1)
    prove(market, PROSUMER, SLOT + 1, consumed=2)
    record(market, NEIGHBOUR, SLOT, consumed=3)
    assert energy_of(market, PROSUMER, SLOT) == SlotEnergy(produced=1)
    assert energy_of(market, PROSUMER, SLOT + 1) == SlotEnergy(consumed=2)
    assert energy_of(market, NEIGHBOUR, SLOT) == SlotEnergy(consumed=3)


@pytest.mark.parametrize(("produced", "consumed"), [(0, 0), (5, 7)])
def test_record_proven__proven__is_refused(market: Market, produced: int, consumed: int) -> None:
    prove(market, PROSUMER, SLOT, produced=produced, consumed=consumed)
    with refused(errors.Settlement_SlotProven, account=PROSUMER.address, slot=SLOT):
        prove(market, PROSUMER, SLOT, produced=produced, consumed=consumed)


@pytest.mark.parametrize("reading", [{"produced": 1}, {"consumed": 1}, {"at_end": True}])
def test_record_proven__metered__is_refused(market: Market, reading: dict[str, int]) -> None:
    record(market, PROSUMER, SLOT, **reading)
    with refused(errors.Settlement_SlotMetered, account=PROSUMER.address, slot=SLOT):
        prove(market, PROSUMER, SLOT, produced=1)


def test_record_proven__metered_with_nothing__is_counted(market: Market) -> None:
    """A reading of no energy within the slot leaves nothing that a proof could count twice."""
    record(market, PROSUMER, SLOT)
    prove(market, PROSUMER, SLOT, produced=1)
    assert energy_of(market, PROSUMER, SLOT) == SlotEnergy(produced=1)


def test_record_proven__all_fields_full__stay_apart(market: Market) -> None:
    market.go_to(MONDAY + 86_400)
    slot = last_closable(market)
    full = SlotEnergy(produced=LARGEST, consumed=LARGEST, sold=LARGEST, bought=LARGEST)
    prove(market, PROSUMER, slot, produced=LARGEST, consumed=LARGEST)
    record(market, NEIGHBOUR, slot, produced=LARGEST)
    move_energy(market, PROSUMER, NEIGHBOUR, slot, LARGEST)
    move_energy(market, NEIGHBOUR, PROSUMER, slot, LARGEST)
    assert energy_of(market, PROSUMER, slot) == full
    assert read_at_end(market, PROSUMER, slot) == 0
    with refused(errors.Settlement_SlotProven, account=PROSUMER.address, slot=slot):
        prove(market, PROSUMER, slot)
    close(market, PROSUMER, slot)
    assert energy_of(market, PROSUMER, slot) == replace(full, closed=True)
    with refused(errors.Settlement_SlotProven, account=PROSUMER.address, slot=slot):
        prove(market, PROSUMER, slot)


@pytest.mark.parametrize("energy", [LARGEST + 1, 2**256 - 1])
@pytest.mark.parametrize("field", ["produced", "consumed"])
def test_record_proven__57_bits__is_refused(market: Market, field: str, energy: int) -> None:
    with refused(errors.SafeCastOverflowedUintDowncast, bits=56, value=energy):
        prove(market, PROSUMER, SLOT, **{field: energy})


def test_record_proven__before_the_closing__is_balanced_once(market: Market) -> None:
    market.go_to(MONDAY + 86_400)
    slot = last_closable(market)
    prove(market, PROSUMER, slot, produced=700, consumed=200)
    assert close(market, PROSUMER, slot)["minted"] == 500
    assert energy_credits(market) == 500


def test_record_proven__in_time__can_be_sold(market: Market) -> None:
    prove(market, PROSUMER, SLOT, produced=700)
    open_account(market, NEIGHBOUR)
    move_energy(market, PROSUMER, NEIGHBOUR, SLOT, 701)
    assert energy_of(market, PROSUMER, SLOT) == SlotEnergy(produced=700, sold=700)
    assert energy_of(market, NEIGHBOUR, SLOT) == SlotEnergy(bought=700)


# Slots that are closed


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_record_proven__closed_slot__is_balanced_again(market: Market, case: Case) -> None:
    slot = close_unproven(market, case)
    receipt = prove(market, PROSUMER, slot, produced=case.produced, consumed=case.consumed)

    closed = closed_event(market, receipt)
    assert closed.arguments == {
        "account": PROSUMER.address,
        "slot": slot,
        "minted": case.minted,
        "burned": case.burned,
        "from_grid": case.from_grid,
        "cost": case.cost,
        "paid": case.paid,
    }
    assert energy_of(market, PROSUMER, slot) == SlotEnergy(
        produced=case.produced, consumed=case.consumed, bought=case.bought, closed=True
    )
    assert_balanced(market, slot)
    assert energy_credits(market) == case.energy_credits + case.bought + case.minted - case.burned
    assert market.energy_token.call("totalSupply") == energy_credits(market)
    assert market.balance(PROSUMER) == case.money - case.paid
    assert debt(market) == case.cost - case.paid
    assert treasury(market) == (0, case.paid)
    assert holdings(market) == liabilities(market)

    owed = market.events(receipt, market.settlement, "DebtIncurred")
    amount = case.cost - case.paid
    expected = {"account": PROSUMER.address, "amount": amount, "debt": amount}
    assert [event.arguments for event in owed] == ([expected] if amount else [])


def assert_balanced(market: Market, slot: int) -> None:
    """Both closings together account for every Wh of the slot."""
    closings = [
        event
        for event in market.settlement.history("SlotClosed")
        if (event["account"], event["slot"]) == (PROSUMER.address, slot)
    ]
    assert len(closings) == 2
    minted, burned, from_grid = (
        sum(event[name] for event in closings) for name in ("minted", "burned", "from_grid")
    )
    energy = energy_of(market, PROSUMER, slot)
    assert energy.produced + energy.bought + burned + from_grid == (
        energy.consumed + energy.sold + minted
    )


def test_record_proven__closed_and_proven__is_refused(market: Market) -> None:
    slot = close_unproven(market, CASES["surplus"])
    prove(market, PROSUMER, slot, produced=700)
    with refused(errors.Settlement_SlotProven, account=PROSUMER.address, slot=slot):
        prove(market, PROSUMER, slot, produced=700)
    with refused(errors.Settlement_SlotClosed, account=PROSUMER.address, slot=slot):
        close(market, PROSUMER, slot)
    assert energy_credits(market) == 700


def test_record_proven__closed_and_metered__is_refused(market: Market) -> None:
    market.go_to(MONDAY + 86_400)
    slot = last_closable(market)
    record(market, PROSUMER, slot, produced=700)
    close(market, PROSUMER, slot)
    with refused(errors.Settlement_SlotMetered, account=PROSUMER.address, slot=slot):
        prove(market, PROSUMER, slot, produced=700)
    assert energy_credits(market) == 700


def test_record_proven__closed_slot__cannot_be_sold_any_more(market: Market) -> None:
    slot = close_unproven(market, CASES["surplus"])
    prove(market, PROSUMER, slot, produced=700)
    open_account(market, NEIGHBOUR)
    move_energy(market, PROSUMER, NEIGHBOUR, slot, 700)
    assert energy_of(market, PROSUMER, slot) == SlotEnergy(produced=700, closed=True)
    assert energy_of(market, NEIGHBOUR, slot) == SlotEnergy()


def test_record_proven__closed_slot__is_charged_at_its_own_price(market: Market) -> None:
    """Neither that of the slot of the proof nor the one in force now."""
    authority = market.roles[Role.GRID_AUTHORITY]
    market.do(authority, market.grid, "toggleEmergencyMode")
    slot = market.slot(market.now) + 1
    market.go_to(slot * market.slot_length)
    market.do(STRANGER, market.grid, "recordSlotPrice")
    market.do(authority, market.grid, "toggleEmergencyMode")
    market.do(authority, market.grid, "setBasePrice", 1)
    open_account(market, PROSUMER)
    market.go_to(market.closable_at(slot) + 30 * 86_400)
    close(market, PROSUMER, slot)
    receipt = prove(market, PROSUMER, slot, consumed=10)
    assert closed_event(market, receipt)["cost"] == 10 * 900


def test_record_proven__closed_slot_in_debt__adds_to_the_debt(market: Market) -> None:
    slot = close_unproven(market, CASES["all is owed"])
    close(market, PROSUMER, slot - 1)
    prove(market, PROSUMER, slot, consumed=2)
    receipt = prove(market, PROSUMER, slot - 1, consumed=1)
    (incurred,) = market.events(receipt, market.settlement, "DebtIncurred")
    assert incurred.arguments == {"account": PROSUMER.address, "amount": 300, "debt": 900}
    assert debt(market) == 900


@pytest.mark.parametrize(
    ("holder", "function"),
    [(Role.GUARDIAN, "pause"), (Role.ADMIN, "shutdown")],
    ids=["paused", "shut down"],
)
def test_record_proven__stopped__has_more(market: Market, holder: Role, function: str) -> None:
    slot = close_unproven(market, CASES["surplus"])
    market.do(market.roles[holder], market.settlement, function)
    prove(market, PROSUMER, slot, produced=700)
    prove(market, PROSUMER, slot + 1, produced=9)
    assert energy_credits(market) == 700
    assert energy_of(market, PROSUMER, slot + 1) == SlotEnergy(produced=9)


@on_chain
@given(produced=wh, consumed=wh, bought=wh, money=st.just(0) | st.integers(1, 10**9))
def test_record_proven__random_proof__equals_the_model(
    market: Market, produced: int, consumed: int, bought: int, money: int
) -> None:
    """The model closes two slots after each other: what was bought, and what is proven."""
    with rewound(market):
        slot = close_unproven(market, Case(bought=bought, money=money))
        energy = SlotEnergy(produced=produced, consumed=consumed)
        expected = close_slot(energy, bought, money, 300_000)
        event = closed_event(
            market, prove(market, PROSUMER, slot, produced=produced, consumed=consumed)
        )
        for name in ("minted", "burned", "from_grid", "cost", "paid"):
            assert event[name] == getattr(expected, name), name
        assert_balanced(market, slot)
        assert energy_credits(market) == bought + expected.minted - expected.burned
        assert market.balance(PROSUMER) == money - expected.paid
        assert debt(market) == expected.debt
        assert holdings(market) == liabilities(market)
