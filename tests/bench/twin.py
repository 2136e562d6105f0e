"""How long a year of the village's feeder takes, and pandapower for as many slots.

    python -m tests.bench.twin

The year repeats the winter week of the extract. Both run in one process; pandapower solves fewer
slots, without numba, and counts for as many.
"""

from __future__ import annotations

from time import perf_counter

import numpy as np
import pandapower

from tests.support.twins import in_pandapower, village_flows

_YEAR, _OTHER = 366 * 96, 50


def main() -> None:
    """Print both, and how many times as long the second takes for each slot."""
    twin, week = village_flows("winter")
    year = np.tile(week, (-(-_YEAR // len(week)), 1))[:_YEAR]
    began = perf_counter()
    twin.flows(year)
    ours = perf_counter() - began
    net = in_pandapower(twin.grid)
    pandapower.runpp(net, numba=False)
    began = perf_counter()
    for drawn in week[:_OTHER]:
        net.load["p_mw"] = drawn / 10**6
        pandapower.runpp(net, numba=False)
    theirs = (perf_counter() - began) / _OTHER * _YEAR
    print(f"{_YEAR:,} quarter hours of {len(twin.grid.buses)} buses: {ours:.1f} s")
    print(f"pandapower without numba, from {_OTHER} of them: {theirs:.0f} s")
    print(f"{theirs / ours:.0f} times as long")


if __name__ == "__main__":
    main()
