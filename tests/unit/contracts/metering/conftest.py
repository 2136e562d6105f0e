"""SmartMeter with no meter, and with one."""

from __future__ import annotations

import pytest

from tests.support.core.meter_suite import Meters
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
def sub_meter() -> Meters:
    """One sub-meter, at noon."""
    meters = Meters()
    meters.register(DEVICE, HOLDER, settlement=False)
    return meters
