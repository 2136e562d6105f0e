"""Random worlds: energy accounts, communities and the model agree to the last Wh and thousandth.

Households live, meters fail and come back, devices change; trades of hours, days and weeks,
declared consumption, memberships, tariffs, factors, outages; closings in any order.
"""

from __future__ import annotations

from random import Random

import pytest

from tests.model.market import Tariff, moved
from tests.support.core.energy_suite import DAY, EnergyWorld
from tests.support.examples import Seeds, live_all

HOMES = ("north", "east", "south", "west", "far")
REGION_1 = ("west", "far")
NAMES = (*HOMES, "trader")
RATED = 16_000


class Life:
    """A world, and what its meters show."""

    def __init__(self, seed: int) -> None:
        self.draws = draws = Random(seed)
        slot = draws.choice((900, 3600))
        tariff = self.tariff()
        self.world = world = EnergyWorld(tariff, draws.choice((0, 50, 80)), slot=slot)
        world.add_region("region 1", self.tariff())
        self.shown: dict[str, dict[int, tuple[int, int]]] = {}
        self.mute: dict[str, int] = {}
        self.calls = self.closed = 0
        self.trouble = draws.choice((0.0, 0.02, 0.15))
        """How often a meter falls mute, by day."""
        world.market.fund_grid(draws.choice((0, 10**12)))
        for name in NAMES:
            region = "region 1" if name in REGION_1 else "home"
            world.open(name, draws.choice((10**7, 10**12)), region)
        for community, region in (("street", "home"), ("village", "home"), ("beach", "region 1")):
            world.found(community, draws.choice((0, 1, 3333, 5000, 10_000)), region)
        for name in HOMES:
            world.attach(name, RATED, (0, 0))
            self.shown[name] = {world.slot: (0, 0)}
            world.join(name, "beach" if name in REGION_1 else "street")
            world.market.set_keeps(name, draws.random() < 0.5, world.now)
        self.sun = {name: draws.randint(-900, 900) for name in HOMES}

    def tariff(self) -> Tariff:
        draws = self.draws
        return Tariff(
            buy=draws.randint(250, 400),
            feed_in=draws.randint(80, 120),
            network_fee=draws.choice((0, 33)),
            protocol_fee=draws.choice((0, 7)),
            max_factor=draws.choice((10_000, 15_000, 30_000)),
        )

    def live(self, days: int) -> None:
        world, draws = self.world, self.draws
        for _ in range(days * world.rules.day_slots):
            self.next_slot(draws.choice((0, 0, 0, 1, 450, 899)))
            self.read()
            if draws.random() < 8 / world.rules.day_slots:
                self.anything()
            if draws.random() < 1 / world.rules.day_slots:
                self.close()

    def next_slot(self, offset: int) -> None:
        world, draws = self.world, self.draws
        slot = world.slot + 1
        world.chain.set_time(slot * world.rules.slot_seconds + offset)
        for name, shown in self.shown.items():
            net = draws.choice((0, draws.randint(-3000, 3000), draws.randint(-90, 90)))
            net += draws.choice((0, self.sun[name]))
            rise = (max(-net, 0), max(net, 0))
            shown[slot] = moved(shown[slot - 1], (0, 0), rise)

    def read(self) -> None:
        """What is due; a meter that was mute catches up in order, or skips what it lost."""
        world, draws = self.world, self.draws
        day_slots = world.rules.day_slots
        readings = []
        skips = draws.random() < 0.5
        for name in HOMES:
            account = world.account(name)
            if self.mute.get(name, 0) > world.slot:
                continue
            if draws.random() < self.trouble / day_slots:
                length = draws.choice(
                    (1, 3, day_slots, 3 * day_slots, draws.randint(1, 40) * day_slots)
                )
                self.mute[name] = world.slot + length
                continue
            first = max(account.read_to + 1, min(account.metered[0], world.slot))
            ends = [*range(first, min(world.slot, account.metered[1]) + 1)]
            if skips and len(ends) > 1:
                ends = sorted(draws.sample(ends, draws.randint(1, min(len(ends), 4))))
            elif len(ends) > 4 * day_slots:
                ends = ends[: draws.randint(1, len(ends))][: 4 * day_slots]
            shown = self.shown[name]
            readings += [(name, end, shown[end]) for end in ends if end in shown]
        draws.shuffle(readings)
        readings.sort(key=lambda each: each[1] if skips else (each[0], each[1]))
        self.calls += world.read(readings, consent=draws.random() < 0.7)

    def anything(self) -> None:
        world, draws = self.world, self.draws
        now, rules = world.now, world.rules
        name, other = draws.sample(NAMES, 2)
        beyond = rules.beyond_horizon(now) + draws.randint(0, 3)
        match draws.randrange(14):
            case 0 | 1 | 2:
                self.trade(name, other)
            case 3:
                world.consume(name, draws.choice((1, 700)))
            case 4:
                world.join(name, draws.choice(("street", "village", "beach")))
            case 5:
                world.leave(name, suspended=draws.random() < 0.6)
            case 6:
                world.set_theta(
                    draws.choice(("street", "village")), draws.randint(0, 10_001), beyond
                )
            case 7:
                world.set_tariff(draws.choice(world.regions), self.tariff(), beyond)
                world.set_credit_value(draws.randint(0, 80), beyond)
            case 8 | 9:
                factor = draws.randint(9000, 40_000)
                world.write(draws.choice(world.regions), factor, now + draws.randint(0, 7200))
            case 10:
                world.market.set_keeps(name, draws.random() < 0.5, now)
            case 11:
                begin = world.slot + draws.randint(-4, 4)
                seconds = draws.choice((0, 3600, DAY, 7 * DAY, 7 * DAY + 1))
                world.prolong(range(begin, begin + draws.randint(1, 40)), seconds)
            case 12:
                home = draws.choice(HOMES)
                rated = min(world.account(home).rated, draws.choice((RATED, RATED - 1000)))
                new = (draws.randint(0, 999), 5)
                if world.exchange(home, rated, new):
                    self.shown[home] = {world.slot: new}
            case 13 if draws.random() < 0.2:
                self.change_meter(draws.choice(HOMES))
        self.world.compare_account(name, draws)

    def change_meter(self, home: str) -> None:
        world = self.world
        if world.speaks(home):
            world.detach(home)
        elif world.account(home).metered == (0, 0) or world.release(home):
            world.attach(home, RATED, self.shown[home][world.slot])

    def trade(self, buyer: str, seller: str) -> None:
        world, draws = self.world, self.draws
        rules = world.rules
        wh, price = draws.choice((1, 40, 900)), draws.randint(0, 400)
        match draws.randrange(4):
            case 0:
                day = rules.day_of(world.slot) + draws.randint(1, 3)
                slots, kind = rules.slots(day), 1
            case 1:
                monday = (rules.day_of(world.slot) + 3) // 7 * 7 + 7 - 3
                slots, kind = range(monday * rules.day_slots, (monday + 7) * rules.day_slots), 2
            case _:
                hour = 3600 // rules.slot_seconds
                first = (world.slot // hour + draws.randint(1, 8)) * hour
                slots, kind = range(first, first + draws.choice((1, hour))), 0
        world.trade(buyer, seller, slots, kind, wh, price)

    def close(self) -> None:
        self.closed += self.world.close_all(self.draws)
        for name in NAMES:
            self.world.compare_account(name, self.draws)


def live(seed: int) -> Life:
    """Some weeks, with a month of silence of one meter in them."""
    life = Life(seed)
    life.live(26 if life.world.rules.slot_seconds == 3600 else 9)
    life.mute[life.draws.choice(HOMES)] = life.world.slot + 33 * life.world.rules.day_slots
    life.live(40 if life.world.rules.slot_seconds == 3600 else 12)
    life.close()
    life.world.market.check()
    return life


@pytest.mark.parametrize("seed", range(12))
def test_random_lives__agree_with_the_model(seed: int) -> None:
    life = live(seed)
    assert life.calls
    assert life.closed


def test_other_lives__agree_with_the_model(seeds: Seeds) -> None:
    """Other ones in every run; a hundred times as many in a soak."""
    live_all(seeds(1), live)
