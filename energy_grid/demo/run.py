"""One day of the neighbourhood, from an empty chain to audited records."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from energy_grid.cli.numbers import counted
from energy_grid.demo import simbench
from energy_grid.demo.assets import ChainAssets
from energy_grid.demo.audit import audit
from energy_grid.demo.bootstrap import LocalMarket, local_market
from energy_grid.demo.calendar import Step
from energy_grid.demo.chain_market import ChainMarket
from energy_grid.demo.chain_records import read_records
from energy_grid.demo.config import DemoConfig
from energy_grid.demo.day_report import Currency, DayReport, household_rows, slot_rows
from energy_grid.demo.feeder_report import feeder_report
from energy_grid.demo.opening import open_accounts
from energy_grid.demo.operator_day import OperatorDay
from energy_grid.demo.plan import BEFORE, DemoPlan
from energy_grid.demo.plant_report import plants_report
from energy_grid.demo.post_trading import PostTrading
from energy_grid.demo.progress import ProgressLines
from energy_grid.demo.records import MarketRecords
from energy_grid.demo.region import ChainRegion, operator_of
from energy_grid.demo.residents import Resident, residents
from energy_grid.demo.sender import GasCountingSender
from energy_grid.demo.trading_day import PeriodOutcome, TradingDay
from energy_grid.domain.units import format_money

__all__ = ["run_demo", "trade_day"]

# 500 dollars for each household: many times the highest bill.
_DEPOSIT = 500_000_000


def run_demo(config: DemoConfig, progress: ProgressLines) -> DayReport:
    """Run a day on a chain of its own, which ends with it.

    The check is in the report, whether it holds or not.

    Raises:
        EnergyGridError: whatever keeps the day from ending.
    """
    progress.log("Starting a chain of its own and deploying the market on it")
    plan = DemoPlan.of(config)
    with local_market(
        timestamp=plan.begin,
        parameters=plan.parameters,
        log=lambda line: progress.log(f"  {line}"),
    ) as market:
        return trade_day(plan, market, progress)


def trade_day(plan: DemoPlan, market: LocalMarket, progress: ProgressLines) -> DayReport:
    """Run the day on a fresh market; the report is made of what the chain has on record."""
    day = _Day(plan, market, progress)
    day.open()
    outcomes = day.run()
    progress.log("Reading the market's records from the chain and checking them")
    return day.report(outcomes, read_records(market.contracts))


class _Day:
    """A plan on a market: the households, the operator and what sends for them."""

    def __init__(self, plan: DemoPlan, market: LocalMarket, progress: ProgressLines) -> None:
        self._plan = plan
        self._node, self._contracts = market.node, market.contracts
        self._progress = progress
        config = plan.config
        self._people = residents(config.households, config.seed)
        self._sender = GasCountingSender(self._node)
        self._exchange = ChainMarket(self._node, self._contracts, self._sender, self._people)
        self._region = ChainRegion(
            self._node,
            self._contracts,
            self._sender,
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
        self._assets = ChainAssets(self._contracts, self._sender, self._people, plan.plants)

    def open(self) -> None:
        """Open all accounts; first those of who takes part in the event, whose meters are read on
        days before."""
        event = self._plan.event
        homes = counted(len(self._people), "household")
        self._progress.log(f"Opening accounts for {homes}: a wallet and a meter each")
        taking_part = {one.household.number for one in event.participants} if event else set()
        first = [one for one in self._people if one.household.number in taking_part]
        self._open_accounts(first)
        self._region.open(self._feeder.rating_kw, event)
        if event is not None and self._feeder.early:
            days = counted(len(event.similar_days), "day")
            self._progress.log(f"Reading {counted(len(first), 'meter')} on {days} before")
        self._operation.before()
        self._exchange.advance_to(self._plan.start - BEFORE)
        self._open_accounts([one for one in self._people if one not in first])
        if plants := self._plan.plants.plants:
            shared = ", one of them shared" if self._plan.plants.sharing else ""
            self._progress.log(f"Registering {counted(len(plants), 'plant')} as assets{shared}")
            self._assets.open()

    def run(self) -> tuple[PeriodOutcome, ...]:
        """Trade the day, with the operator beside it, and put the plants to use; gives how the
        auctions went."""
        self._progress.begin(self._trading)
        outcomes = TradingDay(self._exchange, self._trading).run(self._step)
        self._operation.end()
        self._progress.end()
        self._progress.log("Carbon credits, energy credits on the spot market, revenue of shares")
        PostTrading(self._assets, self._plan.plants, self._trading).run()
        return outcomes

    def report(self, outcomes: Sequence[PeriodOutcome], records: MarketRecords) -> DayReport:
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
            households=household_rows(
                records, households, self._trading.tariff, self._trading.slots
            ),
            slots=slot_rows(records, outcomes, config.slot_seconds),
            feeder=feeder_report(
                self._feeder, plan.days_without_event, self._region.history(), records, households
            ),
            plants=plants_report(plan.plants, records, households),
            gas=self._sender.gas.report(),
            check=audit(records, written),
        )

    def _open_accounts(self, people: Sequence[Resident]) -> None:
        open_accounts(self._node, self._contracts, self._sender, people, _DEPOSIT)

    def _step(self, step: Step) -> None:
        self._operation.after(step)
        self._progress.step(step)
