"""Settlement accounts, their closed days and meter readings, as the chain packs them into words.

Exact money is in thousandths of a base unit of the settlement token; energy in Wh, days count from
1970.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "AccountState",
    "AccountTerms",
    "DayResult",
    "Owed",
    "Reading",
    "account_state",
    "account_terms",
    "closed_number",
    "day_result",
    "day_words",
    "owed",
    "reading",
]

_MONEY, _ENERGY, _DAY = 88, 40, 16
_DAY_MONEY, _DAY_NET, _DAY_POSITION, _NUMBER_AT = 100, 40, 44, 224
_COMMUNITY, _UNREAD = 24, 8
_REGISTER, _TIME, _VOLTAGE, _FREQUENCY = 48, 32, 14, 12
_LOWEST_FREQUENCY = 4500


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountState:
    """What `ISettlement.accountOf` packs of an account.

    Attributes:
        free: exact money, of which open days may cost a part.
        credits: energy credits.
        day: the first day that is not closed.
        deemed: the decayed mean of a day's import.
        signed_floor: signed orders with lower nonces are cancelled.
        keeps: whether surplus is kept as credits, until the day ``keeps_from``.
        next_keeps: whether it is from that day on.
        by_gateway: whether the newest closed day was closed with a gateway's other accounts.
    """

    free: int
    credits: int
    day: int
    deemed: int
    signed_floor: int
    keeps: bool
    next_keeps: bool
    keeps_from: int
    may_buy: bool
    may_sell: bool
    by_gateway: bool

    def keeps_on(self, day: int) -> bool:
        """Whether surplus of an open day is kept as credits."""
        return self.keeps if day < self.keeps_from else self.next_keeps


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountTerms:
    """What `IEnergyAccounts.termsOf` packs of an account (TermsWord.sol).

    Attributes:
        first_day, end_day: days that a meter speaks for, the second exclusive; both 0: none.
        rated_power: of the meter, in W; 0: there never was one.
        reach: the last day that may have a position.
        community, next_community: before ``from_day`` and from then on; 0: none.
        late_to: no slot from this one on was read late.
        unread_days: closed ones that wait for their registers.
        has_open_money: whether late registers have charged something, or unread days cost.
    """

    first_day: int
    end_day: int
    rated_power: int
    reach: int
    community: int
    next_community: int
    from_day: int
    late_to: int
    unread_days: int
    has_open_money: bool

    def community_on(self, day: int) -> int:
        """The community that the account is in on a day; 0: none."""
        return self.community if day < self.from_day else self.next_community

    def is_metered(self, day: int) -> bool:
        """Whether a meter speaks for a day."""
        return self.first_day <= day < self.end_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """What an account owes the grid account, or the grid account owes it, in exact money."""

    debt: int
    receivable: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayResult:
    """What an account's day brought.

    Attributes:
        money: exact, what the grid account paid the account, or charged if it is negative.
        net: metered export less import.
        position: bought less sold.
        taken, given: shared in the community.
        drawn, kept: energy credits used and got.
        from_grid, fed_in: what remained.
        deemed: the decayed mean of a day's import after the day.
    """

    money: int
    net: int
    position: int
    taken: int
    given: int
    drawn: int
    kept: int
    from_grid: int
    fed_in: int
    deemed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A reading as its event has it; the names are those of `MeterReading`."""

    timestamp: int
    consumption: int
    production: int
    grid_frequency: int
    voltage: int


def account_state(word: int) -> AccountState:
    """What is in an AccountWord."""
    take = _Fields(word)
    return AccountState(
        free=take(_MONEY),
        credits=take(_ENERGY),
        day=take(_DAY),
        deemed=take(_ENERGY),
        signed_floor=take(_ENERGY),
        keeps=bool(take(1)),
        next_keeps=bool(take(1)),
        # The flag behind it says whether there is an OwedWord, which `owed` reads anyway.
        keeps_from=take(_DAY, then_skip=1),
        may_buy=not take(1),
        may_sell=not take(1),
        by_gateway=bool(take(1)),
    )


def account_terms(word: int) -> AccountTerms:
    """What is in a TermsWord."""
    take = _Fields(word >> _DAY)
    return AccountTerms(
        first_day=take(_DAY),
        end_day=take(_DAY),
        rated_power=take(_TIME),
        reach=max(take(_DAY), take(_DAY), take(_DAY)),
        community=take(_COMMUNITY),
        next_community=take(_COMMUNITY),
        from_day=take(_DAY),
        late_to=take(_TIME),
        # The day behind it, until which the account has declared consumption, is of no meter.
        unread_days=take(_UNREAD, then_skip=_DAY),
        has_open_money=bool(take(1)),
    )


def owed(word: int) -> Owed:
    """What is in an OwedWord."""
    take = _Fields(word)
    return Owed(debt=take(_MONEY), receivable=take(_MONEY))


def closed_number(closed: int) -> int:
    """The number of the account of a ClosedDayWord."""
    return closed >> _NUMBER_AT


def day_result(closed: int, flows: int) -> DayResult:
    """What is in a ClosedDayWord and a DayFlowsWord."""
    take, flow = _Fields(closed), _Fields(flows)
    return DayResult(
        money=take.signed(_DAY_MONEY),
        net=take.signed(_DAY_NET),
        position=take.signed(_DAY_POSITION),
        deemed=take(_ENERGY),
        given=flow(_ENERGY),
        kept=flow(_ENERGY),
        # Eight bits are free behind it.
        fed_in=flow(_ENERGY, then_skip=8),
        taken=flow(_ENERGY),
        drawn=flow(_ENERGY),
        from_grid=flow(_ENERGY),
    )


def day_words(number: int, day: DayResult) -> tuple[int, int]:
    """The ClosedDayWord and the DayFlowsWord of an account that say it; `day_result` gives the day
    again, and `closed_number` the account."""
    closed = _packed(
        (day.money, _DAY_MONEY),
        (day.net, _DAY_NET),
        (day.position, _DAY_POSITION),
        (day.deemed, _ENERGY),
        (number, _ENERGY),
    )
    # Eight bits are free behind what was fed in.
    flows = _packed(
        *((each, _ENERGY) for each in (day.given, day.kept)),
        (day.fed_in, _ENERGY + 8),
        *((each, _ENERGY) for each in (day.taken, day.drawn, day.from_grid)),
    )
    return closed, flows


def reading(word: int) -> Reading:
    """What is in a ReadingWord."""
    take = _Fields(word)
    timestamp, imported, exported = take(_TIME), take(_REGISTER), take(_REGISTER)
    voltage, frequency = take(_VOLTAGE), take(_FREQUENCY)
    return Reading(
        timestamp=timestamp,
        consumption=imported,
        production=exported,
        grid_frequency=_LOWEST_FREQUENCY + frequency if voltage else 0,
        voltage=voltage,
    )


def _packed(*fields: tuple[int, int]) -> int:
    """Values and their bits, the lowest first; negative ones in two's complement."""
    word = shift = 0
    for value, bits in fields:
        word |= (value & ((1 << bits) - 1)) << shift
        shift += bits
    return word


class _Fields:
    """Takes fields of a word, the lowest first."""

    def __init__(self, word: int) -> None:
        self._rest = word

    def __call__(self, bits: int, then_skip: int = 0) -> int:
        found = self._rest & ((1 << bits) - 1)
        self._rest >>= bits + then_skip
        return found

    def signed(self, bits: int) -> int:
        """In two's complement."""
        sign = 1 << bits - 1
        return (self(bits) ^ sign) - sign
