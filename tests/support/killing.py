"""Ends a process at the n-th thing that it asks of a database or a node, as far as others see."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from energy_grid.backend.store.database import Database
from energy_grid.chain.rpc.node import Node, Request

__all__ = ["KilledError", "dying"]


class KilledError(BaseException):
    """Nothing that is meant to go on after a failure catches this."""


@contextmanager
def dying(database: Database, node: Node, moment: int) -> Iterator[None]:
    """What happens inside ends at a moment, counted from 1: before a statement, before a
    transaction is committed, before a request reaches the node or after it was answered."""
    left = moment

    def tick(*_: Any) -> None:
        nonlocal left
        left -= 1
        if left <= 0:
            raise KilledError

    def around(method: Callable[..., Any]) -> Callable[..., Any]:
        def called(*arguments: Any) -> Any:
            tick()
            answer = method(*arguments)
            tick()
            return answer

        return called

    def many(calls: Sequence[Request]) -> list[Any]:
        tick()
        answers = batch(calls)
        tick()
        return answers

    batch = node.rpc_batch
    node.rpc, node.rpc_batch = around(node.rpc), many  # type: ignore[method-assign]
    names = ("before_cursor_execute", "commit")
    for name in names:
        event.listen(database.engine, name, tick)
    try:
        yield
    finally:
        for name in names:
            event.remove(database.engine, name, tick)
        del node.rpc, node.rpc_batch
