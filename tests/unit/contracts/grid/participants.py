"""Who takes part in the grid, and what was logged of it."""

from __future__ import annotations

from typing import Any

from tests.support.core.grid_suite import GridWorld

__all__ = [
    "CONSUMER",
    "FAULTLESS",
    "LARGEST",
    "METER",
    "PRODUCER",
    "STRANGER",
    "events",
    "log",
    "set_meter",
]

PRODUCER = "0x" + 39 * "0" + "2"
CONSUMER = "0x" + 39 * "0" + "3"
METER = "0x" + 39 * "0" + "5"
STRANGER = "0x" + 39 * "0" + "9"
FAULTLESS = 100
"""The reputation that producers begin with."""
LARGEST = 2**64 - 1
"""Wh, of every amount."""


def log(world: GridWorld, event: str) -> dict[str, Any]:
    """The values of an event of the last call."""
    return next(values for _, name, values in world.chain.logs if name == event)


def events(world: GridWorld) -> list[str]:
    """The names of the last call's events."""
    return [event for _, event, _ in world.chain.logs]


def set_meter(
    world: GridWorld, account: str, rated: int, *, settlement: bool = True, active: bool = True
) -> None:
    """What SmartMeter says of `METER`; rated power in W."""
    info = (1, account, bytes(32), rated, settlement, 0, 65_535, 0, active)
    world.double.setMeter(METER, info)
