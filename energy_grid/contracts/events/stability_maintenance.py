"""Events of StabilityMaintenance.

Frequency, voltage and phase angle of each region as its operators report them, what is done about
them by itself, and critical events. Frequency in centihertz (5000 is 50.00 Hz), voltage in percent
of nominal, phase angle in degrees (recorded; no level follows from it). level frequency (Hz, bounds
included) voltage (%, bounds included) NORMAL 49.50 - 50.50 95 - 105 ALERT 49.00 - 51.00 90 - 110
EMERGENCY 47.50 - 51.50 85 - 115 CRITICAL outside outside The worse of the two counts. 49.00 Hz is
where automatic load shedding begins in Continental Europe, 47.50 and 51.50 Hz are where generators
may leave the grid. A report outside NORMAL executes the responses configured for what it shows:
each opens a balancing action, unless the one that it opened last is still open and can be
completed. One that fails is told in an event and the report stays. A CRITICAL response, and a
CRITICAL report by an operator of at least level OPERATE, opens a critical event, unless one of the
region is open, and puts the region into emergency mode. A CRITICAL report of level REPORT is kept
and its responses are executed, but it opens none: the emergency price holds for the whole grid.
Only `resolveCriticalEvent` ends an event, and only once the region's newest report is no longer
CRITICAL.

Made by `ape run export_abis` from the contracts: change those, not this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from energy_grid.chain.event_log import EventLog
from energy_grid.domain.balancing import ActionType
from energy_grid.domain.enums import Trigger
from energy_grid.domain.grid_levels import StabilityLevel

__all__ = [
    "StabilityMaintenance_AutomatedActionFailed",
    "StabilityMaintenance_AutomatedActionOpened",
    "StabilityMaintenance_AutomatedResponseConfigured",
    "StabilityMaintenance_CriticalEventOpened",
    "StabilityMaintenance_CriticalEventResolved",
    "StabilityMaintenance_StabilityLevelChanged",
    "StabilityMaintenance_StabilityReported",
    "StabilityMaintenance_StabilityResponseTriggered",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class StabilityMaintenance_AutomatedActionFailed(EventLog):
    """A report could not open its balancing action; the report stays.

    ``reason``: what BalancingCoordination refused it with.

    ``AutomatedActionFailed(bytes32 indexed region, enum IStabilityMaintenance.Trigger
    trigger, enum IBalancingCoordination.ActionType actionType, bytes reason)``
    """

    contract: ClassVar[str] = "StabilityMaintenance"
    event: ClassVar[str] = "AutomatedActionFailed"

    region: bytes
    trigger: Trigger
    action_type: ActionType
    reason: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class StabilityMaintenance_AutomatedActionOpened(EventLog):
    """A report opened a balancing action by itself.

    ``AutomatedActionOpened(bytes32 indexed region, enum IStabilityMaintenance.Trigger
    trigger, uint256 indexed actionId)``
    """

    contract: ClassVar[str] = "StabilityMaintenance"
    event: ClassVar[str] = "AutomatedActionOpened"

    region: bytes
    trigger: Trigger
    action_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StabilityMaintenance_AutomatedResponseConfigured(EventLog):
    """An operator set what reports do by themselves: an action of ``adjustment`` kW, or none if
    it is 0.

    ``AutomatedResponseConfigured(bytes32 indexed region, enum IStabilityMaintenance.Trigger
    trigger, enum IBalancingCoordination.ActionType actionType, uint256 adjustment, uint8
    priority)``
    """

    contract: ClassVar[str] = "StabilityMaintenance"
    event: ClassVar[str] = "AutomatedResponseConfigured"

    region: bytes
    trigger: Trigger
    action_type: ActionType
    adjustment: int
    priority: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StabilityMaintenance_CriticalEventOpened(EventLog):
    """A critical event began, and with it the region's emergency mode.

    ``CriticalEventOpened(uint256 indexed id, bytes32 indexed region, uint256 frequency,
    uint256 voltage)``
    """

    contract: ClassVar[str] = "StabilityMaintenance"
    event: ClassVar[str] = "CriticalEventOpened"

    id: int
    region: bytes
    frequency: int
    voltage: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StabilityMaintenance_CriticalEventResolved(EventLog):
    """An operator ended a critical event, and with it the region's emergency mode.

    ``CriticalEventResolved(uint256 indexed id, bytes32 indexed region, address indexed
    operator)``
    """

    contract: ClassVar[str] = "StabilityMaintenance"
    event: ClassVar[str] = "CriticalEventResolved"

    id: int
    region: bytes
    operator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StabilityMaintenance_StabilityLevelChanged(EventLog):
    """A region's level changed by a report.

    ``StabilityLevelChanged(bytes32 indexed region, enum IStabilityMaintenance.StabilityLevel
    from, enum IStabilityMaintenance.StabilityLevel to)``
    """

    contract: ClassVar[str] = "StabilityMaintenance"
    event: ClassVar[str] = "StabilityLevelChanged"

    region: bytes
    from_: StabilityLevel
    to: StabilityLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class StabilityMaintenance_StabilityReported(EventLog):
    """An operator reported a measurement: centihertz, percent of nominal, degrees.

    ``StabilityReported(bytes32 indexed region, address indexed operator, uint256 frequency,
    uint256 voltage, int256 phaseAngle, enum IStabilityMaintenance.StabilityLevel level)``
    """

    contract: ClassVar[str] = "StabilityMaintenance"
    event: ClassVar[str] = "StabilityReported"

    region: bytes
    operator: str
    frequency: int
    voltage: int
    phase_angle: int
    level: StabilityLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class StabilityMaintenance_StabilityResponseTriggered(EventLog):
    """An operator responded by hand to these values (centihertz, percent of nominal).

    ``StabilityResponseTriggered(bytes32 indexed region, address indexed operator, uint256
    frequency, uint256 voltage, enum IStabilityMaintenance.StabilityLevel severity)``
    """

    contract: ClassVar[str] = "StabilityMaintenance"
    event: ClassVar[str] = "StabilityResponseTriggered"

    region: bytes
    operator: str
    frequency: int
    voltage: int
    severity: StabilityLevel
