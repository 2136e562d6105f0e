"""The spot market in energy credits: delivery against payment, in one step.

    offer   OPEN --accept, something remains--> OPEN       trade   PENDING --complete--> COMPLETED
            OPEN --accept, nothing remains----> SOLD               PENDING --cancel----> CANCELLED
            OPEN --cancel by its seller-------> CANCELLED

The seller's energy is held by the market from the beginning, so that a sale cannot fail for want of
it: what the market holds is the sum of what remains of open offers and of pending trades. The
buyer pays from its settlement account. Energy in Wh, prices in money units per kWh, times in Unix
seconds.

A purchase is rounded up, the fees are rounded down and come out of it. Nobody gains by cutting a
purchase up: the buyer pays at least as much, and the seller gets at least as much.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from energy_grid.domain.enums import OfferStatus, TradeStatus
from energy_grid.domain.units import natural
from energy_grid.errors import DomainError
from tests.model.costs import Payout
from tests.model.orders import SelfTradeError
from tests.model.settlement import SettlementModel, ZeroAmountError

__all__ = [
    "ESCROW",
    "MAX_AMOUNT",
    "MAX_PRICE",
    "AboveRemainingError",
    "InactiveError",
    "NotPartyError",
    "NotSellerError",
    "Offer",
    "OfferNotFoundError",
    "OfferNotOpenError",
    "SpotMarket",
    "SpotStoppedError",
    "TooLargeError",
    "Trade",
    "TradeNotFoundError",
    "TradeNotPendingError",
    "ZeroPriceError",
]

MAX_AMOUNT = MAX_PRICE = 2**64 - 1
# Whose account in the settlement model the held energy is in.
ESCROW = "spot market"


class SpotStoppedError(DomainError):
    """Nothing new is taken on; what is held can be taken back."""


class ZeroPriceError(DomainError):
    """Energy for nothing."""


class TooLargeError(DomainError):
    """An amount or a price that does not fit 64 bits."""


class InactiveError(DomainError):
    """Not a participant, or not allowed on this side of the market."""


class OfferNotFoundError(DomainError):
    """No offer has this id."""


class TradeNotFoundError(DomainError):
    """No trade has this id."""


class OfferNotOpenError(DomainError):
    """The offer is sold or cancelled."""


class TradeNotPendingError(DomainError):
    """The trade is completed or cancelled."""


class NotSellerError(DomainError):
    """Only the seller takes an offer back."""


class NotPartyError(DomainError):
    """Only the buyer named completes a trade; only it and the seller cancel it."""


class AboveRemainingError(DomainError):
    """More than is left of the offer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Energy for everybody; ``remaining`` is 0 once it is sold or cancelled."""

    id: int
    seller: str
    amount: int
    remaining: int
    price: int
    created_at: int
    status: OfferStatus = OfferStatus.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """Energy for one buyer."""

    id: int
    seller: str
    buyer: str
    amount: int
    price: int
    created_at: int
    status: TradeStatus = TradeStatus.PENDING


class SpotMarket:
    """Offers and trades over a settlement model, changed by one method per thing that can happen.

    A call that raises changes nothing, and raises the first error of those listed that applies.
    ``may_deal`` tells whether somebody is a participant who may buy (True) or sell (False) now.
    """

    def __init__(self, settlement: SettlementModel, may_deal: Callable[[str, bool], bool]) -> None:
        self.settlement = settlement
        self.may_deal = may_deal
        self.stopped = False
        self.offers: dict[int, Offer] = {}
        self.trades: dict[int, Trade] = {}

    @property
    def held(self) -> int:
        """Wh that belong to sellers and are held by the market."""
        return self.settlement.account(ESCROW).energy_credits

    def offer(self, offer_id: int) -> Offer:
        """An offer by its id.

        Raises:
            OfferNotFoundError
        """
        if offer_id not in self.offers:
            raise OfferNotFoundError(f"there is no offer {offer_id}")
        return self.offers[offer_id]

    def trade(self, trade_id: int) -> Trade:
        """A trade by its id.

        Raises:
            TradeNotFoundError
        """
        if trade_id not in self.trades:
            raise TradeNotFoundError(f"there is no trade {trade_id}")
        return self.trades[trade_id]

    def create_offer(self, seller: str, amount: int, price: int, now: int) -> Offer:
        """Offer energy to everybody.

        Raises:
            SpotStoppedError, ZeroAmountError, TooLargeError, ZeroPriceError, InactiveError,
            InsufficientEnergyError
        """
        self._check_new(seller, amount, price)
        self.settlement.move_energy_credits(seller, ESCROW, amount)
        number = len(self.offers) + 1
        offer = Offer(
            id=number, seller=seller, amount=amount, remaining=amount, price=price, created_at=now
        )
        self.offers[number] = offer
        return offer

    def accept_offer(self, offer_id: int, buyer: str, amount: int) -> Payout:
        """Buy energy of an offer.

        Raises:
            SpotStoppedError, OfferNotFoundError, OfferNotOpenError, ZeroAmountError,
            AboveRemainingError, InactiveError (the seller), SelfTradeError, InactiveError (the
            buyer), and what `SettlementModel.pay_on_the_spot` raises
        """
        self._check_running()
        offer = self._open_offer(offer_id)
        if natural("amount", amount) == 0:
            raise ZeroAmountError("an amount of nothing")
        if amount > offer.remaining:
            raise AboveRemainingError(f"{offer.remaining} Wh are left of offer {offer_id}")
        self._check_participant(offer.seller, buying=False)
        self._check_buyer(buyer, offer.seller)
        payout = self._exchange(buyer, offer.seller, amount, offer.price)
        remaining = offer.remaining - amount
        status = OfferStatus.OPEN if remaining else OfferStatus.SOLD
        self.offers[offer_id] = replace(offer, remaining=remaining, status=status)
        return payout

    def cancel_offer(self, offer_id: int, caller: str) -> int:
        """Take what remains of an offer back; gives how much. Always possible while it is open.

        Raises:
            OfferNotFoundError, OfferNotOpenError, NotSellerError
        """
        offer = self._open_offer(offer_id)
        if caller != offer.seller:
            raise NotSellerError(f"offer {offer_id} is not {caller}'s")
        self.settlement.move_energy_credits(ESCROW, offer.seller, offer.remaining)
        self.offers[offer_id] = replace(offer, remaining=0, status=OfferStatus.CANCELLED)
        return offer.remaining

    def create_trade(self, seller: str, buyer: str, amount: int, price: int, now: int) -> Trade:
        """Offer energy to one buyer.

        Raises:
            SpotStoppedError, ZeroAmountError, TooLargeError, ZeroPriceError, InactiveError (the
            seller), SelfTradeError, InactiveError (the buyer), InsufficientEnergyError
        """
        self._check_new(seller, amount, price)
        self._check_buyer(buyer, seller)
        self.settlement.move_energy_credits(seller, ESCROW, amount)
        number = len(self.trades) + 1
        trade = Trade(
            id=number, seller=seller, buyer=buyer, amount=amount, price=price, created_at=now
        )
        self.trades[number] = trade
        return trade

    def complete_trade(self, trade_id: int, caller: str) -> Payout:
        """Buy what a trade holds.

        Raises:
            SpotStoppedError, TradeNotFoundError, TradeNotPendingError, NotPartyError,
            InactiveError (the seller, then the buyer), and what
            `SettlementModel.pay_on_the_spot` raises
        """
        self._check_running()
        trade = self._pending_trade(trade_id)
        if caller != trade.buyer:
            raise NotPartyError(f"trade {trade_id} is not addressed to {caller}")
        self._check_participant(trade.seller, buying=False)
        self._check_participant(trade.buyer, buying=True)
        payout = self._exchange(trade.buyer, trade.seller, trade.amount, trade.price)
        self.trades[trade_id] = replace(trade, status=TradeStatus.COMPLETED)
        return payout

    def cancel_trade(self, trade_id: int, caller: str) -> None:
        """Give a trade's energy back to its seller. Always possible while it is pending.

        Raises:
            TradeNotFoundError, TradeNotPendingError, NotPartyError
        """
        trade = self._pending_trade(trade_id)
        if caller not in (trade.seller, trade.buyer):
            raise NotPartyError(f"trade {trade_id} is none of {caller}'s business")
        self.settlement.move_energy_credits(ESCROW, trade.seller, trade.amount)
        self.trades[trade_id] = replace(trade, status=TradeStatus.CANCELLED)

    def _exchange(self, buyer: str, seller: str, amount: int, price: int) -> Payout:
        payout = self.settlement.pay_on_the_spot(buyer, seller, amount, price)
        self.settlement.move_energy_credits(ESCROW, buyer, amount)
        return payout

    def _check_running(self) -> None:
        if self.stopped:
            raise SpotStoppedError("the spot market is stopped")

    def _check_new(self, seller: str, amount: int, price: int) -> None:
        self._check_running()
        if natural("amount", amount) == 0:
            raise ZeroAmountError("an amount of nothing")
        if amount > MAX_AMOUNT:
            raise TooLargeError(f"an amount of {amount} Wh")
        if natural("price", price) == 0:
            raise ZeroPriceError("energy for nothing")
        if price > MAX_PRICE:
            raise TooLargeError(f"a price of {price}")
        self._check_participant(seller, buying=False)

    def _check_buyer(self, buyer: str, seller: str) -> None:
        if buyer == seller:
            raise SelfTradeError(f"{seller} on both sides")
        self._check_participant(buyer, buying=True)

    def _check_participant(self, name: str, *, buying: bool) -> None:
        if not self.may_deal(name, buying):
            raise InactiveError(f"{name} may not {'buy' if buying else 'sell'}")

    def _open_offer(self, offer_id: int) -> Offer:
        offer = self.offer(offer_id)
        if offer.status is not OfferStatus.OPEN:
            raise OfferNotOpenError(f"offer {offer_id} is {offer.status.name}")
        return offer

    def _pending_trade(self, trade_id: int) -> Trade:
        trade = self.trade(trade_id)
        if trade.status is not TradeStatus.PENDING:
            raise TradeNotPendingError(f"trade {trade_id} is {trade.status.name}")
        return trade
