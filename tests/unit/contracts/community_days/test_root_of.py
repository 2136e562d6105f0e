"""CommunityDays.rootOf: the bytes of leaves on the chain and in Python, and vectors of both."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_grid.domain.day_leaves import decode_leaves, split_leaves
from energy_grid.domain.leaf_errors import LeafError, LeavesError
from energy_grid.domain.merkle import leaf_tree
from tests.model.market import DAY
from tests.support.core.chain import Chain, Deployed, Reverted, refused
from tests.support.core.gateway_street import GATEWAY, GatewayStreet
from tests.unit.contracts.community_days.conftest import START, TARIFF
from tests.unit.contracts.community_days.suite import SLOT, curves
from tests.vectors.day_leaves import FILE

_LENGTHS = {0: 6, 0x80: 18, 1: 126, 0x81: 126, 2: 38, 0x82: 50}
_MOST = 256
EXAMPLES = settings(deadline=None, max_examples=300, print_blob=True)


@pytest.fixture(scope="module")
def contracts() -> dict[int, Deployed]:
    """By slot length."""
    return {
        slot: GatewayStreet(Chain(START), TARIFF, homes=1, slot=slot).days.contract
        for slot in (900, SLOT)
    }


def compare(contract: Deployed, data: bytes) -> None:
    """The root of what Python reads, or the leaf at which both stop."""
    try:
        decode_leaves(data, SLOT)
        expected: object = leaf_tree(split_leaves(data, SLOT)).root
    except LeafError as error:
        expected = ("CommunityDays_BadLeaf", (error.place,))
    except LeavesError:
        expected = ("CommunityDays_BadLeaf", (_MOST,)) if data else ("CommunityDays_NoLeaves", ())
    try:
        found: object = contract.rootOf(data)
    except Reverted as refusal:
        found = refusal.name, refusal.values
    assert found == expected


@st.composite
def leaves_of_hours(draw: st.DrawFn) -> list[bytes]:
    """Well-formed records of any values."""
    numbers = draw(st.lists(st.integers(1, 2**32 - 1), min_size=1, max_size=12, unique=True))
    records = []
    for place, number in enumerate(sorted(numbers)):
        status = draw(st.sampled_from(sorted(_LENGTHS)))
        rest = _LENGTHS[status] - 6
        values = draw(st.binary(min_size=rest, max_size=rest))
        records.append(bytes((status, place)) + number.to_bytes(4) + values)
    return records


@EXAMPLES
@given(data=st.binary(max_size=200))
def test_root_of__any_bytes__are_what_python_reads(
    contracts: dict[int, Deployed], data: bytes
) -> None:
    compare(contracts[SLOT], data)


@EXAMPLES
@given(records=leaves_of_hours())
def test_root_of__leaves__are_what_python_reads(
    contracts: dict[int, Deployed], records: list[bytes]
) -> None:
    compare(contracts[SLOT], b"".join(records))


@EXAMPLES
@given(records=leaves_of_hours(), data=st.data())
def test_root_of__damaged_leaves__stop_at_the_same_place(
    contracts: dict[int, Deployed], records: list[bytes], data: st.DataObject
) -> None:
    whole = b"".join(records)
    kind = data.draw(st.sampled_from(("cut", "head", "byte", "swap", "twice")))
    at = data.draw(st.integers(0, len(records) - 1))
    start = len(b"".join(records[:at]))
    if kind == "cut":
        whole = whole[: data.draw(st.integers(0, len(whole) - 1))]
    elif kind in ("head", "byte"):
        last = min(start + 5, len(whole) - 1) if kind == "head" else len(whole) - 1
        offset = data.draw(st.integers(start, last))
        whole = whole[:offset] + data.draw(st.binary(min_size=1, max_size=1)) + whole[offset + 1 :]
    elif kind == "swap":
        other = data.draw(st.integers(0, len(records) - 1))
        records[at], records[other] = records[other], records[at]
        whole = b"".join(records)
    else:
        # Each names its own place, so that only the account number is wrong.
        twice = (*records[: at + 1], *records[at:])
        whole = b"".join(bytes((each[0], place)) + each[2:] for place, each in enumerate(twice))
    compare(contracts[SLOT], whole)


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ("00", 0),
        ("0001 00000001", 0),
        ("0000 00000000", 0),
        ("0300 00000001", 0),
        ("8300 00000001", 0),
        ("4000 00000001", 0),
        ("0000 00000001 0001 00000001", 1),
        ("0000 00000002 0001 00000001", 1),
        ("0000 00000001 0000 00000002", 1),
        ("0000 00000001 0001 00000002 00", 2),
        ("0000 00000001 8001 00000002 0000", 1),
    ],
)
def test_root_of__a_malformed_leaf__is_named(
    contracts: dict[int, Deployed], data: str, place: int
) -> None:
    with refused("CommunityDays_BadLeaf", place):
        contracts[SLOT].rootOf(bytes.fromhex(data))
    compare(contracts[SLOT], bytes.fromhex(data))


def test_root_of__as_many_leaves_as_places__and_one_more(contracts: dict[int, Deployed]) -> None:
    records = [bytes((0, place % _MOST)) + (place + 1).to_bytes(4) for place in range(_MOST + 1)]
    compare(contracts[SLOT], b"".join(records[:_MOST]))
    with refused("CommunityDays_BadLeaf", _MOST):
        contracts[SLOT].rootOf(b"".join(records))
    with refused("CommunityDays_NoLeaves"):
        contracts[SLOT].rootOf(b"")


VECTORS = json.loads(FILE.read_text())["days"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: re.sub(r"\W+", "_", vector["name"]))
def test_root_of__vectors__have_their_roots(
    contracts: dict[int, Deployed], vector: dict[str, Any]
) -> None:
    data = bytes.fromhex("".join(record[2:] for record in vector["records"]))
    root = contracts[vector["slotSeconds"]].rootOf(data)
    assert root.hex() == vector["root"][2:]


def test_root_of__an_exported_0__counts_as_0(street: GatewayStreet) -> None:
    """Python, which never writes it, reads it as the chain does."""
    days, day, number = street.days, street.first_day, street.numbers[0]
    leaves = days.leaves({**curves(street), number: [1_000] * 23 + [0]})
    record = bytearray(leaves.records()[0])
    # The last slot of the day is first in the last word.
    assert record[-32:-28] == bytes(4)
    record[-32] = 0x80
    records = [bytes(record), *leaves.records()[1:]]
    decoded = decode_leaves(b"".join(records), SLOT)
    assert decoded.records() == leaves.records()
    assert split_leaves(b"".join(records), SLOT) == records
    found = []
    for each in (leaves.records(), records):
        mark = street.chain.snapshot()
        street.chain.set_time((day + 1) * DAY)
        tree = leaf_tree(each)
        days.contract.anchor(days.community, day, tree.root, by=GATEWAY)
        street.chain.set_time((day + 1) * DAY + 6 * 3600)
        days.contract.settleDay(days.community, day, b"".join(each))
        assert days.contract.dayOf(days.community, day)[3] == 0b111
        words = street.chain.logs[-1][2].get("words")
        leaf = each[0], b"", list(tree.proof(0))
        first = day * 24
        days.contract.proveHistory(days.community, day, leaf, first, first + 24)
        found.append((words, [street.energy.netOf(number, first + slot) for slot in range(24)]))
        street.chain.revert(mark)
    assert found[0] == found[1]
