"""Reading much of a market at once, for the commands that show it.

What speaks to a chain takes a moment to import, so it is imported where it is used.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from energy_grid.cli.session import View

__all__ = ["ask", "ask_all"]


def ask(view: View, *questions: tuple[Any, ...]) -> list[Any]:
    """The answers to (contract, function, arguments...), all in one round trip.

    Raises:
        ContractError: one of them is refused.
    """
    return _ask(view, questions, otherwise=False)


def ask_all(view: View, questions: Iterable[tuple[Any, ...]]) -> list[Any]:
    """As `ask`, with None for what is refused."""
    return _ask(view, questions, otherwise=True)


def _ask(view: View, questions: Iterable[tuple[Any, ...]], *, otherwise: bool) -> list[Any]:
    from energy_grid.chain.multicall import ChainQuery, read_all

    queries = [ChainQuery(contract, name, rest, otherwise) for contract, name, *rest in questions]
    return read_all(view.market.node, queries)
