"""SmartMeter.moveTo: registers after days that a gateway has read."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.core.chain import refused
from tests.support.core.meter_suite import COMMUNITIES, COMMUNITY_DAYS, DAY, Meters
from tests.unit.contracts.metering.devices import (
    DAY_SLOTS,
    DEVICE,
    HOLDER,
    MIDNIGHT,
    NEW,
    RATED,
    REGISTERS,
    SLOT,
    STRANGER,
    TODAY,
    latest,
)

FIRST = MIDNIGHT // SLOT
TOMORROW = TODAY + 1
"""The first day of the meter."""
MOST = RATED * 24
_NO_METER = "0x" + 40 * "0"


def move(
    meters: Meters,
    slot: int,
    first: tuple[int, int],
    last: tuple[int, int],
    *,
    stays: bool = True,
    number: int = 1,
) -> None:
    """Of the account of `DEVICE`, unless said otherwise."""
    meters.meters.moveTo(number, slot, *first, *last, stays, by=COMMUNITY_DAYS)


def days(meters: Meters, device: Any, first: int, count: int) -> list[tuple[int, int]]:
    """Consumption and production of days."""
    return [
        tuple(
            meters.meters.call(f"getDaily{name}(address,uint256)", device.address, day)
            for name in ("Consumption", "Production")
        )
        for day in range(first, first + count)
    ]


@pytest.fixture
def gateways(active: Meters) -> Meters:
    """A gateway reads the meter; five days later."""
    active.meters.setReadByGateway(1, by=COMMUNITIES)
    active.chain.set_time(MIDNIGHT + 5 * DAY)
    return active


def test_move_to__the_first_day__is_the_meters_newest_boundary(gateways: Meters) -> None:
    end = FIRST + DAY_SLOTS
    move(gateways, end, REGISTERS, (5_300, 900))
    (log,) = gateways.chain.logs
    moved = {
        "meter": DEVICE.address,
        "timestamp": MIDNIGHT + DAY,
        "consumption": 5_300,
        "production": 900,
    }
    assert log[1:] == ("RegistersMoved", moved)
    assert gateways.meters.registersOf(1) == (end, 5_300, 900)
    assert latest(gateways) == (MIDNIGHT + DAY, 5_300, 900, 0, 0)
    assert days(gateways, DEVICE, TODAY, 3) == [(0, 0), (300, 200), (0, 0)]
    assert gateways.meters.getLifetime(HOLDER.address) == (300, 200, 0, 0)


@pytest.mark.parametrize("stays", [True, False])
def test_move_to__own_readings__go_on_from_there(gateways: Meters, stays: bool) -> None:
    end = MIDNIGHT + DAY
    move(gateways, end // SLOT, REGISTERS, (5_300, 900), stays=stays)
    with refused("SmartMeter_NotNewer", DEVICE.address, end, end):
        gateways.read(DEVICE, end, (5_300, 900))
    if stays:
        with refused("SmartMeter_ReadByGateway", DEVICE.address, end + SLOT):
            gateways.read(DEVICE, end + SLOT, (5_310, 950))
        gateways.double.setByGateway(1, True, end // SLOT + 1)
    gateways.read(DEVICE, end + SLOT, (5_310, 950))
    assert gateways.told() == [("Recorded", 1, end // SLOT, 40)]
    assert days(gateways, DEVICE, TOMORROW, 2) == [(300, 200), (10, 50)]


def test_move_to__after_days_between__each_day_has_what_is_known(gateways: Meters) -> None:
    """Days that nobody has shown have nothing; the one before ends with its own registers."""
    move(gateways, FIRST + 3 * DAY_SLOTS, (5_700, 800), (6_000, 900))
    assert days(gateways, DEVICE, TODAY, 5) == [(0, 0), (0, 0), (0, 0), (300, 100), (0, 0)]
    move(gateways, FIRST + 5 * DAY_SLOTS, (6_000, 950), (6_001, 951))
    assert days(gateways, DEVICE, TOMORROW, 5) == [(0, 0), (0, 0), (300, 100), (0, 0), (1, 1)]
    assert gateways.meters.getLifetime(HOLDER.address) == (1_001, 251, 0, 0)


def test_move_to__registers_at_the_newest_boundary__bridge_to_a_days_begin(
    gateways: Meters,
) -> None:
    """What rose since then belongs to the day that ends there, as with own readings."""
    move(gateways, FIRST + 2 * DAY_SLOTS, REGISTERS, (5_000 + 2 * MOST, 700))
    assert days(gateways, DEVICE, TOMORROW, 3) == [(0, 0), (2 * MOST, 0), (0, 0)]


def test_move_to__within_the_day_of_the_newest_boundary__the_first_registers_are_ignored(
    gateways: Meters,
) -> None:
    gateways.double.setByGateway(1, True, FIRST + 1)
    gateways.read(DEVICE, MIDNIGHT + SLOT, (5_010, 700))
    move(gateways, FIRST + DAY_SLOTS, (1, 2**48 - 1), (5_200, 701))
    assert days(gateways, DEVICE, TODAY, 3) == [(0, 0), (200, 1), (0, 0)]


def test_move_to__device_exchanged_meanwhile__in_the_present_devices_terms(
    gateways: Meters,
) -> None:
    gateways.exchange(DEVICE, NEW, (6_000, 900), (3, 2))
    # The device that the gateway read was the old one; the new one started later.
    move(gateways, FIRST + DAY_SLOTS, REGISTERS, (5_300, 750))
    assert gateways.meters.registersOf(1) == (FIRST + DAY_SLOTS, 5_300, 750)
    moved = gateways.chain.logs[0][2]
    assert (moved["consumption"], moved["production"]) == (2**48 - 697, 2**48 - 148)
    assert latest(gateways, NEW)[1:3] == (3, 2)
    assert days(gateways, NEW, TODAY, 3) == [(0, 0), (300, 50), (0, 0)]
    gateways.double.setByGateway(1, True, FIRST + DAY_SLOTS + 1)
    gateways.read(NEW, MIDNIGHT + DAY + SLOT, (4, 2))
    assert gateways.told() == [("Recorded", 1, FIRST + DAY_SLOTS, 150 - 701)]
    assert gateways.meters.registersOf(1) == (FIRST + DAY_SLOTS + 1, 6_001, 900)


def test_move_to__the_end_of_a_detached_meter__finishes_it(active: Meters) -> None:
    active.meters.setReadByGateway(1, by=COMMUNITIES)
    active.meters.detachMeter(DEVICE.address, by=HOLDER.address)
    end = FIRST + DAY_SLOTS
    active.chain.set_time(MIDNIGHT + 2 * DAY)
    beyond = MIDNIGHT + 2 * DAY
    with refused("SmartMeter_Detached", DEVICE.address, beyond, MIDNIGHT + DAY):
        move(active, beyond // SLOT, REGISTERS, REGISTERS)
    move(active, end, REGISTERS, (5_300, 900), stays=False)
    assert active.events() == ["RegistersMoved", "MeterDeactivated"]
    assert not active.meters.getMeter(DEVICE.address)[-1]
    assert active.meters.getMeters(HOLDER.address) == ()
    assert active.meters.getLifetime(HOLDER.address) == (300, 200, 0, 0)
    assert active.meters.registersOf(1) == (end, 5_300, 900)
    with refused("SmartMeter_InactiveMeter", DEVICE.address):
        move(active, end, REGISTERS, REGISTERS)


def test_move_to__what_cannot_follow__refused(gateways: Meters) -> None:
    meter, end = DEVICE.address, FIRST + DAY_SLOTS
    with refused("SmartMeter_WrongCaller", STRANGER.address, COMMUNITY_DAYS):
        gateways.meters.moveTo(1, end, *REGISTERS, *REGISTERS, True, by=STRANGER.address)
    with refused("SmartMeter_UnknownMeter", _NO_METER):
        move(gateways, end, REGISTERS, REGISTERS, number=2)
    with refused("SmartMeter_NotNewer", meter, MIDNIGHT, MIDNIGHT):
        move(gateways, FIRST, REGISTERS, REGISTERS)
    # The first registers after the newest boundary, which is the day's begin here.
    with refused("SmartMeter_RegisterDecreased", meter, 4_999, 700, *REGISTERS):
        move(gateways, end, (4_999, 700), (5_000, 700))
    with refused("SmartMeter_ImplausibleEnergy", meter, 1, 0):
        move(gateways, end, (5_000, 701), (5_000, 701))
    # The last ones after the first.
    with refused("SmartMeter_RegisterDecreased", meter, 5_000, 699, *REGISTERS):
        move(gateways, end, REGISTERS, (5_000, 699))
    with refused("SmartMeter_ImplausibleEnergy", meter, MOST + 1, MOST):
        move(gateways, end, REGISTERS, (5_000 + MOST, 701))
    # Two days later, a day's energy may have come before.
    with refused("SmartMeter_ImplausibleEnergy", meter, MOST + 1, MOST):
        move(gateways, end + DAY_SLOTS, (5_000 + MOST, 701), (5_000 + MOST, 701))
    with refused("SmartMeter_ImplausibleEnergy", meter, MOST + 2, MOST):
        move(gateways, end + DAY_SLOTS, (5_001, 700), (5_001 + MOST, 702))
    with refused("SmartMeter_ImplausibleEnergy", meter, 2 * MOST + 1, 2 * MOST):
        move(gateways, end + DAY_SLOTS, REGISTERS, (5_000 + 2 * MOST, 701))
    move(gateways, end + DAY_SLOTS, (5_000 + MOST, 700), (5_000 + MOST, 700 + MOST))
