"""Traders who sign orders off the chain, and a keeper, in front of a deployed market."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from energy_grid.chain.accounts import Account
from energy_grid.chain.contract import Call
from energy_grid.chain.roles import Role
from energy_grid.client import EnergyGrid, Receipt
from energy_grid.contracts.errors import DecodedError
from energy_grid.domain.batch import Batch, Refused
from energy_grid.domain.batch_clearing import OpenOrder
from energy_grid.domain.orders import OrderTerms, OrderType
from energy_grid.domain.periods import Period, PeriodKind
from energy_grid.domain.signed_orders import SignedOrder
from energy_grid.market.batch_audit import BatchAudit, audit
from energy_grid.market.batches import BatchSession, GasBound, Keeper, Settled
from energy_grid.market.keeper_chain import (
    AuditChain,
    ChainOrders,
    KeeperChain,
    newest_seed,
    parts_of,
)
from energy_grid.market.order_sets import OrderSet
from energy_grid.market.plan import Outcome, Step
from energy_grid.market.signing import sign_order
from tests.support.keeping import settle
from tests.support.market import MONDAY, Market

__all__ = ["BUY", "HOUR", "PRICE", "SELL", "Exchange"]

BUY, SELL = OrderType.BUY, OrderType.SELL
# The hour after the next one: nothing of it is over while a test runs.
HOUR = Period(kind=PeriodKind.HOURLY, start=MONDAY + 7200)
PRICE = 250_000
_DEPOSIT = 10_000_000


def keeper_of(market: Market) -> Account:
    """The account that has the role."""
    holder = market.roles[Role.KEEPER]
    return next(account for account in map(Account.local, range(20)) if account.address == holder)


@dataclass
class Exchange:
    """The market with funded traders; `traders` are those of local:10 and up."""

    market: Market
    grid: EnergyGrid
    published: list[OrderSet] = field(default_factory=list)
    before_sending: Callable[[], object] | None = None

    def __post_init__(self) -> None:
        self.keeper = keeper_of(self.market)
        self.traders = [Account.local(number) for number in range(10, 16)]
        for account in (self.keeper, *self.traders):
            self.market.node.set_balance(account.address, 10**21)
        for trader in self.traders:
            self.fund(trader.address, _DEPOSIT)
        self.known = ChainOrders(self.grid.node, self.grid.trading, self.grid.settlement)
        self._nonces: dict[str, int] = {}

    def fund(self, address: str, amount: int) -> None:
        """Put money into the settlement account of an account."""
        self.market.give_money(address, amount)
        self.market.do(address, self.market.settlement, "deposit", amount)

    def order(
        self,
        trader: int,
        side: OrderType,
        wh: int,
        price: int = PRICE,
        *,
        nonce: int | None = None,
        expiry: int = HOUR.end - 1,
        signer: int | None = None,
        period: Period = HOUR,
    ) -> SignedOrder:
        """An order of the trader with this place, by its next nonce."""
        account = self.traders[trader]
        if nonce is None:
            nonce = self._nonces.get(account.address, 0)
            self._nonces[account.address] = nonce + 1
        terms = OrderTerms(
            trader=account.address,
            order_type=side,
            amount=wh,
            price=price,
            expiry=expiry,
            period=period,
        )
        if signer is None:
            return sign_order(account, terms, nonce, self.known.domain)
        other = self.traders[signer]
        forged = sign_order(other, replace(terms, trader=other.address), nonce, self.known.domain)
        return SignedOrder(terms=terms, nonce=nonce, signature=forged.signature)

    def id_of(self, order: SignedOrder) -> int:
        """Its hash as a number."""
        return self.known.signed([order])[0].id

    def send(self, call: Call) -> Receipt:
        """Carry out a call of the keeper, after what a test puts in between."""
        if self.before_sending is not None:
            action, self.before_sending = self.before_sending, None
            action()
        return self.grid.sender.send(self.keeper, call)

    def settle(
        self,
        orders: Sequence[OpenOrder],
        period: Period,
        *,
        bound: GasBound | None = None,
        max_refusals: int = 200,
    ) -> BatchSession:
        """What a keeper makes of orders; what it publishes is remembered."""
        keeper = Keeper(
            self.chain(), publish=self.published.append, bound=bound, max_refusals=max_refusals
        )
        return settle(keeper, orders, period, newest_seed(self.grid.node), self.send_batch)

    def send_batch(self, batch: Batch, skip: bool = False) -> Settled | Refused:
        """What becomes of a batch of the keeper."""
        chain = self.chain()
        try:
            call = chain.call(batch, skip=skip)
            receipt = self.send(call)
        except DecodedError as refusal:
            return chain.refused(refusal)
        return chain.outcome(batch, Outcome(step=Step(call=call), receipt=receipt))

    def chain(self) -> KeeperChain:
        """What the keeper needs of the chain."""
        return KeeperChain(
            self.grid.node, self.grid.trading, self.grid.settlement, self.keeper.address
        )

    def audit(self, transaction: str, published: OrderSet | None = None) -> BatchAudit:
        """The audit of a transaction, by default with the last published set."""
        chain = AuditChain(self.grid.node, self.grid.trading, self.grid.settlement)
        parts = parts_of(self.grid.node, self.grid.trading, transaction)
        return audit(published or self.published[-1], parts, chain, money=str, price=str)
