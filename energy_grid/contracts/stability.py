"""StabilityMaintenance: frequency and voltage of each region (IStabilityMaintenance.sol).

Frequency in centihertz (5000 is 50.00 Hz), voltage in percent of nominal, phase angle in degrees,
adjustments in kW. Regions are plain text here.
"""

from __future__ import annotations

from energy_grid.chain.contract import Call, Contract, regional, structure, to_bytes32
from energy_grid.chain.rpc.node import BlockId
from energy_grid.contracts.grid_records import AutomatedResponse, CriticalEvent, StabilityReport
from energy_grid.domain.balancing import ActionType
from energy_grid.domain.enums import Trigger
from energy_grid.domain.grid_levels import StabilityLevel

__all__ = ["StabilityMaintenance"]


class StabilityMaintenance(Contract):
    """The wrapper of StabilityMaintenance.

    Who may not act is refused with GridOperatorVerification_NotAuthorized or
    GridOperatorVerification_LevelTooLow, an impossible value with
    StabilityMaintenance_Implausible, too little gas with StabilityMaintenance_TooLittleGas.
    """

    NAME = "StabilityMaintenance"

    # Operators of the region

    def report_stability_metrics(
        self, region: str, frequency: int, voltage: int, phase_angle: int
    ) -> Call:
        """Report a measurement; outside of NORMAL the responses configured follow. Level REPORT.

        A CRITICAL one opens a critical event from level OPERATE on only.
        """
        word = to_bytes32(region)
        return self.prepare("reportStabilityMetrics", word, frequency, voltage, phase_angle)

    def trigger_stability_response(
        self, region: str, frequency: int, voltage: int, severity: StabilityLevel
    ) -> Call:
        """Respond by hand, without a measurement. Level OPERATE; CRITICAL needs COMMAND.

        Raises: StabilityMaintenance_SeverityTooLow, StabilityMaintenance_NothingToRespondTo.
        """
        word = to_bytes32(region)
        return self.prepare("triggerStabilityResponse", word, frequency, voltage, severity)

    def configure_automated_response(
        self, trigger: Trigger, action_type: ActionType, adjustment: int, priority: int
    ) -> Call:
        """Set what a report of the sender's region opens by itself; 0 kW ends it. Level COMMAND.

        Raises: StabilityMaintenance_BadPriority, StabilityMaintenance_BadAdjustment.
        """
        return self.prepare(
            "configureAutomatedResponse", trigger, action_type, adjustment, priority
        )

    def resolve_critical_event(self, event_id: int) -> Call:
        """End a critical event and the region's emergency mode. Level COMMAND.

        Raises: StabilityMaintenance_NoSuchEvent, StabilityMaintenance_AlreadyResolved,
            StabilityMaintenance_StillCritical.
        """
        return self.prepare("resolveCriticalEvent", event_id)

    # Views

    def get_current_stability(
        self, region: str, *, block_identifier: BlockId = "latest"
    ) -> StabilityReport:
        """The newest report. Raises: StabilityMaintenance_NoReport."""
        word = to_bytes32(region)
        values = self.call("getCurrentStability", word, block_identifier=block_identifier)
        return structure(StabilityReport, values)

    def get_stability_level(
        self, frequency: int, voltage: int, *, block_identifier: BlockId = "latest"
    ) -> StabilityLevel:
        """The level of a frequency and a voltage, the worse of the two."""
        return StabilityLevel(
            self.call("getStabilityLevel", frequency, voltage, block_identifier=block_identifier)
        )

    def report_count(self, region: str, *, block_identifier: BlockId = "latest") -> int:
        """Reports ever made for a region; the last `history_length` of them are kept."""
        return self._number("reportCount", to_bytes32(region), block_identifier=block_identifier)

    def get_stability_history(
        self, region: str, offset: int, limit: int, *, block_identifier: BlockId = "latest"
    ) -> list[StabilityReport]:
        """A page of 1 to 100 kept reports, newest first, without the newest ``offset`` ones.

        Raises: StabilityMaintenance_BadPage.
        """
        word = to_bytes32(region)
        page = self.call(
            "getStabilityHistory", word, offset, limit, block_identifier=block_identifier
        )
        return [structure(StabilityReport, values) for values in page]

    def get_automated_responses(
        self, region: str, *, block_identifier: BlockId = "latest"
    ) -> list[AutomatedResponse]:
        """What is configured in a region."""
        word = to_bytes32(region)
        found = self.call("getAutomatedResponses", word, block_identifier=block_identifier)
        return [structure(AutomatedResponse, values) for values in found]

    def is_in_emergency(self, region: str, *, block_identifier: BlockId = "latest") -> bool:
        """Whether a critical event of the region is open."""
        word = to_bytes32(region)
        return bool(self.call("isInEmergency", word, block_identifier=block_identifier))

    def get_critical_event(
        self, event_id: int, *, block_identifier: BlockId = "latest"
    ) -> CriticalEvent:
        """A critical event. Raises: StabilityMaintenance_NoSuchEvent."""
        values = self.call("getCriticalEvent", event_id, block_identifier=block_identifier)
        return regional(CriticalEvent, values)

    def get_critical_events(
        self, region: str, offset: int, limit: int, *, block_identifier: BlockId = "latest"
    ) -> list[CriticalEvent]:
        """A page of 1 to 100 of a region's events, newest first, without the first ``offset``.

        Raises: StabilityMaintenance_BadPage.
        """
        word = to_bytes32(region)
        page = self.call(
            "getCriticalEvents", word, offset, limit, block_identifier=block_identifier
        )
        return [regional(CriticalEvent, values) for values in page]

    def critical_event_count(self, *, block_identifier: BlockId = "latest") -> int:
        """How many critical events there ever were; they are numbered from 1."""
        return self._number("criticalEventCount", block_identifier=block_identifier)

    # Fixed at deployment

    def history_length(self) -> int:
        """How many reports of a region are kept."""
        return self._number("HISTORY_LENGTH")

    def operators(self) -> str:
        """Address of GridOperatorVerification."""
        return str(self.call("OPERATORS"))

    def balancing(self) -> str:
        """Address of BalancingCoordination."""
        return str(self.call("BALANCING"))

    def grid(self) -> str:
        """Address of GridManagement."""
        return str(self.call("GRID"))
