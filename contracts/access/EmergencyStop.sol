// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {IEmergencyStop} from "../interfaces/IEmergencyStop.sol";

/// @title EmergencyStop
/// @notice See {IEmergencyStop}; comments here are for maintainers.
/// @dev Slot 0 of every contract built on this one: authority 20 bytes and OpenZeppelin's scheduling flag 1 byte
/// (AccessManaged), stop level 1 byte. The deriving contract has the 10 bytes left. It should store there what its most
/// frequent functions read anyway; then the stop check needs no extra storage access.
abstract contract EmergencyStop is IEmergencyStop, AccessManaged {
    /* STORAGE */

    StopLevel private _stopLevel;

    /* CONSTRUCTOR */

    constructor(address authority_) AccessManaged(authority_) {}

    /* PRIVILEGED */

    /// @inheritdoc IEmergencyStop
    function pause() external restricted {
        if (_stopLevel != StopLevel.RUNNING) revert EmergencyStop_WrongLevel(_stopLevel);
        _setStopLevel(StopLevel.PAUSED);
    }

    /// @inheritdoc IEmergencyStop
    function unpause() external restricted {
        if (_stopLevel != StopLevel.PAUSED) revert EmergencyStop_WrongLevel(_stopLevel);
        _setStopLevel(StopLevel.RUNNING);
    }

    /// @inheritdoc IEmergencyStop
    function shutdown() external restricted {
        if (_stopLevel == StopLevel.SHUTDOWN) revert EmergencyStop_WrongLevel(_stopLevel);
        _setStopLevel(StopLevel.SHUTDOWN);
    }

    /* VIEWS */

    /// @inheritdoc IEmergencyStop
    function stopLevel() public view returns (StopLevel) {
        return _stopLevel;
    }

    /* INTERNAL */

    /// @dev Every entry point that takes on something new calls this; exits do not.
    function _requireRunning() internal view {
        if (_stopLevel != StopLevel.RUNNING) revert EmergencyStop_Stopped(_stopLevel);
    }

    function _setStopLevel(StopLevel level) private {
        _stopLevel = level;
        emit StopLevelChanged(level, msg.sender);
    }
}
