"""A node that answers every request alike and remembers what it was asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from energy_grid.chain.rpc.node import Node, Request, RpcError

__all__ = ["FakeNode"]


class FakeNode(Node):
    """Answers with ``answer``, or with a refusal that carries ``revert``."""

    def __init__(self, answer: Any = None, *, revert: bytes | None = None) -> None:
        super().__init__("http://127.0.0.1:1")
        self._answer = answer
        self._revert = revert
        self.asked: list[Request] = []
        self.batches: list[Sequence[Request]] = []

    def rpc(self, method: str, *params: Any) -> Any:
        answer = self._one((method, params))
        if isinstance(answer, RpcError):
            raise answer
        return answer

    def rpc_batch(self, calls: Sequence[Request]) -> list[Any]:
        self.batches.append(calls)
        return [self._one(call) for call in calls]

    def _one(self, request: Request) -> Any:
        self.asked.append(request)
        if self._revert is None:
            return self._answer
        return RpcError(request[0], 3, "execution reverted", "0x" + self._revert.hex())
