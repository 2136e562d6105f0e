"""Merkle trees: the standard form, proofs of every leaf and of nothing else, what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from eth_abi import encode
from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.domain.merkle import (
    NODE_LINE,
    MerkleTree,
    MerkleTreeError,
    leaf_hash,
    siblings,
    verify,
)

TYPES = ("address", "uint256", "bytes32")
ACCOUNT = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
ADDRESSES = st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex())
ROWS = st.lists(
    st.tuples(ADDRESSES, st.integers(0, 2**256 - 1), st.binary(min_size=32, max_size=32)),
    min_size=1,
    max_size=40,
)

Rows = list[tuple[str, int, bytes]]


def _model(rows: Rows) -> list[bytes]:
    """The tree as OpenZeppelin describes it, from the generic encoder, node by node."""
    leaves = sorted(keccak(keccak(encode(TYPES, row))) for row in rows)
    tree = [b""] * (len(leaves) - 1) + leaves[::-1]
    for node in reversed(range(len(leaves) - 1)):
        tree[node] = keccak(b"".join(sorted(tree[2 * node + 1 : 2 * node + 3])))
    return tree


def _rows(count: int) -> Rows:
    return [("0x" + f"{number:040x}", number, keccak(text=str(number))) for number in range(count)]


@given(ROWS)
def test_merkle_tree__any_rows__is_the_standard_tree(rows: Rows) -> None:
    tree, model = MerkleTree.of(rows, TYPES), _model(rows)
    assert tree.nodes == b"".join(model)
    assert tree.root == model[0]
    for row, place in zip(rows, tree.places.tolist(), strict=True):
        assert model[place] == leaf_hash(row, TYPES) == keccak(keccak(encode(TYPES, row)))
    assert len(set(tree.places.tolist())) == len(rows)


@given(ROWS, st.data())
def test_proof__any_row__leads_from_its_leaf_alone_to_the_root(
    rows: Rows, data: st.DataObject
) -> None:
    tree = MerkleTree.of(rows, TYPES)
    index = data.draw(st.integers(0, len(rows) - 1))
    leaf, proof = leaf_hash(rows[index], TYPES), tree.proof(index)
    assert verify(tree.root, leaf, proof)
    other = data.draw(st.binary(min_size=32, max_size=32).filter(lambda other: other != leaf))
    assert not verify(tree.root, other, proof)
    assert not verify(tree.root, leaf, (*proof, other))
    for at in range(len(proof)):
        assert not verify(tree.root, leaf, (*proof[:at], other, *proof[at + 1 :])) or (
            proof[at] == other
        )
        assert not verify(tree.root, leaf, proof[:at] + proof[at + 1 :])


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7, 8, 9, 100])
def test_proof__every_row_of_a_tree__holds(count: int) -> None:
    rows = _rows(count)
    tree = MerkleTree.of(rows, TYPES)
    proofs = [tree.proof(index) for index in range(count)]
    assert all(
        verify(tree.root, leaf_hash(row, TYPES), proof)
        for row, proof in zip(rows, proofs, strict=True)
    )
    assert {len(proof) for proof in proofs} <= {(count - 1).bit_length(), count.bit_length() - 1}


def test_proof__inner_node_as_a_leaf__is_never_that_of_a_row() -> None:
    tree = MerkleTree.of(_rows(4), TYPES)
    inner, other = tree.nodes[32:64], tree.nodes[64:96]
    # The chain only checks leaves that it has hashed twice itself.
    assert verify(tree.root, inner, (other,))
    assert inner not in [leaf_hash(row, TYPES) for row in _rows(4)]


def test_merkle_tree__equal_rows__each_have_a_leaf() -> None:
    rows = [*_rows(2), *_rows(2), _rows(1)[0]]
    tree = MerkleTree.of(rows, TYPES)
    assert tree.nodes == b"".join(_model(rows))
    assert sorted(tree.places.tolist()) == [4, 5, 6, 7, 8]
    for index, row in enumerate(rows):
        assert verify(tree.root, leaf_hash(row, TYPES), tree.proof(index))


def test_merkle_tree__order_of_the_rows__changes_nothing_but_places() -> None:
    rows = _rows(20)
    tree, turned = MerkleTree.of(rows, TYPES), MerkleTree.of(rows[::-1], TYPES)
    assert tree.nodes == turned.nodes
    assert tree.places.tolist() == turned.places.tolist()[::-1]


def test_leaf_hash__address__is_the_same_in_any_case() -> None:
    expected = keccak(keccak(encode(["address"], [ACCOUNT])))
    assert leaf_hash((ACCOUNT,), ("address",)) == expected
    assert leaf_hash((ACCOUNT.lower(),), ("address",)) == expected


@pytest.mark.parametrize("index", [-1, 3, 2**70])
def test_proof__of_no_row__is_refused(index: int) -> None:
    with pytest.raises(MerkleTreeError, match=f"^no row {index}: there are 3$"):
        MerkleTree.of(_rows(3), TYPES).proof(index)


def test_merkle_tree__without_rows__is_refused() -> None:
    with pytest.raises(MerkleTreeError, match=r"^a tree needs at least one leaf$"):
        MerkleTree.of([], TYPES)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("address", ACCOUNT[2:]),
        ("address", "0X" + ACCOUNT[2:]),
        ("address", ACCOUNT[:-1]),
        ("address", ACCOUNT[:-2]),
        ("address", ACCOUNT + "00"),
        ("address", ACCOUNT[:-1] + "g"),
        ("address", ACCOUNT[:-2] + "  "),
        ("address", "  " + ACCOUNT[2:]),
        ("address", bytes(20)),
        ("address", None),
        ("uint256", -1),
        ("uint256", 2**256),
        ("uint256", 1.0),
        ("uint256", "1"),
        ("uint256", None),
        ("bytes32", bytes(31)),
        ("bytes32", bytes(33)),
        ("bytes32", "0x" + "00" * 32),
        ("bytes32", bytearray(32)),
        ("bytes32", 1),
    ],
)
def test_leaf_hash__what_its_type_cannot_hold__is_refused(kind: str, value: Any) -> None:
    with pytest.raises(MerkleTreeError, match=rf"^no leaf \({kind}\): \("):
        leaf_hash((value,), (kind,))
    with pytest.raises(MerkleTreeError, match=rf"^no leaf \({kind}\): \("):
        MerkleTree.of([(value,)], (kind,))


@pytest.mark.parametrize("row", [(), (1,), (1, 2, 3)])
def test_leaf_hash__another_number_of_values__is_refused(row: tuple[int, ...]) -> None:
    with pytest.raises(MerkleTreeError, match=r"^no leaf \(uint256, uint256\): \("):
        leaf_hash(row, ("uint256", "uint256"))


@pytest.mark.parametrize("kind", ["uint8", "int256", "string", "bytes", "uint256[]", "bytes31", ""])
def test_leaf_hash__other_types__are_refused(kind: str) -> None:
    with pytest.raises(MerkleTreeError, match=r"^no leaf has a .*: only address, bytes32 and"):
        leaf_hash((1,), (kind,))


@pytest.mark.parametrize("count", [1, 2, 7])
def test_dump__lines__are_head_nodes_and_values(count: int) -> None:
    rows = _rows(count)
    tree = MerkleTree.of(rows, TYPES)
    lines = list(tree.dump())
    document = json.loads("".join(lines))
    assert list(document) == ["format", "leafEncoding", "tree", "values"]
    assert (document["format"], document["leafEncoding"]) == ("standard-v1", list(TYPES))
    assert document["tree"] == ["0x" + node.hex() for node in _model(rows)]
    assert document["values"] == [
        {"value": [account, str(number), "0x" + salt.hex()], "treeIndex": place}
        for (account, number, salt), place in zip(rows, tree.places.tolist(), strict=True)
    ]
    nodes = 2 * count - 1
    assert len(lines) == 1 + nodes + 1 + count + 1
    assert all(line.endswith("\n") and line.count("\n") == 1 for line in lines)
    assert {len(line) for line in lines[1 : 1 + nodes]} == {NODE_LINE}


@pytest.mark.parametrize(
    ("place", "beside"), [(0, []), (1, [2]), (2, [1]), (5, [6, 1]), (6, [5, 1]), (12, [11, 6, 1])]
)
def test_siblings__are_beside_the_path_to_the_root(place: int, beside: list[int]) -> None:
    assert siblings(place) == beside
