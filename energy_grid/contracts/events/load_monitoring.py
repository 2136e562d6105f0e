"""Events of LoadMonitoring.

The load of each region, as its operators report it, and how near it is to the capacity. Power in
kW; the percentage is `demand * 100 / capacity`, rounded down, and can be above 100. LOW 0-30 NORMAL
31-79 HIGH 80-94 CRITICAL 95 and above The history is a ring: a report costs the same however many
there were before.

Made by `ape run export_abis` from the contracts: change those, not this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from energy_grid.chain.event_log import EventLog
from energy_grid.domain.grid_levels import LoadStatus

__all__ = ["LoadMonitoring_LoadReported", "LoadMonitoring_LoadStatusChanged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadMonitoring_LoadReported(EventLog):
    """An operator reported the ``capacity`` and ``demand`` of a region, in kW; ``percentage`` is
    the load.

    ``LoadReported(bytes32 indexed region, address indexed operator, uint256 capacity, uint256
    demand, uint256 percentage)``
    """

    contract: ClassVar[str] = "LoadMonitoring"
    event: ClassVar[str] = "LoadReported"

    region: bytes
    operator: str
    capacity: int
    demand: int
    percentage: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadMonitoring_LoadStatusChanged(EventLog):
    """The first report of a region counts as a change from LOW, unless it is LOW.

    ``LoadStatusChanged(bytes32 indexed region, enum ILoadMonitoring.LoadStatus from, enum
    ILoadMonitoring.LoadStatus to, uint256 percentage)``
    """

    contract: ClassVar[str] = "LoadMonitoring"
    event: ClassVar[str] = "LoadStatusChanged"

    region: bytes
    from_: LoadStatus
    to: LoadStatus
    percentage: int
