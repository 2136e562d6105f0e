"""What demand response pays, and what it owes at any moment, to the unit as on chain.

A budget is handed over when a program or an event begins: target times rate. Rewards are paid out
of it and rounded down; what nobody earns goes back. Power in W, targets in kW, money in base
units, rates in money per kW. Who may do what, and when, is not looked at here.
"""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass, field

from energy_grid.domain.demand_response import Reduction, event_rewards
from energy_grid.domain.enums import EventStatus
from energy_grid.domain.units import W_PER_KW, natural
from energy_grid.errors import DomainError

__all__ = [
    "AlreadyParticipatingError",
    "BudgetExceededError",
    "CommitmentError",
    "DemandEvent",
    "DemandProgram",
    "Enrolments",
    "NotParticipatingError",
    "NothingToClaimError",
    "WrongStateError",
]


MAX_MISSED = 3


class WrongStateError(DomainError):
    """The program or event is not in the state that this needs."""


class AlreadyParticipatingError(DomainError):
    """Joined already, or verified already."""


class NotParticipatingError(DomainError):
    """No participant of the program."""


class CommitmentError(DomainError):
    """More power than the target, or than was committed."""


class BudgetExceededError(DomainError):
    """More money than is left of the budget."""


class NothingToClaimError(DomainError):
    """Nothing is owed, or nothing any more."""


@dataclass(slots=True)
class DemandEvent:
    """The money of one event.

    Rewards follow from the totals. What meters have found shares the whole target; what the
    operator says, the rest of it.
    """

    target_kw: int
    reward_per_kw: int
    state: EventStatus = EventStatus.ACTIVE
    reductions: dict[str, Reduction] = field(default_factory=dict)
    rewarded: dict[str, int] = field(default_factory=dict)
    refunded: int = 0
    distributed: int = 0

    @property
    def budget(self) -> int:
        """Escrowed at first."""
        return self.target_kw * self.reward_per_kw

    @property
    def paid(self) -> int:
        """Rewards paid."""
        return sum(self.rewarded.values())

    @property
    def owed(self) -> int:
        """What is still held for participants and the operator."""
        return self.budget - self.paid - self.refunded

    def total(self, *, metered: bool) -> int:
        """W found by meters, or by the operator's word."""
        return sum(one.watts for one in self.reductions.values() if one.metered == metered)

    def verify(self, name: str, reduction: Reduction) -> None:
        """Once, by meters or by the operator's word; of no watts if it does not count.

        Raises:
            WrongStateError: the event is over.
            AlreadyParticipatingError: it was verified before.
        """
        self._require(EventStatus.ACTIVE)
        if name in self.reductions:
            raise AlreadyParticipatingError(f"{name} is verified already")
        self.reductions[name] = reduction

    def cancel(self) -> None:
        """Before it begins: all of the budget goes back."""
        self._require(EventStatus.ACTIVE)
        self.state = EventStatus.CANCELLED

    def complete(self) -> None:
        """The rewards are fixed from now on."""
        self._require(EventStatus.ACTIVE)
        self.state = EventStatus.COMPLETED

    def reward_of(self, name: str) -> int:
        """A participant's reward once the event is completed, rounded down; 0 before."""
        if name not in self.reductions or self.state is not EventStatus.COMPLETED:
            return 0
        reductions = list(self.reductions.values())
        rewards = event_rewards(self.target_kw, self.reward_per_kw, reductions)
        return rewards[list(self.reductions).index(name)]

    @property
    def rewards(self) -> int:
        """All rewards together, before each is rounded down."""
        total = sum(one.watts for one in self.reductions.values())
        return min(self.target_kw * W_PER_KW, total) * self.reward_per_kw // W_PER_KW

    def distribute(self, most: int, *, refusing: frozenset[str] = frozenset()) -> dict[str, int]:
        """Pay the next ``most`` participants, but those whom the token refuses; what was paid.

        Raises:
            WrongStateError: the event is not completed.
        """
        self._require(EventStatus.COMPLETED)
        names = list(self.reductions)[self.distributed : self.distributed + most]
        self.distributed += len(names)
        paid = {
            name: reward
            for name in names
            if (reward := self.reward_of(name)) and name not in refusing | self.rewarded.keys()
        }
        self.rewarded |= paid
        return paid

    def claim(self, name: str) -> int:
        """A reward that was not paid yet.

        Raises:
            WrongStateError: the event is not completed.
            NothingToClaimError: there is none.
        """
        self._require(EventStatus.COMPLETED)
        reward = self.reward_of(name)
        if reward == 0 or name in self.rewarded:
            raise NothingToClaimError(f"nothing is owed to {name}")
        self.rewarded[name] = reward
        return reward

    def reclaim(self) -> int:
        """What goes back to the operator now.

        Raises:
            WrongStateError: the event is still active.
            NothingToClaimError: nothing, or nothing more.
        """
        if self.state is EventStatus.ACTIVE:
            raise WrongStateError("the event is still active")
        amount = self.budget - self._needed - self.refunded
        if amount == 0:
            raise NothingToClaimError("nothing is left of the budget")
        self.refunded += amount
        return amount

    @property
    def _needed(self) -> int:
        if self.state is EventStatus.CANCELLED:
            return 0
        if self.distributed < len(self.reductions):
            return self.rewards
        return sum(self.reward_of(name) for name in self.reductions)

    def _require(self, state: EventStatus) -> None:
        if self.state is not state:
            raise WrongStateError(f"the event is {self.state.name}, not {state.name}")


