"""Logs of many blocks, in pieces that a node answers.

Public nodes reject large requests, each with a message of its own: too many blocks, too many
logs, too large an answer. So a rejected request is repeated for half as many blocks, down
to one, and what it takes is followed by a little more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from energy_grid.chain.rpc.node import Node, Request, RpcError, block_parameter
from energy_grid.errors import ChainError

__all__ = ["LogQuery", "LogRanges", "PartialAnswerError", "Piece", "RawLog"]

_NO_SUCH_METHOD = -32601
# More blocks than any chain has.
_WHOLE = 2**62
# Blocks below the newest that a node might still have two opinions of.
_UNSETTLED = 256

RawLog = Mapping[str, Any]


class PartialAnswerError(ChainError):
    """A node has answered for blocks that it does not have, or no longer has: ask it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogQuery:
    """Whose logs are wanted, and which: topics as ``eth_getLogs`` takes them."""

    addresses: tuple[str, ...]
    topics: tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """All wanted logs of a range of blocks, each once, in their order.

    Attributes:
        last, last_hash: its last block.
        hashes: of the blocks with logs and of those that were asked for, by number.
    """

    last: int
    last_hash: str
    logs: Sequence[RawLog]
    hashes: Mapping[int, str]


class LogRanges:
    """Reads logs of a node and remembers how many blocks it answers at once."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._span = _WHOLE

    def pieces(self, queries: Sequence[LogQuery], first: int, last: int) -> Iterator[Piece]:
        """The logs from the first block to the last, piece by piece.

        Raises:
            RpcError: the node rejects even one block.
            PartialAnswerError: the node does not have all the blocks, or is changing them.
        """
        while first <= last:
            piece = self.piece(queries, first, last, newest=last)
            yield piece
            first = piece.last + 1

    def piece(
        self,
        queries: Sequence[LogQuery],
        first: int,
        last: int,
        *,
        newest: int,
        beside: Sequence[int] = (),
    ) -> Piece:
        """The logs from the first block to as near to the last as the node goes at once.

        Args:
            newest: the chain's newest block.
            beside: blocks whose hashes are asked for in the same breath as the logs.

        Raises:
            RpcError, PartialAnswerError: as `pieces`.
        """
        while True:
            end = min(last, first + self._span - 1)
            try:
                piece = self._piece(queries, first, end, newest, beside)
            except RpcError as error:
                if end == first or error.code == _NO_SUCH_METHOD:
                    raise
                self._span = (end - first + 1) // 2
                continue
            self._span += self._span // 4 + 1
            return piece

    def _piece(
        self,
        queries: Sequence[LogQuery],
        first: int,
        end: int,
        newest: int,
        beside: Sequence[int],
    ) -> Piece:
        blocks = (end, *beside)
        asked: list[Request] = [("eth_getLogs", [_parameter(each, first, end)]) for each in queries]
        # The last block is asked for on both sides of the logs: if another has taken its place, the
        # logs may be those of blocks that are gone, and a new block's would be missed.
        before, *answers = self._asked([_header(end), *asked, *map(_header, blocks)])
        found = [log for part in answers[: len(asked)] for log in part]
        hashes = _hashes(blocks, answers[len(asked) :])
        if _hashes([end], [before])[end] != hashes[end]:
            raise PartialAnswerError(f"the node has just exchanged block {end}")
        recent = {block for log in found if (block := _block(log)) > newest - _UNSETTLED}
        others = sorted(recent - hashes.keys())
        hashes |= _hashes(others, self._asked([_header(block) for block in others]))
        for log in found:
            _check(log, first, end, hashes)
        logs = _in_order(found)
        return Piece(
            last=end,
            last_hash=hashes[end],
            logs=logs,
            hashes={_block(log): log["blockHash"] for log in logs} | hashes,
        )

    def _asked(self, requests: Sequence[Request]) -> list[Any]:
        answers = self._node.rpc_batch(requests)
        for answer in answers:
            if isinstance(answer, RpcError):
                raise answer
        return answers


def _check(log: RawLog, first: int, end: int, hashes: Mapping[int, str]) -> None:
    block = _block(log)
    if not first <= block <= end or log.get("removed"):
        raise PartialAnswerError(
            f"the node answered with a log of block {block}, which was not asked for"
        )
    if hashes.get(block, log["blockHash"]) != log["blockHash"]:
        raise PartialAnswerError(f"the node has just exchanged block {block}")


def _block(log: RawLog) -> int:
    return int(log["blockNumber"], 16)


def _parameter(query: LogQuery, first: int, end: int) -> dict[str, Any]:
    return {
        "address": list(query.addresses),
        "topics": list(query.topics),
        "fromBlock": hex(first),
        "toBlock": hex(end),
    }


def _header(block: int) -> Request:
    return "eth_getBlockByNumber", [block_parameter(block), False]


def _hashes(blocks: Sequence[int], headers: Sequence[Any]) -> dict[int, str]:
    for block, header in zip(blocks, headers, strict=True):
        if header is None:
            raise PartialAnswerError(f"the node has no block {block} yet")
    return {block: header["hash"] for block, header in zip(blocks, headers, strict=True)}


def _in_order(logs: Sequence[RawLog]) -> list[RawLog]:
    """Each log once, by block and place in it."""
    places = {(_block(log), int(log["logIndex"], 16)): log for log in logs}
    return [places[place] for place in sorted(places)]
