"""StabilityMaintenance.reportStabilityMetrics: the balancing actions that it opens."""

from __future__ import annotations

from itertools import product

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.rpc.node import call_parameter
from energy_grid.contracts import errors
from energy_grid.contracts.errors import decode_revert
from energy_grid.domain.balancing import MAX_BY_HAND, MAX_HELD, ActionStatus, ActionType
from energy_grid.domain.enums import Trigger
from tests.support.market import Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.balancing.actions import (
    available,
    cancel,
    closed,
    complete,
    initiate,
    open_ids,
    opened,
    record,
    report_load,
    set_capacity,
)
from tests.unit.contracts.operators.operators import (
    NORTH,
    SOUTH,
    as_authority,
    operator_fields,
    verified_operator,
)
from tests.unit.contracts.stability.reports import (
    configure,
    current,
    in_emergency,
    logged,
    report,
    responses,
    voice,
)

INCREASE, DECREASE, SHED, RESTORE, ACTIVATE = ActionType
# A measurement that shows one trigger alone, barely.
SHOWS = {
    Trigger.LOW_FREQUENCY: (4949, 100),
    Trigger.HIGH_FREQUENCY: (5051, 100),
    Trigger.LOW_VOLTAGE: (5000, 94),
    Trigger.HIGH_VOLTAGE: (5000, 106),
}
# As near to it as is still well.
BARELY_NOT = {
    Trigger.LOW_FREQUENCY: (4950, 100),
    Trigger.HIGH_FREQUENCY: (5050, 100),
    Trigger.LOW_VOLTAGE: (5000, 95),
    Trigger.HIGH_VOLTAGE: (5000, 105),
}


@pytest.mark.parametrize("condition", Trigger)
@pytest.mark.parametrize("action_type", [one for one in ActionType if one is not RESTORE])
def test_report_stability_metrics__out_of_band__really_opens_an_action(
    market: Market,
    north: LocalAccount,
    reporter: LocalAccount,
    condition: Trigger,
    action_type: ActionType,
) -> None:
    configure(market, north, condition, action_type, 40, 2)
    before = available(market, action_type)

    receipt = report(market, reporter, *SHOWS[condition])

    assert opened(market, receipt) == [
        {
            "id": 1,
            "region": NORTH,
            "operator": reporter.address,
            "action_type": action_type,
            "target": 40,
            "priority": 2,
            "automated": True,
        }
    ]
    assert logged(market, receipt, "AutomatedActionOpened") == [
        {"region": NORTH, "trigger": condition, "action_id": 1}
    ]
    action = record(market, 1)
    assert (action.status, action.target, action.automated) == (ActionStatus.OPEN, 40, True)
    assert action.operator == reporter.address
    assert available(market, action_type) == before - 40
    assert responses(market)[0].action_id == 1


@pytest.mark.parametrize("condition", Trigger)
def test_report_stability_metrics__in_band__opens_nothing(
    market: Market, north: LocalAccount, condition: Trigger
) -> None:
    for each in Trigger:
        configure(market, north, each, INCREASE)

    for measured in (BARELY_NOT[condition], (5000, 100)):
        receipt = report(market, north, *measured)
        assert opened(market, receipt) == logged(market, receipt, "AutomatedActionFailed") == []


@pytest.mark.parametrize("shown", Trigger)
def test_report_stability_metrics__one_thing_out_of_band__its_trigger_alone(
    market: Market, north: LocalAccount, shown: Trigger
) -> None:
    """The other is off nominal, too, though well within its band."""
    for priority, each in enumerate(Trigger, start=1):
        configure(market, north, each, INCREASE, 10, priority)
    frequency, voltage = SHOWS[shown]

    receipt = report(
        market,
        north,
        4951 if frequency == 5000 else frequency,
        104 if voltage == 100 else voltage,
    )

    assert [one["trigger"] for one in logged(market, receipt, "AutomatedActionOpened")] == [shown]
    assert [one["priority"] for one in opened(market, receipt)] == [shown + 1]


@pytest.mark.parametrize(
    ("measured", "shown"),
    [
        ((4949, 94), [Trigger.LOW_FREQUENCY, Trigger.LOW_VOLTAGE]),
        ((4949, 106), [Trigger.LOW_FREQUENCY, Trigger.HIGH_VOLTAGE]),
        ((5051, 94), [Trigger.HIGH_FREQUENCY, Trigger.LOW_VOLTAGE]),
        ((4700, 84), [Trigger.LOW_FREQUENCY, Trigger.LOW_VOLTAGE]),
    ],
)
def test_report_stability_metrics__both_out_of_band__both_triggers(
    market: Market, north: LocalAccount, measured: tuple[int, int], shown: list[Trigger]
) -> None:
    for each in Trigger:
        configure(market, north, each, INCREASE, 10)

    receipt = report(market, north, *measured)

    assert [one["trigger"] for one in logged(market, receipt, "AutomatedActionOpened")] == shown
    assert open_ids(market) == [1, 2]


