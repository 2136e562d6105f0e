"""StabilityMaintenance.resolveCriticalEvent, and what holds while an event is open."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.contracts.stability_maintenance import CriticalEvent
from energy_grid.domain.enums import EmergencyProtocol
from energy_grid.domain.grid_levels import StabilityLevel
from tests.support.market import MONDAY, Market, Receipt, actor
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
    CRITICAL,
    FINE,
    MAX_AGE,
    critical_event,
    in_emergency,
    logged,
    prices,
    report,
    resolve,
    trigger,
    voice,
)

NOBODY = "0x" + "00" * 20


@pytest.fixture
def reporter(market: Market) -> LocalAccount:
    """Of NORTH, too; its score of 50 lets it open critical events, but not resolve them."""
    account = verified_operator(market, "reporter")
    set_score(market, account, 50)
    return account


@pytest.fixture
def critical(market: Market, operator: LocalAccount, reporter: LocalAccount) -> LocalAccount:
    """An event of NORTH is open, and the region is well again; who can resolve it."""
    voice(market.at(MONDAY + 900))
    report(market.at(MONDAY + 1000), reporter, *CRITICAL)
    report(market, reporter, *FINE)
    return operator


NOBODY = "0x" + 40 * "0"


def protocol(market: Market, value: EmergencyProtocol, region: bytes = NORTH) -> Receipt:
    authority = market.roles[Role.GRID_AUTHORITY]
    return market.do(authority, market.grid, "implementEmergencyProtocol", region, value)


@pytest.mark.parametrize("kind", UNFIT)
def test_resolve_critical_event__by_no_operator_of_the_region__refused(
    market: Market, critical: LocalAccount, kind: str
) -> None:
    caller = unfit_operator(market, kind)

    with refused(
        errors.GridOperatorVerification_NotAuthorized, operator=caller.address, region=NORTH
    ):
        resolve(market, caller, 1)


@pytest.mark.parametrize(("score", "level"), [(0, 1), (49, 1), (50, 2), (79, 2)])
def test_resolve_critical_event__level__command_is_needed(
    market: Market, critical: LocalAccount, score: int, level: int
) -> None:
    set_score(market, critical, score)
    with refused(
        errors.GridOperatorVerification_LevelTooLow,
        operator=critical.address,
        level=level,
        needed=3,
    ):
        resolve(market, critical, 1)
    set_score(market, critical, 80)
    resolve(market, critical, 1)


@pytest.mark.parametrize("event", [0, 2, 2**256 - 1])
def test_resolve_critical_event__no_such_event__refused(
    market: Market, critical: LocalAccount, event: int
) -> None:
    with refused(errors.StabilityMaintenance_NoSuchEvent, id=event):
        resolve(market, critical, event)


def test_resolve_critical_event__all_well__over_and_prices_are_normal(
    market: Market, critical: LocalAccount, reporter: LocalAccount
) -> None:
    assert in_emergency(market) == (True, True)
    assert prices(market) == (3 * BASE, True)

    receipt = resolve(market.at(MONDAY + 2000), critical, 1)

    assert logged(market, receipt, "CriticalEventResolved") == [
        {"id": 1, "region": NORTH, "operator": critical.address}
    ]
    (emergency,) = market.events(receipt, market.grid, "RegionEmergencySet")
    assert dict(emergency.arguments) == {"region": NORTH, "until": 0}
    assert critical_event(market, 1) == CriticalEvent(
        id=1,
        region="NORTH",
        operator=reporter.address,
        confirmed_by=actor("second").address,
        frequency=4700,
        voltage=100,
        opened_at=MONDAY + 1000,
        resolved_by=critical.address,
        resolved_at=MONDAY + 2000,
    )
    assert in_emergency(market) == (False, False)
    assert prices(market) == (BASE, False)


def test_resolve_critical_event__again__refused(market: Market, critical: LocalAccount) -> None:
    resolve(market, critical, 1)

    with refused(errors.StabilityMaintenance_AlreadyResolved, id=1):
        resolve(market, critical, 1)
    # Not even where another one is open, and the region critical.
    voice(market, name="third")
    report(market, critical, *CRITICAL)
    with refused(errors.StabilityMaintenance_AlreadyResolved, id=1):
        resolve(market, critical, 1)
    assert in_emergency(market) == (True, True)


def test_resolve_critical_event__newest_report_critical__refused(
    market: Market, critical: LocalAccount
) -> None:
    for measured in ((4749, 100), (5000, 116)):
        report(market, critical, *measured)
        assert market.stability.call("voiceOf", NORTH)[0] == critical.address
        with refused(errors.StabilityMaintenance_StillCritical, region=NORTH):
            resolve(market, critical, 1)
    report(market, critical, 4750, 115)
    resolve(market, critical, 1)
    assert in_emergency(market) == (False, False)


def test_resolve_critical_event__response_without_any_report__resolved(
    market: Market, operator: LocalAccount
) -> None:
    voice(market)
    trigger(market, operator, 4700, 100, StabilityLevel.CRITICAL)
    assert critical_event(market, 1).resolved_by == NOBODY
    assert prices(market) == (3 * BASE, True)

    resolve(market, operator, 1)

    assert prices(market) == (BASE, False)


@pytest.mark.parametrize("measured", [FINE, (4940, 100), (4890, 100)])
def test_resolve_critical_event__not_resolved__the_event_stays_open_and_its_price_ends(
    market: Market, critical: LocalAccount, measured: tuple[int, int]
) -> None:
    """Whatever is reported; two critical reports renew the price."""
    report(market, critical, *measured)
    trigger(market, critical, 4890, 100, StabilityLevel.EMERGENCY)
    market.go_to(MONDAY + 1000 + MAX_AGE - 1)
    assert in_emergency(market) == (True, True)
    market.go_to(MONDAY + 1000 + MAX_AGE)
    assert in_emergency(market) == (True, False)
    assert prices(market) == (BASE, False)

    report(market, critical, *CRITICAL)
    assert in_emergency(market) == (True, False)
    voice(market)
    assert in_emergency(market) == (True, True)
    assert prices(market) == (3 * BASE, True)
    assert market.stability.call("criticalEventCount") == 1


def test_resolve_critical_event__more_critical_reports__one_event(
    market: Market, operator: LocalAccount
) -> None:
    voice(market)
    first = report(market, operator, *CRITICAL)
    assert logged(market, first, "CriticalEventOpened") == [
        {"id": 1, "region": NORTH, "frequency": 4700, "voltage": 100}
    ]
    (emergency,) = market.events(first, market.grid, "RegionEmergencySet")
    assert dict(emergency.arguments) == {"region": NORTH, "until": first.time + MAX_AGE}

    for measured in ((4600, 80), FINE, CRITICAL):
        voice(market)
        receipt = report(market, operator, *measured)
        assert logged(market, receipt, "CriticalEventOpened") == []
        renewed = market.events(receipt, market.grid, "RegionEmergencySet")
        assert [one["until"] for one in renewed] == [receipt.time + MAX_AGE] * (measured != FINE)

    assert market.stability.call("criticalEventCount") == 1
    assert market.stability.call("reportCount", NORTH) == 4
    event = critical_event(market, 1)
    assert (event.frequency, event.voltage, event.resolved_at) == (4700, 100, 0)


def test_resolve_critical_event__critical_again_afterwards__another_event(
    market: Market, critical: LocalAccount
) -> None:
    resolve(market, critical, 1)

    voice(market, name="third")
    report(market, critical, 5000, 84)

    event = critical_event(market, 2)
    assert (event.operator, event.voltage) == (critical.address, 84)
    assert prices(market) == (3 * BASE, True)


def test_resolve_critical_event__two_regions__each_ends_its_own(
    market: Market, critical: LocalAccount
) -> None:
    market.add_region(SOUTH)
    south = verified_operator(market, "of the south", region="SOUTH")
    voice(market, SOUTH, "southern")
    report(market, south, *CRITICAL, region=SOUTH)
    report(market, south, *FINE, region=SOUTH)
    with refused(
        errors.GridOperatorVerification_NotAuthorized, operator=south.address, region=NORTH
    ):
        resolve(market, south, 1)

    resolve(market, critical, 1)
    assert (in_emergency(market), in_emergency(market, SOUTH)) == ((False, False), (True, True))
    assert (prices(market), prices(market, SOUTH)) == ((BASE, False), (3 * BASE, True))
    resolve(market, south, 2)
    assert prices(market, SOUTH) == (BASE, False)


def test_resolve_critical_event__authority_s_protocol_in_force__survives_it(
    market: Market, critical: LocalAccount
) -> None:
    protocol(market, EmergencyProtocol.ISLANDING)

    resolve(market, critical, 1)

    assert in_emergency(market) == (False, True)
    assert market.grid.call("emergencyProtocolOf", NORTH) == EmergencyProtocol.ISLANDING
    assert prices(market) == (3 * BASE, True)
    protocol(market, EmergencyProtocol.NONE)
    assert prices(market) == (BASE, False)


def test_resolve_critical_event__authority_s_protocol_ended__event_survives_it(
    market: Market, operator: LocalAccount
) -> None:
    protocol(market, EmergencyProtocol.LOAD_SHEDDING)
    voice(market)
    report(market, operator, *CRITICAL)
    report(market, operator, *FINE)

    protocol(market, EmergencyProtocol.NONE)

    assert in_emergency(market) == (True, True)
    assert prices(market) == (3 * BASE, True)
    resolve(market, operator, 1)
    assert in_emergency(market) == (False, False)
    assert prices(market) == (BASE, False)


def test_resolve_critical_event__whoever_opened_it_revoked__by_a_colleague(
    market: Market, operator: LocalAccount
) -> None:
    voice(market)
    report(market, operator, *CRITICAL)
    as_authority(market, "revokeOperator", operator.address)
    colleague = verified_operator(market, "colleague")
    report(market, colleague, *FINE)
    with refused(
        errors.GridOperatorVerification_NotAuthorized, operator=operator.address, region=NORTH
    ):
        resolve(market, operator, 1)

    resolve(market, colleague, 1)

    event = critical_event(market, 1)
    assert (event.operator, event.resolved_by) == (operator.address, colleague.address)
