"""closeSlot: the energy of a slot is balanced, against the bank, the grid, and money."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.contracts.errors import Panic
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.support.settlement import (
    close,
    closed_event,
    energy_of,
    holdings,
    incur_debt,
    last_closable,
    liabilities,
    lock,
    move_energy,
    open_account,
    record,
    treasury,
)

PROSUMER, NEIGHBOUR, STRANGER = actor("prosumer"), actor("neighbour"), actor("stranger")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A slot's energy (Wh), what the account has, and how the slot is balanced."""

    produced: int = 0
    consumed: int = 0
    sold: int = 0
    bought: int = 0
    energy_credits: int = 0
    money: int = 0
    minted: int = 0
    burned: int = 0
    from_grid: int = 0
    cost: int = 0
    paid: int = 0


# The price is 300,000 per kWh: 300 per Wh.
CASES = {
    "nothing": Case(),
    "surplus of production": Case(produced=700, consumed=200, minted=500),
    "surplus after sales": Case(produced=700, consumed=200, sold=499, minted=1),
    "surplus of purchases": Case(consumed=200, bought=300, minted=100),
    "surplus, and a bank": Case(produced=1, energy_credits=5, money=9, minted=1),
    "exact": Case(produced=700, consumed=800, sold=200, bought=300, energy_credits=5, money=9),
    "bank covers, and more": Case(consumed=700, energy_credits=701, money=9, burned=700),
    "bank covers exactly": Case(consumed=700, energy_credits=700, money=9, burned=700),
    "bank covers a part": Case(
        consumed=700, energy_credits=699, money=301, burned=699, from_grid=1, cost=300, paid=300
    ),
    "all from the grid": Case(
        consumed=700, bought=200, money=150_001, from_grid=500, cost=150_000, paid=150_000
    ),
    "sold more than is left": Case(
        produced=100, consumed=50, sold=90, money=12_000, from_grid=40, cost=12_000, paid=12_000
    ),
    "one unit is owed": Case(
        consumed=2, energy_credits=1, money=299, burned=1, from_grid=1, cost=300, paid=299
    ),
    "all is owed": Case(consumed=2, from_grid=2, cost=600),
}


def prepare(market: Market, case: Case) -> int:
    """The slot with this energy in it; it can be closed."""
    market.go_to(MONDAY + 86_400)
    slot = last_closable(market)
    if case.energy_credits:
        record(market, PROSUMER, slot - 1, produced=case.energy_credits)
        close(market, PROSUMER, slot - 1)
    if case.money:
        market.deposit(PROSUMER, case.money)
    record(market, PROSUMER, slot, produced=case.produced, consumed=case.consumed)
    if case.sold:
        move_energy(market, PROSUMER, NEIGHBOUR, slot, case.sold)
    if case.bought:
        record(market, NEIGHBOUR, slot, produced=case.bought)
        move_energy(market, NEIGHBOUR, PROSUMER, slot, case.bought)
    return slot


def energy_credits(market: Market) -> int:
    return int(market.energy_token.call("balanceOf", PROSUMER.address))


def debt(market: Market) -> int:
    return int(market.settlement.call("debtOf", PROSUMER.address))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_close_slot__every_branch__balances(market: Market, case: Case) -> None:
    slot = prepare(market, case)
    receipt = market.do(STRANGER, market.settlement, "closeSlot", PROSUMER.address, slot)

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
    energy = energy_of(market, PROSUMER, slot)
    assert energy.closed
    assert (
        energy.produced + energy.bought + closed["burned"] + closed["from_grid"]
        == energy.consumed + energy.sold + closed["minted"]
    )
    assert energy_credits(market) == case.energy_credits + case.minted - case.burned
    assert market.energy_token.call("totalSupply") == energy_credits(market)
    assert market.balance(PROSUMER) == case.money - case.paid
    assert debt(market) == case.cost - case.paid
    assert treasury(market) == (0, case.paid)
    assert holdings(market) == liabilities(market)

    owed = market.events(receipt, market.settlement, "DebtIncurred")
    amount = case.cost - case.paid
    expected = {"account": PROSUMER.address, "amount": amount, "debt": amount}
    assert [event.arguments for event in owed] == ([expected] if amount else [])


