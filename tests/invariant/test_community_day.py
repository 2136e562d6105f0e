"""A community's day in one call, on all contracts and in the model, and account by account.

Gateways anchor, are late, silent or wrong; devices contradict, are exchanged and detached; people
trade, owe, keep credits, join and leave, close alone, read late. After steps all money and energy
of all accounts are the model's, to the unit.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest

from tests.model.market import BPS, DAY, Account, Community, Leaf, Market, Refused, Tariff, moved
from tests.support.core.community_world import CommunityWorld
from tests.support.core.trading_world import DAILY, HOUR, HOURLY
from tests.support.examples import Seeds, live_all

RATED = 16_000
CHALLENGE, DEADLINE = 6 * 3600, 3 * DAY
START = 20_000 * DAY + 5_000


class CommunityLife:
    """Homes with meters, in two sections whose gateways read them, or in none."""

    def __init__(self, seed: int, size: int) -> None:
        self.draws = draws = Random(seed)
        slot = draws.choice((900, 3600))
        credit = draws.choice((0, 50, 80))
        self.world = world = CommunityWorld(self.tariff(), credit, slot=slot, start=START)
        self.names = [f"home {number}" for number in range(size)]
        self.sections = ("dynamic", "static")
        self.shown: dict[str, dict[int, tuple[int, int]]] = {}
        """Registers of each meter at each boundary, in the account's terms."""
        self.exchanged: dict[str, int] = {}
        self.settled = self.contradicted = self.late = 0
        if draws.random() < 0.8:
            world.fund(draws.choice((10, 10**3, 10**7)))
        for community in self.sections:
            theta = draws.choice((0, 1, 3333, 5000, BPS))
            world.found_with_gateway(community, theta, is_static=community == "static")
        world.found("street", 5000)
        first = draws.choice(self.sections)
        for name in self.names:
            world.open(name, draws.choice((16_500, 60_000, 10**7)))
            world.attach(name, RATED, (0, 0))
            self.shown[name] = {world.slot: (0, 0)}
            where = first if draws.random() < 0.8 else draws.choice((*self.sections, "street"))
            world.join(name, where)
            if draws.random() < 0.5:
                world.set_keeps(name, True)
        for name in self.names:
            self.offer(name, draws.randint(0, 2 * BPS // size))

    @property
    def today(self) -> int:
        return self.world.now // DAY

    def account(self, name: str) -> Account:
        """The model's."""
        return self.world.account(name)

    def tariff(self) -> Tariff:
        """Any that a region may have."""
        draws = self.draws
        return Tariff(
            buy=draws.randint(250, 400),
            feed_in=draws.randint(80, 120),
            network_fee=draws.choice((0, 33)),
            protocol_fee=draws.choice((0, 7)),
            max_factor=draws.choice((10_000, 15_000, 30_000)),
        )

    # Time

    def pass_time(self, now: int) -> None:
        """Meters count until then."""
        world, draws = self.world, self.draws
        first = world.slot
        world.chain.set_time(max(now, world.now))
        highest = draws.choice((1, 90, 3000)) * world.rules.slot_seconds // 900
        for boundary in range(first + 1, world.slot + 1):
            for name in self.names:
                net = draws.choice((0, draws.randint(-highest, highest), -1))
                extra = draws.choice((0, 0, 5))
                rise = max(-net, 0) + extra, max(net, 0) + extra
                self.shown[name][boundary] = moved(self.shown[name][boundary - 1], (0, 0), rise)

    def live(self, days: int) -> None:
        """From one day's end to the next; what gateways do follows later."""
        world, draws = self.world, self.draws
        for _ in range(days):
            for _ in range(draws.randint(0, 5)):
                self.trade()
            for _ in range(draws.randint(0, 3)):
                self.anything(draws.choice(self.names))
            self.pass_time((self.today + 1) * DAY)
            self.read_begin()
            for community in self.sections:
                for day in range(self.today - 5, self.today):
                    if draws.random() < (0.95 if day == self.today - 1 else 0.3):
                        self.anchor(community, day)
            self.pass_time(world.now + draws.choice((0, 900, CHALLENGE - 1)))
            self.contradict()
            self.settle()
            self.pass_time(self.today * DAY + CHALLENGE + draws.randint(0, 9) * 3600)
            self.settle()
            world.step()
            self.recover(draws.choice((0.3, 1)))
            world.step()
        world.compare_all()
        for name in self.names:
            world.compare_account(name, draws)

    # Gateways

    def leaves(self, community: str, day: int) -> dict[str, Leaf]:
        """Of all that were members on the day, or measured before it; some leaves are wrong."""
        market, draws = self.world.market, self.draws
        section = market.communities[community]
        before = section.days.get(day - 1)
        goes_on = before is not None and before.is_settled and section.settled == day - 1
        known = before.leaves if before is not None and goes_on else {}
        continued = {name for name, leaf in known.items() if leaf.status == "measured"}
        if goes_on and draws.random() < 0.03:
            continued ^= set(draws.sample(self.names, 1))
        slots = market.rules.slots(day)
        leaves = {}
        for name in self.names:
            is_member = self.account(name).community.at(day) == community
            if not is_member and name not in continued and draws.random() > 0.02:
                continue
            shown = self.shown[name]
            if slots.start not in shown:
                continue
            registers = [shown[slot] for slot in range(slots.start, slots.stop + 1)]
            rises = [moved(*pair, (0, 0)) for pair in zip(registers[1:], registers, strict=False)]
            nets = tuple(exported - imported for imported, exported in rises)
            leaves[name] = Leaf(
                status=draws.choices(("measured", "absent", "sealed"), (40, 1, 1))[0],
                continues=name in continued,
                first=known[name].last if name in continued and name in known else registers[0],
                last=registers[-1],
                nets=self.wrong(name, nets) if draws.random() < 0.03 else nets,
            )
        return leaves

    def wrong(self, name: str, nets: tuple[int, ...]) -> tuple[int, ...]:
        """Not believable, or to be contradicted."""
        changed = [*nets]
        places = self.draws.sample(range(len(nets)), 2)
        shift = self.draws.choice((1, 700, 40_000))
        changed[places[0]] += shift
        changed[places[1]] -= self.draws.choice((shift, 0))
        return tuple(changed)

    def anchor(self, community: str, day: int) -> None:
        known = self.world.market.communities[community].days.get(day)
        if known is not None and self.draws.random() < 0.9:
            return
        if leaves := self.leaves(community, day):
            self.world.anchor(community, day, leaves)

    def contradict(self) -> None:
        """Whatever is wrong, and some leaves that are not."""
        world, draws = self.world, self.draws
        for community, day in world.leaves:
            anchored = world.market.communities[community].days[day]
            if anchored.is_settled:
                continue
            slots = world.rules.slots(day)
            for name, leaf in anchored.leaves.items():
                shown, account = self.shown[name], self.account(name)
                # A device whose time is over contradicts nothing any more.
                speaks = account.is_metered(slots.start) and account.own_to < account.metered[1]
                if leaf.status == "absent" or not speaks:
                    continue
                net = 0
                ends = [slots.start]
                for end, each in enumerate(leaf.nets, slots.start + 1):
                    net += each
                    imported, exported = moved(shown[end], leaf.first, (0, 0))
                    if exported - imported != net:
                        ends = [end]
                        break
                else:
                    if draws.random() < 0.98:
                        continue
                    ends = draws.sample(range(slots.start - 1, slots.stop + 2), 1)
                for end in ends:
                    if end * world.rules.slot_seconds <= world.now and end in shown:
                        registers = moved(shown[end], (0, 0), account.exchanged)
                        if min(registers) >= 0:
                            refusal = world.contradict(community, day, name, end, registers)
                            self.contradicted += not refusal

    def settle(self) -> None:
        world, draws = self.world, self.draws
        for community, day in sorted(world.leaves, key=lambda each: each[1]):
            anchored = world.market.communities[community].days[day]
            if draws.random() < (0.05 if anchored.is_settled else 0.9):
                refusal = world.settle_day(community, day)
                count = len(anchored.leaves) - len(anchored.passed_over)
                self.settled += 0 if refusal else count

    # People

    def read_begin(self) -> None:
        """Meters that begin to speak, and those that no gateway reads."""
        world, draws = self.world, self.draws
        for name in self.names:
            account = self.account(name)
            if draws.random() < 0.95 and account.own_to < world.slot:
                self.read_to(name, world.slot)

    def read_to(self, name: str, end: int) -> int:
        account = self.account(name)
        registers = moved(self.shown[name][end], (0, 0), account.exchanged)
        if min(registers) < 0 or name not in self.world.devices:
            return 0
        return self.world.read([(name, end, registers)], consent=True)

    def recover(self, rate: float) -> None:
        """Who was passed over closes alone, is handed over and reads late."""
        world, draws = self.world, self.draws
        names = [name for name in self.names if draws.random() < rate]
        draws.shuffle(names)
        for day in range(self.today - 6, self.today):
            open_ones = [name for name in names if self.account(name).day == day]
            if open_ones:
                world.close(open_ones, day)
        for name in names:
            account = self.account(name)
            for day in range(self.today - 6, self.today):
                community = account.community.at(day)
                if community not in self.sections or (community, day) not in world.leaves:
                    continue
                if name not in world.leaves[community, day][0]:
                    continue
                is_settled = day in account.settled
                if is_settled and draws.random() < 0.1:
                    world.prove_history(community, day, name)
                behind = account.own_to < account.read_to and account.day > account.settled_to
                if (is_settled and behind) or draws.random() < 0.02:
                    world.hand_over(community, day, name)
                if not is_settled or draws.random() < 0.02:
                    self.late += not world.read_late(community, day, name)
            if account.day * world.rules.day_slots > account.own_to and draws.random() < 0.2:
                self.read_to(name, world.slot)

    def offer(self, name: str, bps: int) -> None:
        community = self.account(name).community.last
        if community is not None:
            self.world.set_coefficient(community, name, bps)
            if self.draws.random() < 0.9:
                self.world.accept_coefficient(name, bps)

    def trade(self) -> None:
        draws = self.draws
        if len(self.names) < 2:
            return
        buyer, seller = draws.sample(self.names, 2)
        kind = draws.choice((HOURLY, HOURLY, DAILY))
        start = (self.today + draws.randint(1, 2)) * DAY
        if kind == HOURLY:
            start += draws.randrange(24) * HOUR
        terms = draws.choice((1, 40, 900)), draws.randint(0, 400)
        self.world.trade(buyer, seller, kind, start, *terms)

    def anything(self, name: str) -> None:
        world, draws = self.world, self.draws
        match draws.randrange(13):
            case 0:
                world.leave(name)
            case 1:
                world.join(name, draws.choice((*self.sections, "street")))
            case 2:
                self.offer(name, draws.randint(0, BPS))
            case 3:
                world.set_keeps(name, draws.random() < 0.5)
            case 4:
                world.deposit(name, draws.choice((1, 5_000)))
            case 5:
                world.withdraw(name, draws.choice((1, 5_000)))
            case 6:
                shown = moved(self.shown[name][world.slot], (0, 0), self.account(name).exchanged)
                is_new = self.exchanged.get(name) == world.now
                if min(shown) >= 0 and world.speaks(name) and not is_new:
                    self.exchanged[name] = world.now
                    new = draws.randint(0, 999), draws.randint(0, 9)
                    world.exchange(name, RATED, new, shown)
            case 7 if draws.random() < 0.3:
                if world.speaks(name):
                    world.detach(name)
                elif world.release(name):
                    world.attach(name, RATED, self.shown[name][world.slot])
            case 8:
                world.withdraw_credits(name, draws.choice((1, 500)))
            case 9:
                begin = world.slot + draws.randint(-4, 4)
                world.prolong(range(begin, begin + draws.randint(1, 9)), draws.choice((3600, DAY)))
            case 10:
                beyond = world.rules.beyond_horizon(world.now)
                world.set_tariff("home", self.tariff(), beyond)
                world.set_credit_value(draws.randint(0, 80), beyond)
                world.set_theta(draws.choice(self.sections), draws.randint(0, BPS), beyond)
            case _:
                world.oracles.confirm_grid("home")
                state = draws.randint(500, 1_500), draws.randint(900, 1_100), 5_000, 100
                world.oracles.report(world.oracles.report_grid, "home", state)


class Way:
    """Homes of one section on a chain; the same of the same seed, whatever way a day is closed."""

    def __init__(self, seed: int, size: int, *, by_gateway: bool, slot: int = 0) -> None:
        self.draws = draws = Random(seed)
        tariff = Tariff(buy=300, feed_in=80, network_fee=33, protocol_fee=7, max_factor=30_000)
        slot = slot or draws.choice((900, 3600))
        self.world = world = CommunityWorld(tariff, 50, slot=slot, start=START)
        self.names, self.day = [f"home {number}" for number in range(size)], START // DAY + 1
        world.fund(draws.choice((1, 10**7)))
        if by_gateway:
            world.found_with_gateway("section", 3333, is_static=False)
        else:
            world.found("section", 3333)
        for name in self.names:
            world.open(name, draws.choice((17_000, 10**7)))
            world.attach(name, RATED, (0, 0))
            world.join(name, "section")
            if draws.random() < 0.5:
                world.set_keeps(name, True)
        self.nets = {
            name: [draws.choice((0, draws.randint(-3000, 3000))) for _ in world.rules.slots(0)]
            for name in self.names
        }
        start = self.day * DAY
        for _ in range(size):
            if size > 1:
                parties, hour = draws.sample(self.names, 2), draws.randrange(24)
                world.trade(*parties, HOURLY, start + hour * HOUR, 40, draws.randint(0, 400))
        world.chain.set_time(start)
        self.first = world.rules.slots(self.day).start
        world.read([(name, self.first, (0, 0)) for name in self.names])
        world.chain.set_time(start + 900)
        world.close(self.names, self.day - 1)

    def settle(self) -> None:
        """In one call."""
        leaves = {name: Leaf(last=_rise(nets), nets=(*nets,)) for name, nets in self.nets.items()}
        self.world.chain.set_time((self.day + 1) * DAY)
        self.world.anchor("section", self.day, leaves)
        self.world.chain.set_time((self.day + 1) * DAY + CHALLENGE)
        assert not self.world.settle_day("section", self.day)

    def close(self) -> None:
        """By a signed reading of each slot of each home."""
        world, shown = self.world, dict.fromkeys(self.names, (0, 0))
        for place in range(world.rules.day_slots):
            end = self.first + place + 1
            world.chain.set_time(end * world.rules.slot_seconds)
            readings = []
            for name in self.names:
                shown[name] = moved(_rise(self.nets[name][place : place + 1]), (0, 0), shown[name])
                readings.append((name, end, shown[name]))
            assert world.read(readings) == len(self.names)
        world.chain.set_time((self.day + 1) * DAY + CHALLENGE)
        assert world.close(self.names, self.day) == len(self.names)

    def state(self) -> list[object]:
        """All money and credits, and what the day brought."""
        settlement, by_gateway = self.world.settlement, 1 << 245
        self.world.catch_up()
        found: list[object] = [settlement.gridAccount(), self.world.market.closed]
        for name in self.names:
            number, word, owed, security = settlement.accountOf(self.world.address(name))
            found.append((number, word & ~by_gateway, owed, security))
        return found


def _rise(nets: list[int]) -> tuple[int, int]:
    return sum(max(-net, 0) for net in nets), sum(max(net, 0) for net in nets)


def live(seed: int, size: int = 7, days: int = 25) -> CommunityLife:
    """Some weeks."""
    life = CommunityLife(seed, size)
    life.live(days)
    return life


@pytest.mark.parametrize("seed", range(6))
def test_random_lives__agree_with_the_model(seed: int) -> None:
    life = live(seed)
    assert life.settled > 40, life.settled
    assert life.late


@pytest.mark.parametrize(("seed", "size"), [(1, 1), (2, 40), (2, 160), (4, 160)])
def test_sections_of_any_size__agree_with_the_model(seed: int, size: int) -> None:
    assert live(seed, size, days=4).settled > size // 2


@pytest.mark.parametrize(("seed", "size"), [(0, 1), (1, 2), (2, 23), (3, 160)])
def test_settle_day__is_the_same_as_closing_account_by_account(seed: int, size: int) -> None:
    slot = 3600 if size == 160 else 0
    one, other = (Way(seed, size, by_gateway=each, slot=slot) for each in (True, False))
    one.settle()
    other.close()
    assert one.state() == other.state()


def test_settle_day__160_members_at_quarter_hours__is_the_models() -> None:
    way = Way(4, 160, by_gateway=True, slot=900)
    way.settle()
    way.world.step()
    way.world.compare_all()
    assert all(way.world.account(name).day == way.day + 1 for name in way.names)


def test_other_lives__agree_with_the_model(seeds: Seeds) -> None:
    """Other ones in every run."""
    live_all(seeds(1), live)


def test_settle_day__of_the_next_community__needs_the_meters_own_registers() -> None:
    """Its gateway lists who is no member yet, and invents the registers to go on from."""
    way = Way(0, 1, by_gateway=True)
    world, name, first = way.world, way.names[0], (0, 0)
    world.deposit(name, 10**9)
    world.found_with_gateway("other", 0, is_static=False)
    world.leave(name)
    last = world.rules.beyond_horizon(world.now) - 1
    nets = way.nets[name]
    for day in range(way.day, last + 1):
        world.chain.set_time((day + 1) * DAY - 1)
        if day == last - 1:
            world.chain.set_time(last * DAY + 1)
            assert not world.join(name, "other")
        leaf = Leaf(
            continues=day > way.day,
            first=first,
            last=moved(_rise(nets), (0, 0), first),
            nets=(*nets,),
        )
        first = leaf.last
        world.chain.set_time((day + 1) * DAY)
        world.anchor("section", day, {name: leaf})
        world.chain.set_time((day + 1) * DAY + CHALLENGE)
        assert not world.settle_day("section", day)
    invented = Leaf(first=(5, 5), last=moved(_rise(nets), (0, 0), (5, 5)), nets=(*nets,))
    world.anchor("other", last, {name: invented})
    world.chain.set_time((last + 2) * DAY)
    assert not world.settle_day("other", last)
    following = replace(
        invented,
        continues=True,
        first=invented.last,
        last=moved(_rise(nets), (0, 0), invented.last),
    )
    world.anchor("other", last + 1, {name: following})
    world.chain.set_time((last + 2) * DAY + CHALLENGE)
    # The model has compared whom it passes over.
    assert not world.settle_day("other", last + 1)
    assert world.account(name).day == last + 1


def _taken_up(self: Market, account: Account, slot: int) -> tuple[int, int]:
    taken, given = _shared(self, account, slot)
    return taken + (taken > 0), given


def _believes_all(self: Market, account: Account, leaf: Leaf) -> bool:
    del self, account, leaf
    return True


def _always_open(self: Market, community: str, day: int, now: int) -> bool:
    del self, community, day, now
    return True


def _goes_on(self: Market, section: Community, day: int) -> bool:
    del self, section, day
    return True


_shared = Market.shared


@pytest.mark.parametrize(
    ("name", "broken", "seed"),
    [
        ("shared", _taken_up, 0),
        ("_is_believable", _believes_all, 5),
        ("is_open", _always_open, 0),
        ("_goes_on", _goes_on, 0),
    ],
)
def test_a_broken_model__is_seen(
    name: str, broken: Any, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Market, name, broken)
    with pytest.raises((AssertionError, Refused)):
        live(seed)
