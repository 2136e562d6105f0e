"""One day of the neighbourhood, from an empty chain to audited books."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Protocol

from energy_grid.adapters.feeds import simbench
from energy_grid.domain.units import format_money
from energy_grid.entrypoints.bootstrap import LocalMarket, local_market
from energy_grid.entrypoints.config import DemoConfig
from energy_grid.entrypoints.demo.books import ChainBooks
from energy_grid.entrypoints.demo.desk import Desk
from energy_grid.entrypoints.demo.market import ChainMarket
from energy_grid.entrypoints.demo.opening import open_accounts
from energy_grid.entrypoints.demo.people import residents
from energy_grid.entrypoints.numbers import counted
from energy_grid.services.audit import audit
from energy_grid.services.bidding import Tariff
from energy_grid.services.books import BooksReader
from energy_grid.services.calendar import Step
from energy_grid.services.day_report import Currency, DayReport, household_rows, slot_rows
from energy_grid.services.trading_day import DayPlan, TradingDay, midnight

__all__ = ["FEED_IN", "Watcher", "run_demo", "trade_day"]

# 0.08 dollars per kWh: about what a small solar plant gets for what it feeds in.
FEED_IN = 80_000
# 500 dollars each: many times the dearest day.
_DEPOSIT = 500_000_000
# Orders for a slot are in five minutes before it starts.
_LEAD = 300
# The chain begins so long before the day: time to deploy and to open accounts.
_BEFORE = 7200


class Watcher(Protocol):
    """Is told how far the demo is."""

    def say(self, line: str) -> None:
        """Something worth a line."""

    def begin(self, plan: DayPlan) -> None:
        """The day begins."""

    def step(self, step: Step) -> None:
        """One of its steps is done."""

    def end(self) -> None:
        """The day is over."""


def run_demo(config: DemoConfig, watcher: Watcher) -> DayReport:
    """Run a day on a chain of its own, which ends with it.

    The check is in the report, whether it holds or not.

    Raises:
        EnergyGridError: whatever keeps the day from ending.
    """
    watcher.say("Starting a chain of its own and deploying the market on it")
    with local_market(
        timestamp=midnight(config.day) - _BEFORE,
        slot_seconds=config.slot_seconds,
        say=lambda line: watcher.say(f"  {line}"),
    ) as market:
        return trade_day(config, market, watcher, ChainBooks(market.node, market.contracts))


def trade_day(
    config: DemoConfig, market: LocalMarket, watcher: Watcher, reader: BooksReader
) -> DayReport:
    """Run the day on a market that nobody has used yet; the report is made of what is read."""
    node, contracts = market.node, market.contracts
    people = residents(config.households, config.seed)
    desk = Desk(node)
    homes = counted(len(people), "household")
    watcher.say(f"Opening accounts for {homes}: a wallet and a meter each")
    open_accounts(node, contracts, desk, people, _DEPOSIT)
    plan = _plan(config, market)
    watcher.begin(plan)
    day = TradingDay(ChainMarket(node, contracts, desk, people), plan)
    outcomes = day.run(watcher.step)
    watcher.end()
    watcher.say("Reading the books from the chain and checking them")
    books = reader.read()
    currency = Currency(symbol=contracts.money.symbol(), decimals=contracts.money.decimals())
    return DayReport(
        day=config.day,
        week=simbench.week_of(config.day),
        slot_seconds=config.slot_seconds,
        seed=config.seed,
        currency=currency,
        tariff=plan.tariff,
        households=household_rows(
            books, {person.wallet.address: person.household for person in people}, plan.tariff
        ),
        slots=slot_rows(books, outcomes, config.slot_seconds),
        gas=desk.gas.report(),
        check=audit(
            books, partial(format_money, decimals=currency.decimals, symbol=currency.symbol)
        ),
    )


def _plan(config: DemoConfig, market: LocalMarket) -> DayPlan:
    village = simbench.load(
        simbench.week_of(config.day), [household.number for household in config.households]
    )
    first_slot = midnight(config.day) // config.slot_seconds
    return DayPlan(
        days=village.slots(config.day, config.slot_seconds),
        days_before=village.slots(config.day - timedelta(days=1), config.slot_seconds),
        tariff=Tariff(grid_price=market.contracts.grid.base_price_of(first_slot), feed_in=FEED_IN),
        seed=config.seed,
        grace=market.contracts.settlement.grace(),
        lead=_LEAD,
    )
