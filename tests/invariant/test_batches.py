"""Batches on the chain and in the model, drawn at random; see README.md."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
)

from energy_grid.domain.batch import Batch, Fill, Refusal
from energy_grid.domain.orders import OrderTerms, OrderType
from energy_grid.domain.periods import Period, PeriodKind
from tests.invariant.reader_twins import ReaderTwins
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
        self.twins = ReaderTwins(self.market, fees)

    def teardown(self) -> None:
        if hasattr(self, "before"):
            self.market.node.revert(self.before)
            self.market._funded.clear()
            self.market._funded.update(self.funded)

    # Time, money and accounts

    @rule(seconds=st.sampled_from([3, 900, 3600]))
    def wait(self, seconds: int) -> None:
        self.twins.now += seconds

    @rule(data=st.data(), amount=st.sampled_from([0, 1, 100_000, 5_000_000]))
    def deposit(self, data: st.DataObject, amount: int) -> None:
        self.twins.deposit(self.someone(data), amount)

    @rule(data=st.data(), left=st.sampled_from([-1, 0, 1, 100, 100_000]))
    def withdraw(self, data: st.DataObject, left: int) -> None:
        name = self.someone(data)
        self.twins.withdraw(name, max(0, self.twins.ledger.account(name).available - left))

    @rule(data=st.data(), side=st.sampled_from(OrderType))
    def bar_or_not(self, data: st.DataObject, side: OrderType) -> None:
        self.twins.bar_or_not(self.someone(data), side)

    def someone(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from(self.twins.people))

    # Orders

    @rule(random=randoms, orders=st.integers(1, 6))
    def sign(self, random: Random, orders: int) -> None:
        for _ in range(orders):
            self.twins.sign(random)

    @rule(random=randoms)
    def place(self, random: Random) -> None:
        self.twins.place(random)

    @precondition(lambda self: list(self.twins.ledger.book))
    @rule(random=randoms)
    def match_stored(self, random: Random) -> None:
        self.twins.match_stored(random)

    @precondition(lambda self: list(self.twins.ledger.book))
    @rule(random=randoms)
    def cancel_stored(self, random: Random) -> None:
        self.twins.cancel_stored(random)

    @rule(random=randoms)
    def cancel_signed(self, random: Random) -> None:
        self.twins.cancel_signed(random)

    @rule(random=randoms)
    def cancel_signed_below(self, random: Random) -> None:
        self.twins.cancel_signed_below(random)

    @rule()
    def revoke(self) -> None:
        self.twins.revoke()

    # Batches

    @rule(random=randoms, skip=st.booleans())
    def settle_batch(self, random: Random, skip: bool) -> None:
        self.twins.settle_batch(self.twins.draw_batch(random), skip=skip)

    @rule(random=randoms)
    def trade(self, random: Random) -> None:
        """The ordinary course of things: orders come in, and a careful keeper clears them."""
        for side in (*OrderType, *OrderType):
            self.twins.sign(random, side)
        rest = self.twins.pruned(self.twins.draw_batch(random))
        if rest:
            assert self.twins.settle_batch(rest, skip=False)

    @rule(random=randoms)
    def two_batches_of_the_same_orders(self, random: Random) -> None:
        """Made one after the other, carried out the other way round, and the first one again."""
        self.sign(random, 4)
        first, second = (self.twins.draw_batch(random) for _ in range(2))
        for batch in (second, first, second):
            self.twins.settle_batch(batch, skip=True)

    # What is measured

    @rule(random=randoms)
    def read(self, random: Random) -> None:
        self.twins.now += 60
        self.twins.read_any(random)

    @rule(data=st.data())
    def change_reader(self, data: st.DataObject) -> None:
        self.twins.change_reader(data.draw(st.sampled_from(sorted(self.twins.devices))))

    @rule(random=randoms)
    def anchor(self, random: Random) -> None:
        self.twins.anchor(random)

    @precondition(lambda self: self.twins.trees)
    @rule(random=randoms)
    def prove(self, random: Random) -> None:
        self.twins.prove_any(random)

    @rule(random=randoms, prove=st.booleans(), close=st.booleans())
    def a_market_hour(self, random: Random, prove: bool, close: bool) -> None:
        for _ in range(2):
            self.trade(random)
        the_hour_ends(random, self.twins, prove=prove, close=close)

    # Settling and closing

    @precondition(lambda self: self.twins.ledger.transactions)
    @rule(data=st.data(), max_slots=st.integers(0, 30))
    def settle(self, data: st.DataObject, max_slots: int) -> None:
        made = sorted(self.twins.ledger.transactions)
        missing = [0, *{number + 1 for number in made} - set(made)]
        self.twins.settle(data.draw(st.sampled_from([*made, *missing])), max_slots)

    @rule(settling=st.booleans())
    def close_all(self, settling: bool) -> None:
        self.twins.now += 3 * self.market.grace
        if settling:
            self.twins.settle_all()
        self.twins.close_due()

    @rule(data=st.data(), age=st.integers(0, 4))
    def close_any(self, data: st.DataObject, age: int) -> None:
        slot = self.market.slot(self.twins.now) - age
        self.twins.close(self.someone(data), slot)

    @invariant()
    def the_chain_says_what_the_model_says(self) -> None:
        if hasattr(self, "twins"):
            self.twins.assert_same()


def test_batches__driven_at_random__agree_with_the_model(market: Market, drive: Drive) -> None:
    drive(BatchesOnChain, market, examples=20, steps=40)


@pytest.mark.parametrize("anchored_first", [True, False])
def test_one_kwh__sold_in_every_way_there_is__is_delivered_once(
    market: Market, anchored_first: bool
) -> None:
    """A kWh of one slot is sold by a stored order, in a batch of its hour and in one of its day;
    a reading and a proof both claim it."""
    twins = ReaderTwins(market, Fees())
    seller, buyer, other, wallet = twins.people
    start = twins.now // 3600 * 3600
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

    twins.place_order(terms(seller, SELL, hour))
    twins.place_order(terms(buyer, BUY, hour))
    twins.match(2, 1)
    for nonce, (period, trader) in enumerate([(hour, other), (day, wallet)]):
        orders = sorted_orders(
            twins.sign_order(terms(seller, SELL, period), nonce),
            twins.sign_order(terms(trader, BUY, period), nonce),
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
        assert twins.settle_batch(batch, skip=False)
    slot = start // 3600
    if not anchored_first:
        twins.now += 60
        twins.read(seller, twins.now, 1000, 0, sign=True)
    # From here on the gateway reads the account; its meter comes back in the next slot.
    twins.change_reader(seller)
    twins.now = start + 3600
    twins.anchor_energies(slot, {seller: (1000, 0)})
    for _ in range(2):
        twins.prove_all(slot)
    twins.change_reader(seller)
    if anchored_first:
        twins.read(seller, start + 3600, 1000, 0, sign=True)
    # The second claim: two proofs and none left for a reading, or two proofs after a reading.
    claim = "Settlement_SlotProven" if anchored_first else "Settlement_SlotMetered"
    assert twins.errors == {claim: 2}
    for _ in range(2):
        twins.settle_all()
    twins.assert_same()
    energy = twins.ledger.energy_of(seller, slot)
    assert (energy.produced, energy.sold) == (1000, 1000)
    delivered = [made.delivered for made in twins.ledger.transactions.values()]
    assert sorted(delivered) == [0, 0, 1000]
    twins.now += 3 * market.grace
    twins.close_due()
    twins.settle_all()
    twins.assert_same()


def test_settle_batch__two_hundred_at_random__do_what_the_model_does(market: Market) -> None:
    seed = 20_240_101
    print(f"seed {seed}")
    random, twins = Random(seed), ReaderTwins(market, FEES[1])
    for name in twins.people[:3]:
        run_into_debt(twins, name)
        for _ in range(67):
            happen(random, twins)
            batch, how = twins.draw_batch(random), random.random()
            if how < 0.3:
                batch = twins.pruned(batch) or batch
            twins.settle_batch(batch, skip=how > 0.5)
            if how > 0.93:
                the_hour_ends(random, twins, prove=how < 0.97, close=random.random() < 0.3)
            twins.assert_same()
    print(dict(twins.seen))
    # The draws must be worth it: much is traded, and refused for most of the fifteen reasons.
    assert twins.seen[Refusal.NONE] > 50
    assert len(twins.seen) > 11


def run_into_debt(twins: ReaderTwins, name: str) -> None:
    """Somebody without money draws from the grid, and everything due is closed."""
    twins.withdraw(name, twins.ledger.account(name).available)
    twins.now += 60
    twins.read(name, twins.now + 1, 0, 15_000, sign=True)
    twins.now += 3 * twins.market.grace
    twins.settle_all()
    twins.close_due()


def the_hour_ends(random: Random, twins: ReaderTwins, *, prove: bool, close: bool) -> None:
    """Meters and the gateway say what was, and what is due is settled, and perhaps closed."""
    for name in twins.devices:
        twins.now += 60
        energies = (random.randint(0, 2000) for _ in range(2))
        twins.read(name, twins.now + 1, *energies, sign=random.random() < 0.5)
    if random.random() < 0.3:
        twins.change_reader(random.choice(sorted(twins.devices)))
    twins.anchor(random)
    if prove:
        twins.prove_all(max(twins.trees))
    twins.settle_all()
    if close:
        twins.now += 3 * twins.market.grace
        twins.settle_all()
        twins.close_due()
    if random.random() < 0.3:
        twins.prove_any(random)


def happen(random: Random, twins: ReaderTwins) -> None:
    """New orders, and now and then something that changes who can trade."""
    for _ in range(random.randint(2, 5)):
        twins.sign(random)
    if random.random() < 0.3:
        twins.place(random)
    if random.random() < 0.1:
        random.choice([twins.cancel_signed, twins.cancel_signed_below])(random)
    name = random.choice(twins.people)
    if twins.barred and random.random() < 0.4:
        twins.bar_or_not(*min(twins.barred))
    elif random.random() < 0.06:
        twins.bar_or_not(name, random.choice(list(OrderType)))
    if random.random() < 0.06:
        twins.withdraw(name, twins.ledger.account(name).available)
    if random.random() < 0.25:
        poorest = min(twins.people, key=lambda name: twins.ledger.account(name).available)
        twins.deposit(poorest, random.choice([100_000, 3_000_000]))
