"""Demand response: programs and events with their budgets, and rewards."""

from __future__ import annotations

from energy_grid.chain.tx.multisig import Actor, address_of
from energy_grid.chain.tx.receipts import Receipt
from energy_grid.contracts import events
from energy_grid.contracts.demand_response import EventTerms
from energy_grid.domain.enums import EventKind, ProgramType
from energy_grid.market.money import Payments
from energy_grid.market.plan import Plan

__all__ = ["DemandResponses"]

# Participants that are paid in one transaction.
_PAID_AT_ONCE = 100


class DemandResponses(Payments):
    """Reductions are in kW; rates are money per kW for the whole event."""

    def create_program(
        self,
        who: Actor | str,
        name: str,
        kind: ProgramType,
        region: str,
        *,
        target: int,
        rate: int,
        duration: int,
    ) -> Plan[events.DemandResponse_ProgramCreated]:
        """Open a program with its budget, target times rate, which is approved if need be.

        Raises:
            DomainError: the account has less money.
        """
        call = self.demand_response.create_demand_program(
            name, kind, region, target_reduction_kw=target, incentive_rate=rate, duration=duration
        )
        steps = self.approved(who, call, target * rate)
        kind_ = events.DemandResponse_ProgramCreated
        return self._emitted(who, self.demand_response, kind_, *steps)

    def start_event(
        self, who: Actor | str, *, target: int, reward: int, duration: int
    ) -> Plan[events.DemandResponse_EventStarted]:
        """Announce an event with its budget, target times reward, which is approved if need be.

        Raises:
            DomainError: the account has less money.
        """
        call = self.demand_response.start_event(target, reward, duration)
        steps = self.approved(who, call, target * reward)
        return self._emitted(who, self.demand_response, events.DemandResponse_EventStarted, *steps)

    def schedule_event(
        self, who: Actor | str, terms: EventTerms
    ) -> Plan[events.DemandResponse_EventStarted]:
        """Announce an event with all its terms: of a program and from its budget, or with its own
        budget, target times reward, which is approved if need be.

        Raises:
            DomainError: the account has less money.
        """
        call = self.demand_response.schedule_event(terms)
        pays = not terms.program_id and not terms.is_test and terms.kind is EventKind.CAPACITY
        budget = terms.target_reduction_kw * terms.reward_per_kw if pays else 0
        steps = self.approved(who, call, budget) if budget else (call,)
        return self._emitted(who, self.demand_response, events.DemandResponse_EventStarted, *steps)

    def next_slot(self) -> int:
        """The first second of the next slot (Unix)."""
        length = self._slot_length
        return (self.node.time // length + 1) * length

    def distribute_rewards(self, who: Actor | str, event: int) -> Plan[list[Receipt]]:
        """Pay the rewards of a completed event to all its participants; any account can.

        Raises:
            ContractError: there is nothing to pay.
        """
        call = self.demand_response.distribute_rewards(event, _PAID_AT_ONCE)
        is_last = bool(self.demand_response.simulate(call, address_of(who)))
        plan = self.plan(who, call)
        if not is_last:
            plan.following = lambda _: self.distribute_rewards(who, event)
        return plan
