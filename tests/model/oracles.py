"""Feeds of several reporters: rounds, medians, the deviation guard and the smoothed price.

Pure, and what the oracles on the chain compute (``contracts/interfaces/IMedianOracle.sol``): the
same rounds, answers and refusals. Times are Unix seconds; the caller says what time it is.

    OPEN --quorum, within the deviation limit--> ANSWERED
    OPEN --quorum, beyond it--> HELD --confirmed by the guardian--> ANSWERED

A submission counts for half of the maximum age. An answer is as old as the oldest that counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from energy_grid.domain.enums import RoundStatus
from energy_grid.errors import DomainError

__all__ = [
    "GRID",
    "MAX_QUORUM",
    "WEATHER",
    "BadParameterError",
    "Feed",
    "FeedRound",
    "HeldError",
    "NoAnswerError",
    "NoSuchRoundError",
    "NotHeldError",
    "OutOfBoundsError",
    "Quantity",
    "StaleError",
    "Submission",
    "WrongRoundError",
    "median",
    "price_quantity",
    "smoothed",
    "smoothed_price",
]

MAX_QUORUM = 31
_MIN_AGE, _MAX_AGE = 60, 86_400
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


class BadParameterError(DomainError):
    """A quorum or a maximum age that no feed can have."""


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


@dataclass(frozen=True, slots=True)
class Submission:
    """What a reporter said in the open round, and when."""

    reporter: str
    time: int
    values: tuple[int, ...]


@dataclass(slots=True, kw_only=True)
class FeedRound:
    """A round, and its result.

    Attributes:
        submissions: those that decided it; of an open one, those that count.
        values: the medians of a closed round, empty in others.
        started_at: time of the first submission.
        updated_at: time of the oldest one that decided it, or 0.
        answered_before: the round whose answer stood when this one was held, or 0.
    """

    id: int
    started_at: int
    submissions: int
    values: tuple[int, ...] = ()
    updated_at: int = 0
    status: RoundStatus = RoundStatus.OPEN
    answered_before: int = 0


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
    Quantity(name="frequency", minimum=4500, maximum=6600, is_near=_step(100)),
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
    """One feed and its closed rounds; ``answers`` are its answers in the order they were given.

    Args:
        quantities: what its submissions consist of.
        quorum: submissions that close a round.
        max_age: seconds for which an answer is fresh; a submission counts for half of them.

    Raises:
        BadParameterError: the quorum or the age is out of range.
    """

    def __init__(self, quantities: Sequence[Quantity], quorum: int, max_age: int) -> None:
        self.quantities = tuple(quantities)
        self.set_parameters(quorum, max_age)
        self.rounds: list[FeedRound] = []
        self.answers: list[tuple[int, ...]] = []
        self.submissions: list[Submission] = []
        self._started_at = 0
        self._answered: FeedRound | None = None

    @property
    def open_round(self) -> int:
        """The number that a submission must name."""
        return len(self.rounds) + 1

    @property
    def closed(self) -> FeedRound | None:
        """The newest closed round."""
        return self.rounds[-1] if self.rounds else None

    def set_parameters(self, quorum: int, max_age: int) -> None:
        """Change the quorum and the maximum age.

        Raises:
            BadParameterError: one is out of range.
        """
        if not 1 <= quorum <= MAX_QUORUM or not _MIN_AGE <= max_age <= _MAX_AGE:
            raise BadParameterError(f"a quorum of {quorum}, an age of {max_age} s: out of range")
        self.quorum, self.max_age = quorum, max_age

    def submit(self, reporter: str, number: int, values: Sequence[int], now: int) -> FeedRound:
        """Take a reporter's values; the round they are counted in.

        Raises:
            WrongRoundError: ``number`` is not the open round's.
            OutOfBoundsError: a value is none of its quantity's.
        """
        if number != self.open_round:
            raise WrongRoundError(number, self.open_round)
        for quantity, value in zip(self.quantities, values, strict=True):
            quantity.check(value)
        if not self.submissions:
            self._started_at = now
        self._place(Submission(reporter, now, tuple(values)), now)
        if len(self._counted(now)) >= self.quorum:
            self._close(now)
        return self.round(number, now)

    def confirm(self, number: int, now: int) -> None:
        """Make a held round the answer.

        Raises:
            NoSuchRoundError: there is no such round.
            NotHeldError: it is not held, or a newer one has closed since.
        """
        found = self.round(number, now)
        if found.status is not RoundStatus.HELD or found is not self.closed:
            raise NotHeldError(f"round {number} does not wait to be confirmed")
        self._answer(found)

    def round(self, number: int, now: int) -> FeedRound:
        """The round of this number, closed or open.

        Raises:
            NoSuchRoundError: there is none.
        """
        if 1 <= number <= len(self.rounds):
            return self.rounds[number - 1]
        if number != self.open_round or not self.submissions:
            raise NoSuchRoundError(f"there is no round {number}")
        counted = len(self._counted(now))
        return FeedRound(id=number, started_at=self._started_at, submissions=counted)

    def submission_of(self, reporter: str) -> tuple[int, tuple[int, ...]]:
        """Time and values of a reporter's submission to the open round; 0 and none without one."""
        found = (each for each in self.submissions if each.reporter == reporter)
        return next(((each.time, each.values) for each in found), (0, ()))

    def latest(self) -> FeedRound:
        """The newest answered round, however old.

        Raises:
            NoAnswerError: there is none.
        """
        if self._answered is None:
            raise NoAnswerError("no round has been answered")
        return self._answered

    def round_data(self, number: int) -> tuple[int, int, int, int, int]:
        """What Chainlink's ``getRoundData`` gives of a closed round, of the first quantity.

        Raises:
            NoSuchRoundError: there is no such closed round.
        """
        if not 1 <= number <= len(self.rounds):
            raise NoSuchRoundError(f"round {number} has not closed")
        found = self.rounds[number - 1]
        if found.status is RoundStatus.ANSWERED:
            return number, found.values[0], found.started_at, found.updated_at, number
        before = self.rounds[found.answered_before - 1]
        return number, before.values[0], found.started_at, 0, before.id

    def fresh_until(self) -> int:
        """Until when the newest closed round is fresh; 0 if it is held, or there is none."""
        closed = self.closed
        if closed is None or closed is not self._answered:
            return 0
        return closed.updated_at + self.max_age

    def is_fresh(self, now: int) -> bool:
        """Whether the newest closed round is an answer and not too old."""
        return now <= self.fresh_until()

    def answer(self, now: int) -> tuple[int, ...]:
        """The values now.

        Raises:
            NoAnswerError: there are none yet.
            HeldError: the newest ones wait to be confirmed.
            StaleError: they are too old.
        """
        latest = self.latest()
        if latest is not self.closed:
            raise HeldError(f"a round after round {latest.id} is held")
        if not self.is_fresh(now):
            age = now - latest.updated_at
            raise StaleError(f"the oldest value of round {latest.id} is {age} s old")
        return latest.values

    def _place(self, submission: Submission, now: int) -> None:
        """Over the reporter's own one, else over one that no longer counts, else behind the last.

        What no longer counts can count again with a higher maximum age.
        """
        places = [
            n for n, each in enumerate(self.submissions) if each.reporter == submission.reporter
        ]
        places = places or [
            n for n, each in enumerate(self.submissions) if not self._counts(each, now)
        ]
        if places:
            self.submissions[places[-1]] = submission
        else:
            self.submissions.append(submission)

    def _counts(self, submission: Submission, now: int) -> bool:
        return now - submission.time <= self.max_age // 2

    def _counted(self, now: int) -> list[Submission]:
        return [each for each in self.submissions if self._counts(each, now)]

    def _close(self, now: int) -> None:
        counted = self._counted(now)
        values = tuple(
            median(column) for column in zip(*(each.values for each in counted), strict=True)
        )
        plausible = self._is_plausible(values)
        current = FeedRound(
            id=self.open_round,
            started_at=self._started_at,
            submissions=len(counted),
            values=values,
            updated_at=min(each.time for each in counted),
            status=RoundStatus.HELD,
            answered_before=0 if plausible else self.latest().id,
        )
        self.rounds.append(current)
        self.submissions = []
        if plausible:
            self._answer(current)

    def _is_plausible(self, values: tuple[int, ...]) -> bool:
        if self._answered is None or self.closed is None:
            return True
        before = zip(self._answered.values, self.closed.values, strict=True)
        return all(
            any(quantity.is_near(value, other) for other in others)
            for quantity, value, others in zip(self.quantities, values, before, strict=True)
        )

    def _answer(self, found: FeedRound) -> None:
        found.status = RoundStatus.ANSWERED
        self._answered = found
        self.answers.append(found.values)
