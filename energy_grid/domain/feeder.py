"""A feeder: the tree of cables from a transformer to the houses, and what flows in it.

Power is in W, positive from the transformer towards the houses. A cable carries what all houses
behind it draw less what they feed in: losses and reactive power are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from energy_grid.errors import InputError

__all__ = ["Bus", "Feeder", "Line"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bus:
    """Where cables meet and houses are connected.

    Attributes:
        longitude, latitude: in degrees, for pictures.
    """

    name: str
    longitude: float
    latitude: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A cable.

    Attributes:
        upper, lower: its buses; the first one is nearer to the transformer.
        length_m: in metres.
        rating_w: what it can carry.
    """

    name: str
    upper: str
    lower: str
    length_m: int
    rating_w: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Feeder:
    """A transformer and what hangs on it.

    Attributes:
        station: the bus of the transformer.
        rating_w: what the transformer can carry.
        buses: by name.
        lines: each behind the one that feeds it.
    """

    station: str
    rating_w: int
    buses: Mapping[str, Bus]
    lines: Sequence[Line]

    @classmethod
    def of(cls, station: str, rating_w: int, buses: Iterable[Bus], lines: Iterable[Line]) -> Feeder:
        """A feeder of cables whose ends are named in any order.

        Raises:
            InputError: a cable leads to no bus, or they are no tree that reaches every bus.
        """
        known = {each.name: each for each in buses}
        ends: dict[str, list[Line]] = {name: [] for name in known}
        every = list(lines)
        for line in every:
            for end in (line.upper, line.lower):
                if end not in known:
                    raise InputError(f"the line {line.name!r} leads to {end!r}, which is no bus")
                ends[end].append(line)
        if station not in known:
            raise InputError(f"the transformer stands at {station!r}, which is no bus")
        ordered: list[Line] = []
        reached, ahead = {station}, [station]
        for at in ahead:
            for line in ends[at]:
                other = line.lower if line.upper == at else line.upper
                if other in reached:
                    continue
                reached.add(other)
                ahead.append(other)
                ordered.append(
                    Line(
                        name=line.name,
                        upper=at,
                        lower=other,
                        length_m=line.length_m,
                        rating_w=line.rating_w,
                    )
                )
        if len(reached) < len(known):
            lost = next(name for name in known if name not in reached)
            raise InputError(f"no line leads from the transformer to {lost!r}")
        if len(ordered) < len(every):
            raise InputError("its lines are no tree: a ring has to be open somewhere")
        return cls(station=station, rating_w=rating_w, buses=known, lines=ordered)

    def flows(self, drawn_w: Mapping[str, int]) -> dict[str, int]:
        """What goes through each bus, by its name, of what is drawn at each.

        What goes through a cable is what goes through its lower bus; through the transformer, what
        goes through its station.
        """
        through = {name: drawn_w.get(name, 0) for name in self.buses}
        for line in reversed(self.lines):
            through[line.upper] += through[line.lower]
        return through

    def places(self) -> dict[str, tuple[int, int]]:
        """Where each bus stands in a single-line diagram: how many cables from the transformer, and
        in which row. A bus stands in the row of the first cable behind it."""
        behind: dict[str, list[str]] = {}
        for line in self.lines:
            behind.setdefault(line.upper, []).append(line.lower)
        found: dict[str, tuple[int, int]] = {}
        row = -1
        ahead = [(self.station, 0, True)]
        while ahead:
            name, depth, is_new_row = ahead.pop()
            row += is_new_row
            found[name] = (depth, row)
            children = [(each, depth + 1, at > 0) for at, each in enumerate(behind.get(name, ()))]
            ahead += reversed(children)
        return found
