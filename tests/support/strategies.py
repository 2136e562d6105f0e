"""A search for strategies that pay: small worlds in which an owner of two accounts may do anything.

Its honest twin has the same physical energy: it trades within what each of its meters shows, and
chooses membership and credits. What one owner can gain beyond that is rounding, 1 Wh a slot.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import product
from random import Random

from tests.model.market import BPS, DAY, Market, Rules, Tariff, up

__all__ = ["Strategy", "World", "best_attack", "best_honest", "outcome", "play"]

KWH = 1000
SLOT = 3600
THETA = 5000
OWN = ("first", "second")


@dataclass(frozen=True, kw_only=True)
class World:
    """Prices, and what the meters will show: kWh by account and slot."""

    tariffs: tuple[Tariff, Tariff]
    """By day."""
    credit_value: int
    factors: tuple[int, ...]
    market: tuple[int, ...]
    """What outsiders pay and ask, by slot."""
    own: tuple[tuple[int, ...], tuple[int, ...]]
    neighbours: tuple[tuple[int, ...], ...]
    day_slots: int

    @classmethod
    def random(cls, random: Random) -> World:
        """Two days of two or three slots, two accounts of one owner, one or two neighbours."""
        day_slots = random.choice((2, 3))
        count = 2 * day_slots
        fee, protocol_fee = random.choice((0, 1)), random.choice((0, 0, 1))

        def tariff() -> Tariff:
            return Tariff(
                buy=random.choice((6, 8, 10)),
                feed_in=random.randint(0, 3),
                network_fee=fee,
                protocol_fee=protocol_fee,
            )

        tariffs = (tariff(), tariff())
        factors = tuple(random.choice((BPS, BPS, 13_000, 20_000)) for _ in range(count))
        by_slot = [tariffs[number // day_slots] for number in range(count)]
        dearest = [
            up(each.buy * factor, BPS) for each, factor in zip(by_slot, factors, strict=True)
        ]

        def profile() -> tuple[int, ...]:
            return tuple(random.randint(-3, 3) for _ in range(count))

        return cls(
            tariffs=tariffs,
            credit_value=random.randint(0, min(each.feed_in for each in tariffs)),
            factors=factors,
            market=tuple(
                random.randint(each.feed_in, price)
                for each, price in zip(by_slot, dearest, strict=True)
            ),
            own=(profile(), profile()),
            neighbours=tuple(profile() for _ in range(random.choice((1, 2)))),
            day_slots=day_slots,
        )

    def tariff(self, number: int) -> Tariff:
        """The tariff of a slot."""
        return self.tariffs[number // self.day_slots]

    @property
    def tolerance(self) -> int:
        """What rounding can bring: 1 Wh a slot of what sharing is worth to a giver or a taker."""
        most = 0
        for number, factor in enumerate(self.factors):
            tariff = self.tariff(number)
            shared = tariff.shared(THETA)
            saved = up(tariff.buy * factor, BPS) - shared - tariff.network_fee
            most += max(shared - tariff.feed_in, saved)
        return most


@dataclass(frozen=True, kw_only=True)
class Strategy:
    """What the owner does. Energy in kWh by slot: bought of outsiders is positive."""

    traded: tuple[tuple[int, ...], tuple[int, ...]]
    member: tuple[bool, bool] = (True, True)
    keeps: tuple[tuple[bool, bool], tuple[bool, bool]] = ((False, False), (False, False))
    """By account and day."""
    washed: tuple[int, ...] = ()
    """Sold by the first account to the second."""
    wash_price: int = 0
    withheld: frozenset[tuple[int, int]] = frozenset()
    """Boundary readings that are never published: account, slot."""
    late: frozenset[int] = frozenset()
    """Accounts whose readings come when all slots are final."""
    order: tuple[int, ...] = field(default=(0, 1, 2, 3))
    """Who is closed first."""


def outcome(world: World, strategy: Strategy) -> int:
    """What the owner has in the end, in thousandths, credits at their worth."""
    market = play(world, strategy)
    own = [market.accounts[name] for name in OWN]
    return sum(each.worth + each.credits * world.credit_value for each in own)


def play(world: World, strategy: Strategy) -> Market:
    """The market after all days."""
    rules = Rules(slot_seconds=SLOT, day_seconds=SLOT * world.day_slots, horizon=DAY // 2)
    market = Market(rules, world.tariffs[0], world.credit_value)
    rich, first = 10**9, 10 * world.day_slots
    market.fund_grid(rich)
    market.found("street", THETA)
    start = (first - world.day_slots) * SLOT
    last = first // world.day_slots + 1
    market.set_tariff("home", world.tariffs[1], last, 0)
    profiles = dict(zip(OWN, world.own, strict=True))
    profiles |= {f"neighbour {n}": each for n, each in enumerate(world.neighbours)}
    members = dict(zip(OWN, strategy.member, strict=True))
    for name in (*profiles, "outsider"):
        market.open(name, start)
        market.deposit(name, rich)
    for name in profiles:
        market.attach(name, 10**6, (0, 0), 0, start)
        if members.get(name, True):
            market.join(name, "street", start)
    for account, days in enumerate(strategy.keeps):
        for day, keeps in enumerate(days):
            market.set_keeps(OWN[account], keeps, start + day * rules.day_seconds)
    for number, factor in enumerate(world.factors):
        slot = first + number
        market.write_prices("home", factor, (slot + 1) * SLOT, slot * SLOT - 1)
    _trade(market, world, strategy, first, start)
    closed = _read(market, world, strategy, first, profiles)
    _read_late(market, world, strategy, first, profiles, closed)
    names = [*profiles]
    for number in sorted(range(len(names)), key=lambda n: strategy.order[n]):
        market.close([names[number]], last, closed)
    market.close(["outsider"], last, closed)
    # What came late is booked with a day more.
    for name in OWN:
        market.close([name], last + 1, closed + 2 * rules.day_seconds)
    return market


def _trade(market: Market, world: World, strategy: Strategy, first: int, now: int) -> None:
    for number, (price, own) in enumerate(
        zip(world.market, zip(*strategy.traded, strict=True), strict=True)
    ):
        slots = range(first + number, first + number + 1)
        for name, kwh in zip(OWN, own, strict=True):
            if kwh > 0:
                market.trade(name, "outsider", slots, kwh * KWH, price, now)
            elif kwh < 0:
                # Outsiders count the fees that a seller bears.
                market.trade("outsider", name, slots, -kwh * KWH, price, now)
    for number, kwh in enumerate(strategy.washed):
        slots = range(first + number, first + number + 1)
        if kwh > 0:
            market.trade(OWN[1], OWN[0], slots, kwh * KWH, strategy.wash_price, now)
        elif kwh < 0:
            market.trade(OWN[0], OWN[1], slots, -kwh * KWH, strategy.wash_price, now)


def _boundaries(profile: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    imported = exported = 0
    yield imported, exported
    for kwh in profile:
        imported += max(-kwh, 0) * KWH
        exported += max(kwh, 0) * KWH
        yield imported, exported


def _read(
    market: Market,
    world: World,
    strategy: Strategy,
    first: int,
    profiles: dict[str, tuple[int, ...]],
) -> int:
    """Readings in time; gives when all slots are final."""
    for account, (name, profile) in enumerate(profiles.items()):
        for number, registers in enumerate(_boundaries(profile)):
            end = first + number
            if account in strategy.late and number:
                break
            if (account, number - 1) not in strategy.withheld:
                market.read(name, end, registers, end * SLOT, consent=True)
    return (first + 2 * world.day_slots) * SLOT + market.rules.grace


def _read_late(
    market: Market,
    world: World,
    strategy: Strategy,
    first: int,
    profiles: dict[str, tuple[int, ...]],
    now: int,
) -> None:
    """What was not read in time, and the last boundary, which always comes in the end."""
    for account, (name, profile) in enumerate(profiles.items()):
        for number, registers in enumerate(_boundaries(profile)):
            end = first + number
            is_last = number == len(profile)
            withheld = (account, number - 1) in strategy.withheld and not is_last
            if end > market.accounts[name].read_to and not withheld:
                market.read(name, end, registers, now, consent=True)


def best_honest(world: World) -> Strategy:
    """The best of all honest strategies: what is traded in a slot changes no other slot, so that
    one play tries something in each. Credits, worth the feed-in at most, cannot add to it."""
    nothing = (0,) * len(world.factors)
    found: list[tuple[int, Strategy]] = []
    for member in ((False, False), (False, True), (True, False), (True, True)):
        best: list[tuple[int, tuple[int, ...]]] = [(-(10**12), (0, 0))] * len(nothing)
        options = [
            [*product(*(range(min(0, -kwh), max(0, -kwh) + 1) for kwh in own))]
            for own in zip(*world.own, strict=True)
        ]
        for number in range(max(map(len, options))):
            trades = [each[number % len(each)] for each in options]
            market = play(world, Strategy(traded=_by_account(trades), member=member))
            best = [
                max(best[slot], (_slot_value(market, world, slot, kwh), kwh))
                for slot, kwh in enumerate(trades)
            ]
        traded = _by_account([kwh for _, kwh in best])
        found.append((sum(value for value, _ in best), Strategy(traded=traded, member=member)))
    return max(found, key=lambda each: each[0])[1]


def _by_account(trades: list[tuple[int, ...]]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    first, second = zip(*trades, strict=True)
    return first, second


def _slot_value(market: Market, world: World, number: int, trades: tuple[int, ...]) -> int:
    """What a slot brings the owner: its balances, and what is paid for trades."""
    slot = 10 * world.day_slots + number
    price, fees = world.market[number], world.tariff(number).fees
    traded = sum(-kwh * (price if kwh > 0 else price - fees) for kwh in trades)
    return sum(market.accounts[name].balances[slot].money for name in OWN) + traded * KWH


def best_attack(world: World, start: Strategy, random: Random, steps: int) -> Strategy:
    """The best that climbing finds among all strategies from one on."""
    current, value = start, outcome(world, start)
    for _ in range(steps):
        changed = current
        for _ in range(random.choice((1, 1, 2, 3))):
            changed = _changed(changed, world, random)
        # Steps that change nothing are taken too: they lead out of corners.
        if (found := outcome(world, changed)) >= value:
            current, value = changed, found
    return current


def _changed(strategy: Strategy, world: World, random: Random) -> Strategy:
    count = 2 * world.day_slots
    which = random.randrange(8)
    account = random.randrange(2)
    if which == 0:
        traded = [list(each) for each in strategy.traded]
        traded[account][random.randrange(count)] = random.randint(-4, 4)
        return replace(strategy, traded=(tuple(traded[0]), tuple(traded[1])))
    if which == 1:
        member = [*strategy.member]
        member[account] = not member[account]
        return replace(strategy, member=(member[0], member[1]))
    if which == 2:
        keeps = [list(each) for each in strategy.keeps]
        day = random.randrange(2)
        keeps[account][day] = not keeps[account][day]
        return replace(strategy, keeps=((keeps[0][0], keeps[0][1]), (keeps[1][0], keeps[1][1])))
    if which in (3, 4):
        washed = [*(strategy.washed or (0,) * count)]
        washed[random.randrange(count)] = random.randint(-4, 4)
        price = strategy.wash_price if which == 3 else random.randint(0, 30)
        return replace(strategy, washed=tuple(washed), wash_price=price)
    if which == 5:
        return replace(strategy, withheld=strategy.withheld ^ {(account, random.randrange(count))})
    if which == 6:
        return replace(strategy, late=strategy.late ^ {account})
    order = [*strategy.order]
    random.shuffle(order)
    return replace(strategy, order=tuple(order))
