"""Batched reads of a market, for the commands that show it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from energy_grid.cli.session import View

__all__ = ["ask", "ask_all"]


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
    from energy_grid.chain.rpc import multicall as lookups

    asked = [
        lookups.ChainQuery(contract, name, rest, otherwise) for contract, name, *rest in questions
    ]
    return lookups.ask(view.market.node, asked)
