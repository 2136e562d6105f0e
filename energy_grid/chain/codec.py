"""The contract ABI encoding: one `Coder` for each type.

`eth_abi` does the same. Importing it loads pydantic, a parser generator and a table of networks:
0.3 s of every start. web3.py, which uses it, takes 17 times as long to decode a log.
``python -m tests.bench.web3_choice`` measures both. Tests compare this module with `eth_abi`.

A decoder takes all the data and the position of its value. All functions raise ValueError, or
TypeError, for values that do not fit and for data that no contract writes: what is too short, has
bits set in its padding, or is no UTF-8.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from energy_grid.domain.hashing import keccak

__all__ = ["Coder", "array_coder", "checksum", "tuple_coder", "value_coder"]

_WORD = 32
_NUMBER = re.compile(r"(u?int)([0-9]+)")
_FIXED_BYTES = re.compile(r"bytes([0-9]+)")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_ADDRESS_BITS = 160


@dataclass(frozen=True, slots=True)
class Coder:
    """Encodes and decodes values of one type.

    Attributes:
        kind: the canonical name of the type.
        size: bytes of an encoded value; None where the value decides.
    """

    kind: str
    size: int | None
    encode: Callable[[Any], bytes]
    decode: Callable[[bytes, int], Any]

    def mapped(self, convert: Callable[[Any], Any]) -> Coder:
        """The same coder, whose decoded values are converted."""
        decode = self.decode
        return replace(self, decode=lambda data, at: convert(decode(data, at)))


def value_coder(kind: str) -> Coder:
    """The coder of a type that is neither an array nor a tuple.

    Raises:
        ValueError: there is no such type.
    """
    if kind in _VALUES:
        return _VALUES[kind]
    if number := _NUMBER.fullmatch(kind):
        return _number_coder(kind, int(number[2]), signed=number[1] == "int")
    if width := _FIXED_BYTES.fullmatch(kind):
        return _fixed_bytes_coder(kind, int(width[1]))
    raise ValueError(f"{kind} is no type of values")


def tuple_coder(parts: Sequence[Coder]) -> Coder:
    """The coder of several values in a row."""
    heads = [_WORD if part.size is None else part.size for part in parts]

    def encode(values: Any) -> bytes:
        if isinstance(values, (str, bytes)) or len(values) != len(parts):
            raise ValueError(f"{len(parts)} values are needed, not {values!r}")
        head, tail, offset = [], [], sum(heads)
        for part, value in zip(parts, values, strict=True):
            encoded = part.encode(value)
            if part.size is not None:
                head.append(encoded)
                continue
            head.append(offset.to_bytes(_WORD, "big"))
            tail.append(encoded)
            offset += len(encoded)
        return b"".join(head + tail)

    def decode(data: bytes, at: int) -> tuple[Any, ...]:
        values, place = [], at
        for part, head in zip(parts, heads, strict=True):
            start = place if part.size is not None else at + _unsigned(data, place)
            values.append(part.decode(data, start))
            place += head
        return tuple(values)

    size = None if any(part.size is None for part in parts) else sum(heads)
    return Coder(f"({','.join(part.kind for part in parts)})", size, encode, decode)


def array_coder(part: Coder, length: int | None) -> Coder:
    """The coder of an array; ``length`` is None where the value decides."""
    if length is not None:
        return replace(tuple_coder([part] * length), kind=f"{part.kind}[{length}]")

    def encode(values: Any) -> bytes:
        elements = tuple_coder([part] * len(values)).encode(values)
        return len(values).to_bytes(_WORD, "big") + elements

    def decode(data: bytes, at: int) -> tuple[Any, ...]:
        count, at = _unsigned(data, at), at + _WORD
        if count * (part.size or _WORD) > len(data) - at:
            raise ValueError(f"{len(data)} bytes cannot hold {count} elements")
        elements: tuple[Any, ...] = tuple_coder([part] * count).decode(data, at)
        return elements

    return Coder(f"{part.kind}[]", None, encode, decode)


@lru_cache(maxsize=65_536)
def checksum(address: str) -> str:
    """An address as EIP-55 writes it.

    Raises:
        ValueError: it is no address.
    """
    if not isinstance(address, str) or not _ADDRESS.fullmatch(address):
        raise ValueError(f"{address!r} is no address")
    digits = address[2:].lower()
    marks = keccak(digits.encode()).hex()
    return "0x" + "".join(
        digit.upper() if mark > "7" else digit for digit, mark in zip(digits, marks, strict=False)
    )


def _unsigned(data: bytes, at: int) -> int:
    if at + _WORD > len(data):
        raise ValueError(f"{len(data)} bytes are too few")
    return int.from_bytes(data[at : at + _WORD], "big")


def _number_coder(kind: str, bits: int, *, signed: bool) -> Coder:
    lowest, end = (-(1 << bits - 1), 1 << bits - 1) if signed else (0, 1 << bits)

    def encode(value: Any) -> bytes:
        if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value < end:
            raise ValueError(f"{value!r} is no {kind}")
        return int(value).to_bytes(_WORD, "big", signed=signed)

    def decode(data: bytes, at: int) -> int:
        value = _unsigned(data, at)
        if signed and value >> 255:
            value -= 1 << 256
        if not lowest <= value < end:
            raise ValueError(f"{value} is no {kind}")
        return value

    return Coder(kind, _WORD, encode, decode)


def _fixed_bytes_coder(kind: str, width: int) -> Coder:
    padding = bytes(_WORD - width)

    def encode(value: Any) -> bytes:
        if not isinstance(value, (bytes, bytearray)) or len(value) > width:
            raise ValueError(f"{value!r} is no {kind}")
        return bytes(value).ljust(_WORD, b"\0")

    def decode(data: bytes, at: int) -> bytes:
        word = data[at : at + _WORD]
        if len(word) < _WORD or word[width:] != padding:
            raise ValueError(f"0x{word.hex()} is no {kind}")
        return word[:width]

    return Coder(kind, _WORD, encode, decode)


def _encode_bool(value: Any) -> bytes:
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} is no bool")
    return value.to_bytes(_WORD, "big")


def _decode_bool(data: bytes, at: int) -> bool:
    value = _unsigned(data, at)
    if value > 1:
        raise ValueError(f"{value} is no bool")
    return value == 1


def _encode_address(value: Any) -> bytes:
    letters = checksum(value)[2:]
    # A checksum in mixed case says whether one of its letters is wrong.
    if value[2:] not in (letters, letters.lower(), letters.upper()):
        raise ValueError(f"{value} has a wrong checksum")
    return bytes.fromhex(letters).rjust(_WORD, b"\0")


def _decode_address(data: bytes, at: int) -> str:
    value = _unsigned(data, at)
    if value >> _ADDRESS_BITS:
        raise ValueError(f"{value:#x} is no address")
    return checksum(f"0x{value:040x}")


def _encode_bytes(value: Any) -> bytes:
    if not isinstance(value, (bytes, bytearray)):
        raise ValueError(f"{value!r} is no bytes")
    padded = -(-len(value) // _WORD) * _WORD
    return len(value).to_bytes(_WORD, "big") + bytes(value).ljust(padded, b"\0")


def _decode_bytes(data: bytes, at: int) -> bytes:
    length, at = _unsigned(data, at), at + _WORD
    end = at + -(-length // _WORD) * _WORD
    if end > len(data) or any(data[at + length : end]):
        raise ValueError(f"{len(data)} bytes do not hold {length} more and their padding")
    return data[at : at + length]


def _encode_string(value: Any) -> bytes:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no string")
    return _encode_bytes(value.encode())


def _decode_string(data: bytes, at: int) -> str:
    # What a contract takes for text may be any bytes, such as a vote's reason: those that are no
    # text are written ``\\xff``, so that nobody can make a reader fail.
    return _decode_bytes(data, at).decode(errors="backslashreplace")


_VALUES = {
    "address": Coder("address", _WORD, _encode_address, _decode_address),
    "bool": Coder("bool", _WORD, _encode_bool, _decode_bool),
    "bytes": Coder("bytes", None, _encode_bytes, _decode_bytes),
    "string": Coder("string", None, _encode_string, _decode_string),
}
