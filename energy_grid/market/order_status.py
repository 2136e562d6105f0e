"""The status of a signed order on the chain: its signer, its remaining energy, and what prevents
a fill."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from energy_grid.chain.contract_wallets import is_confirmed
from energy_grid.domain.batch import Refusal
from energy_grid.domain.costs import EXACT
from energy_grid.domain.orders import OrderType, is_valid_amount
from energy_grid.domain.signed_orders import MAX_NONCE, NonceState, SignedOrder, order_hash
from energy_grid.domain.typed_data import Domain
from energy_grid.errors import DomainError, InputError
from energy_grid.market.signing import order_signer

if TYPE_CHECKING:
    from energy_grid.contracts.energy_trading import EnergyTrading
    from energy_grid.contracts.settlement import Settlement
    from energy_grid.market.trader_accounts import TraderAccount

__all__ = ["SignedOrderStatus", "next_nonce", "signed_order_status"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOrderStatus:
    """A signed order as the chain sees it now.

    Attributes:
        order_hash: the order's name on the chain.
        signer: whose key signed it; None if no key did, or if a contract wallet confirms it.
        authentic: whether the signature is its trader's.
        state: of its nonce, which another order may have used.
        filled: Wh traded so far, as far as that was noted (`EnergyTrading.filled`).
        needed: money that the rest of it takes at its limit: a buyer's cost, a seller's cover.
        available: what the trader can spend on that.
        refusal: why no batch could fill the rest now, as the contract reports it; else NONE.
            An order that outlives the gate of its period is EXPIRED with it.
    """

    order_hash: bytes
    signer: str | None
    authentic: bool
    state: NonceState
    filled: int
    needed: int
    available: int
    refusal: Refusal


def signed_order_status(
    order: SignedOrder, domain: Domain, trading: EnergyTrading, settlement: Settlement
) -> SignedOrderStatus:
    """The status of an order at the newest block.

    Raises:
        InputError: a number of it does not fit 256 bits.
    """
    from energy_grid.market.trader_accounts import TraderAccounts

    terms, name = order.terms, order_hash(order.terms, order.nonce, domain)
    state, filled = trading.nonce_state(terms.trader, order.nonce), trading.filled(name)
    rest = 0 if state > NonceState.PARTIAL else terms.amount - filled
    selling = terms.order_type is OrderType.SELL
    accounts = TraderAccounts(settlement)
    known = accounts.read([terms.trader])
    balances = accounts.balances(known, [terms.period])[terms.period]
    account = known[terms.trader]
    cost = rest * balances.terms[terms.trader].rate(terms.price, selling=selling)
    status = SignedOrderStatus(
        order_hash=name,
        signer=None if order.by_contract else _signer(order, domain),
        authentic=False,
        state=state,
        filled=filled,
        needed=-(-cost // EXACT),
        available=account.available,
        refusal=Refusal.NONE,
    )
    status = replace(status, authentic=_is_authentic(order, status, trading))
    slots = len(terms.period.slots(accounts.slot_length))
    found = _refusals(order, status, account, slots, trading.node.time)
    short = Refusal.INSUFFICIENT_BALANCE if cost > account.spare else Refusal.NONE
    return replace(status, refusal=next((each for each in found if each), short))


def next_nonce(trading: EnergyTrading, trader: str, taken: Collection[int] = ()) -> int:
    """A nonce that is open on the chain, not among those taken elsewhere, and follows one that is
    not, or is the lowest valid one.

    The chain knows nothing of orders that were signed and have not traded.
    Raises:
        DomainError: all are spent.
    """
    lowest = trading.signed_floor_of(trader)

    def is_free(nonce: int) -> bool:
        return nonce not in taken and trading.nonce_state(trader, nonce) is NonceState.OPEN

    # Nonces are used in sequence: double the step until one is open, then bisect.
    spent, step = lowest - 1, 1
    while not is_free(min(spent + step, MAX_NONCE)):
        if spent + step >= MAX_NONCE:
            raise DomainError(f"all nonces of {trader} are spent")
        spent, step = spent + step, 2 * step
    free = min(spent + step, MAX_NONCE)
    while free - spent > 1:
        middle = (spent + free) // 2
        spent, free = (spent, middle) if is_free(middle) else (middle, free)
    return free


def _signer(order: SignedOrder, domain: Domain) -> str | None:
    try:
        return order_signer(order, domain)
    except InputError:
        return None


def _is_authentic(order: SignedOrder, status: SignedOrderStatus, trading: EnergyTrading) -> bool:
    trader = order.terms.trader
    if not order.by_contract:
        return status.signer == trader
    gas = trading.signature_gas()
    return is_confirmed(trading.node, trader, status.order_hash, order.signature, gas=gas)


def _refusals(
    order: SignedOrder, status: SignedOrderStatus, account: TraderAccount, slots: int, now: int
) -> Iterator[Refusal]:
    """Those that hold whatever it takes, in the order of the contract; some are NONE."""
    terms, is_cancelled = order.terms, status.state is NonceState.CANCELLED
    is_below = is_cancelled and order.nonce < account.money.signed_floor
    is_other_order = status.state is NonceState.PARTIAL and status.filled == 0
    checks = (
        (Refusal.NONCE_SPENT, status.state > NonceState.PARTIAL and not is_below),
        (Refusal.EXPIRED, now > min(terms.expiry, terms.period.last_order)),
        (Refusal.INVALID_AMOUNT, not is_valid_amount(terms.amount, slots)),
        (Refusal.WRONG_SIGNATURE, not status.authentic),
        (Refusal.NONCE_SPENT, is_other_order),
        (Refusal.UNKNOWN_ACCOUNT, account.number == 0),
        (Refusal.BELOW_FLOOR, is_below),
    )
    yield from (refusal for refusal, holds in checks if holds)
    is_buy = terms.order_type is OrderType.BUY
    yield account.refusal(buying=is_buy, start=terms.period.start)
