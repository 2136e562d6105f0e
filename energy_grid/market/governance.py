"""Proposals of the GridGovernor: how the market's own rules are changed.

Votes in base units of the governance token (10**18 are one token), times in Unix seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from energy_grid.chain.accounts import LOCAL_CHAINS
from energy_grid.chain.contract import Call, Contract
from energy_grid.chain.tx.multisig import Actor, address_of
from energy_grid.chain.tx.receipts import Receipt
from energy_grid.contracts import events
from energy_grid.contracts.grid_governor import GridGovernor, ProposalVotes
from energy_grid.domain.enums import ProposalState, Support
from energy_grid.errors import ChainError, ContractError, EnergyGridError
from energy_grid.market.plan import Plan, Step
from energy_grid.market.session import Market

__all__ = ["ENDED", "Governance", "Predecessor", "Proposal", "ProposedCall", "proposal_number"]

ENDED = frozenset({ProposalState.CANCELED, ProposalState.DEFEATED, ProposalState.EXPIRED})
"""States of a proposal that can no longer be executed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedCall:
    """One of the calls of a proposal, as the timelock will make it."""

    target: str
    value: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Predecessor:
    """A proposal that must be executed before the one that names it.

    Attributes:
        number: its place among all proposals, from 1; None if there is no such proposal.
        state: None if there is no such proposal.
    """

    proposal_id: int
    number: int | None
    state: ProposalState | None

    @property
    def is_lost(self) -> bool:
        """Whether it can never be executed, and so nothing that depends on it."""
        return self.state is None or self.state in ENDED


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A proposal.

    Attributes:
        id: the governor's own number for it, a hash.
        number: its place among all proposals, from 1.
        vote_start: votes are weighed as they are then, and cast from the next second on.
        vote_end: the last second of the vote; later than at first where the quorum came late.
        eta: when it can be executed; 0 while it is not queued.
        predecessors: proposals without whose execution this one's reverts, as its calls say.
    """

    id: int
    number: int
    proposer: str
    calls: Sequence[ProposedCall]
    state: ProposalState
    vote_start: int
    vote_end: int
    eta: int
    tally: ProposalVotes
    predecessors: Sequence[Predecessor]


def proposal_number(governor: GridGovernor, proposal_id: int) -> int:
    """The place of a proposal among all of them, from 1.

    Raises:
        ChainError: there is none.
    """
    for number in range(governor.proposal_count(), 0, -1):
        if governor.proposal_details_at(number - 1).proposal_id == proposal_id:
            return number
    raise ChainError(f"there is no proposal {proposal_id}")


class Governance(Market):
    """Token holders vote on calls of the timelock, which has the role ADMIN.

    The calls that wait for a time take ``wait``: on a local chain, executing the plan then sets the
    clock to it.
    """

    def delegate_votes(self, who: Actor | str, to: str | None = None) -> Plan[list[Receipt]]:
        """Let an account, by default the own one, vote with the tokens of this one; tokens without
        a delegate do not count."""
        return self.plan(who, self.votes.delegate(to or address_of(who)))

    def propose(
        self,
        who: Actor | str,
        calls: Sequence[Call],
        description: str,
        *,
        after: Sequence[Proposal] = (),
    ) -> Plan[Proposal]:
        """Propose calls of the timelock; the description distinguishes equal proposals.

        Args:
            after: proposals that must be executed first. What they do may be what the calls need,
                so the calls are simulated only once all of them are executed.

        Raises:
            EnergyGridError: a call would revert, even after a vote.
        """
        for one in after:
            if one.state in ENDED:
                raise EnergyGridError(
                    f"proposal {one.number} is {one.state.name.lower()} and will never be executed:"
                    " what depends on it never will be either"
                )
        if all(one.state is ProposalState.EXECUTED for one in after):
            self._refuse_reverting(calls)
        calls = [*(self._requirement(one) for one in after), *calls]
        proposed = self.governor.propose(
            [call.to for call in calls],
            [call.value for call in calls],
            [call.data for call in calls],
            # With the proposer's name in it, no other account can make, and cancel, this proposal.
            f"{description} #proposer={address_of(who)}",
        )
        # Votes count from the second after they were delegated. A local chain can be that fast.
        is_local = self.node.chain_id in LOCAL_CHAINS
        step = Step(call=proposed, not_before=self.node.time + 1 if is_local else 0)
        return self._emitted(who, self.governor, events.GridGovernor_ProposalCreated, step).then(
            lambda created: self.proposal(self.proposal_number(created.proposal_id))
        )

    def vote(
        self,
        who: Actor | str,
        proposal: Proposal,
        support: Support,
        *,
        reason: str = "",
        wait: bool = False,
    ) -> Plan[events.GridGovernor_VoteCast]:
        """Vote, with the votes that the account had at the start of the vote.

        Args:
            reason: public.
        """
        call = (
            self.governor.cast_vote_with_reason(proposal.id, support, reason)
            if reason
            else self.governor.cast_vote(proposal.id, support)
        )
        step = Step(call=call, not_before=proposal.vote_start + 1 if wait else 0)
        return self._emitted(who, self.governor, events.GridGovernor_VoteCast, step)

    def queue_proposal(
        self, who: Actor | str, proposal: Proposal, *, wait: bool = False
    ) -> Plan[events.GridGovernor_ProposalQueued]:
        """Queue a successful proposal in the timelock; any account can."""
        call = self.governor.queue(proposal.id)
        step = Step(call=call, not_before=proposal.vote_end + 1 if wait else 0)
        return self._emitted(who, self.governor, events.GridGovernor_ProposalQueued, step)

    def execute_proposal(
        self, who: Actor | str, proposal: Proposal, *, wait: bool = False
    ) -> Plan[list[Receipt]]:
        """Execute a queued proposal after its delay; any account can."""
        call = self.governor.execute(proposal.id)
        return self.plan(who, Step(call=call, not_before=proposal.eta if wait else 0))

    def cancel_proposal(self, who: Actor | str, proposal: Proposal) -> Plan[list[Receipt]]:
        """Cancel an own proposal before its vote begins, or as a guardian a queued one within its
        delay."""
        return self.plan(who, self.governor.cancel(proposal.id))

    def proposals(self, offset: int, limit: int) -> list[Proposal]:
        """Proposals, the newest first."""
        newest = self.governor.proposal_count() - offset
        return [self.proposal(number) for number in range(newest, max(newest - limit, 0), -1)]

    def proposal(self, number: int) -> Proposal:
        """A proposal by its place, from 1.

        Its state is that of the next block, since the newest one may have been long ago.
        """
        governor = self.governor
        found = governor.proposal_details_at(number - 1)
        id_ = found.proposal_id
        calls = tuple(
            ProposedCall(target=target, value=value, data=data)
            for target, value, data in zip(
                found.targets, found.values, found.calldatas, strict=True
            )
        )
        return Proposal(
            id=id_,
            number=number,
            proposer=governor.proposal_proposer(id_),
            calls=calls,
            predecessors=tuple(map(self._predecessor, self.required_by(calls))),
            state=governor.state(id_, block_identifier="pending"),
            vote_start=governor.proposal_snapshot(id_),
            vote_end=governor.proposal_deadline(id_),
            eta=governor.proposal_eta(id_),
            tally=governor.proposal_votes(id_),
        )

    def required_by(self, calls: Iterable[ProposedCall]) -> Iterator[int]:
        """The ids of the proposals that calls of a proposal require to be executed before."""
        function = self.governor.abi.function("requireExecuted")
        for call in calls:
            if call.target == self.governor.address and call.data[:4] == function.selector:
                yield int.from_bytes(call.data[4:36])

    def proposal_number(self, proposal_id: int) -> int:
        """The place of a proposal among all of them, from 1.

        Raises:
            ChainError: there is none.
        """
        return proposal_number(self.governor, proposal_id)

    def proposal_description(self, proposal_id: int) -> str | None:
        """The description of a proposal; None where the node has no events of it."""
        first = self.deployment.first_block
        for log in self.governor.history("ProposalCreated", from_block=first):
            if log["proposal_id"] == proposal_id:
                return str(log["description"])
        return None

    def _predecessor(self, proposal_id: int) -> Predecessor:
        try:
            number = self.proposal_number(proposal_id)
        except ChainError:
            return Predecessor(proposal_id=proposal_id, number=None, state=None)
        state = self.governor.state(proposal_id, block_identifier="pending")
        return Predecessor(proposal_id=proposal_id, number=number, state=state)

    def _requirement(self, proposal: Proposal) -> Call:
        return self.governor.prepare("requireExecuted", proposal.id)

    def _refuse_reverting(self, calls: Sequence[Call]) -> None:
        for call in calls:
            try:
                contract = Contract(self.node, call.to, call.contract)
                contract.simulate(call, self.timelock.address)
            except ContractError as refusal:
                raise EnergyGridError(
                    f"this call would revert even after a vote: {refusal}"
                ) from None