@dataclass(slots=True)
class Enrolment:
    """Of one name; `left` and `bound` are None while it is in the program."""

    program: int
    committed: int
    joined: int
    left: int | None = None
    bound: int = 0
    missed: int = 0
    verdicts: list[tuple[int, bool]] = field(default_factory=list)


@dataclass(slots=True)
class Enrolments:
    """Who takes part, one program a name (0: the events outside programs), and when programs have
    events; times in Unix seconds."""

    people: dict[str, Enrolment] = field(default_factory=dict)
    busy: dict[int, tuple[int, int]] = field(default_factory=dict)

    def may_join(self, name: str, program: int, at: int) -> bool:
        """Whether it is in no other program, and bound by none that it left."""
        own = self.people.get(name)
        if own is None:
            return True
        is_elsewhere = own.left is None and (own.program != 0 or program == 0)
        return not is_elsewhere and at > own.bound

    def join(self, name: str, program: int, committed: int, at: int) -> None:
        """From now on."""
        self.people[name] = Enrolment(program, committed, at)

    def leave(self, name: str, at: int) -> None:
        """It takes part in what was announced before, and is bound as long."""
        own = self.people[name]
        own.left = at
        if own.program:
            own.bound = self.busy.get(own.program, (0, 0))[1]

    def takes_part(self, name: str, program: int, announced: int) -> bool:
        """In an event of a program that was announced then."""
        own = self.people.get(name)
        if own is None or own.program != program or own.joined >= announced:
            return False
        return own.left is None or (program != 0 and own.left > announced)

    def may_occupy(self, program: int, start: int) -> bool:
        """Whether no event that pays lasts until then."""
        return start >= self.busy.get(program, (0, 0))[0]

    def occupy(self, program: int, end: int, until: int) -> None:
        """An event ends, and can be verified until."""
        self.busy[program] = (end, until)

    def vacate(self, program: int, start: int, end: int) -> None:
        """It is cancelled."""
        last, until = self.busy[program]
        if last == end:
            self.busy[program] = (start, until)

    def count(self, name: str, *, until: int, missed: bool, at: int) -> bool:
        """An event that can be verified until then brought too little or not; whether what is
        judged now ends the enrolment: the events that can no longer be verified, in their order."""
        own = self.people[name]
        if own.left is not None:
            return False
        insort(own.verdicts, (until, missed))
        while own.missed < MAX_MISSED and own.verdicts[0][0] < at:
            _, is_missed = own.verdicts.pop(0)
            own.missed = own.missed + 1 if is_missed else 0
        return own.missed == MAX_MISSED


