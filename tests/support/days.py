"""Small trading days on the reference model, for tests of what is made of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from energy_grid.adapters.feeds import simbench
from energy_grid.domain.costs import Fees
from energy_grid.domain.settlement import MarketRules
from energy_grid.services.audit import audit
from energy_grid.services.bidding import Tariff
from energy_grid.services.day_report import Currency, DayReport, household_rows, slot_rows
from energy_grid.services.gas import GasMeter
from energy_grid.services.trading_day import DayPlan, PeriodOutcome, TradingDay
from tests.support.ledger_market import LedgerMarket, account_of

__all__ = ["DEPOSIT", "GRACE", "LEAD", "TARIFF", "day_report", "market_of", "plan_of", "run"]

TARIFF = Tariff(grid_price=300_000, feed_in=80_000)
GRACE, LEAD, DEPOSIT = 900, 300, 100_000_000


def plan_of(
    day: date,
    households: int | Sequence[int] | None,
    *,
    slot_seconds: int = 3600,
    seed: int = 1,
    grace: int = GRACE,
) -> DayPlan:
    """A day of the SimBench village."""
    village = simbench.load(simbench.week_of(day), households)
    return DayPlan(
        days=village.slots(day, slot_seconds),
        days_before=village.slots(day - timedelta(days=1), slot_seconds),
        tariff=TARIFF,
        seed=seed,
        grace=grace,
        lead=LEAD,
    )


def market_of(
    plan: DayPlan, *, fees: Fees | None = None, deposit: int = DEPOSIT, collateral: int = 100_000
) -> LedgerMarket:
    """A market for a plan's households."""
    return LedgerMarket(
        [profile.household.number for profile in plan.days],
        rules=MarketRules(
            slot_seconds=plan.slot_seconds, grace=plan.grace, collateral_per_kwh=collateral
        ),
        fees=fees or Fees(),
        deposit=deposit,
        grid_price=plan.tariff.grid_price,
    )


def run(market: LedgerMarket, plan: DayPlan) -> tuple[PeriodOutcome, ...]:
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
    plan = plan_of(day, households, slot_seconds=slot_seconds, seed=seed)
    market = market_of(plan)
    outcomes = run(market, plan)
    books = market.read()
    gas = GasMeter(("register",), ("place order", "match"))
    gas.add("register", 200_000)
    gas.add("place order", 60_000)
    gas.add("match", 900_000, items=10)
    return DayReport(
        day=day,
        week=simbench.week_of(day),
        slot_seconds=slot_seconds,
        seed=seed,
        currency=Currency(symbol="tUSD", decimals=6),
        tariff=plan.tariff,
        households=household_rows(
            books,
            {account_of(one.household.number): one.household for one in plan.days},
            plan.tariff,
        ),
        slots=slot_rows(books, outcomes, slot_seconds),
        gas=gas.report(),
        check=audit(books),
    )
