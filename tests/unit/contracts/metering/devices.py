"""Devices, their holder, and the times and registers of their first day."""

from __future__ import annotations

from typing import Any

from energy_grid.chain.accounts import Account
from tests.support.core.meter_suite import DAY, START, Meters

__all__ = [
    "DAY_SLOTS",
    "DEVICE",
    "HOLDER",
    "MIDNIGHT",
    "MONTH",
    "MOST",
    "NEW",
    "RATED",
    "REGISTERS",
    "SLOT",
    "STRANGER",
    "TODAY",
    "info",
    "latest",
]

DEVICE, HOLDER, NEW, STRANGER = (Account.local(number) for number in range(4))
TODAY = START // DAY
MIDNIGHT = (TODAY + 1) * DAY
MONTH = 30 * DAY
SLOT = 900
DAY_SLOTS = 96
RATED = 10_000
# Wh that rated power gives in a slot.
MOST = RATED // 4
REGISTERS = 5_000, 700


def info(meters: Meters, device: Account) -> Any:
    """What the contract says of a meter."""
    return tuple(meters.meters.getMeter(device.address))


def latest(meters: Meters, device: Account = DEVICE) -> Any:
    """Its latest reading: time, import, export, frequency, voltage."""
    return tuple(meters.meters.call("getLatestReading(address)", device.address))