@dataclass(slots=True)
class DemandProgram:
    """The money and the commitments of one program."""

    target_kw: int
    incentive_rate: int
    closed: bool = False
    spent: int = 0
    committed: dict[str, int] = field(default_factory=dict)
    earned: dict[str, int] = field(default_factory=dict)
    claimed: dict[str, int] = field(default_factory=dict)

    @property
    def budget(self) -> int:
        """Escrowed at first."""
        return self.target_kw * self.incentive_rate

    @property
    def left(self) -> int:
        """Not yet earned by participants or given to events."""
        return self.budget - self.spent

    @property
    def owed(self) -> int:
        """What is still held for participants and the operator, events apart."""
        unclaimed = sum(self.earned.values()) - sum(self.claimed.values())
        return unclaimed + (0 if self.closed else self.left)

    def join(self, name: str, watts: int) -> None:
        """Raises:
        WrongStateError: the program is closed.
        AlreadyParticipatingError: the name takes part already.
        CommitmentError: it is more than the whole target.
        """
        self._require_open()
        if name in self.committed:
            raise AlreadyParticipatingError(f"{name} takes part already")
        if natural("commitment", watts) > self.target_kw * W_PER_KW:
            raise CommitmentError(f"{watts} W committed, the target is {self.target_kw} kW")
        self.committed[name] = watts

    def leave(self, name: str) -> None:
        """What was earned stays.

        Raises:
            NotParticipatingError: the name takes no part.
        """
        self._commitment(name)
        del self.committed[name]

    def report(self, name: str, watts: int) -> int:
        """A participant reduced so much; its reward, rounded down.

        Raises:
            WrongStateError: the program is closed.
            NotParticipatingError: the name takes no part.
            CommitmentError: it committed less.
            BudgetExceededError: the budget does not leave the reward.
        """
        self._require_open()
        if natural("reduction", watts) > self._commitment(name):
            raise CommitmentError(f"{watts} W reported, {self.committed[name]} W committed")
        reward = watts * self.incentive_rate // W_PER_KW
        self._spend(reward)
        self.earned[name] = self.earned.get(name, 0) + reward
        return reward

    def start_event(self, target_kw: int, *, is_test: bool = False) -> DemandEvent:
        """An event at the program's rate, out of its budget; a test pays nothing.

        Raises:
            WrongStateError: the program is closed.
            BudgetExceededError: the budget does not leave so much.
        """
        self._require_open()
        rate = 0 if is_test else self.incentive_rate
        self._spend(target_kw * rate)
        return DemandEvent(target_kw, rate)

    def take_back(self, amount: int) -> None:
        """What an event did not need is the program's again."""
        self.spent -= amount

    def close(self) -> int:
        """End it before its time; what goes back to the operator.

        Raises:
            WrongStateError: it is closed already, or somebody is enrolled.
        """
        self._require_open()
        if self.committed:
            raise WrongStateError(f"{len(self.committed)} are enrolled")
        self.closed = True
        return self.left

    def claim(self, name: str) -> int:
        """What a name has earned and not claimed before.

        Raises:
            NothingToClaimError: nothing.
        """
        amount = self.earned.get(name, 0) - self.claimed.get(name, 0)
        if amount == 0:
            raise NothingToClaimError(f"nothing is owed to {name}")
        self.claimed[name] = self.earned[name]
        return amount

    def _require_open(self) -> None:
        if self.closed:
            raise WrongStateError("the program is closed")

    def _commitment(self, name: str) -> int:
        if name not in self.committed:
            raise NotParticipatingError(f"{name} takes no part")
        return self.committed[name]

    def _spend(self, amount: int) -> None:
        if amount > self.left:
            raise BudgetExceededError(f"{amount} is needed, {self.left} is left of the budget")
        self.spent += amount
