"""The set of orders that a keeper has cleared, and its root, which the chain publishes.

The root is that of a Merkle tree in OpenZeppelin's standard form with a leaf (bytes32 order,
uint256 open Wh) for each order, traded or not; an on-chain order is given by its number, a signed
one by its hash. Anyone with the orders can compute it, clear them again and compare.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from energy_grid.domain.batch import Refusal
from energy_grid.domain.batch_clearing import OpenOrder
from energy_grid.domain.merkle import merkle_root
from energy_grid.domain.periods import Period

__all__ = ["Dropped", "OrderSet", "root_of"]

_WORD = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """An order that cannot trade, and the reason."""

    order: OpenOrder
    reason: Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSet:
    """What a keeper publishes of one clearing.

    Attributes:
        price: money per kWh of all trades, as they were cleared first.
        root: of ``orders``, each with its open Wh when they were cleared.
        dropped: orders that the chain rejects; those rejected before the clearing are in no leaf.
    """

    period: Period
    price: int
    root: bytes
    orders: tuple[OpenOrder, ...]
    dropped: tuple[Dropped, ...] = ()


def root_of(orders: Sequence[OpenOrder]) -> bytes:
    """The root of a set of orders, whatever their order.

    Raises:
        MerkleTreeError: there are none.
    """
    return merkle_root(
        order.id.to_bytes(_WORD, "big") + order.open_wh.to_bytes(_WORD, "big") for order in orders
    )
