"""LoadMonitoring: the load of each region (contracts/interfaces/ILoadMonitoring.sol).

Power in kW. Regions are plain text here.
"""

from __future__ import annotations

from energy_grid.chain.contract import Call, Contract, structure, to_bytes32
from energy_grid.chain.rpc.node import BlockId
from energy_grid.contracts.grid_records import LoadReport
from energy_grid.domain.grid_levels import LoadStatus

__all__ = ["LoadMonitoring"]


class LoadMonitoring(Contract):
    """The wrapper of LoadMonitoring.

    Who may not report is refused with GridOperatorVerification_NotAuthorized or
    GridOperatorVerification_LevelTooLow.
    """

    NAME = "LoadMonitoring"

    def report_load(self, region: str, capacity: int, demand: int) -> Call:
        """Report a region's capacity and demand now. Operators of the region, level REPORT.

        Raises: LoadMonitoring_ZeroCapacity.
        """
        return self.prepare("reportLoad", to_bytes32(region), capacity, demand)

    # Views

    def get_current_load(self, region: str, *, block_identifier: BlockId = "latest") -> LoadReport:
        """The newest report. Raises: LoadMonitoring_NoReport."""
        word = to_bytes32(region)
        values = self.call("getCurrentLoad", word, block_identifier=block_identifier)
        return structure(LoadReport, values)

    def is_critical_load(self, region: str, *, block_identifier: BlockId = "latest") -> bool:
        """Whether the newest report is critical. Raises: LoadMonitoring_NoReport."""
        word = to_bytes32(region)
        return bool(self.call("isCriticalLoad", word, block_identifier=block_identifier))

    def get_load_status(
        self, percentage: int, *, block_identifier: BlockId = "latest"
    ) -> LoadStatus:
        """The status of a load in percent of the capacity."""
        return LoadStatus(self.call("getLoadStatus", percentage, block_identifier=block_identifier))

    def report_count(self, region: str, *, block_identifier: BlockId = "latest") -> int:
        """Reports ever made for a region; the last `history_length` of them are kept."""
        return self._number("reportCount", to_bytes32(region), block_identifier=block_identifier)

    def get_load_history(
        self, region: str, offset: int, limit: int, *, block_identifier: BlockId = "latest"
    ) -> list[LoadReport]:
        """A page of 1 to 100 kept reports, newest first, without the newest ``offset`` ones.

        Raises: LoadMonitoring_BadPage.
        """
        word = to_bytes32(region)
        page = self.call("getLoadHistory", word, offset, limit, block_identifier=block_identifier)
        return [structure(LoadReport, values) for values in page]

    # Fixed at deployment

    def history_length(self) -> int:
        """How many reports of a region are kept."""
        return self._number("HISTORY_LENGTH")

    def operators(self) -> str:
        """Address of GridOperatorVerification."""
        return str(self.call("OPERATORS"))
