"""Events of AccessManager.

Made by `ape run export_abis` from the contracts: change those, not this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from energy_grid.chain.event_log import EventLog

__all__ = [
    "AccessManager_OperationCanceled",
    "AccessManager_OperationExecuted",
    "AccessManager_OperationScheduled",
    "AccessManager_RoleAdminChanged",
    "AccessManager_RoleGrantDelayChanged",
    "AccessManager_RoleGranted",
    "AccessManager_RoleGuardianChanged",
    "AccessManager_RoleLabel",
    "AccessManager_RoleRevoked",
    "AccessManager_TargetAdminDelayUpdated",
    "AccessManager_TargetClosed",
    "AccessManager_TargetFunctionRoleUpdated",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessManager_OperationCanceled(EventLog):
    """``OperationCanceled(bytes32 indexed operationId, uint32 indexed nonce)``"""

    contract: ClassVar[str] = "AccessManager"
    event: ClassVar[str] = "OperationCanceled"

    operation_id: bytes
    nonce: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessManager_OperationExecuted(EventLog):
    """``OperationExecuted(bytes32 indexed operationId, uint32 indexed nonce)``"""

    contract: ClassVar[str] = "AccessManager"
    event: ClassVar[str] = "OperationExecuted"

    operation_id: bytes
    nonce: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessManager_OperationScheduled(EventLog):
    """``OperationScheduled(bytes32 indexed operationId, uint32 indexed nonce, uint48 schedule,
    address caller, address target, bytes data)``
    """

    contract: ClassVar[str] = "AccessManager"
    event: ClassVar[str] = "OperationScheduled"

    operation_id: bytes
    nonce: int
    schedule: int
    caller: str
    target: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessManager_RoleAdminChanged(EventLog):
    """``RoleAdminChanged(uint64 indexed roleId, uint64 indexed admin)``"""

    contract: ClassVar[str] = "AccessManager"
    event: ClassVar[str] = "RoleAdminChanged"

    role_id: int
    admin: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessManager_RoleGrantDelayChanged(EventLog):
    """``RoleGrantDelayChanged(uint64 indexed roleId, uint32 delay, uint48 since)``"""

    contract: ClassVar[str] = "AccessManager"
    event: ClassVar[str] = "RoleGrantDelayChanged"

    role_id: int
    delay: int
    since: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessManager_RoleGranted(EventLog):
    """``RoleGranted(uint64 indexed roleId, address indexed account, uint32 delay, uint48 since,
    bool newMember)``
    """

    contract: ClassVar[str] = "AccessManager"
    event: ClassVar[str] = "RoleGranted"

    role_id: int
    account: str
    delay: int
    since: int
    new_member: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessManager_RoleGuardianChanged(EventLog):
    """``RoleGuardianChanged(uint64 indexed roleId, uint64 indexed guardian)``"""

    contract: ClassVar[str] = "AccessManager"
    event: ClassVar[str] = "RoleGuardianChanged"

    role_id: int
    guardian: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessManager_RoleLabel(EventLog):
    """``RoleLabel(uint64 indexed roleId, string label)``"""

    contract: ClassVar[str] = "AccessManager"
    event: ClassVar[str] = "RoleLabel"

    role_id: int
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessManager_RoleRevoked(EventLog):
    """``RoleRevoked(uint64 indexed roleId, address indexed account)``"""

    contract: ClassVar[str] = "AccessManager"
    event: ClassVar[str] = "RoleRevoked"

    role_id: int
    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessManager_TargetAdminDelayUpdated(EventLog):
    """``TargetAdminDelayUpdated(address indexed target, uint32 delay, uint48 since)``"""

    contract: ClassVar[str] = "AccessManager"
    event: ClassVar[str] = "TargetAdminDelayUpdated"

    target: str
    delay: int
    since: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessManager_TargetClosed(EventLog):
    """``TargetClosed(address indexed target, bool closed)``"""

    contract: ClassVar[str] = "AccessManager"
    event: ClassVar[str] = "TargetClosed"

    target: str
    closed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessManager_TargetFunctionRoleUpdated(EventLog):
    """``TargetFunctionRoleUpdated(address indexed target, bytes4 selector, uint64 indexed
    roleId)``
    """

    contract: ClassVar[str] = "AccessManager"
    event: ClassVar[str] = "TargetFunctionRoleUpdated"

    target: str
    selector: bytes
    role_id: int
