"""Batched reads of a market, for the commands that show it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from energy_grid.errors import EnergyGridError

if TYPE_CHECKING:
    from energy_grid.cli.session import View

__all__ = ["account_number", "ask", "ask_all"]


def account_number(view: View, name: str) -> int:
    """The number of the settlement account of an address, or of what names it.

    Raises:
        EnergyGridError: it has none.
    """
    address = view.address_of(name)
    number = view.market.settlement.number_of(address)
    if not number:
        raise EnergyGridError(
            f"{address} has no settlement account: energy-grid money deposit opens one"
        )
    return number


def ask(view: View, *questions: tuple[Any, ...]) -> list[Any]:
    """The answers to (contract, function, arguments...), all in one round trip.

    Raises:
        ContractError: one of the calls reverts.
    """
    return _ask(view, questions, otherwise=False)


def ask_all(view: View, questions: Iterable[tuple[Any, ...]]) -> list[Any]:
    """As `ask`, with None for calls that revert."""
    return _ask(view, questions, otherwise=True)


def _ask(view: View, questions: Iterable[tuple[Any, ...]], *, otherwise: bool) -> list[Any]:
    from energy_grid.chain.multicall import ChainQuery, read_all

    queries = [ChainQuery(contract, name, rest, otherwise) for contract, name, *rest in questions]
    return read_all(view.market.node, queries)
