"""What a feeder is made of, electrically: what a power flow needs to know of it.

In SI units: volts between two phases, ohm, siemens, amperes, watts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from energy_grid.errors import InputError

__all__ = ["Cable", "ElectricGrid", "RatedBus", "Transformer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedBus:
    """A bus.

    Attributes:
        rated_v: between two phases.
        least, most: the voltages that it may have, as parts of ``rated_v``.
    """

    name: str
    rated_v: float
    least: float = 0.9
    most: float = 1.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Cable:
    """A cable: impedance and susceptance of its whole length, and what it can carry."""

    name: str
    upper: str
    lower: str
    r_ohm: float
    x_ohm: float
    b_siemens: float
    max_a: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Transformer:
    """Between the grid above and the feeder.

    Attributes:
        source_pu: the voltage above, as part of ``upper_v``.
        short_circuit, no_load: as parts of 1.
        tap_position, tap_neutral, tap_step: of the upper winding, the step as a part of 1.
        clock: the vector group's number.
    """

    upper_v: float
    lower_v: float
    rated_va: float
    source_pu: float
    short_circuit: float
    no_load: float
    copper_w: float
    iron_w: float
    tap_position: int
    tap_neutral: int
    tap_step: float
    clock: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ElectricGrid:
    """A feeder with its transformer.

    Attributes:
        station: the bus of the transformer's lower side.
        buses: of the feeder, the station among them.

    Raises:
        InputError: a cable or the transformer leads to no bus.
    """

    station: str
    transformer: Transformer
    buses: Sequence[RatedBus]
    cables: Sequence[Cable]

    def __post_init__(self) -> None:
        known = {each.name for each in self.buses}
        for cable in self.cables:
            for end in (cable.upper, cable.lower):
                if end not in known:
                    raise InputError(f"the line {cable.name!r} leads to {end!r}, which is no bus")
        if self.station not in known:
            raise InputError(f"the transformer stands at {self.station!r}, which is no bus")
