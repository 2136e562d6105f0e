// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {GovernorCountingSimple} from "@openzeppelin/contracts/governance/extensions/GovernorCountingSimple.sol";
import {GovernorPreventLateQuorum} from "@openzeppelin/contracts/governance/extensions/GovernorPreventLateQuorum.sol";
import {GovernorSettings} from "@openzeppelin/contracts/governance/extensions/GovernorSettings.sol";
import {GovernorStorage} from "@openzeppelin/contracts/governance/extensions/GovernorStorage.sol";
import {GovernorTimelockControl} from "@openzeppelin/contracts/governance/extensions/GovernorTimelockControl.sol";
import {GovernorVotes} from "@openzeppelin/contracts/governance/extensions/GovernorVotes.sol";
import {
    GovernorVotesQuorumFraction
} from "@openzeppelin/contracts/governance/extensions/GovernorVotesQuorumFraction.sol";
import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import {Bytes} from "@openzeppelin/contracts/utils/Bytes.sol";

import {IGridGovernor} from "../interfaces/IGridGovernor.sol";

/// @title GridGovernor
/// @notice Holders of the governance token vote on calls that the timelock then executes: set a tariff, grant and
/// revoke roles, shut down. Only the timelock can make these calls, because it is the AccessManager's admin.
///
///     propose -> Pending -(votingDelay)-> Active -(votingPeriod)-> Succeeded -queue-> Queued -execute-> Executed
///                   |                       |                              |            (after the delay)
///                   +-cancel-> Canceled     +-> Defeated                   +-cancel-> Canceled
///                     (its proposer)            (no majority, no quorum)     (a guardian, within the delay)
///
/// A vote that brings the quorum is followed by at least {lateQuorumVoteExtension} seconds in which others can answer.
///
/// A guardian can cancel what is queued, until its delay is over, and nothing else; but not a proposal whose only call
/// takes the guardian's role from an account. So a guardian can stop a decision, and holders can dismiss a guardian.
///
/// A proposal expires if it is not queued within 14 days after its vote, or not executed within 14 days after it could
/// be. So an old decision cannot be executed to undo a later one.
///
/// Proposals are stored, so `queue`, `execute` and `cancel` need only a number and all proposals can be listed.
/// @dev Built from OpenZeppelin's contracts; Solidity requires all overrides but that of `state`. In the timelock only
/// this contract has the executor role; otherwise proposals could be executed there without this contract's event.
contract GridGovernor is
    IGridGovernor,
    Governor,
    GovernorSettings,
    GovernorCountingSimple,
    GovernorStorage,
    GovernorVotes,
    GovernorVotesQuorumFraction,
    GovernorPreventLateQuorum,
    GovernorTimelockControl
{
    /* CONSTANTS AND IMMUTABLES */

    uint256 private constant EXPIRY = 14 days;

    /// @notice The AccessManager, which knows the guardians.
    IAccessManager public immutable ACCESS;
    /// @notice The role of guardians there.
    uint64 public immutable GUARDIAN_ROLE;

    /* CONSTRUCTOR */

    /// @param access The AccessManager, which knows the guardians.
    /// @param guardianRole The role of guardians there.
    /// @param votingDelay_ Seconds from a proposal to the moment at which votes are weighed.
    /// @param votingPeriod_ Seconds from there in which votes are cast.
    /// @param voteExtension Seconds that a vote lasts at least after the quorum was reached; at most `votingPeriod_`.
    /// @param proposalThreshold_ Votes that a proposer must have, in base units of the token.
    /// @param quorumPercent Percent of all tokens that must vote for or abstain.
    constructor(
        IVotes token_,
        TimelockController timelock_,
        IAccessManager access,
        uint64 guardianRole,
        uint48 votingDelay_,
        uint32 votingPeriod_,
        uint48 voteExtension,
        uint256 proposalThreshold_,
        uint256 quorumPercent
    )
        Governor("Grid Governor")
        GovernorSettings(votingDelay_, votingPeriod_, proposalThreshold_)
        GovernorVotes(token_)
        GovernorVotesQuorumFraction(quorumPercent)
        GovernorPreventLateQuorum(voteExtension)
        GovernorTimelockControl(timelock_)
    {
        ACCESS = access;
        GUARDIAN_ROLE = guardianRole;
    }

    /* VIEWS */

    /// @inheritdoc IGridGovernor
    function requireExecuted(uint256 proposalId) external view {
        ProposalState current = state(proposalId);
        if (current != ProposalState.Executed) revert GridGovernor_NotExecuted(proposalId, current);
    }

    /// @notice The state of a proposal.
    function state(uint256 proposalId) public view override(Governor, GovernorTimelockControl) returns (ProposalState) {
        ProposalState current = super.state(proposalId);
        uint256 since;
        if (current == ProposalState.Succeeded) since = proposalDeadline(proposalId);
        else if (current == ProposalState.Queued) since = proposalEta(proposalId);
        else return current;
        return block.timestamp > since + EXPIRY ? ProposalState.Expired : current;
    }

    /// @notice The last second of a vote; later than proposed where the quorum was reached late.
    function proposalDeadline(uint256 proposalId)
        public
        view
        override(Governor, GovernorPreventLateQuorum)
        returns (uint256)
    {
        return super.proposalDeadline(proposalId);
    }

    /// @notice Whether a proposal passes through the timelock: every one does.
    function proposalNeedsQueuing(uint256 proposalId)
        public
        view
        override(Governor, GovernorTimelockControl)
        returns (bool)
    {
        return super.proposalNeedsQueuing(proposalId);
    }

    /// @notice Votes that a proposer must have, in base units of the token.
    function proposalThreshold() public view override(Governor, GovernorSettings) returns (uint256) {
        return super.proposalThreshold();
    }

    /* INTERNAL */

    function _propose(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        string memory description,
        address proposer
    ) internal override(Governor, GovernorStorage) returns (uint256) {
        return super._propose(targets, values, calldatas, description, proposer);
    }

    function _queueOperations(
        uint256 proposalId,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(Governor, GovernorTimelockControl) returns (uint48) {
        return super._queueOperations(proposalId, targets, values, calldatas, descriptionHash);
    }

    function _executeOperations(
        uint256 proposalId,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(Governor, GovernorTimelockControl) {
        super._executeOperations(proposalId, targets, values, calldatas, descriptionHash);
    }

    function _cancel(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(Governor, GovernorTimelockControl) returns (uint256) {
        return super._cancel(targets, values, calldatas, descriptionHash);
    }

    function _tallyUpdated(uint256 proposalId) internal override(Governor, GovernorPreventLateQuorum) {
        super._tallyUpdated(proposalId);
    }

    /// @dev Its proposer while it is pending, or a guardian within its delay.
    function _validateCancel(uint256 proposalId, address caller) internal view override returns (bool) {
        if (super._validateCancel(proposalId, caller)) return true;
        if (state(proposalId) != ProposalState.Queued || block.timestamp >= proposalEta(proposalId)) return false;
        // slither-disable-next-line unused-return: a delay is of calls that change something; a stop cannot wait
        (bool isGuardian,) = ACCESS.hasRole(GUARDIAN_ROLE, caller);
        return isGuardian && !_dismissesGuardian(proposalId);
    }

    /// @dev Whether the only call of a proposal takes the guardian's role from an account, whichever it is: two
    /// guardians must not protect each other.
    function _dismissesGuardian(uint256 proposalId) private view returns (bool) {
        (address[] memory targets,, bytes[] memory calldatas,) = proposalDetails(proposalId);
        bytes memory revocation = abi.encodeWithSelector(IAccessManager.revokeRole.selector, GUARDIAN_ROLE);
        return targets.length == 1 && targets[0] == address(ACCESS)
            && keccak256(Bytes.slice(calldatas[0], 0, revocation.length)) == keccak256(revocation);
    }

    function _executor() internal view override(Governor, GovernorTimelockControl) returns (address) {
        return super._executor();
    }
}
