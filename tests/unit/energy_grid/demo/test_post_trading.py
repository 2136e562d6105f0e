"""What is done with plants once a day is over, on the reference model."""

from __future__ import annotations

from datetime import date

import pytest

from energy_grid.demo.audit import audit
from energy_grid.demo.plants import Plants
from energy_grid.demo.post_trading import PostTrading
from energy_grid.demo.records import MarketRecords
from energy_grid.demo.trading_day import DayPlan
from energy_grid.domain.enums import OfferStatus
from tests.support.asset_market import FACTOR, SHARES_ADDRESS, ModelAssets
from tests.support.days import market_of, plan_of, plants_of, run
from tests.support.model_market import account_of

SUMMER, WINTER = date(2016, 7, 6), date(2016, 12, 2)


def after(day: date, households: int | list[int] | None) -> tuple[DayPlan, Plants, MarketRecords]:
    plan = plan_of(day, households)
    market = market_of(plan)
    run(market, plan)
    plants = plants_of(plan)
    assets = ModelAssets(market, plants, plan.slots)
    PostTrading(assets, plants, plan).run()
    assets.write()
    return plan, plants, market.read()


def test_after_day__credits__are_of_all_clean_production_of_the_day() -> None:
    plan, plants, records = after(SUMMER, 30)
    produced = {day.household.number: day.produced_wh for day in plan.days}
    assert len(plants.clean) > 1
    assert {one.account: one.issued for one in records.carbon.producers} == {
        account_of(plant.number): sum(produced[plant.number]) * FACTOR // 1000
        for plant in plants.clean
    }
    for one in records.carbon.producers:
        assert all(records.metered[one.account, slot][0] for slot in one.slots)


def test_after_day__retirement__is_the_neighbours_part_of_the_shared_plants_credits() -> None:
    _, plants, records = after(SUMMER, None)
    assert plants.sharing is not None
    (retired,) = records.carbon.retirements
    owner = account_of(plants.sharing.plant.number)
    (issued,) = (one.issued for one in records.carbon.producers if one.account == owner)
    assert retired.amount == issued * 40 // 100 > 0
    assert (retired.account, retired.beneficiary) == (owner, SHARES_ADDRESS)
    assert retired.reason == "the neighbours' part in the clean energy of plant 54 on 2016-07-06"
    assert len(retired.reason) <= 256


def test_after_day__summer__has_every_kind_of_offer_and_a_trade() -> None:
    _, _, records = after(SUMMER, None)
    offers = [one.offer for one in records.spot.offers]
    assert {one.status for one in offers} == set(OfferStatus)
    assert any(0 < one.remaining < one.amount for one in offers)
    assert len(records.spot.trades) == 1
    # What a kWh is worth lies between the feed-in tariff and the grid's price.
    assert all(80_000 <= one.price <= 300_000 for one in offers)


def test_after_day__revenue__is_all_that_the_shared_plant_earned() -> None:
    _, plants, records = after(SUMMER, None)
    assert plants.sharing is not None
    owner = account_of(plants.sharing.plant.number)
    earned = sum(
        payment.paid - payment.fees
        for payment in (*records.payments, *records.spot_payments)
        if payment.seller == owner
    )
    on_the_spot = sum(payment.paid for payment in records.spot_payments if payment.seller == owner)
    assert earned > on_the_spot > 0
    (shares,) = records.shares
    (revenue,) = shares.revenues
    assert revenue.amount == earned
    assert shares.claimed[owner] == earned * 60 // 100
    assert {shares.claimed[account_of(one)] for one in plants.sharing.neighbours} == {
        earned * 5 // 100
    }


@pytest.mark.parametrize(
    ("day", "households", "assets", "credited", "shared"),
    [
        (SUMMER, [1, 2, 3], 0, 0, False),
        (SUMMER, [54], 1, 1, False),
        (SUMMER, [34], 1, 0, False),
        (SUMMER, [54, 1], 1, 1, True),
        (WINTER, [64, 1, 2], 1, 1, True),
    ],
    ids=["no panels", "alone", "alone with a battery", "two", "winter"],
)
def test_after_day__small_neighbourhoods__leave_out_what_there_is_nothing_for(
    day: date, households: list[int], assets: int, credited: int, shared: bool
) -> None:
    _, plants, records = after(day, households)
    assert len(records.assets) == assets
    assert len(records.carbon.producers) == credited
    assert (plants.sharing is not None) == bool(records.shares) == shared
    assert all(statement.holds for statement in audit(records))


def test_after_day__shared_plant_sells_nothing__its_shares_get_nothing() -> None:
    _, _, records = after(WINTER, [64, 1, 2])
    (shares,) = records.shares
    assert (shares.received, shares.revenues, shares.claimed) == (0, (), {})
    # Its production is clean all the same.
    assert len(records.carbon.retirements) == 1
