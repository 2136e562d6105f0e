"""StabilityMaintenance.triggerStabilityResponse."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from energy_grid.domain.balancing import ActionType
from energy_grid.domain.enums import Trigger
from energy_grid.domain.grid_levels import StabilityLevel
from tests.support.market import Market
from tests.support.refusals import refused
from tests.unit.contracts.balancing.actions import (
    UNFIT,
    open_ids,
    opened,
    record,
    set_capacity,
    unfit_operator,
)
from tests.unit.contracts.operators.operators import NORTH, SOUTH, set_score, verified_operator
from tests.unit.contracts.stability.reports import (
    MAX_AGE,
    configure,
    critical_event,
    in_emergency,
    logged,
    prices,
    report,
    trigger,
    voice,
)

NORMAL, ALERT, EMERGENCY, CRITICAL = StabilityLevel
INCREASE = ActionType.INCREASE_GENERATION


@pytest.mark.parametrize("kind", UNFIT)
@pytest.mark.parametrize("severity", [ALERT, CRITICAL])
def test_trigger_stability_response__by_no_operator_of_the_region__refused(
    market: Market, kind: str, severity: int
) -> None:
    caller = unfit_operator(market, kind)

    with refused(
        errors.GridOperatorVerification_NotAuthorized, operator=caller.address, region=NORTH
    ):
        trigger(market, caller, 4940, 100, severity)


@pytest.mark.parametrize("severity", [ALERT, EMERGENCY])
def test_trigger_stability_response__below_critical__operate_is_needed(
    market: Market, operator: LocalAccount, severity: int
) -> None:
    set_score(market, operator, 49)
    with refused(
        errors.GridOperatorVerification_LevelTooLow, operator=operator.address, level=1, needed=2
    ):
        trigger(market, operator, 4940, 100, severity)
    set_score(market, operator, 50)
    trigger(market, operator, 4940, 100, severity)


def test_trigger_stability_response__critical__command_is_needed(
    market: Market, operator: LocalAccount
) -> None:
    for score, level in ((49, 1), (79, 2)):
        set_score(market, operator, score)
        with refused(
            errors.GridOperatorVerification_LevelTooLow,
            operator=operator.address,
            level=level,
            needed=3,
        ):
            trigger(market, operator, 4700, 100, CRITICAL)
    set_score(market, operator, 80)
    trigger(market, operator, 4700, 100, CRITICAL)


@pytest.mark.parametrize("severity", [4, 255])
def test_trigger_stability_response__of_no_severity__refused(
    market: Market, operator: LocalAccount, severity: int
) -> None:
    with refused(errors.UnknownRevert, data=b""):
        trigger(market, operator, 4940, 100, severity)


@pytest.mark.parametrize(
    ("measured", "quantity", "shown"),
    [
        ((4499, 100), b"frequency", 4499),
        ((5501, 49), b"frequency", 5501),
        ((5000, 49), b"voltage", 49),
        ((5000, 151), b"voltage", 151),
        ((5000, 2**256 - 1), b"voltage", 2**255 - 1),
    ],
)
def test_trigger_stability_response__no_possible_measurement__refused(
    market: Market,
    operator: LocalAccount,
    measured: tuple[int, int],
    quantity: bytes,
    shown: int,
) -> None:
    with refused(
        errors.StabilityMaintenance_Implausible, quantity=quantity.ljust(32, b"\0"), value=shown
    ):
        trigger(market, operator, *measured, NORMAL)


@pytest.mark.parametrize(
    ("measured", "severity", "shown"),
    [
        ((5000, 100), NORMAL, NORMAL),
        ((4960, 100), NORMAL, NORMAL),
        ((4949, 100), NORMAL, ALERT),
        ((4899, 100), ALERT, EMERGENCY),
        ((5000, 111), ALERT, EMERGENCY),
        ((4749, 100), EMERGENCY, CRITICAL),
        ((5000, 84), ALERT, CRITICAL),
    ],
)
def test_trigger_stability_response__milder_than_the_values__refused(
    market: Market,
    operator: LocalAccount,
    measured: tuple[int, int],
    severity: int,
    shown: int,
) -> None:
    with refused(errors.StabilityMaintenance_SeverityTooLow, severity=severity, shown=shown):
        trigger(market, operator, *measured, severity)


@pytest.mark.parametrize("severity", [ALERT, EMERGENCY, CRITICAL])
def test_trigger_stability_response__nothing_off_nominal__refused(
    market: Market, operator: LocalAccount, severity: int
) -> None:
    with refused(errors.StabilityMaintenance_NothingToRespondTo, frequency=5000, voltage=100):
        trigger(market, operator, 5000, 100, severity)


@pytest.mark.parametrize(
    ("measured", "shown"),
    [
        ((4999, 100), [Trigger.LOW_FREQUENCY]),
        ((5001, 100), [Trigger.HIGH_FREQUENCY]),
        ((5000, 99), [Trigger.LOW_VOLTAGE]),
        ((5000, 101), [Trigger.HIGH_VOLTAGE]),
        ((4999, 101), [Trigger.LOW_FREQUENCY, Trigger.HIGH_VOLTAGE]),
        ((5051, 94), [Trigger.HIGH_FREQUENCY, Trigger.LOW_VOLTAGE]),
    ],
)
def test_trigger_stability_response__side_of_nominal__its_responses_in_the_band_too(
    market: Market, north: LocalAccount, measured: tuple[int, int], shown: list[Trigger]
) -> None:
    for each in Trigger:
        configure(market, north, each, INCREASE, 10)

    receipt = trigger(market, north, *measured, EMERGENCY)

    assert [one["trigger"] for one in logged(market, receipt, "AutomatedActionOpened")] == shown
    assert len(open_ids(market)) == len(shown)


@pytest.mark.parametrize("severity", [ALERT, EMERGENCY, CRITICAL])
def test_trigger_stability_response__at_least_what_is_shown__emitted_and_no_measurement(
    market: Market, north: LocalAccount, severity: int
) -> None:
    voice(market)
    configure(market, north, Trigger.LOW_FREQUENCY, INCREASE)

    receipt = trigger(market, north, 4949, 100, severity)

    assert logged(market, receipt, "StabilityResponseTriggered") == [
        {
            "region": NORTH,
            "operator": north.address,
            "frequency": 4949,
            "voltage": 100,
            "severity": severity,
        }
    ]
    assert (record(market, 1).operator, record(market, 1).automated) == (north.address, True)
    assert market.stability.call("reportCount", NORTH) == 0
    with refused(errors.StabilityMaintenance_NoReport, region=NORTH):
        market.stability.call("getCurrentStability", NORTH)
    assert in_emergency(market) == (severity == CRITICAL, severity == CRITICAL)


def test_trigger_stability_response__critical__opens_an_event_of_its_values(
    market: Market, operator: LocalAccount
) -> None:
    base, _ = prices(market)
    voice(market)

    receipt = trigger(market, operator, 5012, 98, CRITICAL)

    assert logged(market, receipt, "CriticalEventOpened") == [
        {"id": 1, "region": NORTH, "frequency": 5012, "voltage": 98}
    ]
    event = critical_event(market, 1)
    assert (event.operator, event.frequency, event.voltage) == (operator.address, 5012, 98)
    assert prices(market) == (3 * base, True)


def test_trigger_stability_response__critical_during_an_event__responds_and_renews_it(
    market: Market, north: LocalAccount
) -> None:
    configure(market, north, Trigger.HIGH_VOLTAGE, INCREASE)
    voice(market)
    report(market, north, 4700)
    voice(market)

    receipt = trigger(market, north, 5000, 116, CRITICAL)

    assert logged(market, receipt, "CriticalEventOpened") == []
    (renewed,) = market.events(receipt, market.grid, "RegionEmergencySet")
    assert dict(renewed.arguments) == {"region": NORTH, "until": receipt.time + MAX_AGE}
    assert len(opened(market, receipt)) == 1
    assert market.stability.call("criticalEventCount") == 1


def test_trigger_stability_response__last_action_open__not_repeated(
    market: Market, north: LocalAccount
) -> None:
    configure(market, north, Trigger.LOW_FREQUENCY, INCREASE)
    report(market, north, 4949)

    assert opened(market, trigger(market, north, 4949, 100, ALERT)) == []


def test_trigger_stability_response__one_fails__emitted_and_the_response_stays(
    market: Market, operator: LocalAccount
) -> None:
    configure(market, operator, Trigger.LOW_FREQUENCY, INCREASE)

    receipt = trigger(market, operator, 4949, 100, ALERT)

    assert len(logged(market, receipt, "AutomatedActionFailed")) == 1
    assert len(logged(market, receipt, "StabilityResponseTriggered")) == 1


def test_trigger_stability_response__of_another_region__its_own_responses(
    market: Market, north: LocalAccount
) -> None:
    south = verified_operator(market, "of the south", region="SOUTH")
    set_capacity(market, south, 1000, 0, 0, region=SOUTH)
    configure(market, north, Trigger.LOW_FREQUENCY, INCREASE)
    voice(market, SOUTH)
    configure(market, south, Trigger.LOW_FREQUENCY, INCREASE)

    receipt = trigger(market, south, 4949, 100, CRITICAL, region=SOUTH)

    assert [one["region"] for one in opened(market, receipt)] == [SOUTH]
    assert in_emergency(market) == (False, False)
    assert in_emergency(market, SOUTH) == (True, True)
