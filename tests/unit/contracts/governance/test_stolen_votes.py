"""Votes used twice, and votes borrowed for a moment (threat 46)"""

from __future__ import annotations

import pytest

from tests.support.market import actor
from tests.unit.contracts.governance.house import PERIOD, QUARTER, House, State, Support

ACCOMPLICES = [actor(f"accomplice {number}") for number in range(3)]
LENDER = actor("lender")


def test_votes__tokens_moved_after_the_vote__count_once(house: House) -> None:
    """One voter's tokens go through four wallets, each of which votes."""
    wallets = [house.voters[0], *ACCOMPLICES]
    for wallet in ACCOMPLICES:
        house.market.do(wallet, house.token, "delegate", wallet.address)
    proposal = house.propose()
    for place, wallet in enumerate(wallets):
        house.vote(proposal, Support.FOR, wallet)
        heir = wallets[(place + 1) % len(wallets)]
        house.market.do(wallet, house.token, "transfer", heir.address, QUARTER)
    assert house.governor.call("proposalVotes", proposal.number) == (0, QUARTER, 0)
    house.close(proposal)
    assert house.state(proposal) is State.DEFEATED


def test_votes__delegated_on_after_the_vote__count_once(house: House) -> None:
    proposal = house.propose()
    house.vote(proposal, Support.FOR, house.voters[0])
    house.market.do(house.voters[0], house.token, "delegate", ACCOMPLICES[0].address)
    house.vote(proposal, Support.FOR, ACCOMPLICES[0])
    assert house.governor.call("proposalVotes", proposal.number) == (0, QUARTER, 0)


def test_votes__sold_after_the_snapshot__remain_the_sellers(house: House) -> None:
    proposal = house.propose()
    house.market.go_to(proposal.snapshot)
    for wallet in (house.voters[0], ACCOMPLICES[0]):
        house.market.do(wallet, house.token, "delegate", wallet.address)
    house.market.do(house.voters[0], house.token, "transfer", ACCOMPLICES[0].address, QUARTER)
    house.vote(proposal, Support.FOR, ACCOMPLICES[0])
    assert house.governor.call("proposalVotes", proposal.number) == (0, 0, 0)
    house.vote(proposal, Support.AGAINST, house.voters[0])
    assert house.governor.call("proposalVotes", proposal.number) == (QUARTER, 0, 0)


@pytest.mark.parametrize("before", [0, 1, 30, PERIOD])
def test_votes__borrowed_at_the_vote__count_nothing(house: House, before: int) -> None:
    """Somebody with all tokens, from a moment after the snapshot until the vote ends."""
    thief = ACCOMPLICES[0]
    house.market.do(thief, house.token, "delegate", thief.address)
    proposal = house.propose()
    house.market.go_to(proposal.snapshot)
    if before == PERIOD:
        house.market.go_to(proposal.deadline - 10)
    for voter in house.voters:
        house.market.do(voter, house.token, "transfer", thief.address, QUARTER)
    assert house.token.call("getVotes", thief.address) == 4 * QUARTER
    if before < PERIOD:
        house.market.go_to(house.market.now + before)
    house.vote(proposal, Support.FOR, thief)
    assert house.governor.call("proposalVotes", proposal.number) == (0, 0, 0)
    house.close(proposal)
    assert house.state(proposal) is State.DEFEATED


def in_one_block(house: House, *requests: tuple[object, object]) -> list[str]:
    """Send calls of accounts that are mined together."""
    node = house.market.node
    sent = []
    for sender, call in requests:
        node.set_balance(sender.address, 10**24)
        request = {"from": sender.address, "to": call.to, "data": "0x" + call.data.hex()}
        sent.append(node.rpc("eth_sendTransaction", {**request, "gas": hex(1_000_000)}))
    node.rpc("evm_mine")
    receipts = [node.rpc("eth_getTransactionReceipt", one) for one in sent]
    assert len({receipt["blockNumber"] for receipt in receipts}) == 1
    return [receipt["status"] for receipt in receipts]


def borrow(house: House, *between: object) -> list[str]:
    """Within one block the thief gets a voter's tokens, does something, and gives them back."""
    voter, thief = house.voters[0], ACCOMPLICES[0]
    return in_one_block(
        house,
        (voter, house.token.prepare("transfer", thief.address, QUARTER)),
        *((thief, call) for call in between),
        (thief, house.token.prepare("transfer", voter.address, QUARTER)),
    )


def test_propose__with_tokens_of_a_flash_loan__refused(house: House) -> None:
    """A proposer is weighed by the second before: within a block, borrowing is too late."""
    thief, calls = ACCOMPLICES[0], house.tariff()
    house.market.do(thief, house.token, "delegate", thief.address)
    parts = [call.to for call in calls], [0] * len(calls), [call.data for call in calls]
    statuses = borrow(house, house.governor.prepare("propose", *parts, "Stolen"))
    assert statuses == ["0x1", "0x0", "0x1"]
    assert house.governor.call("proposalCount") == 0


@pytest.mark.parametrize("moment", ["snapshot", "later"])
def test_votes__of_a_flash_loan__count_nothing(house: House, moment: str) -> None:
    """Even in the block of the snapshot: what counts is what is held at its end."""
    thief = ACCOMPLICES[0]
    house.market.do(thief, house.token, "delegate", thief.address)
    proposal = house.propose()
    vote = house.governor.prepare("castVote", proposal.number, Support.FOR)
    at = proposal.snapshot + (moment == "later")
    house.market.node.set_next_time(at)
    statuses = borrow(house, vote)
    assert statuses == ["0x1", "0x1" if moment == "later" else "0x0", "0x1"]
    if moment == "snapshot":
        house.vote(proposal, Support.FOR, thief)
    assert house.governor.call("proposalVotes", proposal.number) == (0, 0, 0)
    house.vote(proposal, Support.AGAINST, house.voters[0])
    assert house.governor.call("proposalVotes", proposal.number) == (QUARTER, 0, 0)
