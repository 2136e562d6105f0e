// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IGridOperatorVerification} from "./IGridOperatorVerification.sol";

/// @title ILoadMonitoring
/// @notice The load of each region, as its operators report it, and how near it is to the capacity. Power in kW; the
/// percentage is `demand * 100 / capacity`, rounded down, and can be above 100.
///
///     LOW 0-30   NORMAL 31-79   HIGH 80-94   CRITICAL 95 and above
///
/// The history is a ring: a report costs the same however many there were before.
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
    /// @notice The first report of a region counts as a change from LOW, unless it is LOW.
    event LoadStatusChanged(bytes32 indexed region, LoadStatus from, LoadStatus to, uint256 percentage);

    /* ERRORS */

    /// @notice The capacity must be above 0 kW.
    error LoadMonitoring_ZeroCapacity(bytes32 region);
    /// @notice Nobody has reported this region's load yet.
    error LoadMonitoring_NoReport(bytes32 region);
    /// @notice A page of 0 or of more than 100 reports.
    error LoadMonitoring_BadPage(uint256 limit, uint256 maximum);

    /* OPERATORS (level REPORT, of the region) */

    /// @notice Reports a region's capacity and demand now; each at most 2^64 - 1 kW.
    /// @param region ASCII text, left-aligned.
    /// @param capacity kW, above 0.
    /// @param demand kW.
    function reportLoad(bytes32 region, uint256 capacity, uint256 demand) external;

    /* VIEWS */

    /// @notice The newest report. Refuses a region without one: silence is no low load.
    /// @param region ASCII text, left-aligned.
    /// @return the report.
    function getCurrentLoad(bytes32 region) external view returns (LoadReport memory);
    /// @notice Whether the newest report is CRITICAL. Refuses a region without one.
    /// @param region ASCII text, left-aligned.
    /// @return whether it is.
    function isCriticalLoad(bytes32 region) external view returns (bool);
    /// @notice The status that a load in percent has.
    /// @param percentage demand as a percentage of the capacity.
    /// @return the status.
    function getLoadStatus(uint256 percentage) external pure returns (LoadStatus);
    /// @notice Reports ever made for a region; the last {HISTORY_LENGTH} of them are kept.
    /// @param region ASCII text, left-aligned.
    /// @return how many.
    function reportCount(bytes32 region) external view returns (uint256);
    /// @notice A page of the kept reports, newest first.
    /// @param region ASCII text, left-aligned.
    /// @param offset how many of the newest to leave out.
    /// @param limit 1-100; fewer come back at the end.
    /// @return the reports.
    function getLoadHistory(bytes32 region, uint256 offset, uint256 limit) external view returns (LoadReport[] memory);
    /// @notice How many reports of a region are kept.
    /// @return how many.
    function HISTORY_LENGTH() external view returns (uint256);
    /// @notice The register of grid operators.
    /// @return the contract.
    function OPERATORS() external view returns (IGridOperatorVerification);
}
