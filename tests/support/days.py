"""Small trading days on the reference model, for tests of what is made of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from energy_grid.demo import simbench
from energy_grid.demo.audit import audit
from energy_grid.demo.bidding import Tariff
from energy_grid.demo.day_report import Currency, DayReport, household_rows, slot_rows
from energy_grid.demo.demand_event import (
    EventPlan,
    early_readings,
    plan_event,
    with_event,
)
from energy_grid.demo.feeder import loads_of, rating_kw
from energy_grid.demo.feeder_report import feeder_report
from energy_grid.demo.gas import GasMeter
from energy_grid.demo.operator_day import FeederPlan, OperatorDay
from energy_grid.demo.plant_report import plants_report
from energy_grid.demo.plants import Plants, plan_plants
from energy_grid.demo.post_trading import PostTrading
from energy_grid.demo.trading_day import DayPlan, PeriodOutcome, TradingDay
from tests.model.costs import Fees
from tests.model.settlement import MarketRules
from tests.support.asset_market import ModelAssets
from tests.support.model_market import ModelMarket, account_of
from tests.support.region import ModelRegion

__all__ = [
    "BEFORE",
    "DEPOSIT",
    "GRACE",
    "LEAD",
    "MIN_REDUCTION",
    "TARIFF",
    "day_report",
    "event_of",
    "feeder_of",
    "market_of",
    "operate",
    "plan_of",
    "plants_of",
    "run",
]

TARIFF = Tariff(grid_price=300_000, feed_in=80_000)
GRACE, LEAD, DEPOSIT = 900, 300, 100_000_000
BEFORE, MIN_REDUCTION = 7200, 50


def plan_of(
    day: date,
    households: int | Sequence[int] | None,
    *,
    slot_seconds: int = 3600,
    seed: int = 1,
    grace: int = GRACE,
    event: EventPlan | None = None,
) -> DayPlan:
    """A day of the SimBench village."""
    village = simbench.load(simbench.week_of(day), households)
    return DayPlan(
        days=with_event(village.slots(day, slot_seconds), event),
        days_before=village.slots(day - timedelta(days=1), slot_seconds),
        tariff=TARIFF,
        seed=seed,
        grace=grace,
        lead=LEAD,
    )


def event_of(
    day: date, households: int | Sequence[int] | None, *, slot_seconds: int = 3600
) -> EventPlan | None:
    """The event of such a day."""
    village = simbench.load(simbench.week_of(day), households)
    return plan_event(village, day, slot_seconds, min_reduction=MIN_REDUCTION)


def feeder_of(
    plan: DayPlan, households: int | Sequence[int] | None, event: EventPlan | None
) -> FeederPlan:
    """The operator's side of a plan."""
    day = plan.days[0].day
    village = simbench.load(simbench.week_of(day), households)
    begin = event.first_read_at - BEFORE if event else plan.start - BEFORE
    return FeederPlan(
        days=plan.days,
        rating_kw=rating_kw(loads_of(village.slots(day, plan.slot_seconds)), plan.slot_seconds),
        event=event,
        early=early_readings(village, event, begin) if event else (),
        min_reduction=MIN_REDUCTION,
        start=plan.start,
        slot_seconds=plan.slot_seconds,
        grace=plan.grace,
    )


def operate(
    market: ModelMarket, plan: DayPlan, feeder: FeederPlan
) -> tuple[tuple[PeriodOutcome, ...], ModelRegion]:
    """The whole day, with its operator and what is done with plants after it; how its auctions
    went, and what the region has kept."""
    region = ModelRegion(market)
    operator = OperatorDay(region, feeder)
    operator.before()
    outcomes = TradingDay(market, plan).run(operator.after)
    operator.end()
    plants = plants_of(plan)
    assets = ModelAssets(market, plants, plan.slots)
    PostTrading(assets, plants, plan).run()
    assets.write()
    return outcomes, region


def plants_of(plan: DayPlan) -> Plants:
    """The plants of a plan's households."""
    return plan_plants([day.household for day in plan.days], plan.seed)


def market_of(
    plan: DayPlan, *, fees: Fees | None = None, deposit: int = DEPOSIT, collateral: int = 100_000
) -> ModelMarket:
    """A market for a plan's households."""
    return ModelMarket(
        [profile.household.number for profile in plan.days],
        rules=MarketRules(
            slot_seconds=plan.slot_seconds, grace=plan.grace, collateral_per_kwh=collateral
        ),
        fees=fees or Fees(),
        deposit=deposit,
        grid_price=plan.tariff.grid_price,
    )


def run(market: ModelMarket, plan: DayPlan) -> tuple[PeriodOutcome, ...]:
    """The whole day."""
    return TradingDay(market, plan).run(lambda step: None)


def day_report(
    day: date,
    households: int | Sequence[int] | None,
    *,
    slot_seconds: int = 3600,
    seed: int = 1,
) -> DayReport:
    """What a day is shown as; its gas is made up."""
    event = event_of(day, households, slot_seconds=slot_seconds)
    plan = plan_of(day, households, slot_seconds=slot_seconds, seed=seed, event=event)
    feeder = feeder_of(plan, households, event)
    market = market_of(plan)
    outcomes, region = operate(market, plan, feeder)
    records = market.read()
    gas = GasMeter(("register",), ("place order", "match"))
    gas.add("register", 200_000)
    gas.add("place order", 60_000)
    gas.add("match", 900_000, items=10)
    accounts = {account_of(one.household.number): one.household for one in plan.days}
    without_event = plan_of(day, households, slot_seconds=slot_seconds).days
    return DayReport(
        day=day,
        week=simbench.week_of(day),
        slot_seconds=slot_seconds,
        seed=seed,
        currency=Currency(symbol="tUSD", decimals=6),
        tariff=plan.tariff,
        households=household_rows(records, accounts, plan.tariff, plan.slots),
        slots=slot_rows(records, outcomes, slot_seconds),
        feeder=feeder_report(feeder, without_event, region.history(), records, accounts),
        plants=plants_report(plants_of(plan), records, accounts),
        gas=gas.report(),
        check=audit(records),
    )
