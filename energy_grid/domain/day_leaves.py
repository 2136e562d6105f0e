"""The leaves of a community's day: what its gateway anchors, publishes and settles.

One record for each account, in ascending order of account numbers, all big-endian, bytes:

    byte   0        1       2        6                18               30
    absent | status | place | number |
    absent | status | place | number | first registers |                      CONTINUES
    sealed | status | place | number | commitment 32 |
    sealed | status | place | number | first registers | commitment 32 |      CONTINUES
    measured status | place | number | first registers | last registers  | nets 4 x slots |

    status     0x00 absent, 0x01 measured, 0x02 sealed; + 0x80 CONTINUES: the leaf of the same
               account on the day before was measured
    place      counts the leaves from 0
    registers  imported 6 | exported 6: Wh modulo 2^48, in the account's terms
    commitment keccak256(measured record | salt 32); the measured record has the same place,
               number, CONTINUES and, where the sealed one has them, first registers
    nets       eight slots a word of 32 bytes, the first slot in its lowest 32 bits, words in the
               order of the day; a lane is

    bit 31       30                            0
    | 1: export | magnitude in Wh              |      an exported 0 is read as 0, and never written

A record is a leaf of `merkle.leaf_tree`. Registers go on from day to day: `register_hash`.

Needs numpy (the extra `keeper`). 160 accounts of 96 slots take milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

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
from energy_grid.domain.periods import Period, PeriodKind

__all__ = [
    "MAX_LEAVES",
    "MAX_NET",
    "REGISTER_END",
    "SALT_BYTES",
    "Absent",
    "DayLeaves",
    "Leaf",
    "Measured",
    "Registers",
    "Sealed",
    "check_chain",
    "check_leaves",
    "decode_leaves",
    "faults",
    "open_leaf",
    "register_hash",
    "seal_leaves",
    "slots_of_day",
    "split_leaves",
]

MAX_LEAVES = 256
"""More places than the 160 members: whoever left has a leaf on the first day after, too."""
MAX_NET = 2**24 - 1
"""Wh of a slot that the market counts with."""
REGISTER_END = 2**48
"""Registers count Wh modulo this."""
SALT_BYTES = 32

_ABSENT, _MEASURED, _SEALED = range(3)
_CONTINUES = 0x80
_EXPORT = 2**31
_LANE_BYTES, _LANES = 4, 8
_HEAD, _PAIR, _HASH = 6, 12, 32
_NUMBERS = 2**32
_HOURS = 24
_HOUR_SECONDS = 3600

Nets = NDArray[np.int32]


class Registers(NamedTuple):
    """Cumulative Wh modulo 2^48, in the account's terms."""

    imported: int
    exported: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """An account without a measured day.

    Attributes:
        first: the registers at the day's begin, if its leaf of the day before was measured.
    """

    number: int
    first: Registers | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """An account whose measured record is secret; it does not share.

    Attributes:
        commitment: the hash of that record and a salt, 32 bytes.
        first: as in `Absent`.
    """

    number: int
    commitment: bytes
    first: Registers | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """An account whose day was read; its nets are a row of `DayLeaves.nets`.

    Attributes:
        first, last: the registers at the day's begin and end.
        continues: whether its leaf of the day before was measured.
    """

    number: int
    first: Registers
    last: Registers
    continues: bool = False


Leaf = Absent | Sealed | Measured


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DayLeaves:
    """A day of a community.

    Attributes:
        slot_seconds: 900 or 3600.
        leaves: in ascending order of account numbers; from 1 to `MAX_LEAVES`.
        nets: export less import in Wh, int32, leaves x slots; rows of other leaves than measured
            ones are 0.

    Raises:
        SlotLengthError: another slot length.
        LeavesError: the number of leaves, or the shape, type or range of the nets.
        LeafOrderError: account numbers that do not ascend.
        LeafValueError: a value does not fit its field.
    """

    slot_seconds: int
    leaves: tuple[Leaf, ...]
    nets: Nets

    def __post_init__(self) -> None:
        shape = (len(self.leaves), slots_of_day(self.slot_seconds))
        if not 1 <= shape[0] <= MAX_LEAVES:
            raise LeavesError(f"a day has from 1 to {MAX_LEAVES} leaves, not {shape[0]}")
        if self.nets.shape != shape or self.nets.dtype != np.int32:
            raise LeavesError(
                f"the nets must be {shape} of int32, not {self.nets.shape} of {self.nets.dtype}"
            )
        if int(self.nets.min()) <= -_EXPORT:
            raise LeavesError(f"a net must be above {-_EXPORT} Wh")
        empty = ~self.nets.any(axis=1)
        before = 0
        for place, leaf in enumerate(self.leaves):
            _check_fields(place, leaf)
            if leaf.number <= before:
                raise LeafOrderError(
                    place, leaf.number, before, f"its number must be above {before}"
                )
            if not empty[place] and not isinstance(leaf, Measured):
                raise LeavesError(f"leaf {place} (account {leaf.number}) has nets, unmeasured")
            before = leaf.number

    def records(self) -> list[bytes]:
        """The bytes of each leaf."""
        lanes = np.abs(self.nets) + np.where(self.nets > 0, _EXPORT, 0)
        rows = _reversed(lanes.astype(np.uint32)).astype(">u4")
        return [
            _head_of(place, leaf) + (row.tobytes() if isinstance(leaf, Measured) else b"")
            for place, (leaf, row) in enumerate(zip(self.leaves, rows, strict=True))
        ]

    def encode(self) -> bytes:
        """The bytes of all leaves, as `settleDay` takes them."""
        return b"".join(self.records())

    def last_registers(self) -> dict[int, Registers]:
        """By account number: where the next day's leaves go on."""
        return {leaf.number: leaf.last for leaf in self.leaves if isinstance(leaf, Measured)}

    def continued_registers(self) -> dict[int, Registers]:
        """By account number: where these leaves go on from the day before."""
        found = ((leaf.number, _continued(leaf)) for leaf in self.leaves)
        return {number: first for number, first in found if first is not None}


