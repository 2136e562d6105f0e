"""GovernanceToken, GridGovernor and the timelock: how the market's own rules are changed.

Votes in base units of the token, times in Unix seconds.
"""

from __future__ import annotations

from collections.abc import Sequence

from energy_grid.chain.contract import Call, Contract, structure
from energy_grid.chain.rpc.node import BlockId
from energy_grid.contracts.access import Managed
from energy_grid.contracts.governance_records import Proposal, ProposedCall, Tally
from energy_grid.contracts.tokens import Token
from energy_grid.domain.enums import ProposalState, Support
from energy_grid.errors import ChainError

__all__ = ["GovernanceToken", "GridGovernor", "TimelockController"]


class GovernanceToken(Token, Managed):
    """The wrapper of GovernanceToken: votes count once they are delegated."""

    NAME = "GovernanceToken"

    def mint(self, to: str, amount: int) -> Call:
        """Make new tokens. Role: governance. Raises: ERC20ExceededCap."""
        return self.prepare("mint", to, amount)

    def delegate(self, delegatee: str) -> Call:
        """Let somebody, perhaps the sender, vote with the sender's tokens from now on."""
        return self.prepare("delegate", delegatee)

    def delegate_by_sig(
        self, delegatee: str, nonce: int, expiry: int, v: int, r: bytes, s: bytes
    ) -> Call:
        """As `delegate` by the holder's signature.

        Raises: VotesExpiredSignature, InvalidAccountNonce.
        """
        return self.prepare("delegateBySig", delegatee, nonce, expiry, v, r, s)

    def cap(self) -> int:
        """How much there can ever be."""
        return self._number("cap")

    def delegates(self, account: str, *, block_identifier: BlockId = "latest") -> str:
        """Who votes with an account's tokens; the zero address where nobody does."""
        return str(self.call("delegates", account, block_identifier=block_identifier))

    def get_votes(self, account: str, *, block_identifier: BlockId = "latest") -> int:
        """What an account can vote with now."""
        return self._number("getVotes", account, block_identifier=block_identifier)

    def get_past_votes(self, account: str, timepoint: int) -> int:
        """What an account could vote with at a time. Raises: ERC5805FutureLookup."""
        return self._number("getPastVotes", account, timepoint)

    def get_past_total_supply(self, timepoint: int) -> int:
        """How much there was at a time. Raises: ERC5805FutureLookup."""
        return self._number("getPastTotalSupply", timepoint)

    def num_checkpoints(self, account: str) -> int:
        """How often an account's votes have changed."""
        return self._number("numCheckpoints", account)

    def checkpoints(self, account: str, pos: int) -> tuple[int, int]:
        """When an account's votes changed, and to what."""
        key, value = self.call("checkpoints", account, pos)
        return int(key), int(value)

    def clock(self, *, block_identifier: BlockId = "latest") -> int:
        """The time that votes are looked up by."""
        return self._number("clock", block_identifier=block_identifier)

    def clock_mode(self) -> str:
        """``mode=timestamp``."""
        return str(self.call("CLOCK_MODE"))


