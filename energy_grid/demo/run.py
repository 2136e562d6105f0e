"""One day of the neighbourhood, from an empty chain to audited books."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Protocol

from energy_grid.cli.numbers import counted
from energy_grid.demo import simbench
from energy_grid.demo.assets import ChainAssets
from energy_grid.demo.audit import audit
from energy_grid.demo.books import Books, BooksReader
from energy_grid.demo.bootstrap import LocalMarket, local_market
from energy_grid.demo.calendar import Step
from energy_grid.demo.chain_books import ChainBooks
from energy_grid.demo.chain_market import ChainMarket
from energy_grid.demo.config import DemoConfig
from energy_grid.demo.day_report import Currency, DayReport, household_rows, slot_rows
from energy_grid.demo.desk import Desk
from energy_grid.demo.feeder_report import feeder_report
from energy_grid.demo.opening import open_accounts
from energy_grid.demo.operator_day import OperatorDay
from energy_grid.demo.people import Resident, residents
from energy_grid.demo.plan import BEFORE, DemoPlan
from energy_grid.demo.plant_report import plants_report
from energy_grid.demo.post_trading import AfterDay
from energy_grid.demo.region import ChainRegion, operator_of
from energy_grid.demo.trading_day import DayPlan, PeriodOutcome, TradingDay
from energy_grid.domain.units import format_money

__all__ = ["Watcher", "run_demo", "trade_day"]

# 500 dollars each: many times the dearest day.
_DEPOSIT = 500_000_000


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
    plan = DemoPlan.of(config)
    with local_market(
        timestamp=plan.begin,
        parameters=plan.parameters,
        say=lambda line: watcher.say(f"  {line}"),
    ) as market:
        return trade_day(plan, market, watcher, ChainBooks(market.node, market.contracts))


def trade_day(
    plan: DemoPlan, market: LocalMarket, watcher: Watcher, reader: BooksReader
) -> DayReport:
    """Run the day on a market that nobody has used yet; the report is made of what is read."""
    day = _Day(plan, market, watcher)
    day.open()
    outcomes = day.run()
    watcher.say("Reading the books from the chain and checking them")
    return day.report(outcomes, reader.read())


class _Day:
    """A plan on a market: everybody and everything that has a part in it."""

    def __init__(self, plan: DemoPlan, market: LocalMarket, watcher: Watcher) -> None:
        self._plan = plan
        self._node, self._contracts = market.node, market.contracts
        self._watcher = watcher
        config = plan.config
        self._people = residents(config.households, config.seed)
        self._desk = Desk(self._node)
        self._exchange = ChainMarket(self._node, self._contracts, self._desk, self._people)
        self._region = ChainRegion(
            self._node,
            self._contracts,
            self._desk,
            self._exchange,
            self._people,
            operator_of(config.seed),
        )
        self._trading = plan.trading(
            grid_price=self._contracts.grid.base_price_of(plan.start // config.slot_seconds),
            grace=self._contracts.settlement.grace(),
        )
        self._feeder = plan.feeder(grace=self._trading.grace)
        self._operation = OperatorDay(self._region, self._feeder)
        self._assets = ChainAssets(self._contracts, self._desk, self._people, plan.plants)

    def open(self) -> None:
        """Open all accounts; first those of who takes part in the event, whose meters are read on
        days before."""
        event = self._plan.event
        homes = counted(len(self._people), "household")
        self._watcher.say(f"Opening accounts for {homes}: a wallet and a meter each")
        taking_part = {one.household.number for one in event.participants} if event else set()
        first = [one for one in self._people if one.household.number in taking_part]
        self._open_accounts(first)
        self._region.open(self._feeder.rating_kw, event)
        if event is not None and self._feeder.early:
            days = counted(len(event.similar_days), "day")
            self._watcher.say(f"Reading {counted(len(first), 'meter')} on {days} before")
        self._operation.before()
        self._exchange.advance_to(self._plan.start - BEFORE)
        self._open_accounts([one for one in self._people if one not in first])
        if plants := self._plan.plants.plants:
            shared = ", one of them shared" if self._plan.plants.sharing else ""
            self._watcher.say(f"Registering {counted(len(plants), 'plant')} as assets{shared}")
            self._assets.open()

    def run(self) -> tuple[PeriodOutcome, ...]:
        """Trade the day, with the operator beside it, and put the plants to use; gives how the
        auctions went."""
        self._watcher.begin(self._trading)
        outcomes = TradingDay(self._exchange, self._trading).run(self._step)
        self._operation.end()
        self._watcher.end()
        self._watcher.say("Carbon credits, banked energy on the spot market, revenue of shares")
        AfterDay(self._assets, self._plan.plants, self._trading).run()
        return outcomes

    def report(self, outcomes: Sequence[PeriodOutcome], books: Books) -> DayReport:
        """What came of it."""
        config, plan, money = self._plan.config, self._plan, self._contracts.money
        currency = Currency(symbol=money.symbol(), decimals=money.decimals())
        written = partial(format_money, decimals=currency.decimals, symbol=currency.symbol)
        households = {person.wallet.address: person.household for person in self._people}
        return DayReport(
            day=config.day,
            week=simbench.week_of(config.day),
            slot_seconds=config.slot_seconds,
            seed=config.seed,
            currency=currency,
            tariff=self._trading.tariff,
            households=household_rows(books, households, self._trading.tariff, self._trading.slots),
            slots=slot_rows(books, outcomes, config.slot_seconds),
            feeder=feeder_report(
                self._feeder, plan.days_without_event, self._region.records(), books, households
            ),
            plants=plants_report(plan.plants, books, households),
            gas=self._desk.gas.report(),
            check=audit(books, written),
        )

    def _open_accounts(self, people: Sequence[Resident]) -> None:
        open_accounts(self._node, self._contracts, self._desk, people, _DEPOSIT)

    def _step(self, step: Step) -> None:
        self._operation.after(step)
        self._watcher.step(step)
