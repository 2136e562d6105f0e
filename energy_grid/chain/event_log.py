"""What every event of a contract has; its own values are attributes of its class in `events`.

An event that is no longer where it was, since the chain was reorganised, has another block's hash.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, make_dataclass
from functools import cache
from importlib import import_module
from keyword import kwlist
from typing import Any, ClassVar

from energy_grid.chain.abi import contract_names, snake_case

__all__ = ["EventLog", "attribute", "kind_of", "module_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLog:
    """One decoded event.

    Code that knows which event it has reads its attributes (``deposited.amount``); code that takes
    events of any kind reads them by their names on the chain: ``log["amount"]``, ``log.arguments``.

    Attributes:
        contract, event: names.
        address: the contract's.
        block, block_hash: number and hash of its block.
        transaction: the hash of the transaction that emitted it.
        index: its place among all logs of its block.
    """

    contract: ClassVar[str]
    event: ClassVar[str]

    address: str
    block: int
    block_hash: str
    transaction: str
    index: int

    @property
    def arguments(self) -> Mapping[str, Any]:
        """Its values by their names on the chain, in snake_case."""
        return {name.removesuffix("_"): getattr(self, name) for name in _values(type(self))}

    def __getitem__(self, name: str) -> Any:
        try:
            return getattr(self, attribute(name))
        except AttributeError:
            raise KeyError(name) from None

    @property
    def cursor(self) -> str:
        """Where it is, in one word: `EnergyGrid.follow` goes on behind it (``after=``)."""
        return f"{self.block}:{self.index}:{self.block_hash}"


def kind_of(contract: str, event: str, names: Sequence[str]) -> type[EventLog]:
    """The class of an event: that of `events`, or one made for an ABI that is not shipped.

    Args:
        names: of its values, in snake_case.
    """
    return _kind(contract, event, tuple(names))


def attribute(name: str) -> str:
    """The attribute of a value: its name, with an underscore if Python or every event has it."""
    return f"{name}_" if name in _TAKEN else name


def module_of(contract: str) -> str:
    """The module with a contract's events."""
    return f"energy_grid.contracts.events.{snake_case(contract)}"


_TAKEN = frozenset(dir(EventLog)) | frozenset(kwlist)


@cache
def _kind(contract: str, event: str, names: tuple[str, ...]) -> type[EventLog]:
    if contract in contract_names():
        found: type[EventLog] | None = getattr(
            import_module(module_of(contract)), f"{contract}_{event}", None
        )
        if found is not None and _values(found) == list(map(attribute, names)):
            return found
    values = [(attribute(name), Any) for name in names]
    return make_dataclass(
        f"{contract}_{event}",
        values,
        bases=(EventLog,),
        namespace={"contract": contract, "event": event},
        frozen=True,
        slots=True,
        kw_only=True,
    )


def _values(kind: type[EventLog]) -> list[str]:
    """The attributes that are a kind's own."""
    return [field.name for field in fields(kind)[len(fields(EventLog)) :]]