class GridGovernor(Contract):
    """The wrapper of GridGovernor: what the market uses of it.

    Calls that come at a wrong time are refused with GovernorUnexpectedProposalState, those of a
    proposal that is not there with GovernorNonexistentProposal. What only a vote can change (the
    governor's own settings) is there through `prepare`.
    """

    NAME = "GridGovernor"

    def propose(self, calls: Sequence[Call], description: str) -> Call:
        """Propose calls of the timelock; the description tells like proposals apart.

        Raises: GovernorInsufficientProposerVotes, GovernorRestrictedProposer.
        """
        return self.prepare(
            "propose",
            [call.to for call in calls],
            [call.value for call in calls],
            [call.data for call in calls],
            description,
        )

    def cast_vote(self, proposal_id: int, support: Support) -> Call:
        """Vote, with what the sender could vote with when the vote began.

        Raises: GovernorAlreadyCastVote.
        """
        return self.prepare("castVote", proposal_id, support)

    def cast_vote_with_reason(self, proposal_id: int, support: Support, reason: str) -> Call:
        """As `cast_vote`, with a reason for everybody to read."""
        return self.prepare("castVoteWithReason", proposal_id, support, reason)

    def queue(self, proposal_id: int) -> Call:
        """Hand a proposal that has succeeded to the timelock. Anybody may."""
        return self.prepare("queue(uint256)", proposal_id)

    def execute(self, proposal_id: int) -> Call:
        """Carry out a proposal whose delay is over. Anybody may.

        Raises: TimelockUnexpectedOperationState, and what its calls are refused with.
        """
        return self.prepare("execute(uint256)", proposal_id)

    def cancel(self, proposal_id: int) -> Call:
        """Take the sender's own proposal back before its vote begins.

        Raises: GovernorUnableToCancel.
        """
        return self.prepare("cancel(uint256)", proposal_id)

    def proposal_count(self, *, block_identifier: BlockId = "latest") -> int:
        """How many proposals there have been."""
        return self._number("proposalCount", block_identifier=block_identifier)

    def proposals(
        self, offset: int, limit: int, *, block_identifier: BlockId = "latest"
    ) -> list[Proposal]:
        """Proposals, the newest first."""
        newest = self.proposal_count(block_identifier=block_identifier) - offset
        numbers = range(newest, max(newest - limit, 0), -1)
        return [self.proposal(number, block_identifier=block_identifier) for number in numbers]

    def proposal(self, number: int, *, block_identifier: BlockId = "latest") -> Proposal:
        """A proposal by its place, from 1.

        Its state is that of the next block, since the newest one may have been long ago.
        """
        found, targets, values, calldatas, _ = self.call(
            "proposalDetailsAt", number - 1, block_identifier=block_identifier
        )
        vote_start, vote_end, eta = (
            self._number(view, found, block_identifier=block_identifier)
            for view in ("proposalSnapshot", "proposalDeadline", "proposalEta")
        )
        now = "pending" if block_identifier == "latest" else block_identifier
        return Proposal(
            id=found,
            number=number,
            proposer=self.call("proposalProposer", found, block_identifier=block_identifier),
            calls=tuple(
                ProposedCall(target=target, value=value, data=data)
                for target, value, data in zip(targets, values, calldatas, strict=True)
            ),
            state=self.state(found, block_identifier=now),
            vote_start=vote_start,
            vote_end=vote_end,
            eta=eta,
            tally=self.proposal_votes(found, block_identifier=block_identifier),
        )

    def number_of(self, proposal_id: int) -> int:
        """The place of a proposal among all of them, from 1.

        Raises:
            ChainError: there is none.
        """
        for number in range(self.proposal_count(), 0, -1):
            if self.call("proposalDetailsAt", number - 1)[0] == proposal_id:
                return number
        raise ChainError(f"there is no proposal {proposal_id}")

    def description_of(self, proposal_id: int, from_block: BlockId = 0) -> str | None:
        """What a proposal says; None where the node has no events of it."""
        for log in self.history("ProposalCreated", from_block=from_block):
            if log["proposal_id"] == proposal_id:
                return str(log["description"])
        return None

    def state(self, proposal_id: int, *, block_identifier: BlockId = "latest") -> ProposalState:
        """Where a proposal is."""
        return ProposalState(self.call("state", proposal_id, block_identifier=block_identifier))

    def proposal_votes(self, proposal_id: int, *, block_identifier: BlockId = "latest") -> Tally:
        """The votes on a proposal so far."""
        votes = self.call("proposalVotes", proposal_id, block_identifier=block_identifier)
        return structure(Tally, votes)

    def has_voted(
        self, proposal_id: int, account: str, *, block_identifier: BlockId = "latest"
    ) -> bool:
        """Whether an account has voted on a proposal."""
        return bool(self.call("hasVoted", proposal_id, account, block_identifier=block_identifier))

    def get_votes(self, account: str, timepoint: int) -> int:
        """What an account could vote with at a time. Raises: ERC5805FutureLookup."""
        return self._number("getVotes", account, timepoint)

    def quorum(self, timepoint: int) -> int:
        """Votes for and abstaining that a proposal weighed at that time needs.

        Raises: ERC5805FutureLookup.
        """
        return self._number("quorum", timepoint)

    def quorum_numerator(self, *, block_identifier: BlockId = "latest") -> int:
        """The quorum in percent of all tokens."""
        return self._number("quorumNumerator()", block_identifier=block_identifier)

    def proposal_threshold(self, *, block_identifier: BlockId = "latest") -> int:
        """Votes that a proposer must have."""
        return self._number("proposalThreshold", block_identifier=block_identifier)

    def voting_delay(self, *, block_identifier: BlockId = "latest") -> int:
        """Seconds from a proposal to the moment at which votes are weighed."""
        return self._number("votingDelay", block_identifier=block_identifier)

    def voting_period(self, *, block_identifier: BlockId = "latest") -> int:
        """Seconds in which votes are cast, from then."""
        return self._number("votingPeriod", block_identifier=block_identifier)

    def timelock(self) -> str:
        """Address of the timelock, in whose name proposals are carried out."""
        return str(self.call("timelock"))

    def token(self) -> str:
        """Address of the token that votes."""
        return str(self.call("token"))


class TimelockController(Contract):
    """The wrapper of OpenZeppelin's TimelockController: what the market uses of it.

    The governor alone proposes, cancels and executes there.
    """

    NAME = "TimelockController"

    def get_min_delay(self, *, block_identifier: BlockId = "latest") -> int:
        """Seconds between the end of a vote, when it is queued, and what it changes."""
        return self._number("getMinDelay", block_identifier=block_identifier)
