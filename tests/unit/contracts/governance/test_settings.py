"""The governor's own settings: a vote changes them, nothing else does"""

from __future__ import annotations

from typing import Any

import pytest

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from tests.support.market import Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.governance.proposals import (
    DELAY,
    EXTENSION,
    PERIOD,
    QUARTER,
    TOKEN,
    Proposals,
    State,
    Support,
)

STRANGER = actor("stranger").address
EMPTY_QUEUE = 0x31
# Function, argument, its view, its value before, and the event with its values.
SETTINGS: tuple[tuple[str, int, str, int, str], ...] = (
    ("setVotingDelay", 5, "votingDelay", DELAY, "VotingDelaySet"),
    ("setVotingPeriod", 60, "votingPeriod", PERIOD, "VotingPeriodSet"),
    ("setProposalThreshold", 1, "proposalThreshold", 10_000 * TOKEN, "ProposalThresholdSet"),
    ("updateQuorumNumerator", 51, "quorumNumerator()", 30, "QuorumNumeratorUpdated"),
    (
        *("setLateQuorumVoteExtension", 50, "lateQuorumVoteExtension", EXTENSION),
        "LateQuorumVoteExtensionSet",
    ),
)


def everything(proposals: Proposals) -> list[tuple[str, tuple[Any, ...]]]:
    return [
        *((function, (value,)) for function, value, *_ in SETTINGS),
        ("updateTimelock", (STRANGER,)),
        ("relay", (proposals.token.address, 0, b"")),
    ]


def test_settings__by_anybody__refused(proposals: Proposals) -> None:
    holders = [proposals.market.roles[role] for role in Role if role is not Role.ADMIN]
    for function, arguments in everything(proposals):
        for caller in (*holders, proposals.voters[0].address, proposals.governor.address, STRANGER):
            with refused(errors.GovernorOnlyExecutor, account=caller):
                proposals.market.do(caller, proposals.governor, function, *arguments)


def test_settings__by_the_timelock_without_a_vote__refused(proposals: Proposals) -> None:
    """Were somebody else to schedule in the timelock, the governor would still ask for a vote."""
    for function, arguments in everything(proposals):
        with refused(errors.Panic, code=EMPTY_QUEUE):
            proposals.market.do(
                proposals.timelock.address, proposals.governor, function, *arguments
            )


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting[0])
def test_settings__by_a_vote__changed(
    proposals: Proposals, setting: tuple[str, int, str, int, str]
) -> None:
    function, value, view, before, event = setting
    assert proposals.governor.call(view) == before

    receipt = proposals.decide([proposals.governor.prepare(function, value)])

    (emitted,) = proposals.market.events(receipt, proposals.governor, event)
    assert list(emitted.arguments.values()) == [before, value]
    assert proposals.governor.call(view) == value


def test_settings__all_in_one_vote__changed(proposals: Proposals) -> None:
    calls = [proposals.governor.prepare(function, value) for function, value, *_ in SETTINGS]
    proposals.decide(calls)
    assert [proposals.governor.call(view) for _, _, view, *_ in SETTINGS] == [5, 60, 1, 51, 50]
    proposal = proposals.propose(description="two")
    assert (proposal.snapshot, proposal.deadline) == (
        proposals.market.now + 5,
        proposals.market.now + 5 + 60,
    )


def test_voting_period__none__refused(proposals: Proposals) -> None:
    with refused(errors.GovernorInvalidVotingPeriod, voting_period=0):
        proposals.decide([proposals.governor.prepare("setVotingPeriod", 0)])
    assert proposals.governor.call("votingPeriod") == PERIOD


def test_voting_delay__beyond_all_time__no_proposal_fits(proposals: Proposals) -> None:
    most = 2**48 - 1
    proposals.decide([proposals.governor.prepare("setVotingDelay", most)])
    moment = proposals.market.now + 10
    with refused(errors.SafeCastOverflowedUintDowncast, bits=48, value=moment + most):
        proposals.market.at(moment)
        proposals.propose(description="two")


