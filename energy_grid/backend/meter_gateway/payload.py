"""What meters send: topics, and readings and states in JSON or CBOR.

    energy-grid/<chain id>/<meter>/reading    a signed reading, as `reading_file` has them
    energy-grid/<chain id>/<meter>/status     {"online": true, "time": 1704070800}

<meter> is the address of the device's key with its checksum. A message whose first byte is that of
a CBOR map (0xa0 to 0xbf) is CBOR, with the same names: there addresses and the signature are byte
strings. Any other is JSON. Numbers are whole in both.

A status is not signed: it tells how the device's clock goes and whether it is there, and moves no
energy. Its ``time`` is the device's clock; a last will has none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cbor2

from energy_grid.chain.abi import checksum
from energy_grid.contracts.smart_meter import SignedReading
from energy_grid.domain.typed_data import Domain
from energy_grid.errors import InputError
from energy_grid.market.reading_file import document_of, parse_reading

__all__ = [
    "PayloadError",
    "Status",
    "Topic",
    "parse_reading_payload",
    "parse_status",
    "parse_topic",
    "reading_payload",
    "topic_of",
]

_MAX_BYTES = 1024
_TOPIC = re.compile("energy-grid/([0-9]{1,20})/(0x[0-9a-fA-F]{40})/(reading|status)")
_CBOR_MAPS = range(0xA0, 0xC0)
# Of fields in CBOR that are bytes, and digits in JSON.
_BYTES = ("contract", "meter", "signature")
_NAMES = frozenset(
    (
        *("format", "chainId", "contract", "meter", "timestamp", "importWh", "exportWh"),
        *("frequencyCentihertz", "voltageDecivolts", "signature"),
    )
)
# As the chain's words have room (ReadingWord.sol).
_BITS = {
    "timestamp": 32,
    "importWh": 48,
    "exportWh": 48,
    "frequencyCentihertz": 13,
    "voltageDecivolts": 14,
}


class PayloadError(InputError):
    """A message that is none of a meter; it is counted, and thrown away."""


@dataclass(frozen=True, slots=True)
class Topic:
    """Where a message was published: for which market, by which meter, and what it is."""

    chain_id: int
    meter: str
    kind: str


@dataclass(frozen=True, slots=True)
class Status:
    """What a device says of itself.

    Attributes:
        time: of its clock, in Unix seconds; None in a last will.
    """

    online: bool
    time: int | None


def topic_of(chain_id: int | str, meter: str, kind: str) -> str:
    """The topic of a meter's messages; ``+`` stands for any meter."""
    return f"energy-grid/{chain_id}/{meter}/{kind}"


def parse_topic(topic: str) -> Topic:
    """What a topic names.

    Raises:
        PayloadError: it is none, or the address has no checksum: each meter has one topic.
    """
    found = _TOPIC.fullmatch(topic)
    if found is None:
        raise PayloadError(
            f"the topic {topic[:80]!r} is none of a meter: publish to"
            f" {topic_of('CHAIN', 'METER', 'reading')}"
        )
    chain_id, meter, kind = found.groups()
    if checksum(meter.lower()) != meter:
        raise PayloadError(
            f"the topic names {meter}: publish to the address with its checksum,"
            f" {checksum(meter.lower())}"
        )
    return Topic(int(chain_id), meter, kind)


def parse_reading_payload(content: bytes, domain: Domain) -> SignedReading:
    """The reading of a message; its signature may be anybody's.

    Raises:
        PayloadError: it is too long, is no flat object, is for another market, or a value does not
            fit.
    """
    document = _document(content)
    _require_names(document, _NAMES)
    try:
        signed = parse_reading(document, domain)
    except InputError as error:
        raise PayloadError(f"the reading is refused: {error}") from None
    for name, bits in _BITS.items():
        if document[name] >> bits:
            raise PayloadError(f"{name} is {document[name]}: it must be below 2^{bits}")
    return signed


def parse_status(content: bytes) -> Status:
    """The state of a message.

    Raises:
        PayloadError: it is none.
    """
    document = _document(content)
    _require_names(document, {"online", "time"})
    online, time = document.get("online"), document.get("time")
    if not isinstance(online, bool):
        raise PayloadError("the status is refused: online must be true or false")
    if time is not None and (type(time) is not int or time >> 32):
        raise PayloadError("the status is refused: time must be Unix seconds, a whole number")
    return Status(online, time)


def reading_payload(signed: SignedReading, domain: Domain, *, as_cbor: bool = False) -> bytes:
    """The message of a signed reading."""
    document = document_of(signed, domain)
    if not as_cbor:
        return json.dumps(document).encode()
    return cbor2.dumps(document | {name: bytes.fromhex(document[name][2:]) for name in _BYTES})


def _document(content: bytes) -> Mapping[str, Any]:
    """A flat object of numbers and texts."""
    if len(content) > _MAX_BYTES:
        raise PayloadError(f"the message has {len(content)} bytes: at most {_MAX_BYTES} are read")
    is_cbor = content[:1] != b"" and content[0] in _CBOR_MAPS
    document = _from_cbor(content) if is_cbor else _from_json(content)
    if not isinstance(document, dict):
        raise PayloadError("the message is no object: send one with the fields of a reading")
    for name, value in document.items():
        # What is of another type is a float, a list, or something that CBOR has more.
        if type(name) is not str or type(value) not in (int, str, bool):
            raise PayloadError(f"{str(name)[:40]!r} is refused: fields are whole numbers and texts")
    return document


def _from_json(content: bytes) -> Any:
    try:
        return json.loads(content, object_pairs_hook=_object)
    except (ValueError, RecursionError):
        raise PayloadError("the message is neither JSON nor a CBOR map") from None


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names all differ: readers would disagree about which of two counts."""
    if len({name for name, _ in pairs}) < len(pairs):
        raise PayloadError("the message has a field twice")
    return dict(pairs)


def _from_cbor(content: bytes) -> Any:
    try:
        document = cbor2.loads(
            content,
            max_depth=1,
            allow_indefinite=False,
            allow_duplicate_keys=False,
            strict_hashable_types=True,
        )
    except (cbor2.CBORDecodeError, ValueError, TypeError):
        raise PayloadError("the message is no flat map of CBOR") from None
    for name in _BYTES:
        if isinstance(value := document.get(name), bytes):
            document[name] = f"0x{value.hex()}"
    return document


def _require_names(document: Mapping[str, Any], known: Collection[str]) -> None:
    if unknown := document.keys() - known:
        raise PayloadError(f"the message has an unknown field {min(unknown)[:40]!r}: leave it out")
