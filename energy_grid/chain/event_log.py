"""What every event of a contract has; its own values are attributes of its class in `events`.

An event that is no longer where it was, since the chain was reorganised, has another block's hash.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from keyword import kwlist
from typing import Any, ClassVar, dataclass_transform

__all__ = ["MODULES", "EventLog", "attribute", "kind_of"]

# Where the classes of a contract's events are; `energy_grid.contracts` fills it.
MODULES: dict[str, str] = {}
_KINDS: dict[tuple[str, str], type[EventLog]] = {}


@dataclass_transform(frozen_default=True, kw_only_default=True)
class _Record:
    """Tells type checkers that derived classes are like dataclasses."""

    __slots__ = ()


class EventLog(_Record):
    """One decoded event; compared by its values, and never changed.

    Code that knows which event it has reads its attributes (``deposited.amount``); code that takes
    events of any kind reads them by their names on the chain: ``log["amount"]``, ``log.arguments``.

    Attributes:
        contract, event: names.
        address: the contract's.
        block, block_hash: number and hash of its block.
        transaction: the hash of the transaction that emitted it.
        index: its place among all logs of its block.
    """

    # Real dataclasses take fifty times as long to make, at every start, and there are 150 events.
    __slots__ = ("address", "block", "block_hash", "index", "transaction")

    contract: ClassVar[str]
    event: ClassVar[str]

    address: str
    block: int
    block_hash: str
    transaction: str
    index: int

    def __init_subclass__(cls, *, is_shipped: bool = True) -> None:
        if is_shipped:
            _KINDS[cls.contract, cls.event] = cls

    def __init__(self, **values: Any) -> None:
        if values.keys() != {*EventLog.__slots__, *self.__slots__}:
            raise TypeError(f"{type(self).__name__} has other values than {sorted(values)}")
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"an event cannot be changed: {name}")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self._values() == other._values()

    def __hash__(self) -> int:
        return hash((type(self), self.block_hash, self.index))

    def __repr__(self) -> str:
        values = zip((*EventLog.__slots__, *self.__slots__), self._values(), strict=True)
        return f"{type(self).__name__}({', '.join(f'{name}={each!r}' for name, each in values)})"

    @property
    def arguments(self) -> Mapping[str, Any]:
        """Its values by their names on the chain, in snake_case."""
        return {name.removesuffix("_"): getattr(self, name) for name in self.__slots__}

    def __getitem__(self, name: str) -> Any:
        if attribute(name) not in self.__slots__:
            raise KeyError(name)
        return getattr(self, attribute(name))

    @property
    def cursor(self) -> str:
        """Where it is, in one word: `EnergyGrid.follow` goes on behind it (``after=``)."""
        return f"{self.block}:{self.index}:{self.block_hash}"

    def _values(self) -> list[Any]:
        return [getattr(self, name) for name in (*EventLog.__slots__, *self.__slots__)]


def kind_of(contract: str, event: str, names: Sequence[str]) -> type[EventLog]:
    """The class of an event: that of `events`, or one made for an ABI that is not shipped.

    Args:
        names: of its values, in snake_case.
    """
    attributes = tuple(map(attribute, names))
    if (contract, event) not in _KINDS and contract in MODULES:
        import_module(MODULES[contract])
    found = _KINDS.get((contract, event))
    if found is not None and found.__slots__ == attributes:
        return found
    return _made(contract, event, attributes)


def attribute(name: str) -> str:
    """The attribute of a value: its name, with an underscore if Python or every event has it."""
    return f"{name}_" if name in _TAKEN else name


_TAKEN = frozenset(dir(EventLog)) | frozenset(kwlist)


@cache
def _made(contract: str, event: str, attributes: tuple[str, ...]) -> type[EventLog]:
    body = {"__slots__": attributes, "contract": contract, "event": event}
    return type(f"{contract}_{event}", (EventLog,), body, is_shipped=False)
