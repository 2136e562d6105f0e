"""A street: a station, and three buses of which two hang on the first."""

from __future__ import annotations

from energy_grid.chain.accounts import Account
from energy_grid.domain.feeder import Bus, Feeder, Line
from energy_grid.market.feeders import MeteredFeeder
from tests.support.market import actor

__all__ = ["DEVICES", "STREET", "cable"]

_PLACES = {"station": (11.0, 53.0), "A": (11.1, 53.0), "B": (11.2, 53.1), "C": (11.2, 52.9)}
DEVICES = {name: Account(bytes(actor(f"device at {name}").key)) for name in "ABC"}
"""A device at each bus."""


def cable(upper: str, lower: str, rating_w: int = 10_000) -> Line:
    """A cable of 50 m."""
    name = f"{upper}-{lower}"
    return Line(name=name, upper=upper, lower=lower, length_m=50, rating_w=rating_w)


STREET = MeteredFeeder(
    feeder=Feeder.of(
        "station",
        8_000,
        [Bus(name=name, longitude=x, latitude=y) for name, (x, y) in _PLACES.items()],
        [cable("A", "station"), cable("A", "B", 3_000), cable("C", "A")],
    ),
    meters={device.address: name for name, device in DEVICES.items()},
)
