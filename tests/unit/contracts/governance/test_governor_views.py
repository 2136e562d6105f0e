"""What the governor is made with and says of itself"""

from __future__ import annotations

import pytest

from energy_grid.chain.contract import Contract
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
)

STRANGER = actor("stranger").address
# ERC-165; ERC-721 and ERC-1155 receivers; IGovernor 5.x without and with what it gained.
SUPPORTED = ("0x01ffc9a7", "0x4e2312e0")
UNSUPPORTED = ("0xffffffff", "0x80ac58cd")


def make(market: Market, *, period: int = PERIOD, extension: int = 1, quorum: int = 30) -> Contract:
    contracts = ("GovernanceToken", "TimelockController", "AccessManager")
    addresses = (market.contracts[name].address for name in contracts)
    times = DELAY, period, extension
    return market.deploy("GridGovernor", *addresses, Role.GUARDIAN, *times, 1, quorum)


def test_views__after_the_deployment__are_those_of_the_parameters(proposals: Proposals) -> None:
    market = proposals.market
    expected = {
        "name": "Grid Governor",
        "version": "1",
        "token": proposals.token.address,
        "timelock": proposals.timelock.address,
        "clock": market.now,
        "CLOCK_MODE": "mode=timestamp",
        "COUNTING_MODE": "support=bravo&quorum=for,abstain",
        "votingDelay": DELAY,
        "votingPeriod": PERIOD,
        "lateQuorumVoteExtension": EXTENSION,
        "ACCESS": market.access.address,
        "GUARDIAN_ROLE": Role.GUARDIAN,
        "proposalThreshold": 10_000 * TOKEN,
        "quorumNumerator()": 30,
        "quorumDenominator": 100,
        "proposalCount": 0,
    }
    assert {name: proposals.governor.call(name) for name in expected} == expected
    assert proposals.governor.call("quorum", market.now - 1) == 4 * QUARTER * 30 // 100
    assert proposals.governor.call("proposalNeedsQueuing", 0) is True
    assert proposals.governor.call("nonces", STRANGER) == 0
    assert proposals.governor.call("eip712Domain") == (
        *(b"\x0f", "Grid Governor", "1", market.node.chain_id),
        *(proposals.governor.address, bytes(32), ()),
    )


def test_get_votes__at_a_moment__the_tokens_own(proposals: Proposals) -> None:
    moment, voter = proposals.market.now - 1, proposals.voters[0].address
    assert proposals.governor.call("getVotes", voter, moment) == QUARTER
    assert proposals.governor.call("getVotesWithParams", voter, moment, b"\x01") == QUARTER
    assert proposals.governor.call("getVotes", STRANGER, moment) == 0
    now = proposals.market.now
    with refused(errors.ERC5805FutureLookup, timepoint=now, clock=now):
        proposals.governor.call("getVotes", voter, now)


def test_supports_interface__what_it_is(proposals: Proposals) -> None:
    def supported(text: str) -> bool:
        return bool(proposals.governor.call("supportsInterface", bytes.fromhex(text[2:])))

    assert all(supported(text) for text in SUPPORTED)
    assert not any(supported(text) for text in UNSUPPORTED)


def test_constructor__no_period__refused(market: Market) -> None:
    with refused(errors.GovernorInvalidVotingPeriod, voting_period=0):
        make(market, period=0)
    assert make(market, period=1).call("votingPeriod") == 1


def test_constructor__extension_above_the_period__refused(market: Market) -> None:
    values = {"new_vote_extension": PERIOD + 1, "max_vote_extension": PERIOD}
    with refused(errors.GovernorPreventLateQuorumVoteExtensionTooLarge, **values):
        make(market, extension=PERIOD + 1)
    assert make(market, extension=PERIOD).call("lateQuorumVoteExtension") == PERIOD


@pytest.mark.parametrize("percent", [0, 100])
def test_constructor__quorum_within_bounds__accepted(market: Market, percent: int) -> None:
    assert make(market, quorum=percent).call("quorumNumerator()") == percent


def test_constructor__quorum_above_everything__refused(market: Market) -> None:
    values = {"quorum_numerator": 101, "quorum_denominator": 100}
    with refused(errors.GovernorInvalidQuorumFraction, **values):
        make(market, quorum=101)
