"""AssetShares: the shares of one divided asset (contracts/interfaces/IAssetShares.sol).

Money in base units of the settlement token; shares are whole.
"""

from __future__ import annotations

from collections.abc import Iterable

from energy_grid.chain.contract import Call, structure
from energy_grid.chain.rpc.node import BlockId
from energy_grid.contracts.asset_records import Buyout, State
from energy_grid.contracts.tokens import Token
from energy_grid.domain.enums import Permission

__all__ = ["AssetShares"]


class AssetShares(Token):
    """The wrapper of one clone of AssetShares, which is an ERC-20.

    What needs the asset is refused with AssetShares_NotHeld once it is sold or redeemed; moving
    shares that have accepted a buyout, with AssetShares_SharesAccepted.
    """

    NAME = "AssetShares"

    def initialize(self, asset: int, shares: int, owner: str, name: str, symbol: str) -> Call:
        """Begin the shares of an asset. EnergyAssetNFT only: AssetShares_OnlyAssets."""
        return self.prepare("initialize", asset, shares, owner, name, symbol)

    # Holders

    def redeem(self) -> Call:
        """Take the asset out, by the holder of all shares, which end.

        Raises: AssetShares_NotAllShares, AssetShares_BuyoutDue.
        """
        return self.prepare("redeem")

    def accept_buyout(self, buyout: int) -> Call:
        """Accept an open offer with all shares that the sender has now.

        Raises: AssetShares_NoSuchBuyout, AssetShares_BuyoutOver, AssetShares_BuyoutConcluded,
            AssetShares_AlreadyAccepted, AssetShares_NoShares, EmergencyStop_Stopped.
        """
        return self.prepare("acceptBuyout", buyout)

    def retract_acceptance(self, buyout: int) -> Call:
        """Take the sender's acceptance back before the offer ends.

        Raises: AssetShares_NoSuchBuyout, AssetShares_BuyoutOver, AssetShares_NotAccepted.
        """
        return self.prepare("retractAcceptance", buyout)

    # Steward

    def set_permission(self, user: str, permission: Permission, until: int) -> Call:
        """As `EnergyAssetNFT.set_permission`, by the steward for all holders.

        Raises: AssetShares_NotSteward.
        """
        return self.prepare("setPermission", user, permission, until)

    def set_steward(self, steward: str) -> Call:
        """Name another steward: by the steward, or by a holder of more than half of the shares.

        Raises: AssetShares_NotSteward, AssetShares_BadSteward.
        """
        return self.prepare("setSteward", steward)

    # Anyone

    def claim_revenue(self, account: str) -> Call:
        """Pay an account what it is due; gives how much.

        Raises: AssetShares_NothingToClaim.
        """
        return self.prepare("claimRevenue", account)

    def record_revenue(self) -> Call:
        """Notice money that was sent here, as claims and moves do; gives what was new."""
        return self.prepare("recordRevenue")

    def offer_buyout(self, price_per_share: int) -> Call:
        """Offer to buy all shares, and pay for them (needs an allowance); gives its number.

        Raises: AssetShares_PriceTooLow, AssetShares_Underpaid, ERC20InsufficientAllowance,
            EmergencyStop_Stopped.
        """
        return self.prepare("offerBuyout", price_per_share)

    def conclude_buyout(self, buyout: int) -> Call:
        """End an offer whose time is over: the asset is sold, or the money goes back.

        Raises: AssetShares_NoSuchBuyout, AssetShares_BuyoutRunning, AssetShares_BuyoutConcluded.
        """
        return self.prepare("concludeBuyout", buyout)

    def withdraw_refund(self, bidder: str) -> Call:
        """Pay a bidder back whose offer has failed; gives how much.

        Raises: AssetShares_NothingToClaim.
        """
        return self.prepare("withdrawRefund", bidder)

    # Views

    def claimable_of(self, account: str, *, block_identifier: BlockId = "latest") -> int:
        """What an account would be paid now."""
        return self._number("claimableOf", account, block_identifier=block_identifier)

    def total_revenue(self, *, block_identifier: BlockId = "latest") -> int:
        """Money that has come in for the holders in all."""
        return self._number("totalRevenue", block_identifier=block_identifier)

    def buyout(self, number: int, *, block_identifier: BlockId = "latest") -> Buyout:
        """An offer. Raises: AssetShares_NoSuchBuyout."""
        return structure(Buyout, self.call("buyout", number, block_identifier=block_identifier))

    def buyouts(
        self, numbers: Iterable[int], *, block_identifier: BlockId = "latest"
    ) -> list[Buyout]:
        """`buyout` of many in few round trips."""
        one_each = ([number] for number in numbers)
        found = self.call_many("buyout", one_each, block_identifier=block_identifier)
        return [structure(Buyout, values) for values in found]

    def buyout_count(self, *, block_identifier: BlockId = "latest") -> int:
        """Offers are numbered from 1 to this."""
        return self._number("buyoutCount", block_identifier=block_identifier)

    def accepted_of(self, account: str, *, block_identifier: BlockId = "latest") -> tuple[int, int]:
        """(the open offer that an account has accepted, with how many shares); (0, 0) if none."""
        buyout, shares = self.call("acceptedOf", account, block_identifier=block_identifier)
        return buyout, shares

    def refund_of(self, bidder: str, *, block_identifier: BlockId = "latest") -> int:
        """What a bidder can withdraw."""
        return self._number("refundOf", bidder, block_identifier=block_identifier)

    def minimum_price(self, *, block_identifier: BlockId = "latest") -> int:
        """The least price per share that an offer must have now: the book value's."""
        return self._number("minimumPrice", block_identifier=block_identifier)

    def share_count(self, *, block_identifier: BlockId = "latest") -> int:
        """The number of shares, the same before and after they are redeemed."""
        return self._number("shareCount", block_identifier=block_identifier)

    def state(self, *, block_identifier: BlockId = "latest") -> State:
        """Whether the asset is held, sold or redeemed."""
        return State(self.call("state", block_identifier=block_identifier))

    def steward(self, *, block_identifier: BlockId = "latest") -> str:
        """Who permits for all holders."""
        return str(self.call("steward", block_identifier=block_identifier))

    def asset(self, *, block_identifier: BlockId = "latest") -> int:
        """The number of the asset."""
        return self._number("asset", block_identifier=block_identifier)

    # Fixed at deployment

    def assets(self) -> str:
        """Address of EnergyAssetNFT."""
        return str(self.call("ASSETS"))

    def money(self) -> str:
        """Address of the settlement token."""
        return str(self.call("MONEY"))
