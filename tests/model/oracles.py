"""Feeds of several reporters: rounds, medians, the deviation guard and the smoothed price.

Pure, and what the oracles on the chain compute (``contracts/interfaces/IMedianOracle.sol``): the
same rounds, answers and refusals. Times are Unix seconds; the caller says what time it is.

    OPEN --quorum, within the deviation limit--> ANSWERED
    OPEN --quorum, beyond it--> HELD --confirmed by the guardian--> ANSWERED
    OPEN --no quorum within the maximum age--> ABANDONED
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from energy_grid.domain.enums import RoundStatus
from energy_grid.errors import DomainError

__all__ = [
    "GRID",
    "MAX_QUORUM",
    "WEATHER",
    "AlreadySubmittedError",
    "Feed",
    "FeedRound",
    "HeldError",
    "NoAnswerError",
    "NoSuchRoundError",
    "NotHeldError",
    "OutOfBoundsError",
    "Quantity",
    "StaleError",
    "WrongRoundError",
    "median",
    "price_quantity",
    "smoothed",
    "smoothed_price",
]

MAX_QUORUM = 31
_BPS = 10_000
_SMOOTHING = 8
_MAX_PRICE = 2**96 - 1
_MAX_KW = 2**64 - 1
_MIN_KW_STEP = 100


class WrongRoundError(DomainError):
    """A submission names another round than the open one, ``open_round``."""

    def __init__(self, named: int, open_round: int) -> None:
        self.open_round = open_round
        super().__init__(f"round {named} takes no submissions, round {open_round} does")


class AlreadySubmittedError(DomainError):
    """The reporter has submitted to this round before."""


class OutOfBoundsError(DomainError):
    """A value that its quantity cannot have."""


class NoSuchRoundError(DomainError):
    """There has been no round of this number."""


class NotHeldError(DomainError):
    """The round is not held, or is not the newest closed one."""


class NoAnswerError(DomainError):
    """The feed has no answer yet."""


class StaleError(DomainError):
    """The newest answer is too old."""


class HeldError(DomainError):
    """The newest closed round is a jump that nobody has confirmed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """One of the values that a feed reports.

    Attributes:
        minimum, maximum: the bounds, both included, in the quantity's unit.
        is_near: whether a new value is no jump from a value before.
    """

    name: str
    minimum: int
    maximum: int
    is_near: Callable[[int, int], bool]

    def check(self, value: int) -> None:
        """Raises:
        OutOfBoundsError: the value is outside the bounds.
        """
        if not self.minimum <= value <= self.maximum:
            bounds = f"{self.minimum} - {self.maximum}"
            raise OutOfBoundsError(f"{self.name} of {value} is outside {bounds}")


@dataclass(slots=True, kw_only=True)
class FeedRound:
    """A round: the values of each reporter, and the result.

    Attributes:
        values: the medians of a closed round, empty in others.
        started_at, updated_at: times of the first submission and of the closing one, or 0.
    """

    id: int
    started_at: int
    reports: dict[str, tuple[int, ...]] = field(default_factory=dict)
    values: tuple[int, ...] = ()
    updated_at: int = 0
    status: RoundStatus = RoundStatus.OPEN


def _step(limit: int) -> Callable[[int, int], bool]:
    return lambda value, before: abs(value - before) <= limit


def _is_near_power(value: int, before: int) -> bool:
    return abs(value - before) <= max(before // 2, _MIN_KW_STEP)


def price_quantity(max_deviation_bps: int) -> Quantity:
    """A price per kWh that may move by a share of the one before, in basis points."""
    return Quantity(
        name="price",
        minimum=1,
        maximum=_MAX_PRICE,
        is_near=lambda value, before: abs(value - before) * _BPS <= before * max_deviation_bps,
    )


WEATHER = (
    Quantity(name="irradiance", minimum=0, maximum=1500, is_near=_step(600)),
    Quantity(name="temperature", minimum=-8000, maximum=6000, is_near=_step(1000)),
    Quantity(name="windSpeed", minimum=0, maximum=10_000, is_near=_step(1500)),
    Quantity(name="cloudCover", minimum=0, maximum=10_000, is_near=_step(10_000)),
)
"""W/m2, hundredths of a degree C, hundredths of a m/s, basis points of the sky."""

GRID = (
    Quantity(name="demand", minimum=0, maximum=_MAX_KW, is_near=_is_near_power),
    Quantity(name="supply", minimum=0, maximum=_MAX_KW, is_near=_is_near_power),
    Quantity(name="frequency", minimum=4500, maximum=5500, is_near=_step(100)),
    Quantity(name="voltage", minimum=50, maximum=150, is_near=_step(15)),
)
"""kW, kW, centihertz, percent of nominal."""


def median(values: Sequence[int]) -> int:
    """The middle value; of an even number the mean of the middle two, rounded down.

    With ``2f + 1`` values, ``f`` of them made up, it lies between the lowest and the highest of
    the others: at least one of them is on either side of it, or is it.

    Raises:
        DomainError: there are no values.
    """
    if not values:
        raise DomainError("no values have no median")
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2 == 1:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) // 2


