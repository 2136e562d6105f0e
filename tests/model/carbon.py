"""What clean production avoids, and who has used it up: the rules of CarbonCredits.

Pure: integers only, energy in Wh, credits in g CO2e, emission factors in g CO2e per kWh, time in
UTC days.

Wh times g/kWh are milligrams, exactly. Whole grams are issued, and what is left below a gram stays
to the producer's account: since every day adds what it earned to the last milligram, it makes no
difference which days are issued together, in which order, or how often.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from energy_grid.domain.units import natural
from energy_grid.errors import DomainError

__all__ = [
    "MAX_EMISSION_FACTOR",
    "MAX_REASON_BYTES",
    "AlreadyRegisteredError",
    "BadReasonError",
    "CarbonError",
    "CarbonRegister",
    "CleanRecord",
    "DayNotCleanError",
    "EmissionFactors",
    "FactorTooHighError",
    "InsufficientBalanceError",
    "Issue",
    "NotRegisteredError",
    "NothingToIssueError",
    "Retirement",
    "ZeroAmountError",
    "milligrams",
]

MAX_EMISSION_FACTOR = 2000
MAX_REASON_BYTES = 256
_MG_PER_G = 1000


class CarbonError(DomainError):
    """The carbon credits refuse this; the contract has an error of the same name."""


class AlreadyRegisteredError(CarbonError):
    """The producer is registered as clean."""


class NotRegisteredError(CarbonError):
    """The producer is not, or never was, registered as clean."""


class DayNotCleanError(CarbonError):
    """The producer was not registered as clean on the day, or the day is not over."""


class NothingToIssueError(CarbonError):
    """All days were credited before, or nothing was produced in them."""


class FactorTooHighError(CarbonError):
    """More than a clean kWh can avoid."""


class ZeroAmountError(CarbonError):
    """A retirement of nothing."""


class BadReasonError(CarbonError):
    """A retirement's reason is empty or too long."""


class InsufficientBalanceError(CarbonError):
    """The holder has fewer credits."""


def milligrams(wh: int, grams_per_kwh: int) -> int:
    """Mg CO2e that this much clean energy avoids, exactly."""
    return natural("energy", wh) * natural("emission factor", grams_per_kwh)


class EmissionFactors:
    """The factor of every day there was and will be, as it is known now.

    Args:
        day: from which on the first factor is in force.
        grams_per_kwh: the first factor.

    Raises:
        FactorTooHighError: it is above the maximum.
    """

    def __init__(self, day: int, grams_per_kwh: int) -> None:
        self._days = [day]
        self._factors = [_checked(grams_per_kwh)]

    def change(self, running: int, grams_per_kwh: int) -> None:
        """Put a factor into force from the day after the running one on.

        Of several within a day the last one counts.

        Raises:
            FactorTooHighError: it is above the maximum.
        """
        factor = _checked(grams_per_kwh)
        if self._days[-1] == running + 1:
            self._factors[-1] = factor
        else:
            self._days.append(running + 1)
            self._factors.append(factor)

    def of(self, day: int) -> int:
        """The factor in force in a day, 0 before the first one."""
        index = bisect_right(self._days, day)
        return self._factors[index - 1] if index else 0

    @property
    def history(self) -> list[tuple[int, int]]:
        """Every factor with its first day, in their order."""
        return list(zip(self._days, self._factors, strict=True))


