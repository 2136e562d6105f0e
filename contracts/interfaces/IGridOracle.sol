// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IGridManagement} from "./IGridManagement.sol";
import {IMedianOracle} from "./IMedianOracle.sol";

/// @title IGridOracle
/// @notice The state of each region's grid.
///
///     quantity   unit                 range          held beyond a jump of
///     demand     kW                   0 - 2^64 - 1   half of the value before, or 100 kW if that is more
///     supply     kW                   0 - 2^64 - 1   as demand
///     frequency  centihertz           4500 - 6600    100
///     voltage    percent of nominal   50 - 150       15
///
/// The supply is what the region can draw: what its connection carries, and what it produces itself. 0 is not known.
///
/// "The value before" is the value that a new one is compared with; half of it is rounded down.
///
/// With each round that closes or is confirmed, GridManagement writes the dynamic prices of the region's following
/// slots: by the answer, or without one if the round is HELD. That never makes a round fail.
interface IGridOracle is IMedianOracle {
    struct GridState {
        uint256 demand;
        uint256 supply;
        uint256 frequency;
        uint256 voltage;
    }

    /* EVENTS */

    /// @notice A round closed or was confirmed, but GridManagement could not write the prices that follow from it.
    event PricesNotWritten(bytes32 indexed region);

    /* ERRORS */

    /// @notice The call that closes or confirms a round needs `least` gas at its end, and has `left`. Send it with more
    /// gas.
    error GridOracle_TooLittleGas(uint256 left, uint256 least);

    /* REPORTERS (role REPORTER) */

    /// @notice Submits one reporter's values to the open round of a region.
    /// @param region ASCII text, left-aligned.
    /// @param round number of the open round, see {openRoundOf}.
    /// @param state the values, in the units of the table above.
    function submitGridState(bytes32 region, uint256 round, GridState calldata state) external;

    /* VIEWS */

    /// @notice The state now. Reverts with NoAnswer, Stale or Held if there is no fresh answer.
    /// @param region ASCII text, left-aligned.
    /// @return the state.
    function getGridState(bytes32 region) external view returns (GridState memory);
    /// @notice As {getGridState}, but returns zeros instead of reverting if there is no fresh answer.
    /// @param region ASCII text, left-aligned.
    /// @return fresh whether the state can be relied on.
    /// @return state the state.
    function tryGridState(bytes32 region) external view returns (bool fresh, GridState memory state);
    /// @notice The contract that writes the dynamic prices.
    /// @return the contract.
    function GRID() external view returns (IGridManagement);
}
