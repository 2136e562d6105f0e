"""One day of the neighbourhood, from an empty chain to audited records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from energy_grid.cli.numbers import counted
from energy_grid.demo import simbench
from energy_grid.demo.assets import ChainAssets
from energy_grid.demo.audit import audit
from energy_grid.demo.bidding import Tariff
from energy_grid.demo.bootstrap import LocalMarket, local_market
from energy_grid.demo.calendar import HOUR_SECONDS, Phase, Step
from energy_grid.demo.chain_market import ChainMarket
from energy_grid.demo.chain_records import read_records
from energy_grid.demo.closing import close_days
from energy_grid.demo.config import DemoConfig
from energy_grid.demo.day_report import Currency, DayReport, household_rows, slot_rows
from energy_grid.demo.feeder_report import feeder_report
from energy_grid.demo.opening import (
    COMMUNITY,
    fund_grid,
    home_region,
    join_community,
    open_accounts,
)
from energy_grid.demo.operator_day import OperatorDay
from energy_grid.demo.plan import BEFORE, DemoPlan
from energy_grid.demo.plant_report import plants_report
from energy_grid.demo.post_trading import PostTrading
from energy_grid.demo.progress import ProgressLines
from energy_grid.demo.records import MarketRecords
from energy_grid.demo.region import ChainRegion, operator_of
from energy_grid.demo.residents import Resident, residents
from energy_grid.demo.sender import GasCountingSender, Operation
from energy_grid.demo.trading_day import TradingDay, midnight
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.units import format_money

__all__ = ["run_demo", "trade_day"]

# 500 dollars for each household: the security of its meter, and what days may cost that are open.
_DEPOSIT = 500_000_000
# 2,000 dollars of the supplier's: surplus is paid for, whenever deficits are charged.
_GRID_FUNDS = 2_000_000_000
_BPS = 10_000


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
    prices = day.run()
    progress.log("Reading the market's records from the chain and checking them")
    return day.report(prices, read_records(market.contracts, plan.start // DAY_SECONDS))


class _Day:
    """A plan on a market: the households, the operator and what sends for them."""

    def __init__(self, plan: DemoPlan, market: LocalMarket, progress: ProgressLines) -> None:
        self._plan = plan
        self._node, self._contracts = market.node, market.contracts
        self._progress = progress
        config = plan.config
        self._people = residents(config.households, config.seed)
        self._sender = GasCountingSender(self._contracts.sender)
        self._exchange = ChainMarket(self._node, self._contracts, self._sender, self._people)
        self._region = ChainRegion(
            self._node,
            self._contracts,
            self._sender,
            self._exchange,
            self._people,
            operator_of(config.seed),
        )
        self._day = plan.start // DAY_SECONDS
        self._trading = plan.trading(
            tariff=self._tariff(), grace=self._contracts.energy_accounts.grace()
        )
        self._feeder = plan.feeder(grace=self._trading.grace)
        self._operation = OperatorDay(self._region, self._feeder)
        self._assets = ChainAssets(self._contracts, self._sender, self._people, plan.plants)

    def open(self) -> None:
        """Open all accounts; first those of who takes part in the event, whose meters are read on
        days before."""
        plan, event = self._plan, self._plan.event
        homes = counted(len(self._people), "household")
        self._progress.log(f"Opening accounts for {homes}: a wallet and a meter each")
        fund_grid(self._node, self._contracts, self._sender, plan.config.seed, _GRID_FUNDS)
        early = [one for one in self._people if one.household.number in plan.early]
        first = early or self._people
        self._open_accounts(first)
        self._region.open(self._feeder.rating_kw, event)
        if early:
            days = counted(len(plan.first_days), "day")
            self._progress.log(f"Reading {counted(len(early), 'meter')} on {days} before")
            self._read_early(early)
        self._exchange.advance_to(plan.start - BEFORE)
        self._open_accounts([one for one in self._people if one not in first])
        self._progress.log(f"{homes} join the energy community by their signatures")
        join_community(self._node, self._contracts, self._sender, self._people, plan.keepers)
        if plants := plan.plants.plants:
            shared = ", one of them shared" if plan.plants.sharing else ""
            self._progress.log(f"Registering {counted(len(plants), 'plant')} as assets{shared}")
            self._assets.open()

    def run(self) -> dict[int, int | None]:
        """Live the day, with the operator beside it, close it, and put the plants to use; gives
        the price of each hour's trades."""
        trading = self._trading
        self._progress.begin(trading)
        prices = TradingDay(self._exchange, trading).run(self._step)
        self._progress.end()
        self._progress.log("Closing the day of all accounts: sharing, credits, bills")
        self._report_plants(trading.start + DAY_SECONDS)
        self._exchange.advance_to(trading.final_at)
        self._exchange.close(self._deficits_first(), self._day)
        self._progress.log("Carbon credits, redeemed energy credits, revenue of shares")
        PostTrading(self._assets, self._plan.plants, self._plan.keepers, trading).run()
        self._operation.end()
        return prices

    def report(self, prices: Mapping[int, int | None], records: MarketRecords) -> DayReport:
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
            sharing_only=config.sharing_only,
            currency=currency,
            tariff=self._trading.tariff,
            households=household_rows(records, households, plan),
            slots=slot_rows(records, close_days(records), prices, config.slot_seconds),
            feeder=feeder_report(
                self._feeder, plan.days_without_event, self._region.history(), records, households
            ),
            plants=plants_report(plan.plants, records, households),
            gas=self._sender.gas.report(),
            check=audit(records, written),
        )

    def _tariff(self) -> Tariff:
        """The home region's prices on the day."""
        contracts = self._contracts
        found = contracts.tariffs.tariff_of(home_region(contracts), self._day)
        theta = contracts.communities.theta_at(COMMUNITY, self._day)
        room = found.buy - found.network_fee - found.feed_in
        return Tariff(
            grid_price=found.buy,
            feed_in=found.feed_in,
            shared=found.feed_in - (-theta * room // _BPS),
        )

    def _open_accounts(self, people: Sequence[Resident]) -> None:
        open_accounts(self._node, self._contracts, self._sender, people, _DEPOSIT)

    def _read_early(self, people: Sequence[Resident]) -> None:
        """Read meters on the days before, all slots of an hour together, and close these days."""
        numbers = [person.household.number for person in people]
        registers = [one for one in self._trading.registers if one.household in numbers]
        length, start = self._plan.config.slot_seconds, midnight(self._plan.first_days[0])
        moments = [*range(start, self._plan.start, HOUR_SECONDS), self._plan.start - BEFORE]
        due = start
        for moment in moments:
            self._exchange.advance_to(moment)
            ends = range(due, moment + 1, length)
            self._exchange.report(
                [one.at(end) for end in ends for one in registers], Operation.EARLY_READING
            )
            due += len(ends) * length
            if moment % DAY_SECONDS == self._trading.grace:
                self._close_before(numbers, moment // DAY_SECONDS)

    def _close_before(self, numbers: Sequence[int], day: int) -> None:
        """Close the days before a day."""
        self._exchange.close(numbers, day - 1, Operation.EARLY_CLOSE)

    def _report_plants(self, timestamp: int) -> None:
        """Relay what the meters of plants show at a midnight."""
        is_over = timestamp > self._trading.start
        generated = {
            day.household.number: sum(day.generated_wh) if is_over else 0
            for day in self._trading.days
            if day.household.pv_peak_w
        }
        self._exchange.report_plants(timestamp, generated)

    def _deficits_first(self) -> list[int]:
        """All households: what these pay, those get."""
        days = sorted(self._trading.days, key=lambda day: sum(day.nets_wh))
        return [day.household.number for day in days]

    def _step(self, step: Step) -> None:
        if step.at == self._trading.start:
            self._report_plants(step.at)
        if step.phase is Phase.METER and step.at == self._trading.start + self._trading.grace:
            self._close_before(self._deficits_first(), self._day)
        self._operation.after(step)
        self._progress.step(step)
