"""A battery's schedule for the next slots: a linear programme, solved with HiGHS.

    known      what a kWh costs and earns in each slot; what is stored now
    forecast   the household's net of each slot, export less import
    found      the band of what is stored after each slot

A schedule is followed by bands, not by powers (`energy_grid.domain.battery`). Where the programme
does what the rule of self-consumption would do, the band is all of the battery: then it follows the
meter, and an error of the forecast costs little. Elsewhere it keeps energy for a dearer slot, fills
from the grid in a cheap one, or leaves room.

The programme is in real numbers. What it found is rounded to whole Wh, run through the battery's
exact rules, and compared with the rule and with rest: the cheapest of the three is the schedule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from scipy import optimize, sparse

from energy_grid.backend.agent.quantiles import whole
from energy_grid.domain.battery import Band, Battery, BatteryStep, dispatch, step
from energy_grid.domain.costs import grid_alone
from energy_grid.domain.units import natural
from energy_grid.errors import DomainError

__all__ = ["Schedule", "end_price", "plan"]

_HOUR, _PERCENT = 3600, 100
# Of the highest price, a slot: of equal slots the first one is used, as the rule does.
_SOONER = 1e-6
# Of the capacity: programme and rule that differ by less do the same.
_ALIKE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """What a battery shall do, slot by slot.

    Attributes:
        bands: what shall be stored after each slot.
        steps: what that gives if the forecast comes true.
        exact_cost: of those steps, exact money: the bill, less the worth of what is left.
    """

    bands: tuple[Band, ...]
    steps: tuple[BatteryStep, ...]
    exact_cost: int


def end_price(battery: Battery, import_prices: Sequence[int]) -> int:
    """What a stored kWh is worth after the last slot: it replaces the cheapest import, with the
    losses of both ways, so that a use that is known comes first."""
    return min(import_prices) * battery.efficiency_percent**2 // _PERCENT**2


def plan(
    battery: Battery,
    *,
    stored_wh: int,
    nets_wh: Sequence[int],
    import_prices: Sequence[int],
    export_prices: Sequence[int],
    seconds: int,
    end_price: int,
) -> Schedule:
    """The cheapest schedule that is known; never dearer than a battery that rests or follows the
    rule of self-consumption.

    Args:
        stored_wh: before the first slot.
        nets_wh: forecast, export less import.
        import_prices, export_prices: money units per kWh.
        seconds: of a slot.
        end_price: what a kWh that is stored at the end is worth.

    Raises:
        BatteryRatingError: more is stored than the battery can hold.
        DomainError: a price is below 0, or feeding in earns more than the grid takes.
        ValueError: the series differ in length.
    """
    prices = list(zip(import_prices, export_prices, strict=True))
    for buy, earn in prices:
        if natural("export price", earn) > natural("import price", buy):
            raise DomainError(
                f"a kWh earns {earn} and costs {buy}: whoever buys it to sell it has no limit"
            )
    flows = {
        "generation_wh": [max(net, 0) for net in nets_wh],
        "load_wh": [max(-net, 0) for net in nets_wh],
    }

    def tried(bands: Sequence[Band] | None) -> Schedule:
        steps = dispatch(battery, **flows, seconds=seconds, stored_wh=stored_wh, bands=bands)
        nets = (
            net + each.discharged_wh - each.charged_wh
            for net, each in zip(nets_wh, steps, strict=True)
        )
        bill = grid_alone((net, *each) for net, each in zip(nets, prices, strict=True))
        left = steps[-1].stored_wh if steps else stored_wh
        free = (Band(0, battery.capacity_wh),) * len(steps)
        return Schedule(bands=tuple(bands or free), steps=steps, exact_cost=bill - left * end_price)

    # A battery that rests, if the forecast comes true; what else comes it takes or gives.
    rest = [
        Band(stored_wh, battery.capacity_wh) if net < 0 else Band(0, stored_wh) for net in nets_wh
    ]
    found = [tried(None), tried(rest)]
    levels = _levels(battery, stored_wh, nets_wh, prices, seconds, end_price)
    before = [stored_wh, *levels]
    bands = [
        _band(
            battery,
            level,
            step(
                battery,
                stored_wh=stored,
                generation_wh=generation,
                load_wh=load,
                seconds=seconds,
            ).stored_wh,
        )
        for level, stored, generation, load in zip(levels, before, *flows.values(), strict=False)
    ]
    # Of equal ones the first: the simplest.
    return min(*found, tried(bands), key=lambda each: each.exact_cost)


def _band(battery: Battery, level: int, usual: int) -> Band:
    """That of a level which the programme wants, where the rule would bring another one."""
    if abs(level - usual) <= battery.capacity_wh // _ALIKE:
        return Band(0, battery.capacity_wh)
    return Band(level, battery.capacity_wh) if level > usual else Band(0, level)


def _levels(
    battery: Battery,
    stored: int,
    nets: Sequence[int],
    prices: Sequence[tuple[int, int]],
    seconds: int,
    end: int,
) -> list[int]:
    """What the programme stores after each slot, in whole Wh."""
    count = len(prices)
    if not count or not battery.capacity_wh:
        return [0] * count
    buy, earn = np.array(prices, dtype=float).T
    size = max(buy.max(), 1.0)
    sooner = _SOONER * np.arange(count, 0, -1)
    costs = np.zeros((5, count))
    costs[_IMPORT], costs[_EXPORT] = buy / size + sooner, -(earn / size - sooner)
    costs[_STORED, -1] = -end / size
    begin = np.zeros(count)
    begin[0] = stored
    limit = battery.power_w * seconds // _HOUR
    highest = np.full((5, count), np.inf)
    highest[_CHARGE] = highest[_DISCHARGE] = limit
    highest[_STORED] = battery.capacity_wh
    found: Any = optimize.linprog(
        costs.ravel(),
        A_eq=_rules(count, battery.efficiency_percent / _PERCENT),
        b_eq=np.concatenate([np.array(nets, dtype=float), begin]),
        bounds=np.stack([np.zeros(5 * count), highest.ravel()], axis=1),
        method="highs",
    )
    # It is bounded, and rest is feasible: another status is an error of the solver.
    assert found.status == 0, found.message
    levels = whole(found.x.reshape(5, count)[_STORED])
    return [min(max(each, 0), battery.capacity_wh) for each in levels]


# The programme's variables of a slot, in Wh.
_CHARGE, _DISCHARGE, _IMPORT, _EXPORT, _STORED = range(5)


@lru_cache(maxsize=8)
def _rules(count: int, efficiency: float) -> Any:
    """Of each slot: what goes through the meter, and what is stored after it."""
    one, none = sparse.identity(count), sparse.csr_matrix((count, count))
    rise = one - sparse.eye(count, k=-1)
    return sparse.bmat(
        [
            [one, -one, -one, one, none],
            [-efficiency * one, one / efficiency, none, none, rise],
        ],
        format="csr",
    )
