"""A node in front of a chain that exists only here: it can be away, limited, behind or wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from energy_grid.chain.abi import load
from energy_grid.chain.rpc.node import Node, Request, RpcError
from energy_grid.errors import NodeUnreachableError

__all__ = ["BLOCK_SECONDS", "FIRST_TIME", "FakeChain", "deposit"]

_Log = dict[str, Any]
# Of the first block, in Unix seconds, and of each behind it.
FIRST_TIME, BLOCK_SECONDS = 1_704_067_200, 12


def deposit(account: int, amount: int, *, emitter: str = "0x" + "1" * 40) -> _Log:
    """A log of Settlement's Deposited, before it is in a block."""
    event = load("Settlement").event("Deposited")
    word = "0x" + account.to_bytes(32, "big").hex()
    return {
        "address": emitter,
        "topics": ["0x" + event.topic.hex(), word, word],
        "data": "0x" + amount.to_bytes(32, "big").hex(),
    }


class FakeChain(Node):
    """Blocks with logs, and what a node in front of them does wrong.

    Attributes:
        away: so many questions more are not answered.
        refusing: so many questions for logs more are refused.
        most_blocks, most_logs: what it gives at once.
        behind: so many of its newest blocks it keeps to itself when it is asked for blocks by
            number or for logs, as one of several nodes behind one address.
        doubling: every log is returned twice, in the wrong order.
        spans: the ranges of blocks that were asked for, refused ones too.
    """

    def __init__(self, blocks: int = 1) -> None:
        super().__init__("http://127.0.0.1:1")
        self.away = self.refusing = self.behind = 0
        self.most_blocks = self.most_logs = 10**9
        self.doubling = False
        self.spans: list[tuple[int, int]] = []
        self._blocks: list[tuple[str, list[_Log]]] = []
        self._made = 0
        self.extend(*([] for _ in range(blocks)))

    @property
    def newest(self) -> int:
        """The number of its newest block."""
        return len(self._blocks) - 1

    def extend(self, *blocks: Sequence[_Log]) -> None:
        """Put blocks with these logs on top."""
        for logs in blocks:
            number, self._made = len(self._blocks), self._made + 1
            name = "0x" + hashlib.sha256(str(self._made).encode()).hexdigest()
            placed = [
                {
                    **log,
                    "blockNumber": hex(number),
                    "blockHash": name,
                    "transactionHash": "0x" + "7" * 64,
                    "logIndex": hex(index),
                    "removed": False,
                }
                for index, log in enumerate(logs)
            ]
            self._blocks.append((name, placed))

    def reorganise(self, depth: int, *blocks: Sequence[_Log]) -> None:
        """Exchange the newest blocks for others."""
        del self._blocks[len(self._blocks) - depth :]
        self.extend(*blocks)

    def hash_of(self, block: int) -> str:
        """The hash of a block."""
        return self._blocks[block][0]

    def rpc(self, method: str, *params: Any) -> Any:
        (answer,) = self.rpc_batch([(method, params)])
        if isinstance(answer, RpcError):
            raise answer
        return answer

    def rpc_batch(self, calls: Sequence[Request]) -> list[Any]:
        if self.away:
            self.away -= 1
            raise NodeUnreachableError("no node answers")
        return [self._answer(method, params) for method, params in calls]

    def _answer(self, method: str, params: Sequence[Any]) -> Any:
        if method == "eth_chainId":
            return hex(1)
        if method == "eth_blockNumber":
            return hex(self.newest)
        if method == "eth_getBlockByNumber":
            return self._header(params[0])
        assert method == "eth_getLogs", method
        return self._logs(params[0])

    def _header(self, block: str) -> dict[str, str] | None:
        number = self.newest if block == "latest" else int(block, 16)
        if number > self.newest or (block != "latest" and number > self.newest - self.behind):
            return None
        header = {"number": hex(number), "hash": self.hash_of(number)}
        return {**header, "timestamp": hex(FIRST_TIME + number * BLOCK_SECONDS)}

    def _logs(self, query: dict[str, Any]) -> Any:
        first, last = int(query["fromBlock"], 16), int(query["toBlock"], 16)
        self.spans.append((first, last))
        if self.refusing:
            self.refusing -= 1
            return RpcError("eth_getLogs", -32005, "too many requests")
        if last - first + 1 > self.most_blocks:
            return RpcError("eth_getLogs", -32602, "range is too large")
        known = self._blocks[first : min(last, self.newest - self.behind) + 1]
        found = [log for _, logs in known for log in logs if _fits(log, query)]
        if len(found) > self.most_logs:
            return RpcError("eth_getLogs", -32005, "query returned more than so many results")
        return [*reversed(found), *found] if self.doubling else found


def _fits(log: _Log, query: dict[str, Any]) -> bool:
    topics = zip(query["topics"], [*log["topics"], *[None] * 4], strict=False)
    return log["address"] in query["address"] and all(
        wanted is None or has == wanted or (isinstance(wanted, list) and has in wanted)
        for wanted, has in topics
    )
