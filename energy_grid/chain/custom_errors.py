"""What a contract refused with, as an exception: the base of custom errors, and what is none."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any

from energy_grid.chain.abi import snake_case
from energy_grid.chain.error_formatting import Coin, quantity
from energy_grid.chain.error_messages import WORDS
from energy_grid.domain.batch import Refusal
from energy_grid.domain.order_refusals import REASONS, order_name
from energy_grid.errors import ContractError

__all__ = [
    "DecodedError",
    "OrderRefusal",
    "Panic",
    "RevertedWithText",
    "SafeRefusal",
    "UnknownRefusal",
    "error_class",
]

_CLASSES: dict[str, type[DecodedError]] = {}
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

_WORD = 32


class DecodedError(ContractError):
    """A refusal whose values are attributes, in snake_case; ``arguments`` has them by name.

    A value whose name is taken, as ``name`` is, has an underscore behind it as an attribute.
    """

    def __init_subclass__(cls) -> None:
        _CLASSES[cls.__name__] = cls

    # Type checkers go by what each class says that it has.
    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            # Copying asks for attributes before there are any.
            arguments = self.__dict__.get("arguments", {})
            for key in (name, name.removesuffix("_")):
                if key in arguments:
                    return arguments[key]
            raise AttributeError(name)

    def __str__(self) -> str:
        return self.told()

    def told(self, coin: Coin | None = None) -> str:
        """In a line: who refuses, why, and the values with their units.

        Args:
            coin: of the settlement token, to tell money in coins rather than base units.
        """
        own = snake_case(self.name.removeprefix(f"{self.contract}_")).replace("_", " ")
        values = ", ".join(
            f"{key.replace('_', ' ')} {self._value(key, value, coin)}"
            for key, value in self.arguments.items()
        )
        return f"{self.contract}: {WORDS.get(self.name, own)}" + (f" ({values})" if values else "")

    def _value(self, key: str, value: Any, coin: Coin | None) -> str:
        if isinstance(value, int) and not isinstance(value, (bool, IntEnum)):
            about = {"contract": self.contract, "arguments": self.arguments}
            return quantity(self.name, key, value, coin=coin, **about)
        return _shown(value)


class OrderRefusal(DecodedError):
    """An order, ``order_id``, cannot be part of a batch; ``reason`` says why."""

    order_id: int
    reason: Refusal

    def told(self, coin: Coin | None = None) -> str:
        why = f"{REASONS[self.reason]} ({self.reason.name})"
        return f"{self.contract}: {order_name(self.order_id)}: {why}"


class Panic(DecodedError):
    """Solidity's own check failed; ``code`` says which."""

    code: int

    def told(self, coin: Coin | None = None) -> str:
        return f"{self.contract}: {_PANICS.get(self.code, 'panic')} (code 0x{self.code:02x})"


class RevertedWithText(DecodedError):
    """A refusal with a text instead of a custom error; ``text`` is it."""

    text: str

    def told(self, coin: Coin | None = None) -> str:
        return f"{self.contract}: {self.text}"


class SafeRefusal(RevertedWithText):
    """A Safe itself refuses, not what it was to call; ``text`` is its code."""

    def told(self, coin: Coin | None = None) -> str:
        return f"Safe: {_SAFE_CODES.get(self.text, 'refused')} ({self.text})"


class UnknownRefusal(DecodedError):
    """Revert data that no shipped ABI explains; ``data`` is all of it, often nothing."""

    data: bytes

    def told(self, coin: Coin | None = None) -> str:
        return (
            f"{self.contract}: refused with {_shown(self.data) if self.data else 'no reason given'}"
        )


def error_class(name: str) -> type[DecodedError]:
    """The class of a custom error; `DecodedError` itself if `energy_grid.contracts` has none."""
    return _CLASSES.get(name, DecodedError)


def _shown(value: Any) -> str:
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