@pytest.mark.anvil
def test_report_stability_metrics__all_that_can_be_configured__all_of_it_in_one_report(
    market: Market, north: LocalAccount
) -> None:
    """Five responses of each of two triggers, in the order of their types."""
    complete(market, north, initiate(market, north, SHED, 100))
    for condition, action_type in product(Trigger, ActionType):
        configure(market, north, condition, action_type, 10 + action_type, 1 + condition)

    receipt = report(market, north, 4700, 84)

    assert [
        (one["action_type"], one["target"], one["priority"]) for one in opened(market, receipt)
    ] == [
        (action_type, 10 + action_type, 1 + condition)
        for condition in (Trigger.LOW_FREQUENCY, Trigger.LOW_VOLTAGE)
        for action_type in ActionType
    ]
    assert receipt.gas_used < 2_500_000


def test_report_stability_metrics__more_than_there_is__what_there_is(
    market: Market, north: LocalAccount
) -> None:
    configure(market, north, Trigger.LOW_FREQUENCY, ACTIVATE, 2**64 - 1)

    report(market, north, 4949)

    assert record(market, 1).target == 100


def test_report_stability_metrics__one_fails__emitted_and_the_report_and_others_stay(
    market: Market, north: LocalAccount
) -> None:
    initiate(market, north, DECREASE, 600)
    for action_type in (INCREASE, DECREASE, ACTIVATE):
        configure(market, north, Trigger.LOW_FREQUENCY, action_type)

    receipt = report(market, north, 4949)

    (failure,) = logged(market, receipt, "AutomatedActionFailed")
    refusal = decode_revert(failure.pop("reason"), "BalancingCoordination")
    assert failure == {
        "region": NORTH,
        "trigger": Trigger.LOW_FREQUENCY,
        "action_type": DECREASE,
    }
    assert isinstance(refusal, errors.BalancingCoordination_AboveAvailable)
    assert refusal.arguments == {
        "region": NORTH,
        "action_type": DECREASE,
        "target": 50,
        "available": 0,
    }
    assert [one["action_type"] for one in opened(market, receipt)] == [INCREASE, ACTIVATE]
    assert current(market).frequency == 4949
    assert [one.action_id for one in responses(market)] == [2, 0, 3]


def test_report_stability_metrics__region_without_capacity__critical_all_the_same(
    market: Market, operator: LocalAccount
) -> None:
    configure(market, operator, Trigger.LOW_FREQUENCY, INCREASE)
    voice(market)

    receipt = report(market, operator, 4700)

    (failure,) = logged(market, receipt, "AutomatedActionFailed")
    refusal = decode_revert(failure["reason"], "BalancingCoordination")
    assert isinstance(refusal, errors.BalancingCoordination_NoCapacity)
    assert market.stability.call("reportCount", NORTH) == 1
    assert in_emergency(market) == (True, True)