def test_close_slot__unknown_account__is_refused(market: Market) -> None:
    market.go_to(MONDAY + 86_400)
    with refused(errors.Settlement_UnknownAccount, account=STRANGER.address):
        market.do(STRANGER, market.settlement, "closeSlot", STRANGER.address, 0)


@pytest.mark.parametrize("fixture", ["market", "quarter_hours"])
def test_close_slot__second_by_second__opens_two_grace_times_later(
    fixture: str, request: pytest.FixtureRequest
) -> None:
    market: Market = request.getfixturevalue(fixture)
    record(market, PROSUMER, slot := market.slot(MONDAY), produced=5)
    closable_at = MONDAY + market.slot_length + 2 * market.grace
    values = {"slot": slot, "closable_at": closable_at}
    with refused(errors.Settlement_SlotNotClosable, **values):
        close(market.at(closable_at - 1), PROSUMER, slot)
    assert close(market.at(closable_at), PROSUMER, slot)["minted"] == 5


@pytest.mark.parametrize("ahead", [0, 1, 1_000_000])
def test_close_slot__running_or_to_come__is_refused(market: Market, ahead: int) -> None:
    open_account(market, PROSUMER)
    slot = market.slot(market.now) + ahead
    values = {"slot": slot, "closable_at": market.closable_at(slot)}
    with refused(errors.Settlement_SlotNotClosable, **values):
        close(market, PROSUMER, slot)