def smoothed(before: int, price: int) -> int:
    """The smoothed price, an eighth of the way to a new one; the step is rounded towards 0."""
    step = abs(price - before) // _SMOOTHING
    return before + step if price > before else before - step


def smoothed_price(prices: Iterable[int]) -> int:
    """The smoothed price after all these answers, the first of which sets it; 0 of none."""
    price = 0
    for answer in prices:
        price = smoothed(price, answer) if price else answer
    return price


class Feed:
    """One feed and its rounds; ``answers`` are its answers in the order they were given.

    Args:
        quantities: what its submissions consist of.
        quorum: submissions that close a round.
        max_age: seconds after which an answer is stale, and an open round given up.
    """

    def __init__(self, quantities: Sequence[Quantity], quorum: int, max_age: int) -> None:
        if not 1 <= quorum <= MAX_QUORUM or max_age < 1:
            raise DomainError(f"a quorum of {quorum}, an age of {max_age} s: out of range")
        self.quantities = tuple(quantities)
        self.quorum = quorum
        self.max_age = max_age
        self.rounds: list[FeedRound] = []
        self.answers: list[tuple[int, ...]] = []
        self._closed: FeedRound | None = None
        self._answered: FeedRound | None = None

    def open_round(self, now: int) -> int:
        """The number that a submission at this time must name."""
        newest = self.rounds[-1] if self.rounds else None
        if newest and newest.status is RoundStatus.OPEN and self._is_young(newest.started_at, now):
            return newest.id
        return len(self.rounds) + 1

    def submit(self, reporter: str, number: int, values: Sequence[int], now: int) -> FeedRound:
        """Take a reporter's values; the round they are counted in.

        Raises:
            WrongRoundError: ``number`` is not the open round's.
            AlreadySubmittedError: the reporter's second ones in this round.
            OutOfBoundsError: a value is none of its quantity's.
        """
        if number != self.open_round(now):
            raise WrongRoundError(number, self.open_round(now))
        is_new = number > len(self.rounds)
        if not is_new and reporter in self.rounds[-1].reports:
            raise AlreadySubmittedError(f"{reporter} has submitted to round {number}")
        for quantity, value in zip(self.quantities, values, strict=True):
            quantity.check(value)
        if is_new:
            self._open(number, now)
        current = self.rounds[-1]
        current.reports[reporter] = tuple(values)
        if len(current.reports) == self.quorum:
            self._close(current, now)
        return current

    def confirm(self, number: int) -> None:
        """Make a held round the answer.

        Raises:
            NoSuchRoundError: there is no such round.
            NotHeldError: it is not held, or a newer one has closed since.
        """
        found = self.round(number)
        if found.status is not RoundStatus.HELD or found is not self._closed:
            raise NotHeldError(f"round {number} does not wait to be confirmed")
        self._answer(found)

    def round(self, number: int) -> FeedRound:
        """The round of this number.

        Raises:
            NoSuchRoundError: there is none.
        """
        if not 1 <= number <= len(self.rounds):
            raise NoSuchRoundError(f"there is no round {number}")
        return self.rounds[number - 1]

    def latest(self) -> FeedRound:
        """The newest answered round, however old.

        Raises:
            NoAnswerError: there is none.
        """
        if self._answered is None:
            raise NoAnswerError("no round has been answered")
        return self._answered

    def is_fresh(self, now: int) -> bool:
        """Whether the newest closed round is an answer and not too old."""
        closed = self._closed
        return (
            closed is not None
            and closed is self._answered
            and self._is_young(closed.updated_at, now)
        )

    def answer(self, now: int) -> tuple[int, ...]:
        """The values now.

        Raises:
            NoAnswerError: there are none yet.
            HeldError: the newest ones wait to be confirmed.
            StaleError: they are too old.
        """
        latest = self.latest()
        if latest is not self._closed:
            raise HeldError(f"a round after round {latest.id} is held")
        if not self._is_young(latest.updated_at, now):
            raise StaleError(f"round {latest.id} closed {now - latest.updated_at} s ago")
        return latest.values

    def _is_young(self, time: int, now: int) -> bool:
        return now - time <= self.max_age

    def _open(self, number: int, now: int) -> None:
        if self.rounds and self.rounds[-1].status is RoundStatus.OPEN:
            self.rounds[-1].status = RoundStatus.ABANDONED
        self.rounds.append(FeedRound(id=number, started_at=now))

    def _close(self, current: FeedRound, now: int) -> None:
        current.values = tuple(
            median(column) for column in zip(*current.reports.values(), strict=True)
        )
        current.updated_at = now
        plausible = self._is_plausible(current.values)
        self._closed = current
        if plausible:
            self._answer(current)
        else:
            current.status = RoundStatus.HELD

    def _is_plausible(self, values: tuple[int, ...]) -> bool:
        if self._answered is None or self._closed is None:
            return True
        before = zip(self._answered.values, self._closed.values, strict=True)
        return all(
            any(quantity.is_near(value, other) for other in others)
            for quantity, value, others in zip(self.quantities, values, before, strict=True)
        )

    def _answer(self, found: FeedRound) -> None:
        found.status = RoundStatus.ANSWERED
        self._answered = found
        self.answers.append(found.values)
