"""What the tests of signed orders share: orders signed off the chain, and batches of them.

A batch is given by its fills, each `(buy, sell, Wh)`; an order in it is the signed order itself, or
a stored one's number.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from eth_account.signers.local import LocalAccount

from energy_grid.chain.contract import Call, Contract
from energy_grid.chain.roles import Role
from energy_grid.domain.batch import Batch, Fill, Refusal
from energy_grid.domain.costs import collateral, cost_down
from energy_grid.domain.orders import OrderTerms, OrderType
from energy_grid.domain.periods import Period, PeriodKind
from energy_grid.domain.signed_orders import NonceState, SignedOrder
from tests.support.market import Receipt
from tests.support.signed_orders import (
    batch_args,
    by_wallet,
    deploy_wallet,
    digest,
    sign,
    sorted_orders,
)
from tests.unit.contracts.trading.traders import (
    AMOUNT,
    FOREVER,
    FUNDS,
    Traders,
    all_transactions,
)

__all__ = ["ASK", "BID", "CLEARING", "ORDER_SET", "WIDEST", "Auction", "Named", "Spoken", "forged"]

# A price at which few amounts cost a whole unit, and limits that allow it.
CLEARING = 250_001
BID, ASK = 260_000, 240_000
ORDER_SET = b"orders that were cleared".ljust(32, b".")
# One more than the largest nonce.
WIDEST = 2**40

Named = SignedOrder | int
Spoken = tuple[Named, Named, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Auction:
    """Traders whose orders are signed; for their usual period by default."""

    traders: Traders

    @property
    def period(self) -> Period:
        """The hour that the traders' orders are for."""
        return Period(kind=PeriodKind.HOURLY, start=self.traders.start)

    @property
    def trading(self) -> Contract:
        return self.traders.market.trading

    @property
    def keeper(self) -> str:
        """Who may send batches."""
        return self.traders.market.roles[Role.KEEPER]

    # Orders

    def terms(
        self,
        trader: LocalAccount | str,
        side: OrderType,
        amount: int = AMOUNT,
        price: int | None = None,
        *,
        expiry: int = FOREVER,
        period: Period | None = None,
    ) -> OrderTerms:
        """Terms with a limit that the usual price is within."""
        limit = BID if side is OrderType.BUY else ASK
        return OrderTerms(
            trader=trader if isinstance(trader, str) else trader.address,
            order_type=side,
            amount=amount,
            price=limit if price is None else price,
            expiry=expiry,
            period=period or self.period,
        )

    def order(
        self,
        trader: LocalAccount,
        side: OrderType,
        amount: int = AMOUNT,
        price: int | None = None,
        *,
        nonce: int = 0,
        key: LocalAccount | None = None,
        **terms: Any,
    ) -> SignedOrder:
        """An order signed by its trader, or by another key in the trader's name."""
        asked = self.terms(trader, side, amount, price, **terms)
        return sign(self.traders.market, key or trader, asked, nonce)

    def bid(
        self,
        trader: LocalAccount | None = None,
        amount: int = AMOUNT,
        price: int | None = None,
        **terms: Any,
    ) -> SignedOrder:
        """A signed BUY, the buyer's by default."""
        return self.order(trader or self.traders.buyer, OrderType.BUY, amount, price, **terms)

    def ask(
        self,
        trader: LocalAccount | None = None,
        amount: int = AMOUNT,
        price: int | None = None,
        **terms: Any,
    ) -> SignedOrder:
        """A signed SELL, the seller's by default."""
        return self.order(trader or self.traders.seller, OrderType.SELL, amount, price, **terms)

    def wallet(self, owner: LocalAccount, funds: int = FUNDS) -> Contract:
        """A contract wallet that answers for its owner's key, with money in its balance."""
        wallet = deploy_wallet(self.traders.market, owner)
        self.fund(wallet.address, funds)
        return wallet

    def fund(self, account: str, amount: int = FUNDS) -> None:
        """Put money into the balance of an address that has no key."""
        market = self.traders.market
        market.give_money(account, amount)
        market.do(account, market.settlement, "deposit", amount)

    def of_wallet(
        self,
        wallet: str,
        owner: LocalAccount,
        side: OrderType,
        amount: int = AMOUNT,
        price: int | None = None,
        *,
        nonce: int = 0,
        **terms: Any,
    ) -> SignedOrder:
        """An order of a contract wallet, signed by its owner."""
        asked = self.terms(wallet, side, amount, price, **terms)
        return by_wallet(self.traders.market, owner, asked, nonce)

    def name(self, order: Named) -> int:
        """What stands for an order in events and errors."""
        if isinstance(order, int):
            return order
        return int.from_bytes(digest(self.traders.market, order.terms, order.nonce))

    # Batches

    def batch(
        self,
        *fills: Spoken,
        unfilled: Iterable[Named] = (),
        price: int = CLEARING,
        period: Period | None = None,
    ) -> Batch:
        """The batch of these fills, and of orders without one."""
        named = [*unfilled, *(order for fill in fills for order in fill[:2])]
        signed = sorted_orders(*{order for order in named if isinstance(order, SignedOrder)})
        stored = tuple(sorted({order for order in named if isinstance(order, int)}))
        places = {order: place for place, order in enumerate((*signed, *stored))}
        return Batch(
            period=period or self.period,
            price=price,
            order_set=ORDER_SET,
            signed_orders=signed,
            stored_orders=stored,
            fills=tuple(
                Fill(buy=places[buy], sell=places[sell], amount=wh) for buy, sell, wh in fills
            ),
        )

    def prepare(self, batch: Batch | list[Any], *, skip: bool = False) -> Call:
        raw = batch_args(batch) if isinstance(batch, Batch) else batch
        return self.trading.prepare("settleBatch", raw, skip)

    def settle(
        self,
        batch: Batch | list[Any],
        *,
        skip: bool = False,
        sender: str | LocalAccount | None = None,
    ) -> Receipt:
        """The keeper sends a batch."""
        return self.traders.market.send(sender or self.keeper, self.prepare(batch, skip=skip))

    def trade(self, *fills: Spoken, **batch: Any) -> Receipt:
        """`settle` of `batch`, refused as a whole if anything of it is."""
        return self.settle(self.batch(*fills, **batch))

    def cancel(self, trader: LocalAccount | str, *nonces: int) -> Receipt:
        return self.traders.market.do(trader, self.trading, "cancelSigned", list(nonces))

    def cancel_below(self, trader: LocalAccount | str, nonce: int) -> Receipt:
        return self.traders.market.do(trader, self.trading, "cancelSignedBelow", nonce)

    # What is read back

    def state(self, order: SignedOrder) -> NonceState:
        """What has become of the order's nonce."""
        found = self.trading.call("nonceState", order.terms.trader, order.nonce)
        return NonceState(found)

    def filled(self, order: SignedOrder) -> int:
        """Wh filled, where it was ever filled in part."""
        return int(self.trading.call("filled", self.name(order).to_bytes(32)))

    def status(self, order: SignedOrder) -> tuple[NonceState, int]:
        """`state` and `filled`."""
        return self.state(order), self.filled(order)

    def skipped(self, receipt: Receipt) -> list[tuple[int, Refusal]]:
        """What was left out, and why."""
        logs = self.traders.logged(receipt, self.trading, "OrderSkipped")
        return [(log["order_id"], Refusal(log["reason"])) for log in logs]

    def money(self, account: LocalAccount | str) -> tuple[int, int]:
        """Available and locked."""
        address = account if isinstance(account, str) else account.address
        settlement = self.traders.market.settlement
        return settlement.call("balanceOf", address), settlement.call("lockedOf", address)

    def count(self) -> int:
        """How many transactions there are, of pairs and of batches."""
        return len(all_transactions(self.traders.market))

    def fills(self) -> list[tuple[str, str, int, int]]:
        """Buyer, seller, Wh and price of every transaction."""
        made = all_transactions(self.traders.market)
        return [(one.buyer, one.seller, one.amount, one.price) for one in made]

    def paid(self, *amounts: int, price: int = CLEARING) -> int:
        """What a buyer's lock is for such fills."""
        return sum(cost_down(amount, price) for amount in amounts)

    def secured(self, *amounts: int) -> int:
        """What a seller's lock is for such fills."""
        return sum(collateral(amount, self.traders.collateral) for amount in amounts)


def forged(order: SignedOrder, **terms: Any) -> SignedOrder:
    """The order with other terms, under the signature that it had."""
    return replace(order, terms=replace(order.terms, **terms))
