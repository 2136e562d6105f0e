"""The views of StabilityMaintenance."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.contracts import errors
from energy_grid.domain.enums import StabilityLevel
from energy_grid.domain.grid_levels import BANDS
from tests.model.grid_levels import stability_level
from tests.support.examples import on_chain
from tests.support.market import Market
from tests.support.refusals import refused
from tests.unit.contracts.bands.bands import set_bands
from tests.unit.contracts.operators.operators import NORTH, SOUTH, verified_operator
from tests.unit.contracts.stability.reports import (
    CRITICAL,
    FINE,
    configure,
    critical_event,
    current,
    in_emergency,
    report,
    resolve,
    responses,
    voice,
)

LENGTH = 168


def phases(market: Market, offset: int, limit: int) -> list[int]:
    """Of the reports on a page of NORTH's history."""
    return [one[2] for one in market.stability.call("getStabilityHistory", NORTH, offset, limit)]


def event_ids(market: Market, offset: int, limit: int, region: bytes = NORTH) -> list[int]:
    return [one[0] for one in market.stability.call("getCriticalEvents", region, offset, limit)]


def test_views__nothing_yet__nothing(market: Market) -> None:
    stability = market.stability
    assert stability.call("reportCount", NORTH) == stability.call("criticalEventCount") == 0
    assert phases(market, 0, 100) == event_ids(market, 0, 100) == responses(market) == []
    assert in_emergency(market) == (False, False)
    with refused(errors.StabilityMaintenance_NoReport, region=NORTH):
        current(market)
    for event in (0, 1, 2**256 - 1):
        with refused(errors.StabilityMaintenance_NoSuchEvent, id=event):
            critical_event(market, event)


def test_views__wired__to_the_deployed_modules(market: Market) -> None:
    stability = market.stability

    assert stability.call("OPERATORS") == market.operators.address
    assert stability.call("BALANCING") == market.balancing.address
    assert stability.call("GRID") == market.grid.address
    assert market.grid.call("STABILITY") == stability.address
    assert stability.call("HISTORY_LENGTH") == LENGTH


@on_chain
@given(
    frequency=st.one_of(st.integers(4700, 5200), st.integers(0, 2**256 - 1)),
    voltage=st.one_of(st.integers(80, 120), st.integers(0, 2**256 - 1)),
)
def test_get_stability_level__of_any_values__as_in_the_model(
    market: Market, frequency: int, voltage: int
) -> None:
    found = market.stability.call("getStabilityLevel", NORTH, frequency, voltage)

    assert found == stability_level(frequency, voltage)


def test_get_stability_level__at_every_bound__as_in_the_model(market: Market) -> None:
    frequencies = [
        bound + step for bound in (4750, 4900, 4950, 5050, 5100, 5150) for step in (-1, 0, 1)
    ]
    voltages = [bound + step for bound in (85, 90, 95, 105, 110, 115) for step in (-1, 0, 1)]
    pairs = [(one, other) for one in (*frequencies, 5000) for other in (*voltages, 100)]

    found = market.stability.call_many("getStabilityLevel", [(NORTH, *pair) for pair in pairs])

    assert [*found] == [stability_level(*pair) for pair in pairs]


@pytest.mark.parametrize("name", ["europe", "north-america"])
def test_get_stability_level__at_every_bound_of_other_bands__as_in_the_model(
    market: Market, operator: LocalAccount, name: str
) -> None:
    bands = BANDS[name]
    set_bands(market, NORTH, bands)
    frequencies = [bound + step for bound in bands.frequency for step in (-1, 0, 1)]
    voltages = [bound + step for bound in bands.voltage for step in (-1, 0, 1)]
    pairs = [(one, other) for one in frequencies for other in voltages]

    found = market.stability.call_many("getStabilityLevel", [(NORTH, *pair) for pair in pairs])

    assert [*found] == [stability_level(*pair, bands) for pair in pairs]


def test_get_stability_history__bands_change__levels_stay(
    market: Market, operator: LocalAccount
) -> None:
    report(market, operator, 4_990)
    set_bands(market, NORTH, BANDS["europe"])
    report(market, operator, 4_990)

    levels = [each[-1] for each in market.stability.call("getStabilityHistory", NORTH, 0, 2)]

    assert levels == [StabilityLevel.ALERT, StabilityLevel.NORMAL]


@pytest.mark.parametrize(
    ("offset", "limit", "expected"),
    [
        (0, 100, [5, 4, 3, 2, 1]),
        (0, 1, [5]),
        (1, 2, [4, 3]),
        (4, 100, [1]),
        (5, 1, []),
        (2**256 - 1, 100, []),
    ],
)
def test_get_stability_history__a_page__newest_first(
    market: Market, operator: LocalAccount, offset: int, limit: int, expected: list[int]
) -> None:
    for phase in range(1, 6):
        report(market, operator, phase_angle=phase)

    assert phases(market, offset, limit) == expected


@pytest.mark.anvil
def test_get_stability_history__ring_is_full__the_newest_are_kept(
    market: Market, operator: LocalAccount
) -> None:
    """Another report costs no more than the one before, too."""
    for number in range(LENGTH):
        receipt = report(market, operator, phase_angle=number - 84)
    assert phases(market, LENGTH - 1, 100) == [-84]

    first_over = report(market, operator, 4949, 100, 100)

    assert first_over.gas_used < receipt.gas_used + 20_000
    assert market.stability.call("reportCount", NORTH) == LENGTH + 1
    assert phases(market, LENGTH - 1, 100) == [-83]
    assert phases(market, LENGTH, 100) == []
    assert phases(market, 0, 2) == [100, LENGTH - 1 - 84]
    assert len(phases(market, 0, 100)) == 100
    newest = market.stability.call("getStabilityHistory", NORTH, 0, 1)[0]
    assert newest == market.stability.call("getCurrentStability", NORTH)


@pytest.mark.parametrize("limit", [0, 101, 2**256 - 1])
@pytest.mark.parametrize("view", ["getStabilityHistory", "getCriticalEvents"])
def test_views__page_out_of_range__refused(market: Market, view: str, limit: int) -> None:
    with refused(errors.StabilityMaintenance_BadPage, limit=limit, maximum=100):
        market.stability.call(view, NORTH, 0, limit)


def test_get_critical_events__of_two_regions__each_its_own_newest_first(
    market: Market, operator: LocalAccount
) -> None:
    south = verified_operator(market, "of the south", region="SOUTH")
    for event in (1, 2, 3):
        voice(market, name=f"colleague {event}")
        report(market, operator, *CRITICAL)
        report(market, operator, *FINE)
        resolve(market, operator, event)
    voice(market, SOUTH, "southern")
    report(market, south, *CRITICAL, region=SOUTH)
    voice(market)
    report(market, operator, *CRITICAL)

    assert event_ids(market, 0, 100) == [5, 3, 2, 1]
    assert event_ids(market, 1, 2) == [3, 2]
    assert event_ids(market, 4, 1) == event_ids(market, 2**256 - 1, 100) == []
    assert event_ids(market, 0, 1, SOUTH) == [4]
    assert market.stability.call("criticalEventCount") == 5
    page = market.stability.call("getCriticalEvents", NORTH, 0, 100)
    assert [*page] == [market.stability.call("getCriticalEvent", one[0]) for one in page]


def test_get_automated_responses__of_one_region__not_of_the_other(
    market: Market, operator: LocalAccount
) -> None:
    configure(market, operator, 2, 3, 70, 4)

    assert [(one.trigger, one.action_type, one.adjustment) for one in responses(market)] == [
        (2, 3, 70)
    ]
    assert responses(market, SOUTH) == []