def slots_of_day(slot_seconds: int) -> int:
    """24 or 96.

    Raises:
        SlotLengthError: the market has no such slots.
    """
    return len(Period(kind=PeriodKind.DAILY, start=0).slots(slot_seconds))


def decode_leaves(data: bytes, slot_seconds: int) -> DayLeaves:
    """The leaves that some bytes are.

    `DayLeaves.encode` gives the same bytes again, but for exported zeros: the chain takes them as
    0, too, so only the bytes themselves have the root (`split_leaves`). Whether the values are
    plausible, say `faults`.

    Raises:
        SlotLengthError: another slot length.
        LeavesError: no bytes, or too many leaves.
        LeafStatusError, LeafLengthError, LeafPlaceError, LeafOrderError, LeafValueError: they are
            no leaves; the error names the first that is none.
    """
    slots = slots_of_day(slot_seconds)
    leaves: list[Leaf] = []
    places: list[int] = []
    curves: list[bytes] = []
    for leaf, record in _leaves_of(data, slots):
        if isinstance(leaf, Measured):
            places.append(len(leaves))
            curves.append(record[-_LANE_BYTES * slots :])
        leaves.append(leaf)
    nets = np.zeros((len(leaves), slots), dtype=np.int32)
    if places:
        nets[places] = _nets_of(curves)
    return DayLeaves(slot_seconds=slot_seconds, leaves=tuple(leaves), nets=nets)


def split_leaves(data: bytes, slot_seconds: int) -> list[bytes]:
    """The records that some bytes are, which the tree's leaves are hashes of.

    Raises:
        SlotLengthError, LeavesError, LeafStatusError, LeafLengthError, LeafPlaceError: as
            `decode_leaves`.
    """
    return [record for _, record in _leaves_of(data, slots_of_day(slot_seconds))]


