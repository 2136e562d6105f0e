// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SignedMath} from "@openzeppelin/contracts/utils/math/SignedMath.sol";

import {MedianOracle} from "./MedianOracle.sol";
import {AggregatorV3Interface} from "../interfaces/AggregatorV3Interface.sol";
import {IPriceOracle} from "../interfaces/IPriceOracle.sol";
import {BPS} from "../types/Units.sol";

/// @title PriceOracle
/// @notice See {IPriceOracle}; comments here are for maintainers.
/// @dev A price takes 96 bits:
///
///     | price - 1: 96 |
contract PriceOracle is MedianOracle, IPriceOracle {
    /* CONSTANTS AND IMMUTABLES */

    bytes32 private constant FEED = 0;
    /// @dev With more, the highest price would be less than a thousand whole money units.
    uint8 private constant MAX_DECIMALS = 24;
    /// @dev Each answer moves the smoothed price by its distance divided by this.
    int256 private constant SMOOTHING = 8;

    /// @inheritdoc IPriceOracle
    uint256 public immutable MAX_DEVIATION_BPS;
    /// @inheritdoc AggregatorV3Interface
    uint8 public immutable decimals;

    /* STORAGE */

    /// @dev 0 before the first answer. Below 2^96, as all answers.
    uint256 private _smoothed;

    /* CONSTRUCTOR */

    constructor(address authority, OracleParameters memory parameters, uint8 decimals_, uint256 maxDeviationBps)
        MedianOracle(authority, parameters)
    {
        _requireParameter("decimals", decimals_, 0, MAX_DECIMALS);
        _requireParameter("maxDeviationBps", maxDeviationBps, 1, BPS);
        decimals = decimals_;
        MAX_DEVIATION_BPS = maxDeviationBps;
    }

    /* REPORTERS */

    /// @inheritdoc IPriceOracle
    function submitPrice(uint256 round, int256 price) external restricted {
        int256[] memory values = new int256[](1);
        values[0] = price;
        _submit(FEED, round, values);
    }

    /* VIEWS */

    /// @inheritdoc IPriceOracle
    function smoothedPrice() external view returns (bool fresh, uint256 price) {
        return (isFresh(FEED), _smoothed);
    }

    /// @inheritdoc AggregatorV3Interface
    function getRoundData(uint80 roundId) external view returns (uint80, int256, uint256, uint256, uint80) {
        if (roundId == 0 || roundId >= openRoundOf(FEED)) revert MedianOracle_NoSuchRound(FEED, roundId);
        return _roundData(roundId);
    }

    /// @inheritdoc AggregatorV3Interface
    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        uint256 closed = openRoundOf(FEED) - 1;
        // slither-disable-next-line incorrect-equality: 0 only before the first answer
        if (closed == 0) revert MedianOracle_NoAnswer(FEED);
        // Numbers of rounds are kept in 64 bits.
        return _roundData(uint80(closed));
    }

    /// @inheritdoc AggregatorV3Interface
    function description() external pure returns (string memory) {
        return "energy / money per kWh";
    }

    /// @inheritdoc AggregatorV3Interface
    function version() external pure returns (uint256) {
        return 1;
    }

    /* INTERNAL */

    /// @inheritdoc MedianOracle
    function _onAnswer(bytes32, int256[] memory values) internal override {
        // slither-disable-next-line incorrect-equality: 0 only before the first answer
        int256 before = _smoothed == 0 ? values[0] : int256(_smoothed);
        // Solidity rounds quotients towards zero. The result lies between two prices, so it is above 0.
        _smoothed = uint256(before + (values[0] - before) / SMOOTHING);
    }

    /// @inheritdoc MedianOracle
    function _isNear(uint256, int256 value, int256 before) internal view override returns (bool) {
        return SignedMath.abs(value - before) * BPS <= uint256(before) * MAX_DEVIATION_BPS;
    }

    /// @inheritdoc MedianOracle
    function _quantities() internal pure override returns (Quantity[] memory list) {
        list = new Quantity[](1);
        list[0] = Quantity({name: "price", minimum: 1, maximum: int256(uint256(type(uint96).max)), bits: 96});
    }

    /// @dev Of a closed round. The first one is never held, so there is an answer before a held one.
    function _roundData(uint80 id) private view returns (uint80, int256, uint256, uint256, uint80) {
        Round memory round = _round(FEED, id);
        // slither-disable-next-line incorrect-equality: a status, no amount
        if (round.status == RoundStatus.ANSWERED) return (id, round.values[0], round.startedAt, round.updatedAt, id);
        uint256 before = _answeredBefore(FEED, id);
        return (id, _round(FEED, before).values[0], round.startedAt, 0, uint80(before));
    }
}
