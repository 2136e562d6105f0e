"""The ABIs shipped with the package, and encoding and decoding with them.

Decoded values: addresses with their EIP-55 checksum, so that two of them compare equal as text;
enums as the package's own; names of parameters and fields in snake_case.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import IntEnum
from functools import cache, cached_property, lru_cache
from importlib import resources
from typing import Any

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError, EncodingError
from eth_hash.auto import keccak
from eth_utils.address import to_checksum_address

from energy_grid.domain import enums
from energy_grid.errors import ChainError, InputError

__all__ = [
    "Abi",
    "AbiHash",
    "Event",
    "Function",
    "Refusal",
    "Signed",
    "checksum",
    "contract_names",
    "enum_of",
    "from_bytes32",
    "load",
    "snake_case",
    "to_bytes32",
]

AbiHash = str
Entry = Mapping[str, Any]
Convert = Callable[[Any], Any]

_ENUMS: Mapping[str, type[IntEnum]] = {name: getattr(enums, name) for name in enums.__all__}
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SELECTOR_BYTES = 4
_WORD = 32


@dataclass(frozen=True)
class Parameters:
    """Inputs or outputs, encoded and decoded together."""

    entries: tuple[Entry, ...]

    @cached_property
    def types(self) -> tuple[str, ...]:
        """Canonical types, structs as tuples."""
        return tuple(_type(entry) for entry in self.entries)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names in snake_case; the position where the source gives none."""
        return tuple(
            snake_case(entry["name"]) or f"value_{index}"
            for index, entry in enumerate(self.entries)
        )

    @cached_property
    def _checks(self) -> tuple[Convert | None, ...]:
        return tuple(_deep(entry, _checked) for entry in self.entries)

    @cached_property
    def _typings(self) -> tuple[Convert | None, ...]:
        return tuple(_deep(entry, _typed) for entry in self.entries)

    def encode(self, values: Sequence[Any]) -> bytes:
        """The words of the values. A record stands for a struct, text for a name in 32 bytes.

        Raises:
            InputError: a value does not fit its type.
        """
        try:
            return encode(self.types, _each(self._checks, values))
        except (EncodingError, TypeError, ValueError) as error:
            raise InputError(f"({', '.join(self.types)}) cannot hold {values}: {error}") from None

    def named(self, values: Sequence[Any]) -> dict[str, Any]:
        """Decoded values by their names, those of structs as well."""
        named = zip(self.names, self.entries, values, strict=True)
        return {name: _named(entry, value) for name, entry, value in named}

    def decode(self, data: bytes) -> tuple[Any, ...]:
        """The values of the words.

        Raises:
            ChainError: the words are something else.
        """
        try:
            return _each(self._typings, decode(self.types, data))
        except (DecodingError, OverflowError, ValueError) as error:
            raise ChainError(f"no ({', '.join(self.types)}): {error}") from None


@dataclass(frozen=True)
class Signed:
    """What functions, events and errors have in common: a signature and its hash."""

    name: str
    inputs: Parameters

    @cached_property
    def signature(self) -> str:
        """Such as ``cancelOrder(uint256)``."""
        return f"{self.name}({','.join(self.inputs.types)})"

    @cached_property
    def topic(self) -> bytes:
        """Hash of the signature."""
        return keccak(self.signature.encode())

    @cached_property
    def selector(self) -> bytes:
        """Its first four bytes."""
        return self.topic[:_SELECTOR_BYTES]


@dataclass(frozen=True)
class Function(Signed):
    """A function; ``constant`` ones change nothing."""

    outputs: Parameters
    constant: bool

    def encode(self, values: Sequence[Any]) -> bytes:
        """Call data.

        Raises:
            InputError: a value does not fit its type.
        """
        return self.selector + self.inputs.encode(values)

    def decode(self, data: bytes) -> Any:
        """What it returned: nothing, the value, or a tuple of several.

        Raises:
            ChainError: something else.
        """
        values = self.outputs.decode(data)
        return values[0] if len(values) == 1 else (values or None)


@dataclass(frozen=True)
class Event(Signed):
    """An event."""

    def decode(self, topics: Sequence[bytes], data: bytes) -> dict[str, Any]:
        """The values by name. Indexed ones are of value types here, so topics hold them whole."""
        indexed, plain = self.split
        values = dict(zip(indexed.names, indexed.decode(b"".join(topics[1:])), strict=True))
        values.update(zip(plain.names, plain.decode(data), strict=True))
        return {name: values[name] for name in self.inputs.names}

    @cached_property
    def split(self) -> tuple[Parameters, Parameters]:
        """The values that topics hold, and those that data holds."""
        entries = self.inputs.entries
        return (
            Parameters(tuple(entry for entry in entries if entry["indexed"])),
            Parameters(tuple(entry for entry in entries if not entry["indexed"])),
        )


@dataclass(frozen=True)
class Refusal(Signed):
    """A custom error."""

    def decode(self, data: bytes) -> dict[str, Any]:
        """The values by name, out of revert data with its selector.

        Raises:
            ChainError: something else.
        """
        values = self.inputs.decode(data[_SELECTOR_BYTES:])
        return dict(zip(self.inputs.names, values, strict=True))


