"""PeerToPeerTrading: the spot market in banked energy (IPeerToPeerTrading.sol).

Energy in Wh, prices in money per kWh.
"""

from __future__ import annotations

from collections.abc import Iterable

from energy_grid.chain.contract import Call, structure
from energy_grid.chain.rpc.node import BlockId
from energy_grid.contracts.access import Stoppable
from energy_grid.contracts.asset_records import EnergyOffer, Trade

__all__ = ["PeerToPeerTrading"]


class PeerToPeerTrading(Stoppable):
    """The wrapper of PeerToPeerTrading.

    A stop refuses everything but cancelling (`EmergencyStop_Stopped`), and who is not active on its
    side of the market is refused with PeerToPeerTrading_Inactive.
    """

    NAME = "PeerToPeerTrading"

    # Sellers

    def create_energy_offer(self, amount: int, price: int) -> Call:
        """Offer ``amount`` of EnergyToken, which the sender has allowed; gives the offer's number.

        Raises: PeerToPeerTrading_ZeroAmount, PeerToPeerTrading_ZeroPrice,
            ERC20InsufficientAllowance, ERC20InsufficientBalance.
        """
        return self.prepare("createEnergyOffer", amount, price)

    def cancel_energy_offer(self, offer: int) -> Call:
        """Take back what is left of the sender's offer.

        Raises: PeerToPeerTrading_NoSuchOffer, PeerToPeerTrading_NotSeller,
            PeerToPeerTrading_OfferNotOpen.
        """
        return self.prepare("cancelEnergyOffer", offer)

    def create_trade(self, buyer: str, amount: int, price: int) -> Call:
        """As `create_energy_offer`, to one buyer alone; gives the trade's number.

        Raises: PeerToPeerTrading_SelfTrade.
        """
        return self.prepare("createTrade", buyer, amount, price)

    # Buyers

    def accept_energy_offer(self, offer: int, amount: int) -> Call:
        """Buy so much of an offer out of the sender's Settlement balance; gives what was paid.

        Raises: PeerToPeerTrading_NoSuchOffer, PeerToPeerTrading_OfferNotOpen,
            PeerToPeerTrading_ZeroAmount, PeerToPeerTrading_AboveRemaining,
            PeerToPeerTrading_SelfTrade, Settlement_InsufficientBalance, Settlement_InDebt.
        """
        return self.prepare("acceptEnergyOffer", offer, amount)

    def accept_energy_offer_at_most(self, offer: int, amount: int, max_paid: int) -> Call:
        """As `accept_energy_offer`, for at most so much money, whatever the number means by then.

        Raises: PeerToPeerTrading_AboveLimit besides.
        """
        return self.prepare("acceptEnergyOfferAtMost", offer, amount, max_paid)

    def complete_trade(self, trade: int) -> Call:
        """Buy what a trade holds for the sender; gives what was paid.

        Raises: PeerToPeerTrading_NoSuchTrade, PeerToPeerTrading_TradeNotPending,
            PeerToPeerTrading_NotParty, Settlement_InsufficientBalance, Settlement_InDebt.
        """
        return self.prepare("completeTrade", trade)

    def complete_trade_at_most(self, trade: int, max_paid: int) -> Call:
        """As `complete_trade`, for at most so much money, whatever the number means by then.

        Raises: PeerToPeerTrading_AboveLimit besides.
        """
        return self.prepare("completeTradeAtMost", trade, max_paid)

    # Sellers and buyers

    def cancel_trade(self, trade: int) -> Call:
        """Give the energy of a trade back to its seller, which the sender or its buyer is.

        Raises: PeerToPeerTrading_NoSuchTrade, PeerToPeerTrading_TradeNotPending,
            PeerToPeerTrading_NotParty.
        """
        return self.prepare("cancelTrade", trade)

    # Views

    def get_energy_offer(self, offer: int, *, block_identifier: BlockId = "latest") -> EnergyOffer:
        """An offer. Raises: PeerToPeerTrading_NoSuchOffer."""
        values = self.call("getEnergyOffer", offer, block_identifier=block_identifier)
        return structure(EnergyOffer, values)

    def energy_offers(
        self, offers: Iterable[int], *, block_identifier: BlockId = "latest"
    ) -> list[EnergyOffer]:
        """`get_energy_offer` of many in few round trips."""
        one_each = ([offer] for offer in offers)
        found = self.call_many("getEnergyOffer", one_each, block_identifier=block_identifier)
        return [structure(EnergyOffer, values) for values in found]

    def get_trade_info(self, trade: int, *, block_identifier: BlockId = "latest") -> Trade:
        """A trade. Raises: PeerToPeerTrading_NoSuchTrade."""
        return structure(Trade, self.call("getTradeInfo", trade, block_identifier=block_identifier))

    def trades(self, trades: Iterable[int], *, block_identifier: BlockId = "latest") -> list[Trade]:
        """`get_trade_info` of many in few round trips."""
        one_each = ([trade] for trade in trades)
        found = self.call_many("getTradeInfo", one_each, block_identifier=block_identifier)
        return [structure(Trade, values) for values in found]

    def get_energy_balance(self, account: str, *, block_identifier: BlockId = "latest") -> int:
        """Banked Wh that an account can offer, send or burn; what is on offer is not in it."""
        return self._number("getEnergyBalance", account, block_identifier=block_identifier)

    def offer_count(self, *, block_identifier: BlockId = "latest") -> int:
        """Offers are numbered from 1 to this."""
        return self._number("offerCount", block_identifier=block_identifier)

    def trade_count(self, *, block_identifier: BlockId = "latest") -> int:
        """Trades are numbered from 1 to this."""
        return self._number("tradeCount", block_identifier=block_identifier)

    # Fixed at deployment

    def settlement(self) -> str:
        """Address of Settlement."""
        return str(self.call("SETTLEMENT"))

    def grid(self) -> str:
        """Address of GridManagement."""
        return str(self.call("GRID"))

    def energy_token(self) -> str:
        """Address of EnergyToken."""
        return str(self.call("ENERGY_TOKEN"))
