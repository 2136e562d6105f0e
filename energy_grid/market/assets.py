"""Plants as assets, and shares of them."""

from __future__ import annotations

import base64
import json
from functools import cached_property
from typing import Any
from urllib.parse import unquote_to_bytes

from energy_grid.chain.abi import checksum
from energy_grid.chain.tx.multisig import Actor, address_of
from energy_grid.chain.tx.receipts import Receipt
from energy_grid.contracts import events
from energy_grid.contracts.asset_shares import AssetShares
from energy_grid.contracts.energy_asset_nft import Asset
from energy_grid.domain.quantities import Money
from energy_grid.errors import DomainError
from energy_grid.market.money import Payments
from energy_grid.market.plan import Plan

__all__ = ["Assets", "clone_of"]


def is_divided(asset: Asset) -> bool:
    """Whether shareholders own an asset."""
    return int(asset.shares, 16) != 0


class Assets(Payments):
    """Shares are whole; money is `Money` or plain base units of the settlement token."""

    def shares(self, asset: int | str) -> AssetShares:
        """The shares of an asset by its number, as long as it is divided, or by their address.

        Raises:
            DomainError: the asset is not divided, or something else is at the address.
            ContractError: there is no such asset.
        """
        if isinstance(asset, str):
            found = self._shares_at(checksum(asset))
            if found is None:
                raise DomainError(f"there are no shares of an asset of this market at {asset}")
            return found
        known = self.assets.get_asset(asset)
        if not is_divided(known):
            raise DomainError(
                f"asset {asset} is not divided now; shares that it had are known by their address"
            )
        return AssetShares(self.node, known.shares)

    def card(self, asset: int) -> tuple[dict[str, Any], bytes]:
        """What the chain shows of an asset: its description, and its picture as SVG.

        Raises:
            ContractError: there is no such asset.
        """
        document: dict[str, Any] = json.loads(_content(self.assets.token_uri(asset)))
        return document, _content(document["image"])

    def fractionalize(
        self, who: Actor | str, asset: int, shares: int, *, name: str, symbol: str
    ) -> Plan[str]:
        """Divide an asset of the account, which gets all shares; gives their address."""
        call = self.assets.fractionalize(asset, shares, name, symbol)
        kind = events.EnergyAssetNFT_Fractionalized
        return self._emitted(who, self.assets, kind, call).then(lambda event: event.shares)

    def share_revenue(
        self, who: Actor | str, shares: AssetShares, amount: int, *, from_balance: bool = False
    ) -> Plan[list[Receipt]]:
        """Give the holders of shares money: out of the account's wallet, or of its balance in the
        market, which above the outflow limit arrives later and is rounded down to the market's
        base units."""
        amount = self.base_units("amount", amount, Money, self.token_coin)
        if from_balance:
            call = self.settlement.withdraw(amount // self.token_units, shares.address)
            return self.plan(who, call)
        return self.plan(who, self.money.transfer(shares.address, amount))

    def offer_buyout(
        self, who: Actor | str, shares: AssetShares, price_per_share: int
    ) -> Plan[events.AssetShares_BuyoutOffered]:
        """Offer to buy all shares, approved if need be.

        Raises:
            DomainError: the account has less money than all shares cost.
        """
        price_per_share = self.base_units(
            "price_per_share", price_per_share, Money, self.token_coin
        )
        call = shares.offer_buyout(price_per_share)
        steps = self.approved(who, call, price_per_share * shares.share_count())
        return self._emitted(who, shares, events.AssetShares_BuyoutOffered, *steps)

    def claim_revenue(self, who: Actor | str, shares: AssetShares) -> Plan[int]:
        """Take the account's part of what was given to the holders of shares; gives how much."""
        call = shares.claim_revenue(address_of(who))
        kind = events.AssetShares_RevenueClaimed
        return self._emitted(who, shares, kind, call).then(lambda event: event.amount)

    def _shares_at(self, address: str) -> AssetShares | None:
        """The shares at an address, known by whose code they run; None for any other contract."""
        if address not in self._clones:
            code = clone_of(self.deployment.address("AssetShares"))
            is_clone = self.node.code(address) == code
            self._clones[address] = AssetShares(self.node, address) if is_clone else None
        return self._clones[address]

    @cached_property
    def _clones(self) -> dict[str, AssetShares | None]:
        """Known addresses, with the shares there."""
        return {}


def clone_of(implementation: str) -> bytes:
    """The code of a minimal proxy of a contract (ERC-1167)."""
    head, tail = "363d3d373d3d3d363d73", "5af43d82803e903d91602b57fd5bf3"
    return bytes.fromhex(f"{head}{implementation[2:]}{tail}")


def _content(uri: str) -> bytes:
    """What a ``data:`` URI holds."""
    head, _, body = uri.partition(",")
    return base64.b64decode(body) if head.endswith(";base64") else unquote_to_bytes(body)
