"""One day of the neighbourhood, from an empty chain to audited records."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, partial

from energy_grid.cli.numbers import counted
from energy_grid.demo import simbench
from energy_grid.demo.assets import ChainAssets
from energy_grid.demo.audit import audit
from energy_grid.demo.bidding import Tariff
from energy_grid.demo.bootstrap import LocalMarket, local_market
from energy_grid.demo.calendar import Phase, Step
from energy_grid.demo.chain_market import ChainMarket
from energy_grid.demo.chain_records import read_records
from energy_grid.demo.closing import close_days
from energy_grid.demo.config import DemoConfig
from energy_grid.demo.day_report import Currency, DayReport, day_rows, household_rows, slot_rows
from energy_grid.demo.feeder_report import feeder_report
from energy_grid.demo.foresight import foresight
from energy_grid.demo.gateway import Gateway
from energy_grid.demo.opening import (
    fund_grid,
    home_region,
    join_community,
    keep_credits,
    open_accounts,
)
from energy_grid.demo.operator_day import OperatorDay
from energy_grid.demo.plan import BEFORE, DemoPlan
from energy_grid.demo.plant_report import plants_report
from energy_grid.demo.post_trading import PostTrading
from energy_grid.demo.progress import ProgressLines
from energy_grid.demo.records import MarketRecords, SlotKey
from energy_grid.demo.region import ChainRegion, operator_of
from energy_grid.demo.residents import residents
from energy_grid.demo.seasons import seasons
from energy_grid.demo.sender import GasCountingSender, Operation
from energy_grid.demo.trading_day import DayPlan, TradingDay, midnight
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
    """A plan on a market: the households, their gateway, the operator, what sends for them."""

    def __init__(self, plan: DemoPlan, market: LocalMarket, progress: ProgressLines) -> None:
        self._plan = plan
        self._node, self._contracts = market.node, market.contracts
        self._progress = progress
        config = plan.config
        self._people = residents(config.households, config.seed)
        self._sender = GasCountingSender(self._contracts.sender)
        self._day = plan.start // DAY_SECONDS
        self._gateway = Gateway(self._contracts, self._sender, config.folder, self._day)
        self._exchange = ChainMarket(
            self._node, self._contracts, self._sender, self._people, self._gateway
        )
        self._region = ChainRegion(
            self._node,
            self._contracts,
            self._sender,
            self._exchange,
            self._people,
            operator_of(config.seed),
            self._gateway,
        )
        self._operation = OperatorDay(self._region, plan.feeder)
        self._assets = ChainAssets(
            self._contracts, self._sender, self._people, plan, (self._exchange, self._gateway)
        )

    @cached_property
    def _trading(self) -> DayPlan:
        return self._plan.trading(tariff=self._tariff())

    def open(self) -> None:
        """Open all accounts, found the community, and have its days before read and settled."""
        plan, people = self._plan, self._people
        homes = counted(len(people), "household")
        self._progress.log(f"Opening accounts for {homes}: a wallet and a meter each")
        fund_grid(self._node, self._contracts, self._sender, plan.config.seed, _GRID_FUNDS)
        owners = [plant.number for plant in plan.plants.plants]
        open_accounts(self._node, self._contracts, self._sender, people, _DEPOSIT, owners)
        self._region.open(plan.feeder.rating_kw, plan.event)
        self._progress.log(f"{homes} join a gateway's energy community by their signatures")
        self._gateway.found()
        community = self._gateway.community
        join_community(self._node, self._contracts, self._sender, people, community)
        if plants := plan.plants.plants:
            shared = ", one of them shared" if plan.plants.sharing else ""
            self._progress.log(f"Registering {counted(len(plants), 'plant')} as assets{shared}")
            self._assets.open()
        days = counted(len(plan.first_days), "day")
        self._progress.log(f"Reading {counted(len(people), 'meter')} on {days} before")
        self._live_before()
        keepers = [one for one in people if one.household.number in plan.keepers]
        keep_credits(self._contracts, self._sender, keepers)

    def run(self) -> dict[int, int | None]:
        """Live the day, with the operator beside it, have it settled, and put the plants to use;
        gives the price of each hour's trades."""
        trading = self._trading
        self._progress.begin(trading)
        prices = TradingDay(self._exchange, trading).run(self._step)
        self._progress.end()
        self._progress.log("Settling the day of all accounts: sharing, credits, bills")
        self._exchange.advance_to(self._gateway.settles_at)
        self._gateway.run(self._gateway.settles_at)
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
            days=day_rows(records),
            households=household_rows(records, households, plan),
            slots=slot_rows(records, close_days(records), prices, config.slot_seconds),
            seasons=seasons(
                config.day, [*households.values()], self._trading.tariff, config.slot_seconds
            ),
            foresight=foresight(plan.village, plan.days, self._trading.tariff),
            feeder=feeder_report(
                plan.feeder, plan.days_without_event, self._region.history(), records, households
            ),
            plants=plants_report(plan.plants, records, households),
            gas=self._sender.gas.report(),
            check=audit(records, self._metered(), written),
        )

    def _tariff(self) -> Tariff:
        """The home region's prices on the day."""
        contracts = self._contracts
        found = contracts.tariffs.tariff_of(home_region(contracts), self._day)
        theta = contracts.communities.theta_at(self._gateway.community, self._day)
        room = found.buy - found.network_fee - found.feed_in
        return Tariff(
            grid_price=found.buy,
            feed_in=found.feed_in,
            shared=found.feed_in - (-theta * room // _BPS),
        )

    def _live_before(self) -> None:
        """Read all meters on the days before; each one's first reading it relays itself."""
        length, first = self._plan.config.slot_seconds, midnight(self._plan.first_days[0])
        for at in range(first, self._plan.start, length):
            self._exchange.advance_to(at)
            readings = [one.at(at) for one in self._trading.registers]
            if at == first:
                self._exchange.relay(readings)
            self._exchange.report(readings)
            if at == first + self._contracts.energy_accounts.grace():
                self._exchange.close(first // DAY_SECONDS - 1)
            self._keep_up(at)
        self._exchange.advance_to(self._plan.start - BEFORE)

    def _metered(self) -> dict[SlotKey, int]:
        """What the meters have counted in each slot, export less import."""
        length = self._plan.config.slot_seconds
        first, end = midnight(self._plan.first_days[0]), self._trading.start + DAY_SECONDS
        accounts = {one.household.number: one.wallet.address for one in self._people}
        return {
            (accounts[one.household], start // length): one.net(start)
            for one in self._trading.registers
            for start in range(first, end, length)
        }

    def _keep_up(self, at: int) -> None:
        """What is due besides readings: of plants at midnights, and of the gateway."""
        if at % DAY_SECONDS == 0:
            self._relay_plants(at)
        self._gateway.run(at)

    def _relay_plants(self, at: int) -> None:
        """Relay what the meters of plants show at a midnight."""
        days = at // DAY_SECONDS - midnight(self._plan.first_days[0]) // DAY_SECONDS
        operation = Operation.DAYS_BEFORE if days else Operation.FIRST_READING
        if at > self._plan.start:
            operation = Operation.PLANT_READING
        shown = {number: wh[days] for number, wh in self._plan.generated.items()}
        self._exchange.relay_plants(at, shown, operation)

    def _step(self, step: Step) -> None:
        if step.phase is Phase.METER:
            self._keep_up(step.at)
        self._operation.after(step)
        self._progress.step(step)
