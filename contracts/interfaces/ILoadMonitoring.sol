// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IGridOperatorVerification} from "./IGridOperatorVerification.sol";

/// @title ILoadMonitoring
/// @notice The load of each region as reported by its operators, in relation to the capacity. Power in kW; the
/// percentage is `demand * 100 / capacity`, rounded down, and can be above 100.
///
///     LOW 0-30   NORMAL 31-79   HIGH 80-94   CRITICAL 95 and above
///
/// The history is a ring buffer: the cost of a report does not depend on the number of earlier ones.
interface ILoadMonitoring {
    enum LoadStatus {
        LOW,
        NORMAL,
        HIGH,
        CRITICAL
    }

    /// @param capacity,demand kW.
    /// @param timestamp Unix seconds at which it was reported.
    struct LoadReport {
        uint256 capacity;
        uint256 demand;
        uint256 percentage;
        uint256 timestamp;
        LoadStatus status;
    }

    /* EVENTS */

    /// @notice An operator reported the `capacity` and `demand` of a region, in kW; `percentage` is the load.
    event LoadReported(
        bytes32 indexed region, address indexed operator, uint256 capacity, uint256 demand, uint256 percentage
    );
    /// @notice A region's load status changed. The first report of a region counts as a change from LOW, unless it is
    /// LOW.
    event LoadStatusChanged(bytes32 indexed region, LoadStatus from, LoadStatus to, uint256 percentage);

    /* ERRORS */

    /// @notice The capacity must be above 0 kW.
    error LoadMonitoring_ZeroCapacity(bytes32 region);
    /// @notice No load of this region has been reported yet.
    error LoadMonitoring_NoReport(bytes32 region);
    /// @notice The page size is 0 or above 100.
    error LoadMonitoring_BadPage(uint256 limit, uint256 maximum);

    /* OPERATORS (level REPORT, of the region) */

    /// @notice Reports a region's capacity and demand now; each at most 2^64 - 1 kW.
    /// @param region ASCII text, left-aligned.
    /// @param capacity kW, above 0.
    /// @param demand kW.
    function reportLoad(bytes32 region, uint256 capacity, uint256 demand) external;

    /* VIEWS */

    /// @notice The newest report. Reverts with NoReport if there is none, because a missing report is not a low load.
    /// @param region ASCII text, left-aligned.
    /// @return the report.
    function getCurrentLoad(bytes32 region) external view returns (LoadReport memory);
    /// @notice Whether the newest report is CRITICAL. Reverts with NoReport if there is none.
    /// @param region ASCII text, left-aligned.
    /// @return whether it is.
    function isCriticalLoad(bytes32 region) external view returns (bool);
    /// @notice The status of a load in percent.
    /// @param percentage demand as a percentage of the capacity.
    /// @return the status.
    function getLoadStatus(uint256 percentage) external pure returns (LoadStatus);
    /// @notice The number of all reports of a region; the last {HISTORY_LENGTH} of them are stored.
    /// @param region ASCII text, left-aligned.
    /// @return the number.
    function reportCount(bytes32 region) external view returns (uint256);
    /// @notice A page of the stored reports, newest first.
    /// @param region ASCII text, left-aligned.
    /// @param offset number of the newest entries to skip.
    /// @param limit 1-100.
    /// @return the reports.
    function getLoadHistory(bytes32 region, uint256 offset, uint256 limit) external view returns (LoadReport[] memory);
    /// @notice The number of stored reports of a region.
    /// @return the number.
    function HISTORY_LENGTH() external view returns (uint256);
    /// @notice The register of grid operators.
    /// @return the contract.
    function OPERATORS() external view returns (IGridOperatorVerification);
}
