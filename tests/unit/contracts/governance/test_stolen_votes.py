"""Votes used twice, and votes borrowed for a moment (threat 46)"""

from __future__ import annotations

import pytest

from tests.support.market import actor
from tests.unit.contracts.governance.proposals import PERIOD, QUARTER, Proposals, State, Support

ACCOMPLICES = [actor(f"accomplice {number}") for number in range(3)]
LENDER = actor("lender")


def test_votes__tokens_moved_after_the_vote__count_once(proposals: Proposals) -> None:
    """One voter's tokens go through four wallets, each of which votes."""
    wallets = [proposals.voters[0], *ACCOMPLICES]
    for wallet in ACCOMPLICES:
        proposals.market.do(wallet, proposals.token, "delegate", wallet.address)
    proposal = proposals.propose()
    for place, wallet in enumerate(wallets):
        proposals.vote(proposal, Support.FOR, wallet)
        heir = wallets[(place + 1) % len(wallets)]
        proposals.market.do(wallet, proposals.token, "transfer", heir.address, QUARTER)
    assert proposals.governor.call("proposalVotes", proposal.number) == (0, QUARTER, 0)
    proposals.close(proposal)
    assert proposals.state(proposal) is State.DEFEATED


def test_votes__delegated_on_after_the_vote__count_once(proposals: Proposals) -> None:
    proposal = proposals.propose()
    proposals.vote(proposal, Support.FOR, proposals.voters[0])
    proposals.market.do(proposals.voters[0], proposals.token, "delegate", ACCOMPLICES[0].address)
    proposals.vote(proposal, Support.FOR, ACCOMPLICES[0])
    assert proposals.governor.call("proposalVotes", proposal.number) == (0, QUARTER, 0)


def test_votes__sold_after_the_snapshot__remain_the_sellers(proposals: Proposals) -> None:
    proposal = proposals.propose()
    proposals.market.go_to(proposal.snapshot)
    for wallet in (proposals.voters[0], ACCOMPLICES[0]):
        proposals.market.do(wallet, proposals.token, "delegate", wallet.address)
    proposals.market.do(
        proposals.voters[0], proposals.token, "transfer", ACCOMPLICES[0].address, QUARTER
    )
    proposals.vote(proposal, Support.FOR, ACCOMPLICES[0])
    assert proposals.governor.call("proposalVotes", proposal.number) == (0, 0, 0)
    proposals.vote(proposal, Support.AGAINST, proposals.voters[0])
    assert proposals.governor.call("proposalVotes", proposal.number) == (QUARTER, 0, 0)


@pytest.mark.parametrize("before", [0, 1, 30, PERIOD])
def test_votes__borrowed_at_the_vote__count_nothing(proposals: Proposals, before: int) -> None:
    """Somebody with all tokens, from a moment after the snapshot until the vote ends."""
    thief = ACCOMPLICES[0]
    proposals.market.do(thief, proposals.token, "delegate", thief.address)
    proposal = proposals.propose()
    proposals.market.go_to(proposal.snapshot)
    if before == PERIOD:
        proposals.market.go_to(proposal.deadline - 10)
    for voter in proposals.voters:
        proposals.market.do(voter, proposals.token, "transfer", thief.address, QUARTER)
    assert proposals.token.call("getVotes", thief.address) == 4 * QUARTER
    if before < PERIOD:
        proposals.market.go_to(proposals.market.now + before)
    proposals.vote(proposal, Support.FOR, thief)
    assert proposals.governor.call("proposalVotes", proposal.number) == (0, 0, 0)
    proposals.close(proposal)
    assert proposals.state(proposal) is State.DEFEATED


def in_one_block(proposals: Proposals, *requests: tuple[object, object]) -> list[str]:
    """Send calls of accounts that are mined together."""
    node = proposals.market.node
    sent = []
    for sender, call in requests:
        node.set_balance(sender.address, 10**24)
        request = {"from": sender.address, "to": call.to, "data": "0x" + call.data.hex()}
        sent.append(node.rpc("eth_sendTransaction", {**request, "gas": hex(1_000_000)}))
    node.rpc("evm_mine")
    receipts = [node.rpc("eth_getTransactionReceipt", one) for one in sent]
    assert len({receipt["blockNumber"] for receipt in receipts}) == 1
    return [receipt["status"] for receipt in receipts]


def borrow(proposals: Proposals, *between: object) -> list[str]:
    """Within one block the thief gets a voter's tokens, does something, and gives them back."""
    voter, thief = proposals.voters[0], ACCOMPLICES[0]
    return in_one_block(
        proposals,
        (voter, proposals.token.prepare("transfer", thief.address, QUARTER)),
        *((thief, call) for call in between),
        (thief, proposals.token.prepare("transfer", voter.address, QUARTER)),
    )


def test_propose__with_tokens_of_a_flash_loan__refused(proposals: Proposals) -> None:
    """A proposer is weighed by the second before: within a block, borrowing is too late."""
    thief, calls = ACCOMPLICES[0], proposals.tariff()
    proposals.market.do(thief, proposals.token, "delegate", thief.address)
    parts = [call.to for call in calls], [0] * len(calls), [call.data for call in calls]
    statuses = borrow(proposals, proposals.governor.prepare("propose", *parts, "Stolen"))
    assert statuses == ["0x1", "0x0", "0x1"]
    assert proposals.governor.call("proposalCount") == 0


@pytest.mark.parametrize("moment", ["snapshot", "later"])
def test_votes__of_a_flash_loan__count_nothing(proposals: Proposals, moment: str) -> None:
    """Even in the block of the snapshot: what counts is what is held at its end."""
    thief = ACCOMPLICES[0]
    proposals.market.do(thief, proposals.token, "delegate", thief.address)
    proposal = proposals.propose()
    vote = proposals.governor.prepare("castVote", proposal.number, Support.FOR)
    at = proposal.snapshot + (moment == "later")
    proposals.market.node.set_next_time(at)
    statuses = borrow(proposals, vote)
    assert statuses == ["0x1", "0x1" if moment == "later" else "0x0", "0x1"]
    if moment == "snapshot":
        proposals.vote(proposal, Support.FOR, thief)
    assert proposals.governor.call("proposalVotes", proposal.number) == (0, 0, 0)
    proposals.vote(proposal, Support.AGAINST, proposals.voters[0])
    assert proposals.governor.call("proposalVotes", proposal.number) == (QUARTER, 0, 0)