@dataclass(slots=True, kw_only=True)
class CleanRecord:
    """A clean producer.

    Attributes:
        from_day: the first day that counts.
        until_day: the first one that does not count any more; None while registered.
        remainder: milligrams that are not a gram yet.
        credited: days that earned their credits.
    """

    from_day: int
    until_day: int | None = None
    remainder: int = 0
    credited: set[int] = field(default_factory=set)

    def counts(self, day: int) -> bool:
        """Whether a day lies in the time as a clean producer."""
        return self.from_day <= day and (self.until_day is None or day < self.until_day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """What one issue gave: days credited, their Wh, and grams."""

    days: int
    energy: int
    grams: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Retirement:
    """Credits used up, in g."""

    account: str
    beneficiary: str
    amount: int
    reason: str


class CarbonRegister:
    """Clean producers, their credits and what was retired.

    Accounts are words. Who is a producer at all, active and no storage, is not this model's.

    Args:
        factors: of the days.
    """

    def __init__(self, factors: EmissionFactors) -> None:
        self.factors = factors
        self.producers: dict[str, CleanRecord] = {}
        self.balances: Counter[str] = Counter()
        self.retirements: list[Retirement] = []

    def register(self, producer: str, running: int) -> None:
        """A clean producer from the next day on; an earlier time as one is over for good.

        Raises:
            AlreadyRegisteredError: it is one.
        """
        record = self.producers.get(producer)
        if record is None:
            self.producers[producer] = CleanRecord(from_day=running + 1)
            return
        if record.until_day is None:
            raise AlreadyRegisteredError(f"{producer} is a clean producer")
        record.from_day, record.until_day = running + 1, None

    def deregister(self, producer: str, running: int) -> None:
        """End that: the running day does not count any more.

        Raises:
            NotRegisteredError: it is none.
        """
        record = self._record(producer)
        if record.until_day is not None:
            raise NotRegisteredError(f"{producer} is no clean producer any more")
        record.until_day = running

    def issue(
        self, producer: str, days: Iterable[int], produced: Mapping[int, int], today: int
    ) -> Issue:
        """Issue what days have earned: each once, and those without production not at all.

        Args:
            producer: whose.
            days: which, in any order, with or without repeats.
            produced: the producer's Wh by day.
            today: the running day; those before it are over.

        Raises:
            NotRegisteredError: it never was a clean producer.
            DayNotCleanError: of a day.
            NothingToIssueError: nothing is left to earn.
        """
        record = self._record(producer)
        earned: dict[int, int] = {}
        for day in days:
            if day >= today or not record.counts(day):
                raise DayNotCleanError(f"day {day} of {producer} was not clean, or is not over")
            if day not in record.credited and produced.get(day, 0) > 0:
                earned[day] = produced[day]
        if not earned:
            raise NothingToIssueError(f"{producer} has nothing to earn in these days")

        total = record.remainder
        total += sum(milligrams(wh, self.factors.of(day)) for day, wh in earned.items())
        grams, record.remainder = divmod(total, _MG_PER_G)
        record.credited |= earned.keys()
        self.balances[producer] += grams
        return Issue(days=len(earned), energy=sum(earned.values()), grams=grams)

    def transfer(self, sender: str, to: str, amount: int) -> None:
        """Hand on credits.

        Raises:
            InsufficientBalanceError: the sender has fewer.
        """
        self._take(sender, amount)
        self.balances[to] += amount

    def retire(self, account: str, amount: int, beneficiary: str, reason: str) -> int:
        """Use up credits; the number of the record, from 1.

        Raises:
            ZeroAmountError: none.
            BadReasonError: the reason is not 1 to 256 bytes long.
            InsufficientBalanceError: the account has fewer.
        """
        if amount == 0:
            raise ZeroAmountError("a retirement of nothing")
        size = len(reason.encode())
        if not 1 <= size <= MAX_REASON_BYTES:
            raise BadReasonError(f"a reason has 1 to {MAX_REASON_BYTES} bytes, not {size}")
        self._take(account, amount)
        self.retirements.append(
            Retirement(account=account, beneficiary=beneficiary, amount=amount, reason=reason)
        )
        return len(self.retirements)

    @property
    def total_supply(self) -> int:
        """Grams that somebody holds."""
        return self.balances.total()

    @property
    def total_retired(self) -> int:
        """Grams that were used up."""
        return sum(one.amount for one in self.retirements)

    @property
    def total_issued(self) -> int:
        """Grams ever issued."""
        return self.total_supply + self.total_retired

    def retired_for(self, beneficiary: str) -> int:
        """Grams that were used up for somebody."""
        return sum(one.amount for one in self.retirements if one.beneficiary == beneficiary)

    def _record(self, producer: str) -> CleanRecord:
        try:
            return self.producers[producer]
        except KeyError:
            raise NotRegisteredError(f"{producer} never was a clean producer") from None

    def _take(self, account: str, amount: int) -> None:
        if natural("amount", amount) > self.balances[account]:
            raise InsufficientBalanceError(f"{account} has {self.balances[account]} g")
        self.balances[account] -= amount


def _checked(grams_per_kwh: int) -> int:
    if natural("emission factor", grams_per_kwh) > MAX_EMISSION_FACTOR:
        raise FactorTooHighError(f"{grams_per_kwh} g/kWh is above {MAX_EMISSION_FACTOR}")
    return grams_per_kwh
