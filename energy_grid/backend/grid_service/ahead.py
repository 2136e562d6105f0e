"""What a feeder is to carry: power flows of the forecasts of its houses, in three cases.

The forecast of the region says how much all houses together draw and feed in; each has the part of
it that its own expected hour is of all houses' ones. So a case is as likely as the quantile of the
region is: not all houses have their own worst hour at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select

from energy_grid.backend.store.forecasts import FORECASTS
from energy_grid.backend.store.hours import HOUR_SECONDS
from energy_grid.backend.store.views import VIEWS
from energy_grid.chain.abi import to_bytes32
from energy_grid.domain.power_flow import SlotFlow, Twin
from energy_grid.market.feeders import MeteredFeeder

__all__ = ["CASES", "Case", "flows_ahead"]

Case = Literal["EXPECTED", "LOADED", "SUNNY"]
# What houses draw, and what they feed in.
CASES: Mapping[Case, tuple[str, str]] = {
    "EXPECTED": ("median_wh", "median_wh"),
    "LOADED": ("high_wh", "low_wh"),
    "SUNNY": ("low_wh", "high_wh"),
}
_F, _KEYS = FORECASTS.c, VIEWS["meter_keys"].c
_HOURS = 48
_Array = NDArray[np.float64]


def flows_ahead(
    connection: Connection, region: str, feeder: MeteredFeeder, twin: Twin
) -> Iterator[tuple[Case, int, SlotFlow]]:
    """Of each case what flows in the hours from the newest origin on, with their starts in Unix
    seconds; nothing where nothing is forecast.

    Raises:
        InputError: so much cannot flow through these cables.
    """
    origin = connection.scalar(select(func.max(_F.origin)))
    word = f"0x{to_bytes32(region).hex()}"
    wanted = select(_KEYS.meter, _KEYS.account).where(_KEYS.region == word, _KEYS.is_settlement)
    accounts = {row.meter: row.account for row in connection.execute(wanted)}
    buses = {accounts[meter]: bus for meter, bus in feeder.meters.items() if meter in accounts}
    parts: dict[str, _Array] = {}
    for what in ("load", "production"):
        medians = _by_account(connection, origin, what, {*accounts.values()})
        at_bus = np.zeros((_HOURS, len(twin.grid.buses)))
        for account, wh in medians.items():
            if account in buses:
                at_bus[:, twin.index(buses[account])] += wh
        of_all = np.sum([*medians.values()], axis=0) if medians else np.zeros(_HOURS)
        parts[what] = at_bus / np.maximum(of_all, 1.0)[:, None]
    together = {
        (row.what, row.start): row
        for row in connection.execute(
            select(FORECASTS).where(_F.subject == f"region:{region}", _F.origin == origin)
        )
    }
    if not together:
        return
    for case, (drawn, fed) in CASES.items():
        load = _column(together, "load", origin, drawn)[:, None] * parts["load"]
        production = _column(together, "production", origin, fed)[:, None] * parts["production"]
        # Wh of an hour are its average W.
        for step, flow in enumerate(twin.flows(load - production).slots()):
            yield case, origin + step * HOUR_SECONDS, flow


def _by_account(
    connection: Connection, origin: int | None, what: str, accounts: set[str]
) -> dict[str, _Array]:
    found: dict[str, _Array] = {}
    wanted = select(_F.subject, _F.start, _F.median_wh).where(_F.origin == origin, _F.what == what)
    for subject, start, wh in connection.execute(wanted):
        if subject in accounts:
            hours = found.setdefault(subject, np.zeros(_HOURS))
            hours[(start - origin) // HOUR_SECONDS] = wh
    return found


def _column(rows: Mapping[tuple[str, int], Any], what: str, origin: int, quantile: str) -> _Array:
    """Of the region, Wh of each hour; 0 where nothing of the kind is forecast."""
    starts = range(origin, origin + _HOURS * HOUR_SECONDS, HOUR_SECONDS)
    found = [rows.get((what, start)) for start in starts]
    return np.array([0.0 if row is None else row._mapping[quantile] for row in found])
