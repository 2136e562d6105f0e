"""What if: what a community would pay, before there is one; off chain."""

from __future__ import annotations

from fastapi import APIRouter

from energy_grid.api.models import Simulation, SimulationData, SimulationRequest
from energy_grid.api.values import time_of
from energy_grid.backend.api.simulating import read_csv, refusal, simulated
from energy_grid.backend.api.visit import Visitor
from energy_grid.demo.community import Recording, new_battery, village
from energy_grid.demo.outcome import document
from energy_grid.domain.costs import FACTOR_ONE
from energy_grid.domain.simulation import Home, Terms
from energy_grid.errors import DomainError, InputError

__all__ = ["ROUTER"]

ROUTER = APIRouter(tags=["simulations"])
_HOURS = 24


@ROUTER.post("/simulations")
def simulate(visit: Visitor, wanted: SimulationRequest) -> Simulation:
    """What a community would have paid by the market's own rules, and each household with the grid
    alone. Nothing is kept of what is sent.

    Nobody trades, and nobody keeps energy credits. Who gets panels or a battery gets a copy of an
    owner's. An address simulates one community at a time.
    """
    recording = _recording(wanted)
    if wanted.batteries and wanted.battery_wh is None and not recording.has_battery:
        raise refusal("there is no battery to copy", "battery_wh", "say how large new ones are")
    try:
        found = simulated(
            visit.asker,
            wanted.week or recording,
            Terms(
                grid_price=wanted.grid_price,
                feed_in=wanted.feed_in,
                network_fee=wanted.network_fee,
                theta=wanted.theta_bps,
                is_static=wanted.key == "static",
                factors=tuple(wanted.factors_bps or [FACTOR_ONE] * _HOURS),
            ),
            slot_seconds=wanted.slot_seconds,
            panels=wanted.panels,
            batteries=wanted.batteries,
            battery=None if wanted.battery_wh is None else new_battery(wanted.battery_wh),
        )
    except InputError as error:
        raise refusal(f"{error}", "slot_seconds", "leave it out, or send whole slots") from None
    except DomainError as error:
        raise refusal(f"{error}", "", "change what it names") from None
    begin, end = (at * found.slot_seconds for at in (found.slots[0], found.slots[-1] + 1))
    return Simulation.model_validate(
        document(found) | {"start": time_of(begin), "end": time_of(end)}
    )


def _recording(wanted: SimulationRequest) -> Recording:
    if wanted.data is not None:
        return _of_data(wanted.data)
    if wanted.csv is None:
        return village(wanted.week or "")
    return read_csv(wanted.csv)


def _of_data(data: SimulationData) -> Recording:
    return Recording(
        homes=[
            Home(
                name=each.name,
                generation_wh=each.production_wh or [0] * len(each.consumption_wh),
                load_wh=each.consumption_wh,
            )
            for each in data.households
        ],
        seconds=data.interval_seconds,
        begin=int(data.start.timestamp()),
    )