def test_report_stability_metrics__all_places_taken_by_hand__responds_all_the_same(
    market: Market, north: LocalAccount
) -> None:
    configure(market, north, Trigger.LOW_FREQUENCY, DECREASE, priority=5)
    for number in range(MAX_BY_HAND // MAX_HELD):
        operator = verified_operator(market, f"operator {number}")
        for _ in range(MAX_HELD):
            initiate(market, operator, target=1, priority=1)

    receipt = report(market, north, 4949)

    assert logged(market, receipt, "AutomatedActionFailed") == []
    assert len(opened(market, receipt)) == 1


def test_report_stability_metrics__failed_before__tried_again(
    market: Market, operator: LocalAccount
) -> None:
    configure(market, operator, Trigger.LOW_FREQUENCY, INCREASE)
    report(market, operator, 4949)
    set_capacity(market, operator, 1000, 600, 100)

    receipt = report(market, operator, 4949)

    assert [one["target"] for one in opened(market, receipt)] == [50]


def test_report_stability_metrics__last_action_open__not_repeated(
    market: Market, north: LocalAccount, reporter: LocalAccount
) -> None:
    configure(market, north, Trigger.LOW_FREQUENCY, INCREASE)
    report(market, north, 4949)
    deadline = record(market, 1).deadline

    for at in (deadline - 100, deadline):
        receipt = report(market.at(at), reporter, 4700)
        assert opened(market, receipt) == logged(market, receipt, "AutomatedActionFailed") == []
    assert open_ids(market) == [1]
    assert market.stability.call("reportCount", NORTH) == 3


@pytest.mark.parametrize("how", ["completed", "cancelled"])
def test_report_stability_metrics__last_action_closed__another_one(
    market: Market, north: LocalAccount, how: str
) -> None:
    configure(market, north, Trigger.LOW_FREQUENCY, INCREASE)
    report(market, north, 4949)
    (complete if how == "completed" else cancel)(market, north, 1)

    receipt = report(market, north, 4949)

    assert logged(market, receipt, "AutomatedActionOpened") == [
        {"region": NORTH, "trigger": Trigger.LOW_FREQUENCY, "action_id": 2}
    ]
    assert responses(market)[0].action_id == 2


@pytest.mark.parametrize("expired_before", [True, False])
def test_report_stability_metrics__last_action_past_its_deadline__makes_room_for_another(
    market: Market, north: LocalAccount, reporter: LocalAccount, *, expired_before: bool
) -> None:
    """All of the reserve was committed to it."""
    configure(market, north, Trigger.LOW_FREQUENCY, ACTIVATE, 100)
    report(market, reporter, 4949)
    deadline = record(market, 1).deadline
    if expired_before:
        market.at(deadline + 1).do(actor("keeper"), market.balancing, "expireBalancingAction", 1)
    else:
        market.at(deadline + 1)

    receipt = report(market, north, 4949)

    expired = [] if expired_before else [(1, ActionStatus.EXPIRED)]
    assert closed(market, receipt) == expired
    assert [(one["id"], one["target"]) for one in opened(market, receipt)] == [(2, 100)]
    assert operator_fields(market, reporter)["score"] == 0
    assert operator_fields(market, north)["score"] == 100


def test_report_stability_metrics__operator_revoked__its_open_action_suppresses_all_the_same(
    market: Market, north: LocalAccount, reporter: LocalAccount
) -> None:
    configure(market, north, Trigger.LOW_FREQUENCY, INCREASE)
    report(market, reporter, 4949)
    as_authority(market, "revokeOperator", reporter.address)

    assert opened(market, report(market, north, 4949)) == []
    market.go_to(record(market, 1).deadline + 1)
    assert [one["id"] for one in opened(market, report(market, north, 4949))] == [2]


def test_report_stability_metrics__response_removed__opens_nothing(
    market: Market, north: LocalAccount
) -> None:
    configure(market, north, Trigger.LOW_FREQUENCY, INCREASE)
    configure(market, north, Trigger.LOW_FREQUENCY, INCREASE, 0)

    assert opened(market, report(market, north, 4949)) == []


def test_report_stability_metrics__of_another_region__its_own_responses(
    market: Market, north: LocalAccount
) -> None:
    south = verified_operator(market, "of the south", region="SOUTH")
    set_capacity(market, south, 1000, 0, 0, region=SOUTH)
    configure(market, north, Trigger.LOW_FREQUENCY, INCREASE, 10)
    configure(market, south, Trigger.LOW_FREQUENCY, INCREASE, 20)

    receipt = report(market, south, 4949, region=SOUTH)

    assert [(one["region"], one["target"]) for one in opened(market, receipt)] == [(SOUTH, 20)]
    assert open_ids(market) == []


def test_report_stability_metrics__load_report_too_old__nothing_to_shed(
    market: Market, north: LocalAccount
) -> None:
    configure(market, north, Trigger.LOW_FREQUENCY, SHED)
    reported = report_load(market, north, 500).time

    failed = report(market.at(reported + 3601), north, 4949)

    assert len(logged(market, failed, "AutomatedActionFailed")) == 1
    report_load(market, north, 500)
    assert len(opened(market, report(market, north, 4949))) == 1


def with_gas(market: Market, sender: LocalAccount, gas: int) -> tuple[bool, bytes]:
    """A report that shows low frequency, with so much gas: whether it stays, and why not."""
    call = market.stability.prepare("reportStabilityMetrics", NORTH, 4949, 100, 0)
    request = call_parameter(call.to, call.data, sender=sender.address) | {"gas": hex(gas)}
    before = market.node.snapshot()
    receipt = market.mined(request)
    if int(receipt["status"], 16) == 1:
        found = open_ids(market)
        market.node.revert(before)
        assert found == [1], f"{gas} gas: the report stays without its action"
        return True, b""
    trace = market.node.rpc(
        "debug_traceTransaction", receipt["transactionHash"], {"tracer": "callTracer"}
    )
    market.node.revert(before)
    return False, bytes.fromhex(trace.get("output", "0x")[2:])


@pytest.mark.anvil
def test_report_stability_metrics__too_little_gas__refused_and_never_without_its_action(
    market: Market, north: LocalAccount, reporter: LocalAccount
) -> None:
    """A reporter could otherwise choose the gas so that the report stays and its action fails."""
    configure(market, north, Trigger.LOW_FREQUENCY, INCREASE)
    enough, too_little = 1_000_000, 30_000
    assert with_gas(market, reporter, enough)[0]
    refusals = []
    # To the last unit of gas, and on the way along all that fails for want of it.
    while enough - too_little > 1:
        gas = (enough + too_little) // 2
        stays, output = with_gas(market, reporter, gas)
        if stays:
            enough = gas
        else:
            too_little = gas
            refusals.append(output)
    for less in range(0, 200_000, 4_000):
        stays, output = with_gas(market, reporter, too_little - less)
        assert not stays
        refusals.append(output)

    reasons = {decode_revert(one, "StabilityMaintenance").name for one in refusals if one}
    assert reasons == {"StabilityMaintenance_TooLittleGas"}


def test_report_stability_metrics__just_too_little_gas__is_named(
    market: Market, north: LocalAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(market, north, Trigger.LOW_FREQUENCY, INCREASE)
    # Enough for the report and for most of its action.
    monkeypatch.setattr("tests.support.market._GAS", hex(300_000))

    with refused(errors.StabilityMaintenance_TooLittleGas):
        report(market, north, 4949)
