"""deliver: energy goes from seller to buyer, slot by slot."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.contract import Call
from energy_grid.contracts import errors
from energy_grid.contracts.errors import Panic
from energy_grid.domain.slots import SlotEnergy
from tests.support.market import MONDAY, Market, Receipt, actor
from tests.support.refusals import refused
from tests.support.settlement import (
    close,
    closed_event,
    energy_of,
    open_account,
    record,
)

BUYER, SELLER = actor("buyer"), actor("seller")
SLOT = MONDAY // 3600
LARGEST = 2**56 - 1


def prepare(market: Market, first: int, end: int, owed: int, *, price: int = 0) -> Call:
    numbers = (open_account(market, SELLER), open_account(market, BUYER))
    return market.settlement.prepare("deliver", (*numbers, first, end, owed, 0, price))


def deliver(
    market: Market, owed: int, *, first: int = SLOT, slots: int = 1
) -> tuple[Receipt, tuple[int, int]]:
    """Deliver for nothing; what happened, and what the call returned."""
    prepared = prepare(market, first, first + slots, owed)
    module = market.trading.address
    amount, done = market.settlement.simulate(prepared, module)
    return market.send(module, prepared), (amount, done)


def moved(market: Market, receipt: Receipt) -> list[tuple[int, int]]:
    """Slot and amount of each delivery."""
    events = market.events(receipt, market.settlement, "EnergyDelivered")
    numbers = (open_account(market, SELLER), open_account(market, BUYER))
    assert all((event["seller"], event["buyer"]) == numbers for event in events)
    return [(event["slot"], event["amount"]) for event in events]


@pytest.mark.parametrize(
    ("produced", "owed", "amount"), [(0, 5, 0), (5, 4, 4), (5, 5, 5), (5, 6, 5), (5, 0, 0)]
)
def test_deliver__one_slot__is_what_was_produced_and_owed(
    market: Market, produced: int, owed: int, amount: int
) -> None:
    record(market, SELLER, SLOT, produced=produced, consumed=3)
    receipt, result = deliver(market, owed)
    assert result == (amount, 0)
    assert moved(market, receipt) == ([(SLOT, amount)] if amount else [])
    assert energy_of(market, SELLER, SLOT) == SlotEnergy(produced=produced, consumed=3, sold=amount)
    assert energy_of(market, BUYER, SLOT) == SlotEnergy(bought=amount)


def test_deliver__a_part_is_sold__is_what_is_left(market: Market) -> None:
    record(market, SELLER, SLOT, produced=5)
    assert deliver(market, 3)[1] == (3, 0)
    assert deliver(market, 3)[1] == (2, 0)
    receipt, result = deliver(market, 3)
    assert result == (0, 0)
    assert receipt.logs == []
    record(market, SELLER, SLOT, produced=1)
    assert deliver(market, 3)[1] == (1, 0)
    assert energy_of(market, BUYER, SLOT).bought == 6


def test_deliver__several_slots__draws_each_before_the_next(market: Market) -> None:
    market.go_to(MONDAY + 3 * 3600)
    for later, produced in enumerate((5, 0, 7, 9)):
        record(market, SELLER, SLOT + later, produced=produced)
    receipt, result = deliver(market, 13, slots=4)
    assert moved(market, receipt) == [(SLOT, 5), (SLOT + 2, 7), (SLOT + 3, 1)]
    assert result[0] == 13


def test_deliver__slots_beyond_the_last__are_not_drawn(market: Market) -> None:
    market.go_to(MONDAY + 3 * 3600)
    for later in range(4):
        record(market, SELLER, SLOT + later, produced=5)
    receipt, _ = deliver(market, 100, first=SLOT + 1, slots=2)
    assert moved(market, receipt) == [(SLOT + 1, 5), (SLOT + 2, 5)]
    assert deliver(market, 100, slots=0)[1] == (0, 0)


@pytest.mark.parametrize("closed_side", [SELLER, BUYER], ids=["seller's", "buyer's"])
def test_deliver__slot_is_closed__gives_nothing(market: Market, closed_side: LocalAccount) -> None:
    for slot in (SLOT, SLOT + 1):
        record(market, SELLER, slot, produced=5)
    market.go_to(market.closable_at(SLOT))
    open_account(market, BUYER)
    market.do(BUYER, market.settlement, "closeSlot", closed_side.address, SLOT)
    receipt, result = deliver(market, 100, slots=2)
    assert moved(market, receipt) == [(SLOT + 1, 5)]
    assert result == (5, 2)


def test_deliver__slot_to_come__gives_nothing(market: Market) -> None:
    later = SLOT + 2
    record(market, SELLER, later, produced=5)
    prepared = prepare(market, later, later + 1, 9)
    module, start = market.trading.address, later * 3600
    assert market.at(start - 1).send(module, prepared).logs == []
    receipt = market.at(start).send(module, prepared)
    assert moved(market, receipt) == [(later, 5)]


@pytest.mark.parametrize(("rest", "fits"), [(0, True), (1, False)])
def test_deliver__56_bits__is_the_most(market: Market, rest: int, fits: bool) -> None:
    record(market, SELLER, SLOT, produced=LARGEST)
    open_account(market, BUYER)
    grid = market.grid.address
    market.do(grid, market.settlement, "buyFromGrid", BUYER.address, SLOT, 7, 0)
    if not fits:
        with refused(errors.SafeCastOverflowedUintDowncast, bits=56, value=LARGEST + rest):
            deliver(market, LARGEST - 7 + rest)
        return
    assert deliver(market, LARGEST - 7 + rest)[1][0] == LARGEST - 7
    assert energy_of(market, BUYER, SLOT) == SlotEnergy(bought=LARGEST)
    assert energy_of(market, SELLER, SLOT) == SlotEnergy(produced=LARGEST, sold=LARGEST - 7)


def test_deliver__done_slots__are_the_final_ones(market: Market) -> None:
    for later in range(3):
        record(market, SELLER, SLOT + later, produced=5)
    prepared = prepare(market, SLOT, SLOT + 3, 99)
    expected = {
        market.final_at(SLOT) - 1: (10, 0),
        market.final_at(SLOT): (15, 1),
        market.final_at(SLOT + 1) - 1: (15, 1),
        market.final_at(SLOT + 1): (15, 2),
        market.final_at(SLOT + 2): (15, 3),
    }
    for time, result in expected.items():
        market.go_to(time)
        assert market.settlement.simulate(prepared, market.trading.address) == result


def test_deliver__filled__looks_no_further(market: Market) -> None:
    for later in range(3):
        record(market, SELLER, SLOT + later, produced=5)
    market.go_to(market.final_at(SLOT + 3))
    assert deliver(market, 6, slots=4)[1] == (6, 2)


def test_deliver__closed_without_delivery__belongs_to_the_seller(market: Market) -> None:
    """Energy that was not delivered in time becomes credits, and cannot be sold again."""
    record(market, SELLER, SLOT, produced=5)
    market.go_to(market.closable_at(SLOT) - 2)
    deliver(market, 3)
    market.go_to(market.closable_at(SLOT))
    assert close(market, SELLER, SLOT)["minted"] == 2
    assert deliver(market, 3)[1] == (0, 1)
    receipt = market.do(SELLER, market.settlement, "closeSlot", BUYER.address, SLOT)
    assert closed_event(market, receipt)["minted"] == 3


def test_deliver__more_than_the_lock__is_refused(market: Market) -> None:
    record(market, SELLER, SLOT, produced=1000)
    prepared = prepare(market, SLOT, SLOT + 1, 1000, price=1)
    with refused(Panic, code=0x11):
        market.send(market.trading.address, prepared)
