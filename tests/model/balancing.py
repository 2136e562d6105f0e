"""What a region can do against an imbalance: the rules of BalancingCoordination.

Pure: integers only, power in kW, time in Unix seconds. An action is open until it is
completed, cancelled or expired; while it is open, its target is committed: nothing else can be
opened for it. One that an operator opens by hand takes a place as well. What is left, by type of
action:

====================  ====================================================
INCREASE_GENERATION   maximum - reserve - current - open increases
DECREASE_GENERATION   current - open decreases
SHED_LOAD             reported demand - shed - open sheds
RESTORE_LOAD          shed - open restorations
RESERVE_ACTIVATION    reserve - open activations
====================  ====================================================
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from energy_grid.domain.balancing import MAX_BY_HAND, MAX_HELD, MAX_ORDINARY
from energy_grid.domain.enums import ActionStatus, ActionType
from energy_grid.domain.units import natural
from energy_grid.errors import DomainError

__all__ = [
    "AboveAvailableError",
    "Action",
    "BadCapacityError",
    "BadPriorityError",
    "BalancingError",
    "Capacity",
    "CommittedError",
    "NoCapacityError",
    "NoSuchActionError",
    "NotDueError",
    "NotOpenError",
    "PastDeadlineError",
    "RegionBalance",
    "ShareUsedError",
    "TooManyActionsError",
    "ZeroTargetError",
]
LOWEST_PRIORITY = 5
MAX_LOAD_AGE = 3600
_LARGEST = 2**64 - 1


class BalancingError(DomainError):
    """A region's balancing refuses this; the contract has an error of the same name."""


class BadCapacityError(BalancingError):
    """Running generation and reserve are more than the maximum."""


class CommittedError(BalancingError):
    """Open actions need more than the new capacity allows."""


class NoCapacityError(BalancingError):
    """The region has no capacities yet."""


class ZeroTargetError(BalancingError):
    """An action of 0 kW."""


class BadPriorityError(BalancingError):
    """Not from 1 to 5."""


class AboveAvailableError(BalancingError):
    """More than the region can give."""


class TooManyActionsError(BalancingError):
    """A region has no place left for an action of this priority by hand."""


class ShareUsedError(BalancingError):
    """An operator has as many actions open as it can have."""


class NoSuchActionError(BalancingError):
    """No action has this number."""


class NotOpenError(BalancingError):
    """The action is completed, cancelled or expired."""


class PastDeadlineError(BalancingError):
    """It is too late to complete or cancel the action; it can only expire."""


