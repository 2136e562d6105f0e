"""StabilityMaintenance.reportStabilityMetrics: who may, what is kept, and what level it has."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from energy_grid.contracts.stability_maintenance import StabilityReport
from energy_grid.domain.grid_levels import StabilityLevel
from tests.model.grid_levels import stability_level
from tests.support.market import MONDAY, Market
from tests.support.refusals import refused
from tests.unit.contracts.balancing.actions import UNFIT, unfit_operator
from tests.unit.contracts.operators.operators import (
    NORTH,
    SOUTH,
    as_authority,
    set_score,
    verified_operator,
)
from tests.unit.contracts.stability.reports import (
    BASE,
    current,
    in_emergency,
    logged,
    prices,
    report,
    voice,
)

NORMAL, ALERT, EMERGENCY, CRITICAL = StabilityLevel


@pytest.mark.parametrize("kind", UNFIT)
def test_report_stability_metrics__by_no_operator_of_the_region__refused(
    market: Market, kind: str
) -> None:
    caller = unfit_operator(market, kind)

    with refused(
        errors.GridOperatorVerification_NotAuthorized, operator=caller.address, region=NORTH
    ):
        report(market, caller)


@pytest.mark.parametrize("score", [0, 49, 50, 79, 80, 100])
def test_report_stability_metrics__at_every_level__reported(
    market: Market, operator: LocalAccount, score: int
) -> None:
    set_score(market, operator, score)

    report(market, operator)

    assert market.stability.call("reportCount", NORTH) == 1


def test_report_stability_metrics__operator_revoked_in_between__refused_until_verified_again(
    market: Market, operator: LocalAccount
) -> None:
    report(market, operator)
    as_authority(market, "revokeOperator", operator.address)
    with refused(
        errors.GridOperatorVerification_NotAuthorized, operator=operator.address, region=NORTH
    ):
        report(market, operator, 4700)
    assert in_emergency(market) == (False, False)

    as_authority(market, "verifyOperator", operator.address)
    report(market, operator)
    assert market.stability.call("reportCount", NORTH) == 2


def test_report_stability_metrics__all_well__is_the_newest(
    market: Market, operator: LocalAccount
) -> None:
    receipt = report(market.at(MONDAY + 1000), operator, 4940, 103, -17)

    assert logged(market, receipt, "StabilityReported") == [
        {
            "region": NORTH,
            "operator": operator.address,
            "frequency": 4940,
            "voltage": 103,
            "phase_angle": -17,
            "level": ALERT,
        }
    ]
    assert current(market) == StabilityReport(
        frequency=4940, voltage=103, phase_angle=-17, timestamp=MONDAY + 1000, level=ALERT
    )
    assert market.stability.call("reportCount", SOUTH) == 0


BANDS = [
    (4950, 100, NORMAL),
    (5050, 100, NORMAL),
    (4949, 100, ALERT),
    (5051, 100, ALERT),
    (4900, 100, ALERT),
    (5100, 100, ALERT),
    (4899, 100, EMERGENCY),
    (5101, 100, EMERGENCY),
    (4750, 100, EMERGENCY),
    (5150, 100, EMERGENCY),
    (4749, 100, CRITICAL),
    (5151, 100, CRITICAL),
    (5000, 95, NORMAL),
    (5000, 105, NORMAL),
    (5000, 94, ALERT),
    (5000, 106, ALERT),
    (5000, 90, ALERT),
    (5000, 110, ALERT),
    (5000, 89, EMERGENCY),
    (5000, 111, EMERGENCY),
    (5000, 85, EMERGENCY),
    (5000, 115, EMERGENCY),
    (5000, 84, CRITICAL),
    (5000, 116, CRITICAL),
    (4949, 89, EMERGENCY),
    (4899, 94, EMERGENCY),
    (4749, 94, CRITICAL),
    (5051, 116, CRITICAL),
]


@pytest.mark.parametrize(("frequency", "voltage", "level"), BANDS)
def test_report_stability_metrics__at_each_bound__has_its_level(
    market: Market, operator: LocalAccount, frequency: int, voltage: int, level: StabilityLevel
) -> None:
    voice(market)
    receipt = report(market, operator, frequency, voltage)

    assert current(market).level == level == stability_level(frequency, voltage)
    assert logged(market, receipt, "StabilityReported")[0]["level"] == level
    changes = [] if level is NORMAL else [{"region": NORTH, "from": NORMAL, "to": level}]
    assert logged(market, receipt, "StabilityLevelChanged") == changes
    assert in_emergency(market) == (level is CRITICAL, level is CRITICAL)


@pytest.mark.parametrize(("score", "opens"), [(0, False), (49, False), (50, True), (100, True)])
@pytest.mark.parametrize("measured", [(4700, 100), (5000, 116)])
def test_report_stability_metrics__critical__opens_an_event_from_level_operate_on(
    market: Market, operator: LocalAccount, measured: tuple[int, int], score: int, *, opens: bool
) -> None:
    voice(market)
    set_score(market, operator, score)

    receipt = report(market, operator, *measured)

    events = logged(market, receipt, "CriticalEventOpened")
    assert [(one["id"], one["region"]) for one in events] == ([(1, NORTH)] if opens else [])
    assert len(market.events(receipt, market.grid, "RegionEmergencySet")) == opens
    assert market.stability.call("criticalEventCount") == opens
    assert in_emergency(market) == (opens, opens)
    assert prices(market) == (3 * BASE if opens else BASE, opens)
    # The report itself is as any other.
    assert (current(market).level, market.stability.call("reportCount", NORTH)) == (CRITICAL, 1)
    assert logged(market, receipt, "StabilityLevelChanged") == [
        {"region": NORTH, "from": NORMAL, "to": CRITICAL}
    ]


def test_report_stability_metrics__critical_before_by_level_report__opens_an_event_all_the_same(
    market: Market, operator: LocalAccount, reporter: LocalAccount
) -> None:
    voice(market)
    report(market, reporter, 4700)
    assert in_emergency(market) == (False, False)

    receipt = report(market, operator, 4690)

    assert logged(market, receipt, "CriticalEventOpened") == [
        {"id": 1, "region": NORTH, "frequency": 4690, "voltage": 100}
    ]
    assert in_emergency(market) == (True, True)


def test_report_stability_metrics__level_changes__is_emitted_once(
    market: Market, operator: LocalAccount
) -> None:
    changes = []
    for frequency in (5000, 4940, 5060, 4890, 4890, 4940, 5000, 5010):
        receipt = report(market, operator, frequency)
        changes += [
            (one["from"], one["to"]) for one in logged(market, receipt, "StabilityLevelChanged")
        ]

    assert changes == [(0, 1), (1, 2), (2, 1), (1, 0)]


def test_report_stability_metrics__of_two_regions__each_has_its_own(
    market: Market, operator: LocalAccount
) -> None:
    south = verified_operator(market, "of the south", region="SOUTH")
    voice(market, SOUTH)
    report(market, operator, 4940)

    receipt = report(market, south, 5151, region=SOUTH)

    assert logged(market, receipt, "StabilityLevelChanged") == [
        {"region": SOUTH, "from": NORMAL, "to": CRITICAL}
    ]
    assert (current(market).frequency, current(market, SOUTH).frequency) == (4940, 5151)
    assert in_emergency(market) == (False, False)
    assert in_emergency(market, SOUTH) == (True, True)


@pytest.mark.parametrize(
    ("measured", "quantity", "shown"),
    [
        ((4499, 100, 0), b"frequency", 4499),
        ((5501, 100, 0), b"frequency", 5501),
        ((0, 0, 181), b"frequency", 0),
        ((2**255, 100, 0), b"frequency", 2**255 - 1),
        ((2**256 - 1, 100, 0), b"frequency", 2**255 - 1),
        ((5000, 49, 0), b"voltage", 49),
        ((5000, 151, 181), b"voltage", 151),
        ((5000, 2**256 - 1, 0), b"voltage", 2**255 - 1),
        ((5000, 100, 181), b"phaseAngle", 181),
        ((5000, 100, -181), b"phaseAngle", -181),
        ((5000, 100, 2**255 - 1), b"phaseAngle", 2**255 - 1),
        ((5000, 100, -(2**255)), b"phaseAngle", -(2**255)),
    ],
)
def test_report_stability_metrics__no_possible_measurement__refused(
    market: Market,
    operator: LocalAccount,
    measured: tuple[int, int, int],
    quantity: bytes,
    shown: int,
) -> None:
    with refused(
        errors.StabilityMaintenance_Implausible, quantity=quantity.ljust(32, b"\0"), value=shown
    ):
        report(market, operator, *measured)


@pytest.mark.parametrize(
    "measured", [(4500, 50, -180), (5500, 150, 180), (4500, 150, 0), (5500, 50, -1)]
)
def test_report_stability_metrics__the_widest_measurements__kept_as_they_are(
    market: Market, operator: LocalAccount, measured: tuple[int, int, int]
) -> None:
    report(market, operator, *measured)

    found = current(market)
    assert (found.frequency, found.voltage, found.phase_angle) == measured
    assert found.level == CRITICAL


@pytest.mark.parametrize("phase_angle", [-180, 180])
def test_report_stability_metrics__phase_angle__moves_no_level(
    market: Market, operator: LocalAccount, phase_angle: int
) -> None:
    report(market, operator, 5000, 100, phase_angle)

    assert (current(market).phase_angle, current(market).level) == (phase_angle, NORMAL)
