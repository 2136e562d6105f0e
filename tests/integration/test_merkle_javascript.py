"""Our Merkle trees and those of OpenZeppelin's JavaScript library are the same."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from energy_grid.demo.seeded_random import draw_bytes
from energy_grid.domain.merkle import MerkleTree, leaf_hash, verify

Row = tuple[object, ...]
# Of an anchored reading, and of an order set.
READING = ("address", "uint256", "uint256", "uint256", "bytes32")
ORDER = ("bytes32", "uint256")


def _readings(count: int) -> list[Row]:
    """Accounts in mixed, lower and upper case are the same to an encoder of addresses."""
    rows: list[Row] = [
        ("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266", 0, 0, 2**256 - 1, bytes(32)),
        ("0x" + "0" * 40, 2**255, 10**30, 1, b"\xff" * 32),
    ]
    for number in range(count):
        account = "0x" + draw_bytes(1, "account", number)[:20].hex()
        rows.append((account, 473_000, number, 7 * number, draw_bytes(1, "salt", number)))
    return rows[:count]


def _orders(count: int) -> list[Row]:
    return [(draw_bytes(2, number), number % 5) for number in range(count)]


@pytest.mark.parametrize(
    ("rows_of", "types", "count"),
    [(_readings, READING, count) for count in (1, 2, 3, 5, 8, 1000)] + [(_orders, ORDER, 13)],
)
def test_merkle_tree__in_javascript__is_loaded_built_and_proven_alike(
    rows_of: Any, types: tuple[str, ...], count: int
) -> None:
    rows = rows_of(count)
    tree = MerkleTree.of(rows, types)
    proofs = [tree.proof(index) for index in range(count)]
    reply = _javascript(
        {
            "types": types,
            "rows": [[_plain(value) for value in row] for row in rows],
            "dump": "".join(tree.dump()),
            "proofs": [[_plain(node) for node in proof] for proof in proofs],
        }
    )
    root = "0x" + tree.root.hex()
    assert (reply["loadedRoot"], reply["builtRoot"]) == (root, root)
    assert reply["verified"] == [True] * count
    # The proof of a tree's only leaf is empty, and nothing can be left out of it.
    assert reply["withoutLast"] == [count == 1] * count
    theirs = [tuple(bytes.fromhex(node[2:]) for node in proof) for proof in reply["builtProofs"]]
    assert theirs == proofs
    assert reply["loadedProofs"] == reply["builtProofs"]
    for row, proof in zip(rows, theirs, strict=True):
        assert verify(tree.root, leaf_hash(row, types), proof)
    assert json.loads("".join(tree.dump())) == reply["built"]


def _plain(value: object) -> str:
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)


def _javascript(given: dict[str, Any]) -> dict[str, Any]:
    script = Path(__file__).with_name("merkle_tree.cjs")
    done = subprocess.run(
        ["node", str(script)], input=json.dumps(given), capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    reply: dict[str, Any] = json.loads(done.stdout)
    return reply
