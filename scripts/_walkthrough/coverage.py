"""What a story has shown of its contracts' interfaces, computed from their ABIs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from energy_grid.chain.abi import Abi, load
from scripts._walkthrough.unreachable import (
    ALWAYS_REFUSED,
    NOT_RAISED_BY,
    RAISED_ONLY_BY,
    UNREACHABLE,
)

__all__ = ["Coverage"]


@dataclass
class Coverage:
    """Functions that were carried out or answered, and errors that were provoked.

    A function counts for each contract that has it; an error, which may come from a library that
    several contracts share, once.

    Attributes:
        contracts: the names of those whose interface the story shows.
    """

    contracts: tuple[str, ...]
    _places: dict[str, Abi] = field(default_factory=dict)
    _called: set[tuple[str, str]] = field(default_factory=set)
    _refused: set[str] = field(default_factory=set)

    def watch(self, abi: Abi, address: str) -> None:
        """Calls of this address count for the contract of this interface."""
        self._places[address.lower()] = abi

    def abi_at(self, address: str) -> Abi | None:
        """The interface of what is watched at an address."""
        return self._places.get(address.lower())

    def calls(self, address: str, selector: bytes, *, refused: bool = False) -> str | None:
        """Count a call, a refused one only of a function that refuses always.

        Returns:
            The function's name, None where nobody watches.
        """
        abi = self.abi_at(address)
        function = None if abi is None else abi.called(selector)
        if abi is None or function is None:
            return None
        name = f"{abi.name}.{function.name}"
        if not refused or name in ALWAYS_REFUSED:
            self._called.add((abi.name, function.signature))
        return name

    def refuses(self, error: str) -> None:
        """Count a refusal by the name of its error."""
        self._refused.add(error)

    @property
    def abis(self) -> Mapping[str, Abi]:
        """The interfaces, by contract."""
        return {name: load(name) for name in self.contracts}

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Functions shown and all there are; errors shown and all that can be raised."""
        functions, errors = list(self._functions()), self._errors()
        return (
            sum(each in self._called for each in functions),
            len(functions),
            len(errors & self._refused),
            len(errors),
        )

    @property
    def unreachable(self) -> dict[str, str]:
        """The errors of these interfaces that no input of these contracts can raise, and why."""
        elsewhere = {
            name: why
            for name, (contract, why) in RAISED_ONLY_BY.items()
            if contract not in self.contracts
        }
        declared = self._declared()
        nowhere = {
            error: why
            for (contract, error), why in NOT_RAISED_BY.items()
            if [each for each, abi in self.abis.items() if _declares(abi, error)] == [contract]
        }
        found = UNREACHABLE | elsewhere | nowhere
        return {name: why for name, why in found.items() if name in declared}

    def missing(self) -> list[str]:
        """One line for each function and each error that was not shown, or is said to be
        unreachable and is not."""
        calls = [
            f"{contract}.{function} was not called"
            for contract, function in self._functions()
            if (contract, function) not in self._called
        ]
        errors = [f"{error} was not provoked" for error in sorted(self._errors() - self._refused)]
        stale = sorted(self._refused & set(self.unreachable))
        return calls + errors + [f"{error} is not unreachable" for error in stale]

    def _functions(self) -> Iterable[tuple[str, str]]:
        return ((name, each) for name, abi in self.abis.items() for each in abi.functions)

    def _errors(self) -> set[str]:
        return self._declared() - set(self.unreachable)

    def _declared(self) -> set[str]:
        return {error.name for abi in self.abis.values() for error in abi.errors.values()}


def _declares(abi: Abi, error: str) -> bool:
    return any(each.name == error for each in abi.errors.values())
