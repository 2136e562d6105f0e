"""SmartMeter.keepDay: days that a gateway has read, for the daily getters."""

from __future__ import annotations

from energy_grid.chain.accounts import Account
from tests.support.core.chain import refused
from tests.support.core.meter_suite import COMMUNITIES, COMMUNITY_DAYS, DAY, Meters
from tests.unit.contracts.metering.devices import (
    DAY_SLOTS,
    DEVICE,
    HOLDER,
    MIDNIGHT,
    NEW,
    REGISTERS,
    SLOT,
    TODAY,
)
from tests.unit.contracts.metering.test_move_to import FIRST, TOMORROW, days, move


def keep(
    meters: Meters, day: int, first: tuple[int, int], last: tuple[int, int], *, number: int = 1
) -> None:
    """Of the account of `DEVICE`, unless said otherwise."""
    meters.meters.keepDay(number, day, *first, *last, by=COMMUNITY_DAYS)


def test_keep_day__by_others__refused(active: Meters) -> None:
    with refused("SmartMeter_WrongCaller", COMMUNITIES, COMMUNITY_DAYS):
        active.meters.keepDay(1, TOMORROW, 0, 0, 1, 1, by=COMMUNITIES)


def test_keep_day__days_in_any_order__are_shown_and_move_nothing(active: Meters) -> None:
    keep(active, TOMORROW + 2, (6_000, 800), (6_100, 801))
    keep(active, TOMORROW, REGISTERS, (5_500, 700))
    assert days(active, DEVICE, TODAY, 4) == [(0, 0), (500, 0), (0, 0), (100, 1)]
    assert active.chain.logs == []
    assert active.meters.registersOf(1) == (FIRST, *REGISTERS)
    assert active.meters.getLifetime(HOLDER.address) == (0, 0, 0, 0)


def test_keep_day__known_or_of_a_former_meter__stays_as_it_is(active: Meters) -> None:
    keep(active, TOMORROW, REGISTERS, (5_500, 700))
    keep(active, TOMORROW, REGISTERS, (5_501, 700))
    keep(active, TODAY, (1, 1), (2, 2))
    assert days(active, DEVICE, TODAY, 2) == [(0, 0), (500, 0)]
    contract = active.meters
    contract.detachMeter(DEVICE.address, by=HOLDER.address)
    active.chain.set_time(MIDNIGHT + DAY)
    active.register(NEW, HOLDER)
    keep(active, TOMORROW + 1, (1, 1), (2, 2))
    keep(active, TOMORROW + 2, (1, 1), (2, 2))
    assert days(active, NEW, TOMORROW, 3) == [(0, 0), (0, 0), (1, 1)]


def test_keep_day__then_registers_move_there__the_day_goes_on_as_the_meters_own(
    active: Meters,
) -> None:
    active.chain.set_time(MIDNIGHT + 5 * DAY)
    keep(active, TOMORROW + 1, (5_500, 700), (5_600, 710))
    move(active, FIRST + 2 * DAY_SLOTS, (5_500, 700), (5_600, 710), stays=False)
    signed = active.sign_reading(DEVICE, active.reading(MIDNIGHT + 4 * DAY, (5_900, 720)))
    active.meters.submitWithConsent(signed, 0, b"", by=HOLDER.address)
    expected = [(0, 0), (100, 10), (0, 0), (300, 10), (0, 0)]
    assert days(active, DEVICE, TOMORROW, 5) == expected
    # Nor is it lost when the device is exchanged.
    other = Account.local(5)
    active.exchange(DEVICE, other, (5_900, 720), (0, 0))
    assert days(active, other, TOMORROW, 5) == expected
    active.read(other, MIDNIGHT + 4 * DAY + SLOT, (7, 0))
    assert days(active, other, TOMORROW, 5) == [*expected[:4], (7, 0)]
