"""Days of the demo on the reference model, for tests of what is made of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from itertools import pairwise

from energy_grid.contracts.balancing_coordination import BalancingAction
from energy_grid.contracts.carbon_credits import Retirement
from energy_grid.contracts.load_monitoring import LoadReport
from energy_grid.contracts.stability_maintenance import StabilityReport
from energy_grid.contracts.tariffs import Tariff as TariffRecord
from energy_grid.demo.audit import audit
from energy_grid.demo.bidding import Offer, Tariff
from energy_grid.demo.bills import earned
from energy_grid.demo.calendar import HOUR_SECONDS
from energy_grid.demo.closing import close_days
from energy_grid.demo.config import DemoConfig
from energy_grid.demo.day_report import (
    Currency,
    DayReport,
    day_rows,
    household_rows,
    slot_rows,
)
from energy_grid.demo.feeder_report import FeederHistory, feeder_report
from energy_grid.demo.foresight import foresight
from energy_grid.demo.gas import GasMeter
from energy_grid.demo.plan import BEFORE, DemoPlan
from energy_grid.demo.plant_report import plants_report
from energy_grid.demo.plants import SHARES, SHARES_EACH, Sharing
from energy_grid.demo.profiles import Household
from energy_grid.demo.records import (
    AccountRecord,
    AssetRecord,
    CarbonRecord,
    CreditRecord,
    Escrow,
    EventRecord,
    GridRecord,
    MarketRecords,
    RevenueRecord,
    RewardRecord,
    SettledRecord,
    SharesRecord,
    SlotKey,
    TokenRecord,
    TradeRecord,
)
from energy_grid.demo.residents import residents
from energy_grid.demo.seasons import seasons
from energy_grid.demo.trading_day import Reading, TradingDay, midnight
from energy_grid.domain.balancing import ActionStatus, ActionType
from energy_grid.domain.batch_clearing import OpenOrder, clear_orders
from energy_grid.domain.day_leaves import Registers
from energy_grid.domain.demand_response import Reduction, event_rewards
from energy_grid.domain.grid_levels import LoadStatus, StabilityLevel
from energy_grid.domain.merkle import leaf_tree
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.units import format_money
from energy_grid.market.day_building import build_leaves
from energy_grid.market.days import ClosedDay
from tests.model.grid_levels import load_percentage, load_status
from tests.model.market import Market, Rules
from tests.model.market import Tariff as ModelTariff

__all__ = ["TARIFF", "LivedDay", "account_of", "day_report", "lived", "plan_of"]

TARIFF = Tariff(grid_price=300_000, feed_in=80_000, shared=190_000)
GRACE, DEPOSIT, FUNDS, REWARD_PER_KW, GRAMS = 3600, 500_000_000, 2_000_000_000, 3_000_000, 380
_EXACT, _COMMUNITY = 1000, 2

Trades = Callable[[Sequence[Offer], int], tuple[Sequence[TradeRecord], int | None]]


def plan_of(
    day: date,
    households: int | Sequence[int] | None = None,
    *,
    slot_seconds: int = 3600,
    seed: int = 1,
    sharing_only: bool = False,
) -> DemoPlan:
    """A day of the village."""
    if households is None:
        words = "all"
    elif isinstance(households, int):
        words = str(households)
    else:
        words = "".join(f"{number}," for number in households)
    return DemoPlan.of(
        DemoConfig.of_words(
            day=day.isoformat(),
            households=words,
            seed=str(seed),
            slot=str(slot_seconds),
            report=None,
            sharing_only=sharing_only,
        )
    )


def account_of(number: int) -> str:
    """The account of a household, by its number."""
    return f"0x{number:040x}"


@dataclass(frozen=True, kw_only=True)
class LivedDay:
    """A day that was lived on the model."""

    plan: DemoPlan
    market: Market
    records: MarketRecords
    prices: dict[int, int | None]

    @property
    def households(self) -> dict[str, Household]:
        """By account."""
        return {account_of(one.number): one for one in self.plan.village.households}

    @property
    def metered(self) -> dict[SlotKey, int]:
        """What the meters have counted, export less import in Wh."""
        length = self.plan.config.slot_seconds
        first = midnight(self.plan.first_days[0])
        return {
            (account_of(one.household), start // length): one.net(start)
            for one in self.plan.trading(tariff=TARIFF).registers
            for start in range(first, self.plan.start + DAY_SECONDS, length)
        }


def lived(plan: DemoPlan, trades: Trades | None = None) -> LivedDay:
    """The whole day; trades are by default what the clearing finds."""
    return _Village(plan, trades).live()


def day_report(
    day: date,
    households: int | Sequence[int] | None = None,
    *,
    slot_seconds: int = 3600,
    seed: int = 1,
    sharing_only: bool = False,
) -> DayReport:
    """What a day is shown as; its gas is made up."""
    some = tuple(households) if isinstance(households, Sequence) else households
    return _day_report(day, some, slot_seconds, seed, sharing_only)


@cache
def _day_report(
    day: date,
    households: int | tuple[int, ...] | None,
    slot_seconds: int,
    seed: int,
    sharing_only: bool,
) -> DayReport:
    plan = plan_of(day, households, slot_seconds=slot_seconds, seed=seed, sharing_only=sharing_only)
    found = lived(plan)
    records = found.records
    gas = GasMeter({"register": "", "anchor": "settling", "settle": "settling", "match": "trades"})
    gas.add("register", 200_000)
    gas.add("anchor", 60_000)
    gas.add("settle", 900_000, items=10)
    gas.add("match", 300_000, items=3)
    return DayReport(
        day=day,
        week=plan.village.week.name,
        slot_seconds=slot_seconds,
        seed=seed,
        sharing_only=sharing_only,
        currency=Currency(symbol="tUSD", decimals=6),
        tariff=TARIFF,
        days=day_rows(records),
        households=household_rows(records, found.households, plan),
        slots=slot_rows(records, close_days(records), found.prices, slot_seconds),
        seasons=seasons(day, [*found.households.values()], TARIFF, slot_seconds),
        foresight=foresight(plan.village, plan.days, TARIFF),
        feeder=feeder_report(
            plan.feeder, plan.days_without_event, _history(plan), records, found.households
        ),
        plants=plants_report(plan.plants, records, found.households),
        gas=gas.report(),
        check=audit(records, found.metered, partial(format_money, decimals=6, symbol="tUSD")),
    )


class _Village:
    """`energy_grid.demo.trading_day.Market` on the model."""

    def __init__(self, plan: DemoPlan, trades: Trades | None) -> None:
        self._plan = plan
        self._trading = plan.trading(tariff=TARIFF)
        self._trades = trades or self._cleared
        length = plan.config.slot_seconds
        tariff = ModelTariff(buy=TARIFF.grid_price, feed_in=TARIFF.feed_in)
        self._market = Market(Rules(slot_seconds=length, grace=GRACE), tariff, TARIFF.feed_in)
        self._market.found(str(_COMMUNITY))
        self._market.fund_grid(FUNDS * _EXACT)
        self._day = plan.start // DAY_SECONDS
        self._now = plan.begin
        self._made: list[TradeRecord] = []
        self._registers: dict[tuple[str, int], tuple[int, int]] = {}

    def live(self) -> LivedDay:
        plan, market = self._plan, self._market
        people = residents(plan.config.households, plan.config.seed)
        self._open({one.household.number: one.rated_power for one in people})
        length, start = plan.config.slot_seconds, midnight(plan.first_days[0])
        for at in range(start, plan.start, length):
            self.advance_to(at)
            self.report([one.at(at) for one in self._trading.registers])
        for number in plan.keepers:
            market.set_keeps(account_of(number), True, plan.start - BEFORE)
        prices = TradingDay(self, self._trading).run(lambda _: None)
        self.advance_to(plan.start + DAY_SECONDS + GRACE)
        self._close(self._day)
        redeemed = self._redeem()
        return LivedDay(
            plan=plan,
            market=market,
            records=_Recorder(plan, market, self._made, self._registers, redeemed).records(),
            prices=prices,
        )

    def advance_to(self, timestamp: int) -> None:
        self._now = max(self._now, timestamp)

    def trade(self, offers: Sequence[Offer], hour: int) -> int | None:
        made, price = self._trades(offers, hour)
        for trade in made:
            self._market.trade(
                trade.buyer, trade.seller, trade.slots, trade.wh, trade.price, self._now
            )
        self._made += made
        return price

    def report(self, readings: Sequence[Reading]) -> None:
        length = self._plan.config.slot_seconds
        for one in readings:
            name, bound = account_of(one.household), one.timestamp // length
            registers = one.imported, one.exported
            self._market.read(name, bound, registers, self._now)
            self._registers[name, bound] = registers
        if self._now % DAY_SECONDS == GRACE:
            self._close(self._now // DAY_SECONDS - 1)

    def _open(self, rated: dict[int, int]) -> None:
        for number, power in rated.items():
            name = account_of(number)
            self._market.open(name, self._now)
            self._market.deposit(name, DEPOSIT * _EXACT)
            self._market.attach(name, power, (0, 0), power * 1000 * _EXACT, self._now)
            self._market.join(name, str(_COMMUNITY), self._now)

    def _close(self, day: int) -> None:
        self._market.close(list(self._market.accounts), day, self._now)
        self._market.check()

    def _redeem(self) -> dict[int, int]:
        """Who has most credits turns half of them into money."""
        held = [(self._market.accounts[account_of(one)].credits, one) for one in self._plan.keepers]
        if not held:
            return {}
        wh, number = max(held)
        self._market.redeem(account_of(number), wh // 2, self._now)
        return {number: wh // 2}

    def _cleared(
        self, offers: Sequence[Offer], hour: int
    ) -> tuple[Sequence[TradeRecord], int | None]:
        length = self._plan.config.slot_seconds
        slots = range(hour // length, (hour + HOUR_SECONDS) // length)
        orders = [
            OpenOrder(
                id=one.household,
                trader=account_of(one.household),
                order_type=one.order_type,
                price=one.price,
                open_wh=one.wh,
            )
            for one in offers
        ]
        cleared = clear_orders(orders, len(slots), hour.to_bytes(32, "big"))
        if cleared.price is None:
            return [], None
        return [
            TradeRecord(
                buyer=account_of(pair.buy),
                seller=account_of(pair.sell),
                slots=slots,
                wh=pair.wh // len(slots),
                price=cleared.price,
            )
            for pair in cleared.pairs
        ], cleared.price


class _Recorder:
    """What the chain would say of a market after the day."""

    def __init__(
        self,
        plan: DemoPlan,
        market: Market,
        trades: Sequence[TradeRecord],
        registers: dict[tuple[str, int], tuple[int, int]],
        redeemed: dict[int, int],
    ) -> None:
        self._plan, self._market, self._trades = plan, market, tuple(trades)
        self._registers = registers
        self._redeemed = {account_of(number): wh for number, wh in redeemed.items()}
        self._day = plan.start // DAY_SECONDS
        self._per_day = market.rules.day_slots

    def records(self) -> MarketRecords:
        """All of it; the shared plant's revenue is withdrawn once it is known."""
        plain = self._records({}, 0)
        sharing = self._plan.plants.sharing
        if sharing is None:
            return plain
        owner = account_of(sharing.plant.number)
        revenue = earned(plain, owner)
        self._market.accounts[owner].free -= revenue * _EXACT
        self._market.came_in -= revenue * _EXACT
        return self._records({owner: revenue}, revenue)

    def _records(self, withdrawn: dict[str, int], revenue: int) -> MarketRecords:
        plan, market, day = self._plan, self._market, self._day
        closed = tuple(self._closed())
        days = sorted({each.day for each in closed})
        keys = [
            (each.account, slot)
            for each in closed
            for slot in market.rules.slots(each.day)
            if market.accounts[each.account].is_metered(slot)
        ]
        events = () if plan.event is None else (self._event(),)
        paid = Counter({part.account: part.paid for event in events for part in event.rewards})
        sharing = plan.plants.sharing
        shares = () if sharing is None else (self._shares(sharing, revenue),)
        for one in shares:
            paid.update(one.claimed)
        first = midnight(plan.first_days[0]) // DAY_SECONDS
        minted = len(market.accounts) * DEPOSIT + FUNDS + sum(event.budget for event in events)
        return MarketRecords(
            slots=market.rules.slots(day),
            day_slots=self._per_day,
            accounts=tuple(
                AccountRecord(
                    address=name,
                    cursor=account.day,
                    metered_from=account.metered[0],
                    free=account.free,
                    security=account.security,
                    later=sum(account.income.values()) + sum(account.locked.values()),
                    debt=account.debt,
                    receivable=account.receivable,
                    credits=account.credits,
                    tokens=0,
                    deposited=DEPOSIT,
                    withdrawn=withdrawn.get(name, 0),
                    redeemed=(wh := self._redeemed.get(name, 0)),
                    redeemed_for=wh * TARIFF.feed_in,
                    wallet=paid[name],
                    wallet_other=0,
                )
                for name, account in market.accounts.items()
            ),
            settled=tuple(self._settled()),
            produced={
                (account_of(number), first + days): wh
                for number, shown in plan.generated.items()
                for days, wh in enumerate(shown)
            },
            positions={(name, slot): market.accounts[name].position[slot] for name, slot in keys},
            thetas={(_COMMUNITY, each): 5000 for each in range(first, day + 1)},
            tariffs={
                each: TariffRecord(
                    buy=TARIFF.grid_price,
                    feed_in=TARIFF.feed_in,
                    network_fee=0,
                    protocol_fee=0,
                    max_factor=30_000,
                )
                for each in days
            },
            credit_values=dict.fromkeys(days, TARIFF.feed_in),
            deficit_prices={
                slot: TARIFF.grid_price for each in days for slot in market.rules.slots(each)
            },
            keeps={
                (each.account, each.day): market.accounts[each.account].keeps.at(each.day)
                for each in closed
            },
            closed=closed,
            trades=self._trades,
            grid=GridRecord(
                holding=market.came_in // _EXACT,
                cash=market.cash,
                owed=sum(account.receivable for account in market.accounts.values()),
                protocol_fees=market.protocol_fees,
                credits=market.credits,
                funded=FUNDS,
                collected=0,
                queued=0,
            ),
            energy=TokenRecord(supply=0, minted=0, burned=0, balances=0),
            money=TokenRecord(supply=minted, minted=minted, burned=0, balances=minted),
            events=events,
            escrow=Escrow(holding=0, escrowed=0),
            assets=tuple(self._assets()),
            shares=shares,
            carbon=self._carbon(),
        )

    def _settled(self) -> Iterator[SettledRecord]:
        """The leaves that a gateway makes of the same registers; all are settled together."""
        accounts = self._market.accounts
        numbers = dict(enumerate(accounts, 1))
        rated = {number: accounts[name].rated for number, name in numbers.items()}
        before: Mapping[int, Registers] = {}
        for day in range(midnight(self._plan.first_days[0]) // DAY_SECONDS, self._day + 1):
            first = day * self._per_day
            read = {
                number: {
                    bound: Registers(*self._registers[name, first + bound])
                    for bound in range(self._per_day + 1)
                }
                for number, name in numbers.items()
            }
            slot_seconds = self._plan.config.slot_seconds
            leaves = build_leaves(slot_seconds, list(numbers), read, rated, before).leaves
            before = leaves.last_registers()
            yield SettledRecord(
                community=_COMMUNITY,
                day=day,
                root=leaf_tree(leaves.records()).root,
                leaves=leaves,
                closed=tuple(numbers),
                passed_over={},
            )

    def _closed(self) -> list[ClosedDay]:
        names = ("net", "position", "taken", "given", "drawn", "kept", "from_grid", "fed_in")
        made = []
        for name, account in self._market.accounts.items():
            for day in sorted({slot // self._per_day for slot in account.balances}):
                rows = [account.balances[slot] for slot in self._market.rules.slots(day)]
                made.append(
                    ClosedDay(
                        account=name,
                        day=day,
                        money=sum(row.money for row in rows),
                        deemed=account.deemed,
                        **{field: sum(getattr(row, field) for row in rows) for field in names},
                    )
                )
        return sorted(made, key=lambda each: each.day)

    def _event(self) -> EventRecord:
        plan, event = self._plan, self._plan.event
        assert event is not None
        claims = plan.feeder.claims
        rewards = event_rewards(
            event.target_kw,
            REWARD_PER_KW,
            [Reduction(one.baseline_w - one.actual_w, metered=True) for one in claims],
        )
        budget = event.target_kw * REWARD_PER_KW
        return EventRecord(
            id=1,
            operator="operator",
            slots=event.slots,
            slot_seconds=event.slot_seconds,
            target_kw=event.target_kw,
            reward_per_kw=REWARD_PER_KW,
            budget=budget,
            refunded=budget - sum(rewards),
            rewards=tuple(
                RewardRecord(
                    account=account_of(one.household),
                    baseline_w=one.baseline_w,
                    actual_w=one.actual_w,
                    reduction_w=one.baseline_w - one.actual_w,
                    minimum_w=plan.feeder.min_reduction,
                    reward=reward,
                    paid=reward,
                    metered=True,
                )
                for one, reward in zip(claims, rewards, strict=True)
            ),
        )

    def _assets(self) -> list[AssetRecord]:
        first = midnight(self._plan.first_days[0]) // DAY_SECONDS
        sharing = self._plan.plants.sharing
        return [
            AssetRecord(
                id=number,
                owner="shares"
                if sharing is not None and plant == sharing.plant
                else account_of(plant.number),
                accounts=(account_of(plant.number),),
                capacity=plant.capacity_w,
                production={
                    first + days: after - before
                    for days, (before, after) in enumerate(
                        pairwise(self._plan.generated[plant.number])
                    )
                },
                value=plant.value * 10**6,
                book_value=plant.value * 10**6 // 2,
            )
            for number, plant in enumerate(self._plan.plants.plants, 1)
        ]

    def _shares(self, sharing: Sharing, revenue: int) -> SharesRecord:
        holdings = {account_of(number): SHARES_EACH for number in sharing.neighbours}
        holdings[account_of(sharing.plant.number)] = SHARES - sharing.given
        claimed = {one: revenue * held // SHARES for one, held in holdings.items() if revenue}
        return SharesRecord(
            asset=1 + self._plan.plants.plants.index(sharing.plant),
            address="shares",
            steward=account_of(sharing.plant.number),
            count=SHARES,
            holdings=holdings,
            received=revenue,
            revenues=(RevenueRecord(amount=revenue, holdings=holdings),) if revenue else (),
            claimed=claimed,
            claimable={},
            holding=revenue - sum(claimed.values()),
        )

    def _self_consumed(self, number: int) -> tuple[int, int]:
        """Wh of a plant in all slots of the day, and those that the house did not export."""
        (profile,) = (one for one in self._plan.days if one.household.number == number)
        slots = list(zip(profile.generated_wh, profile.nets_wh, strict=True))
        # A net of 0 may be that of a late reading, so it matches nothing.
        used = (min(wh, max(wh - net, 0)) for wh, net in slots if net)
        return sum(wh for wh, _ in slots), sum(used)

    def _carbon(self) -> CarbonRecord:
        plan, producers = self._plan, []
        sharing = plan.plants.sharing
        for plant in plan.plants.plants:
            certified, wh = 0, 0
            if plant == plan.plants.largest:
                certified, wh = self._self_consumed(plant.number)
            grams, remainder = divmod(wh * GRAMS, 1000)
            producers.append(
                CreditRecord(
                    account=account_of(plant.number),
                    certified=certified,
                    retired=((self._day, wh),) if wh else (),
                    remainder=remainder,
                    issued=grams,
                    energy=wh,
                    times=1 if wh else 0,
                )
            )
        issued = sum(one.issued for one in producers)
        retirements, retired = [], 0
        if sharing is not None:
            owner = account_of(sharing.plant.number)
            held = next(one.issued for one in producers if one.account == owner)
            if retired := held * sharing.given // SHARES:
                reason = f"plant {sharing.plant.number}"
                retirements.append(
                    Retirement(
                        account=owner,
                        beneficiary="shares",
                        amount=retired,
                        time=0,
                        reason=f"{reason} on {plan.config.day}",
                    )
                )
        return CarbonRecord(
            producers=tuple(producers),
            factors={self._day: GRAMS} if issued else {},
            retirements=tuple(retirements),
            issued=issued,
            retired=retired,
            supply=issued - retired,
            balances=issued - retired,
        )


def _history(plan: DemoPlan) -> FeederHistory:
    """What the grid's modules keep, by the rules in their interfaces."""
    feeder = plan.feeder
    loads = []
    for demand in feeder.reports.values():
        percentage = load_percentage(demand, feeder.rating_kw)
        loads.append(
            LoadReport(
                capacity=feeder.rating_kw,
                demand=demand,
                percentage=percentage,
                timestamp=plan.start,
                status=LoadStatus(load_status(percentage)),
            )
        )
    return FeederHistory(
        operator="operator",
        region="home",
        loads=tuple(loads),
        frequencies=tuple(
            StabilityReport(
                frequency=centihertz,
                voltage=100,
                phase_angle=0,
                timestamp=plan.start,
                level=level,
            )
            for centihertz, level in ((4942, StabilityLevel.ALERT), (5000, StabilityLevel.NORMAL))
        ),
        actions=(
            BalancingAction(
                id=1,
                region="home",
                operator="operator",
                action_type=ActionType.RESERVE_ACTIVATION,
                priority=1,
                target=5,
                created_at=plan.start,
                deadline=plan.start,
                status=ActionStatus.COMPLETED,
                automated=True,
            ),
        ),
    )
