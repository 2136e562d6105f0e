"""What clean energy avoids, and who has used it up: the rules of CarbonCredits.

Pure: integers only, energy in Wh, credits in g CO2e, emission factors in g CO2e per kWh, time in
UTC days.

Wh times g/kWh are milligrams, exactly. Whole grams are issued, and what is left below a gram stays
to the account: since every retirement of certificates adds what it earned to the last milligram, it
makes no difference which are issued together, in which order, or how often.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from energy_grid.domain.units import natural
from energy_grid.errors import DomainError

__all__ = [
    "MAX_EMISSION_FACTOR",
    "MAX_REASON_BYTES",
    "AlreadyRegisteredError",
    "BadReasonError",
    "CarbonError",
    "CarbonRegister",
    "DayNotCleanError",
    "EmissionFactors",
    "FactorTooHighError",
    "InsufficientBalanceError",
    "Issue",
    "NotRegisteredError",
    "NotTheirsError",
    "NothingToIssueError",
    "Retirement",
    "Used",
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
    """The producer was not registered as clean on the day."""


class NotTheirsError(CarbonError):
    """Another account has retired the certificates."""


class NothingToIssueError(CarbonError):
    """All retirements were credited before."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """Certificates of a producer's day that an account has retired, in Wh."""

    account: str
    producer: str
    day: int
    wh: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """What one issue gave: retirements credited, their Wh, and grams."""

    retirements: int
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
    """Clean producers, credits of retired certificates, and what was retired of those.

    Accounts are words. Who is an active producer at all is not this model's.

    Args:
        factors: of the days.
    """

    def __init__(self, factors: EmissionFactors) -> None:
        self.factors = factors
        self.clean: dict[str, list[tuple[int, int | None]]] = {}
        """First days and first days no more, None while registered."""
        self.used: list[Used] = []
        self.credited: set[int] = set()
        self.left: Counter[str] = Counter()
        """Milligrams that are not a gram yet."""
        self.balances: Counter[str] = Counter()
        self.retirements: list[Retirement] = []

    def register(self, producer: str, running: int) -> None:
        """A clean producer from the next day on.

        Raises:
            AlreadyRegisteredError: it is one.
        """
        times = self.clean.setdefault(producer, [])
        if times and times[-1][1] is None:
            raise AlreadyRegisteredError(f"{producer} is a clean producer")
        times.append((running + 1, None))

    def deregister(self, producer: str, running: int) -> None:
        """End that: the running day does not count any more.

        Raises:
            NotRegisteredError: it is none.
        """
        times = self.clean.get(producer, [])
        if not times or times[-1][1] is not None:
            raise NotRegisteredError(f"{producer} is no clean producer")
        first = times[-1][0]
        times[-1] = first, max(running, first)

    def is_clean(self, producer: str, day: int) -> bool:
        """Whether a day lies in any of its times as a clean producer."""
        return any(
            first <= day and (until is None or day < until)
            for first, until in self.clean.get(producer, [])
        )

    def retire_certificates(self, account: str, producer: str, day: int, wh: int) -> int:
        """Certificates that were used up; the number of the record, from 1."""
        self.used.append(Used(account=account, producer=producer, day=day, wh=wh))
        return len(self.used)

    def issue(self, account: str, retirements: Iterable[int]) -> Issue:
        """Issue what retired certificates have earned, each retirement once.

        Args:
            account: who has retired them.
            retirements: numbers, in any order, with or without repeats.

        Raises:
            NotTheirsError: somebody else has.
            DayNotCleanError: of a retirement.
            NothingToIssueError: nothing is left to earn.
        """
        new = dict.fromkeys(each for each in retirements if each not in self.credited)
        earned = [self.used[number - 1] for number in new]
        for one in earned:
            if one.account != account:
                raise NotTheirsError(f"{account} has not retired these certificates")
            if not self.is_clean(one.producer, one.day):
                raise DayNotCleanError(f"day {one.day} of {one.producer} was not clean")
        if not earned:
            raise NothingToIssueError(f"{account} has nothing to earn for these retirements")

        total = self.left[account]
        total += sum(milligrams(one.wh, self.factors.of(one.day)) for one in earned)
        grams, self.left[account] = divmod(total, _MG_PER_G)
        self.credited |= new.keys()
        self.balances[account] += grams
        energy = sum(one.wh for one in earned)
        return Issue(retirements=len(earned), energy=energy, grams=grams)

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

    def _take(self, account: str, amount: int) -> None:
        if natural("amount", amount) > self.balances[account]:
            raise InsufficientBalanceError(f"{account} has {self.balances[account]} g")
        self.balances[account] -= amount


def _checked(grams_per_kwh: int) -> int:
    if natural("emission factor", grams_per_kwh) > MAX_EMISSION_FACTOR:
        raise FactorTooHighError(f"{grams_per_kwh} g/kWh is above {MAX_EMISSION_FACTOR}")
    return grams_per_kwh