class NotDueError(BalancingError):
    """The action can still be completed or cancelled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """What a region has and runs, and what load it has shed, in kW."""

    maximum: int = 0
    current: int = 0
    reserve: int = 0
    shed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """An action of ``target`` kW.

    It can be completed or cancelled until ``deadline``, that second included. ``operator`` opened
    it by hand; nobody opened an automated one.
    """

    id: int
    action_type: ActionType
    target: int
    priority: int
    deadline: int
    status: ActionStatus = ActionStatus.OPEN
    operator: str = ""


@dataclass(slots=True)
class RegionBalance:
    """One region, as its operators and its load reports make it.

    Args:
        lifetime: seconds from opening an action to its deadline.
    """

    lifetime: int
    capacity: Capacity | None = None
    actions: dict[int, Action] = field(default_factory=dict)
    _demand: tuple[int, int] | None = None

    # What the region has

    def set_capacity(self, maximum: int, current: int, reserve: int) -> None:
        """Say what there is now, in kW; load that is shed stays shed.

        Raises:
            BadCapacityError: ``current`` and ``reserve`` do not fit into ``maximum``.
            CommittedError: what is open would no longer be possible.
        """
        natural("reserve", reserve)
        if natural("current", current) + reserve > maximum or maximum > _LARGEST:
            raise BadCapacityError(f"{current} and {reserve} of {maximum} kW")
        changed = replace(
            self.capacity or Capacity(), maximum=maximum, current=current, reserve=reserve
        )
        possible = {
            ActionType.INCREASE_GENERATION: maximum - reserve - current,
            ActionType.DECREASE_GENERATION: current,
            ActionType.RESERVE_ACTIVATION: reserve,
        }
        for action_type, power in possible.items():
            needed = self.committed(action_type)
            if needed > power:
                raise CommittedError(f"{action_type.name}: {needed} open, {power} possible")
        self.capacity = changed

    def report_demand(self, demand: int, now: int) -> None:
        """A load report of the region; it counts for an hour."""
        self._demand = (natural("demand", demand), now)

    # What can be done

    def committed(self, action_type: ActionType) -> int:
        """kW that open actions of a type are about."""
        return sum(one.target for one in self.open_actions() if one.action_type is action_type)

    def open_actions(self) -> list[Action]:
        """The most urgent first, among equals the older first."""
        found = [one for one in self.actions.values() if one.status is ActionStatus.OPEN]
        return sorted(found, key=lambda one: (one.priority, one.id))

    def available_for(self, action_type: ActionType, now: int) -> int:
        """kW that an action of this type could be opened for."""
        if self.capacity is None:
            return 0
        has = self.capacity
        possible = {
            ActionType.INCREASE_GENERATION: has.maximum - has.reserve - has.current,
            ActionType.DECREASE_GENERATION: has.current,
            ActionType.SHED_LOAD: self._demand_at(now) - has.shed,
            ActionType.RESTORE_LOAD: has.shed,
            ActionType.RESERVE_ACTIVATION: has.reserve,
        }
        return max(0, possible[action_type] - self.committed(action_type))

    def _demand_at(self, now: int) -> int:
        if self._demand is None or now - self._demand[1] > MAX_LOAD_AGE:
            return 0
        return self._demand[0]

    # Actions

    def initiate(
        self, action_type: ActionType, target: int, priority: int, now: int, operator: str = "one"
    ) -> Action:
        """Open an action by hand.

        Raises:
            BalancingError: the target, the priority, the region's capacity, its places, those of
                the operator or what is available refuses it; checked in this order.
        """
        self._require_room(target, priority)
        self._require_place(priority, operator)
        available = self.available_for(action_type, now)
        if target > available:
            raise AboveAvailableError(f"{target} of {available} kW")
        return self._open(action_type, target, priority, now, operator)

    def initiate_automated(
        self, action_type: ActionType, target: int, priority: int, now: int
    ) -> Action:
        """As `initiate`, without a place, of what is available where that is less.

        Raises:
            BalancingError: as there; AboveAvailableError only where nothing is available.
        """
        self._require_room(target, priority)
        available = self.available_for(action_type, now)
        if available == 0:
            raise AboveAvailableError("nothing is left")
        return self._open(action_type, min(target, available), priority, now, "")

    def complete(self, action_id: int, now: int) -> None:
        """The action is carried out; its effect counts.

        Raises:
            NoSuchActionError, NotOpenError: there is none, or none any more.
            PastDeadlineError: it is too late.
        """
        action = self._timely_action(action_id, now)
        self._close(action, ActionStatus.COMPLETED)
        has, power = self.capacity or Capacity(), action.target
        match action.action_type:
            case ActionType.INCREASE_GENERATION:
                has = replace(has, current=has.current + power)
            case ActionType.DECREASE_GENERATION:
                has = replace(has, current=has.current - power)
            case ActionType.SHED_LOAD:
                has = replace(has, shed=has.shed + power)
            case ActionType.RESTORE_LOAD:
                has = replace(has, shed=has.shed - power)
            case ActionType.RESERVE_ACTIVATION:
                has = replace(has, reserve=has.reserve - power, current=has.current + power)
        self.capacity = has

    def cancel(self, action_id: int, now: int) -> None:
        """The action is not to be carried out.

        Raises:
            NoSuchActionError, NotOpenError: there is none, or none any more.
            PastDeadlineError: it is too late.
        """
        self._close(self._timely_action(action_id, now), ActionStatus.CANCELLED)

    def expire(self, action_id: int, now: int) -> None:
        """Nobody carried the action out in time.

        Raises:
            NoSuchActionError, NotOpenError: there is none, or none any more.
            NotDueError: it can still be completed or cancelled.
        """
        action = self._open_action(action_id)
        if now <= action.deadline:
            raise NotDueError(f"it is due at {action.deadline}, it is {now}")
        self._close(action, ActionStatus.EXPIRED)

    def _require_room(self, target: int, priority: int) -> None:
        if natural("target", target) == 0:
            raise ZeroTargetError("an action needs a target")
        if not 1 <= priority <= LOWEST_PRIORITY:
            raise BadPriorityError(f"priorities go from 1 to {LOWEST_PRIORITY}: {priority}")
        if self.capacity is None:
            raise NoCapacityError("the region has no capacities yet")

    def _require_place(self, priority: int, operator: str) -> None:
        by_hand = [one for one in self.open_actions() if one.operator]
        if len(by_hand) == MAX_BY_HAND:
            raise TooManyActionsError(f"{MAX_BY_HAND} actions are open")
        ordinary = sum(one.priority > 1 for one in by_hand)
        if priority > 1 and ordinary == MAX_ORDINARY:
            raise TooManyActionsError(f"{MAX_ORDINARY} actions below priority 1 are open")
        if sum(one.operator == operator for one in by_hand) == MAX_HELD:
            raise ShareUsedError(f"{operator} has {MAX_HELD} open")

    def _open(
        self, action_type: ActionType, target: int, priority: int, now: int, operator: str
    ) -> Action:
        action = Action(
            id=len(self.actions) + 1,
            action_type=action_type,
            target=target,
            priority=priority,
            deadline=now + self.lifetime,
            operator=operator,
        )
        self.actions[action.id] = action
        return action

    def _open_action(self, action_id: int) -> Action:
        action = self.actions.get(action_id)
        if action is None:
            raise NoSuchActionError(f"there is no action {action_id}")
        if action.status is not ActionStatus.OPEN:
            raise NotOpenError(f"action {action_id} is {action.status.name}")
        return action

    def _timely_action(self, action_id: int, now: int) -> Action:
        action = self._open_action(action_id)
        if now > action.deadline:
            raise PastDeadlineError(f"it was due at {action.deadline}, it is {now}")
        return action

    def _close(self, action: Action, status: ActionStatus) -> None:
        self.actions[action.id] = replace(action, status=status)
