// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IGridOperatorVerification} from "../interfaces/IGridOperatorVerification.sol";
import {ILoadMonitoring} from "../interfaces/ILoadMonitoring.sol";
import {RingHistory} from "../libraries/RingHistory.sol";
import {LoadWord, LoadWordLibrary} from "../types/LoadWord.sol";

/// @title LoadMonitoring
/// @notice See {ILoadMonitoring}; comments here are for maintainers.
/// @dev Percentage and status follow from a report's capacity and demand, so they are not stored.
contract LoadMonitoring is ILoadMonitoring {
    using RingHistory for RingHistory.History;

    /* CONSTANTS AND IMMUTABLES */

    /// @inheritdoc ILoadMonitoring
    uint256 public constant HISTORY_LENGTH = 168;
    uint256 private constant MAX_PAGE = 100;
    /// @dev The lowest percentages of the statuses.
    uint256 private constant NORMAL_FROM = 31;
    uint256 private constant HIGH_FROM = 80;
    uint256 private constant CRITICAL_FROM = 95;

    /// @inheritdoc ILoadMonitoring
    IGridOperatorVerification public immutable OPERATORS;

    /* STORAGE */

    mapping(bytes32 region => RingHistory.History reports) private _histories;

    /* CONSTRUCTOR */

    constructor(IGridOperatorVerification operators) {
        OPERATORS = operators;
    }

    /* OPERATORS */

    /// @inheritdoc ILoadMonitoring
    function reportLoad(bytes32 region, uint256 capacity, uint256 demand) external {
        OPERATORS.requireOperator(msg.sender, region, IGridOperatorVerification.PermissionLevel.REPORT);
        if (capacity == 0) revert LoadMonitoring_ZeroCapacity(region);
        LoadWord report = LoadWordLibrary.pack(capacity, demand, block.timestamp);
        LoadWord previous = _latest(region);
        LoadStatus before = previous.exists() ? getLoadStatus(previous.percentageDown()) : LoadStatus.LOW;

        _histories[region].push(LoadWord.unwrap(report), HISTORY_LENGTH);
        uint256 percentage = report.percentageDown();
        LoadStatus status = getLoadStatus(percentage);
        emit LoadReported(region, msg.sender, capacity, demand, percentage);
        if (status != before) emit LoadStatusChanged(region, before, status, percentage);
    }

    /* VIEWS */

    /// @inheritdoc ILoadMonitoring
    function getCurrentLoad(bytes32 region) public view returns (LoadReport memory) {
        LoadWord report = _latest(region);
        if (!report.exists()) revert LoadMonitoring_NoReport(region);
        return _unpacked(report);
    }

    /// @inheritdoc ILoadMonitoring
    function isCriticalLoad(bytes32 region) external view returns (bool) {
        return getCurrentLoad(region).status == LoadStatus.CRITICAL;
    }

    /// @inheritdoc ILoadMonitoring
    function getLoadStatus(uint256 percentage) public pure returns (LoadStatus) {
        if (percentage < NORMAL_FROM) return LoadStatus.LOW;
        if (percentage < HIGH_FROM) return LoadStatus.NORMAL;
        return percentage < CRITICAL_FROM ? LoadStatus.HIGH : LoadStatus.CRITICAL;
    }

    /// @inheritdoc ILoadMonitoring
    function reportCount(bytes32 region) external view returns (uint256) {
        return _histories[region].count;
    }

    /// @inheritdoc ILoadMonitoring
    function getLoadHistory(bytes32 region, uint256 offset, uint256 limit)
        external
        view
        returns (LoadReport[] memory reports)
    {
        if (limit == 0 || limit > MAX_PAGE) revert LoadMonitoring_BadPage(limit, MAX_PAGE);
        uint256[] memory words = _histories[region].page(offset, limit, HISTORY_LENGTH);
        reports = new LoadReport[](words.length);
        for (uint256 i; i < words.length; ++i) {
            reports[i] = _unpacked(LoadWord.wrap(words[i]));
        }
    }

    /* INTERNAL */

    function _latest(bytes32 region) private view returns (LoadWord) {
        return LoadWord.wrap(_histories[region].latest(HISTORY_LENGTH));
    }

    function _unpacked(LoadWord report) private pure returns (LoadReport memory) {
        uint256 percentage = report.percentageDown();
        return LoadReport({
            capacity: report.capacity(),
            demand: report.demand(),
            percentage: percentage,
            timestamp: report.timestamp(),
            status: getLoadStatus(percentage)
        });
    }
}
