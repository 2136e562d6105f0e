"""The market's rules, second edition, said once: what contracts are compared with, to the unit.

Energy is in Wh, prices in money units per kWh, money in thousandths of a unit, in which every
product of the two is exact. Days and slots are numbered from 1970. The sections follow the rules:
accounts and registers, prices, trades, energy sharing, closing, missing readings.

    what came in - what went out == free money + covers + deposits + pot + grid account + fees

`Market.check` says this and the other identities; tests call it after every step.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Generic, TypeVar

from energy_grid.errors import DomainError

__all__ = ["BPS", "Account", "Community", "Market", "Refused", "Rules", "Tariff", "up"]

BPS = 10_000
DAY = 86_400
FOREVER = 2**32 - 1

Value = TypeVar("Value")


class Refused(DomainError):
    """A call that changes nothing: the name of the contract's error, and its values."""

    def __init__(self, name: str, *values: object) -> None:
        super().__init__(f"{name}{values}")
        self.name, self.values = name, values


def refuse_if(condition: bool, name: str, *values: object) -> None:
    """Raise `Refused`."""
    if condition:
        raise Refused(name, *values)


def up(numerator: int, denominator: int) -> int:
    """A quotient, rounded up."""
    return -(-numerator // denominator)


def plus(number: int) -> int:
    """A number, if it is positive."""
    return max(number, 0)


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What a deployment fixes. Times are in seconds; toy worlds have shorter days."""

    slot_seconds: int = 900
    day_seconds: int = DAY
    grace: int = 900
    horizon: int = 15 * DAY
    gap: int = 30 * DAY
    max_extension: int = 7 * DAY
    max_buy: int = 2**32 - 1
    max_fee: int = 2**32 - 1
    max_credits: int = 2**40 - 1

    @property
    def day_slots(self) -> int:
        """Slots of a day."""
        return self.day_seconds // self.slot_seconds

    def slots(self, day: int) -> range:
        """The slots of a day."""
        return range(day * self.day_slots, (day + 1) * self.day_slots)

    def day_of(self, slot: int) -> int:
        """The day of a slot."""
        return slot // self.day_slots

    def beyond_horizon(self, now: int) -> int:
        """The first day that nothing tradable now belongs to."""
        return up(now + self.horizon, self.day_seconds)

    def tomorrow(self, now: int) -> int:
        """The next day that has not begun."""
        return now // self.day_seconds + 1


@dataclass(frozen=True, kw_only=True)
class Tariff:
    """Prices of a region, in units per kWh; the highest dynamic factor in basis points."""

    buy: int
    feed_in: int
    network_fee: int = 0
    protocol_fee: int = 0
    max_factor: int = 3 * BPS

    @property
    def max_buy(self) -> int:
        """The dearest deficit."""
        return up(self.buy * self.max_factor, BPS)

    def shared(self, theta: int) -> int:
        """What a taker pays a giver."""
        return self.feed_in + up(theta * (self.buy - self.network_fee - self.feed_in), BPS)

    @property
    def fees(self) -> int:
        """Of a kWh that is sold."""
        return self.network_fee + self.protocol_fee


class Dated(Generic[Value]):
    """Values that hold from a day on, in the order of their days."""

    def __init__(self, first: Value) -> None:
        self.entries = [(0, first)]

    def at(self, day: int) -> Value:
        """What holds on a day."""
        if len(self.entries) == 1:
            return self.entries[0][1]
        return next(value for start, value in reversed(self.entries) if start <= day)

    def set(self, day: int, value: Value) -> None:
        """What holds from a day on, whatever was planned for later."""
        self.entries = [each for each in self.entries if each[0] < day] + [(day, value)]

    @property
    def last(self) -> Value:
        """What holds in the end."""
        return self.entries[-1][1]


@dataclass
class Community:
    """Accounts of one region that share. Sums are in Wh, by slot."""

    region: str
    theta: Dated[int]
    surplus: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    deficit: dict[int, int] = field(default_factory=lambda: defaultdict(int))


@dataclass
class Account:
    """One metering point. Energy by slot in Wh; money in thousandths."""

    region: str
    day: int
    """The first day that is not closed."""
    free: int = 0
    debt: int = 0
    receivable: int = 0
    credits: int = 0
    keeps: Dated[bool] = field(default_factory=lambda: Dated(False))
    """Whether surplus is kept as credits, and deficits are covered by them."""
    community: Dated[str | None] = field(default_factory=lambda: Dated(None))
    rated: int = 0
    """Power of the settlement meter in W."""
    security: int = 0
    """What answers for the meter, beside the free money."""
    metered: tuple[int, int] = (0, 0)
    """The slots that the meter speaks for: from the first to before the second."""
    read_to: int = 0
    """The slot that begins with the newest boundary reading."""
    registers: tuple[int, int] = (0, 0)
    late_to: int = 0
    """No slot from this one on was read after it was final."""
    pending: int = 0
    """What late registers have charged, until the next closing."""
    deemed: int = 0
    """The decayed mean of a day's import, in Wh."""
    read: set[int] = field(default_factory=set)
    """Slots at whose end a register was read."""
    unread_days: int = 0
    gap: int = 0
    """What unread days cost at deemed import, until there are 30 of them."""
    deemed_money: int = 0
    """What was charged so, until registers have caught up with the closed days."""
    registered: tuple[int, int] = (0, 0)
    """What the registers showed when the meter began to speak."""
    late_net: int = 0
    """Wh that came too late for their slots."""
    net: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    position: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    income: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    locked: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    balances: dict[int, Balance] = field(default_factory=dict)

    @property
    def worth(self) -> int:
        """All money, whenever it comes."""
        later = sum(self.income.values()) + sum(self.locked.values()) + self.security
        return self.free + later + self.receivable - self.debt - self.pending

    def is_metered(self, slot: int) -> bool:
        """Whether a meter speaks for the slot."""
        return self.metered[0] <= slot < self.metered[1]


@dataclass
class Balance:
    """Rule 17, of an account and a slot: in and out, in Wh, and the money that it brings."""

    net: int = 0
    position: int = 0
    taken: int = 0
    given: int = 0
    drawn: int = 0
    kept: int = 0
    from_grid: int = 0
    fed_in: int = 0
    money: int = 0

    @property
    def difference(self) -> int:
        """Of what comes in and goes out: nothing."""
        gains = self.net + self.position + self.taken + self.drawn + self.from_grid
        return gains - self.given - self.kept - self.fed_in


class Market:
    """All accounts, communities and regions, the pot of open trades, and the grid account."""

    def __init__(self, rules: Rules, tariff: Tariff, credit_value: int, region: str = "home"):
        self.rules = rules
        self.accounts: dict[str, Account] = {}
        self.communities: dict[str, Community] = {}
        self.tariffs: dict[str, Dated[Tariff]] = {}
        self.credit_value = Dated(credit_value)
        self.factors: dict[tuple[str, int], int] = {}
        self.outage = (0, 0, 0)
        self.cash = 0
        """Of the grid account."""
        self.protocol_fees = 0
        self.queue: deque[tuple[str, int]] = deque()
        self.tokens: dict[str, int] = defaultdict(int)
        """Credits outside the accounts, as ERC-20."""
        self.credits_paid = 0
        """Wh of credit that were turned into money, or paid a debt."""
        self.came_in = 0
        self.paid_out: dict[int, int] = defaultdict(int)
        self.add_region(region, tariff)

    # 1. Accounts, metering points, registers

    def open(self, name: str, now: int, region: str = "home") -> Account:
        """An account without a meter."""
        self.accounts[name] = Account(region=region, day=now // self.rules.day_seconds)
        return self.accounts[name]

    def attach(
        self, name: str, rated: int, registers: tuple[int, int], security: int, now: int
    ) -> None:
        """Tie a settlement meter to an account, from the next day on."""
        account, first = self.accounts[name], self.rules.tomorrow(now) * self.rules.day_slots
        refuse_if(account.metered != (0, 0), "HasMeter", name)
        self._require_free(name, security, now)
        account.free -= security
        account.security, account.rated = security, rated
        account.registers = account.registered = registers
        account.metered = (first, FOREVER)
        account.read_to = now // self.rules.slot_seconds
        # Until the meter has spoken.
        account.deemed = self._first_deemed(account)

    def exchange(
        self, name: str, rated: int, final: tuple[int, int], initial: tuple[int, int]
    ) -> None:
        """Another device at the same connection: it goes on where the old one ended."""
        account = self.accounts[name]
        refuse_if(account.metered[1] != FOREVER, "NoMeter", name)
        refuse_if(rated > account.rated, "PowerAbove", rated, account.rated)
        rise = moved(final, account.registers, (0, 0))
        refuse_if(min(rise) < 0, "RegisterDecreased", final)
        account.registers = moved(account.registers, final, initial)
        account.registered = moved(account.registered, final, initial)
        account.rated = rated

    def detach(self, name: str, now: int) -> None:
        """The meter speaks for no slot from the next day on."""
        account, end = self.accounts[name], self.rules.tomorrow(now) * self.rules.day_slots
        refuse_if(account.metered[1] != FOREVER, "NoMeter", name)
        account.metered = (min(account.metered[0], end), end)

    def release_security(self, name: str, now: int) -> None:
        """The deposit of a meter that is gone, when all its days are closed.

        Its last register must be there, or 30 days have passed without it.
        """
        account, (first, end) = self.accounts[name], self.accounts[name].metered
        closed = account.day * self.rules.day_slots
        refuse_if(closed < end, "DaysOpen", name, account.day)
        open_from = end * self.rules.slot_seconds + self.rules.gap
        is_missing = first < end and end - 1 not in account.read
        refuse_if(is_missing and now < open_from, "RegistersMissing", name, open_from)
        security, account.security = account.security, 0
        account.metered, account.registered = (0, 0), account.registers
        account.deemed = account.deemed_money = account.late_net = 0
        self._receive(account, security)

    def deposit(self, name: str, amount: int) -> None:
        """Money from outside, in thousandths; it pays a debt first."""
        self.came_in += amount
        self._receive(self.accounts[name], amount)

    def withdraw(self, name: str, amount: int, now: int) -> None:
        """Money to outside: what open days may cost stays."""
        account = self.accounts[name]
        self._require_no_gap(name, now)
        self._require_free(name, amount, now)
        account.free -= amount
        self.came_in -= amount

    def is_final(self, slot: int, now: int) -> bool:
        """Whether a slot takes part in sharing only as it is known now."""
        first, end, extra = self.outage
        late = extra if first <= slot < end else 0
        return now >= (slot + 1) * self.rules.slot_seconds + self.rules.grace + late

    def prolong(self, first: int, end: int, seconds: int, now: int) -> None:
        """An outage: the slots from ``first`` to before ``end`` are final later."""
        rules = self.rules
        refuse_if(seconds <= 0, "NothingProlonged")
        refuse_if(seconds > rules.max_extension, "TooLong", seconds)
        latest = (now + DAY) // rules.slot_seconds
        refuse_if(first > latest, "TooFarAhead", first, latest)
        is_range = 0 < end - first <= rules.max_extension // rules.slot_seconds
        refuse_if(not is_range, "BadRange", first, end)
        old = self.outage[1] - 1
        refuse_if(old >= 0 and not self.is_final(old, now), "OutageOpen", old)
        refuse_if(self.is_final(first, now), "SlotFinal", first)
        self.outage = (first, end, seconds)

    def read(
        self, name: str, end: int, registers: tuple[int, int], now: int, *, consent: bool = False
    ) -> None:
        """A boundary reading: import and export registers when slot ``end`` begins.

        What the slot before was is known by it; a reading that skips others needs the holder's
        consent, or 30 days.
        """
        account, rules = self.accounts[name], self.rules
        refuse_if(end > account.metered[1], "NoMeter", name, end)
        refuse_if(end * rules.slot_seconds > now, "FromFuture", end)
        refuse_if(end <= account.read_to, "NotNewer", end, account.read_to)
        first, due = account.metered[0], max(account.read_to + 1, account.metered[0])
        anyone = due * rules.slot_seconds + rules.gap
        refuse_if(end > due and not consent and now < anyone, "Skipped", end, anyone)
        imported, exported = moved(registers, account.registers, (0, 0))
        refuse_if(min(imported, exported) < 0, "RegisterDecreased", registers)
        most = account.rated * rules.slot_seconds * (end - account.read_to) // 3600
        refuse_if(imported + exported > most, "Implausible", imported + exported, most)
        span = range(max(account.read_to, first), end)
        in_order = end == account.read_to + 1
        account.read_to, account.registers = end, registers
        account.read.add(end - 1)
        if end <= first:
            account.registered = registers
            return
        if not in_order:
            self._charge_span(account, span, imported, exported)
        elif self.is_final(span[0], now):
            self._charge_late(account, span[0], exported - imported)
        else:
            self._meter(account, span[0], exported - imported)
        if end >= min(account.day * rules.day_slots, account.metered[1]):
            account.pending -= account.deemed_money
            account.deemed_money = account.gap = account.unread_days = 0

    def _meter(self, account: Account, slot: int, net: int) -> None:
        account.net[slot] = net
        if community := self.community_of(account, slot):
            surplus, deficit = shareable(net, account.position[slot])
            community.surplus[slot] += surplus
            community.deficit[slot] += deficit

    # 2. Prices

    def add_region(self, region: str, tariff: Tariff) -> None:
        """A region and its first tariff."""
        self._require_valid(tariff, self.credit_value.at(0))
        self.tariffs[region] = Dated(tariff)

    def set_tariff(self, region: str, tariff: Tariff, day: int, now: int) -> None:
        """Schedule a tariff; never for a day that can be traded."""
        self._require_beyond_horizon(day, now)
        self._require_valid(tariff, self.credit_value.at(day))
        self.tariffs[region].set(day, tariff)

    def set_credit_value(self, value: int, day: int, now: int) -> None:
        """Schedule a lower worth of a kWh of credit."""
        self._require_beyond_horizon(day, now)
        refuse_if(value > self.credit_value.last, "CreditValueRises", value)
        self.credit_value.set(day, value)

    def write_prices(self, region: str, factor: int, until: int, now: int) -> None:
        """What a round of the oracle says of the slots that begin after now, before ``until``."""
        for slot in range(now // self.rules.slot_seconds + 1, up(until, self.rules.slot_seconds)):
            tariff = self.tariffs[region].at(self.rules.day_of(slot))
            self.factors[region, slot] = min(tariff.max_factor, max(BPS, factor))

    def tariff(self, account: Account, slot: int) -> Tariff:
        """The tariff of an account's slot."""
        return self.tariffs[account.region].at(self.rules.day_of(slot))

    def deficit_price(self, account: Account, slot: int) -> int:
        """What a kWh of deficit costs."""
        factor = self.factors.get((account.region, slot), BPS)
        return up(self.tariff(account, slot).buy * factor, BPS)

    def _require_valid(self, tariff: Tariff, credit_value: int) -> None:
        room = tariff.buy - tariff.network_fee
        refuse_if(not 0 <= tariff.feed_in <= room, "FeedInAbove", tariff.feed_in, room)
        refuse_if(tariff.buy > self.rules.max_buy, "BuyAbove", tariff.buy, self.rules.max_buy)
        highest = max(tariff.network_fee, tariff.protocol_fee)
        refuse_if(highest > self.rules.max_fee, "FeeAbove", highest, self.rules.max_fee)
        refuse_if(tariff.max_factor < BPS, "FactorBelowOne", tariff.max_factor)
        refuse_if(credit_value > tariff.feed_in, "FeedInBelowCredit", tariff.feed_in, credit_value)

    # 3. Trades

    def trade(self, buyer: str, seller: str, slots: range, wh: int, price: int, now: int) -> None:
        """A match: the same whole Wh in every slot. The buyer pays, the seller locks its cover."""
        rules, buying, selling = self.rules, self.accounts[buyer], self.accounts[seller]
        refuse_if(buyer == seller, "SelfTrade", buyer)
        refuse_if(wh <= 0, "NothingTraded", wh)
        refuse_if(slots[0] * rules.slot_seconds <= now, "GateClosed", slots[0])
        end = slots.stop * rules.slot_seconds
        refuse_if(end > now + rules.horizon, "BeyondHorizon", end, now + rules.horizon)
        tariffs = [self.tariff(selling, slot) for slot in slots]
        # The fees in force when the period begins; what they leave is the seller's at its closing.
        left = price - tariffs[0].fees
        cover = max(plus(tariff.max_buy - plus(left)) for tariff in tariffs)
        refuse_if(buying.debt > 0, "InDebt", buyer, buying.debt)
        amounts = {buyer: price, seller: cover + plus(-left)}
        for name in amounts:
            self._require_no_gap(name, now)
        # Energy would be bought where it is cheap and used where it is dear.
        refuse_if(selling.region != buying.region, "OtherRegion", seller, selling.region)
        for name, rate in amounts.items():
            self._require_free(name, wh * rate * len(slots), now)
        for name, rate in amounts.items():
            self.accounts[name].free -= wh * rate * len(slots)
        self.cash += wh * tariffs[0].network_fee * len(slots)
        self.protocol_fees += wh * tariffs[0].protocol_fee * len(slots)
        for slot in slots:
            buying.position[slot] += wh
            selling.position[slot] -= wh
            selling.income[slot] += wh * plus(left)
            selling.locked[slot] += wh * cover
        self._serve()

    def consume(self, name: str, wh: int, now: int, limit: int | None = None) -> None:
        """Lock what Wh of the running slot cost; without a meter they are consumed."""
        account, slot = self.accounts[name], now // self.rules.slot_seconds
        price = self.deficit_price(account, slot)
        self._require_no_gap(name, now)
        refuse_if(limit is not None and price > limit, "PriceAbove", price, limit)
        self._require_free(name, wh * price, now)
        account.free -= wh * price
        account.locked[slot] += wh * price
        if not account.is_metered(slot):
            account.net[slot] -= wh

    # 4. Energy sharing

    def found(self, name: str, theta: int = 5000, region: str = "home") -> None:
        """A community without members."""
        self.communities[name] = Community(region=region, theta=Dated(theta))

    def join(self, name: str, community: str, now: int) -> None:
        """Membership from the next day on."""
        account = self.accounts[name]
        day = self.rules.tomorrow(now)
        refuse_if(account.community.at(day) is not None, "IsMember", name)
        refuse_if(self.communities[community].region != account.region, "OtherRegion", name)
        refuse_if(account.metered[1] <= day * self.rules.day_slots, "NoMeter", name)
        refuse_if(account.debt > 0, "InDebt", name, account.debt)
        account.community.set(day, community)

    def leave(self, name: str, now: int) -> None:
        """The end of a membership, beyond what can be traded."""
        self.accounts[name].community.set(self.rules.beyond_horizon(now), None)

    def suspend(self, name: str, now: int) -> None:
        """Anybody ends the membership of an account that owes."""
        refuse_if(self.accounts[name].debt == 0, "NoDebt", name)
        self.leave(name, now)

    def set_theta(self, community: str, theta: int, day: int, now: int) -> None:
        """Schedule how shared energy is priced between feed-in and purchase."""
        self._require_beyond_horizon(day, now)
        refuse_if(not 0 <= theta <= BPS, "ThetaAbove", theta)
        self.communities[community].theta.set(day, theta)

    def community_of(self, account: Account, slot: int) -> Community | None:
        """The community that an account's slot is shared in."""
        name = account.community.at(self.rules.day_of(slot))
        return self.communities[name] if name is not None else None

    def shared(self, account: Account, slot: int) -> tuple[int, int]:
        """Wh that an account takes and gives, by the dynamic key."""
        community = self.community_of(account, slot)
        if community is None or not account.is_metered(slot):
            return 0, 0
        surplus, deficit = shareable(account.net[slot], account.position[slot])
        supply, demand = community.surplus[slot], community.deficit[slot]
        amount = min(supply, demand)
        taken = deficit * amount // demand if demand else 0
        return taken, surplus * amount // supply if supply else 0

    # 5. Closing

    def set_keeps(self, name: str, keeps: bool, now: int) -> None:
        """Whether credits are kept and used, from the next day on."""
        self.accounts[name].keeps.set(self.rules.tomorrow(now), keeps)

    def close(self, names: Sequence[str], through: int, now: int) -> int:
        """Close days of accounts, each account's in order; gives how many."""
        closed = 0
        day = min(self.accounts[name].day for name in names)
        while day <= through and all(self.is_final(slot, now) for slot in self.rules.slots(day)):
            for name in names:
                if self.accounts[name].day == day:
                    self._close_day(name, self.accounts[name], day)
                    closed += 1
            day += 1
        self._serve()
        return closed

    def _close_day(self, name: str, account: Account, day: int) -> None:
        value, keeps = self.credit_value.at(day), account.keeps.at(day)
        money, account.pending = -account.pending, 0
        for slot in self.rules.slots(day):
            # What a trade brings, and what covers it, come before the deficit that it may leave.
            account.free += account.income.pop(slot, 0) + account.locked.pop(slot, 0)
            account.balances[slot] = self._settle_slot(account, slot, keeps, value)
            money += account.balances[slot].money
        account.day = day + 1
        money -= self._deem(account, day)
        if money >= 0:
            self._pay(name, money, day)
        else:
            self._charge(account, -money)
        self._repay(account, value)

    def _settle_slot(self, account: Account, slot: int, keeps: bool, value: int) -> Balance:
        tariff, price = self.tariff(account, slot), self.deficit_price(account, slot)
        net, position = account.net[slot], account.position[slot]
        taken, given = self.shared(account, slot)
        community = self.community_of(account, slot)
        shared = tariff.shared(community.theta.at(self.rules.day_of(slot))) if community else 0
        surplus = plus(net + position) - given
        deficit = plus(-net - position) - taken
        kept = drawn = 0
        if keeps:
            room = self.rules.max_credits - account.credits
            kept = min(surplus, plus(net) - given, room)
            drawn = min(deficit, plus(-net) - taken, account.credits)
        account.credits += kept - drawn
        fed_in, from_grid = surplus - kept, deficit - drawn
        money = (
            given * shared
            - taken * (shared + tariff.network_fee)
            + fed_in * tariff.feed_in
            - drawn * (price - value)
            - from_grid * price
        )
        return Balance(net, position, taken, given, drawn, kept, from_grid, fed_in, money)

    def _pay(self, name: str, money: int, day: int) -> None:
        """Money of the grid account; what it lacks is a receivable, behind those before."""
        account = self.accounts[name]
        repaid = min(money, account.debt)
        account.debt -= repaid
        if money > repaid:
            self.paid_out[day] += money - repaid
            account.receivable += money - repaid
            self.queue.append((name, money - repaid))
            self._serve()

    def _charge(self, account: Account, money: int) -> None:
        """Money for the grid account: from receivables and free money; the rest is a debt."""
        offset = min(money, account.receivable)
        account.receivable -= offset
        account.debt += money - offset

    def _repay(self, account: Account, value: int) -> None:
        """Free money pays a debt first, then credits do, whole Wh at their worth."""
        repaid = min(account.free, account.debt)
        account.free -= repaid
        account.debt -= repaid
        self.cash += repaid
        used = min(account.credits, account.debt // value) if value else 0
        account.credits -= used
        self.credits_paid += used
        account.debt -= used * value

    def _receive(self, account: Account, money: int) -> None:
        """Money from outside, or from the grid account's cash."""
        account.free += money
        self._repay(account, 0)
        self._serve()

    def _serve(self) -> None:
        """Receivables, first in, first out; set off by charges in the meantime, they are less."""
        while self.queue and self.cash > 0:
            name, amount = self.queue.popleft()
            account = self.accounts[name]
            amount = min(amount, account.receivable)
            paid = min(amount, self.cash)
            self.cash -= paid
            account.receivable -= paid
            account.free += paid
            if paid < amount:
                self.queue.appendleft((name, amount - paid))

    def fund_grid(self, amount: int) -> None:
        """Money of the supplier."""
        self.came_in += amount
        self.cash += amount
        self._serve()

    def collect(self, amount: int, now: int) -> None:
        """Money of the supplier back: what credits and receivables are worth stays."""
        today = now // self.rules.day_seconds
        value = self.credit_value.at(today)
        stays = value * self.credits
        stays += sum(account.receivable for account in self.accounts.values())
        stays += sum(money for day, money in self.paid_out.items() if day >= today - 7)
        refuse_if(amount > self.cash - stays, "CollectAbove", amount, self.cash - stays)
        self.cash -= amount
        self.came_in -= amount

    def redeem(self, name: str, wh: int, now: int) -> None:
        """Credits for money, as far as the grid account reaches."""
        account = self.accounts[name]
        money = wh * self.credit_value.at(now // self.rules.day_seconds)
        refuse_if(wh > account.credits, "CreditsMissing", wh, account.credits)
        refuse_if(money > self.cash, "GridAccountShort", money, self.cash)
        account.credits -= wh
        self.credits_paid += wh
        self.cash -= money
        self._receive(account, money)

    def withdraw_credits(self, name: str, wh: int, now: int) -> None:
        """Credits become tokens, unless the account owes, or could not pay its open days."""
        account = self.accounts[name]
        self._require_no_gap(name, now)
        self._require_free(name, 0, now)
        refuse_if(wh > account.credits, "CreditsMissing", wh, account.credits)
        account.credits -= wh
        self.tokens[name] += wh

    def deposit_credits(self, name: str, holder: str, wh: int, now: int) -> None:
        """Tokens become credits; they pay a debt first."""
        account = self.accounts[name]
        refuse_if(wh > self.tokens[holder], "TokensMissing", wh, self.tokens[holder])
        room = self.rules.max_credits - account.credits
        refuse_if(wh > room, "CreditFieldFull", wh, room)
        self.tokens[holder] -= wh
        account.credits += wh
        self._repay(account, self.credit_value.at(now // self.rules.day_seconds))

    # 6. Missing readings

    def _charge_late(self, account: Account, slot: int, net: int) -> None:
        """A slot that was final without it: the difference, without sharing and credits."""
        position = account.position[slot]
        fed_in = self.tariff(account, slot).feed_in
        price = self.deficit_price(account, slot)
        charge = cost(-net - position, price, fed_in) - cost(-position, price, fed_in)
        if account.keeps.at(self.rules.day_of(slot)):
            kept = min(plus(net + position), plus(net))
            charge += kept * (fed_in - self.credit_value.at(self.rules.day_of(slot)))
        account.pending += charge
        account.late_net += net
        account.late_to = slot + 1

    def _charge_span(self, account: Account, span: range, imported: int, exported: int) -> None:
        """Slots whose boundaries never come: the dearest import, the lowest export."""
        days = {self.rules.day_of(slot) for slot in span}
        lowest = min(self.tariffs[account.region].at(day).feed_in for day in days)
        if any(account.keeps.at(day) for day in days):
            lowest = min(lowest, *(self.credit_value.at(day) for day in days))
        dearest = max(self.deficit_price(account, slot) for slot in span)
        account.pending += imported * dearest - exported * lowest
        account.late_net += exported - imported
        account.late_to = span.stop

    def _first_deemed(self, account: Account) -> int:
        """An eighth of what the meter could take in a day."""
        return account.rated * self.rules.day_seconds // (8 * 3600)

    def _deem(self, account: Account, day: int) -> int:
        """The mean import follows days read in time. In the end unread days are charged at it, but
        not below what a meter that has never spoken pays."""
        slots = self.rules.slots(day)
        if not account.is_metered(slots.start):
            return 0
        if account.read_to >= slots.stop:
            if account.late_to <= slots.start and all(slot in account.read for slot in slots):
                imported = sum(plus(-account.net[slot]) for slot in slots)
                account.deemed = (7 * account.deemed + imported) // 8
            return 0
        is_last = slots.stop == account.metered[1]
        if any(slot in account.read for slot in slots) and not is_last:
            return 0
        deemed = max(account.deemed, self._first_deemed(account))
        account.gap += deemed * max(self.deficit_price(account, slot) for slot in slots)
        account.unread_days += 1
        if account.unread_days * self.rules.day_seconds < self.rules.gap and not is_last:
            return 0
        charge, account.gap, account.unread_days = account.gap, 0, 0
        account.deemed_money += charge
        return charge

    def gap_of(self, name: str, now: int) -> int | None:
        """The last final slot, if no register has reached it."""
        account, newest = self.accounts[name], now // self.rules.slot_seconds
        slot = next(slot for slot in count(newest, -1) if self.is_final(slot, now))
        return slot if account.is_metered(slot) and slot not in account.read else None

    def _require_no_gap(self, name: str, now: int) -> None:
        slot = self.gap_of(name, now)
        refuse_if(slot is not None, "GapOpen", name, slot)

    def _require_free(self, name: str, amount: int, now: int) -> None:
        """Debts, and what the open days may cost, come first."""
        account = self.accounts[name]
        today = now // self.rules.day_seconds
        dearest = self.tariffs[account.region].at(today).max_buy
        first, end = (slot // self.rules.day_slots for slot in account.metered)
        open_days = plus(min(today + 1, end) - max(account.day, first))
        kept = open_days * account.deemed * dearest + plus(account.pending)
        free = account.free - account.debt - kept
        refuse_if(amount > free, "InsufficientBalance", name, amount, free)

    def _require_beyond_horizon(self, day: int, now: int) -> None:
        first = self.rules.beyond_horizon(now)
        refuse_if(day < first, "WithinHorizon", day, first)

    # What always holds

    @property
    def credits(self) -> int:
        """All Wh of credit, in accounts and as tokens."""
        held = sum(account.credits for account in self.accounts.values())
        return held + sum(self.tokens.values())

    def check(self) -> None:
        """The identities, in Wh and in thousandths, whatever has happened."""
        accounts = self.accounts.values()
        pot = sum(sum(each.income.values()) for each in accounts)
        locked = sum(sum(each.locked.values()) + each.security for each in accounts)
        free = sum(each.free for each in accounts)
        assert self.came_in == free + locked + pot + self.cash + self.protocol_fees
        assert self.cash >= 0
        assert not (self.cash and any(each.receivable for each in accounts)), "served first"
        for each in accounts:
            assert min(each.free, each.debt, each.receivable, each.credits) >= 0
            assert not (each.debt and (each.free or each.receivable)), "what comes in repays first"
            owes = each.debt >= self.credit_value.at(0) and self.credit_value.last > 0
            assert not (owes and each.credits), "credits too"
            closed = each.day * self.rules.day_slots
            assert all(slot >= closed for slot in (*each.income, *each.locked))
            assert [*each.balances] == sorted(each.balances)
            assert all(balance.difference == 0 for balance in each.balances.values())
            imported, exported = moved(each.registers, each.registered, (0, 0))
            metered = sum(wh for slot, wh in each.net.items() if each.is_metered(slot))
            assert exported - imported == metered + each.late_net
        balances = [balance for each in accounts for balance in each.balances.values()]
        kept = sum(balance.kept - balance.drawn for balance in balances)
        assert kept == self.credits + self.credits_paid
        self._check_slots()

    def _check_slots(self) -> None:
        """Over all accounts, and what rounding leaves to the grid account."""
        accounts = self.accounts.values()
        for slot in {slot for each in accounts for slot in each.position}:
            assert not sum(each.position.get(slot, 0) for each in accounts)
        for community in self.communities.values():
            for slot, supply in community.surplus.items():
                inside = [each for each in accounts if self.community_of(each, slot) is community]
                balances = [each.balances.get(slot) for each in inside]
                pairs = [
                    (closed.taken, closed.given) if closed else self.shared(each, slot)
                    for each, closed in zip(inside, balances, strict=True)
                ]
                amount = min(supply, community.deficit[slot])
                for shared in map(sum, zip(*pairs, strict=True)):
                    assert amount - len(inside) < shared <= amount


def moved(
    registers: tuple[int, int], start: tuple[int, int], to: tuple[int, int]
) -> tuple[int, int]:
    """Registers as they would be if they had started elsewhere."""
    return registers[0] - start[0] + to[0], registers[1] - start[1] + to[1]


def shareable(net: int, position: int) -> tuple[int, int]:
    """Metered surplus and deficit that trades leave, in Wh."""
    rest = net + position
    return min(plus(rest), plus(net)), min(plus(-rest), plus(-net))


def cost(need: int, price: int, feed_in: int) -> int:
    """What a need costs the grid's customer; a surplus earns the feed-in."""
    return need * price if need > 0 else need * feed_in
