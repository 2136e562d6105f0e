"""GridGovernor.queue and execute: what a vote changes, and when"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from energy_grid.chain.contract import Call
from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from tests.support.examples import rewound
from tests.support.market import Receipt, actor
from tests.support.refusals import refused
from tests.unit.contracts.governance.house import (
    QUARTER,
    TIMELOCK_DELAY,
    House,
    Proposal,
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


def call_of(house: House, function: str, proposal: Proposal, way: str) -> Call:
    if way == "by number":
        return house.governor.prepare(f"{function}(uint256)", proposal.number)
    return house.governor.prepare(
        f"{function}(address[],uint256[],bytes[],bytes32)", *proposal.parts
    )


def unexpected(proposal: Proposal, current: State, *expected: State) -> dict[str, object]:
    return {
        "proposal_id": proposal.number,
        "current": current,
        "expected_states": bits(*expected),
    }


@pytest.mark.parametrize("way", WAYS)
def test_life__of_another_tariff__from_vote_to_effect(house: House, way: str) -> None:
    """Fees and base price change when the timelock says so, and not before."""
    market, proposal = house.market, house.propose(house.tariff(7, 11, 123_456))
    before = tariff(house)
    house.vote(proposal, Support.FOR, *house.voters[:2])
    house.close(proposal)
    assert house.state(proposal) is State.SUCCEEDED

    queue, execute = (call_of(house, each, proposal, way) for each in ("queue", "execute"))
    if way == "by parts":
        assert house.governor.simulate(queue, STRANGER.address) == proposal.number
    queued = market.send(STRANGER, queue)
    (told,) = market.events(queued, house.governor, "ProposalQueued")
    eta = queued.time + TIMELOCK_DELAY
    assert told.arguments == {"proposal_id": proposal.number, "eta_seconds": eta}
    assert house.eta(proposal) == eta
    assert house.state(proposal) is State.QUEUED
    assert house.timelock.call("getTimestamp", proposal.operation(house)) == eta
    assert tariff(house) == before

    if way == "by parts":
        market.go_to(eta)
        assert house.governor.simulate(execute, STRANGER.address) == proposal.number
        executed = market.send(STRANGER, execute)
    else:
        executed = market.at(eta).send(STRANGER, execute)
    (told,) = market.events(executed, house.governor, "ProposalExecuted")
    assert told.arguments == {"proposal_id": proposal.number}
    (fees,) = market.events(executed, market.settlement, "FeesSet")
    assert (fees["protocol_fee_bps"], fees["grid_fee_per_kwh"]) == (7, 11)
    assert house.state(proposal) is State.EXECUTED
    assert tariff(house) == (7, 11, 123_456)


def tariff(house: House) -> tuple[int, int, int]:
    ledger = house.market.settlement
    return (
        ledger.call("protocolFeeBps"),
        ledger.call("gridFeePerKwh"),
        house.market.grid.call("basePriceOf", house.market.slot(house.market.now) + 1),
    )


def test_execute__a_second_early__refused(house: House) -> None:
    proposal = house.queued()
    values = {"operation_id": proposal.operation(house), "expected_states": bits_of(READY)}
    for moment in (house.market.now + 1, house.eta(proposal) - 1):
        with refused(errors.TimelockUnexpectedOperationState, **values):
            house.market.at(moment).send(STRANGER, call_of(house, "execute", proposal, WAYS[0]))
    assert house.state(house.propose(description="two")) is State.PENDING
    house.execute(proposal)
    assert house.state(proposal) is State.EXECUTED


def bits_of(state: int) -> bytes:
    return (1 << state).to_bytes(32)


@pytest.mark.parametrize("way", WAYS)
def test_queue__in_any_other_state__refused(house: House, way: str) -> None:
    def assert_not(proposal: Proposal, state: State) -> None:
        values = unexpected(proposal, state, State.SUCCEEDED)
        with refused(errors.GovernorUnexpectedProposalState, **values):
            house.market.send(STRANGER, call_of(house, "queue", proposal, way))

    proposal = house.propose()
    assert_not(proposal, State.PENDING)
    house.vote(proposal, Support.FOR, *house.voters)
    assert_not(proposal, State.ACTIVE)
    house.close(proposal)
    house.queue(proposal)
    assert_not(proposal, State.QUEUED)
    house.execute(proposal)
    assert_not(proposal, State.EXECUTED)

    missed = house.propose(description="two")
    house.vote(missed, Support.FOR, house.voters[0])
    defeated = house.propose(description="three")
    house.vote(defeated, Support.FOR, house.voters[0])
    house.vote(defeated, Support.AGAINST, *house.voters[1:])
    cancelled = house.propose(description="four")
    house.market.do(house.voters[0], house.governor, "cancel(uint256)", cancelled.number)
    house.close(defeated)
    for proposal, state in (
        (missed, State.DEFEATED),
        (defeated, State.DEFEATED),
        (cancelled, State.CANCELED),
    ):
        assert_not(proposal, state)


@pytest.mark.parametrize("way", WAYS)
def test_execute__in_any_other_state__refused(house: House, way: str) -> None:
    def assert_not(proposal: Proposal, state: State) -> None:
        values = unexpected(proposal, state, State.QUEUED)
        with refused(errors.GovernorUnexpectedProposalState, **values):
            house.market.send(STRANGER, call_of(house, "execute", proposal, way))

    proposal = house.propose()
    assert_not(proposal, State.PENDING)
    house.vote(proposal, Support.FOR, *house.voters)
    assert_not(proposal, State.ACTIVE)
    house.close(proposal)
    assert_not(proposal, State.SUCCEEDED)
    house.queue(proposal)
    house.execute(proposal)
    assert_not(proposal, State.EXECUTED)
    defeated = house.propose(description="two")
    house.close(defeated)
    assert_not(defeated, State.DEFEATED)


@pytest.mark.parametrize("way", WAYS)
def test_queue__two_weeks_after_the_vote__last_chance(house: House, way: str) -> None:
    """A decision cannot be kept until it undoes a later one."""
    proposal = house.carry()
    last = proposal.deadline + EXPIRY
    with rewound(house.market):
        house.market.at(last).send(STRANGER, call_of(house, "queue", proposal, way))
        assert house.state(proposal) is State.QUEUED

    values = unexpected(proposal, State.EXPIRED, State.SUCCEEDED)
    with refused(errors.GovernorUnexpectedProposalState, **values):
        house.market.at(last + 1).send(STRANGER, call_of(house, "queue", proposal, way))


@pytest.mark.parametrize("way", WAYS)
def test_execute__two_weeks_after_its_time__last_chance(house: House, way: str) -> None:
    proposal = house.queued()
    last = house.eta(proposal) + EXPIRY
    with rewound(house.market):
        house.market.at(last).send(STRANGER, call_of(house, "execute", proposal, way))
        assert house.state(proposal) is State.EXECUTED

    values = unexpected(proposal, State.EXPIRED, State.QUEUED)
    with refused(errors.GovernorUnexpectedProposalState, **values):
        house.market.at(last + 1).send(STRANGER, call_of(house, "execute", proposal, way))
    assert house.state(proposal) is State.EXPIRED


@pytest.mark.parametrize("function", ["queue", "execute", "cancel"])
def test_by_number__unknown__refused(house: House, function: str) -> None:
    with refused(errors.GovernorNonexistentProposal, proposal_id=UNKNOWN):
        house.market.do(STRANGER, house.governor, f"{function}(uint256)", UNKNOWN)


def test_execute__other_calls_than_voted_on__unknown(house: House) -> None:
    """Whoever executes chooses nothing: the calls are the proposal."""
    proposal = house.queued()
    targets, values, calldatas, hashed = proposal.parts
    greedy = house.market.access.prepare("grantRole", Role.ADMIN, STRANGER.address, 0)
    house.market.go_to(house.eta(proposal))
    for parts in (
        ((greedy.to, targets[1]), values, (greedy.data, calldatas[1]), hashed),
        (targets[::-1], values, calldatas[::-1], hashed),
        (targets[:1], values[:1], calldatas[:1], hashed),
        (targets, values, calldatas, bytes(32)),
    ):
        number = house.governor.call("hashProposal", *parts)
        with refused(errors.GovernorNonexistentProposal, proposal_id=number):
            house.market.do(
                STRANGER,
                house.governor,
                "execute(address[],uint256[],bytes[],bytes32)",
                *parts,
            )


def test_execute__one_call_refused__none_is_done(house: House) -> None:
    market = house.market
    too_high = market.settlement.call("MAX_GRID_FEE_PER_KWH") + 1
    calls = [house.tariff()[1], market.settlement.prepare("setFees", 0, too_high)]
    proposal = house.queued(calls)
    before = tariff(house)
    with pytest.raises(errors.Settlement_FeeTooHigh):
        house.execute(proposal)
    assert tariff(house) == before
    assert house.state(proposal) is State.QUEUED


def test_execute__call_refused_without_a_reason__refused(house: House) -> None:
    nonsense = Call(contract="GridGovernor", function="?", to=house.token.address, data=b"????")
    with refused(errors.FailedCall):
        house.decide([nonsense])


def test_execute__role_given_by_a_vote__may_be_used(house: House) -> None:
    market = house.market
    pause = market.trading.prepare("pause")
    with refused(errors.AccessManagedUnauthorized, caller=STRANGER.address):
        market.send(STRANGER, pause)
    house.decide([market.access.prepare("grantRole", Role.GUARDIAN, STRANGER.address, 0)])
    market.send(STRANGER, pause)


def test_execute__money_of_the_timelock__is_spent_by_vote(house: House) -> None:
    """Ether sent to the timelock leaves it by a proposal alone; values are those voted on."""
    market = house.market
    market.node.set_balance(house.timelock.address, 5)
    send = Call(contract="GridGovernor", function="", to=STRANGER.address, data=b"", value=5)
    before = balance(house, STRANGER.address)
    house.decide([send])
    assert balance(house, STRANGER.address) == before + 5
    assert balance(house, house.timelock.address) == 0


def balance(house: House, address: str) -> int:
    return int(house.market.node.rpc("eth_getBalance", address, "latest"), 16)


@pytest.mark.parametrize("support", [Support.AGAINST, Support.ABSTAIN])
def test_queue__most_did_not_say_yes__refused(house: House, support: Support) -> None:
    proposal = house.propose()
    house.vote(proposal, support, *house.voters)
    house.close(proposal)
    with refused(
        errors.GovernorUnexpectedProposalState,
        **unexpected(proposal, State.DEFEATED, State.SUCCEEDED),
    ):
        house.queue(proposal)
    votes: Sequence[int] = house.governor.call("proposalVotes", proposal.number)
    assert votes[support] == 4 * QUARTER


def test_queue__in_the_timelock_already__refused(house: House) -> None:
    """Somebody with the timelock's PROPOSER_ROLE could fill a proposal's place: only the governor
    has it, so that does not happen; the timelock refuses the second all the same."""
    proposal = house.queued()
    values = {"operation_id": proposal.operation(house), "expected_states": bits_of(UNSET)}
    with refused(errors.TimelockUnexpectedOperationState, **values):
        house.market.do(
            house.governor.address,
            *(house.timelock, "scheduleBatch", *proposal.batch(house), TIMELOCK_DELAY),
        )


def test_execute__directly_at_the_timelock__is_the_governors(house: House) -> None:
    proposal = house.queued()
    house.market.go_to(house.eta(proposal))
    role = house.timelock.call("EXECUTOR_ROLE")
    values = {"account": STRANGER.address, "needed_role": role}
    with refused(errors.AccessControlUnauthorizedAccount, **values):
        house.market.do(STRANGER, house.timelock, "executeBatch", *proposal.batch(house))
    receipt: Receipt = house.execute(proposal)
    assert house.market.events(receipt, house.governor, "ProposalExecuted")
