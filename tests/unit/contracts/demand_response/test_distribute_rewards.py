"""DemandResponse.completeEvent, distributeRewards, claimReward and reclaimBudget."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_grid.chain.roles import Role
from energy_grid.chain.rpc.node import call_parameter
from energy_grid.contracts import errors
from energy_grid.domain.demand_response import EventStatus, Reduction
from energy_grid.domain.enums import ParticipationStatus
from tests.model.demand_response import DemandEvent
from tests.support.examples import on_chain, rewound
from tests.support.market import Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.demand_response.scheme import (
    BUDGET,
    FUNDS,
    RATE,
    TARGET,
    Scheme,
    open_scheme,
    open_stack,
)

ZERO = "0x" + 40 * "0"
KEEPER, RECIPIENT = actor("keeper"), actor("recipient")
REWARDED, REJECTED = ParticipationStatus.REWARDED, ParticipationStatus.REJECTED


def savers(count: int) -> list[LocalAccount]:
    """Whom `completed` verified."""
    return [actor(f"saver {number}") for number in range(count)]


def distribute(scheme: Scheme, event: int, steps: int = 100) -> dict[str, int]:
    """What was paid to whom."""
    receipt = scheme.do(KEEPER, "distributeRewards", event, steps)
    paid = {}
    for one in scheme.logged(receipt, "RewardPaid"):
        assert (one["event_id"], one["to"]) == (event, one["consumer"])
        paid[one["consumer"]] = one["amount"]
    return paid


def model_of(*reductions: int, target: int = TARGET, rate: int = RATE) -> DemandEvent:
    """What `completed` leaves, in the model."""
    known = {
        actor(f"saver {number}").address: Reduction(watts, metered=False)
        for number, watts in enumerate(reductions)
    }
    return DemandEvent(target, rate, EventStatus.COMPLETED, known)


# completeEvent


def test_complete_event__missing_or_not_active__refused(scheme: Scheme) -> None:
    with refused(errors.EventNotFound, event_id=1):
        scheme.do(KEEPER, "completeEvent", 1)
    cancelled = scheme.start()
    scheme.do(scheme.operator, "cancelEvent", cancelled)
    completed = scheme.completed()
    for event, status in (
        (cancelled, EventStatus.CANCELLED),
        (completed, EventStatus.COMPLETED),
    ):
        with refused(errors.EventNotActive, event_id=event, status=status):
            scheme.do(KEEPER, "completeEvent", event)


def test_complete_event__while_it_can_be_verified__refused(scheme: Scheme) -> None:
    event = scheme.start()
    until = scheme.event(event).verifiable_until
    scheme.at(until)
    with refused(errors.DemandResponse_TooEarly, event_id=event, **{"from": until + 1}):
        scheme.do(KEEPER, "completeEvent", event)

    scheme.do(scheme.market.roles[Role.ADMIN], "shutdown")
    receipt = scheme.do(KEEPER, "completeEvent", event)

    assert scheme.event(event).status is EventStatus.COMPLETED
    completed = {"event_id": event, "total_reduction_w": 0, "rewards": 0}
    assert scheme.logged(receipt, "EventCompleted") == [completed]


@pytest.mark.parametrize("reductions", [[333, 1000], [4000, 6000], [9000, 9000]])
def test_complete_event__reductions_below_at_and_above_the_target__rewards_fixed(
    scheme: Scheme, consumer: LocalAccount, reductions: list[int]
) -> None:
    savers = [scheme.consumer(f"saver {number}") for number in range(len(reductions))]
    event = scheme.start()
    scheme.go_to_end(event)
    for saver, watts in zip(savers, reductions, strict=True):
        scheme.verify(event, saver, watts)
    assert scheme.participation(event, actor("saver 0")).reward_amount == 0
    receipt = scheme.complete(event)
    model = model_of(*reductions)
    (logged,) = scheme.logged(receipt, "EventCompleted")
    assert logged["total_reduction_w"] == sum(reductions)
    assert logged["rewards"] == model.rewards == min(sum(reductions), 10_000) * RATE // 1000
    record = scheme.participation(event, actor("saver 0"))
    assert record.reward_amount == model.reward_of(actor("saver 0").address) > 0
    assert record.status is ParticipationStatus.VERIFIED


# distributeRewards


def test_distribute_rewards__steps_out_of_bounds__refused(scheme: Scheme) -> None:
    event = scheme.completed()
    for steps in (0, 101, 2**256 - 1):
        with refused(errors.DemandResponse_BadPage, limit=steps, maximum=100):
            scheme.do(KEEPER, "distributeRewards", event, steps)
    assert scheme.view("distributeRewards", event, 100) is True
    receipt = scheme.do(KEEPER, "distributeRewards", event, 1)
    assert list(receipt.logs) == []


@pytest.mark.parametrize("function", ["distributeRewards", "claimReward"])
def test_distribute_rewards__not_completed__refused(scheme: Scheme, function: str) -> None:
    argument = 1 if function == "distributeRewards" else RECIPIENT.address
    with refused(errors.EventNotFound, event_id=1):
        scheme.do(KEEPER, function, 1, argument)
    event = scheme.start()
    for status in (EventStatus.ACTIVE, EventStatus.CANCELLED):
        with refused(errors.EventNotActive, event_id=event, status=status):
            scheme.do(KEEPER, function, event, argument)
        if status is EventStatus.ACTIVE:
            scheme.do(scheme.operator, "cancelEvent", event)


def test_distribute_rewards__in_steps__each_is_paid_once(scheme: Scheme) -> None:
    reductions = [1000, 2000, 3000, 111, 555]
    event, model = scheme.completed(*reductions), model_of(*reductions)
    scheme.do(scheme.market.roles[Role.ADMIN], "shutdown")
    for steps in (2, 1, 2):
        assert scheme.view("distributeRewards", event, steps) is (
            steps == 2 and model.distributed > 0
        )
        assert distribute(scheme, event, steps) == model.distribute(steps)
        assert scheme.event(event).paid == model.paid
        assert scheme.escrowed == scheme.holdings == model.owed
    assert scheme.view("distributeRewards", event, 1) is True
    assert distribute(scheme, event) == {}
    for saver, watts in zip(savers(5), reductions, strict=True):
        assert scheme.wallet(saver) == watts * RATE // 1000
        record = scheme.participation(event, saver)
        assert (record.status, record.reward_amount) == (REWARDED, watts * RATE // 1000)


@settings(on_chain, max_examples=10)
@given(
    target=st.integers(1, 12),
    rate=st.sampled_from([1, 3, 999, 1001, RATE, 2**88 - 1]),
    reductions=st.lists(st.integers(100, 9000), min_size=1, max_size=5),
    steps=st.integers(1, 3),
    claims=st.sets(st.integers(0, 4)),
)
def test_distribute_rewards__any_event__as_in_the_model(
    scheme: Scheme, target: int, rate: int, reductions: list[int], steps: int, claims: set[int]
) -> None:
    with rewound(scheme.market):
        scheme.fund(scheme.operator, target * rate)
        event = scheme.completed(*reductions, target=target, rate=rate)
        model = model_of(*reductions, target=target, rate=rate)
        for number in claims:
            saver = actor(f"saver {number}")
            if model.reward_of(saver.address):
                scheme.do(saver, "claimReward", event, saver.address)
                assert scheme.wallet(saver) == model.claim(saver.address)
        for _ in range(0, len(reductions), steps):
            assert distribute(scheme, event, steps) == model.distribute(steps)
        assert scheme.event(event).paid == model.paid <= model.budget
        if model.paid < model.budget:
            amount = model.reclaim()
            scheme.do(scheme.operator, "reclaimBudget", event, RECIPIENT.address)
            assert scheme.wallet(RECIPIENT) == amount
        assert scheme.escrowed == scheme.holdings == model.owed == 0


def test_distribute_rewards__reward_of_nothing__rejected(scheme: Scheme) -> None:
    event = scheme.completed(999, 1000, target=2, rate=1)
    first, second = savers(2)
    assert distribute(scheme, event) == {second.address: 1}
    assert scheme.participation(event, first).status is REJECTED
    assert scheme.participation(event, second).status is REWARDED
    with refused(errors.DemandResponse_NothingToClaim, account=first.address):
        scheme.do(first, "claimReward", event, first.address)


@pytest.mark.parametrize("claimed", [True, False])
def test_distribute_rewards__payee_listed__deferred(market: Market, *, claimed: bool) -> None:
    scheme = open_stack(market, "BlacklistToken")
    event = scheme.completed(1000, 1000, 1000)
    first, listed, last = savers(3)
    scheme.market.do(RECIPIENT, scheme.dollar, "setListed", listed.address, True)

    receipt = scheme.do(KEEPER, "distributeRewards", event, 3)

    deferred = {"event_id": event, "consumer": listed.address, "amount": RATE}
    assert scheme.logged(receipt, "RewardDeferred") == [deferred]
    assert [scheme.wallet(one) for one in (first, listed, last)] == [RATE, 0, RATE]
    assert scheme.participation(event, listed).status is ParticipationStatus.VERIFIED
    assert (scheme.event(event).paid, scheme.escrowed) == (2 * RATE, BUDGET - 2 * RATE)
    assert distribute(scheme, event) == {}
    # It is not for the operator to take.
    scheme.do(scheme.operator, "reclaimBudget", event, RECIPIENT.address)
    assert scheme.escrowed == scheme.holdings == RATE

    if claimed:
        with refused(errors.RewardDistributionFailed, to=listed.address, amount=RATE):
            scheme.do(listed, "claimReward", event, listed.address)
        scheme.do(listed, "claimReward", event, actor("other wallet").address)
        assert scheme.wallet(actor("other wallet")) == RATE
        assert scheme.escrowed == scheme.holdings == 0


def test_distribute_rewards__token_without_or_with_false_return__paid_or_deferred(
    market: Market,
) -> None:
    scheme = open_stack(market, "FalseToken")
    event = scheme.completed(1000, 2000)
    first, second = savers(2)
    assert distribute(scheme, event, 1) == {first.address: RATE}
    scheme.market.do(RECIPIENT, scheme.dollar, "setFailing", True)
    assert distribute(scheme, event) == {}
    with refused(errors.RewardDistributionFailed, to=second.address, amount=2 * RATE):
        scheme.do(second, "claimReward", event, second.address)
    scheme.market.do(RECIPIENT, scheme.dollar, "setFailing", False)
    scheme.do(second, "claimReward", event, second.address)
    assert [scheme.wallet(one) for one in (first, second)] == [RATE, 2 * RATE]
    assert scheme.escrowed == scheme.holdings == BUDGET - 3 * RATE


@pytest.mark.anvil
def test_distribute_rewards__payees_burn_their_gas__gone_through_in_one_page(
    market: Market,
) -> None:
    """The token calls a contract that burns all it is given, at each transfer."""
    scheme = open_stack(market, "HookToken")
    count = 40
    event = scheme.completed(*[200] * count)
    bomb = actor("bomb").address
    scheme.market.node.rpc("anvil_setCode", bomb, "0xfe")
    scheme.market.do(RECIPIENT, scheme.dollar, "setHook", bomb, b"")

    receipt = scheme.do(KEEPER, "distributeRewards", event, 100)

    assert len(scheme.logged(receipt, "RewardDeferred")) == count
    assert receipt.gas_used < count * 130_000
    assert scheme.escrowed == scheme.holdings == BUDGET
    scheme.market.do(RECIPIENT, scheme.dollar, "setHook", ZERO, b"")
    for saver in savers(count)[:2]:
        scheme.do(saver, "claimReward", event, saver.address)
        assert scheme.wallet(saver) == RATE // 5


@pytest.mark.anvil
def test_distribute_rewards__too_little_gas_on_purpose__costs_a_claim(scheme: Scheme) -> None:
    event = scheme.completed(1000)
    (saver,) = savers(1)
    data = scheme.contract.prepare("distributeRewards", event, 1).data
    request = call_parameter(scheme.contract.address, data, sender=KEEPER.address)
    scheme.market.node.set_balance(KEEPER.address, 10**20)
    for gas in range(80_000, 130_000, 2_000):
        if scheme.market.mined(request | {"gas": hex(gas)})["status"] == "0x1":
            break
    record = scheme.participation(event, saver)
    assert record.status is ParticipationStatus.VERIFIED
    scheme.do(saver, "claimReward", event, saver.address)
    assert scheme.wallet(saver) == RATE


@pytest.mark.anvil
def test_distribute_rewards__sixty_one_participants__every_step_costs_the_same(
    scheme: Scheme,
) -> None:
    event = scheme.completed(*[100 + number for number in range(61)])
    costs = []
    for _ in range(61):
        costs.append(scheme.do(KEEPER, "distributeRewards", event, 1).gas_used)
    assert scheme.view("distributeRewards", event, 1) is True
    # The first one writes words that were zero.
    assert max(costs[1:]) - min(costs[1:]) < 200
    assert scheme.event(event).paid == sum((100 + number) * RATE // 1000 for number in range(61))


# claimReward


@pytest.mark.parametrize("when", ["before", "after"])
def test_claim_reward__once_only(scheme: Scheme, when: str) -> None:
    event = scheme.completed(1000, 2000)
    first, second = savers(2)
    with refused(errors.DemandResponse_NothingToClaim, account=KEEPER.address):
        scheme.do(KEEPER, "claimReward", event, KEEPER.address)
    for nowhere in (ZERO, scheme.contract.address):
        with refused(errors.DemandResponse_BadRecipient, to=nowhere):
            scheme.do(first, "claimReward", event, nowhere)
    if when == "before":
        scheme.do(scheme.market.roles[Role.ADMIN], "shutdown")
        claim = ("claimReward", event, RECIPIENT.address)
        assert scheme.contract.call(*claim, sender=first.address) == RATE
        receipt = scheme.do(first, *claim)
        paid = {"event_id": event, "consumer": first.address, "to": RECIPIENT.address}
        assert scheme.logged(receipt, "RewardPaid") == [paid | {"amount": RATE}]
        assert scheme.wallet(RECIPIENT) == RATE
        assert distribute(scheme, event) == {second.address: 2 * RATE}
    else:
        assert distribute(scheme, event) == {first.address: RATE, second.address: 2 * RATE}
    for saver in (first, second):
        with refused(errors.DemandResponse_NothingToClaim, account=saver.address):
            scheme.do(saver, "claimReward", event, saver.address)
    assert scheme.escrowed == scheme.holdings == BUDGET - 3 * RATE


# reclaimBudget


def test_reclaim_budget__missing_another_s_or_active__refused(scheme: Scheme) -> None:
    with refused(errors.EventNotFound, event_id=1):
        scheme.do(scheme.operator, "reclaimBudget", 1, RECIPIENT.address)
    event, rival = scheme.start(), scheme.registered("rival")
    other = {"caller": rival.address, "grid_operator": scheme.operator.address}
    with refused(errors.DemandResponse_NotOperator, **other):
        scheme.do(rival, "reclaimBudget", event, RECIPIENT.address)
    with refused(errors.EventNotActive, event_id=event, status=EventStatus.ACTIVE):
        scheme.do(scheme.operator, "reclaimBudget", event, RECIPIENT.address)


def test_reclaim_budget__before_and_after_the_distribution__nothing_stays(scheme: Scheme) -> None:
    """Three shares of a budget that three does not divide: a unit or two are left by rounding."""
    event = scheme.completed(3000, 3000, 3001, target=9, rate=1001)
    model = model_of(3000, 3000, 3001, target=9, rate=1001)
    with refused(errors.DemandResponse_NothingToClaim, account=scheme.operator.address):
        scheme.do(scheme.operator, "reclaimBudget", event, RECIPIENT.address)
    distribute(scheme, event)
    model.distribute(3)
    dust = model.reclaim()
    assert 0 < dust < 3

    for nowhere in (ZERO, scheme.contract.address):
        with refused(errors.DemandResponse_BadRecipient, to=nowhere):
            scheme.do(scheme.operator, "reclaimBudget", event, nowhere)
    reclaim = ("reclaimBudget", event, RECIPIENT.address)
    assert scheme.contract.call(*reclaim, sender=scheme.operator.address) == dust
    receipt = scheme.do(scheme.operator, *reclaim)

    refund = {"event_id": event, "grid_operator": scheme.operator.address}
    assert scheme.logged(receipt, "BudgetRefunded") == [
        refund | {"to": RECIPIENT.address, "amount": dust}
    ]
    assert scheme.event(event).refunded == scheme.wallet(RECIPIENT) == dust
    assert scheme.escrowed == scheme.holdings == 0


@pytest.mark.parametrize("trouble", ["none", "revoked", "stopped"])
def test_reclaim_budget__in_two_parts__what_rewards_do_not_need(
    scheme: Scheme, trouble: str
) -> None:
    event = scheme.completed(333, 334)
    if trouble == "revoked":
        scheme.revoke(scheme.operator)
    elif trouble == "stopped":
        scheme.do(scheme.market.roles[Role.ADMIN], "shutdown")
    model = model_of(333, 334)

    for _ in range(2):
        amount = model.reclaim()
        before = scheme.wallet(scheme.operator)
        scheme.do(scheme.operator, "reclaimBudget", event, scheme.operator.address)
        assert scheme.wallet(scheme.operator) == before + amount
        with refused(errors.DemandResponse_NothingToClaim, account=scheme.operator.address):
            scheme.do(scheme.operator, "reclaimBudget", event, scheme.operator.address)
        assert scheme.escrowed == scheme.holdings == model.owed
        if model.distributed == 0:
            assert distribute(scheme, event) == model.distribute(100)
    assert scheme.escrowed == 0
    paid = sum(scheme.wallet(saver) for saver in savers(2))
    assert scheme.wallet(scheme.operator) == FUNDS - paid


def test_reclaim_budget__recipient_listed__refused(market: Market) -> None:
    scheme = open_stack(market, "BlacklistToken")
    event = scheme.completed()
    scheme.market.do(RECIPIENT, scheme.dollar, "setListed", RECIPIENT.address, True)
    with refused(errors.RewardDistributionFailed, to=RECIPIENT.address, amount=BUDGET):
        scheme.do(scheme.operator, "reclaimBudget", event, RECIPIENT.address)
    assert scheme.escrowed == scheme.holdings == BUDGET


def test_rewards__money_from_outside__is_nobody_s(market: Market) -> None:
    scheme = open_scheme(market)
    scheme.market.node.rpc(
        "anvil_dealERC20", scheme.contract.address, scheme.dollar.address, hex(777)
    )
    event = scheme.completed(10_000)
    distribute(scheme, event)
    with refused(errors.DemandResponse_NothingToClaim, account=scheme.operator.address):
        scheme.do(scheme.operator, "reclaimBudget", event, RECIPIENT.address)
    assert (scheme.escrowed, scheme.holdings) == (0, 777)
