"""What a day meant for a household."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date

import pytest

from energy_grid.demo.bidding import Tariff
from energy_grid.demo.bills import bills, total
from energy_grid.demo.money_moves import money_moves
from energy_grid.demo.records import (
    AccountRecord,
    GridPurchase,
    MarketRecords,
    Payment,
    TradeRecord,
)
from energy_grid.domain.slots import Closing, SlotEnergy
from tests.model.costs import Fees
from tests.support.days import TARIFF, market_of, plan_of, run


def account(address: str, **values: int) -> AccountRecord:
    zeros = {one.name: 0 for one in fields(AccountRecord) if one.name != "address"}
    return AccountRecord(address=address, **(zeros | values))


@pytest.fixture
def records() -> MarketRecords:
    """One slot: the seller produced 3 kWh and promised 2 kWh of it, but delivered 1.5. The buyer
    had an energy credit of 1 Wh from before."""
    plan = plan_of(date(2016, 7, 6), 1)
    empty = market_of(plan).read()
    return replace(
        empty,
        accounts=(account("seller", energy_credits=1000), account("buyer")),
        slots={
            ("seller", 1): SlotEnergy(produced=3000, consumed=500, sold=1500, closed=True),
            ("buyer", 1): SlotEnergy(consumed=2501, bought=1500, closed=True),
        },
        closings={
            ("buyer", 0): Closing(minted=1),
            ("seller", 1): Closing(minted=1000),
            ("buyer", 1): Closing(
                burned=1, from_grid=1000, cost=300_000, paid=100_000, debt=200_000
            ),
        },
        payments=(Payment(seller="seller", buyer="buyer", paid=150_000, fees=1_000),),
        trades=(
            TradeRecord(
                id=1,
                seller="seller",
                buyer="buyer",
                amount=2000,
                delivered=1500,
                price=100_000,
                compensation=50_000,
            ),
        ),
    )


def test_bills__seller__earns_less_fees_and_compensation(records: MarketRecords) -> None:
    seller = bills(records, TARIFF)["seller"]
    assert seller.bill == -(150_000 - 1_000 - 50_000)
    assert (seller.energy_credits, seller.credit_value) == (1000, 80_000)
    assert seller.reference == -200_000
    assert seller.reduction == -200_000 + 99_000


def test_bills__buyer__pays_neighbours_and_grid_and_owes_the_debt(records: MarketRecords) -> None:
    buyer = bills(records, replace(TARIFF))["buyer"]
    assert buyer.bill == 150_000 + 300_000 - 50_000
    # It has used the energy credit from before.
    assert (buyer.energy_credits, buyer.credit_value) == (-1, 0)
    # 2501 Wh at 0.30 is 750,300: exact here, rounded up in general.
    assert buyer.reference == 750_300
    odd = bills(records, Tariff(grid_price=300_001, feed_in=0))["buyer"]
    assert odd.reference == 750_303


def test_bills__grid_energy_bought_at_once__is_energy_of_the_grid(records: MarketRecords) -> None:
    purchase = GridPurchase(account="buyer", slot=1, wh=400, cost=120_000)
    buyer = bills(replace(records, grid_purchases=(purchase,)), TARIFF)["buyer"]
    assert (buyer.bought, buyer.from_grid) == (1100, 1400)
    assert buyer.grid_cost == 420_000


def test_bills__sold_on_the_spot__is_in_no_bill(records: MarketRecords) -> None:
    payment = Payment(seller="seller", buyer="buyer", paid=77, fees=7)
    sold = (account("seller", energy_credits=400), account("buyer", energy_credits=600))
    later = replace(records, accounts=sold, spot_payments=(payment,))
    assert bills(later, TARIFF) == bills(records, TARIFF)
    moves = money_moves(later)
    assert (moves["seller"].spot_sales, moves["buyer"].spot_purchases) == (70, 77)
    before = money_moves(records)
    assert moves["seller"].change - before["seller"].change == 70
    assert moves["buyer"].change - before["buyer"].change == -77


@pytest.mark.parametrize("day", [date(2016, 7, 5), date(2016, 12, 2)])
def test_bills__whole_day__balance_and_add_up(day: date) -> None:
    plan = plan_of(day, None)
    market = market_of(plan, fees=Fees(protocol_bps=100, grid_per_kwh=5_000))
    run(market, plan)
    made = bills(market.read(), TARIFF)
    for name, bill in made.items():
        energy_in = bill.produced + bill.bought + bill.from_grid
        assert energy_in == bill.consumed + bill.sold + bill.energy_credits
        assert bill.bill == market.read().accounts[0].deposited - (
            market.settlement_model.account(name).available
        )
    together = total(made.values())
    assert together.bought == together.sold
    assert together.compensated == together.compensating
    assert together.bill == sum(bill.bill for bill in made.values())
    assert together.bill == market.settlement_model.treasury.total


def test_bills__some_slots__leave_out_what_was_drawn_in_others(records: MarketRecords) -> None:
    slots = {**records.slots, ("buyer", 2): SlotEnergy(consumed=400, closed=True)}
    closings = {
        **records.closings,
        ("buyer", 2): Closing(from_grid=400, cost=120_000, paid=120_000),
    }
    more = replace(records, slots=slots, closings=closings)
    assert bills(more, TARIFF, range(1, 2)) == bills(records, TARIFF)
    assert bills(more, TARIFF)["buyer"].from_grid == bills(records, TARIFF)["buyer"].from_grid + 400
