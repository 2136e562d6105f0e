"""The governor's own settings: a vote changes them, nothing else does"""

from __future__ import annotations

from typing import Any

import pytest

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from tests.support.market import Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.governance.house import (
    DELAY,
    PERIOD,
    QUARTER,
    TOKEN,
    House,
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
)


def everything(house: House) -> list[tuple[str, tuple[Any, ...]]]:
    return [
        *((function, (value,)) for function, value, *_ in SETTINGS),
        ("updateTimelock", (STRANGER,)),
        ("relay", (house.token.address, 0, b"")),
    ]


def test_settings__by_anybody__refused(house: House) -> None:
    holders = [house.market.roles[role] for role in Role if role is not Role.ADMIN]
    for function, arguments in everything(house):
        for caller in (*holders, house.voters[0].address, house.governor.address, STRANGER):
            with refused(errors.GovernorOnlyExecutor, account=caller):
                house.market.do(caller, house.governor, function, *arguments)


def test_settings__by_the_timelock_without_a_vote__refused(house: House) -> None:
    """Were somebody else to schedule in the timelock, the governor would still ask for a vote."""
    for function, arguments in everything(house):
        with refused(errors.Panic, code=EMPTY_QUEUE):
            house.market.do(house.timelock.address, house.governor, function, *arguments)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting[0])
def test_settings__by_a_vote__changed(
    house: House, setting: tuple[str, int, str, int, str]
) -> None:
    function, value, view, before, event = setting
    assert house.governor.call(view) == before

    receipt = house.decide([house.governor.prepare(function, value)])

    (told,) = house.market.events(receipt, house.governor, event)
    assert list(told.arguments.values()) == [before, value]
    assert house.governor.call(view) == value


def test_settings__all_in_one_vote__changed(house: House) -> None:
    calls = [house.governor.prepare(function, value) for function, value, *_ in SETTINGS]
    house.decide(calls)
    assert [house.governor.call(view) for _, _, view, *_ in SETTINGS] == [5, 60, 1, 51]
    proposal = house.propose(description="two")
    assert (proposal.snapshot, proposal.deadline) == (
        house.market.now + 5,
        house.market.now + 5 + 60,
    )


def test_voting_period__none__refused(house: House) -> None:
    with refused(errors.GovernorInvalidVotingPeriod, voting_period=0):
        house.decide([house.governor.prepare("setVotingPeriod", 0)])
    assert house.governor.call("votingPeriod") == PERIOD


def test_voting_delay__beyond_all_time__no_proposal_fits(house: House) -> None:
    most = 2**48 - 1
    house.decide([house.governor.prepare("setVotingDelay", most)])
    moment = house.market.now + 10
    with refused(errors.SafeCastOverflowedUintDowncast, bits=48, value=moment + most):
        house.market.at(moment)
        house.propose(description="two")


def test_quorum__above_everything__refused(house: House) -> None:
    values = {"quorum_numerator": 101, "quorum_denominator": 100}
    with refused(errors.GovernorInvalidQuorumFraction, **values):
        house.decide([house.governor.prepare("updateQuorumNumerator", 101)])
    house.decide([house.governor.prepare("updateQuorumNumerator", 100)], description="two")


def test_quorum__changed_while_another_is_voted_on__that_keeps_its_own(house: House) -> None:
    """Half of all votes: enough for the quorum at its snapshot, not for the one since."""
    change = house.queued([house.governor.prepare("updateQuorumNumerator", 51)])
    market = house.market
    market.go_to(house.eta(change) - 100)
    pending = house.propose(description="two")
    market.go_to(house.eta(change))
    house.vote(pending, Support.FOR, *house.voters[:2])
    house.execute(change)
    later = house.propose(description="three")
    house.close(pending)
    house.vote(later, Support.FOR, *house.voters[:2])
    house.close(later)

    assert house.state(pending) is State.SUCCEEDED
    assert house.state(later) is State.DEFEATED
    for proposal, percent in ((pending, 30), (later, 51)):
        numerator = house.governor.call("quorumNumerator(uint256)", proposal.snapshot)
        assert numerator == percent
        quorum = house.governor.call("quorum", proposal.snapshot)
        assert quorum == 4 * QUARTER * percent // 100


def test_update_timelock__by_a_vote__another_carries_out(house: House, market: Market) -> None:
    """The old timelock keeps the AccessManager until a vote hands that over, too."""
    receipt = house.decide([house.governor.prepare("updateTimelock", STRANGER)])
    (told,) = market.events(receipt, house.governor, "TimelockChange")
    assert told.arguments == {
        "old_timelock": house.timelock.address,
        "new_timelock": STRANGER,
    }
    assert house.governor.call("timelock") == STRANGER
    assert market.access.call("hasRole", Role.ADMIN, STRANGER) == (False, 0)


def test_relay__by_a_vote__the_governor_acts_itself(house: House, market: Market) -> None:
    """Tokens that somebody sent to the governor come back that way."""
    market.do(house.voters[0], house.token, "transfer", house.governor.address, 7)
    back = house.token.prepare("transfer", STRANGER, 7)
    house.decide([house.governor.prepare("relay", back.to, 0, back.data)])
    assert house.token.call("balanceOf", STRANGER) == 7


def test_relay__refused_without_a_reason__refused(house: House) -> None:
    nonsense = house.governor.prepare("relay", house.token.address, 0, b"????")
    with refused(errors.FailedCall):
        house.decide([nonsense])


def test_deposits__of_anything__refused(house: House, market: Market) -> None:
    """What governance owns belongs to the timelock."""
    nobody, governor = "0x" + 40 * "0", house.governor
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
