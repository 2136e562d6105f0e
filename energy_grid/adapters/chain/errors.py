"""Refusals of contracts as Python exceptions.

Every custom error of the shipped ABIs is a class of its own here, made when it is first asked
for: ``errors.Settlement_InDebt`` can be caught by name, and its values are attributes.

    try:
        sender.send(account, trading.create_order(...))
    except errors.Settlement_InDebt as refusal:
        repay(refusal.debt)

What is no custom error becomes a `Panic`, a `RevertedWithText`, of a Safe a `SafeRefusal`, or an
`UnknownRefusal`. The refusal of an order in a batch is an `OrderRefusal`, which says why in words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import IntEnum
from functools import cache
from typing import Any

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError

from energy_grid.adapters.chain.abi import Refusal, contract_names, load, snake_case
from energy_grid.adapters.chain.connection import RpcError
from energy_grid.adapters.chain.quantities import quantity
from energy_grid.domain.order_refusals import REASONS, order_name
from energy_grid.errors import ChainError, ContractError

__all__ = [
    "DecodedError",
    "OrderRefusal",
    "Panic",
    "RevertedWithText",
    "SafeRefusal",
    "UnknownRefusal",
    "decode_revert",
    "error_class",
    "error_classes",
    "from_rpc",
]

_TEXT_SELECTOR = bytes.fromhex("08c379a0")
_PANIC_SELECTOR = bytes.fromhex("4e487b71")
_PANICS = {
    0x01: "an assertion failed",
    0x11: "a number overflowed",
    0x12: "division by zero",
    0x21: "a number is no member of its enum",
    0x31: "pop of an empty array",
    0x32: "an index is out of range",
    0x41: "out of memory",
}
# Of a Safe, those that calls of this package can meet.
_SAFE_CODES = {
    "GS010": "there is too little gas for the call",
    "GS020": "too few owners have signed",
    "GS021": "a signature of a contract is wrong",
    "GS025": "an owner who does not send it has not signed",
    "GS026": "a signature is not of an owner, is there twice, or is not for this call as the Safe's"
    " next one",
    "GS030": "only an owner may do this",
    "GS031": "only the Safe itself may do this",
    "GS201": "it cannot ask for more signatures than it has owners",
    "GS202": "it must ask for a signature",
    "GS203": "this address cannot be an owner",
    "GS204": "this address is an owner already",
    "GS205": "this address is no owner",
}
_SAFE_CODE = re.compile(r"GS[0-9]{3}")
_SHORT_BYTES = 8


class DecodedError(ContractError):
    """A refusal whose values are attributes, in snake_case."""

    def __getattr__(self, name: str) -> Any:
        # Copying asks for attributes before there are any.
        arguments = self.__dict__.get("arguments", {})
        if name not in arguments:
            raise AttributeError(name)
        return arguments[name]

    def __str__(self) -> str:
        words = snake_case(self.name.removeprefix(f"{self.contract}_")).replace("_", " ")
        values = ", ".join(
            f"{key.replace('_', ' ')} {_shown(value, self.name, key)}"
            for key, value in self.arguments.items()
        )
        return f"{self.contract}: {words}" + (f" ({values})" if values else "")


class OrderRefusal(DecodedError):
    """An order, ``order_id``, cannot be part of a batch; ``reason`` says why."""

    def __str__(self) -> str:
        why = f"{REASONS[self.reason]} ({self.reason.name})"
        return f"{self.contract}: {order_name(self.order_id)}: {why}"


class Panic(DecodedError):
    """Solidity's own check failed; ``code`` says which."""

    def __str__(self) -> str:
        code = int(self.code)
        return f"{self.contract}: {_PANICS.get(code, 'panic')} (code 0x{code:02x})"


class RevertedWithText(DecodedError):
    """A refusal with a text instead of a custom error; ``text`` is it."""

    def __str__(self) -> str:
        return f"{self.contract}: {self.arguments['text']}"


