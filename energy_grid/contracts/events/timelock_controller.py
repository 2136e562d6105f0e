"""Events of TimelockController.

Made by `ape run export_abis` from the contracts: change those, not this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from energy_grid.chain.event_log import EventLog

__all__ = [
    "TimelockController_CallExecuted",
    "TimelockController_CallSalt",
    "TimelockController_CallScheduled",
    "TimelockController_Cancelled",
    "TimelockController_MinDelayChange",
    "TimelockController_RoleAdminChanged",
    "TimelockController_RoleGranted",
    "TimelockController_RoleRevoked",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelockController_CallExecuted(EventLog):
    """``CallExecuted(bytes32 indexed id, uint256 indexed index, address target, uint256 value,
    bytes data)``
    """

    contract: ClassVar[str] = "TimelockController"
    event: ClassVar[str] = "CallExecuted"

    id: bytes
    index_: int
    target: str
    value: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelockController_CallSalt(EventLog):
    """``CallSalt(bytes32 indexed id, bytes32 salt)``"""

    contract: ClassVar[str] = "TimelockController"
    event: ClassVar[str] = "CallSalt"

    id: bytes
    salt: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelockController_CallScheduled(EventLog):
    """``CallScheduled(bytes32 indexed id, uint256 indexed index, address target, uint256 value,
    bytes data, bytes32 predecessor, uint256 delay)``
    """

    contract: ClassVar[str] = "TimelockController"
    event: ClassVar[str] = "CallScheduled"

    id: bytes
    index_: int
    target: str
    value: int
    data: bytes
    predecessor: bytes
    delay: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelockController_Cancelled(EventLog):
    """``Cancelled(bytes32 indexed id)``"""

    contract: ClassVar[str] = "TimelockController"
    event: ClassVar[str] = "Cancelled"

    id: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelockController_MinDelayChange(EventLog):
    """``MinDelayChange(uint256 oldDuration, uint256 newDuration)``"""

    contract: ClassVar[str] = "TimelockController"
    event: ClassVar[str] = "MinDelayChange"

    old_duration: int
    new_duration: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelockController_RoleAdminChanged(EventLog):
    """``RoleAdminChanged(bytes32 indexed role, bytes32 indexed previousAdminRole, bytes32
    indexed newAdminRole)``
    """

    contract: ClassVar[str] = "TimelockController"
    event: ClassVar[str] = "RoleAdminChanged"

    role: bytes
    previous_admin_role: bytes
    new_admin_role: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelockController_RoleGranted(EventLog):
    """``RoleGranted(bytes32 indexed role, address indexed account, address indexed sender)``"""

    contract: ClassVar[str] = "TimelockController"
    event: ClassVar[str] = "RoleGranted"

    role: bytes
    account: str
    sender: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelockController_RoleRevoked(EventLog):
    """``RoleRevoked(bytes32 indexed role, address indexed account, address indexed sender)``"""

    contract: ClassVar[str] = "TimelockController"
    event: ClassVar[str] = "RoleRevoked"

    role: bytes
    account: str
    sender: str