class Abi:
    """The interface of one contract."""

    def __init__(self, name: str, entries: Sequence[Entry]) -> None:
        self.name = name
        self.entries = entries
        self.functions: dict[str, Function] = {}
        self.events: dict[bytes, Event] = {}
        self.errors: dict[bytes, Refusal] = {}
        for entry in entries:
            inputs = Parameters(tuple(entry.get("inputs", ())))
            if entry["type"] == "function":
                function = Function(
                    name=entry["name"],
                    inputs=inputs,
                    outputs=Parameters(tuple(entry["outputs"])),
                    constant=entry["stateMutability"] in ("view", "pure"),
                )
                self.functions[function.signature] = function
            elif entry["type"] == "event":
                event = Event(name=entry["name"], inputs=inputs)
                self.events[event.topic] = event
            elif entry["type"] == "error":
                refusal = Refusal(name=entry["name"], inputs=inputs)
                self.errors[refusal.selector] = refusal
        self._by_name: dict[str, list[Function]] = {}
        for function in self.functions.values():
            self._by_name.setdefault(function.name, []).append(function)

    def function(self, name: str) -> Function:
        """A function by its signature, or by its name if no other has it.

        Raises:
            ChainError: there is none, or several.
        """
        if name in self.functions:
            return self.functions[name]
        found = self._by_name.get(name, [])
        if len(found) != 1:
            signatures = ", ".join(function.signature for function in found)
            raise ChainError(f"{self.name} has no single {name}: {signatures or 'none at all'}")
        return found[0]

    def event(self, name: str) -> Event:
        """An event by its name.

        Raises:
            ChainError: there is none.
        """
        for event in self.events.values():
            if event.name == name:
                return event
        raise ChainError(f"{self.name} has no event {name}")

    @cached_property
    def digest(self) -> AbiHash:
        """SHA-256 of the canonical JSON: sorted keys, no spaces."""
        text = json.dumps(self.entries, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


@cache
def load(name: str) -> Abi:
    """The shipped ABI of a contract.

    Raises:
        ChainError: none of this name is shipped.
    """
    try:
        text = (_folder() / f"{name}.json").read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ChainError(f"no ABI of a contract named {name} is shipped") from None
    return Abi(name, json.loads(text))


@cache
def contract_names() -> tuple[str, ...]:
    """The contracts whose ABIs are shipped."""
    names = (item.name for item in _folder().iterdir())
    return tuple(sorted(name.removesuffix(".json") for name in names if name.endswith(".json")))


@lru_cache(maxsize=65_536)
def checksum(address: str) -> str:
    """An address as EIP-55 writes it."""
    return to_checksum_address(address)


@cache
def snake_case(name: str) -> str:
    """``orderId`` as ``order_id``; underscores that keep clear of keywords fall away."""
    return _HUMP.sub("_", name).lower().strip("_")


def enum_of(entry: Entry) -> type[IntEnum] | None:
    """The package's own enum that a parameter is of, if any."""
    # "enum IEnergyTrading.OrderType"
    what, _, qualified = str(entry.get("internalType", "")).partition(" ")
    return _ENUMS.get(qualified.rpartition(".")[2]) if what == "enum" else None


def to_bytes32(text: str) -> bytes:
    """A name, such as a region's, as contracts hold it: ASCII from the left.

    Raises:
        InputError: not ASCII, or longer than 32 characters.
    """
    if not text.isascii() or len(text) > _WORD:
        raise InputError(f"{text!r} is not a name of at most {_WORD} ASCII characters")
    return text.encode().ljust(_WORD, b"\0")


def from_bytes32(word: bytes) -> str:
    """The name in a word; what is no ASCII shows as escapes."""
    return word.rstrip(b"\0").decode("ascii", "backslashreplace")


def _folder() -> Any:
    return resources.files("energy_grid") / "contracts" / "abis"


def _type(entry: Entry) -> str:
    kind: str = entry["type"]
    if not kind.startswith("tuple"):
        return kind
    return f"({','.join(_type(part) for part in entry['components'])}){kind[len('tuple') :]}"


def _deep(entry: Entry, leaf: Callable[[Entry], Convert | None]) -> Convert | None:
    """What applies ``leaf`` to every value in a parameter, None where there is nothing to do."""
    kind: str = entry["type"]
    if kind.endswith("]"):
        each = _deep({**entry, "type": kind[: kind.rindex("[")]}, leaf)
        return None if each is None else lambda values: tuple(each(value) for value in values)
    if kind == "tuple":
        parts = [_deep(part, leaf) for part in entry["components"]]
        return lambda values: _each(parts, values)
    return leaf(entry)


def _each(converts: Sequence[Convert | None], values: Any) -> tuple[Any, ...]:
    if is_dataclass(values):
        values = [getattr(values, field.name) for field in fields(values)]
    return tuple(
        value if convert is None else convert(value)
        for convert, value in zip(converts, values, strict=True)
    )


def _named(entry: Entry, value: Any) -> Any:
    kind: str = entry["type"]
    if kind.endswith("]"):
        return [_named({**entry, "type": kind[: kind.rindex("[")]}, each) for each in value]
    return Parameters(tuple(entry["components"])).named(value) if kind == "tuple" else value


def _typed(entry: Entry) -> Convert | None:
    """Makes a decoded value the package's own."""
    if entry["type"] == "address":
        return checksum
    return enum_of(entry)


def _checked(entry: Entry) -> Convert | None:
    """Refuses an address whose checksum says that a letter of it is wrong, and takes names."""
    if entry["type"] == "bytes32":
        return lambda value: to_bytes32(value) if isinstance(value, str) else value
    return _checked_address if entry["type"] == "address" else None


def _checked_address(address: Any) -> Any:
    letters = address[2:] if isinstance(address, str) else ""
    is_mixed = letters not in (letters.lower(), letters.upper())
    if is_mixed and checksum(address.lower()) != address:
        raise ValueError(f"{address} has a wrong checksum")
    return address
