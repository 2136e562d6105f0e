"""SmartMeter with no meter, and with one."""

from __future__ import annotations

import pytest

from energy_grid.domain.grid_levels import BANDS
from tests.support.core.meter_suite import HOME, REGISTRAR, Meters
from tests.unit.contracts.metering.devices import DEVICE, HOLDER, MIDNIGHT, REGISTERS


@pytest.fixture
def meters() -> Meters:
    """Nobody is registered."""
    return Meters()


@pytest.fixture
def registered() -> Meters:
    """One settlement meter, at noon."""
    meters = Meters()
    meters.register(DEVICE, HOLDER)
    return meters


@pytest.fixture
def active(registered: Meters) -> Meters:
    """The settlement meter is billed since an hour ago, and was read at its first boundary."""
    registered.chain.set_time(MIDNIGHT + 3_600)
    registered.read(DEVICE, MIDNIGHT, REGISTERS)
    return registered


@pytest.fixture
def american(active: Meters) -> Meters:
    """Its region has 60 Hz and 120 V; the first boundary of the meter is read."""
    active.bands.setBands(HOME, BANDS["north-america"], by=REGISTRAR)
    return active


@pytest.fixture
def sub_meter() -> Meters:
    """One sub-meter, at noon."""
    meters = Meters()
    meters.register(DEVICE, HOLDER, settlement=False)
    return meters
