"""Events of GridOperatorVerification.

Who operates the grid where. An operator registers itself for one region, the grid authority
verifies it, and may suspend or revoke it. What an operator may do follows its performance score.
Capacity is in kW; a region is left-aligned ASCII. none --registerOperator--> REGISTERED
--verifyOperator--> VERIFIED --revokeOperator--> REVOKED ^ | +-------verifyOperator-------+ A
verified operator is authorized until `setOperatorAuthorization` says otherwise, and again
afterwards; verifying a revoked operator authorizes it anew and leaves its score as it was.

Made by `ape run export_abis` from the contracts: change those, not this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from energy_grid.chain.event_log import EventLog

__all__ = [
    "GridOperatorVerification_AuthorityUpdated",
    "GridOperatorVerification_OperatorAuthorizationSet",
    "GridOperatorVerification_OperatorRegistered",
    "GridOperatorVerification_OperatorRevoked",
    "GridOperatorVerification_OperatorScoreSet",
    "GridOperatorVerification_OperatorVerified",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class GridOperatorVerification_AuthorityUpdated(EventLog):
    """Authority that manages this contract was updated.

    ``AuthorityUpdated(address authority)``
    """

    contract: ClassVar[str] = "GridOperatorVerification"
    event: ClassVar[str] = "AuthorityUpdated"

    authority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GridOperatorVerification_OperatorAuthorizationSet(EventLog):
    """The grid authority suspended an operator (``allowed`` is false) or lets it act again.

    ``OperatorAuthorizationSet(address indexed operator, bool allowed)``
    """

    contract: ClassVar[str] = "GridOperatorVerification"
    event: ClassVar[str] = "OperatorAuthorizationSet"

    operator: str
    allowed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GridOperatorVerification_OperatorRegistered(EventLog):
    """An account registered itself as operator of a region with ``capacity`` kW; it is not
    verified yet.

    ``OperatorRegistered(address indexed operator, bytes32 indexed region, string name,
    uint256 capacity)``
    """

    contract: ClassVar[str] = "GridOperatorVerification"
    event: ClassVar[str] = "OperatorRegistered"

    operator: str
    region: bytes
    name: str
    capacity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GridOperatorVerification_OperatorRevoked(EventLog):
    """Neither verified nor authorized any more.

    ``OperatorRevoked(address indexed operator, bytes32 indexed region)``
    """

    contract: ClassVar[str] = "GridOperatorVerification"
    event: ClassVar[str] = "OperatorRevoked"

    operator: str
    region: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class GridOperatorVerification_OperatorScoreSet(EventLog):
    """An operator's performance score (0 to 100) changed.

    ``OperatorScoreSet(address indexed operator, uint256 score)``
    """

    contract: ClassVar[str] = "GridOperatorVerification"
    event: ClassVar[str] = "OperatorScoreSet"

    operator: str
    score: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GridOperatorVerification_OperatorVerified(EventLog):
    """Verified, and with that authorized.

    ``OperatorVerified(address indexed operator, bytes32 indexed region)``
    """

    contract: ClassVar[str] = "GridOperatorVerification"
    event: ClassVar[str] = "OperatorVerified"

    operator: str
    region: bytes
