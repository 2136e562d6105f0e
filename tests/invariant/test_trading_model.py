"""Random order books of all periods, beside the model: money, positions, income and cover."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest

from tests.model.market import DAY, Tariff
from tests.support.core.trading_world import (
    BUY,
    DAILY,
    EVER,
    HOUR,
    HOURLY,
    QUARTER,
    SELL,
    WEEKLY,
    TradingWorld,
    length_of,
)
from tests.support.examples import Seeds, live_all

NAMES = ("north", "east", "south", "west", "poor")
METERED = ("north", "east", "poor")
TARIFFS = (
    Tariff(buy=300, feed_in=80, network_fee=20, protocol_fee=7, max_factor=15_000),
    Tariff(buy=31, feed_in=0, network_fee=0, protocol_fee=0, max_factor=10_000),
    Tariff(buy=300_001, feed_in=80_000, network_fee=50_000, protocol_fee=99_999),
)


class RandomBook:
    """Orders, matches and batches at random."""

    names: Sequence[str] = NAMES

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.slot = self.random.choice([900, 3600])
        self.tariff = self.random.choice(TARIFFS)
        self.world = TradingWorld(slot=self.slot, tariff=self.tariff)
        self.nonce = 0
        for name in NAMES:
            money = 10**4 * self.tariff.buy if name != "poor" else 30 * self.tariff.buy
            self.world.open(name, money)
        for name in METERED:
            self.world.attach(name, 800)
        self.world.live(self.world.now // DAY * DAY + DAY + HOUR // 3, self.net)

    def net(self, name: str) -> int:
        """A slot of a household."""
        most = 700 * self.slot // 3600
        return self.random.randint(-most, most // 2 if name == "north" else 0)

    def period(self) -> tuple[int, int]:
        """Any that can be traded, and some that cannot."""
        kinds = [HOURLY, DAILY, WEEKLY, *([QUARTER] if self.slot == 900 else [])]
        kind, now = self.random.choice(kinds), self.world.now
        ahead = 1 if self.random.random() < 0.9 else self.random.choice([0, 2])
        if kind == WEEKLY:
            monday = (now // DAY + 3) // 7 * 7 - 3
            return kind, (monday + 7 * ahead) * DAY
        length = length_of(kind)
        return kind, (now // length + ahead) * length

    def price(self) -> int:
        """About what the grid takes and gives."""
        return self.random.randint(0, self.tariff.buy + 2 * self.tariff.fees)

    def place(self) -> None:
        """Any order."""
        name, amount = self.random.choice(self.names), self.random.choice([1, 7, 40, 300])
        expiry = self.random.choice([EVER, EVER, self.world.now + 2000])
        if self.random.random() < 0.05:
            expiry = self.world.now - 1
        kind, start = self.period()
        side = self.random.choice([BUY, SELL])
        self.world.place(name, side, kind, start, amount, self.price(), expiry=expiry)

    def answer(self, place: int) -> None:
        """Another order that mostly fits this one."""
        order, better = self.world.orders[place], self.random.randint(-1, 5)
        price = max(0, order.price + (better if order.side == SELL else -better))
        self.world.place(
            *(self.random.choice(self.names), 1 - order.side, *order.period),
            *(self.random.choice([1, order.amount, 2 * order.amount]), price),
            expiry=EVER,
        )

    def match(self) -> None:
        """Any two orders, mostly of one period and both sides of it."""
        orders = self.world.orders
        resting = [place for place, order in enumerate(orders) if not order.status]
        if not resting:
            return
        first = self.random.choice(resting)
        if self.random.random() < 0.1:
            first = self.random.randrange(len(orders))
        fitting = [
            place
            for place in resting
            if orders[place].period == orders[first].period
            and orders[place].side != orders[first].side
        ]
        if not fitting:
            self.answer(first)
            fitting = [len(orders) - 1]
        pair = [first, self.random.choice(fitting)]
        if orders[first].side != BUY and self.random.random() < 0.9:
            pair.reverse()
        self.world.match(pair[0] + 1, pair[1] + 1)

    def cancel(self) -> None:
        """Any order, mostly by its owner."""
        if orders := self.world.orders:
            place = self.random.randrange(len(orders))
            by = self.random.choice([orders[place].trader, *self.names])
            self.world.cancel(place + 1, by)

    def batch(self) -> None:
        """Signed and on-chain orders of a period, with fills that sometimes do not fit."""
        world = self.world
        period = kind, start = self.period()
        if world.now >= start or start + length_of(kind) > world.now + world.rules.horizon:
            return
        price, slots = self.price(), len(world.slots(*period))
        for _ in range(self.random.randint(1, 6)):
            self.nonce += 1
            side, limit = self.random.choice([BUY, SELL]), self.price()
            if self.random.random() < 0.8:
                limit = price
            amount = self.random.choice([1, 9, 60, 500])
            name = self.random.choice(self.names)
            world.sign(name, side, period, amount, limit, self.nonce)
        signed = world.sorted([each for each in world.signed if each.period == period])
        ids = [place for place in range(1, len(world.orders) + 1) if self.random.random() < 0.3]
        orders = [*signed, *(world.orders[order_id - 1] for order_id in ids)]
        sides = [
            [place for place, order in enumerate(orders) if order.side == side]
            for side in (BUY, SELL)
        ]
        if not all(sides):
            return
        fills = []
        for _ in range(self.random.randint(1, 2 * len(orders))):
            buy, sell = map(self.random.choice, sides)
            if self.random.random() < 0.05:
                buy, sell = sell, buy
            most = min(orders[buy].remaining, orders[sell].remaining)
            wh = self.random.randint(1, max(most, 1)) * slots
            fills.append((buy, sell, wh + (self.random.random() < 0.05)))
        world.settle_batch(period, price, signed, ids, fills)

    def run(self, steps: int) -> None:
        """So many, and time in between."""
        world, first = self.world, self.world.now // DAY
        for _ in range(steps):
            kinds = [self.place] * 5 + [self.match] * 5 + [self.cancel] + [self.batch] * 3
            self.random.choice(kinds)()
            world.compare()
            if self.random.random() < 0.05:
                world.live(world.now + self.random.randint(1, HOUR), self.net)
        days = range(first, first + 15)
        slots = [slot for day in days for slot in world.rules.slots(day)]
        world.compare(days, slots[:: 7 if self.slot == 900 else 1])
        for order_id, order in enumerate(world.orders, 1):
            world.cancel(order_id, order.trader)
        world.compare(days)

    def close(self) -> None:
        """Every day that anything was traded for."""
        world, first = self.world, self.world.now // DAY
        for day in range(first - 1, first + 15):
            world.live(max(world.now, (day + 1) * DAY + HOUR), self.net)
            world.close(NAMES, day)
            world.compare(range(day, first + 16))


@pytest.mark.parametrize("seed", range(12))
def test_a_random_book__is_the_models(seed: int) -> None:
    """Every refusal, every amount."""
    RandomBook(seed).run(120)


def live(seed: int) -> None:
    """Trades of all periods, up to the end of the last one."""
    book = RandomBook(seed)
    book.run(60)
    book.close()


@pytest.mark.parametrize("seed", range(100, 102))
def test_what_was_traded__closes_as_the_model_does(seed: int) -> None:
    live(seed)


def test_other_lives__agree_with_the_model(seeds: Seeds) -> None:
    """Other ones in every run; a hundred times as many in a soak."""
    live_all(seeds(1), live)
