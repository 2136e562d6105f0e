"""The ABIs shipped with the package, and encoding and decoding with them.

Decoded values: addresses with their EIP-55 checksum, so that two of them compare equal as text;
enums as the package's own; names of parameters and fields in snake_case.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import IntEnum
from functools import cache, cached_property
from importlib import resources
from typing import Any

from energy_grid.chain.codec import Coder, array_coder, checksum, tuple_coder, value_coder
from energy_grid.domain import enums
from energy_grid.domain.hashing import keccak
from energy_grid.errors import ChainError, InputError

__all__ = [
    "Abi",
    "AbiHash",
    "CustomError",
    "Event",
    "Function",
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

_ENUMS: Mapping[str, type[IntEnum]] = {name: getattr(enums, name) for name in enums.__all__}
# Of two enums of one name, one has another name here.
_RENAMED: Mapping[str, type[IntEnum]] = {"ISettlement.Refusal": enums.LegReason}
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
        return tuple(_coder(entry).kind for entry in self.entries)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names in snake_case; the position where the source gives none."""
        return tuple(
            snake_case(entry["name"]) or f"value_{index}"
            for index, entry in enumerate(self.entries)
        )

    @cached_property
    def _whole(self) -> Coder:
        return tuple_coder([_coder(entry) for entry in self.entries])

    def encode(self, values: Sequence[Any]) -> bytes:
        """The words of the values. A record stands for a struct, text for a name in 32 bytes.

        Raises:
            InputError: a value does not fit its type.
        """
        try:
            return self._whole.encode(values)
        except (TypeError, ValueError) as error:
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
            decoded: tuple[Any, ...] = self._whole.decode(data, 0)
            return decoded
        except ValueError as error:
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
class CustomError(Signed):
    """A custom error."""

    def decode(self, data: bytes) -> dict[str, Any]:
        """The values by name, out of revert data with its selector.

        Raises:
            ChainError: something else.
        """
        values = self.inputs.decode(data[_SELECTOR_BYTES:])
        return dict(zip(self.inputs.names, values, strict=True))


class Abi:
    """The interface of one contract; its parts are made when they are asked for."""

    def __init__(self, name: str, entries: Sequence[Entry]) -> None:
        self.name = name
        self.entries = entries

    @cached_property
    def functions(self) -> dict[str, Function]:
        """By their signatures."""
        found = [
            Function(
                name=entry["name"],
                inputs=Parameters(tuple(entry["inputs"])),
                outputs=Parameters(tuple(entry["outputs"])),
                constant=entry["stateMutability"] in ("view", "pure"),
            )
            for entry in self._entries("function")
        ]
        return {function.signature: function for function in found}

    @cached_property
    def events(self) -> dict[bytes, Event]:
        """By their topics."""
        found = [
            Event(entry["name"], Parameters(tuple(entry["inputs"])))
            for entry in self._entries("event")
        ]
        return {event.topic: event for event in found}

    @cached_property
    def errors(self) -> dict[bytes, CustomError]:
        """By their selectors."""
        found = [
            CustomError(entry["name"], Parameters(tuple(entry["inputs"])))
            for entry in self._entries("error")
        ]
        return {refusal.selector: refusal for refusal in found}

    @cached_property
    def _by_name(self) -> dict[str, list[Function]]:
        found: dict[str, list[Function]] = {}
        for function in self.functions.values():
            found.setdefault(function.name, []).append(function)
        return found

    @cached_property
    def _by_selector(self) -> dict[bytes, Function]:
        return {function.selector: function for function in self.functions.values()}

    def _entries(self, kind: str) -> list[Entry]:
        return [entry for entry in self.entries if entry["type"] == kind]

    def called(self, data: bytes) -> Function | None:
        """The function that the data of a call names by its selector, if there is one."""
        return self._by_selector.get(data[:_SELECTOR_BYTES])

    def function(self, name: str) -> Function:
        """A function by its signature, or by its name if no other has it.

        Raises:
            ChainError: there is none, or several.
        """
        if name in self.functions:
            return self.functions[name]
        found = self._by_name.get(name, [])
        if not found:
            raise ChainError(f"{self.name} has no function {name}")
        if len(found) > 1:
            signatures = ", ".join(function.signature for function in found)
            raise ChainError(
                f"{self.name} has no single {name}, but {signatures}: name one of them"
            )
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


@cache
def snake_case(name: str) -> str:
    """``orderId`` as ``order_id``; underscores that keep clear of keywords fall away."""
    return _HUMP.sub("_", name).lower().strip("_")


def enum_of(entry: Entry) -> type[IntEnum] | None:
    """The package's own enum that a parameter is of, if any."""
    # "enum IEnergyTrading.OrderType"
    what, _, qualified = str(entry.get("internalType", "")).partition(" ")
    if what != "enum":
        return None
    return _RENAMED.get(qualified) or _ENUMS.get(qualified.rpartition(".")[2])


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


def _coder(entry: Entry) -> Coder:
    """The coder of a parameter; an enum is decoded as the package's own."""
    kind: str = entry["type"]
    if kind.endswith("]"):
        element, _, length = kind[:-1].rpartition("[")
        return array_coder(_coder({**entry, "type": element}), int(length) if length else None)
    if kind == "tuple":
        return _record_coder(tuple_coder([_coder(part) for part in entry["components"]]))
    if kind == "bytes32":
        return _name_coder(value_coder(kind))
    enum = enum_of(entry)
    return value_coder(kind) if enum is None else value_coder(kind).mapped(enum)


def _record_coder(coder: Coder) -> Coder:
    """The coder of a struct, which takes a record as well."""

    def encode(values: Any) -> bytes:
        if is_dataclass(values):
            values = [getattr(values, field.name) for field in fields(values)]
        return coder.encode(values)

    return replace(coder, encode=encode)


def _name_coder(coder: Coder) -> Coder:
    """The coder of 32 bytes, which takes a name as well."""
    return replace(
        coder,
        encode=lambda value: coder.encode(to_bytes32(value) if isinstance(value, str) else value),
    )


def _named(entry: Entry, value: Any) -> Any:
    kind: str = entry["type"]
    if kind.endswith("]"):
        return [_named({**entry, "type": kind[: kind.rindex("[")]}, each) for each in value]
    return Parameters(tuple(entry["components"])).named(value) if kind == "tuple" else value
