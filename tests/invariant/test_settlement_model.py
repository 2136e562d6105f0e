"""Random worlds: money, debts, receivables and credits agree with the model to the thousandth.

The grid account is sometimes rich and sometimes empty, households sometimes penniless; closings
name any accounts through any day, in any order.
"""

from __future__ import annotations

from random import Random

import pytest

from tests.invariant.test_energy_model import HOMES, NAMES, RATED, REGION_1, Life
from tests.model.market import moved
from tests.support.core.settlement_suite import SettlementWorld
from tests.support.examples import Seeds, live_all


class MoneyLife(Life):
    """The same lives, with money."""

    world: SettlementWorld

    def __init__(self, seed: int) -> None:
        self.draws = draws = Random(seed)
        slot = draws.choice((900, 3600))
        tariff = self.tariff()
        self.world = world = SettlementWorld(tariff, draws.choice((0, 50, 80)), slot=slot)
        world.add_region("region 1", self.tariff())
        self.shown = {}
        self.mute = {}
        self.calls = self.closed = 0
        self.trouble = draws.choice((0.0, 0.02, 0.15))
        self.orders: list[tuple[str, int]] = []
        if draws.random() < 0.5:
            world.fund(draws.choice((10, 10**3, 10**7)))
        self.poor = draws.choice((200, 10**4, 10**6))
        for name in NAMES:
            region = "region 1" if name in REGION_1 else "home"
            world.open(name, draws.choice((self.poor, 10**7)), region)
        for community, region in (("street", "home"), ("beach", "region 1")):
            world.found(community, draws.choice((0, 1, 3333, 5000, 10_000)), region)
        for name in HOMES:
            world.attach(name, RATED, (0, 0))
            self.shown[name] = {world.slot: (0, 0)}
            world.join(name, "beach" if name in REGION_1 else "street")
            world.set_keeps(name, draws.random() < 0.5)
        # In some worlds nearly all export, and the grid account cannot pay at once.
        self.dry = draws.random() < 0.4
        self.sun = {name: draws.randint(-900, 900) for name in HOMES}

    def live(self, days: int) -> None:
        slots = self.world.rules.day_slots
        for _ in range(days * slots):
            self.next_slot(self.draws.choice((0, 0, 0, 1, 450, 899)))
            self.read()
            if self.draws.random() < 20 / slots:
                self.anything()
            if self.draws.random() < 1.5 / slots:
                self.close()

    def next_slot(self, offset: int) -> None:
        super().next_slot(offset)
        slot = self.world.slot
        for shown in self.shown.values():
            imported, exported = moved(shown[slot], shown[slot - 1], (0, 0))
            if self.dry and imported > 30:
                shown[slot] = moved(shown[slot - 1], (0, 0), (exported, imported))

    def anything(self) -> None:
        world, draws = self.world, self.draws
        now, rules = world.now, world.rules
        name, other = draws.sample(NAMES, 2)
        account = world.account(name)
        beyond = rules.beyond_horizon(now) + draws.randint(0, 3)
        match draws.randrange(17):
            case 0 | 1 | 2:
                self.trade(name, other)
            case 3:
                world.consume(name, draws.choice((1, 700)))
            case 4:
                world.deposit(name, draws.choice((1, 30, self.poor, 10**5)))
            case 5:
                world.withdraw(
                    name, draws.choice((1, 10, account.free // 2000 + 1, account.free // 1000 + 1))
                )
            case 6:
                world.set_keeps(name, draws.random() < 0.5)
            case 7:
                world.set_tariff(draws.choice(world.regions), self.tariff(), beyond)
                world.set_credit_value(draws.randint(0, 80), beyond)
            case 8:
                factor = draws.randint(9000, 40_000)
                world.write(draws.choice(world.regions), factor, now + draws.randint(0, 7200))
            case 9:
                world.redeem(name, draws.randint(1, account.credits + 1))
            case 10:
                world.withdraw_credits(name, draws.randint(1, account.credits + 1))
            case 11:
                world.deposit_credits(name)
            case 12 if not self.dry:
                world.fund(draws.choice((1, 50, 10**4)))
            case 13:
                cash = (world.market.cash + world.market.protocol_fees) // 1000
                world.collect(draws.choice((1, cash // 2 + 1, cash + 1)))
            case 14 if draws.random() < 0.2:
                self.change_meter(draws.choice(HOMES))
            case 15:
                self.order(name)
            case 16 if self.orders:
                world.unlock(*self.orders.pop())
        if draws.random() < 0.3:
            world.compare_money(identities=False)

    def period(self) -> tuple[range, int]:
        """Of the next days."""
        world, draws = self.world, self.draws
        day_slots, today = world.rules.day_slots, world.today
        match draws.randrange(4):
            case 0:
                return world.rules.slots(today + draws.randint(1, 3)), 1
            case 1:
                monday = (today + 3) // 7 * 7 + 7 - 3
                return range(monday * day_slots, (monday + 7) * day_slots), 2
        hour = 3600 // world.rules.slot_seconds
        first = (world.slot // hour + draws.randint(1, 8)) * hour
        return range(first, first + draws.choice((1, hour))), 0

    def trade(self, buyer: str, seller: str) -> None:
        wh, price = self.draws.choice((1, 40, 900)), self.draws.randint(0, 400)
        self.world.trade(buyer, seller, *self.period(), wh, price)

    def order(self, name: str) -> None:
        draws = self.draws
        slots, kind = self.period()
        wh, price, sell = draws.choice((1, 50)), draws.randint(0, 400), draws.random() < 0.5
        if money := self.world.lock(name, slots, kind, wh, price, sell=sell):
            self.orders.append((name, money))

    def close(self) -> None:
        world, draws = self.world, self.draws
        names = draws.sample(NAMES, draws.randint(1, len(NAMES)))
        through = world.today - draws.choice((0, 1, 1, 2, 9))
        self.closed += world.close(names, through)
        world.compare_money()


def live(seed: int) -> MoneyLife:
    """Some weeks, with a month of silence of one meter in them."""
    life = MoneyLife(seed)
    hours = life.world.rules.slot_seconds == 3600
    life.live(26 if hours else 9)
    life.mute[life.draws.choice(HOMES)] = life.world.slot + 33 * life.world.rules.day_slots
    life.live(40 if hours else 12)
    life.closed += life.world.close(NAMES, life.world.today)
    life.world.compare_money()
    return life


@pytest.mark.parametrize("seed", range(5))
def test_random_lives__agree_with_the_model(seed: int) -> None:
    life = live(seed)
    assert life.calls
    assert life.closed


def test_other_lives__agree_with_the_model(seeds: Seeds) -> None:
    """Other ones in every run; a hundred times as many in a soak."""
    live_all(seeds(1), live)
