"""Proposals, votes and what they decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from energy_grid.chain.accounts import MNEMONIC
from energy_grid.chain.contract import Call, Contract
from energy_grid.domain.enums import ProposalState as State
from energy_grid.domain.enums import Support
from tests.support.market import DAY, HOME, MONDAY, Market, Receipt

__all__ = [
    "CHANGE_DAY",
    "DELAY",
    "EXTENSION",
    "PERIOD",
    "QUARTER",
    "TIMELOCK_DELAY",
    "TOKEN",
    "Proposal",
    "Proposals",
    "State",
    "Support",
    "bits",
    "local_key",
]

TOKEN = 10**18
QUARTER = 250_000 * TOKEN  # of a million, in base units: each voter's share
# Of the local deployment, in seconds.
DELAY, PERIOD, EXTENSION, TIMELOCK_DELAY = 60, 600, 120, 600
VOTERS = (5, 8, 9, 10)
# Beyond the horizon when any of these tests ends.
CHANGE_DAY = MONDAY // DAY + 60


def bits(*states: State) -> bytes:
    """The states in which something is possible, as the governor's refusals list them."""
    return sum(1 << state for state in states).to_bytes(32)


def local_key(number: int) -> LocalAccount:
    """An account of Anvil's mnemonic, with its key."""
    Account.enable_unaudited_hdwallet_features()
    account: LocalAccount = Account.from_mnemonic(MNEMONIC, account_path=f"m/44'/60'/0'/0/{number}")
    return account


@dataclass(frozen=True)
class Proposal:
    """What was proposed, and the number and times that the governor gave it."""

    number: int
    targets: tuple[str, ...]
    values: tuple[int, ...]
    calldatas: tuple[bytes, ...]
    description: str
    snapshot: int
    deadline: int

    @property
    def parts(self) -> tuple[Any, ...]:
        """What the governor's functions take that know no numbers."""
        return (self.targets, self.values, self.calldatas, keccak(text=self.description))

    def operation(self, proposals: Proposals) -> bytes:
        """Its number in the timelock, whose salt is the governor's address and the description."""
        return bytes(proposals.timelock.call("hashOperationBatch", *self.batch(proposals)))

    def batch(self, proposals: Proposals) -> tuple[Any, ...]:
        """What the timelock's functions take."""
        hashed = keccak(text=self.description)
        shifted = bytes.fromhex(proposals.governor.address[2:]).ljust(32, b"\0")
        salt = bytes(left ^ right for left, right in zip(shifted, hashed, strict=True))
        return (self.targets, self.values, self.calldatas, bytes(32), salt)


@dataclass(frozen=True)
class Proposals:
    """The voters, each with a quarter of all votes, delegated to itself; what they vote with."""

    market: Market
    voters: tuple[LocalAccount, ...]

    @property
    def token(self) -> Contract:
        return self.market.contracts["GovernanceToken"]

    @property
    def governor(self) -> Contract:
        return self.market.contracts["GridGovernor"]

    @property
    def timelock(self) -> Contract:
        return self.market.contracts["TimelockController"]

    def tariff(self, protocol_fee: int = 7, network_fee: int = 11, outflow: int = 1) -> list[Call]:
        """Other fees from `CHANGE_DAY` on, and another outflow limit."""
        market = self.market
        terms = (300_000, 80_000, network_fee, protocol_fee, 30_000)
        return [
            market.tariffs.prepare("setTariff", HOME, terms, CHANGE_DAY),
            market.settlement.prepare("setOutflowLimit", outflow),
        ]

    def propose(
        self,
        calls: Sequence[Call] | None = None,
        *,
        by: LocalAccount | str | None = None,
        description: str = "Another tariff",
    ) -> Proposal:
        """Propose calls, the tariff's by default, as the first voter."""
        described = self.tariff() if calls is None else calls
        parts = (
            tuple(call.to for call in described),
            tuple(call.value for call in described),
            tuple(call.data for call in described),
        )
        receipt = self.market.do(
            by or self.voters[0], self.governor, "propose", *parts, description
        )
        (created,) = self.market.events(receipt, self.governor, "ProposalCreated")
        return Proposal(
            created["proposal_id"],
            *parts,
            description,
            created["vote_start"],
            created["vote_end"],
        )

    def vote(
        self, proposal: Proposal, support: Support, *voters: LocalAccount | str
    ) -> list[Receipt]:
        """Cast votes, after the moment at which they are weighed."""
        if self.market.now < proposal.snapshot:
            self.market.go_to(proposal.snapshot)
        return [
            self.market.do(voter, self.governor, "castVote", proposal.number, support)
            for voter in voters
        ]

    def close(self, proposal: Proposal) -> None:
        """Wait until the vote is over."""
        self.market.go_to(proposal.deadline)
        self.market.node.rpc("evm_mine")

    def carry(self, calls: Sequence[Call] | None = None, **terms: Any) -> Proposal:
        """A proposal that half of all votes are for; the vote is over."""
        proposal = self.propose(calls, **terms)
        self.vote(proposal, Support.FOR, *self.voters[:2])
        self.close(proposal)
        return proposal

    def queue(self, proposal: Proposal) -> Receipt:
        return self.market.do(self.voters[3], self.governor, "queue(uint256)", proposal.number)

    def queued(self, calls: Sequence[Call] | None = None, **terms: Any) -> Proposal:
        """A carried proposal that waits in the timelock."""
        proposal = self.carry(calls, **terms)
        self.queue(proposal)
        return proposal

    def eta(self, proposal: Proposal) -> int:
        """The first second at which it can be executed."""
        return int(self.governor.call("proposalEta", proposal.number))

    def execute(self, proposal: Proposal) -> Receipt:
        """Wait for its time and execute it."""
        if self.market.now < (eta := self.eta(proposal)):
            self.market.go_to(eta)
        return self.market.do(self.voters[3], self.governor, "execute(uint256)", proposal.number)

    def decide(self, calls: Sequence[Call], **terms: Any) -> Receipt:
        """From the proposal to what it does."""
        return self.execute(self.queued(calls, **terms))

    def state(self, proposal: Proposal) -> State:
        return State(self.governor.call("state", proposal.number))
