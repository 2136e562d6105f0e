"""Merkle trees in OpenZeppelin's standard form, which its contracts and its JavaScript verify.

A leaf is keccak256(keccak256(abi.encode(values))): hashed twice, so that no inner node can pass
for one. Leaves are sorted by hash, and a node is the hash of its two children, the lower one
first, so that a proof needs no directions. The tree is complete and lies in one array, the root
first; the children of node i are 2i + 1 and 2i + 2.

How it is built: seen from the array's end, the leaves come first, and each next node is the hash
of the next two entries, so one list is read in pairs while it is appended to. What is kept is
32 bytes a node and 8 for a leaf's place, 72 bytes a leaf beside the rows; building takes 430 at
its peak (430 MB for a million leaves).

Keccak is the cost of it all. The library that web3 brings (pycryptodome) needs ten times as long
for 64 bytes as the one used here (safe-pysha3).
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sha3 import keccak_256

from energy_grid.errors import DomainError

__all__ = [
    "NODE_LINE",
    "VALUES_LINE",
    "MerkleTree",
    "MerkleTreeError",
    "dump_head",
    "leaf_hash",
    "siblings",
    "verify",
]

# Lines of a dump: the length of a node's, and what is between nodes and values.
NODE_LINE = len(f'"0x{"0" * 64}",\n')
VALUES_LINE = '], "values": [\n'
_HASH = 32
_ADDRESS_DIGITS, _ADDRESS_PADDING = 42, "0" * 24

Encoder = Callable[[Any], bytes]


class MerkleTreeError(DomainError):
    """Values that cannot be leaves, or a tree that cannot be."""


@dataclass(frozen=True, slots=True, eq=False)
class MerkleTree:
    """A tree with the values that its leaves were made of.

    Attributes:
        types: ABI types of the values of a row: address, bytes32, uint256.
        rows: the values, in the order given.
        nodes: all hashes, 32 bytes each, the root first.
        places: where in the array each row's leaf is.
    """

    types: tuple[str, ...]
    rows: Sequence[Sequence[object]]
    nodes: bytes
    places: array[int]

    @classmethod
    def of(cls, rows: Sequence[Sequence[object]], types: tuple[str, ...]) -> MerkleTree:
        """The tree of some rows; they are kept, not copied.

        Addresses are hex text with 0x, integers int, bytes32 bytes. Equal rows are allowed.

        Raises:
            MerkleTreeError: no rows, or a value that its type cannot hold.
        """
        if not rows:
            raise MerkleTreeError("a tree needs at least one leaf")
        encode = _row_encoder(types)
        hashes = [keccak_256(keccak_256(encode(row)).digest()).digest() for row in rows]
        order = sorted(range(len(hashes)), key=hashes.__getitem__)
        places = array("q", bytes(8 * len(hashes)))
        for place, index in enumerate(reversed(order), len(hashes) - 1):
            places[index] = place
        nodes = [hashes[index] for index in order]
        append, children = nodes.append, iter(nodes)
        # The list grows in front of its own iterator; the root stays without a second one.
        for low, high in zip(children, children, strict=False):
            append(keccak_256(low + high if low < high else high + low).digest())
        nodes.reverse()
        return cls(types=types, rows=rows, nodes=b"".join(nodes), places=places)

    @property
    def root(self) -> bytes:
        """The hash that stands for all leaves."""
        return self.nodes[:_HASH]

    def proof(self, index: int) -> tuple[bytes, ...]:
        """The hashes beside the path from a row's leaf up to the root.

        Raises:
            MerkleTreeError: there is no such row.
        """
        if not 0 <= index < len(self.places):
            raise MerkleTreeError(f"no row {index}: there are {len(self.places)}")
        nodes = self.nodes
        return tuple(
            nodes[_HASH * place : _HASH * (place + 1)]
            for place in siblings(int(self.places[index]))
        )

    def dump(self) -> Iterator[str]:
        """The whole tree as JSON that OpenZeppelin's JavaScript loads, line by line.

        The head, each node and each value have a line of their own, those of the nodes are all
        `NODE_LINE` characters long: whoever knows that need not read it all.
        """
        yield dump_head(self.types)
        last = len(self.nodes) - _HASH
        for start in range(0, last + 1, _HASH):
            comma = "," if start < last else " "
            yield f'"0x{self.nodes[start : start + _HASH].hex()}"{comma}\n'
        yield VALUES_LINE
        places = self.places.tolist()
        for index, row in enumerate(self.rows, 1):
            comma = "," if index < len(places) else ""
            yield f'{{"value": [{_listed(row)}], "treeIndex": {places[index - 1]}}}{comma}\n'
        yield "]}\n"


def dump_head(types: tuple[str, ...]) -> str:
    """The first line of a dump."""
    return f'{{"format": "standard-v1", "leafEncoding": [{_listed(types)}], "tree": [\n'


def siblings(place: int) -> list[int]:
    """Places of the nodes that make up the proof of the leaf at a place, from it upwards."""
    beside = []
    while place:
        beside.append(place - 1 if place % 2 == 0 else place + 1)
        place = (place - 1) // 2
    return beside


def leaf_hash(row: Sequence[object], types: tuple[str, ...]) -> bytes:
    """The leaf of one row.

    Raises:
        MerkleTreeError: a value that its type cannot hold.
    """
    leaf: bytes = keccak_256(keccak_256(_row_encoder(types)(row)).digest()).digest()
    return leaf


def verify(root: bytes, leaf: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the proof leads from the leaf to the root."""
    node = leaf
    for other in proof:
        node = keccak_256(node + other if node < other else other + node).digest()
    return node == root


def _row_encoder(types: tuple[str, ...]) -> Callable[[Sequence[object]], bytes]:
    """What encodes a row as abi.encode does, where every type is one word."""
    encoders = [_encoder(each) for each in types]

    def encode(row: Sequence[object]) -> bytes:
        try:
            return b"".join([one(value) for one, value in zip(encoders, row, strict=True)])
        except (OverflowError, TypeError, ValueError):
            raise MerkleTreeError(f"no leaf ({', '.join(types)}): {tuple(row)!r}") from None

    return encode


def _encoder(kind: str) -> Encoder:
    if kind == "address":
        return _address
    if kind == "bytes32":
        return _bytes32
    if kind == "uint256":
        # Refuses by itself what is no integer, negative or too large.
        return partial(int.to_bytes, length=_HASH, byteorder="big")
    raise MerkleTreeError(f"no leaf has a {kind!r}: only address, bytes32 and uint256")


def _address(value: str) -> bytes:
    word = bytes.fromhex(_ADDRESS_PADDING + value[2:])
    if len(word) != _HASH or len(value) != _ADDRESS_DIGITS or value[:2] != "0x":
        raise ValueError(value)
    return word


def _bytes32(value: bytes) -> bytes:
    if not isinstance(value, bytes) or len(value) != _HASH:
        raise ValueError(value)
    return value


def _listed(values: Sequence[object]) -> str:
    """Values as JavaScript reads them: as text, its numbers are too small for most integers."""
    return ", ".join(
        f'"0x{value.hex()}"' if isinstance(value, bytes) else f'"{value}"' for value in values
    )
