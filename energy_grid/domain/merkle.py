"""Merkle trees whose pairs are hashed in sorted order, as OpenZeppelin's MerkleProof does.

`merkle_root` is that of OpenZeppelin's standard tree, which its contracts and its JavaScript
verify. A leaf is keccak256(keccak256(abi.encode(values))): hashed twice, so that no inner node can
pass for one. Leaves are sorted by hash, and a node is the hash of its two children, the lower one
first. Seen from the end of the tree's array, the leaves come first, and each next node is the hash
of the next two entries, so one list is read in pairs while it is appended to.

`leaf_tree` keeps the order of its records. A leaf is hashed once, so no record may have the 64
bytes of a pair: it could pass for one. A node without a neighbour moves up unchanged:

    root            h(h(a, b), c)
                    /           |
    level 1     h(a, b)         c        h: keccak256 of both, the lower one first
                /     |         |
    level 0     a     b         c        keccak256 of each record

Keccak is the cost of it all. The library that web3 brings (pycryptodome) needs ten times as long
for 64 bytes as the one used here (safe-pysha3).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sha3 import keccak_256

from energy_grid.domain.hashing import keccak
from energy_grid.errors import DomainError

__all__ = [
    "LeafTree",
    "MerkleTreeError",
    "leaf_tree",
    "merkle_proof",
    "merkle_root",
    "root_of_proof",
]

_PAIR_BYTES = 64


class MerkleTreeError(DomainError):
    """A tree without leaves, a place without a leaf, or a leaf that could pass for a pair."""


@dataclass(frozen=True, slots=True)
class LeafTree:
    """An ordered tree; `leaf_tree` makes it.

    Attributes:
        levels: its nodes from the leaves to the root, 32 bytes each.
    """

    levels: tuple[tuple[bytes, ...], ...]

    @property
    def nodes(self) -> tuple[bytes, ...]:
        """The hashes of the records, in their order."""
        return self.levels[0]

    @property
    def root(self) -> bytes:
        """32 bytes."""
        return self.levels[-1][0]

    def proof(self, place: int) -> tuple[bytes, ...]:
        """What `root_of_proof` needs of the others, from the leaf's neighbour upwards.

        Args:
            place: counted from 0.

        Raises:
            MerkleTreeError: no leaf is there.
        """
        if not 0 <= place < len(self.nodes):
            raise MerkleTreeError(f"there is no leaf {place}: the tree has {len(self.nodes)}")
        levels = ((level, (place >> height) ^ 1) for height, level in enumerate(self.levels))
        return tuple(level[neighbour] for level, neighbour in levels if neighbour < len(level))


def leaf_tree(records: Iterable[bytes]) -> LeafTree:
    """The tree of records in their order.

    Raises:
        MerkleTreeError: no records, or one of 64 bytes.
    """
    nodes = tuple(map(_node, records))
    if not nodes:
        raise MerkleTreeError("a tree needs at least one leaf")
    levels = [nodes]
    while len(nodes) > 1:
        nodes = tuple(_pair(nodes[at : at + 2]) for at in range(0, len(nodes), 2))
        levels.append(nodes)
    return LeafTree(tuple(levels))


def root_of_proof(record: bytes, proof: Iterable[bytes]) -> bytes:
    """The root that a record and its proof lead to, as `MerkleProof.processProof` finds it.

    Raises:
        MerkleTreeError: a record of 64 bytes.
    """
    node = _node(record)
    for neighbour in proof:
        node = _pair((node, neighbour))
    return node


def _node(record: bytes) -> bytes:
    if len(record) == _PAIR_BYTES:
        raise MerkleTreeError(f"a record of {_PAIR_BYTES} bytes could pass for a pair of nodes")
    return keccak(record)


def _pair(nodes: Sequence[bytes]) -> bytes:
    return keccak(b"".join(sorted(nodes))) if len(nodes) == 2 else nodes[0]


def merkle_root(rows: Iterable[bytes]) -> bytes:
    """The root of the tree of some rows, each as abi.encode gives it; equal rows are allowed.

    Raises:
        MerkleTreeError: no rows.
    """
    return _standard_nodes(rows)[-1]


def merkle_proof(rows: Sequence[bytes], row: bytes) -> tuple[bytes, ...]:
    """What OpenZeppelin's `MerkleProof` needs to find `merkle_root` from a row of it; the record of
    `root_of_proof` is then the row's Keccak-256.

    Raises:
        MerkleTreeError: the row is none of these.
    """
    nodes = _standard_nodes(rows)
    leaf, count = keccak(keccak(row)), len(rows)
    if leaf not in nodes[:count]:
        raise MerkleTreeError("the row is not in the tree")
    at, proof = nodes.index(leaf), []
    while at < len(nodes) - 1:
        proof.append(nodes[at ^ 1])
        at = count + at // 2
    return tuple(proof)


def _standard_nodes(rows: Iterable[bytes]) -> list[bytes]:
    nodes: list[bytes] = sorted(keccak_256(keccak_256(row).digest()).digest() for row in rows)
    if not nodes:
        raise MerkleTreeError("a tree needs at least one leaf")
    append, children = nodes.append, iter(nodes)
    # The list grows in front of its own iterator; the root stays without a second one.
    for low, high in zip(children, children, strict=False):
        append(keccak_256(low + high if low < high else high + low).digest())
    return nodes
