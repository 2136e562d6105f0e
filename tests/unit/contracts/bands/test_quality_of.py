"""GridBands.qualityOf: what meters ask."""

from __future__ import annotations

import pytest

from energy_grid.domain.enums import Quality
from energy_grid.domain.grid_levels import BANDS
from tests.support.core.meter_suite import HOME, REGISTRAR, Meters

NORMAL, UNUSUAL, IMPLAUSIBLE = Quality


@pytest.mark.parametrize("name", BANDS)
def test_quality_of__at_every_bound__changes(name: str) -> None:
    meters, bands = Meters(), BANDS[name]
    meters.bands.setBands(HOME, bands, by=REGISTRAR)
    hertz, volts = bands.nominal_frequency, bands.nominal_voltage
    normal = bands.frequency.normal_low, bands.frequency.normal_high
    percent = bands.voltage.normal_low, bands.voltage.normal_high
    for inside, outside, expected in (
        *((normal[0], normal[0] - 1, UNUSUAL), (normal[1], normal[1] + 1, UNUSUAL)),
        # What the default allows is never implausible.
        (hertz * 9 // 10, hertz * 9 // 10 - 1, IMPLAUSIBLE if hertz == 5_000 else UNUSUAL),
        *((hertz * 11 // 10, hertz * 11 // 10 + 1, IMPLAUSIBLE), (hertz, 2**256 - 1, IMPLAUSIBLE)),
    ):
        assert meters.bands.qualityOf(HOME, inside, volts) < expected or expected == UNUSUAL
        assert meters.bands.qualityOf(HOME, outside, volts) == expected
    low, high = (volts * each // 100 for each in percent)
    for inside, outside, expected in (
        *((low, low - 1, UNUSUAL), (high, high + 1, UNUSUAL)),
        *(
            (volts // 2, volts // 2 - 1, IMPLAUSIBLE),
            (volts * 3 // 2, volts * 3 // 2 + 1, IMPLAUSIBLE),
        ),
        (volts, 2**256 - 1, IMPLAUSIBLE),
    ):
        assert meters.bands.qualityOf(HOME, hertz, inside) < expected
        assert meters.bands.qualityOf(HOME, hertz, outside) == expected
    assert meters.bands.qualityOf(HOME, hertz, volts) == NORMAL
    assert meters.bands.TARIFFS() == meters.meters.TARIFFS()


def test_quality_of__what_the_default_allows__is_not_implausible() -> None:
    meters = Meters()
    meters.bands.setBands(HOME, BANDS["north-america"], by=REGISTRAR)
    for frequency, voltage in ((4_500, 1_150), (5_500, 3_450), (5_000, 2_300)):
        assert meters.bands.qualityOf(HOME, frequency, voltage) == UNUSUAL
    for frequency, voltage in ((4_499, 1_150), (5_000, 1_149), (5_000, 3_451), (6_000, 2_300)):
        assert meters.bands.qualityOf(HOME, frequency, voltage) == IMPLAUSIBLE
