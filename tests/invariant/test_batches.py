"""Batches on the chain and in the model, drawn at random; see README.md."""

from __future__ import annotations

from random import Random

from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
)

from energy_grid.domain.batch import Batch, Fill, Refusal
from energy_grid.domain.orders import OrderTerms, OrderType
from energy_grid.domain.periods import Period, PeriodKind
from tests.invariant.metered_batches import MeteredBatches
from tests.model.costs import Fees
from tests.support.examples import ChainMachine, Drive, rule
from tests.support.market import MONDAY, Market
from tests.support.signed_orders import sorted_orders

BUY, SELL = OrderType
HOURLY, DAILY = PeriodKind.HOURLY, PeriodKind.DAILY
FEES = [Fees(), Fees(protocol_bps=100, grid_per_kwh=37_501)]
# Seeds, and not draws of Hypothesis: it likes the extremes, and then next to nothing trades.
randoms = st.randoms(use_true_random=True)


class BatchesOnChain(ChainMachine):
    """Everything that can happen to signed orders, and what is measured around them."""

    @initialize(fees=st.sampled_from(FEES))
    def open(self, fees: Fees) -> None:
        self.before = self.market.node.snapshot()
        self.funded = set(self.market._funded)
        self.comparison = MeteredBatches(self.market, fees)

    def teardown(self) -> None:
        if hasattr(self, "before"):
            self.market.node.revert(self.before)
            self.market._funded.clear()
            self.market._funded.update(self.funded)

    # Time, money and accounts

    @rule(seconds=st.sampled_from([3, 900, 3600]))
    def wait(self, seconds: int) -> None:
        self.comparison.now += seconds

    @rule(data=st.data(), amount=st.sampled_from([0, 1, 100_000, 5_000_000]))
    def deposit(self, data: st.DataObject, amount: int) -> None:
        self.comparison.deposit(self.someone(data), amount)

    @rule(data=st.data(), left=st.sampled_from([-1, 0, 1, 100, 100_000]))
    def withdraw(self, data: st.DataObject, left: int) -> None:
        name = self.someone(data)
        available = self.comparison.settlement_model.account(name).available
        self.comparison.withdraw(name, max(0, available - left))

    @rule(data=st.data(), side=st.sampled_from(OrderType))
    def bar_or_not(self, data: st.DataObject, side: OrderType) -> None:
        self.comparison.bar_or_not(self.someone(data), side)

    def someone(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from(self.comparison.people))

    # Orders

    @rule(random=randoms, orders=st.integers(1, 6))
    def sign(self, random: Random, orders: int) -> None:
        for _ in range(orders):
            self.comparison.sign(random)

    @rule(random=randoms)
    def place(self, random: Random) -> None:
        self.comparison.place(random)

    @precondition(lambda self: list(self.comparison.settlement_model.book))
    @rule(random=randoms)
    def match_stored(self, random: Random) -> None:
        self.comparison.match_stored(random)

    @precondition(lambda self: list(self.comparison.settlement_model.book))
    @rule(random=randoms)
    def cancel_stored(self, random: Random) -> None:
        self.comparison.cancel_stored(random)

    @rule(random=randoms)
    def cancel_signed(self, random: Random) -> None:
        self.comparison.cancel_signed(random)

    @rule(random=randoms)
    def cancel_signed_below(self, random: Random) -> None:
        self.comparison.cancel_signed_below(random)

    @rule()
    def revoke(self) -> None:
        self.comparison.revoke()

    # Batches

    @rule(random=randoms, skip=st.booleans())
    def settle_batch(self, random: Random, skip: bool) -> None:
        self.comparison.settle_batch(self.comparison.draw_batch(random), skip=skip)

    @rule(random=randoms)
    def trade(self, random: Random) -> None:
        """The ordinary course of things: orders come in, and a careful keeper clears them."""
        for side in (*OrderType, *OrderType):
            self.comparison.sign(random, side)
        rest = self.comparison.pruned(self.comparison.draw_batch(random))
        if rest:
            assert self.comparison.settle_batch(rest, skip=False)

    @rule(random=randoms)
    def two_batches_of_the_same_orders(self, random: Random) -> None:
        """Made one after the other, carried out the other way round, and the first one again."""
        self.sign(random, 4)
        first, second = (self.comparison.draw_batch(random) for _ in range(2))
        for batch in (second, first, second):
            self.comparison.settle_batch(batch, skip=True)

    # What is measured

    @rule(random=randoms)
    def read(self, random: Random) -> None:
        self.comparison.now += 60
        self.comparison.read_any(random)

    @rule(data=st.data())
    def move_meter(self, data: st.DataObject) -> None:
        self.comparison.move_meter(data.draw(st.sampled_from(sorted(self.comparison.devices))))

    @rule(random=randoms, close=st.booleans())
    def a_market_hour(self, random: Random, close: bool) -> None:
        for _ in range(2):
            self.trade(random)
        the_hour_ends(random, self.comparison, close=close)

    # Settling and closing

    @precondition(lambda self: self.comparison.settlement_model.transactions)
    @rule(data=st.data(), max_slots=st.integers(0, 30))
    def settle(self, data: st.DataObject, max_slots: int) -> None:
        made = sorted(self.comparison.settlement_model.transactions)
        missing = [0, *{number + 1 for number in made} - set(made)]
        self.comparison.settle(data.draw(st.sampled_from([*made, *missing])), max_slots)

    @rule(settling=st.booleans())
    def close_all(self, settling: bool) -> None:
        self.comparison.now += 3 * self.market.grace
        if settling:
            self.comparison.settle_all()
        self.comparison.close_due()

    @rule(data=st.data(), age=st.integers(0, 4))
    def close_any(self, data: st.DataObject, age: int) -> None:
        slot = self.market.slot(self.comparison.now) - age
        self.comparison.close(self.someone(data), slot)

    @invariant()
    def the_chain_equals_the_model(self) -> None:
        if hasattr(self, "comparison"):
            self.comparison.assert_same()


