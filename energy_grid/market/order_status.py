"""The status of a signed order on the chain: its signer, its remaining energy, and what prevents
a fill."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from energy_grid.chain.contract_wallets import is_confirmed
from energy_grid.domain.batch import Refusal
from energy_grid.domain.costs import collateral, cost_down
from energy_grid.domain.orders import OrderTerms, OrderType
from energy_grid.domain.periods import closable, slot_of
from energy_grid.domain.signed_orders import MAX_NONCE, NonceState, SignedOrder, order_hash
from energy_grid.domain.typed_data import Domain
from energy_grid.errors import DomainError, InputError
from energy_grid.market.signing import order_signer

if TYPE_CHECKING:
    from energy_grid.contracts.energy_trading import EnergyTrading
    from energy_grid.contracts.settlement import Settlement

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
        needed: money that the rest of it takes, at the worst price for its trader.
        available: what the trader has for that.
        refusal: why no batch could fill the rest now, as the contract reports it; else NONE.
            An order that outlives its period is EXPIRED with the period.
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
    terms, name = order.terms, order_hash(order.terms, order.nonce, domain)
    state, filled = trading.nonce_state(terms.trader, order.nonce), trading.filled(name)
    now = trading.node.time
    rest = 0 if state > NonceState.PARTIAL else terms.amount - filled
    status = SignedOrderStatus(
        order_hash=name,
        signer=None if order.by_contract else _signer(order, domain),
        authentic=False,
        state=state,
        filled=filled,
        needed=_needed(terms, rest, now, trading, settlement),
        available=settlement.balance_of(terms.trader),
        refusal=Refusal.NONE,
    )
    status = replace(status, authentic=_is_authentic(order, status, trading))
    return replace(status, refusal=_refusal(order, status, now, settlement))


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


def _needed(
    terms: OrderTerms, rest: int, now: int, trading: EnergyTrading, settlement: Settlement
) -> int:
    """What filling the rest of an order locks at most: a late seller locks nothing."""
    if terms.order_type is OrderType.BUY:
        return cost_down(rest, terms.price)
    slot_length = settlement.slot_length()
    slot = slot_of(terms.period.start, slot_length)
    if closable(slot, now, slot_length, settlement.grace()):
        return 0
    return collateral(rest, trading.collateral_per_kwh())


def _is_authentic(order: SignedOrder, status: SignedOrderStatus, trading: EnergyTrading) -> bool:
    trader = order.terms.trader
    if not order.by_contract:
        return status.signer == trader
    gas = trading.signature_gas()
    return is_confirmed(trading.node, trader, status.order_hash, order.signature, gas=gas)


def _refusal(
    order: SignedOrder, status: SignedOrderStatus, now: int, settlement: Settlement
) -> Refusal:
    """The first that holds, in the order of the contract."""
    terms, buying = order.terms, order.terms.order_type is OrderType.BUY
    is_other_order = status.state is NonceState.PARTIAL and status.filled == 0
    checks: tuple[tuple[Refusal, Callable[[], bool]], ...] = (
        (Refusal.NONCE_SPENT, lambda: status.state > NonceState.PARTIAL),
        (Refusal.EXPIRED, lambda: now > min(terms.expiry, terms.period.end - 1)),
        (Refusal.WRONG_SIGNATURE, lambda: not status.authentic),
        (Refusal.NONCE_SPENT, lambda: is_other_order),
        (Refusal.UNKNOWN_ACCOUNT, lambda: settlement.number_of(terms.trader) == 0),
        (Refusal.SIDE_BLOCKED, lambda: settlement.is_side_blocked(terms.trader, buying)),
        (Refusal.IN_DEBT, lambda: buying and settlement.debt_of(terms.trader) > 0),
        (Refusal.INSUFFICIENT_BALANCE, lambda: status.needed > status.available),
    )
    return next((refusal for refusal, holds in checks if holds()), Refusal.NONE)