def faults(day: DayLeaves, rated: Mapping[int, int]) -> list[LeafError]:
    """What makes measured leaves invalid, at most one error each: such members are passed over.

    Args:
        rated: the rated power of each measured account in W, by its number.

    Returns:
        `NetTooLargeError`, `RiseTooLargeError` or `RegistersDisagreeError`, in the order of leaves.

    Raises:
        MissingPowerError: an account's rated power is not there.
    """
    found: list[LeafError] = []
    worst = np.abs(day.nets).argmax(axis=1).tolist()
    sums = day.nets.sum(axis=1, dtype=np.int64).tolist()
    for place, leaf in enumerate(day.leaves):
        if isinstance(leaf, Measured):
            power = rated.get(leaf.number)
            if power is None:
                raise MissingPowerError(place, leaf.number, None, "its rated power is not given")
            slot = worst[place]
            most = min(power * day.slot_seconds // _HOUR_SECONDS, MAX_NET)
            fault = _fault_of_net(place, leaf, slot, int(day.nets[place, slot]), most)
            fault = fault or _fault_of_registers(place, leaf, sums[place], power * _HOURS)
            found += [fault] if fault else []
    return found


def check_leaves(day: DayLeaves, rated: Mapping[int, int]) -> None:
    """Raise the first of the `faults`.

    Args:
        rated: as there.

    Raises:
        NetTooLargeError, RiseTooLargeError, RegistersDisagreeError, MissingPowerError: as there.
    """
    for fault in faults(day, rated):
        raise fault


def register_hash(day: int, registers: Mapping[int, Registers]) -> bytes:
    """What links two days: keccak256(day 2 | each: number 4, imported 6, exported 6), in which the
    last two bytes are the day.

    `DayLeaves.last_registers` of the day and `continued_registers` of the next one have the same.

    Args:
        day: the earlier of both, counted from 1970.
        registers: at its end, by account number, ascending.

    Returns:
        32 bytes.

    Raises:
        LeavesError: a day that 16 bits cannot count.
    """
    if not 0 <= day < 2**16:
        raise LeavesError(f"a day is counted with 16 bits, which {day} does not fit")
    entries = (number.to_bytes(4) + _bytes_of(each) for number, each in registers.items())
    return keccak(day.to_bytes(2) + b"".join(entries))[:30] + day.to_bytes(2)


def check_chain(before: DayLeaves, after: DayLeaves) -> None:
    """Check that the registers of a day go on from the day before.

    Raises:
        BrokenChainError: names the first leaf of the later day that does not, or the first leaf
            of the earlier one that has none on the later.
    """
    wanted, found = before.last_registers(), after.continued_registers()
    for place, leaf in enumerate(after.leaves):
        if (first := found.get(leaf.number)) != (last := wanted.get(leaf.number)):
            what = f"it goes on from {_shown(first)}, the day before ended at {_shown(last)}"
            raise BrokenChainError(place, leaf.number, first, what)
    for place, leaf in enumerate(before.leaves):
        if leaf.number in wanted.keys() - found.keys():
            what = "it was measured on the day before, and has no leaf: add an absent one"
            raise BrokenChainError(place, leaf.number, None, what)


def seal_leaves(day: DayLeaves, salts: Mapping[int, bytes]) -> tuple[DayLeaves, dict[int, bytes]]:
    """The same day with the leaves of some accounts sealed.

    Args:
        salts: 32 secret random bytes for each of them, by its number: never twice the same.

    Returns:
        The day, and by account number the opening: the measured record and the salt.

    Raises:
        LeafValueError: a salt of another length.
        LeavesError: an account without a measured leaf.
    """
    leaves, nets = list(day.leaves), day.nets.copy()
    openings: dict[int, bytes] = {}
    for place, (leaf, record) in enumerate(zip(day.leaves, day.records(), strict=True)):
        salt = salts.get(leaf.number)
        if salt is None or not isinstance(leaf, Measured):
            continue
        if len(salt) != SALT_BYTES:
            what = f"its salt must have {SALT_BYTES} bytes, not {len(salt)}"
            raise LeafValueError(place, leaf.number, salt, what)
        openings[leaf.number] = record + salt
        leaves[place] = Sealed(
            number=leaf.number,
            commitment=keccak(record + salt),
            first=leaf.first if leaf.continues else None,
        )
        nets[place] = 0
    if missing := salts.keys() - openings.keys():
        raise LeavesError(f"account {min(missing)} has no measured leaf to seal")
    return DayLeaves(slot_seconds=day.slot_seconds, leaves=tuple(leaves), nets=nets), openings


def open_leaf(day: DayLeaves, place: int, opening: bytes) -> tuple[Measured, Nets]:
    """The measured leaf that a sealed one hides, and its nets: export less import in Wh, by slot.

    Raises:
        OpeningError: the leaf is not sealed, or the opening is not its own.
        LeafStatusError, LeafPlaceError: the record in the opening is malformed.
    """
    leaf, slots = day.leaves[place], slots_of_day(day.slot_seconds)
    if not isinstance(leaf, Sealed):
        raise OpeningError(place, leaf.number, opening, "it is not sealed")
    length = _HEAD + 2 * _PAIR + _LANE_BYTES * slots + SALT_BYTES
    if len(opening) != length or keccak(opening) != leaf.commitment:
        what = f"its opening has {length} bytes and another hash than these {len(opening)}"
        raise OpeningError(place, leaf.number, opening, what)
    hidden, end = _leaf_at(opening[:-SALT_BYTES], 0, place, slots)
    is_own = (hidden.number, _continued(hidden)) == (leaf.number, leaf.first)
    if not isinstance(hidden, Measured) or not is_own:
        raise OpeningError(place, leaf.number, opening, "the opening is that of another leaf")
    curve = opening[end - _LANE_BYTES * slots : end]
    return hidden, _nets_of([curve])[0]


def _continued(leaf: Leaf) -> Registers | None:
    """Where a leaf goes on from the day before."""
    return None if isinstance(leaf, Measured) and not leaf.continues else leaf.first


def _check_fields(place: int, leaf: Leaf) -> None:
    if not 0 < leaf.number < _NUMBERS:
        what = f"an account number is from 1 to {_NUMBERS - 1}"
        raise LeafValueError(place, leaf.number, leaf.number, what)
    last = leaf.last if isinstance(leaf, Measured) else None
    for register in (*(leaf.first or ()), *(last or ())):
        if not 0 <= register < REGISTER_END:
            what = f"a register is from 0 to {REGISTER_END - 1} Wh, not {register}"
            raise LeafValueError(place, leaf.number, register, what)
    if isinstance(leaf, Sealed) and len(leaf.commitment) != _HASH:
        what = f"a commitment has {_HASH} bytes, not {len(leaf.commitment)}"
        raise LeafValueError(place, leaf.number, leaf.commitment, what)


def _head_of(place: int, leaf: Leaf) -> bytes:
    """A record but for its nets."""
    kind, rest = _ABSENT, b""
    if isinstance(leaf, Measured):
        kind, rest = _MEASURED, _bytes_of(leaf.last)
    elif isinstance(leaf, Sealed):
        kind, rest = _SEALED, leaf.commitment
    status = kind | (_CONTINUES if _continued(leaf) else 0)
    first = _bytes_of(leaf.first) if leaf.first else b""
    return bytes((status, place)) + leaf.number.to_bytes(4) + first + rest


def _leaves_of(data: bytes, slots: int) -> Iterator[tuple[Leaf, bytes]]:
    """Each leaf, but for its nets, with its record."""
    at = place = 0
    while at < len(data):
        if place == MAX_LEAVES:
            raise LeavesError(f"a day has from 1 to {MAX_LEAVES} leaves, and here are more")
        leaf, end = _leaf_at(data, at, place, slots)
        yield leaf, data[at:end]
        at, place = end, place + 1


def _leaf_at(data: bytes, at: int, place: int, slots: int) -> tuple[Leaf, int]:
    """The leaf that begins there, but for its nets, and where it ends."""
    status = data[at]
    kind, continues = status & ~_CONTINUES, bool(status & _CONTINUES)
    if kind > _SEALED:
        raise LeafStatusError(place, None, status, f"0x{status:02x} is no status")
    pairs = 2 if kind == _MEASURED else int(continues)
    after = at + _HEAD + _PAIR * pairs
    end = after + (0, _LANE_BYTES * slots, _HASH)[kind]
    if end > len(data):
        what = f"it needs {end - at} bytes, and {len(data) - at} are left"
        raise LeafLengthError(place, None, len(data) - at, what)
    number = int.from_bytes(data[at + 2 : at + _HEAD])
    if data[at + 1] != place:
        raise LeafPlaceError(place, number, data[at + 1], f"it names place {data[at + 1]}")
    registers = [_registers_at(data, at + _HEAD + _PAIR * each) for each in range(pairs)]
    if kind == _MEASURED:
        first, last = registers
        return Measured(number=number, first=first, last=last, continues=continues), end
    carried = registers[0] if continues else None
    if kind == _SEALED:
        return Sealed(number=number, first=carried, commitment=data[after:end]), end
    return Absent(number=number, first=carried), end


def _registers_at(data: bytes, at: int) -> Registers:
    half = at + _PAIR // 2
    return Registers(int.from_bytes(data[at:half]), int.from_bytes(data[half : at + _PAIR]))


def _bytes_of(registers: Registers) -> bytes:
    return b"".join(each.to_bytes(_PAIR // 2) for each in registers)


def _nets_of(curves: list[bytes]) -> Nets:
    """The nets of measured records."""
    lanes = np.frombuffer(b"".join(curves), dtype=">u4").astype(np.uint32)
    lanes = _reversed(lanes.reshape(len(curves), -1))
    wh = (lanes & (_EXPORT - 1)).astype(np.int32)
    return np.where(lanes & _EXPORT, wh, -wh)


def _reversed(lanes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Rows with the lanes of each word the other way round."""
    return lanes.reshape(len(lanes), -1, _LANES)[:, :, ::-1].reshape(lanes.shape)


def _fault_of_net(place: int, leaf: Measured, slot: int, net: int, most: int) -> LeafError | None:
    if abs(net) <= most:
        return None
    what = f"the net of slot {slot} is {net} Wh, its meter allows {most}"
    return NetTooLargeError(place, leaf.number, net, what)


def _fault_of_registers(place: int, leaf: Measured, net: int, most: int) -> LeafError | None:
    imported, exported = (
        (last - first) % REGISTER_END for first, last in zip(leaf.first, leaf.last, strict=True)
    )
    if imported + exported > most:
        what = f"its registers rise by {imported + exported} Wh, its meter allows {most}"
        return RiseTooLargeError(place, leaf.number, imported + exported, what)
    if exported - imported != net:
        what = f"its registers show {exported - imported} Wh, its nets add up to {net}"
        return RegistersDisagreeError(place, leaf.number, exported - imported, what)
    return None


def _shown(registers: Registers | None) -> str:
    if registers is None:
        return "none"
    return f"{registers.imported} Wh imported, {registers.exported} Wh exported"
