"""Readings of a slot: salts, leaves and root; proofs read in pieces; what is refused."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.demo.seeded_random import draw_bytes
from energy_grid.domain.merkle import NODE_LINE, MerkleTree, leaf_hash, verify
from energy_grid.errors import DomainError, InputError
from energy_grid.market.anchoring import (
    LEAF_TYPES,
    MAX_WH,
    ProofsFile,
    ReadingsError,
    SlotProof,
    is_proofs_file,
    parse_secret,
    read_readings,
    salt_of,
    tree_of,
)

SECRET = b"the secret of a gateway in tests"
SLOT = 473_352
TITLES = "account,produced_wh,consumed_wh\n"
ACCOUNT = "0x" + "ab" * 20
ENERGY = st.integers(0, MAX_WH)
READINGS = st.dictionaries(
    st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex()),
    st.tuples(ENERGY, ENERGY),
    min_size=1,
    max_size=20,
)

Reading = tuple[str, int, int]


def _readings(count: int) -> list[Reading]:
    return [("0x" + draw_bytes(1, place)[:20].hex(), place, 2 * place) for place in range(count)]


def _content(count: int) -> bytes:
    return "".join(tree_of(_readings(count), SLOT, SECRET).dump()).encode()


# Salts


def test_salt__is_an_hmac_of_account_and_slot() -> None:
    message = b"energy-grid/slot-salt/" + b"\xab" * 20 + (SLOT).to_bytes(8, "big")
    expected = hmac.new(SECRET, message, hashlib.sha256).digest()
    assert salt_of(SECRET, ACCOUNT, SLOT) == expected
    assert salt_of(SECRET, ACCOUNT.upper().replace("X", "x"), SLOT) == expected


def test_salt__of_another_account_slot_or_secret__is_another() -> None:
    others = [
        salt_of(SECRET, ACCOUNT, SLOT),
        salt_of(SECRET, ACCOUNT, SLOT + 1),
        salt_of(SECRET, "0x" + "cd" * 20, SLOT),
        salt_of(SECRET[::-1], ACCOUNT, SLOT),
    ]
    assert len(set(others)) == len(others)


@pytest.mark.parametrize("text", ["11" * 32, "0x" + "11" * 32 + "\n", f" {'1A' * 40} "])
def test_parse_secret__digits_of_32_bytes_or_more__are_one(text: str) -> None:
    assert parse_secret(text) == bytes.fromhex(text.strip().removeprefix("0x"))


@pytest.mark.parametrize("text", ["", "11" * 31, "11" * 32 + "1", "xy" * 32, "0x0x" + "11" * 32])
def test_parse_secret__anything_else__is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(ReadingsError) as refusal:
        parse_secret(text)
    assert str(refusal.value) == "a secret has 32 bytes or more, in hexadecimal digits"


# Trees


@given(READINGS)
def test_tree_of__any_readings__has_the_leaf_that_the_contract_hashes(
    energies: dict[str, tuple[int, int]],
) -> None:
    readings = [(account, *each) for account, each in energies.items()]
    tree = tree_of(iter(readings), SLOT, SECRET)
    for place, (account, produced, consumed) in enumerate(readings):
        leaf = (account, SLOT, produced, consumed, salt_of(SECRET, account, SLOT))
        assert verify(tree.root, leaf_hash(leaf, LEAF_TYPES), tree.proof(place))
    assert tree_of(reversed(readings), SLOT, SECRET).root == tree.root
    other = (readings[0][0], readings[0][1], readings[0][2] ^ 1)
    assert tree_of([other, *readings[1:]], SLOT, SECRET).root != tree.root


@pytest.mark.parametrize(
    ("readings", "says"),
    [
        ([], "there are no readings"),
        ([(ACCOUNT, 1, 2), (ACCOUNT, 3, 4)], f"{ACCOUNT} has two readings"),
        ([(ACCOUNT, 1, 2), (ACCOUNT.replace("a", "A"), 1, 2)], f"{ACCOUNT} has two readings"),
        ([(ACCOUNT, -1, 0)], f"{ACCOUNT} cannot have produced -1 Wh: 0 to 2147483647"),
        ([(ACCOUNT, 0, -1)], f"{ACCOUNT} cannot have consumed -1 Wh: 0 to 2147483647"),
        ([(ACCOUNT, 2**31, 0)], f"{ACCOUNT} cannot have produced 2147483648 Wh: 0 to 2147483647"),
        ([(ACCOUNT, 0, 2**31)], f"{ACCOUNT} cannot have consumed 2147483648 Wh: 0 to 2147483647"),
        ([("0x12", 0, 0)], "'0x12' is not an account: write 0x and 40 digits"),
        ([("x" * 99, 0, 0)], f"'{'x' * 50}' is not an account: write 0x and 40 digits"),
    ],
)
def test_tree_of__what_cannot_be_anchored__is_refused_in_one_line(
    readings: list[Reading], says: str
) -> None:
    with pytest.raises(ReadingsError) as refusal:
        tree_of(readings, SLOT, SECRET)
    assert str(refusal.value) == says


def test_tree_of__most_energy_and_none__are_allowed() -> None:
    assert len(tree_of([(ACCOUNT, MAX_WH, 0), ("0x" + "0" * 40, 0, MAX_WH)], 0, SECRET).rows) == 2


@pytest.mark.parametrize("slot", [-1, 2**32])
def test_tree_of__no_slot__is_refused(slot: int) -> None:
    with pytest.raises(DomainError, match="slot"):
        tree_of(_readings(1), slot, SECRET)


def test_tree_of__short_secret__is_refused() -> None:
    with pytest.raises(DomainError, match=r"^a secret has 32 bytes or more, not 31$"):
        tree_of(_readings(1), SLOT, SECRET[1:])


# Rows


def test_read_readings__rows__are_read() -> None:
    rows = [
        "\ufeffaccount, produced_wh,consumed_wh\n",
        f"{ACCOUNT},0,4294967295\n",
        "\n",
        "x, 7 ,8",
    ]
    assert list(read_readings(rows)) == [(ACCOUNT, 0, 4294967295), ("x", 7, 8)]
    named = read_readings(rows, {"x": "0x" + "cd" * 20}.__getitem__)
    assert list(named)[1] == ("0x" + "cd" * 20, 7, 8)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([], "line 1 must be account,produced_wh,consumed_wh"),
        (["account,produced_wh\n"], "line 1 must be account,produced_wh,consumed_wh"),
        ([f"{ACCOUNT},1,2\n"], "line 1 must be account,produced_wh,consumed_wh"),
        ([TITLES, f"{ACCOUNT},1\n"], "line 2 has 2 columns, not 3"),
        ([TITLES, f"{ACCOUNT},1,2,3\n"], "line 2 has 4 columns, not 3"),
        (
            [TITLES, f"{ACCOUNT},1,2\n", f"{ACCOUNT},-1,2\n"],
            "line 3: '-1' is not an energy in whole Wh",
        ),
        ([TITLES, f"{ACCOUNT},1,2.5\n"], "line 2: '2.5' is not an energy in whole Wh"),
        ([TITLES, f"{ACCOUNT},,2\n"], "line 2: '' is not an energy in whole Wh"),
        (
            [TITLES, f"{ACCOUNT},{'9' * 5000},2\n"],
            f"line 2: '{'9' * 50}' is not an energy in whole Wh",
        ),
        ([TITLES, f"{ACCOUNT},\u0661,2\n"], "line 2: '\u0661' is not an energy in whole Wh"),
        ([TITLES, f"{ACCOUNT},nan,2\n"], "line 2: 'nan' is not an energy in whole Wh"),
        ([TITLES, "bob,1,2\n"], "line 2: nobody is 'bob'"),
        ([TITLES, f"{ACCOUNT},1,2\n", '"open'], "line 4: unexpected end of data"),
    ],
)
def test_read_readings__what_is_no_reading__is_refused_with_its_line(
    rows: list[str], says: str
) -> None:
    def nobody(word: str) -> str:
        raise InputError(f"nobody is {word!r}")

    with pytest.raises(ReadingsError) as refusal:
        list(read_readings(rows, nobody))
    assert str(refusal.value) == says


def test_read_readings__bytes_that_are_no_text__are_refused(tmp_path: Path) -> None:
    file = tmp_path / "readings.csv"
    file.write_bytes(TITLES.encode() + b"\xff\xfe,1,2\n")
    with file.open(encoding="utf-8", newline="") as lines, pytest.raises(ReadingsError) as refusal:
        list(read_readings(lines))
    assert "can't decode byte 0xff" in str(refusal.value)


# Files of proofs


@pytest.mark.parametrize("count", [1, 2, 3, 50])
def test_proofs_file__every_proof__holds_and_is_found(count: int, tmp_path: Path) -> None:
    readings = _readings(count)
    tree = tree_of(readings, SLOT, SECRET)
    path = tmp_path / "proofs.json"
    path.write_text("".join(tree.dump()))
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
        assert is_proofs_file(content)
        proofs = ProofsFile(content)
        assert (proofs.root, proofs.count) == (tree.root, count)
        for place, (one, (account, produced, consumed)) in enumerate(
            zip(proofs, readings, strict=True)
        ):
            assert one.holds
            assert (one.account, one.slot, one.root) == (account, SLOT, tree.root)
            assert (one.reading.produced, one.reading.consumed) == (produced, consumed)
            assert one.reading.salt == salt_of(SECRET, account, SLOT)
            assert one.reading.proof == tree.proof(place)
            assert proofs.proof_of(account) == one
        other = readings[-1][0].upper().replace("X", "x")
        assert proofs.proof_of(other).account == readings[-1][0]


def test_proofs_file__unknown_account__is_refused() -> None:
    proofs = ProofsFile(_content(3))
    with pytest.raises(ReadingsError, match=f"^it has no reading of {ACCOUNT}$"):
        proofs.proof_of(ACCOUNT)
    # Digits that stand elsewhere in a line are no account.
    salt = "0x" + salt_of(SECRET, _readings(3)[0][0], SLOT).hex()
    with pytest.raises(ReadingsError, match=r"^it has no reading of 0x"):
        proofs.proof_of(salt[:42])


def _without(start: int, count: int) -> Callable[[bytes], bytes]:
    return lambda content: content[:start] + content[start + count :]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda _: b"", "it is no file of a gateway's proofs"),
        (lambda _: b"{}\n", "it is no file of a gateway's proofs"),
        (lambda content: b" " + content, "it is no file of a gateway's proofs"),
        (lambda content: content.replace(b"standard", b"simplest"), "it is no file of a gateway"),
        (_without(200, NODE_LINE), "it is damaged: nodes of its tree are missing"),
        (_without(200, 1), "it is damaged: nodes of its tree are missing"),
        (lambda content: content.replace(b'"values"', b'"others"'), "it is damaged: nodes of its"),
        (lambda content: content.replace(b'"0x', b'"0X', 1), "it is damaged: there is no node 0"),
    ],
)
def test_proofs_file__damaged_or_something_else__is_refused(
    change: Callable[[bytes], bytes], says: str
) -> None:
    with pytest.raises(ReadingsError) as refusal:
        ProofsFile(change(_content(3)))
    assert str(refusal.value).startswith(says)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"treeIndex": ', b'"treeIndex": 1'),
        (b'"treeIndex": ', b'"treeIndex": -'),
        (b'"treeIndex": ', b'"treeIndex": 9999999999999999999999'),
        (b'"treeIndex": ', b'"treeIndes": '),
        (b'{"value": ["0x', b'{"value": ["0y'),
        (b'"473352"', b'"473353"'),
        (b'"473352"', b'"-1"'),
        (b'"473352", ', b""),
        (b'{"value": [', b'{"value": [['),
    ],
)
def test_proofs_file__a_damaged_line__gives_no_proof(old: bytes, new: bytes) -> None:
    head, sign, values = _content(3).partition(b'"values"')
    proofs = ProofsFile(head + sign + values.replace(old, new, 1))
    with pytest.raises(ReadingsError, match=r"^it is damaged"):
        list(proofs)


def test_proofs_file__a_damaged_node__gives_no_proof_over_it() -> None:
    content = _content(4)
    start = content.index(b'"0x') + 3 * NODE_LINE + 10
    digit = b"0" if content[start : start + 1] != b"0" else b"1"
    proofs = ProofsFile(content[:start] + digit + content[start + 1 :])
    output = []
    for account, *_ in _readings(4):
        try:
            output.append(str(proofs.proof_of(account).holds))
        except ReadingsError as refusal:
            output.append(str(refusal))
    # The damaged leaf is its sibling's proof; its own proof is made from the values.
    output.sort()
    assert output[:3] == ["True"] * 3
    assert output[3].endswith("does not lead to its root")


# A household's proof


@pytest.fixture
def proof() -> SlotProof:
    return ProofsFile(_content(5)).proof_of(_readings(5)[2][0])


def test_slot_proof__written_and_read__is_the_same(proof: SlotProof) -> None:
    text = json.dumps(proof.as_document())
    assert SlotProof.parse(text) == proof
    assert len(text) < 1000


def test_slot_proof__account_in_capitals__is_the_same(proof: SlotProof) -> None:
    capitals = proof.account.upper().replace("X", "x")
    assert SlotProof.parse(json.dumps(proof.as_document() | {"account": capitals})) == proof


def test_slot_proof__of_something_else__does_not_hold(proof: SlotProof) -> None:
    assert proof.holds
    assert not replace(proof, slot=SLOT + 1).holds
    assert not replace(proof, account=ACCOUNT).holds
    assert not replace(proof, root=bytes(32)).holds
    assert not replace(proof, reading=replace(proof.reading, produced=9)).holds
    assert not replace(proof, reading=replace(proof.reading, consumed=9)).holds
    assert not replace(proof, reading=replace(proof.reading, salt=bytes(32))).holds
    assert not replace(proof, reading=replace(proof.reading, proof=())).holds


@pytest.mark.parametrize(
    "change",
    [
        {"format": "energy-grid/slot-proof-2"},
        {"account": "0x12"},
        {"account": None},
        {"account": 7},
        {"slot": -1},
        {"slot": 2**32},
        {"slot": "473352"},
        {"slot": 1.5},
        {"slot": float("nan")},
        {"produced_wh": -1},
        {"produced_wh": 2**31},
        {"consumed_wh": "5"},
        {"consumed_wh": None},
        {"salt": "0x"},
        {"salt": "0x" + "0" * 63 + "g"},
        {"salt": 5},
        {"root": "00" * 32},
        {"proof": None},
        {"proof": "0x"},
        {"proof": ["0x" + "00" * 31]},
        {"proof": ["0x" + "00" * 32] * 65},
        {"proof": {"a": 1}},
    ],
)
def test_parse__what_is_no_proof__is_refused(proof: SlotProof, change: dict[str, Any]) -> None:
    with pytest.raises(ReadingsError, match=r"^this is not a proof of an account's slot$"):
        SlotProof.parse(json.dumps(proof.as_document() | change))


@pytest.mark.parametrize("text", ["", "{}", "[]", "7", "null", "[" * 100_000, '{"format": []}'])
def test_parse__other_text__is_refused(text: str) -> None:
    with pytest.raises(ReadingsError, match=r"^this is not a proof of an account's slot$"):
        SlotProof.parse(text)


def test_parse__a_proof_that_does_not_hold__is_refused(proof: SlotProof) -> None:
    document = proof.as_document() | {"produced_wh": 3}
    with pytest.raises(ReadingsError) as refusal:
        SlotProof.parse(json.dumps(document))
    assert str(refusal.value) == (
        f"its proof does not lead from the reading of {proof.account} to its root"
    )


def test_types__are_those_of_the_contract() -> None:
    assert LEAF_TYPES == ("address", "uint256", "uint256", "uint256", "bytes32")
    assert MerkleTree.of([(ACCOUNT, 1, 2, 3, bytes(32))], LEAF_TYPES).root == leaf_hash(
        (ACCOUNT, 1, 2, 3, bytes(32)), LEAF_TYPES
    )
