"""The set of orders that a keeper has cleared, and its root, which the chain publishes.

The root is that of a Merkle tree in OpenZeppelin's standard form with a leaf (bytes32 order,
uint256 open Wh) for each order, traded or not; an on-chain order is given by its number, a signed
one by its hash. Anyone with the orders can compute it, clear them again and compare.

The seed decides which of several orders with one limit gets the last indivisible Wh. It is the hash
of a block that came after the set was closed: no trader knows it while it can still sign. The
keeper does, once that block is there, and can wait for another one or drop an order. What that can
gain is less than 1 Wh per slot and order at one limit, since the rest is shared pro rata.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from energy_grid.domain.batch import Refusal
from energy_grid.domain.batch_clearing import OpenOrder
from energy_grid.domain.merkle import merkle_root
from energy_grid.domain.periods import Period

__all__ = ["Dropped", "OrderSet", "Seed", "root_of"]

_WORD = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """An order that cannot trade, and the reason."""

    order: OpenOrder
    reason: Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """A block that came after a set was closed, and its hash of 32 bytes."""

    block: int
    hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSet:
    """What a keeper publishes of one clearing.

    Attributes:
        price: money per kWh of all trades, as they were cleared first.
        root: of ``orders``, each with its open Wh when they were cleared.
        seed: which decided over what orders of one limit could not share.
        dropped: orders that the chain rejects; those rejected before the clearing are in no leaf.
    """

    period: Period
    price: int
    root: bytes
    seed: Seed
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
