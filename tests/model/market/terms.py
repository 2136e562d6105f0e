"""What the rules are about: what a deployment fixes, tariffs, communities, accounts.

Energy is in Wh, prices in money units per kWh, money in thousandths of a unit, in which every
product of the two is exact. Days and slots are numbered from 1970.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from energy_grid.errors import DomainError

__all__ = [
    "BPS",
    "DAY",
    "FOREVER",
    "REGISTER_END",
    "Account",
    "Balance",
    "Community",
    "Dated",
    "GatewayDay",
    "Leaf",
    "Refused",
    "Rules",
    "Tariff",
    "cost",
    "moved",
    "plus",
    "refuse_if",
    "same",
    "shareable",
    "up",
]

BPS = 10_000
DAY = 86_400
FOREVER = 2**32 - 1
REGISTER_END = 2**48
"""Where registers begin again from 0."""

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
    challenge: int = 6 * 3600
    """From the anchoring of a gateway's day to its settling."""
    deadline: int = 3 * DAY
    """From the end of a gateway's day until its accounts close alone."""
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
    by_gateway: bool = False
    """Whether a gateway reads whole days of the accounts, in which alone they share."""
    is_static: bool = False
    """Whether shares follow coefficients."""
    days: dict[int, GatewayDay] = field(default_factory=dict)
    settled: int = 0
    """The day that was settled last."""
    surplus: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    deficit: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    allotted: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    """What all take by the static key."""


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """What a gateway says of an account's day. Registers (import, export) are the account's, modulo
    REGISTER_END: where a device is exchanged they go on. Nets are in Wh, slot by slot."""

    status: str = "measured"
    """Or "absent", or "sealed": only its hash is public until somebody opens it."""
    continues: bool = False
    """The account was measured the day before, and the registers go on."""
    first: tuple[int, int] = (0, 0)
    last: tuple[int, int] = (0, 0)
    nets: tuple[int, ...] = ()

    @property
    def rise(self) -> tuple[int, int]:
        """Of both registers."""
        imported, exported = moved(self.last, self.first, (0, 0))
        return imported % REGISTER_END, exported % REGISTER_END


@dataclass
class GatewayDay:
    """A day of a community as its gateway has anchored it."""

    leaves: dict[str, Leaf]
    anchored: int
    contradicted: set[str] = field(default_factory=set)
    is_settled: bool = False
    passed_over: dict[str, str] = field(default_factory=dict)
    """The accounts without which it was settled, and why."""


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
    coefficient: Dated[int] = field(default_factory=lambda: Dated(0))
    """Of the community's static key, in basis points."""
    offer: int = 0
    """A higher one, that the account may accept."""
    rated: int = 0
    """Power of the settlement meter in W."""
    security: int = 0
    """What answers for the meter, beside the free money."""
    metered: tuple[int, int] = (0, 0)
    """The slots that the meter speaks for: from the first to before the second."""
    read_to: int = 0
    """The slot that begins with the newest boundary reading."""
    own_to: int = 0
    """The same of the meter's own readings, and of what was handed over to them."""
    registers: tuple[int, int] = (0, 0)
    exchanged: tuple[int, int] = (0, 0)
    """By how much the devices' registers are above the account's, which go on."""
    settled: set[int] = field(default_factory=set)
    """Days that were closed as a gateway has read them."""
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

    @property
    def settled_to(self) -> int:
        """The day after the last one that was closed as a gateway has read it."""
        return max(self.settled, default=-1) + 1

    def shows(self, registers: tuple[int, int]) -> bool:
        """Whether these are the newest registers, in the account's terms."""
        return same(moved(self.registers, self.exchanged, (0, 0)), registers)

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


def moved(
    registers: tuple[int, int], start: tuple[int, int], to: tuple[int, int]
) -> tuple[int, int]:
    """Registers as they would be if they had started elsewhere."""
    return registers[0] - start[0] + to[0], registers[1] - start[1] + to[1]


def same(registers: tuple[int, int], others: tuple[int, int]) -> bool:
    """Whether a device shows the same for both."""
    return all(each % REGISTER_END == 0 for each in moved(registers, others, (0, 0)))


def shareable(net: int, position: int) -> tuple[int, int]:
    """Metered surplus and deficit that trades leave, in Wh."""
    rest = net + position
    return min(plus(rest), plus(net)), min(plus(-rest), plus(-net))


def cost(need: int, price: int, feed_in: int) -> int:
    """What a need costs the grid's customer; a surplus earns the feed-in."""
    return need * price if need > 0 else need * feed_in