def test_batches__driven_at_random__agree_with_the_model(market: Market, drive: Drive) -> None:
    drive(BatchesOnChain, market, examples=20, steps=40)


def test_one_kwh__sold_in_every_way_there_is__is_delivered_once(market: Market) -> None:
    """A kWh of one slot is sold by an on-chain order, in a batch of its hour and in one of its
    day."""
    comparison = MeteredBatches(market, Fees())
    seller, buyer, other, wallet = comparison.people
    start = comparison.now // 3600 * 3600
    hour, day = Period(kind=HOURLY, start=start), Period(kind=DAILY, start=MONDAY)

    def terms(trader: str, side: OrderType, period: Period) -> OrderTerms:
        return OrderTerms(
            trader=trader,
            order_type=side,
            amount=1000,
            price=100_000,
            expiry=period.end - 1,
            period=period,
        )

    comparison.place_order(terms(seller, SELL, hour))
    comparison.place_order(terms(buyer, BUY, hour))
    comparison.match(2, 1)
    for nonce, (period, trader) in enumerate([(hour, other), (day, wallet)]):
        orders = sorted_orders(
            comparison.sign_order(terms(seller, SELL, period), nonce),
            comparison.sign_order(terms(trader, BUY, period), nonce),
        )
        buy = [order.terms.trader for order in orders].index(trader)
        batch = Batch(
            period=period,
            price=100_000,
            order_set=bytes(32),
            signed_orders=orders,
            stored_orders=(),
            fills=(Fill(buy=buy, sell=1 - buy, amount=1000),),
        )
        assert comparison.settle_batch(batch, skip=False)
    slot = start // 3600
    comparison.now = start + 3600
    comparison.read(seller, start + 3600, 1000, 0, sign=True)
    for _ in range(2):
        comparison.settle_all()
    comparison.assert_same()
    energy = comparison.settlement_model.energy_of(seller, slot)
    assert (energy.produced, energy.sold) == (1000, 1000)
    delivered = [made.delivered for made in comparison.settlement_model.transactions.values()]
    assert sorted(delivered) == [0, 0, 1000]
    comparison.now += 3 * market.grace
    comparison.close_due()
    comparison.settle_all()
    comparison.assert_same()


def test_settle_batch__two_hundred_at_random__do_what_the_model_does(market: Market) -> None:
    seed = 20_240_101
    print(f"seed {seed}")
    random, comparison = Random(seed), MeteredBatches(market, FEES[1])
    for name in comparison.people[:3]:
        run_into_debt(comparison, name)
        for _ in range(67):
            happen(random, comparison)
            batch, how = comparison.draw_batch(random), random.random()
            if how < 0.3:
                batch = comparison.pruned(batch) or batch
            comparison.settle_batch(batch, skip=how > 0.5)
            if how > 0.93:
                the_hour_ends(random, comparison, close=random.random() < 0.3)
            comparison.assert_same()
    print(dict(comparison.seen))
    # The draws must be worth it: much is traded, and refused for most of the fifteen reasons.
    assert comparison.seen[Refusal.NONE] > 50
    assert len(comparison.seen) > 11


def run_into_debt(comparison: MeteredBatches, name: str) -> None:
    """Somebody without money draws from the grid, and everything due is closed."""
    comparison.withdraw(name, comparison.settlement_model.account(name).available)
    comparison.now += 60
    comparison.read(name, comparison.now + 1, 0, 15_000, sign=True)
    comparison.now += 3 * comparison.market.grace
    comparison.settle_all()
    comparison.close_due()


def the_hour_ends(random: Random, comparison: MeteredBatches, *, close: bool) -> None:
    """Meters say what was, and what is due is settled, and perhaps closed."""
    for name in comparison.devices:
        comparison.now += 60
        energies = (random.randint(0, 2000) for _ in range(2))
        comparison.read(name, comparison.now + 1, *energies, sign=random.random() < 0.5)
    if random.random() < 0.3:
        comparison.move_meter(random.choice(sorted(comparison.devices)))
    market = comparison.market
    end = (comparison.now // market.slot_length + 1) * market.slot_length
    comparison.now = end + random.randint(0, market.grace // 2)
    comparison.settle_all()
    if close:
        comparison.now += 3 * market.grace
        comparison.settle_all()
        comparison.close_due()


def happen(random: Random, comparison: MeteredBatches) -> None:
    """New orders, and now and then something that changes who can trade."""
    for _ in range(random.randint(2, 5)):
        comparison.sign(random)
    if random.random() < 0.3:
        comparison.place(random)
    if random.random() < 0.1:
        random.choice([comparison.cancel_signed, comparison.cancel_signed_below])(random)
    name = random.choice(comparison.people)
    if comparison.barred and random.random() < 0.4:
        comparison.bar_or_not(*min(comparison.barred))
    elif random.random() < 0.06:
        comparison.bar_or_not(name, random.choice(list(OrderType)))
    if random.random() < 0.06:
        comparison.withdraw(name, comparison.settlement_model.account(name).available)
    if random.random() < 0.25:
        poorest = min(
            comparison.people, key=lambda name: comparison.settlement_model.account(name).available
        )
        comparison.deposit(poorest, random.choice([100_000, 3_000_000]))
