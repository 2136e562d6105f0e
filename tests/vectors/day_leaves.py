"""Leaves of communities' days with their nodes, roots, proofs and register hashes, for whoever
builds or checks them with other software.

They are made from the format alone, without the package: run this module to write
`day_leaves.json` anew. Records and hashes are hexadecimal, energy is in Wh, nets are export less
import by slot. `registerHash` is of the day's last registers, `continuedHash` of the day before's,
as the leaves that continue have them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from eth_utils.crypto import keccak

__all__ = ["FILE", "made"]

FILE = Path(__file__).with_suffix(".json")
_DAY = 20_000
_HOUR, _QUARTER = 3600, 900
_REGISTERS = 2**48
_STATUS = {"absent": 0, "measured": 1, "sealed": 2}
_CONTINUES = 0x80
# Larger days have no fields of each member, and some proofs.
_FEW = 3
_PROVEN = (0, 1, 127, 128, 159)

Member = dict[str, Any]


def made() -> dict[str, Any]:
    """What the file holds."""
    house = _measured(7, (1_000, 250_000), {12: 2_000, 19: -900}, _HOUR)
    flat = _measured(9, (40_000, 0), {12: -1_500, 19: -600}, _HOUR)
    second_house = _measured(7, house["last"], {0: -1, 7: 1, 8: -2, 23: 3}, _HOUR, continues=True)
    left = _absent(9, flat["last"])
    new = _sealed(_measured(8, (5, 5), {3: 4}, _HOUR), 1)
    rolled = _measured(2**32 - 1, (_REGISTERS - 1, _REGISTERS - 2), {0: -5, 1: 7, 95: -1}, _QUARTER)
    strong = _measured(1, (0, 0), {0: 2**24 - 1, 8: 1 - 2**24}, _QUARTER, continues=True)
    sealed = _sealed(_measured(5, (8, 9), {64: -3}, _QUARTER, continues=True), 2)
    many = [_measured(n + 1, (n, n * n), _curve(n, 24), _HOUR) for n in range(160)]
    kinds = [_of_some_kind(place) for place in range(160)]
    days = (
        ("one, absent", _HOUR, _DAY, [_absent(1)]),
        ("one, measured", _QUARTER, _DAY, [rolled]),
        ("two, measured", _HOUR, _DAY, [house, flat]),
        ("two, measured, one continues", _QUARTER, _DAY, [strong, rolled]),
        ("three, one absent", _HOUR, _DAY, [house, _absent(8), flat]),
        ("three, the day after: one is new and sealed, one left", _HOUR, _DAY + 1,
         [second_house, new, left]),
        ("three, one sealed, which continues", _QUARTER, _DAY, [strong, sealed, rolled]),
        ("160, all measured", _HOUR, _DAY, many),
        ("160, of all kinds", _QUARTER, _DAY, kinds),
    )  # fmt: skip
    return {"days": [_vector(*day) for day in days]}


def _vector(name: str, slot_seconds: int, day: int, members: list[Member]) -> dict[str, Any]:
    records = [_record(place, member) for place, member in enumerate(members)]
    nodes = [keccak(record) for record in records]
    is_few = len(members) <= _FEW
    places = range(len(members)) if is_few else _PROVEN
    before = [(each["number"], each["first"]) for each in members if each["continues"]]
    after = [(each["number"], each["last"]) for each in members if each["status"] == "measured"]
    openings = {
        str(each["number"]): f"0x{_opening(place, each).hex()}"
        for place, each in enumerate(members)
        if each["status"] == "sealed"
    }
    return {
        "name": name,
        "slotSeconds": slot_seconds,
        "day": day,
        **({"members": members} if is_few else {}),
        "records": [f"0x{record.hex()}" for record in records],
        "openings": openings,
        "nodes": [f"0x{node.hex()}" for node in nodes],
        "root": f"0x{_root(nodes).hex()}",
        "proofs": {
            str(place): [f"0x{node.hex()}" for node in _proof(nodes, place)] for place in places
        },
        "registerHash": f"0x{_register_hash(day, after).hex()}",
        "continuedHash": f"0x{_register_hash(day - 1, before).hex()}",
    }


def _absent(number: int, first: list[int] | None = None) -> Member:
    return {
        "status": "absent",
        "number": number,
        "continues": first is not None,
        **({"first": first} if first else {}),
    }


def _measured(
    number: int, first: Any, nets: dict[int, int], slot_seconds: int, *, continues: bool = False
) -> Member:
    imported = sum(-net for net in nets.values() if net < 0)
    exported = sum(net for net in nets.values() if net > 0)
    return {
        "status": "measured",
        "number": number,
        "continues": continues,
        "first": [*first],
        "last": [(first[0] + imported) % _REGISTERS, (first[1] + exported) % _REGISTERS],
        "nets": [nets.get(slot, 0) for slot in range(86_400 // slot_seconds)],
    }


def _sealed(measured: Member, salt: int) -> Member:
    return measured | {"status": "sealed", "salt": f"0x{salt:064x}"}


def _of_some_kind(place: int) -> Member:
    measured = _measured(
        3 * place + 1, (place, 2**47), _curve(place, 96), _QUARTER, continues=place % 3 == 0
    )
    kinds = (
        measured,
        _absent(3 * place + 1),
        _sealed(measured, place),
        _absent(3 * place + 1, [place, 2 * place]),
    )
    return kinds[place % 4]


def _curve(member: int, slots: int) -> dict[int, int]:
    return {slot: (member * 7919 + slot * 104_729) % 4_001 - 2_000 for slot in range(slots)}


def _record(place: int, member: Member) -> bytes:
    if member["status"] == "sealed":
        first = _registers(member["first"]) if member["continues"] else b""
        return _head(place, member) + first + keccak(_opening(place, member))
    record = _head(place, member)
    for name in ("first", "last"):
        record += _registers(member[name]) if name in member else b""
    return record + _lanes(member.get("nets", []))


def _opening(place: int, sealed: Member) -> bytes:
    """The measured record and the salt."""
    return _record(place, sealed | {"status": "measured"}) + bytes.fromhex(sealed["salt"][2:])


def _head(place: int, member: Member) -> bytes:
    status = _STATUS[member["status"]] + (_CONTINUES if member["continues"] else 0)
    return bytes((status, place)) + member["number"].to_bytes(4)


def _registers(pair: list[int]) -> bytes:
    return pair[0].to_bytes(6) + pair[1].to_bytes(6)


def _lanes(nets: list[int]) -> bytes:
    """Words of eight nets, the first in the lowest 32 bits."""
    found = b""
    for at in range(0, len(nets), 8):
        lanes = [abs(net) + (2**31 if net > 0 else 0) for net in nets[at : at + 8]]
        found += sum(lane << 32 * place for place, lane in enumerate(lanes)).to_bytes(32)
    return found


def _root(nodes: list[bytes]) -> bytes:
    """Of the left part, the largest power of two below the count, and the right one."""
    if len(nodes) == 1:
        return nodes[0]
    half = _half(nodes)
    return keccak(b"".join(sorted((_root(nodes[:half]), _root(nodes[half:])))))


def _proof(nodes: list[bytes], place: int) -> list[bytes]:
    if len(nodes) == 1:
        return []
    half = _half(nodes)
    if place < half:
        return [*_proof(nodes[:half], place), _root(nodes[half:])]
    return [*_proof(nodes[half:], place - half), _root(nodes[:half])]


def _half(nodes: list[bytes]) -> int:
    return 1 << (len(nodes) - 1).bit_length() - 1


def _register_hash(day: int, registers: list[tuple[int, list[int]]]) -> bytes:
    entries = (number.to_bytes(4) + _registers(pair) for number, pair in registers)
    return keccak(day.to_bytes(2) + b"".join(entries))[:30] + day.to_bytes(2)


if __name__ == "__main__":
    lines = ",\n".join(json.dumps(day) for day in made()["days"])
    FILE.write_text(f'{{"days": [\n{lines}\n]}}\n')
