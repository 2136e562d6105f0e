"""The market in any order: households that live, meters that fail, trades, communities, credits,
tariffs, outages, an operator and closings. Days have four or eight slots, weeks seven days.

After every step the identities of the model hold, and
    1. what was refused has changed nothing;
    2. closing an account changes its worth by what its balances say, and no other account's;
    3. what a meter showed in time is what its closed slots say, and nothing else is;
    4. no step but its own deposits, trades, readings and closings changes what an account is worth.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.model.market import Account, Balance, Market, Refused, Rules, Tariff, moved

HOMES = ("north", "east", "south", "west")
NAMES = (*HOMES, "trader")
KEEPERS = ("north", "east")
COMMUNITIES = ("street", "village")
GRACE, DAY_SLOTS, START = 900, {3600: 4, 900: 8}, 100
RATED = 20_000
SECURITY = 5000

homes = st.sampled_from(HOMES)
names = st.sampled_from(NAMES)
prices = st.integers(0, 40)
money = st.sampled_from([1, 20_000, 10**6, 10**8])
wh = st.sampled_from([1, 7, 500, 3000])


class RandomMarket(RuleBasedStateMachine):
    """Every call either happens wholly or is refused."""

    @initialize(
        slot_seconds=st.sampled_from([3600, 900]),
        salt=st.integers(0, 10**6),
        theta=st.sampled_from([0, 1, 5000, 10_000]),
        fees=st.tuples(st.integers(0, 3), st.integers(0, 2)),
        wealth=st.sampled_from([0, 2 * 10**6, 10**9]),
        funds=st.sampled_from([0, 10**9]),
    )
    def open(
        self,
        slot_seconds: int,
        salt: int,
        theta: int,
        fees: tuple[int, int],
        wealth: int,
        funds: int,
    ) -> None:
        self.day_slots = DAY_SLOTS[slot_seconds]
        day = slot_seconds * self.day_slots
        self.rules = Rules(
            slot_seconds=slot_seconds,
            day_seconds=day,
            grace=GRACE,
            horizon=8 * day,
            gap=3 * day,
            max_extension=day,
            max_credits=20_000,
        )
        self.fees, self.salt, self.now = fees, salt, START * day
        self.market = Market(self.rules, self.tariff(30, 8), 5)
        for community in COMMUNITIES:
            self.market.found(community, theta)
        self.market.fund_grid(funds)
        self.put_in = funds
        self.shown: dict[str, dict[int, tuple[int, int]]] = {name: {} for name in HOMES}
        """What each meter showed at each boundary."""
        self.timely: dict[tuple[str, int], int] = {}
        self.worth: dict[str, int] = {}
        for name in NAMES:
            self.market.open(name, self.now)
            self.market.deposit(name, wealth + SECURITY)
            self.put_in += wealth + SECURITY
        for name in HOMES:
            self.market.attach(name, RATED, (0, 0), SECURITY if wealth else 0, self.now)
            self.shown[name][self.slot] = (0, 0)
            self.market.join(name, "street", self.now)
        for name in KEEPERS:
            self.market.set_keeps(name, True, self.now)
        self.remember()

    @property
    def slot(self) -> int:
        return self.now // self.rules.slot_seconds

    def tariff(self, buy: int, feed_in: int) -> Tariff:
        return Tariff(buy=buy, feed_in=feed_in, network_fee=self.fees[0], protocol_fee=self.fees[1])

    def attempt(self, *changed: str, call: Callable[[], object]) -> bool:
        """Whether it happens. Only accounts that are named may be worth something else."""
        before = self.state()
        try:
            call()
        except Refused:
            assert self.state() == before
            return False
        for name, account in self.market.accounts.items():
            assert name in changed or account.worth == self.worth[name]
        self.remember()
        return True

    def remember(self) -> None:
        self.worth_before = self.worth
        self.worth = {name: each.worth for name, each in self.market.accounts.items()}

    def state(self) -> tuple[object, ...]:
        market, accounts = self.market, self.market.accounts.values()
        own = [
            [value for value in vars(each).values() if isinstance(value, (int, tuple))]
            for each in accounts
        ]
        positions = [Counter(each.position) for each in accounts]
        dated = [([*each.community.entries], [*each.keeps.entries]) for each in accounts]
        money = (market.cash, market.protocol_fees, market.came_in, Counter(market.tokens))
        tariffs = [*market.tariffs["home"].entries]
        return own, positions, dated, money, tariffs, Counter(market.factors), market.outage

    # Time, and what meters show

    @rule(slots=st.integers(0, 3), offset=st.sampled_from([-1, 0, GRACE - 1, GRACE]))
    def wait(self, slots: int, offset: int) -> None:
        self.pass_time(max(self.now, (self.slot + slots) * self.rules.slot_seconds + offset))

    def pass_time(self, now: int) -> None:
        first, self.now = self.slot, now
        for boundary in range(first + 1, self.slot + 1):
            for number, name in enumerate(HOMES):
                net = (boundary * 7919 + number * 104_729 + self.salt) % 6001 - 3000
                # Sunny days for some, dark days for others.
                net += (-1500, 0, 1500)[(boundary // (3 * self.day_slots) + number) % 3]
                rise = (max(-net, 0), max(net, 0))
                self.shown[name][boundary] = moved(self.shown[name][boundary - 1], (0, 0), rise)

    def publish(self, name: str, boundary: int, *, consent: bool = False) -> bool:
        account, market = self.market.accounts[name], self.market
        slot, registers = boundary - 1, self.shown[name].get(boundary, (0, 0))
        in_order = account.read_to == slot >= account.metered[0]
        net = moved(registers, account.registers, (0, 0))
        is_timely = in_order and not market.is_final(slot, self.now)
        done = self.attempt(
            name,
            call=lambda: market.read(name, boundary, registers, self.now, consent=consent),
        )
        if done and is_timely:
            self.timely[name, slot] = net[1] - net[0]
            assert account.worth == self.worth[name]
        return done

    def due(self, name: str) -> range:
        account = self.market.accounts[name]
        first = max(account.read_to + 1, account.metered[0])
        return range(first, min(self.slot, account.metered[1]) + 1)

    @rule(who=st.sets(homes, min_size=1))
    def read_in_order(self, who: set[str]) -> None:
        for name in sorted(who):
            for boundary in self.due(name):
                # Only the holder can skip what an old device would have shown.
                if boundary in self.shown[name]:
                    self.publish(name, boundary, consent=True)

    @rule(name=homes, back=st.integers(0, 5), consent=st.booleans())
    def read_any(self, name: str, back: int, consent: bool) -> None:
        self.publish(name, self.slot - back, consent=consent)

    @rule(
        silent=st.sets(homes, max_size=2),
        days=st.integers(1, 4),
        order=st.permutations(NAMES),
        closes=st.booleans(),
    )
    def live(self, silent: set[str], days: int, order: list[str], closes: bool) -> None:
        """The ordinary course of things: readings at every boundary, then closings."""
        for _ in range(days * self.day_slots):
            self.pass_time((self.slot + 1) * self.rules.slot_seconds)
            self.read_in_order({*HOMES} - silent)
        self.pass_time(self.now + GRACE)
        for name in order if closes else ():
            self.close(name, 0)

    @rule(order=st.permutations(NAMES), days=st.integers(1, 2))
    def live_and_read(self, order: list[str], days: int) -> None:
        self.read_in_order({*HOMES})
        self.live(set(), days, order, closes=True)

    @rule(name=homes, rise=st.integers(0, 900), initial=st.integers(0, 10**6))
    def exchange(self, name: str, rise: int, initial: int) -> None:
        final = moved(self.shown[name][self.slot], (0, 0), (rise, rise))
        new = (initial, initial + 1)
        if self.attempt(call=lambda: self.market.exchange(name, RATED, final, new)):
            # Only the new device shows registers now; what the old one missed is in its next.
            self.shown[name] = {self.slot: new}

    @rule(name=homes, silent=st.sets(homes, max_size=1), order=st.permutations(NAMES))
    def detach(self, name: str, silent: set[str], order: list[str]) -> None:
        self.attempt(call=lambda: self.market.detach(name, self.now))
        self.live(silent, 1, order, closes=True)

    @rule(name=homes, security=st.sampled_from([0, SECURITY]))
    def attach(self, name: str, security: int) -> None:
        account = self.market.accounts[name]
        if account.metered == (0, 0) or self.attempt(
            call=lambda: self.market.release_security(name, self.now)
        ):
            registers = self.shown[name][self.slot]
            self.attempt(
                call=lambda: self.market.attach(name, RATED, registers, security, self.now)
            )

    # Prices

    @rule(factor=st.sampled_from([5000, 10_001, 15_000, 40_000]), slots=st.integers(1, 9))
    def oracle(self, factor: int, slots: int) -> None:
        until = (self.slot + slots) * self.rules.slot_seconds
        self.attempt(call=lambda: self.market.write_prices("home", factor, until, self.now))

    @rule(buy=st.integers(10, 60), feed_in=st.integers(0, 20), days=st.integers(-1, 2))
    def set_tariff(self, buy: int, feed_in: int, days: int) -> None:
        day = self.rules.beyond_horizon(self.now) + days
        tariff = self.tariff(buy, feed_in)
        self.attempt(call=lambda: self.market.set_tariff("home", tariff, day, self.now))

    @rule(
        value=st.integers(0, 6),
        theta=st.integers(0, 10_000),
        community=st.sampled_from(COMMUNITIES),
    )
    def set_values(self, value: int, theta: int, community: str) -> None:
        day = self.rules.beyond_horizon(self.now)
        self.attempt(call=lambda: self.market.set_credit_value(value, day, self.now))
        self.attempt(call=lambda: self.market.set_theta(community, theta, day, self.now))

    @rule(first=st.integers(-3, 3), slots=st.integers(1, 6), seconds=st.integers(0, 30_000))
    def outage(self, first: int, slots: int, seconds: int) -> None:
        begin = self.slot + first
        self.attempt(call=lambda: self.market.prolong(begin, begin + slots, seconds, self.now))

    # Trades

    @rule(
        parties=st.permutations(NAMES),
        kind=st.sampled_from(["hour", "day", "week"]),
        ahead=st.integers(0, 2),
        wh=wh,
        price=prices,
    )
    def trade(self, parties: list[str], kind: str, ahead: int, wh: int, price: int) -> None:
        buyer, seller = parties[:2]
        length = {"hour": 1, "day": self.day_slots, "week": 7 * self.day_slots}[kind]
        unit = 1 if kind == "hour" else self.day_slots
        first = (self.slot // unit + ahead) * unit
        slots = range(first, first + length)
        fees = self.market.tariff(self.market.accounts[seller], first).fees
        if self.attempt(
            buyer,
            seller,
            call=lambda: self.market.trade(buyer, seller, slots, wh, price, self.now),
        ):
            before = self.worth_before
            assert self.worth[buyer] == before[buyer] - length * wh * price
            assert self.worth[seller] == before[seller] + length * wh * (price - fees)

    @rule(name=names, wh=wh, limit=st.one_of(st.none(), prices))
    def consume(self, name: str, wh: int, limit: int | None) -> None:
        self.attempt(call=lambda: self.market.consume(name, wh, self.now, limit))

    # Communities, credits, money

    @rule(name=names, community=st.sampled_from(COMMUNITIES))
    def join(self, name: str, community: str) -> None:
        self.attempt(call=lambda: self.market.join(name, community, self.now))

    @rule(name=names, suspended=st.booleans())
    def leave(self, name: str, suspended: bool) -> None:
        end = self.market.suspend if suspended else self.market.leave
        self.attempt(call=lambda: end(name, self.now))

    @rule(name=names, keeps=st.booleans())
    def set_keeps(self, name: str, keeps: bool) -> None:
        self.attempt(call=lambda: self.market.set_keeps(name, keeps, self.now))

    @rule(name=names, wh=wh)
    def withdraw_credits(self, name: str, wh: int) -> None:
        self.attempt(call=lambda: self.market.withdraw_credits(name, wh, self.now))

    @rule(name=names, holder=names, wh=wh)
    def deposit_credits(self, name: str, holder: str, wh: int) -> None:
        self.attempt(name, call=lambda: self.market.deposit_credits(name, holder, wh, self.now))

    @rule(name=names, wh=wh)
    def redeem(self, name: str, wh: int) -> None:
        value = self.market.credit_value.at(self.now // self.rules.day_seconds)
        if self.attempt(name, call=lambda: self.market.redeem(name, wh, self.now)):
            assert self.worth[name] == self.worth_before[name] + wh * value

    @rule(name=names, amount=money)
    def deposit(self, name: str, amount: int) -> None:
        self.attempt(name, call=lambda: self.market.deposit(name, amount))
        assert self.worth[name] == self.worth_before[name] + amount
        self.put_in += amount

    @rule(name=names, amount=money)
    def withdraw(self, name: str, amount: int) -> None:
        if self.attempt(name, call=lambda: self.market.withdraw(name, amount, self.now)):
            self.put_in -= amount

    @rule(amount=money)
    def fund_grid(self, amount: int) -> None:
        self.attempt(call=lambda: self.market.fund_grid(amount))
        self.put_in += amount

    @rule(amount=money)
    def collect(self, amount: int) -> None:
        if self.attempt(call=lambda: self.market.collect(amount, self.now)):
            self.put_in -= amount

    # Closing

    @rule(name=names, back=st.integers(0, 2))
    def close(self, name: str, back: int) -> None:
        account = self.market.accounts[name]
        last = self.now // self.rules.day_seconds - back
        for day in range(account.day, last + 1):
            credits, deemed = account.credits, account.deemed_money
            due = all(self.market.is_final(slot, self.now) for slot in self.rules.slots(day))
            self.attempt(name, call=partial(self.market.close, [name], day, self.now))
            assert account.day == day + due
            if not due:
                break
            balances = [account.balances[slot] for slot in self.rules.slots(day)]
            self.follow(name, day, balances)
            used = credits + sum(each.kept - each.drawn for each in balances) - account.credits
            value = self.market.credit_value.at(day)
            brought = sum(
                self.bill(account, slot, balance)
                for slot, balance in zip(self.rules.slots(day), balances, strict=True)
            )
            assert account.pending == 0
            assert self.worth[name] - self.worth_before[name] == (
                brought + used * value - (account.deemed_money - deemed)
            )

    def follow(self, name: str, day: int, balances: list[Balance]) -> None:
        for slot, balance in zip(self.rules.slots(day), balances, strict=True):
            if name != "trader" and self.market.accounts[name].is_metered(slot):
                assert balance.net == self.timely.get((name, slot), 0)

    def bill(self, account: Account, slot: int, balance: Balance) -> int:
        """Rules 13 and 16, from Wh."""
        market, day = self.market, self.rules.day_of(slot)
        tariff, price = market.tariff(account, slot), market.deficit_price(account, slot)
        community = market.community_of(account, slot)
        theta = community.theta.at(day) if community else 0
        shared = tariff.feed_in - (
            -theta * (tariff.buy - tariff.network_fee - tariff.feed_in) // 10_000
        )
        income = balance.given * shared + balance.fed_in * tariff.feed_in
        cost = balance.taken * (shared + tariff.network_fee) + balance.from_grid * price
        return income - cost - balance.drawn * (price - market.credit_value.at(day))

    @invariant()
    def identities(self) -> None:
        if hasattr(self, "market"):
            self.market.check()
            assert self.market.came_in == self.put_in


TestRandomMarket = RandomMarket.TestCase
TestRandomMarket.settings = settings(max_examples=150, stateful_step_count=50, deadline=None)
