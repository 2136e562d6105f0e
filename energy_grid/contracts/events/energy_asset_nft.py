"""Events of EnergyAssetNFT.

Production assets as ERC-721 tokens: what a plant is, which meters measure it, who may do what with
it, what was done to it, and its shares. Its production is what its meters have metered, nobody's
word. `tokenURI` is JSON with an SVG, all of it on the chain; whatever names contain stays text in
both. A day belongs to one asset only: of a meter, it counts for the asset that it was linked to
first on that day. Everything asked of an asset that does not exist is refused with
ERC721NonexistentToken. Days are those since 1970-01-01 UTC.

Made by `ape run export_abis` from the contracts: change those, not this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from energy_grid.chain.event_log import EventLog
from energy_grid.domain.enums import EnergyType, Permission, StopLevel

__all__ = [
    "EnergyAssetNFT_Approval",
    "EnergyAssetNFT_ApprovalForAll",
    "EnergyAssetNFT_AssetMinted",
    "EnergyAssetNFT_AuthorityUpdated",
    "EnergyAssetNFT_BatchMetadataUpdate",
    "EnergyAssetNFT_Fractionalized",
    "EnergyAssetNFT_MaintenanceRecorded",
    "EnergyAssetNFT_MetadataUpdate",
    "EnergyAssetNFT_MeterLinked",
    "EnergyAssetNFT_MeterUnlinked",
    "EnergyAssetNFT_PermissionSet",
    "EnergyAssetNFT_ServiceSet",
    "EnergyAssetNFT_StopLevelChanged",
    "EnergyAssetNFT_Transfer",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyAssetNFT_Approval(EventLog):
    """Emitted when ``owner`` enables ``approved`` to manage the ``token_id`` token.

    ``Approval(address indexed owner, address indexed approved, uint256 indexed tokenId)``
    """

    contract: ClassVar[str] = "EnergyAssetNFT"
    event: ClassVar[str] = "Approval"

    owner: str
    approved: str
    token_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyAssetNFT_ApprovalForAll(EventLog):
    """Emitted when ``owner`` enables or disables (``approved``) ``operator`` to manage all of
    its assets.

    ``ApprovalForAll(address indexed owner, address indexed operator, bool approved)``
    """

    contract: ClassVar[str] = "EnergyAssetNFT"
    event: ClassVar[str] = "ApprovalForAll"

    owner: str
    operator: str
    approved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyAssetNFT_AssetMinted(EventLog):
    """An asset of ``capacity`` W was registered.

    ``AssetMinted(uint256 indexed asset, address indexed to, enum IGridManagement.EnergyType
    kind, uint256 capacity)``
    """

    contract: ClassVar[str] = "EnergyAssetNFT"
    event: ClassVar[str] = "AssetMinted"

    asset: int
    to: str
    kind: EnergyType
    capacity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyAssetNFT_AuthorityUpdated(EventLog):
    """Authority that manages this contract was updated.

    ``AuthorityUpdated(address authority)``
    """

    contract: ClassVar[str] = "EnergyAssetNFT"
    event: ClassVar[str] = "AuthorityUpdated"

    authority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyAssetNFT_BatchMetadataUpdate(EventLog):
    """This event emits when the metadata of a range of tokens is changed. So that the third-
    party platforms such as NFT market could timely update the images and related attributes
    of the NFTs.

    ``BatchMetadataUpdate(uint256 _fromTokenId, uint256 _toTokenId)``
    """

    contract: ClassVar[str] = "EnergyAssetNFT"
    event: ClassVar[str] = "BatchMetadataUpdate"

    from_token_id: int
    to_token_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyAssetNFT_Fractionalized(EventLog):
    """An asset was divided: the contract ``shares`` holds it and ``owner`` got ``amount``
    shares.

    ``Fractionalized(uint256 indexed asset, address indexed shares, address indexed owner,
    uint256 amount)``
    """

    contract: ClassVar[str] = "EnergyAssetNFT"
    event: ClassVar[str] = "Fractionalized"

    asset: int
    shares: str
    owner: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyAssetNFT_MaintenanceRecorded(EventLog):
    """A maintenance record, numbered ``index_`` from 0 on, was added to an asset.

    ``MaintenanceRecorded(uint256 indexed asset, uint256 indexed index, address indexed
    author, bytes32 documentHash, string note)``
    """

    contract: ClassVar[str] = "EnergyAssetNFT"
    event: ClassVar[str] = "MaintenanceRecorded"

    asset: int
    index_: int
    author: str
    document_hash: bytes
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyAssetNFT_MetadataUpdate(EventLog):
    """This event emits when the metadata of a token is changed. So that the third-party
    platforms such as NFT market could timely update the images and related attributes of the
    NFT.

    ``MetadataUpdate(uint256 _tokenId)``
    """

    contract: ClassVar[str] = "EnergyAssetNFT"
    event: ClassVar[str] = "MetadataUpdate"

    token_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyAssetNFT_MeterLinked(EventLog):
    """A meter, by its number, counts for the asset from this day on.

    ``MeterLinked(uint256 indexed asset, uint256 indexed meterNumber, uint256 fromDay)``
    """

    contract: ClassVar[str] = "EnergyAssetNFT"
    event: ClassVar[str] = "MeterLinked"

    asset: int
    meter_number: int
    from_day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyAssetNFT_MeterUnlinked(EventLog):
    """Its last day for the asset.

    ``MeterUnlinked(uint256 indexed asset, uint256 indexed meterNumber, uint256 lastDay)``
    """

    contract: ClassVar[str] = "EnergyAssetNFT"
    event: ClassVar[str] = "MeterUnlinked"

    asset: int
    meter_number: int
    last_day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyAssetNFT_PermissionSet(EventLog):
    """The owner has set what ``user`` may do with an asset ``until`` a time (Unix seconds).

    ``PermissionSet(uint256 indexed asset, address indexed user, enum
    IEnergyAssetNFT.Permission permission, uint256 until)``
    """

    contract: ClassVar[str] = "EnergyAssetNFT"
    event: ClassVar[str] = "PermissionSet"

    asset: int
    user: str
    permission: Permission
    until: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyAssetNFT_ServiceSet(EventLog):
    """The account ``by`` has said whether an asset is in service.

    ``ServiceSet(uint256 indexed asset, bool inService, address indexed by)``
    """

    contract: ClassVar[str] = "EnergyAssetNFT"
    event: ClassVar[str] = "ServiceSet"

    asset: int
    in_service: bool
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyAssetNFT_StopLevelChanged(EventLog):
    """The stop level changed.

    ``StopLevelChanged(enum IEmergencyStop.StopLevel level, address indexed by)``
    """

    contract: ClassVar[str] = "EnergyAssetNFT"
    event: ClassVar[str] = "StopLevelChanged"

    level: StopLevel
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyAssetNFT_Transfer(EventLog):
    """Emitted when ``token_id`` token is transferred from ``from_`` to ``to``.

    ``Transfer(address indexed from, address indexed to, uint256 indexed tokenId)``
    """

    contract: ClassVar[str] = "EnergyAssetNFT"
    event: ClassVar[str] = "Transfer"

    from_: str
    to: str
    token_id: int
