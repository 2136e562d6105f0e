"""Reverts of contracts as exceptions: the base class of custom errors, and other revert data."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any

from energy_grid.chain.abi import snake_case
from energy_grid.chain.error_formatting import quantity
from energy_grid.chain.error_messages import MESSAGES
from energy_grid.domain.batch import Refusal
from energy_grid.domain.order_refusals import REASONS, order_name
from energy_grid.domain.quantities import Coin
from energy_grid.errors import ContractError

__all__ = [
    "DecodedError",
    "OrderRefusal",
    "Panic",
    "RevertedWithText",
    "SafeRevert",
    "UnknownRevert",
    "error_class",
]

_CLASSES: dict[str, type[DecodedError]] = {}
_PANICS = {
    0x01: "an assertion failed",
    0x11: "a number overflowed",
    0x12: "division by zero",
    0x21: "a number is not a member of its enum",
    0x31: "pop of an empty array",
    0x32: "an index is out of range",
    0x41: "out of memory",
}
# The codes of a Safe that calls of this package can cause.
_SAFE_CODES = {
    "GS010": "the call has too little gas",
    "GS020": "too few owners have signed",
    "GS021": "the signature of a contract owner is invalid",
    "GS025": "an owner neither signed nor sends the transaction",
    "GS026": "a signature is not of an owner, is there twice, or is for another transaction",
    "GS030": "only an owner may do this",
    "GS031": "only the Safe itself may do this",
    "GS201": "the threshold must not exceed the number of owners",
    "GS202": "the threshold must be at least 1",
    "GS203": "this address cannot be an owner",
    "GS204": "this address is already an owner",
    "GS205": "this address is not an owner",
}

_WORD = 32
# A word of the source that the messages do not use: a trade of two orders.
_NAMES = {"transaction_id": "trade_id"}


class DecodedError(ContractError):
    """A revert whose values are attributes, in snake_case; ``arguments`` has them by name.

    A value whose name is taken, as ``name`` is, has an underscore behind it as an attribute.
    """

    def __init_subclass__(cls) -> None:
        _CLASSES[cls.__name__] = cls

    # Type checkers know only the attributes that each class declares.
    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            # Copying asks for attributes before there are any.
            arguments = self.__dict__.get("arguments", {})
            for key in (name, name.removesuffix("_")):
                if key in arguments:
                    return arguments[key]
            raise AttributeError(name)

    def __str__(self) -> str:
        return self.message()

    def message(self, coin: Coin | None = None) -> str:
        """One line: the contract, the reason, and the values with their units.

        Args:
            coin: of the settlement token; with it, money is in coins, else in base units.
        """
        own = snake_case(self.name.removeprefix(f"{self.contract}_")).replace("_", " ")
        values = ", ".join(
            f"{_NAMES.get(key, key).replace('_', ' ')} {self._value(key, value, coin)}"
            for key, value in self.arguments.items()
        )
        return f"{self.contract}: {MESSAGES.get(self.name, own)}" + (
            f" ({values})" if values else ""
        )

    def _value(self, key: str, value: Any, coin: Coin | None) -> str:
        if isinstance(value, int) and not isinstance(value, (bool, IntEnum)):
            about = {"contract": self.contract, "arguments": self.arguments}
            return quantity(self.name, key, value, coin=coin, **about)
        return _formatted(value)


class OrderRefusal(DecodedError):
    """An order, ``order_id``, cannot be part of a batch; ``reason`` says why."""

    order_id: int
    reason: Refusal

    def message(self, coin: Coin | None = None) -> str:
        why = f"{REASONS[self.reason]} ({self.reason.name})"
        return f"{self.contract}: {order_name(self.order_id)}: {why}"


class Panic(DecodedError):
    """Solidity's own check failed; ``code`` says which."""

    code: int

    def message(self, coin: Coin | None = None) -> str:
        return f"{self.contract}: {_PANICS.get(self.code, 'panic')} (code 0x{self.code:02x})"


class RevertedWithText(DecodedError):
    """A revert with a text instead of a custom error: ``text``."""

    text: str

    def message(self, coin: Coin | None = None) -> str:
        return f"{self.contract}: {self.text}"


class SafeRevert(RevertedWithText):
    """A revert of a Safe itself, not of the contract that it calls; ``text`` is its code."""

    def message(self, coin: Coin | None = None) -> str:
        return f"Safe: {_SAFE_CODES.get(self.text, 'reverted')} ({self.text})"


class UnknownRevert(DecodedError):
    """Revert data that no shipped ABI decodes: ``data``, often empty."""

    data: bytes

    def message(self, coin: Coin | None = None) -> str:
        return (
            f"{self.contract}: reverted with {_formatted(self.data) if self.data else 'no reason'}"
        )


def error_class(name: str) -> type[DecodedError]:
    """The class of a custom error; `DecodedError` itself if `energy_grid.contracts` has none."""
    return _CLASSES.get(name, DecodedError)


def _formatted(value: Any) -> str:
    """One value for a person: names of enums, text in bytes32."""
    if isinstance(value, IntEnum):
        return value.name
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, bytes):
        if not any(value):
            return "0"
        text = value.rstrip(b"\0")
        if text and len(value) == _WORD and text.isascii() and text.decode().isprintable():
            return text.decode()
        # Words are identifiers, which somebody may want to copy; longer data is none.
        return f"0x{value.hex()}" if len(value) <= _WORD else f"0x{value[:8].hex()}…"
    return str(value)
