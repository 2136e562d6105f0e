"""GridGovernor.queue and execute: what a vote changes, and when"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from energy_grid.chain.contract import Call
from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from tests.support.examples import rewound
from tests.support.market import HOME, Receipt, actor
from tests.support.refusals import refused
from tests.unit.contracts.governance.proposals import (
    CHANGE_DAY,
    QUARTER,
    TIMELOCK_DELAY,
    Proposal,
    Proposals,
    State,
    Support,
    bits,
)

STRANGER = actor("stranger")
UNKNOWN = 12345
EXPIRY = 14 * 86_400  # s
# OpenZeppelin's numbers of an operation's states: not known, waiting, ready, done.
UNSET, WAITING, READY = 0, 1, 2
WAYS = ("by number", "by parts")


def call_of(proposals: Proposals, function: str, proposal: Proposal, way: str) -> Call:
    if way == "by number":
        return proposals.governor.prepare(f"{function}(uint256)", proposal.number)
    return proposals.governor.prepare(
        f"{function}(address[],uint256[],bytes[],bytes32)", *proposal.parts
    )


def unexpected(proposal: Proposal, current: State, *expected: State) -> dict[str, object]:
    return {
        "proposal_id": proposal.number,
        "current": current,
        "expected_states": bits(*expected),
    }


@pytest.mark.parametrize("way", WAYS)
def test_life__of_another_tariff__from_vote_to_effect(proposals: Proposals, way: str) -> None:
    """Fees and outflow limit change when the timelock says so, and not before."""
    market, proposal = proposals.market, proposals.propose(proposals.tariff(7, 11, 123_456))
    before = tariff(proposals)
    proposals.vote(proposal, Support.FOR, *proposals.voters[:2])
    proposals.close(proposal)
    assert proposals.state(proposal) is State.SUCCEEDED

    queue, execute = (call_of(proposals, each, proposal, way) for each in ("queue", "execute"))
    if way == "by parts":
        assert proposals.governor.simulate(queue, STRANGER.address) == proposal.number
    queued = market.send(STRANGER, queue)
    (emitted,) = market.events(queued, proposals.governor, "ProposalQueued")
    eta = queued.time + TIMELOCK_DELAY
    assert emitted.arguments == {"proposal_id": proposal.number, "eta_seconds": eta}
    assert proposals.eta(proposal) == eta
    assert proposals.state(proposal) is State.QUEUED
    assert proposals.timelock.call("getTimestamp", proposal.operation(proposals)) == eta
    assert tariff(proposals) == before

    if way == "by parts":
        market.go_to(eta)
        assert proposals.governor.simulate(execute, STRANGER.address) == proposal.number
        executed = market.send(STRANGER, execute)
    else:
        executed = market.at(eta).send(STRANGER, execute)
    (emitted,) = market.events(executed, proposals.governor, "ProposalExecuted")
    assert emitted.arguments == {"proposal_id": proposal.number}
    (scheduled,) = market.events(executed, market.tariffs, "TariffSet")
    fees = scheduled["tariff"].network_fee, scheduled["tariff"].protocol_fee
    assert (*fees, scheduled["day"]) == (11, 7, CHANGE_DAY)
    assert proposals.state(proposal) is State.EXECUTED
    assert tariff(proposals) == (7, 11, 123_456)


def tariff(proposals: Proposals) -> tuple[int, int, int]:
    market = proposals.market
    _, _, network_fee, protocol_fee, _ = market.tariffs.call("tariffOf", HOME, CHANGE_DAY)
    return protocol_fee, network_fee, market.settlement.call("outflowLimit")


def test_execute__a_second_early__refused(proposals: Proposals) -> None:
    proposal = proposals.queued()
    values = {"operation_id": proposal.operation(proposals), "expected_states": bits_of(READY)}
    for moment in (proposals.market.now + 1, proposals.eta(proposal) - 1):
        with refused(errors.TimelockUnexpectedOperationState, **values):
            proposals.market.at(moment).send(
                STRANGER, call_of(proposals, "execute", proposal, WAYS[0])
            )
    assert proposals.state(proposals.propose(description="two")) is State.PENDING
    proposals.execute(proposal)
    assert proposals.state(proposal) is State.EXECUTED


def bits_of(state: int) -> bytes:
    return (1 << state).to_bytes(32)


@pytest.mark.parametrize("way", WAYS)
def test_queue__in_any_other_state__refused(proposals: Proposals, way: str) -> None:
    def assert_not(proposal: Proposal, state: State) -> None:
        values = unexpected(proposal, state, State.SUCCEEDED)
        with refused(errors.GovernorUnexpectedProposalState, **values):
            proposals.market.send(STRANGER, call_of(proposals, "queue", proposal, way))

    proposal = proposals.propose()
    assert_not(proposal, State.PENDING)
    proposals.vote(proposal, Support.FOR, *proposals.voters)
    assert_not(proposal, State.ACTIVE)
    proposals.close(proposal)
    proposals.queue(proposal)
    assert_not(proposal, State.QUEUED)
    proposals.execute(proposal)
    assert_not(proposal, State.EXECUTED)

    missed = proposals.propose(description="two")
    proposals.vote(missed, Support.FOR, proposals.voters[0])
    defeated = proposals.propose(description="three")
    proposals.vote(defeated, Support.FOR, proposals.voters[0])
    proposals.vote(defeated, Support.AGAINST, *proposals.voters[1:])
    cancelled = proposals.propose(description="four")
    proposals.market.do(
        proposals.voters[0], proposals.governor, "cancel(uint256)", cancelled.number
    )
    proposals.close(defeated)
    for proposal, state in (
        (missed, State.DEFEATED),
        (defeated, State.DEFEATED),
        (cancelled, State.CANCELED),
    ):
        assert_not(proposal, state)


@pytest.mark.parametrize("way", WAYS)
def test_execute__in_any_other_state__refused(proposals: Proposals, way: str) -> None:
    def assert_not(proposal: Proposal, state: State) -> None:
        values = unexpected(proposal, state, State.QUEUED)
        with refused(errors.GovernorUnexpectedProposalState, **values):
            proposals.market.send(STRANGER, call_of(proposals, "execute", proposal, way))

    proposal = proposals.propose()
    assert_not(proposal, State.PENDING)
    proposals.vote(proposal, Support.FOR, *proposals.voters)
    assert_not(proposal, State.ACTIVE)
    proposals.close(proposal)
    assert_not(proposal, State.SUCCEEDED)
    proposals.queue(proposal)
    proposals.execute(proposal)
    assert_not(proposal, State.EXECUTED)
    defeated = proposals.propose(description="two")
    proposals.close(defeated)
    assert_not(defeated, State.DEFEATED)


@pytest.mark.parametrize("way", WAYS)
def test_queue__two_weeks_after_the_vote__last_chance(proposals: Proposals, way: str) -> None:
    """A decision cannot be kept until it undoes a later one."""
    proposal = proposals.carry()
    last = proposal.deadline + EXPIRY
    with rewound(proposals.market):
        proposals.market.at(last).send(STRANGER, call_of(proposals, "queue", proposal, way))
        assert proposals.state(proposal) is State.QUEUED

    values = unexpected(proposal, State.EXPIRED, State.SUCCEEDED)
    with refused(errors.GovernorUnexpectedProposalState, **values):
        proposals.market.at(last + 1).send(STRANGER, call_of(proposals, "queue", proposal, way))


@pytest.mark.parametrize("way", WAYS)
def test_execute__two_weeks_after_its_time__last_chance(proposals: Proposals, way: str) -> None:
    proposal = proposals.queued()
    last = proposals.eta(proposal) + EXPIRY
    with rewound(proposals.market):
        proposals.market.at(last).send(STRANGER, call_of(proposals, "execute", proposal, way))
        assert proposals.state(proposal) is State.EXECUTED

    values = unexpected(proposal, State.EXPIRED, State.QUEUED)
    with refused(errors.GovernorUnexpectedProposalState, **values):
        proposals.market.at(last + 1).send(STRANGER, call_of(proposals, "execute", proposal, way))
    assert proposals.state(proposal) is State.EXPIRED


@pytest.mark.parametrize("function", ["queue", "execute", "cancel"])
def test_by_number__unknown__refused(proposals: Proposals, function: str) -> None:
    with refused(errors.GovernorNonexistentProposal, proposal_id=UNKNOWN):
        proposals.market.do(STRANGER, proposals.governor, f"{function}(uint256)", UNKNOWN)


def test_execute__other_calls_than_voted_on__unknown(proposals: Proposals) -> None:
    """Whoever executes chooses nothing: the calls are the proposal."""
    proposal = proposals.queued()
    targets, values, calldatas, hashed = proposal.parts
    greedy = proposals.market.access.prepare("grantRole", Role.ADMIN, STRANGER.address, 0)
    proposals.market.go_to(proposals.eta(proposal))
    for parts in (
        ((greedy.to, targets[1]), values, (greedy.data, calldatas[1]), hashed),
        (targets[::-1], values, calldatas[::-1], hashed),
        (targets[:1], values[:1], calldatas[:1], hashed),
        (targets, values, calldatas, bytes(32)),
    ):
        number = proposals.governor.call("hashProposal", *parts)
        with refused(errors.GovernorNonexistentProposal, proposal_id=number):
            proposals.market.do(
                STRANGER,
                proposals.governor,
                "execute(address[],uint256[],bytes[],bytes32)",
                *parts,
            )


def test_execute__one_call_refused__none_is_done(proposals: Proposals) -> None:
    market = proposals.market
    highest = market.tariffs.call("MAX_NETWORK_FEE")
    calls = [*reversed(proposals.tariff(network_fee=highest + 1))]
    proposal = proposals.queued(calls)
    before = tariff(proposals)
    with refused(errors.Tariffs_FeeAbove, fee=highest + 1, ceiling=highest):
        proposals.execute(proposal)
    assert tariff(proposals) == before
    assert proposals.state(proposal) is State.QUEUED


def test_execute__call_refused_without_a_reason__refused(proposals: Proposals) -> None:
    nonsense = Call(contract="GridGovernor", function="?", to=proposals.token.address, data=b"????")
    with refused(errors.FailedCall):
        proposals.decide([nonsense])


def test_execute__role_given_by_a_vote__may_be_used(proposals: Proposals) -> None:
    market = proposals.market
    pause = market.trading.prepare("pause")
    with refused(errors.AccessManagedUnauthorized, caller=STRANGER.address):
        market.send(STRANGER, pause)
    proposals.decide([market.access.prepare("grantRole", Role.GUARDIAN, STRANGER.address, 0)])
    market.send(STRANGER, pause)


def test_execute__money_of_the_timelock__is_spent_by_vote(proposals: Proposals) -> None:
    """Ether sent to the timelock leaves it by a proposal alone; values are those voted on."""
    market = proposals.market
    market.node.set_balance(proposals.timelock.address, 5)
    send = Call(contract="GridGovernor", function="", to=STRANGER.address, data=b"", value=5)
    before = balance(proposals, STRANGER.address)
    proposals.decide([send])
    assert balance(proposals, STRANGER.address) == before + 5
    assert balance(proposals, proposals.timelock.address) == 0


def balance(proposals: Proposals, address: str) -> int:
    return int(proposals.market.node.rpc("eth_getBalance", address, "latest"), 16)


@pytest.mark.parametrize("support", [Support.AGAINST, Support.ABSTAIN])
def test_queue__most_did_not_say_yes__refused(proposals: Proposals, support: Support) -> None:
    proposal = proposals.propose()
    proposals.vote(proposal, support, *proposals.voters)
    proposals.close(proposal)
    with refused(
        errors.GovernorUnexpectedProposalState,
        **unexpected(proposal, State.DEFEATED, State.SUCCEEDED),
    ):
        proposals.queue(proposal)
    votes: Sequence[int] = proposals.governor.call("proposalVotes", proposal.number)
    assert votes[support] == 4 * QUARTER


def test_queue__in_the_timelock_already__refused(proposals: Proposals) -> None:
    """Somebody with the timelock's PROPOSER_ROLE could fill a proposal's place: only the governor
    has it, so that does not happen; the timelock refuses the second all the same."""
    proposal = proposals.queued()
    values = {"operation_id": proposal.operation(proposals), "expected_states": bits_of(UNSET)}
    with refused(errors.TimelockUnexpectedOperationState, **values):
        proposals.market.do(
            proposals.governor.address,
            *(proposals.timelock, "scheduleBatch", *proposal.batch(proposals), TIMELOCK_DELAY),
        )


def test_execute__directly_at_the_timelock__is_the_governors(proposals: Proposals) -> None:
    proposal = proposals.queued()
    proposals.market.go_to(proposals.eta(proposal))
    role = proposals.timelock.call("EXECUTOR_ROLE")
    values = {"account": STRANGER.address, "needed_role": role}
    with refused(errors.AccessControlUnauthorizedAccount, **values):
        proposals.market.do(
            STRANGER, proposals.timelock, "executeBatch", *proposal.batch(proposals)
        )
    receipt: Receipt = proposals.execute(proposal)
    assert proposals.market.events(receipt, proposals.governor, "ProposalExecuted")