class SafeRefusal(RevertedWithText):
    """A Safe itself refuses, not what it was to call; ``text`` is its code."""

    def __str__(self) -> str:
        code = str(self.arguments["text"])
        return f"Safe: {_SAFE_CODES.get(code, 'refused')} ({code})"


class UnknownRefusal(DecodedError):
    """Revert data that no shipped ABI explains; ``data`` is all of it, often nothing."""

    def __str__(self) -> str:
        data = self.arguments["data"]
        return f"{self.contract}: refused with {_shown(data) if data else 'no reason given'}"


# Custom errors that say what they mean in words of their own.
_BASES: Mapping[str, type[DecodedError]] = {"EnergyTrading_Refused": OrderRefusal}


def decode_revert(data: bytes, contract: str) -> DecodedError:
    """The exception for what a call to ``contract`` returned when it was refused.

    The error itself may come from a contract further in; where its name says from which, that
    one is named.
    """
    selector = data[:4]
    try:
        found = _registry().get(selector)
        if found is not None:
            refusal, kind = found
            return kind(
                _declared_by(refusal.name, contract), refusal.name, refusal.decode(data), selector
            )
        if selector == _TEXT_SELECTOR:
            arguments = {"text": decode(["string"], data[4:])[0]}
            is_code = _SAFE_CODE.fullmatch(arguments["text"]) is not None
            kind = SafeRefusal if is_code else RevertedWithText
            return kind("Safe" if is_code else contract, "Error", arguments, selector)
        if selector == _PANIC_SELECTOR:
            arguments = {"code": decode(["uint256"], data[4:])[0]}
            return Panic(contract, "Panic", arguments, selector)
    except (ChainError, DecodingError, UnicodeDecodeError):
        pass  # A known selector in front of other bytes: as unknown as any.
    return UnknownRefusal(contract, "Unknown", {"data": data}, selector)


def from_rpc(error: RpcError, contract: str) -> ChainError:
    """The refusal that a node reported, or the node's error itself if it is none."""
    revert = error.revert
    return error if revert is None else decode_revert(revert, contract)


def error_classes() -> Mapping[bytes, type[DecodedError]]:
    """The class of every custom error that the shipped ABIs declare, by selector."""
    return {selector: kind for selector, (_, kind) in _registry().items()}


def error_class(name: str) -> type[DecodedError]:
    """The class of a custom error.

    Raises:
        AttributeError: no shipped ABI declares it.
    """
    for refusal, kind in _registry().values():
        if refusal.name == name:
            return kind
    raise AttributeError(f"no contract declares an error {name}")


def __getattr__(name: str) -> Any:
    # Asked by imports and by pickle; custom errors begin with a capital letter.
    if not name[:1].isupper():
        raise AttributeError(name)
    return error_class(name)


@cache
def _registry() -> dict[bytes, tuple[Refusal, type[DecodedError]]]:
    registry: dict[bytes, tuple[Refusal, type[DecodedError]]] = {}
    for contract in contract_names():
        for selector, refusal in load(contract).errors.items():
            if selector not in registry:
                body = {"__module__": __name__, "__doc__": refusal.signature}
                base = _BASES.get(refusal.name, DecodedError)
                registry[selector] = refusal, type(refusal.name, (base,), body)
    return registry


def _declared_by(error: str, called: str) -> str:
    owner = error.partition("_")[0]
    return owner if owner != error else called


def _shown(value: Any, error: str = "", name: str = "") -> str:
    """One value for a person: short addresses, names of enums, text in bytes32, units."""
    if isinstance(value, IntEnum):
        return value.name
    if isinstance(value, int) and not isinstance(value, bool):
        return quantity(error, name, value)
    if isinstance(value, bytes):
        if not any(value):
            return "0"
        text = value.rstrip(b"\0")
        if text and len(value) == 32 and text.isascii() and text.decode().isprintable():
            return text.decode()
        short = value[:_SHORT_BYTES].hex()
        return f"0x{short}{'…' if len(value) > _SHORT_BYTES else ''}"
    if isinstance(value, str) and value.startswith("0x") and len(value) == 42:
        return f"{value[:6]}…{value[-4:]}"
    return str(value)
