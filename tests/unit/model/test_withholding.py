"""Rule 20 over profiles, prices, positions and sets of withheld readings; and bills that do not
depend on who is closed when. Two days of four hours, then a third for what came late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.model.market import BPS, Market, moved, up
from tests.support.examples import Seeds
from tests.support.toy_market import (
    DAY,
    GRACE,
    HOUR,
    RICH,
    RULES,
    SLOTS,
    TARIFF,
    TODAY,
    household,
    new_market,
    of_day,
)

COUNT = 2 * SLOTS
FIRST, NOW = of_day(TODAY), TODAY * DAY
THETA = 5000
Profile = Sequence[tuple[int, int]]
"""Import and export by slot, in Wh."""

amounts = st.sampled_from([0, 0, 1, 2, 3, 7, 500, 999])
profiles = st.lists(st.tuples(amounts, amounts), min_size=COUNT, max_size=COUNT)
flows = st.sampled_from([(0, 0), (1, 0), (700, 0), (0, 1), (0, 2), (0, 800)])
one_way = st.lists(flows, min_size=COUNT, max_size=COUNT)
boundaries = st.sets(st.integers(0, COUNT - 1))
factors = st.lists(st.sampled_from([BPS, BPS, 13_001, 30_000]), min_size=COUNT, max_size=COUNT)
positions = st.lists(st.sampled_from([0, 0, -900, -1, 1, 900]), min_size=COUNT, max_size=COUNT)
groups = st.lists(st.sampled_from(["first", "second", "third", "trader"]), unique=True, min_size=1)
keeping = st.tuples(st.booleans(), st.booleans())


@dataclass(frozen=True, kw_only=True)
class Prices:
    """Two tariffs, and the factor of each slot."""

    buy: tuple[int, int] = (30, 30)
    feed_in: tuple[int, int] = (8, 8)
    factors: Sequence[int] = (BPS,) * COUNT
    credit_value: int = 5
    gap_days: int = 9
    """With one, each day without any register is closed at deemed import."""

    def market(self) -> Market:
        market = new_market(replace(RULES, gap=self.gap_days * DAY), TARIFF, self.credit_value)
        for day, (buy, feed_in) in enumerate(zip(self.buy, self.feed_in, strict=True)):
            tariff = replace(TARIFF, buy=buy, feed_in=feed_in)
            market.set_tariff("home", tariff, TODAY + day, 0)
        for number, factor in enumerate(self.factors):
            begin = (FIRST + number) * HOUR
            market.write_prices("home", factor, begin + 1, begin - 1)
        return market

    @property
    def rounding(self) -> int:
        """1 Wh a slot, of what sharing is worth to a giver or to a taker."""
        most = 0
        for number, factor in enumerate(self.factors):
            day = number // SLOTS
            tariff = replace(TARIFF, buy=self.buy[day], feed_in=self.feed_in[day])
            shared = tariff.shared(THETA)
            taken = up(tariff.buy * factor, BPS) - shared - tariff.network_fee
            most += max(shared - tariff.feed_in, taken)
        return most


prices = st.builds(
    Prices,
    buy=st.tuples(st.integers(15, 40), st.integers(15, 40)),
    feed_in=st.tuples(st.integers(5, 13), st.integers(5, 13)),
    factors=factors,
    credit_value=st.integers(0, 5),
    gap_days=st.sampled_from([1, 9]),
)


def publish(market: Market, name: str, profile: Profile, missing: set[int], *, late: bool) -> None:
    """All boundaries but the missing ones; the last one always comes. Late ones come in the end."""
    registers = (0, 0)
    market.read(name, FIRST, registers, NOW)
    for end, rise in enumerate(profile, FIRST + 1):
        registers = moved(registers, (0, 0), rise)
        number = end - 1 - FIRST
        if number not in missing or number == COUNT - 1:
            now = NOW + 2 * DAY + GRACE if late else end * HOUR
            market.read(name, end, registers, now, consent=True)


def trade(market: Market, name: str, position: Sequence[int]) -> None:
    """At 20 with one who has no meter."""
    market.open("trader", NOW - DAY)
    market.deposit("trader", RICH)
    for number, wh in enumerate(position):
        slots = range(FIRST + number, FIRST + number + 1)
        parties = (name, "trader") if wh > 0 else ("trader", name)
        if wh:
            market.trade(*parties, slots, abs(wh), 20, NOW - 1)


def wealth(market: Market, *names: str) -> int:
    """What accounts have when everything is closed, credits at their worth."""
    for name in names:
        market.close([name], TODAY + 2, NOW + 3 * DAY + GRACE)
    market.check()
    own = [market.accounts[name] for name in names]
    return sum(each.worth + each.credits * market.credit_value.last for each in own)


@settings(max_examples=300)
@given(prices, profiles, positions, boundaries, st.booleans(), keeping, st.integers(-1, 1))
def test_withholding__one_account__never_pays(
    prices: Prices,
    profile: Profile,
    position: list[int],
    missing: set[int],
    late: bool,
    keeps: tuple[bool, bool],
    closed: int,
) -> None:
    def outcome(missing: set[int], *, late: bool) -> int:
        market = prices.market()
        household(market, "home", keeps=keeps[0])
        market.set_keeps("home", keeps[1], NOW)
        trade(market, "home", position)
        if late:
            market.close(["home"], TODAY + closed, NOW + 2 * DAY + GRACE)
        publish(market, "home", profile, missing, late=late)
        return wealth(market, "home")

    assert outcome(missing, late=late) <= outcome(set(), late=False)


@settings(max_examples=300)
@given(
    prices,
    st.tuples(profiles, profiles),
    st.lists(profiles, min_size=1, max_size=2),
    positions,
    st.tuples(boundaries, boundaries),
    st.tuples(st.booleans(), st.booleans()),
)
def test_withholding__two_accounts_in_a_community__pays_rounding_at_most(
    prices: Prices,
    own: tuple[Profile, Profile],
    neighbours: list[Profile],
    position: list[int],
    missing: tuple[set[int], set[int]],
    late: tuple[bool, bool],
) -> None:
    names = ("first", "second")

    def outcome(missing: Sequence[set[int]], late: Sequence[bool]) -> int:
        market = prices.market()
        for name in names:
            household(market, name, member=True)
        trade(market, "first", position)
        for number, profile in enumerate(neighbours):
            household(market, f"neighbour {number}", member=True)
            publish(market, f"neighbour {number}", profile, set(), late=False)
        for name, profile, gone, slow in zip(names, own, missing, late, strict=True):
            publish(market, name, profile, gone, late=slow)
        return wealth(market, *names)

    honest = outcome((set(), set()), (False, False))
    assert outcome(missing, late) <= honest + prices.rounding


def test_withholding__two_givers_or_takers__gain_a_wh() -> None:
    """The stated exception of the rule above: 1 Wh, in both directions."""

    def outcome(neighbour: tuple[int, int], own: tuple[int, int], missing: set[int]) -> int:
        market = Prices().market()
        for name, flow in (("neighbour", neighbour), ("first", own), ("second", own)):
            household(market, name, member=True)
            profile = [flow, *[(0, 0)] * (COUNT - 1)]
            publish(market, name, profile, missing if name == "second" else set(), late=False)
        return wealth(market, "first", "second")

    for neighbour, own, gain in (((1, 0), (0, 1), 18 - 8), ((0, 1), (1, 0), 30 - 18 - 2)):
        honest = outcome(neighbour, own, set())
        assert outcome(neighbour, own, {0}) - honest == gain


@given(one_way, boundaries, st.booleans())
def test_outage__a_flat_tariff_and_no_trades__costs_nothing(
    profile: Profile, missing: set[int], late: bool
) -> None:
    def outcome(missing: set[int], *, late: bool) -> int:
        market = Prices().market()
        household(market, "home")
        publish(market, "home", profile, missing, late=late)
        return wealth(market, "home")

    assert outcome(missing, late=late) == outcome(set(), late=False)


@settings(max_examples=200)
@given(
    prices,
    st.tuples(profiles, profiles, profiles),
    positions,
    st.tuples(boundaries, boundaries, boundaries),
    st.tuples(st.booleans(), st.booleans(), st.booleans()),
    st.lists(st.tuples(groups, st.integers(0, 2)), max_size=8),
)
def test_close__other_groups_and_another_order__gives_the_same_bills(
    prices: Prices,
    all_profiles: tuple[Profile, Profile, Profile],
    position: list[int],
    missing: tuple[set[int], set[int], set[int]],
    late: tuple[bool, bool, bool],
    closings: list[tuple[list[str], int]],
) -> None:
    names = ("first", "second", "third")

    def bills(closings: list[tuple[list[str], int]]) -> list[tuple[int, ...]]:
        market = prices.market()
        for name in names:
            household(market, name, member=name != "third", keeps=name == "first")
        trade(market, "second", position)
        # Those who are late publish when others may be closed already.
        for name, profile, gone, slow in zip(names, all_profiles, missing, late, strict=True):
            if not slow:
                publish(market, name, profile, gone, late=False)
        for group, day in closings:
            market.close(group, TODAY + day, NOW + 2 * DAY + GRACE)
        for name, profile, gone, slow in zip(names, all_profiles, missing, late, strict=True):
            if slow:
                publish(market, name, profile, gone, late=True)
        for group in [group for group, _ in closings] + [[*names, "trader"]]:
            market.close(group, TODAY + 2, NOW + 3 * DAY + GRACE)
        market.check()
        return [
            (each.free, each.debt, each.receivable, each.credits, each.pending, each.deemed)
            for each in market.accounts.values()
        ]

    assert bills(closings) == bills([])


def worth_after(seed: int, *, honest: bool) -> int:
    """Of an account that imports and exports for some days, is closed at any time, and may take
    its meter off; a dishonest one publishes when it likes, and the last register in the end."""
    random = Random(seed)
    market = new_market(replace(RULES, gap=random.choice((1, 2, 3)) * DAY))
    account, days = household(market, "home"), random.randint(2, 5)
    detached = random.choice((None, *range(days)))
    last = FIRST + SLOTS * (days if detached is None else detached + 1)
    shown, silence = {FIRST: (0, 0)}, random.choice((0.2, 0.8))
    market.read("home", FIRST, (0, 0), NOW)
    for end in range(FIRST + 1, FIRST + SLOTS * days + 1):
        if detached is not None and end - 1 == of_day(TODAY + detached):
            market.detach("home", (end - 1) * HOUR)
        rise = (random.choice((0, 100, 900, 3000)), random.choice((0, 0, 100, 900)))
        shown[end] = moved(shown[end - 1], (0, 0), rise)
        is_silent, closes, repents = (random.random() < p for p in (silence, 0.5, 0.3))
        if (honest or not is_silent) and end <= last:
            market.read("home", end, shown[end], end * HOUR, consent=True)
        final = end * HOUR + GRACE
        if closes:
            market.close(["home"], TODAY + days, final)
        if repents and account.read_to < min(end, last) - 1:
            middle = (account.read_to + min(end, last)) // 2
            market.read("home", middle, shown[middle], final, consent=True)
        market.check()
    if account.read_to < last:
        market.read("home", last, shown[last], NOW + days * DAY + GRACE, consent=True)
    market.close(["home"], TODAY + days - 1, NOW + days * DAY + GRACE)
    market.check()
    return account.worth


def test_withholding__any_schedule_with_deemed_days__never_pays(seeds: Seeds) -> None:
    for seed in seeds(500):
        gain = worth_after(seed, honest=False) - worth_after(seed, honest=True)
        assert gain <= 0, f"repeat with --hypothesis-seed={seed}"
