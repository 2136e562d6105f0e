// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";

/// @title IGridGovernor
/// @notice What the market's governor has beyond a Governor of OpenZeppelin: proposals that depend on others.
interface IGridGovernor {
    /// @notice A proposal depends on this one, which is not executed.
    error GridGovernor_NotExecuted(uint256 proposalId, IGovernor.ProposalState state);

    /// @notice Reverts unless a proposal is executed. As a call of another proposal it makes that one depend on this:
    /// an execution before its predecessor's reverts as a whole.
    /// @param proposalId number of the predecessor, a hash of what it does.
    function requireExecuted(uint256 proposalId) external view;
}
