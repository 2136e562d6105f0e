"""The market of trades on a chain, with all contracts that it calls, beside the model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from eth_account import Account as Keys
from eth_account.signers.local import LocalAccount

from tests.model.market import DAY, Market, Refused, Rules, Tariff, plus, refuse_if
from tests.support.core.chain import Chain, Reverted

__all__ = [
    "ADMIN",
    "BUY",
    "CREATE",
    "CREATE_FOR",
    "DAILY",
    "EVER",
    "FORWARDER",
    "GRID",
    "HOUR",
    "HOURLY",
    "KEEPER",
    "QUARTER",
    "REFUSALS",
    "SELL",
    "START",
    "TARIFF",
    "WEEKLY",
    "Fill",
    "Order",
    "TradingWorld",
    "length_of",
]

HOUR, WEEK = 3_600, 7 * DAY
HOURLY, DAILY, WEEKLY, QUARTER = range(4)
BUY, SELL = range(2)
ACTIVE, FILLED, CANCELLED = range(3)
START = 20_004 * DAY + 10 * HOUR + 450
"""A Tuesday in the morning."""
EVER = 2**256 - 1
TARIFF = Tariff(buy=300, feed_in=80, network_fee=20, protocol_fee=7, max_factor=15_000)
CREATE = "createOrder(uint256,uint256,uint256,uint8)"
CREATE_FOR = "createOrder(uint256,uint256,uint256,uint8,uint8,uint256)"
ADMIN, KEEPER, METER, GRID, FORWARDER = ("0x" + 40 * digit for digit in "12345")
NOBODY = "0x" + 40 * "0"
_ROLE_KEEPER = 7
_REASONS = {
    "SideBlocked": "SIDE_BLOCKED",
    "InDebt": "IN_DEBT",
    "GapOpen": "GAP_OPEN",
    "OtherRegion": "OTHER_REGION",
    "RegionClosed": "REGION_CLOSED",
    "InsufficientBalance": "INSUFFICIENT_BALANCE",
}
REFUSALS = (
    "NONE",
    "WRONG_SIGNATURE",
    "NONCE_SPENT",
    "EXPIRED",
    "WORSE_THAN_LIMIT",
    "UNKNOWN_ACCOUNT",
    "NO_SUCH_ORDER",
    "NOT_ACTIVE",
    "OTHER_PERIOD",
    "WRONG_SIDE",
    "OVERFILLED",
    "SELF_TRADE",
    "INVALID_AMOUNT",
    "BELOW_FLOOR",
    "SIDE_BLOCKED",
    "IN_DEBT",
    "GAP_OPEN",
    "POSITION_TOO_LARGE",
    "OTHER_REGION",
    "INSUFFICIENT_BALANCE",
    "REGION_CLOSED",
)


@dataclass(kw_only=True)
class Order:
    """An order, stored or signed, as the rules see it; amounts in Wh of each slot."""

    trader: str
    side: int
    kind: int
    start: int
    amount: int
    price: int
    expiry: int
    remaining: int
    status: int = ACTIVE
    nonce: int = 0
    signature: tuple[bytes, bytes] = (b"", b"")

    @property
    def period(self) -> tuple[int, int]:
        """Kind and start."""
        return self.kind, self.start

    def allows(self, price: int) -> bool:
        """Whether it would trade at this price."""
        return price <= self.price if self.side == BUY else price >= self.price


Fill = tuple[int, int, int]
"""The places of a BUY and a SELL in a batch, and Wh of the whole period."""


def length_of(kind: int) -> int:
    """Seconds of a period."""
    return (HOUR, DAY, WEEK, 900)[kind]


class TradingWorld:
    """Contracts, model, and the orders of both."""

    def __init__(
        self,
        *,
        slot: int = 900,
        tariff: Tariff = TARIFF,
        burst: int = 10_000,
        chain: Chain | None = None,
    ) -> None:
        self.chain = chain or Chain(START)
        self.rules = Rules(slot_seconds=slot, max_buy=600_000_000, max_fee=100_000)
        self.market = Market(self.rules, tariff, min(50, tariff.feed_in))
        self.keys: dict[str, LocalAccount] = {}
        self.orders: list[Order] = []
        self.signed: list[Order] = []
        self._deploy(tariff, burst)
        self._fund_grid(10**9)

    def _deploy(self, tariff: Tariff, burst: int) -> None:
        deploy = self.chain.deploy
        self.manager = deploy("AccessManager", ADMIN)
        self.dollar = deploy("TestDollar", "0x" + 40 * "0")
        packed = (tariff.buy, tariff.feed_in, tariff.network_fee, tariff.protocol_fee)
        slot = self.rules.slot_seconds
        ceilings = (self.rules.max_buy, self.rules.max_fee, self.rules.max_fee)
        self.tariffs = deploy(
            *("Tariffs", self.manager.address, GRID, (slot, 7_200, *ceilings)),
            *(b"home".ljust(32, b"\0"), (*packed, tariff.max_factor), min(50, tariff.feed_in)),
        )
        energy, settlement, trading = (self.chain.address_after(after) for after in range(3))
        self.energy = deploy(
            *("EnergyAccounts", self.manager.address),
            *((settlement, METER, NOBODY, NOBODY, self.tariffs.address), self.rules.grace),
        )
        self.settlement = deploy(
            *("Settlement", self.manager.address, self.dollar.address),
            (trading, NOBODY, METER, NOBODY, GRID, energy, self.tariffs.address, NOBODY, NOBODY),
            *((slot, DAY, DAY, 10**6, 10**7), 10**15),
        )
        self.trading = deploy(
            *(
                "EnergyTrading",
                self.manager.address,
                FORWARDER,
                self.tariffs.address,
                self.settlement.address,
                (burst, 1),
            ),
        )
        self.as_keeper("settleBatch")

    def as_keeper(self, function: str) -> None:
        """Who may call it from now on."""
        selector = self.trading.abi.function(function).selector
        self.manager.setTargetFunctionRole(self.trading.address, [selector], _ROLE_KEEPER, by=ADMIN)
        self.manager.grantRole(_ROLE_KEEPER, KEEPER, 0, by=ADMIN)

    # Who and when

    @property
    def now(self) -> int:
        """Unix seconds."""
        return self.chain.now

    def address(self, name: str) -> str:
        """Of an account."""
        return self.keys[name].address

    def number(self, name: str) -> int:
        """Of an account, in Settlement."""
        return int(self.settlement.numberOf(self.address(name)))

    def _mint(self, holder: str, amount: int) -> None:
        for start in range(0, amount, 10**10):
            self.dollar.faucet(min(10**10, amount - start), by=holder)
        self.dollar.approve(self.settlement.address, 2**255, by=holder)

    def _fund_grid(self, amount: int) -> None:
        self._mint(ADMIN, amount)
        self.settlement.fundGrid(amount, by=ADMIN)
        self.market.fund_grid(amount * 1000)

    def stranger(self, name: str) -> str:
        """A key without an account; its address."""
        self.keys[name] = Keys.from_key(len(self.keys).to_bytes(31) + b"\1")
        return self.address(name)

    def open(self, name: str, money: int) -> None:
        """An account with money, in base units."""
        self.stranger(name)
        self.market.open(name, self.now)
        self.deposit(name, money)

    def deposit(self, name: str, money: int) -> None:
        """Base units."""
        self._mint(self.address(name), money)
        self.settlement.deposit(money, by=self.address(name))
        self.market.deposit(name, money * 1000)

    def attach(self, name: str, rated: int, security: int = 1) -> None:
        """A meter of the next day."""
        number, first = self.number(name), (self.now // DAY + 1) * self.rules.day_slots
        self.settlement.takeSecurity(number, security, rated, by=METER)
        self.energy.attach(number, 1, first, rated, by=METER)
        self.market.attach(name, rated, (0, 0), security * 1000, self.now)

    def read(self, nets: dict[str, int]) -> None:
        """Of the slot that has just ended, in time."""
        end, words = self.now // self.rules.slot_seconds, []
        for name, net in nets.items():
            account = self.market.accounts[name]
            imported, exported = account.registers
            registers = imported + plus(-net), exported + plus(net)
            self.market.read(name, end, registers, self.now)
            if end > account.metered[0]:
                words.append((end - 1) << 64 | self.number(name) << 32 | net + 2**31)
        if words:
            self.energy.record(words, by=METER)

    def live(self, until: int, nets: Callable[[str], int]) -> None:
        """Slots pass, and every meter is read when one ends."""
        length = self.rules.slot_seconds
        while (end := (self.now // length + 1) * length) <= until:
            self.chain.set_time(end)
            metered = [
                name
                for name, account in self.market.accounts.items()
                if account.metered[0] <= end // length <= account.metered[1] and account.rated
            ]
            self.read({name: nets(name) for name in metered})
        self.chain.set_time(until)

    def close(self, names: Sequence[str], day: int) -> None:
        """Days of accounts, up to and including this one."""

        def of_model() -> None:
            refuse_if(not self.market.close(names, day, self.now), "NothingToClose")

        addresses = [self.address(name) for name in names]
        self.both(of_model, lambda: self.settlement.closeThrough(addresses, day, by=KEEPER))

    # Orders

    def slots(self, kind: int, start: int) -> range:
        """Of a period."""
        length = self.rules.slot_seconds
        return range(start // length, (start + length_of(kind)) // length)

    def rates(self, slots: range, price: int) -> tuple[int, int]:
        """What a buyer pays and a seller locks, in thousandths for a Wh in each slot."""
        tariffs = [self.market.tariffs["home"].at(self.rules.day_of(slot)) for slot in slots]
        left = price - tariffs[0].fees
        cover = max(plus(tariff.max_buy - plus(left)) for tariff in tariffs)
        return price, cover + plus(-left)

    def money(self, order: Order, per_slot: int, price: int) -> int:
        """What an order needs at a price."""
        slots = self.slots(*order.period)
        return per_slot * len(slots) * self.rates(slots, price)[order.side]

    def probe(self) -> Market:
        """The model, less what resting orders lock: it has no orders."""
        market = deepcopy(self.market)
        for order in self.orders:
            if order.status == ACTIVE:
                market.accounts[order.trader].free -= self.money(
                    order, order.remaining, order.price
                )
        return market

    def lock(self, market: Market, order: Order, per_slot: int, price: int, back: int = 0) -> None:
        """What Settlement does for an order; `back` is what was locked for it."""
        account = market.accounts[order.trader]
        refuse_if(order.side == BUY and account.debt > 0, "InDebt")
        market._require_no_gap(order.trader, self.now)
        account.free += back
        try:
            market._require_free(order.trader, self.money(order, per_slot, price), self.now)
        except Refused:
            account.free -= back
            raise
        account.free -= self.money(order, per_slot, price)

    def is_closed(self, order: Order) -> bool:
        """Whether its region does not trade on its side for now; here there are no emergencies."""
        del order
        return False

    def place(
        self, name: str, side: int, kind: int, start: int, amount: int, price: int, *, expiry: int
    ) -> int:
        """An on-chain order of so many Wh in each slot; 0 if both refuse it."""
        slots = self.slots(kind, start)
        order = Order(
            trader=name,
            side=side,
            kind=kind,
            start=start,
            amount=amount,
            price=price,
            expiry=min(expiry, start - 1),
            remaining=amount,
        )

        def of_model() -> None:
            refuse_if(self.now >= start, "GateClosed")
            end = start + length_of(kind)
            refuse_if(end > self.now + self.rules.horizon, "BeyondHorizon")
            refuse_if(expiry < self.now, "ExpiryInPast")
            self.lock(self.probe(), order, amount, price)

        def of_chain() -> None:
            terms = amount * len(slots), price, expiry, side, kind, start
            self.trading.call(CREATE_FOR, *terms, by=self.address(name))

        if not self.both(of_model, of_chain):
            return 0
        self.orders.append(order)
        return len(self.orders)

    def cancel(self, order_id: int, by: str) -> bool:
        """By the owner, or by anybody once it has expired."""
        order = self.orders[order_id - 1]

        def of_model() -> None:
            refuse_if(order.status != ACTIVE, "NotActive")
            refuse_if(order.trader != by and self.now <= order.expiry, "NotOwner")

        done = self.both(of_model, lambda: self.trading.cancelOrder(order_id, by=self.address(by)))
        if done:
            order.status = CANCELLED
        return done

    def match(self, buy_id: int, sell_id: int) -> bool:
        """At the price of the earlier order, as much as both have."""
        buy, sell = self.orders[buy_id - 1], self.orders[sell_id - 1]
        price = (buy if buy_id < sell_id else sell).price
        fill = min(buy.remaining, sell.remaining)

        def of_model() -> None:
            for order, side in (buy, BUY), (sell, SELL):
                refuse_if(order.status != ACTIVE, "NotActive")
                refuse_if(order.side != side, "WrongSide")
                refuse_if(self.now > order.expiry, "Expired")
            refuse_if(buy.period != sell.period, "PeriodMismatch")
            refuse_if(buy.trader == sell.trader, "SelfTrade")
            refuse_if(buy.price < sell.price, "NotCrossing")
            probe = self.probe()
            regions = [self.market.accounts[order.trader].region for order in (buy, sell)]
            for order, region in zip((buy, sell), regions, strict=True):
                short = None
                try:
                    self.lock(probe, order, fill, price, self.money(order, fill, order.price))
                except Refused as refusal:
                    if refusal.name != "InsufficientBalance":
                        raise
                    short = refusal
                # Money is asked last.
                refuse_if(region != regions[0], "OtherRegion")
                refuse_if(self.is_closed(order), "RegionClosed")
                if short is not None:
                    raise short

        if not self.both(of_model, lambda: self.trading.matchOrders(buy_id, sell_id, by=KEEPER)):
            return False
        self.market.open_grid()
        self.trade(buy, sell, fill, price)
        for order in buy, sell:
            self._fill(order, fill)
        return True

    def trade(self, buy: Order, sell: Order, per_slot: int, price: int) -> None:
        """In the model, which must not refuse."""
        slots = self.slots(*buy.period)
        self.market.book(buy.trader, sell.trader, slots, per_slot, price, self.now)

    def _fill(self, order: Order, per_slot: int) -> None:
        order.remaining -= per_slot
        if not order.remaining:
            order.status = FILLED

    # Signed orders and batches

    def sign(
        self,
        name: str,
        side: int,
        period: tuple[int, int],
        amount: int,
        price: int,
        nonce: int,
        *,
        expiry: int = EVER,
    ) -> Order:
        """A signed order of so many Wh in each slot."""
        order = Order(
            trader=name,
            side=side,
            kind=period[0],
            start=period[1],
            amount=amount,
            price=price,
            expiry=expiry,
            remaining=amount,
            nonce=nonce,
        )
        order_hash = self.trading.hashOrder(self.packed(order), *period)
        signature = self.keys[name].unsafe_sign_hash(order_hash)
        vs = signature.s | (signature.v - 27) << 255
        order.signature = signature.r.to_bytes(32), vs.to_bytes(32)
        self.signed.append(order)
        return order

    def packed(self, order: Order) -> tuple[Any, ...]:
        """As the contract takes a signed order."""
        wh = order.amount * len(self.slots(*order.period))
        r, vs = order.signature if order.signature[0] else (bytes(32), bytes(32))
        terms = self.address(order.trader), order.side, wh, order.price, order.expiry
        return *terms, order.nonce, r, vs

    def sorted(self, orders: Sequence[Order]) -> list[Order]:
        """As a batch wants them."""
        return sorted(orders, key=lambda each: (int(self.address(each.trader), 16), each.nonce))

    def hash(self, order: Order) -> int:
        """What names a signed order in events."""
        answer = self.trading.hashOrder(self.packed(order), *order.period)
        return int.from_bytes(answer)

    def batch(
        self,
        period: tuple[int, int],
        price: int,
        signed: Sequence[Order],
        stored: Sequence[int],
        fills: Sequence[Fill],
    ) -> tuple[Any, ...]:
        """As the contract takes it."""
        orders = [self.packed(order) for order in signed]
        return *period, price, bytes(32), orders, list(stored), list(fills), []

    def settle_batch(
        self,
        period: tuple[int, int],
        price: int,
        signed: Sequence[Order],
        stored: Sequence[int],
        fills: Sequence[Fill],
    ) -> int:
        """The keeper skips what cannot be; how many trades, after comparing what was skipped."""
        expected = _Batch(self, period, price, signed, stored, fills)
        batch = self.batch(period, price, signed, stored, fills)
        count = self.trading.settleBatch(batch, True, by=KEEPER)
        logs = [values for _, name, values in self.chain.logs if name == "OrderSkipped"]
        skipped = [(values["order_id"], REFUSALS[values["reason"]]) for values in logs]
        assert skipped == expected.skipped
        assert count == len(expected.trades)
        self.market.open_grid()
        for buy, sell, per_slot in expected.trades:
            self.trade(buy, sell, per_slot, price)
            self._fill(buy, per_slot)
            self._fill(sell, per_slot)
        return int(count)

    # Both

    def both(self, of_model: Any, of_chain: Any) -> bool:
        """The same of both: both do it, or both refuse it by the same error."""
        refusals = []
        for call in (of_model, of_chain):
            try:
                call()
                refusals.append("")
            except Refused as refusal:
                refusals.append(refusal.name)
            except Reverted as refusal:
                refusals.append(refusal.name.split("_")[-1])
                if refusal.name == "EnergyTrading_Refused":
                    reason = REFUSALS[refusal.values[1]]
                    refusals[-1] = next(key for key, name in _REASONS.items() if name == reason)
        assert refusals[0] == refusals[1], refusals
        return not refusals[0]

    def compare(self, days: Sequence[int] = (), slots: Sequence[int] = ()) -> None:
        """Money of everybody, and positions in some slots."""
        market = self.probe()
        for name, account in market.accounts.items():
            number, word, owed, _ = self.settlement.accountOf(self.address(name))
            fields = (word, 0, 88), (word, 88, 40), (word, 128, 16), (owed, 0, 88), (owed, 88, 88)
            found = [value >> at & (1 << bits) - 1 for value, at, bits in fields]
            expected = [account.free, account.credits, account.day, account.debt]
            assert found == [*expected, account.receivable], name
            for day in days:
                of_day = self.rules.slots(day)
                income = sum(account.income.get(slot, 0) for slot in of_day)
                cover = sum(account.locked.get(slot, 0) for slot in of_day)
                if day >= account.day:
                    money = self.settlement.dayMoneyOf(number, day)
                    assert tuple(money) == (income, cover), (name, day)
            for slot in slots:
                position = self.energy.positionOf(number, slot)
                assert position == account.position.get(slot, 0), (name, slot)
        cash, _, fees, *_ = self.settlement.gridAccount()
        assert (cash, fees) == (market.cash, market.protocol_fees)


class _Batch:
    """What must become of a batch in skip mode, step by step."""

    def __init__(
        self,
        world: TradingWorld,
        period: tuple[int, int],
        price: int,
        signed: Sequence[Order],
        stored: Sequence[int],
        fills: Sequence[Fill],
    ) -> None:
        self.world, self.period, self.price = world, period, price
        self.skipped: list[tuple[int, str]] = []
        self.orders = [*signed, *(world.orders[order_id - 1] for order_id in stored)]
        self.ids = [*map(world.hash, signed), *stored]
        self.is_signed = [place < len(signed) for place in range(len(self.orders))]
        self.out = {place for place in range(len(self.orders)) if self._refuse_order(place)}
        self.open = [order.remaining for order in self.orders]
        slots = len(world.slots(*period))
        plan = [fill for fill in fills if self._take(fill, slots)]
        while plan and (refused := self._refused_legs(plan, slots)):
            self.out |= refused
            plan = [fill for fill in plan if not {fill[0], fill[1]} & self.out]
        self.trades = [(self.orders[buy], self.orders[sell], wh // slots) for buy, sell, wh in plan]

    def _skip(self, place: int, reason: str) -> bool:
        self.skipped.append((self.ids[place], reason))
        return True

    def _refuse_order(self, place: int) -> bool:
        order = self.orders[place]
        if order.status != ACTIVE:
            return self._skip(place, "NONCE_SPENT" if self.is_signed[place] else "NOT_ACTIVE")
        if order.period != self.period:
            return self._skip(place, "WRONG_SIGNATURE" if self.is_signed[place] else "OTHER_PERIOD")
        if self.world.now > order.expiry:
            return self._skip(place, "EXPIRED")
        return not order.allows(self.price) and self._skip(place, "WORSE_THAN_LIMIT")

    def _take(self, fill: Fill, slots: int) -> bool:
        buy, sell, wh = fill
        if {buy, sell} & self.out:
            return False
        if self.orders[buy].side != BUY:
            return not self._skip(buy, "WRONG_SIDE")
        if self.orders[sell].side != SELL:
            return not self._skip(sell, "WRONG_SIDE")
        if self.orders[buy].trader == self.orders[sell].trader:
            return not self._skip(buy, "SELF_TRADE")
        if wh % slots or not wh:
            return not self._skip(buy, "INVALID_AMOUNT")
        for place in buy, sell:
            if wh // slots > self.open[place]:
                return not self._skip(place, "OVERFILLED")
        for place in buy, sell:
            self.open[place] -= wh // slots
        return True

    def _refused_legs(self, plan: list[Fill], slots: int) -> set[int]:
        probe, refused = self.world.probe(), set()
        region = ""
        for place, order in enumerate(self.orders):
            per_slot = sum(wh // slots for *places, wh in plan if place in places)
            if not per_slot:
                continue
            back = 0 if self.is_signed[place] else self.world.money(order, per_slot, order.price)
            account, reason = probe.accounts[order.trader], ""
            free = account.free
            try:
                self.world.lock(probe, order, per_slot, self.price, back)
            except Refused as refusal:
                reason = refusal.name
            if reason in ("", "InsufficientBalance"):
                # Money is asked last, of accounts of one region: that of the first.
                region = region or account.region
                if account.region != region:
                    account.free, reason = free, "OtherRegion"
                elif self.world.is_closed(order):
                    account.free, reason = free, "RegionClosed"
            if reason:
                self._skip(place, _REASONS[reason])
                refused.add(place)
        return refused
