"""The leaves of a community's day: the committed vectors, round trips, and every refusal."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.domain.day_leaves import (
    MAX_LEAVES,
    Absent,
    DayLeaves,
    Leaf,
    Measured,
    Registers,
    Sealed,
    check_chain,
    check_leaves,
    decode_leaves,
    faults,
    open_leaf,
    register_hash,
    seal_leaves,
    split_leaves,
)
from energy_grid.domain.hashing import keccak
from energy_grid.domain.leaf_errors import (
    BrokenChainError,
    LeafError,
    LeafLengthError,
    LeafOrderError,
    LeafPlaceError,
    LeafStatusError,
    LeafValueError,
    LeavesError,
    MissingPowerError,
    NetTooLargeError,
    OpeningError,
    RegistersDisagreeError,
    RiseTooLargeError,
)
from energy_grid.domain.merkle import MerkleTreeError, leaf_tree, root_of_proof
from energy_grid.domain.periods import SlotLengthError
from tests.vectors.day_leaves import FILE, made

DAYS = json.loads(FILE.read_text())["days"]
BY_NAME = {day["name"]: day for day in DAYS}
HOUR, QUARTER = 3600, 900
TOP = 2**48
SALT = bytes(range(32))
START = Registers(1000, 2000)

registers = st.builds(Registers, *[st.integers(0, TOP - 1)] * 2)
first = st.none() | registers


@st.composite
def days(draw: st.DrawFn) -> DayLeaves:
    slot_seconds = draw(st.sampled_from((HOUR, QUARTER)))
    leaves: list[Leaf] = []
    for number in sorted(draw(st.sets(st.integers(1, 2**32 - 1), min_size=1, max_size=6))):
        leaves.append(
            draw(
                st.one_of(
                    st.builds(Absent, number=st.just(number), first=first),
                    st.builds(
                        Sealed,
                        number=st.just(number),
                        commitment=st.binary(min_size=32, max_size=32),
                        first=first,
                    ),
                    st.builds(
                        Measured,
                        number=st.just(number),
                        first=registers,
                        last=registers,
                        continues=st.booleans(),
                    ),
                )
            )
        )
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    nets = rng.integers(1 - 2**31, 2**31, (len(leaves), 86_400 // slot_seconds))
    nets[rng.random(nets.shape) < 0.3] = 0
    nets[[not isinstance(leaf, Measured) for leaf in leaves]] = 0
    return DayLeaves(slot_seconds=slot_seconds, leaves=tuple(leaves), nets=nets.astype(np.int32))


def day_of(*leaves: Leaf, nets: dict[int, dict[int, int]] | None = None) -> DayLeaves:
    """A day of hourly slots; nets by place and slot."""
    table = np.zeros((len(leaves), 24), dtype=np.int32)
    for place, row in (nets or {}).items():
        for slot, net in row.items():
            table[place, slot] = net
    return DayLeaves(slot_seconds=HOUR, leaves=leaves, nets=table)


def measured(number: int, imported: int = 0, exported: int = 0, **fields: Any) -> Measured:
    """A leaf whose registers rise by so much."""
    last = Registers((START[0] + imported) % TOP, (START[1] + exported) % TOP)
    return Measured(**{"number": number, "first": START, "last": last} | fields)


def typed(member: dict[str, Any], opening: str | None) -> Leaf:
    """A member of a vector."""
    number, start = member["number"], Registers(*member.get("first", (0, 0)))
    carried = start if member["continues"] else None
    if opening is not None:
        return Sealed(number=number, commitment=keccak(raw(opening)), first=carried)
    if member["status"] == "absent":
        return Absent(number=number, first=carried)
    last = Registers(*member["last"])
    return Measured(number=number, first=start, last=last, continues=member["continues"])


def raw(text: str) -> bytes:
    return bytes.fromhex(text[2:])


def caught(kind: type[LeafError], data: bytes) -> tuple[int, int | None, object, str]:
    """Place, account, value and message of the error."""
    with pytest.raises(LeafError) as error:
        decode_leaves(data, HOUR)
    assert type(error.value) is kind
    return error.value.place, error.value.number, error.value.value, str(error.value)


def test_vectors__made_from_the_format_alone__are_the_committed_ones() -> None:
    assert made()["days"] == DAYS


@pytest.mark.parametrize("name", BY_NAME)
def test_vector__decoded__has_its_fields_and_hashes(name: str) -> None:
    vector = BY_NAME[name]
    records = [raw(record) for record in vector["records"]]
    day = decode_leaves(b"".join(records), vector["slotSeconds"])
    assert day.records() == records
    if "members" in vector:
        openings = vector["openings"]
        assert list(day.leaves) == [
            typed(each, openings.get(str(each["number"]))) for each in vector["members"]
        ]
        blank = [0] * (86_400 // vector["slotSeconds"])
        assert day.nets.tolist() == [
            each["nets"] if each["status"] == "measured" else blank for each in vector["members"]
        ]
    tree = leaf_tree(records)
    assert tree.nodes == tuple(map(raw, vector["nodes"]))
    assert tree.root == raw(vector["root"])
    for place, proof in vector["proofs"].items():
        assert tree.proof(int(place)) == tuple(map(raw, proof))
    assert register_hash(vector["day"], day.last_registers()) == raw(vector["registerHash"])
    before = register_hash(vector["day"] - 1, day.continued_registers())
    assert before == raw(vector["continuedHash"])


@pytest.mark.parametrize("name", BY_NAME)
def test_vector__sealed_leaves__open_with_their_openings(name: str) -> None:
    vector = BY_NAME[name]
    day = decode_leaves(b"".join(map(raw, vector["records"])), vector["slotSeconds"])
    sealed = [place for place, leaf in enumerate(day.leaves) if isinstance(leaf, Sealed)]
    assert [str(day.leaves[place].number) for place in sealed] == [*vector["openings"]]
    for place in sealed:
        leaf, nets = open_leaf(day, place, raw(vector["openings"][str(day.leaves[place].number)]))
        if "members" in vector:
            member = vector["members"][place]
            assert (leaf.first, leaf.last) == (tuple(member["first"]), tuple(member["last"]))
            assert nets.tolist() == member["nets"]


@given(days())
def test_decode__what_was_encoded__is_the_same(day: DayLeaves) -> None:
    data = day.encode()
    found = decode_leaves(data, day.slot_seconds)
    assert (found.leaves, found.nets.tolist()) == (day.leaves, day.nets.tolist())
    assert found.nets.dtype == np.int32
    assert found.encode() == data
    assert all(len(record) != 64 for record in day.records())


@given(st.binary(max_size=1000), st.sampled_from((HOUR, QUARTER)))
def test_decode__any_bytes__are_those_leaves_or_refused(data: bytes, slot_seconds: int) -> None:
    try:
        day = decode_leaves(data, slot_seconds)
    except (LeavesError, LeafError):
        return
    assert day.encode() == data


@given(days(), st.data())
def test_decode__changed_bytes__are_those_leaves_or_refused(day: DayLeaves, data: Any) -> None:
    changed = bytearray(day.encode())
    for _ in range(data.draw(st.integers(1, 3))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    changed = changed[: data.draw(st.integers(0, len(changed)))]
    try:
        found = decode_leaves(bytes(changed), day.slot_seconds)
    except (LeavesError, LeafError):
        return
    assert found.encode() == changed


def test_records__each_status__has_its_length() -> None:
    sealed = Sealed(number=3, commitment=SALT)
    day = day_of(
        Absent(number=1),
        Absent(number=2, first=START),
        sealed,
        Sealed(number=4, commitment=SALT, first=START),
        measured(5),
        measured(6, continues=True),
    )
    assert [len(record) for record in day.records()] == [6, 18, 38, 50, 126, 126]
    assert [record[0] for record in day.records()] == [0x00, 0x80, 0x02, 0x82, 0x01, 0x81]
    assert [record[1] for record in day.records()] == [*range(6)]


def test_records__nets__are_lanes_from_the_lowest_of_each_word() -> None:
    day = day_of(measured(1), nets={0: {0: -1, 1: 2, 7: -3, 8: 4}})
    words = day.encode()[30:]
    assert int.from_bytes(words[:32]) == 1 | (2**31 + 2) << 32 | 3 << 224
    assert int.from_bytes(words[32:64]) == 2**31 + 4
    assert words[64:] == bytes(32)


def test_decode__no_status__names_it() -> None:
    assert caught(LeafStatusError, bytes.fromhex("000000000001030100000002")) == (
        *(1, None, 3, "leaf 1: 0x03 is no status"),
    )
    assert caught(LeafStatusError, bytes((0x83, 0, 0, 0, 0, 1)))[2] == 0x83


@pytest.mark.parametrize(("status", "length"), [(0, 6), (0x80, 18), (2, 38), (0x82, 50), (1, 126)])
def test_decode__cut_anywhere__says_what_is_left(status: int, length: int) -> None:
    whole = bytes((status, 0, 0, 0, 0, 1)).ljust(length, b"\0")
    assert decode_leaves(whole, HOUR).encode() == whole
    for left in range(1, length):
        text = f"leaf 0: it needs {length} bytes, and {left} are left"
        assert caught(LeafLengthError, whole[:left]) == (0, None, left, text)


def test_decode__another_place__names_it() -> None:
    text = "leaf 1 (account 2): it names place 7"
    assert caught(LeafPlaceError, bytes.fromhex("000000000001000700000002")) == (1, 2, 7, text)


@pytest.mark.parametrize("number", [4, 5])
def test_decode__numbers_do_not_ascend__names_both(number: int) -> None:
    data = Absent(number=5), Absent(number=number)
    text = f"leaf 1 (account {number}): its number must be above 5"
    found = caught(LeafOrderError, bytes.fromhex(f"000000000005 00010000000{number}"))
    assert found == (1, number, 5, text)
    with pytest.raises(LeafOrderError):
        day_of(*data)


def test_decode__account_0__is_none() -> None:
    found = caught(LeafValueError, bytes(6))
    assert found == (0, 0, 0, "leaf 0 (account 0): an account number is from 1 to 4294967295")


def test_decode__an_exported_0__is_0_and_stays_in_the_record() -> None:
    day = day_of(Absent(number=1), measured(2), measured(3))
    data = bytearray(day.encode())
    data[-96 + 32 + 4 * (7 - 2)] = 0x80
    found = decode_leaves(bytes(data), HOUR)
    assert (found.leaves, found.nets.tolist()) == (day.leaves, day.nets.tolist())
    assert found.encode() == day.encode() != data
    assert b"".join(split_leaves(bytes(data), HOUR)) == data


def test_decode__no_bytes_or_too_many_leaves__says_so() -> None:
    most = [b"\0" + bytes((place,)) + (place + 1).to_bytes(4) for place in range(MAX_LEAVES)]
    assert len(decode_leaves(b"".join(most), HOUR).leaves) == MAX_LEAVES
    with pytest.raises(LeavesError, match=r"^a day has from 1 to 256 leaves, not 0$"):
        decode_leaves(b"", HOUR)
    with pytest.raises(LeavesError, match=r"^a day has from 1 to 256 leaves, and here are more$"):
        decode_leaves(b"".join(most) + b"\0", HOUR)
    with pytest.raises(LeavesError, match=r"^a day has from 1 to 256 leaves, not 257$"):
        day_of(*(Absent(number=number) for number in range(1, MAX_LEAVES + 2)))


def test_decode__another_slot_length__is_refused() -> None:
    with pytest.raises(SlotLengthError, match="a slot lasts 900 or 3600 s, not 60"):
        decode_leaves(bytes((0, 0, 0, 0, 0, 1)), 60)


@pytest.mark.parametrize(
    ("nets", "what"),
    [
        (np.zeros((1, 96), dtype=np.int32), r"must be \(1, 24\) of int32, not \(1, 96\) of int32"),
        (np.zeros((1, 24), dtype=np.int64), r"must be \(1, 24\) of int32, not \(1, 24\) of int64"),
        (np.full((1, 24), -(2**31), dtype=np.int32), "a net must be above -2147483648 Wh"),
        (np.ones((1, 24), dtype=np.int32), r"leaf 0 \(account 1\) has nets, unmeasured"),
    ],
)
def test_day__nets_that_are_not_its_own__are_refused(nets: Any, what: str) -> None:
    with pytest.raises(LeavesError, match=what):
        DayLeaves(slot_seconds=HOUR, leaves=(Absent(number=1),), nets=nets)


@pytest.mark.parametrize(
    ("leaf", "value", "what"),
    [
        (Absent(number=2**32), 2**32, "an account number is from 1 to 4294967295"),
        (
            Absent(number=1, first=Registers(TOP, 0)),
            TOP,
            "a register is from 0 to 281474976710655 Wh, not 281474976710656",
        ),
        (
            measured(1, last=Registers(0, -1)),
            -1,
            "a register is from 0 to 281474976710655 Wh, not -1",
        ),
        (Sealed(number=1, commitment=b"12"), b"12", "a commitment has 32 bytes, not 2"),
    ],
)
def test_day__value_without_room__is_named(leaf: Leaf, value: object, what: str) -> None:
    with pytest.raises(LeafValueError) as error:
        day_of(leaf)
    assert (error.value.place, error.value.value) == (0, value)
    assert str(error.value) == f"leaf 0 (account {leaf.number}): {what}"


def test_faults__plausible_leaves__have_none() -> None:
    turned = measured(3, first=Registers(TOP - 1, 5), last=Registers(9, 9), continues=True)
    day = day_of(
        measured(1, 3000, 1000),
        Absent(number=2),
        turned,
        measured(4, 24, 24),
        nets={0: {0: -3000, 23: 1000}, 2: {5: -6}},
    )
    assert faults(day, {1: 3000, 3: 6, 4: 2}) == []
    check_leaves(day, {1: 3000, 3: 6, 4: 2})


def test_faults__each_kind__names_leaf_account_and_value() -> None:
    day = day_of(
        measured(1, 2001),
        measured(2, 2**24),
        measured(3, 24_001, 24_000),
        measured(4, 10),
        measured(5, 0, 24_001),
        nets={0: {4: -2001}, 1: {6: -(2**24)}, 2: {0: -1}, 3: {0: -9}},
    )
    found = faults(day, {1: 2000, 2: 2**32, 3: 2000, 4: 2000, 5: 1000})
    assert [(type(each), each.place, each.number, each.value) for each in found] == [
        (NetTooLargeError, 0, 1, -2001),
        (NetTooLargeError, 1, 2, -(2**24)),
        (RiseTooLargeError, 2, 3, 48_001),
        (RegistersDisagreeError, 3, 4, -10),
        (RiseTooLargeError, 4, 5, 24_001),
    ]
    assert [str(each) for each in found[:4]] == [
        "leaf 0 (account 1): the net of slot 4 is -2001 Wh, its meter allows 2000",
        "leaf 1 (account 2): the net of slot 6 is -16777216 Wh, its meter allows 16777215",
        "leaf 2 (account 3): its registers rise by 48001 Wh, its meter allows 48000",
        "leaf 3 (account 4): its registers show -10 Wh, its nets add up to -9",
    ]
    with pytest.raises(NetTooLargeError, match=r"leaf 0 \(account 1\)"):
        check_leaves(day, dict.fromkeys(range(1, 6), 2000))


def test_faults__quarters__allow_a_fourth_of_the_rated_power() -> None:
    nets = np.zeros((1, 96), dtype=np.int32)
    nets[0, 95] = 500
    day = DayLeaves(slot_seconds=QUARTER, leaves=(measured(1, 0, 500),), nets=nets)
    assert faults(day, {1: 2000}) == []
    assert [each.value for each in faults(day, {1: 1999})] == [500]


def test_faults__without_a_rated_power__is_refused() -> None:
    with pytest.raises(MissingPowerError, match=r"leaf 0 \(account 1\): its rated power is not"):
        faults(day_of(measured(1)), {2: 1})


def test_chain__the_day_after__has_the_hash_of_the_day_before() -> None:
    names = "three, one absent", "three, the day after: one is new and sealed, one left"
    before, after = (
        decode_leaves(b"".join(map(raw, BY_NAME[name]["records"])), HOUR) for name in names
    )
    check_chain(before, after)
    assert BY_NAME[names[0]]["registerHash"] == BY_NAME[names[1]]["continuedHash"]


@pytest.mark.parametrize(
    ("after", "where", "value", "what"),
    [
        ((measured(5),), (0, 5), None, "it goes on from none, the day before ended at 1007 Wh"),
        ((Absent(number=5),), (0, 5), None, "it goes on from none, the day before ended at 1007"),
        (
            (Absent(number=5, first=START),),
            (0, 5),
            START,
            "1000 Wh imported, 2000 Wh exported, the day before ended at 1007 Wh imported, 2000 Wh",
        ),
        (
            (Absent(number=4, first=START), Absent(number=5, first=Registers(1007, 2000))),
            (0, 4),
            START,
            "the day before ended at none",
        ),
        (
            (Absent(number=6),),
            (1, 5),
            None,
            "it was measured on the day before, and has no leaf: add an absent one",
        ),
    ],
)
def test_chain__registers_do_not_go_on__names_the_leaf(
    after: tuple[Leaf, ...], where: tuple[int, int], value: object, what: str
) -> None:
    before = day_of(Absent(number=4), measured(5, 7))
    with pytest.raises(BrokenChainError) as error:
        check_chain(before, day_of(*after))
    assert (error.value.place, error.value.number, error.value.value) == (*where, value)
    assert what in str(error.value)
    hashes = {
        register_hash(1, each)
        for each in (before.last_registers(), day_of(*after).continued_registers())
    }
    assert len(hashes) == 2


@pytest.mark.parametrize("day", [-1, 2**16])
def test_register_hash__day_beyond_16_bits__is_refused(day: int) -> None:
    with pytest.raises(LeavesError, match=f"counted with 16 bits, which {day} does not fit"):
        register_hash(day, {})


@given(days(), st.data())
def test_seal__any_measured_leaves__open_to_what_they_were(day: DayLeaves, data: Any) -> None:
    numbers = sorted(day.last_registers())
    chosen = data.draw(st.sets(st.sampled_from(numbers))) if numbers else set()
    salts = {number: keccak(number.to_bytes(4)) for number in chosen}
    sealed, openings = seal_leaves(day, salts)
    assert openings.keys() == chosen
    assert sealed.continued_registers() == day.continued_registers()
    assert sealed.last_registers().keys() == set(numbers) - chosen
    again = decode_leaves(sealed.encode(), day.slot_seconds)
    for place, leaf in enumerate(day.leaves):
        if leaf.number in chosen:
            found, nets = open_leaf(again, place, openings[leaf.number])
            assert (found, nets.tolist()) == (leaf, day.nets[place].tolist())
            assert len(openings[leaf.number]) == len(day.records()[place]) + 32
        else:
            assert again.records()[place] == day.records()[place]


def test_seal__salt_or_account_that_is_none__is_refused() -> None:
    day = day_of(measured(1), Absent(number=2))
    with pytest.raises(LeafValueError, match=r"leaf 0 \(account 1\): its salt must have 32 bytes"):
        seal_leaves(day, {1: SALT[1:]})
    for number in (2, 3):
        with pytest.raises(LeavesError, match=f"account {number} has no measured leaf to seal"):
            seal_leaves(day, {number: SALT})


def test_open__what_is_not_its_opening__is_refused() -> None:
    day, openings = seal_leaves(day_of(measured(1), measured(2)), {2: SALT})
    opening = openings[2]
    for other in (b"", opening[:-1], opening[:-1] + b"\0", bytes(158)):
        with pytest.raises(OpeningError, match=r"leaf 1 \(account 2\): its opening has 158 bytes"):
            open_leaf(day, 1, other)
    with pytest.raises(OpeningError, match=r"leaf 0 \(account 1\): it is not sealed"):
        open_leaf(day, 0, opening)


@pytest.mark.parametrize(
    ("hidden", "first", "kind"),
    [
        (day_of(measured(3)).encode(), None, OpeningError),
        (day_of(measured(2, continues=True)).encode(), None, OpeningError),
        (day_of(measured(2)).encode(), START, OpeningError),
        (day_of(measured(2, continues=True)).encode(), Registers(1, 2), OpeningError),
        (day_of(Absent(number=2)).encode().ljust(126, b"\0"), None, OpeningError),
        (day_of(measured(2)).encode() + b"\0", None, OpeningError),
        (b"", None, OpeningError),
        (day_of(Absent(number=1), measured(2)).records()[1], None, LeafPlaceError),
        (b"\7" + day_of(measured(2)).encode()[1:], None, LeafStatusError),
    ],
    ids=[
        "another account",
        "continues",
        "does not continue",
        "other registers",
        "absent",
        "too long",
        "nothing",
        "another place",
        "no status",
    ],
)
def test_open__commitment_to_something_else__is_refused(
    hidden: bytes, first: Registers | None, kind: type[LeafError]
) -> None:
    opening = hidden + SALT
    day = day_of(Sealed(number=2, commitment=keccak(opening), first=first))
    with pytest.raises(LeafError) as error:
        open_leaf(day, 0, opening)
    assert type(error.value) is kind


@given(st.lists(st.binary(max_size=80).filter(lambda record: len(record) != 64), min_size=1))
def test_tree__every_leaf__is_proven_as_openzeppelin_does(records: list[bytes]) -> None:
    tree = leaf_tree(records)
    for place, record in enumerate(records):
        # `MerkleProof.processProof` and `Hashes.commutativeKeccak256`.
        computed = keccak(record)
        for node in tree.proof(place):
            computed = keccak(computed + node if computed < node else node + computed)
        assert computed == tree.root == root_of_proof(record, tree.proof(place))


def test_tree__node_without_a_neighbour__moves_up_unchanged() -> None:
    one, two, three = (leaf_tree([bytes((each,))]).root for each in range(3))
    tree = leaf_tree([b"\0", b"\1", b"\2"])
    pair = keccak(min(one, two) + max(one, two))
    assert tree.levels == ((one, two, three), (pair, three), (tree.root,))
    assert tree.proof(2) == (pair,)


def test_tree__what_is_none__is_refused() -> None:
    with pytest.raises(MerkleTreeError, match=r"^a tree needs at least one leaf$"):
        leaf_tree([])
    for call in (lambda: leaf_tree([bytes(64)]), lambda: root_of_proof(bytes(64), ())):
        with pytest.raises(MerkleTreeError, match=r"^a record of 64 bytes could pass for a pair"):
            call()
    for place in (-1, 2):
        with pytest.raises(MerkleTreeError, match=f"^there is no leaf {place}: the tree has 2$"):
            leaf_tree([b"1", b"2"]).proof(place)
