"""The village's twin, and the same grid as pandapower has it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandapower
from numpy.typing import NDArray

from energy_grid.demo import simbench
from energy_grid.domain.electric_grid import ElectricGrid
from energy_grid.domain.power_flow import Twin
from energy_grid.market.feeders import load_electric_grid

__all__ = ["in_pandapower", "village_flows"]


def village_flows(week: str) -> tuple[Twin, NDArray[np.float64]]:
    """The village's week: its twin, and what is drawn at each bus."""
    grid = load_electric_grid(simbench.FOLDER)
    assert grid is not None
    twin = Twin(grid)
    people = simbench.load(week)
    drawn = np.zeros((len(people.meters[1].consumed_wh), len(grid.buses)))
    for household in people.households:
        meters = people.meters[household.number]
        nets = np.array(meters.consumed_wh) - np.array(meters.produced_wh)
        drawn[:, twin.index(household.bus)] += 4.0 * nets
    return twin, drawn


def in_pandapower(grid: ElectricGrid) -> Any:
    """The same grid as pandapower has it."""
    net = pandapower.create_empty_network()
    of = grid.transformer
    above = pandapower.create_bus(net, of.upper_v / 1000)
    pandapower.create_ext_grid(net, above, of.source_pu)
    at = {each.name: pandapower.create_bus(net, each.rated_v / 1000) for each in grid.buses}
    pandapower.create_transformer_from_parameters(
        net,
        above,
        at[grid.station],
        sn_mva=of.rated_va / 10**6,
        vn_hv_kv=of.upper_v / 1000,
        vn_lv_kv=of.lower_v / 1000,
        vkr_percent=100 * of.copper_w / of.rated_va,
        vk_percent=100 * of.short_circuit,
        pfe_kw=of.iron_w / 1000,
        i0_percent=100 * of.no_load,
        shift_degree=30 * of.clock,
        tap_side="hv",
        tap_pos=of.tap_position,
        tap_neutral=of.tap_neutral,
        tap_step_percent=100 * of.tap_step,
        tap_changer_type="Ratio",
    )
    for each in grid.cables:
        pandapower.create_line_from_parameters(
            net,
            at[each.upper],
            at[each.lower],
            length_km=1,
            r_ohm_per_km=each.r_ohm,
            x_ohm_per_km=each.x_ohm,
            c_nf_per_km=each.b_siemens / (2 * math.pi * 50) * 10**9,
            max_i_ka=each.max_a / 1000,
        )
    for each in grid.buses:
        pandapower.create_load(net, at[each.name], 0)
    return net