def test_quorum__above_everything__refused(proposals: Proposals) -> None:
    values = {"quorum_numerator": 101, "quorum_denominator": 100}
    with refused(errors.GovernorInvalidQuorumFraction, **values):
        proposals.decide([proposals.governor.prepare("updateQuorumNumerator", 101)])
    proposals.decide([proposals.governor.prepare("updateQuorumNumerator", 100)], description="two")


def test_quorum__changed_while_another_is_voted_on__that_keeps_its_own(
    proposals: Proposals,
) -> None:
    """Half of all votes: enough for the quorum at its snapshot, not for the one since."""
    change = proposals.queued([proposals.governor.prepare("updateQuorumNumerator", 51)])
    market = proposals.market
    market.go_to(proposals.eta(change) - 100)
    pending = proposals.propose(description="two")
    market.go_to(proposals.eta(change))
    proposals.vote(pending, Support.FOR, *proposals.voters[:2])
    proposals.execute(change)
    later = proposals.propose(description="three")
    proposals.close(pending)
    proposals.vote(later, Support.FOR, *proposals.voters[:2])
    proposals.close(later)

    assert proposals.state(pending) is State.SUCCEEDED
    assert proposals.state(later) is State.DEFEATED
    for proposal, percent in ((pending, 30), (later, 51)):
        numerator = proposals.governor.call("quorumNumerator(uint256)", proposal.snapshot)
        assert numerator == percent
        quorum = proposals.governor.call("quorum", proposal.snapshot)
        assert quorum == 4 * QUARTER * percent // 100


def test_update_timelock__by_a_vote__another_carries_out(
    proposals: Proposals, market: Market
) -> None:
    """The old timelock keeps the AccessManager until a vote hands that over, too."""
    receipt = proposals.decide([proposals.governor.prepare("updateTimelock", STRANGER)])
    (emitted,) = market.events(receipt, proposals.governor, "TimelockChange")
    assert emitted.arguments == {
        "old_timelock": proposals.timelock.address,
        "new_timelock": STRANGER,
    }
    assert proposals.governor.call("timelock") == STRANGER
    assert market.access.call("hasRole", Role.ADMIN, STRANGER) == (False, 0)


def test_relay__by_a_vote__the_governor_acts_itself(proposals: Proposals, market: Market) -> None:
    """Tokens that somebody sent to the governor come back that way."""
    market.do(proposals.voters[0], proposals.token, "transfer", proposals.governor.address, 7)
    back = proposals.token.prepare("transfer", STRANGER, 7)
    proposals.decide([proposals.governor.prepare("relay", back.to, 0, back.data)])
    assert proposals.token.call("balanceOf", STRANGER) == 7


def test_relay__refused_without_a_reason__refused(proposals: Proposals) -> None:
    nonsense = proposals.governor.prepare("relay", proposals.token.address, 0, b"????")
    with refused(errors.FailedCall):
        proposals.decide([nonsense])


def test_deposits__of_anything__refused(proposals: Proposals, market: Market) -> None:
    """What governance owns belongs to the timelock."""
    nobody, governor = "0x" + 40 * "0", proposals.governor
    for function, arguments in (
        ("onERC721Received", (nobody, nobody, 1, b"")),
        ("onERC1155Received", (nobody, nobody, 1, 1, b"")),
        ("onERC1155BatchReceived", (nobody, nobody, [1], [1], b"")),
    ):
        with refused(errors.GovernorDisabledDeposit):
            market.do(STRANGER, governor, function, *arguments)
    ether = governor.prepare("relay", nobody, 0, b"")
    empty = type(ether)(contract=governor.name, function="", to=governor.address, data=b"", value=1)
    with refused(errors.GovernorDisabledDeposit):
        market.send(STRANGER, empty)
