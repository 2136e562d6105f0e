"""Merkle roots: those of the standard form; no tree without leaves."""

from __future__ import annotations

import pytest
from eth_abi import encode
from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.domain.merkle import MerkleTreeError, merkle_root

ROWS = st.lists(
    st.tuples(st.binary(min_size=32, max_size=32), st.integers(0, 2**256 - 1)),
    min_size=1,
    max_size=40,
)
# `StandardMerkleTree.of(rows, ["bytes32", "uint256"]).root` of OpenZeppelin's merkle-tree 1.0.8,
# for rows (keccak256 of the number as text, the number).
VECTORS = {
    1: "88ce932b941ddd064fb06967a4efe50c6b30b09d10b7bfd454bffb8ec1f2163a",
    2: "a3668178e420f0888268b7f20eaaa7f6872bf3fbf0b0cd8db7fd9749680e81c8",
    3: "a49425cb20dace6115a39af9b67a158636afbbc7a04426b4921b4d70559a3960",
    5: "fa80dc8eb9b6120684fec40d7349f729465a423222f61a00963a14b3da2184c7",
    8: "5a83bdf95d8448ec7cd8f172f58fa40005237bec2bdd1127a327fc5d67e6436a",
    13: "1ca062808c72a9cba043d855002d096e7a4f73e29c13751593752a2ebaf1e2ca",
    1_000: "c55458c6ae7d1eb2b249020519789dd02a9befc46072abc0fc3aa0e7a00470a5",
}


def _model(rows: list[tuple[bytes, int]]) -> bytes:
    """The tree as OpenZeppelin describes it, node by node in its array; its root."""
    leaves = sorted(keccak(keccak(encode(("bytes32", "uint256"), row))) for row in rows)
    tree = [b""] * (len(leaves) - 1) + leaves[::-1]
    for node in reversed(range(len(leaves) - 1)):
        tree[node] = keccak(b"".join(sorted(tree[2 * node + 1 : 2 * node + 3])))
    return tree[0]


@given(ROWS)
def test_merkle_root__any_rows__is_that_of_the_standard_tree(rows: list[tuple[bytes, int]]) -> None:
    assert merkle_root(key + number.to_bytes(32) for key, number in rows) == _model(rows)
    assert merkle_root(key + number.to_bytes(32) for key, number in rows[::-1]) == _model(rows)


@pytest.mark.parametrize("count", VECTORS)
def test_merkle_root__vectors_of_openzeppelin__are_the_same(count: int) -> None:
    rows = (keccak(text=str(number)) + number.to_bytes(32) for number in range(count))
    assert merkle_root(rows).hex() == VECTORS[count]


def test_merkle_root__without_rows__is_refused() -> None:
    with pytest.raises(MerkleTreeError, match=r"^a tree needs at least one leaf$"):
        merkle_root([])