@pytest.mark.parametrize("slot", [2**256 - 1, 2**256 // 3600])
def test_close_slot__beyond_all_time__is_refused(market: Market, slot: int) -> None:
    open_account(market, PROSUMER)
    with refused(Panic, code=0x11):
        close(market, PROSUMER, slot)


def test_close_slot__twice__is_refused(market: Market) -> None:
    slot = prepare(market, CASES["surplus of production"])
    close(market, PROSUMER, slot)
    with refused(errors.Settlement_SlotClosed, account=PROSUMER.address, slot=slot):
        close(market, PROSUMER, slot)
    assert energy_credits(market) == 500


def test_close_slot__one_of_two_accounts__leaves_the_other_open(market: Market) -> None:
    slot = prepare(market, CASES["surplus of purchases"])
    close(market, PROSUMER, slot)
    assert energy_of(market, PROSUMER, slot).closed
    assert not energy_of(market, NEIGHBOUR, slot).closed
    assert close(market, NEIGHBOUR, slot)["minted"] == 0


def test_close_slot__debt_on_debt__is_one_debt(market: Market) -> None:
    market.go_to(MONDAY + 86_400)
    first = incur_debt(market, PROSUMER, consumed=10)
    slot = last_closable(market) - 1
    record(market, PROSUMER, slot, consumed=7)
    receipt = market.do(STRANGER, market.settlement, "closeSlot", PROSUMER.address, slot)
    (incurred,) = market.events(receipt, market.settlement, "DebtIncurred")
    assert incurred.arguments == {
        "account": PROSUMER.address,
        "amount": 7 * 300,
        "debt": first + 7 * 300,
    }
    assert debt(market) == 17 * 300
    market.deposit(PROSUMER, 17 * 300 + 1)
    assert (debt(market), market.balance(PROSUMER)) == (0, 1)


def test_close_slot__money_is_locked__is_not_taken(market: Market) -> None:
    slot = prepare(market, Case(consumed=2, money=1000))
    lock(market, PROSUMER, 900)
    closed = close(market, PROSUMER, slot)
    assert (closed["cost"], closed["paid"]) == (600, 100)
    assert (market.balance(PROSUMER), market.locked(PROSUMER), debt(market)) == (0, 900, 500)


@pytest.mark.parametrize(
    ("price", "consumed", "cost"),
    [
        (1, 1, 1),
        (1, 999, 1),
        (1, 1000, 1),
        (1, 1001, 2),
        (999, 1, 1),
        (1001, 1, 2),
        (1001, 999, 1000),
    ],
)
def test_close_slot__fraction_of_a_unit__is_rounded_up(
    market: Market, price: int, consumed: int, cost: int
) -> None:
    market.do(market.roles[Role.GRID_AUTHORITY], market.grid, "setBasePrice", price)
    # Deficits are charged by it from the next slot on.
    slot = market.slot(market.now) + 1
    record(market, PROSUMER, slot, consumed=consumed)
    market.go_to(market.closable_at(slot))
    assert close(market, PROSUMER, slot)["cost"] == cost


def test_close_slot__recorded_price__is_charged(market: Market) -> None:
    """In an emergency energy costs three times as much; its end does not change the slot's price,
    and neither does a new base price."""
    authority = market.roles[Role.GRID_AUTHORITY]
    market.do(authority, market.grid, "toggleEmergencyMode")
    slot = market.slot(market.now) + 1
    market.go_to(slot * market.slot_length)
    market.do(STRANGER, market.grid, "recordSlotPrice")
    market.do(authority, market.grid, "toggleEmergencyMode")
    market.do(authority, market.grid, "setBasePrice", 1)
    record(market, PROSUMER, slot, consumed=10)
    market.go_to(market.closable_at(slot))
    assert close(market, PROSUMER, slot)["cost"] == 10 * 900


def test_close_slot__price_not_recorded__is_the_base_price_at_its_start(market: Market) -> None:
    authority = market.roles[Role.GRID_AUTHORITY]
    slot = market.slot(market.now)
    market.do(authority, market.grid, "toggleEmergencyMode")
    market.do(authority, market.grid, "setBasePrice", 400_000)
    market.go_to(market.end_of(slot))
    market.do(authority, market.grid, "setBasePrice", 1)
    slots = range(slot - 1, slot + 3)
    for number in slots:
        record(market, PROSUMER, number, consumed=10)
    market.go_to(market.closable_at(slot + 2))
    costs = [close(market, PROSUMER, number)["cost"] for number in slots]
    assert costs == [10 * 300, 10 * 300, 10 * 400, 1]


def test_close_slot__energy_credits_moved__follows_its_holder(market: Market) -> None:
    slot = prepare(market, Case(consumed=100, energy_credits=100, money=300 * 100))
    record(market, NEIGHBOUR, slot, consumed=30)
    market.do(PROSUMER, market.energy_token, "transfer", NEIGHBOUR.address, 40)

    closed = close(market, PROSUMER, slot)
    assert (closed["burned"], closed["from_grid"]) == (60, 40)
    closed = close(market, NEIGHBOUR, slot)
    assert (closed["burned"], closed["from_grid"]) == (30, 0)
    assert market.energy_token.call("balanceOf", NEIGHBOUR.address) == 10
    assert market.energy_token.call("totalSupply") == 10


def test_close_slot__in_debt__still_banks_and_burns(market: Market) -> None:
    market.go_to(MONDAY + 86_400)
    owed = incur_debt(market, PROSUMER, consumed=10)
    slot = last_closable(market)
    record(market, PROSUMER, slot - 1, produced=50)
    record(market, PROSUMER, slot - 2, consumed=20)
    assert close(market, PROSUMER, slot - 1)["minted"] == 50
    assert close(market, PROSUMER, slot - 2)["burned"] == 20
    assert (energy_credits(market), debt(market)) == (30, owed)


@pytest.mark.parametrize(
    ("holder", "function"),
    [(Role.GUARDIAN, "pause"), (Role.ADMIN, "shutdown")],
    ids=["paused", "shut down"],
)
def test_close_slot__stopped__is_open(market: Market, holder: Role, function: str) -> None:
    slot = prepare(market, CASES["surplus of production"])
    market.do(market.roles[holder], market.settlement, function)
    assert close(market, PROSUMER, slot)["minted"] == 500
