// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {SignedMath} from "@openzeppelin/contracts/utils/math/SignedMath.sol";

import {MedianOracle} from "./MedianOracle.sol";
import {IGridManagement} from "../interfaces/IGridManagement.sol";
import {IGridOracle} from "../interfaces/IGridOracle.sol";

/// @title GridOracle
/// @notice See {IGridOracle}; comments here are for maintainers.
/// @dev A state takes 147 bits, the first quantity in the lowest:
///
///     | voltage - 50: 7 | frequency - 4500: 12 | supply: 64 | demand: 64 |
contract GridOracle is MedianOracle, IGridOracle {
    using SafeCast for uint256;

    /* CONSTANTS AND IMMUTABLES */

    int256 private constant MAX_POWER = int256(uint256(type(uint64).max));
    /// @dev In kW; so the load of a small region may double.
    uint256 private constant MIN_POWER_STEP = 100;
    /// @dev What GridManagement may use: several times what it needs for the slots of a day.
    uint256 private constant GRID_GAS = 1_500_000;

    /// @inheritdoc IGridOracle
    IGridManagement public immutable GRID;

    /* CONSTRUCTOR */

    constructor(address authority, OracleParameters memory parameters, IGridManagement grid)
        MedianOracle(authority, parameters)
    {
        GRID = grid;
    }

    /* REPORTERS */

    /// @inheritdoc IGridOracle
    function submitGridState(bytes32 region, uint256 round, GridState calldata state) external restricted {
        int256[] memory values = new int256[](4);
        values[0] = state.demand.toInt256();
        values[1] = state.supply.toInt256();
        values[2] = state.frequency.toInt256();
        values[3] = state.voltage.toInt256();
        _submit(region, round, values);
    }

    /* VIEWS */

    /// @inheritdoc IGridOracle
    function getGridState(bytes32 region) external view returns (GridState memory) {
        return _gridState(_freshValues(region));
    }

    /// @inheritdoc IGridOracle
    function tryGridState(bytes32 region) external view returns (bool fresh, GridState memory state) {
        fresh = isFresh(region);
        if (fresh) state = _gridState(_freshValues(region));
    }

    /* INTERNAL */

    /// @inheritdoc MedianOracle
    function _onAnswer(bytes32 region, int256[] memory) internal override {
        _writePrices(region);
    }

    /// @inheritdoc MedianOracle
    function _onHeld(bytes32 region) internal override {
        _writePrices(region);
    }

    /// @inheritdoc MedianOracle
    function _isNear(uint256 quantity, int256 value, int256 before) internal pure override returns (bool) {
        return SignedMath.abs(value - before) <= _maxStep(quantity, uint256(before));
    }

    /// @inheritdoc MedianOracle
    function _quantities() internal pure override returns (Quantity[] memory list) {
        list = new Quantity[](4);
        list[0] = Quantity({name: "demand", minimum: 0, maximum: MAX_POWER, bits: 64});
        list[1] = Quantity({name: "supply", minimum: 0, maximum: MAX_POWER, bits: 64});
        list[2] = Quantity({name: "frequency", minimum: 4500, maximum: 6600, bits: 12});
        list[3] = Quantity({name: "voltage", minimum: 50, maximum: 150, bits: 7});
    }

    /// @dev The round stands, whatever GridManagement does. It gets all of its gas (EIP-150 leaves a 64th here): the
    /// last reporter cannot choose the gas such that the round stands and no prices follow.
    function _writePrices(bytes32 region) private {
        uint256 least = GRID_GAS + GRID_GAS / 32;
        uint256 left = gasleft();
        if (left < least) revert GridOracle_TooLittleGas(left, least);
        try GRID.onGridState{gas: GRID_GAS}(region) {}
        catch {
            emit PricesNotWritten(region);
        }
    }

    /// @dev Half of the power before is rounded down.
    function _maxStep(uint256 quantity, uint256 before) private pure returns (uint256) {
        if (quantity < 2) return Math.max(before / 2, MIN_POWER_STEP);
        return quantity == 2 ? 100 : 15;
    }

    function _gridState(int256[] memory values) private pure returns (GridState memory) {
        return GridState({
            demand: uint256(values[0]),
            supply: uint256(values[1]),
            frequency: uint256(values[2]),
            voltage: uint256(values[3])
        });
    }
}
