"""GridBands.setBands, and its constructor, which sets the default."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.domain.grid_levels import BANDS, Band, Bands
from tests.support.core.chain import Chain, Deployed, Reverted, refused
from tests.support.core.meter_suite import HOME, REGISTRAR, Meters
from tests.unit.contracts.metering.devices import STRANGER

DEFAULT = BANDS["default"]
NOWHERE = b"nowhere".ljust(32, b"\0")


@pytest.fixture(scope="module")
def meters() -> Meters:
    """With bands, and a double of what knows the regions."""
    return Meters()


@pytest.fixture
def bands(meters: Meters) -> Deployed:
    """Those of the default."""
    return meters.bands


def with_band(quantity: str, **bounds: int) -> Bands:
    """The default with other bounds."""
    band: Band = getattr(DEFAULT, quantity)
    return DEFAULT._replace(**{quantity: band._replace(**bounds)})


@pytest.mark.parametrize("name", BANDS)
def test_set_bands__that_people_know__are_the_regions(bands: Deployed, name: str) -> None:
    bands.setBands(HOME, BANDS[name], by=REGISTRAR)
    assert bands.bandsOf(HOME) == BANDS[name]
    assert bands.bandsOf(NOWHERE) == bands.defaultBands() == DEFAULT


def test_set_bands__by_a_stranger__is_refused(bands: Deployed) -> None:
    with refused("AccessManagedUnauthorized", STRANGER.address):
        bands.setBands(HOME, DEFAULT, by=STRANGER.address)


def test_set_bands__of_no_region__is_refused(bands: Deployed) -> None:
    for region in (NOWHERE, bytes(32)):
        with refused("MarketDouble_UnknownRegion", region):
            bands.setBands(region, DEFAULT, by=REGISTRAR)


@pytest.mark.parametrize(
    ("name", "values", "bounds"),
    [
        ("nominalFrequency", (4_999, 6_001), (5_000, 6_000)),
        ("nominalVoltage", (0, 10_923), (1, 10_922)),
    ],
)
def test_set_bands__nominal_value_that_no_grid_has__is_refused(
    bands: Deployed, name: str, values: tuple[int, int], bounds: tuple[int, int]
) -> None:
    field = {"nominalFrequency": "nominal_frequency", "nominalVoltage": "nominal_voltage"}[name]
    for value in values:
        wanted: Any = DEFAULT._replace(**{field: value})
        with refused("GridBands_BadNominal", name.encode().ljust(32, b"\0"), value, *bounds):
            bands.setBands(HOME, wanted, by=REGISTRAR)


@pytest.mark.parametrize(
    ("quantity", "bounds"),
    [
        # Too narrow: NORMAL reaches 0.1 % and 5 %, EMERGENCY 1 % and 10 %.
        ("frequency", {"normal_low": 4_996}),
        ("frequency", {"normal_high": 5_004}),
        ("frequency", {"emergency_low": 4_951, "alert_low": 4_960, "normal_low": 4_970}),
        ("frequency", {"emergency_high": 5_049, "alert_high": 5_040, "normal_high": 5_030}),
        ("voltage", {"normal_low": 96}),
        ("voltage", {"normal_high": 104}),
        ("voltage", {"emergency_low": 91, "alert_low": 92}),
        ("voltage", {"emergency_high": 109, "alert_high": 108}),
        # Not in each other.
        ("frequency", {"alert_low": 4_951}),
        ("frequency", {"alert_high": 5_049}),
        ("frequency", {"emergency_low": 4_901}),
        ("frequency", {"emergency_high": 5_099}),
        ("voltage", {"alert_low": 96, "normal_low": 95}),
        ("voltage", {"alert_high": 104, "normal_high": 105}),
        # Beyond what is plausible.
        ("frequency", {"emergency_low": 4_499}),
        ("frequency", {"emergency_high": 5_501}),
        ("voltage", {"emergency_low": 49}),
        ("voltage", {"emergency_high": 151}),
    ],
)
def test_set_bands__that_say_nothing__are_refused(
    bands: Deployed, quantity: str, bounds: dict[str, int]
) -> None:
    wanted = with_band(quantity, **bounds)
    before = bands.bandsOf(HOME)
    name, found = quantity.encode().ljust(32, b"\0"), getattr(wanted, quantity)
    with refused("GridBands_BadBand", name, found):
        bands.setBands(HOME, wanted, by=REGISTRAR)
    assert bands.bandsOf(HOME) == before


@pytest.mark.parametrize(
    ("quantity", "bounds"),
    [
        ("frequency", {"normal_low": 4_995, "normal_high": 5_005}),
        (
            "frequency",
            {
                **dict.fromkeys(("emergency_low", "alert_low", "normal_low"), 4_950),
                **dict.fromkeys(("emergency_high", "alert_high", "normal_high"), 5_050),
            },
        ),
        ("frequency", {"emergency_low": 4_500, "emergency_high": 5_500}),
        ("voltage", {"emergency_low": 50, "emergency_high": 150}),
        ("voltage", {"emergency_low": 90, "emergency_high": 110}),
    ],
)
def test_set_bands__at_each_bound__are_set(
    bands: Deployed, quantity: str, bounds: dict[str, int]
) -> None:
    wanted = with_band(quantity, **bounds)
    bands.setBands(HOME, wanted, by=REGISTRAR)
    assert bands.bandsOf(HOME) == wanted


def test_constructor__bad_default__is_refused(meters: Meters) -> None:
    chain: Chain = meters.chain
    bad = with_band("voltage", normal_low=96)
    with refused("GridBands_BadBand", b"voltage".ljust(32, b"\0"), bad.voltage):
        chain.deploy("GridBands", meters.manager.address, meters.double.address, bad)


_bounds = st.lists(st.integers(4_400, 5_600), min_size=6, max_size=6)


@given(_bounds, st.lists(st.integers(45, 155), min_size=6, max_size=6))
def test_set_bands__any_bounds__are_as_described_or_refused(
    meters: Meters, hertz: list[int], percent: list[int]
) -> None:
    """What is accepted encloses itself, is plausible, and is wide enough."""
    low, high = sorted(hertz)[:3], sorted(hertz)[3:]
    weak, strong = sorted(percent)[:3], sorted(percent)[3:]
    frequency = Band(low[2], high[0], low[1], high[1], low[0], high[2])
    voltage = Band(weak[2], strong[0], weak[1], strong[1], weak[0], strong[2])
    wanted = DEFAULT._replace(frequency=frequency, voltage=voltage)
    fits = (
        *(4_500 <= low[0] <= 4_950, low[2] <= 4_995),
        *(high[0] >= 5_005, 5_050 <= high[2] <= 5_500),
        *(50 <= weak[0] <= 90, weak[2] <= 95, strong[0] >= 105, 110 <= strong[2] <= 150),
    )
    try:
        meters.bands.setBands(HOME, wanted, by=REGISTRAR)
    except Reverted:
        assert not all(fits)
    else:
        assert all(fits)
