"""Calls that wait: what a role with a delay does is scheduled first, and can be stopped meanwhile.

    nothing --schedule--> scheduled --roleDelay--> due --the call itself--> done
                              |                     |
                              +------ cancel -------+------ a week -------> expired, as nothing

`DelayedCalls.delayed` makes the next step of it out of a plan: it schedules what is not scheduled,
and makes the call once it is due. So the same command, given twice, does it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from energy_grid.chain.contract import Call
from energy_grid.chain.multicall import ChainQuery, past_events, read_all
from energy_grid.chain.roles import DELAYED, Role, functions_of
from energy_grid.domain.units import format_time
from energy_grid.errors import InputError
from energy_grid.market.governance import ProposedCall
from energy_grid.market.plan import Plan
from energy_grid.market.session import Market

__all__ = ["DelayedCalls", "ScheduledCall", "TooEarlyError"]


class TooEarlyError(InputError):
    """A call is scheduled, and its time has not come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledCall:
    """A call that was scheduled.

    Attributes:
        id: of the operation in the AccessManager, 32 bytes.
        caller: who has scheduled it, and alone can make it.
        executable_at: Unix seconds.
        expires_at: Unix seconds; from then on it must be scheduled again.
    """

    id: bytes
    caller: str
    call: ProposedCall
    executable_at: int
    expires_at: int


class DelayedCalls(Market):
    """Schedules calls of roles with a delay."""

    def delay_of(self, role: Role) -> int:
        """Seconds that calls of a role wait in this deployment; a new holder gets the same."""
        return int(self.deployment.parameters["roleDelay"]) if role in DELAYED else 0

    def next_calls(self, caller: str, calls: Iterable[Call]) -> list[Call]:
        """Calls, where those that must wait and are not scheduled yet schedule themselves.

        Raises:
            TooEarlyError: one of them is scheduled, and not due.
        """
        return [self._next(caller, call) for call in calls]

    def delayed(self, plan: Plan[Any]) -> Plan[Any]:
        """The next step of a plan: itself if nothing of it has to be scheduled, else a plan that
        schedules that.

        Raises:
            TooEarlyError: as `next_calls`.
        """
        calls = self.next_calls(plan.address, plan.calls)
        if all(made is call for made, call in zip(calls, plan.calls, strict=True)):
            return plan
        steps = [
            replace(step, call=made, before_sending=None, key=None)
            for step, made in zip(plan.steps, calls, strict=True)
        ]
        return Plan(self.sender, plan.who, steps, list)

    def scheduled_calls(self) -> list[ScheduledCall]:
        """All that wait now, by their times: without those that are done, cancelled or expired."""
        logs = past_events(self.access, "OperationScheduled", self.deployment.first_block)
        return self.still_scheduled(
            (log["operation_id"], log["caller"], log["target"], log["data"]) for log in logs
        )

    def still_scheduled(
        self, operations: Iterable[tuple[bytes, str, str, bytes]]
    ) -> list[ScheduledCall]:
        """As `scheduled_calls`, of those that were ever scheduled: id, caller, target and data."""
        found = {id: (caller, target, data) for id, caller, target, data in operations}
        queries = [ChainQuery(self.access, "getSchedule", (each,)) for each in found]
        times = dict(zip(found, read_all(self.node, queries), strict=True))
        lasts = self.access.expiration() if found else 0
        waiting = [
            ScheduledCall(
                id=id,
                caller=caller,
                call=ProposedCall(target=target, value=0, data=data),
                executable_at=times[id],
                expires_at=times[id] + lasts,
            )
            for id, (caller, target, data) in found.items()
            if times[id]
        ]
        return sorted(waiting, key=lambda each: each.executable_at)

    def cancel_scheduled(self, scheduled: ScheduledCall) -> Call:
        """The call that cancels one, by its caller or by a guardian."""
        return self.access.cancel(scheduled.caller, scheduled.call.target, scheduled.call.data)

    def _next(self, caller: str, call: Call) -> Call:
        role = functions_of(call.contract).get(call.function.partition("(")[0])
        if role not in DELAYED:
            return call
        allowed = self.access.can_call(caller, call.to, call.data[:4])
        if allowed.immediate or not allowed.delay:
            return call
        id = self.access.hash_operation(caller, call.to, call.data)
        time = self.access.get_schedule(id)
        if time > self.node.time:
            raise TooEarlyError(
                f"{call.contract}.{call.function.partition('(')[0]} is scheduled and can be made"
                f" from {format_time(time)} on: come back then, or cancel it with energy-grid role"
                f" cancel 0x{id.hex()}"
            )
        return call if time else self.access.schedule(call.to, call.data, 0)
