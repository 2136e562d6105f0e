"""Signed orders and batches of the domain as EnergyTrading takes them."""

from __future__ import annotations

from energy_grid.chain.contract import Call
from energy_grid.contracts.energy_trading import (
    BatchInput,
    EnergyTrading,
    FillInput,
    SignedOrderInput,
)
from energy_grid.domain.batch import Batch
from energy_grid.domain.orders import OrderTerms
from energy_grid.domain.signed_orders import compact

__all__ = ["hash_order", "settle_batch"]

_NOTHING = bytes(32)


def settle_batch(trading: EnergyTrading, batch: Batch, skip: bool) -> Call:
    """Trade every fill, all at one price; gives their number. Role: KEEPER.

    With ``skip`` invalid orders are skipped with all their fills and reported as events; otherwise
    the whole batch reverts.

    Raises:
        MalformedOrderError: a signature of a key is malformed.
    """
    signed: list[SignedOrderInput] = []
    confirmed: list[bytes] = []
    for order in batch.signed_orders:
        # Signatures of keys are in the compact form, those of contract wallets in a list.
        if order.by_contract:
            r, vs = len(confirmed).to_bytes(32, "big"), _NOTHING
            confirmed.append(order.signature)
        else:
            r, vs = compact(order.signature)
        signed.append(_signed(order.terms, order.nonce, r, vs))
    given = BatchInput(
        period=batch.period.kind,
        start=batch.period.start,
        price=batch.price,
        order_set=batch.order_set,
        signed_orders=tuple(signed),
        stored_orders=batch.stored_orders,
        fills=tuple(
            FillInput(buy=one.buy, sell=one.sell, amount=one.amount) for one in batch.fills
        ),
        contract_signatures=tuple(confirmed),
    )
    return trading.settle_batch(given, skip)


def hash_order(trading: EnergyTrading, terms: OrderTerms, nonce: int) -> bytes:
    """What a trader signs for an order, as the chain sees it: `signed_orders.order_hash`."""
    order = _signed(terms, nonce, _NOTHING, _NOTHING)
    return trading.hash_order(order, terms.period.kind, terms.period.start)


def _signed(terms: OrderTerms, nonce: int, r: bytes, vs: bytes) -> SignedOrderInput:
    return SignedOrderInput(
        trader=terms.trader,
        order_type=terms.order_type,
        amount=terms.amount,
        price=terms.price,
        expiry=terms.expiry,
        nonce=nonce,
        r=r,
        vs=vs,
    )
