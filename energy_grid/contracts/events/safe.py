"""Events of Safe.

Made by `ape run export_abis` from the contracts: change those, not this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from energy_grid.chain.event_log import EventLog

__all__ = [
    "Safe_AddedOwner",
    "Safe_ApproveHash",
    "Safe_ChangedFallbackHandler",
    "Safe_ChangedGuard",
    "Safe_ChangedModuleGuard",
    "Safe_ChangedThreshold",
    "Safe_DisabledModule",
    "Safe_EnabledModule",
    "Safe_ExecutionFailure",
    "Safe_ExecutionFromModuleFailure",
    "Safe_ExecutionFromModuleSuccess",
    "Safe_ExecutionSuccess",
    "Safe_RemovedOwner",
    "Safe_SafeReceived",
    "Safe_SafeSetup",
    "Safe_SignMsg",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Safe_AddedOwner(EventLog):
    """``AddedOwner(address indexed owner)``"""

    contract: ClassVar[str] = "Safe"
    event: ClassVar[str] = "AddedOwner"

    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Safe_ApproveHash(EventLog):
    """``ApproveHash(bytes32 indexed approvedHash, address indexed owner)``"""

    contract: ClassVar[str] = "Safe"
    event: ClassVar[str] = "ApproveHash"

    approved_hash: bytes
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Safe_ChangedFallbackHandler(EventLog):
    """``ChangedFallbackHandler(address indexed handler)``"""

    contract: ClassVar[str] = "Safe"
    event: ClassVar[str] = "ChangedFallbackHandler"

    handler: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Safe_ChangedGuard(EventLog):
    """``ChangedGuard(address indexed guard)``"""

    contract: ClassVar[str] = "Safe"
    event: ClassVar[str] = "ChangedGuard"

    guard: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Safe_ChangedModuleGuard(EventLog):
    """``ChangedModuleGuard(address indexed moduleGuard)``"""

    contract: ClassVar[str] = "Safe"
    event: ClassVar[str] = "ChangedModuleGuard"

    module_guard: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Safe_ChangedThreshold(EventLog):
    """``ChangedThreshold(uint256 threshold)``"""

    contract: ClassVar[str] = "Safe"
    event: ClassVar[str] = "ChangedThreshold"

    threshold: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Safe_DisabledModule(EventLog):
    """``DisabledModule(address indexed module)``"""

    contract: ClassVar[str] = "Safe"
    event: ClassVar[str] = "DisabledModule"

    module: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Safe_EnabledModule(EventLog):
    """``EnabledModule(address indexed module)``"""

    contract: ClassVar[str] = "Safe"
    event: ClassVar[str] = "EnabledModule"

    module: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Safe_ExecutionFailure(EventLog):
    """``ExecutionFailure(bytes32 indexed txHash, uint256 payment)``"""

    contract: ClassVar[str] = "Safe"
    event: ClassVar[str] = "ExecutionFailure"

    tx_hash: bytes
    payment: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Safe_ExecutionFromModuleFailure(EventLog):
    """``ExecutionFromModuleFailure(address indexed module)``"""

    contract: ClassVar[str] = "Safe"
    event: ClassVar[str] = "ExecutionFromModuleFailure"

    module: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Safe_ExecutionFromModuleSuccess(EventLog):
    """``ExecutionFromModuleSuccess(address indexed module)``"""

    contract: ClassVar[str] = "Safe"
    event: ClassVar[str] = "ExecutionFromModuleSuccess"

    module: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Safe_ExecutionSuccess(EventLog):
    """``ExecutionSuccess(bytes32 indexed txHash, uint256 payment)``"""

    contract: ClassVar[str] = "Safe"
    event: ClassVar[str] = "ExecutionSuccess"

    tx_hash: bytes
    payment: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Safe_RemovedOwner(EventLog):
    """``RemovedOwner(address indexed owner)``"""

    contract: ClassVar[str] = "Safe"
    event: ClassVar[str] = "RemovedOwner"

    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Safe_SafeReceived(EventLog):
    """``SafeReceived(address indexed sender, uint256 value)``"""

    contract: ClassVar[str] = "Safe"
    event: ClassVar[str] = "SafeReceived"

    sender: str
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Safe_SafeSetup(EventLog):
    """``SafeSetup(address indexed initiator, address[] owners, uint256 threshold, address
    initializer, address fallbackHandler)``
    """

    contract: ClassVar[str] = "Safe"
    event: ClassVar[str] = "SafeSetup"

    initiator: str
    owners: tuple[str, ...]
    threshold: int
    initializer: str
    fallback_handler: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Safe_SignMsg(EventLog):
    """``SignMsg(bytes32 indexed msgHash)``"""

    contract: ClassVar[str] = "Safe"
    event: ClassVar[str] = "SignMsg"

    msg_hash: bytes
