"""A street: a station, and three buses of which two hang on the first."""

from __future__ import annotations

from energy_grid.chain.accounts import Account
from energy_grid.domain.electric_grid import Cable, ElectricGrid, RatedBus, Transformer
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


_CABLES = [cable("A", "station"), cable("A", "B", 3_000), cable("C", "A")]
STREET = MeteredFeeder(
    feeder=Feeder.of(
        "station",
        8_000,
        [Bus(name=name, longitude=x, latitude=y) for name, (x, y) in _PLACES.items()],
        _CABLES,
    ),
    grid=ElectricGrid(
        station="station",
        transformer=Transformer(
            upper_v=20_000,
            lower_v=400,
            rated_va=8_000,
            source_pu=1.0,
            short_circuit=0.04,
            no_load=0.004,
            copper_w=100,
            iron_w=30,
            tap_position=0,
            tap_neutral=0,
            tap_step=0.025,
            clock=5,
        ),
        buses=[RatedBus(name=name, rated_v=400) for name in _PLACES],
        # 1 ohm each, so that a few kW show.
        cables=[
            Cable(
                name=each.name,
                upper=each.upper,
                lower=each.lower,
                r_ohm=1.0,
                x_ohm=0.1,
                b_siemens=0.0,
                max_a=each.rating_w / (400 * 3**0.5),
            )
            for each in _CABLES
        ],
    ),
    meters={device.address: name for name, device in DEVICES.items()},
)
