"""Batches: orders of one delivery period that trade at one price."""

from __future__ import annotations

from dataclasses import dataclass

from energy_grid.domain.enums import Refusal
from energy_grid.domain.periods import Period
from energy_grid.domain.signed_orders import SignedOrder

__all__ = ["BATCH_IDS", "Batch", "Fill", "Refusal", "Refused"]


BATCH_IDS = 2**32
"""How far the transactions of one batch are from those of the next, by their numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """What a buyer gets of a seller, in Wh of the whole period; both by place: signed orders, then
    stored ones."""

    buy: int
    sell: int
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What a keeper sends.

    Attributes:
        price: money per kWh, of every fill.
        order_set: the root of the orders that were cleared, 32 bytes.
        signed_orders: ascending by trader (as a number), then by nonce.
        stored_orders: ids, ascending.
    """

    period: Period
    price: int
    order_set: bytes
    signed_orders: tuple[SignedOrder, ...]
    stored_orders: tuple[int, ...]
    fills: tuple[Fill, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """An order that was left out, or a fill of it: the number of a stored one, a hash else."""

    order_id: int
    reason: Refusal
