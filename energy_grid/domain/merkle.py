"""The root of a Merkle tree in OpenZeppelin's standard form, which its contracts and its JavaScript
verify.

A leaf is keccak256(keccak256(abi.encode(values))): hashed twice, so that no inner node can pass
for one. Leaves are sorted by hash, and a node is the hash of its two children, the lower one
first. Seen from the end of the tree's array, the leaves come first, and each next node is the hash
of the next two entries, so one list is read in pairs while it is appended to.

Keccak is the cost of it all. The library that web3 brings (pycryptodome) needs ten times as long
for 64 bytes as the one used here (safe-pysha3).
"""

from __future__ import annotations

from collections.abc import Iterable

from sha3 import keccak_256

from energy_grid.errors import DomainError

__all__ = ["MerkleTreeError", "merkle_root"]


class MerkleTreeError(DomainError):
    """A tree without leaves."""


def merkle_root(rows: Iterable[bytes]) -> bytes:
    """The root of the tree of some rows, each as abi.encode gives it; equal rows are allowed.

    Raises:
        MerkleTreeError: no rows.
    """
    nodes: list[bytes] = sorted(keccak_256(keccak_256(row).digest()).digest() for row in rows)
    if not nodes:
        raise MerkleTreeError("a tree needs at least one leaf")
    append, children = nodes.append, iter(nodes)
    # The list grows in front of its own iterator; the root stays without a second one.
    for low, high in zip(children, children, strict=False):
        append(keccak_256(low + high if low < high else high + low).digest())
    return nodes[-1]
