"""The electric twin of a feeder: voltages, currents and losses of what houses draw and feed in.

A symmetric power flow by power-grid-model (Newton-Raphson, constant power). Meters show no reactive
power, so there is none at the houses; cables and the transformer have theirs. Powers are averages
of slots: within a slot voltages move further than shown here.

Needs the extra ``twin``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from power_grid_model import (
    CalculationMethod,
    ComponentType,
    DatasetType,
    LoadGenType,
    PowerGridModel,
    initialize_array,
)
from power_grid_model.errors import PowerGridError

from energy_grid.domain.electric_grid import ElectricGrid
from energy_grid.errors import InputError

__all__ = ["Flows", "SlotFlow", "Twin"]

_HERTZ, _BPS = 50.0, 10_000
_SLACK_ID, _TRANSFORMER_ID = 1, 2
# Numbers of components: nodes, cables and loads lie apart.
_NODES, _CABLES, _LOADS = 1_000, 1_000_000, 2_000_000


@dataclass(frozen=True, kw_only=True)
class Flows:
    """What the twin says of a number of slots.

    Attributes:
        grid: whose.
        voltages: of each bus in each slot, parts of its rated voltage; slots x buses.
        cable_loading: current as a part of what the cable carries; slots x cables.
        transformer_loading: apparent power as a part of the rated one.
        supply_w: what comes through the transformer, negative where the feeder feeds back.
        losses_w: of all cables and the transformer.
    """

    grid: ElectricGrid
    voltages: NDArray[np.float64]
    cable_loading: NDArray[np.float64]
    transformer_loading: NDArray[np.float64]
    supply_w: NDArray[np.float64]
    losses_w: NDArray[np.float64]

    @cached_property
    def is_broken(self) -> NDArray[np.bool_]:
        """In which slots a voltage is out of its bounds, or something carries too much."""
        buses = self.grid.buses
        low, high = (np.array([getattr(each, of) for each in buses]) for of in ("least", "most"))
        found = self.transformer_loading > 1
        found |= (self.cable_loading > 1).any(axis=1)
        found |= ((self.voltages < low) | (self.voltages > high)).any(axis=1)
        return found

    def slots(self) -> list[SlotFlow]:
        """The worst of each slot."""
        buses, cables = self.grid.buses, self.grid.cables
        fullest = self.cable_loading.argmax(axis=1)
        lowest, highest = self.voltages.argmin(axis=1), self.voltages.argmax(axis=1)
        return [
            SlotFlow(
                supply_w=round(float(self.supply_w[at])),
                losses_w=round(float(self.losses_w[at])),
                transformer_bps=_bps(self.transformer_loading[at]),
                cable=cables[fullest[at]].name,
                cable_bps=_bps(self.cable_loading[at, fullest[at]]),
                lowest_bus=buses[lowest[at]].name,
                lowest_bps=_bps(self.voltages[at, lowest[at]]),
                highest_bus=buses[highest[at]].name,
                highest_bps=_bps(self.voltages[at, highest[at]]),
                is_broken=bool(self.is_broken[at]),
            )
            for at in range(len(self.supply_w))
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotFlow:
    """The worst of a slot. Loads are basis points of what something can carry, voltages of the
    rated one.

    Attributes:
        supply_w: through the transformer, losses in it; below 0 back into the grid.
        cable: the one with the highest load.
        is_broken: whether a load or a voltage is out of its bounds.
    """

    supply_w: int
    losses_w: int
    transformer_bps: int
    cable: str
    cable_bps: int
    lowest_bus: str
    lowest_bps: int
    highest_bus: str
    highest_bps: int
    is_broken: bool


class Twin:
    """Computes what flows in a grid."""

    def __init__(self, grid: ElectricGrid) -> None:
        self.grid = grid
        self._at = {each.name: at for at, each in enumerate(grid.buses)}
        self._model = PowerGridModel(self._input(), system_frequency=_HERTZ)

    def index(self, bus: str) -> int:
        """The column of a bus in what `flows` takes and gives.

        Raises:
            InputError: there is none of this name.
        """
        try:
            return self._at[bus]
        except KeyError:
            raise InputError(f"{bus!r} is no bus of the feeder") from None

    def flows(self, drawn_w: NDArray[np.float64]) -> Flows:
        """What flows in each slot.

        Args:
            drawn_w: what all houses at a bus draw less what they feed in, average W; slots x buses.

        Raises:
            InputError: so much cannot flow through these cables, or a number is not finite.
        """
        drawn = np.ascontiguousarray(drawn_w, dtype=np.float64)
        if drawn.ndim != 2 or drawn.shape[1] != len(self.grid.buses):
            raise InputError(f"a power for each of {len(self.grid.buses)} buses is needed")
        if not np.isfinite(drawn).all():
            raise InputError("a power of the feeder is no number")
        update = initialize_array(DatasetType.update, ComponentType.sym_load, drawn.shape)
        update["id"] = _LOADS + np.arange(len(self.grid.buses))
        update["p_specified"], update["q_specified"] = drawn, 0.0
        try:
            found = self._model.calculate_power_flow(
                update_data={ComponentType.sym_load: update},
                calculation_method=CalculationMethod.newton_raphson,
                threading=0,  # as many threads as there are cores
                output_component_types=[
                    ComponentType.node,
                    ComponentType.line,
                    ComponentType.transformer,
                ],
            )
        except PowerGridError as error:
            raise InputError(
                f"so much cannot flow through these cables: {str(error).splitlines()[0]}"
            ) from None
        transformer = found[ComponentType.transformer][:, 0]
        lines = found[ComponentType.line]
        cable_losses = (lines["p_from"] + lines["p_to"]).sum(axis=1)
        return Flows(
            grid=self.grid,
            voltages=found[ComponentType.node]["u_pu"][:, 1:],
            cable_loading=lines["loading"],
            transformer_loading=transformer["loading"],
            supply_w=transformer["p_from"],
            losses_w=transformer["p_from"] + transformer["p_to"] + cable_losses,
        )

    def _input(self) -> dict[ComponentType, NDArray[np.void]]:
        nodes = initialize_array(DatasetType.input, ComponentType.node, len(self.grid.buses) + 1)
        nodes["id"] = _NODES + np.arange(len(nodes)) - 1
        nodes["u_rated"] = [
            self.grid.transformer.upper_v,
            *(each.rated_v for each in self.grid.buses),
        ]
        lines = initialize_array(DatasetType.input, ComponentType.line, len(self.grid.cables))
        lines["id"] = _CABLES + np.arange(len(lines))
        for name, of in (("from_node", "upper"), ("to_node", "lower")):
            lines[name] = [_NODES + self._at[getattr(each, of)] for each in self.grid.cables]
        lines["from_status"] = lines["to_status"] = 1
        lines["r1"] = [each.r_ohm for each in self.grid.cables]
        lines["x1"] = [each.x_ohm for each in self.grid.cables]
        lines["c1"] = [each.b_siemens / (2 * math.pi * _HERTZ) for each in self.grid.cables]
        lines["tan1"] = 0.0
        lines["i_n"] = [each.max_a for each in self.grid.cables]
        loads = initialize_array(DatasetType.input, ComponentType.sym_load, len(self.grid.buses))
        loads["id"] = _LOADS + np.arange(len(loads))
        loads["node"] = _NODES + np.arange(len(loads))
        loads["status"], loads["type"] = 1, LoadGenType.const_power
        loads["p_specified"] = loads["q_specified"] = 0.0
        return {
            ComponentType.node: nodes,
            ComponentType.line: lines,
            ComponentType.sym_load: loads,
            ComponentType.source: self._source(),
            ComponentType.transformer: self._transformer(),
        }

    def _source(self) -> NDArray[np.void]:
        source = initialize_array(DatasetType.input, ComponentType.source, 1)
        source["id"], source["node"], source["status"] = _SLACK_ID, _NODES - 1, 1
        source["u_ref"] = self.grid.transformer.source_pu
        # As stiff as can be: the voltage above does not depend on one feeder.
        source["sk"] = 1e20
        return source

    def _transformer(self) -> NDArray[np.void]:
        of = self.grid.transformer
        found = initialize_array(DatasetType.input, ComponentType.transformer, 1)
        found["id"], found["from_node"] = _TRANSFORMER_ID, _NODES - 1
        found["to_node"] = _NODES + self._at[self.grid.station]
        found["from_status"] = found["to_status"] = 1
        found["u1"], found["u2"], found["sn"] = of.upper_v, of.lower_v, of.rated_va
        found["uk"], found["pk"] = of.short_circuit, of.copper_w
        found["i0"], found["p0"] = of.no_load, of.iron_w
        # Delta above, star with a neutral below: as in every street.
        found["winding_from"], found["winding_to"], found["clock"] = 2, 1, of.clock
        found["tap_side"], found["tap_pos"], found["tap_nom"] = 0, of.tap_position, of.tap_neutral
        span = abs(of.tap_position) + abs(of.tap_neutral)
        found["tap_min"], found["tap_max"] = -span, span
        found["tap_size"] = of.tap_step * of.upper_v
        return found


def _bps(part: float) -> int:
    return round(float(part) * _BPS)
