"""EnergyAssetNFT: production assets, and what was done to them (IEnergyAssetNFT.sol).

Capacity in W, production in Wh, days since 1970-01-01 UTC. Regions are plain text here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from energy_grid.chain.contract import Call, regional, structure, to_bytes32
from energy_grid.chain.rpc.node import BlockId
from energy_grid.contracts.access import Stoppable
from energy_grid.contracts.asset_records import Asset, AssetTerms, MaintenanceRecord
from energy_grid.contracts.tokens import UniqueToken
from energy_grid.domain.enums import Permission

__all__ = ["EnergyAssetNFT"]


class EnergyAssetNFT(UniqueToken, Stoppable):
    """The wrapper of EnergyAssetNFT. An asset that does not exist is refused with
    ERC721NonexistentToken, what is left to its owner with EnergyAssetNFT_NotOwner."""

    NAME = "EnergyAssetNFT"

    # Registrar

    def mint(self, to: str, terms: AssetTerms) -> Call:
        """Register an asset, in service; gives its number. Role: REGISTRAR.

        Raises: EnergyAssetNFT_BadParameter, EnergyAssetNFT_BadText, EmergencyStop_Stopped.
        """
        values = {**asdict(terms), "region": to_bytes32(terms.region)}
        return self.prepare("mint", to, tuple(values.values()))

    def link_meter(self, asset: int, meter: str) -> Call:
        """Let an active meter count for an asset, at most 8 at a time. Role: REGISTRAR.

        Raises: EnergyAssetNFT_InactiveMeter, EnergyAssetNFT_MeterTaken,
            EnergyAssetNFT_TooManyMeters.
        """
        return self.prepare("linkMeter", asset, meter)

    def unlink_meter(self, asset: int, meter_number: int) -> Call:
        """End that with today. Role: REGISTRAR.

        Raises: EnergyAssetNFT_MeterNotLinked.
        """
        return self.prepare("unlinkMeter", asset, meter_number)

    # Owners

    def set_permission(self, asset: int, user: str, permission: Permission, until: int) -> Call:
        """Let somebody do something until a time, included, or, with NONE, no more.

        Raises: EnergyAssetNFT_BadPermission.
        """
        return self.prepare("setPermission", asset, user, permission, until)

    def fractionalize(self, asset: int, shares: int, name: str, symbol: str) -> Call:
        """Lock an asset in a new contract, whose shares the sender gets; gives its address.

        Raises: EnergyAssetNFT_BadShares, EnergyAssetNFT_BadText, EmergencyStop_Stopped.
        """
        return self.prepare("fractionalize", asset, shares, name, symbol)

    # Owners and whom they permit

    def add_maintenance_record(self, asset: int, document_hash: bytes, note: str) -> Call:
        """Write down what was done to an asset: its owner, or a MAINTAINER.

        Raises: EnergyAssetNFT_NotPermitted, EnergyAssetNFT_BadText.
        """
        return self.prepare("addMaintenanceRecord", asset, document_hash, note)

    def set_in_service(self, asset: int, in_service: bool) -> Call:
        """Say whether an asset is in service: its owner, or an OPERATOR.

        Raises: EnergyAssetNFT_NotPermitted.
        """
        return self.prepare("setInService", asset, in_service)

    # Views

    def get_asset(self, asset: int, *, block_identifier: BlockId = "latest") -> Asset:
        """An asset."""
        return _asset(self.call("getAsset", asset, block_identifier=block_identifier))

    def get_assets(
        self, assets: Iterable[int], *, block_identifier: BlockId = "latest"
    ) -> list[Asset]:
        """`get_asset` of many in few round trips."""
        one_each = ([asset] for asset in assets)
        found = self.call_many("getAsset", one_each, block_identifier=block_identifier)
        return [_asset(values) for values in found]

    def asset_count(self, *, block_identifier: BlockId = "latest") -> int:
        """Assets are numbered from 1 to this."""
        return self._number("assetCount", block_identifier=block_identifier)

    def get_production_history(
        self, asset: int, from_day: int, to_day: int, *, block_identifier: BlockId = "latest"
    ) -> tuple[int, ...]:
        """Wh metered on each day from ``from_day`` to ``to_day``, excluded; at most 92 days.

        Raises: EnergyAssetNFT_BadDays.
        """
        return tuple(
            self.call(
                "getProductionHistory", asset, from_day, to_day, block_identifier=block_identifier
            )
        )

    def meters_of(self, asset: int, *, block_identifier: BlockId = "latest") -> tuple[int, ...]:
        """The numbers of the meters that count for an asset now."""
        return tuple(self.call("metersOf", asset, block_identifier=block_identifier))

    def asset_of_meter(self, meter_number: int, *, block_identifier: BlockId = "latest") -> int:
        """The asset that a meter counts for now; 0 if none."""
        return self._number("assetOfMeter", meter_number, block_identifier=block_identifier)

    def maintenance_count(self, asset: int, *, block_identifier: BlockId = "latest") -> int:
        """How often an asset was maintained."""
        return self._number("maintenanceCount", asset, block_identifier=block_identifier)

    def maintenance_record(
        self, asset: int, index: int, *, block_identifier: BlockId = "latest"
    ) -> MaintenanceRecord:
        """What was done to an asset, by the index, from 0.

        Raises: EnergyAssetNFT_BadParameter.
        """
        values = self.call("maintenanceRecord", asset, index, block_identifier=block_identifier)
        return structure(MaintenanceRecord, values)

    def maintenance_records(
        self, asset: int, indexes: Iterable[int], *, block_identifier: BlockId = "latest"
    ) -> list[MaintenanceRecord]:
        """`maintenance_record` of many indexes in few round trips."""
        pairs = ((asset, index) for index in indexes)
        found = self.call_many("maintenanceRecord", pairs, block_identifier=block_identifier)
        return [structure(MaintenanceRecord, values) for values in found]

    def permission_of(
        self, asset: int, user: str, *, block_identifier: BlockId = "latest"
    ) -> tuple[Permission, int]:
        """(what somebody who is not the owner may do now, until when); NONE and 0 if nothing."""
        permission, until = self.call(
            "permissionOf", asset, user, block_identifier=block_identifier
        )
        return Permission(permission), until

    def is_permitted(
        self,
        asset: int,
        user: str,
        permission: Permission,
        *,
        block_identifier: BlockId = "latest",
    ) -> bool:
        """Whether somebody may do this now; the owner may do everything."""
        return bool(
            self.call("isPermitted", asset, user, permission, block_identifier=block_identifier)
        )

    def book_value_of(self, asset: int, *, block_identifier: BlockId = "latest") -> int:
        """What an asset is worth in the books now, in money: the least that a buyout must pay."""
        return self._number("bookValueOf", asset, block_identifier=block_identifier)

    # Fixed at deployment

    def meter(self) -> str:
        """Address of SmartMeter."""
        return str(self.call("METER"))

    def shares(self) -> str:
        """Address of the contract whose code all shares run (ERC-1167)."""
        return str(self.call("SHARES"))

    def metadata(self) -> str:
        """Address of the contract that writes what `token_uri` gives."""
        return str(self.call("METADATA"))


def _asset(values: Sequence[Any]) -> Asset:
    terms, in_service, shares = values
    return Asset(terms=regional(AssetTerms, terms), in_service=in_service, shares=shares)
