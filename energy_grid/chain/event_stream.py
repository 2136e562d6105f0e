"""Following events as they happen: each once, in order, through a node's absences.

What a chain still rearranges is left alone: a block counts once enough blocks are on top of it.
The stream keeps the hashes of blocks whose events it has delivered. While the newest of them is on
the chain, all delivered events are valid. Otherwise the hashes show from which block on the chain
has changed, and the stream raises an error with this block.

No client can detect a node that leaves out logs of a block that it has.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

from energy_grid.chain.event_filter import EventFilter
from energy_grid.chain.event_log import EventLog
from energy_grid.chain.rpc.log_ranges import LogRanges, PartialAnswerError, Piece
from energy_grid.chain.rpc.node import Node, RpcError
from energy_grid.errors import InputError, NodeUnreachableError, ReorganisationError

__all__ = ["Follower", "place_of"]

Kind = TypeVar("Kind", bound=EventLog)

# Blocks whose hashes are remembered, and asked for at once to find where the chain was left.
_TRAIL = 1024
_PART = 128
_CURSOR = re.compile(r"([0-9]+):([0-9]+):(0x[0-9a-f]{64})")
# Seconds between two polls; the longest of the pauses, each twice the last, in which
# a node is given time to come back.
_POLL_SECONDS = 1.0
_MAX_SECONDS = 60.0
_MAX_DOUBLING = 6
# So often may it refuse, rather than be away, until it is believed: 3 minutes of pauses.
_MAX_FAILURES = 8


class Follower(Generic[Kind]):
    """Delivers the wanted events from a block on.

    Args:
        first: the first block that is read.
        after: an event's cursor; delivery starts behind it.
        origin: the block to begin again from if it is not known where the chain was left.
        confirmations: how many blocks must be on top of one before it is read.
        pause: waits for so many seconds; what it raises ends the following.
    """

    def __init__(
        self,
        node: Node,
        wanted: EventFilter[Kind],
        *,
        first: int,
        after: str | None,
        origin: int,
        confirmations: int,
        pause: Callable[[float], object],
    ) -> None:
        if confirmations < 0:
            raise InputError(f"there cannot be {confirmations} confirmations")
        self._node = node
        self._wanted = wanted
        self._ranges = LogRanges(node)
        self._next, self._origin = first, origin
        self._confirmations = confirmations
        self._pause = pause
        self._trail: deque[tuple[int, str]] = deque(maxlen=_TRAIL)
        self._delivered: tuple[int, int] = (-1, -1)
        if after is not None:
            self._next, index, block_hash = place_of(after)
            self._delivered = (self._next, index)
            self._trail.append((self._next, block_hash))

    def events(self) -> Iterator[Kind]:
        """The events; it ends only by an error, or when the caller stops asking.

        Raises:
            ReorganisationError: a delivered block is not on the chain any more.
            RpcError: the node answers with errors again and again.
        """
        failed = absent = 0
        while True:
            try:
                for piece in self._news():
                    yield from self._tell(piece)
                    failed = absent = 0
            except (NodeUnreachableError, PartialAnswerError):
                absent += 1
                self._pause(_growing(absent))
            except RpcError:
                failed += 1
                if failed > _MAX_FAILURES:
                    raise
                self._pause(_growing(failed))
            else:
                failed = absent = 0
                self._pause(_POLL_SECONDS)

    def _news(self) -> Iterator[Piece]:
        """What can be read now, each piece once it is certain to follow what was delivered."""
        newest = int(self._node.block("latest")["number"], 16)
        last = newest - self._confirmations
        if last < self._next:
            self._look_back()
            return
        queries = self._wanted.queries(last)
        while self._next <= last:
            beside = [block for block, _ in [*self._trail][-1:]]
            piece = self._ranges.piece(queries, self._next, last, newest=newest, beside=beside)
            for block in beside:
                self._hold(piece.hashes[block])
            yield piece

    def _look_back(self) -> None:
        """Pass if the last delivered block is on the chain, or the node is not there yet."""
        for block, _ in [*self._trail][-1:]:
            (found,) = self._hashes([block])
            if found is not None:
                self._hold(found)

    def _hold(self, found: str) -> None:
        """Pass if the block at the end of the trail is the one that is on the chain."""
        if found != self._trail[-1][1]:
            raise ReorganisationError(self._left())

    def _left(self) -> int:
        """The block behind the newest one of the trail that is on the chain."""
        trail = list(self._trail)
        while trail:
            part, trail = trail[-_PART:], trail[:-_PART]
            found = self._hashes([block for block, _ in part])
            for (block, known), is_now in reversed([*zip(part, found, strict=True)]):
                if known == is_now:
                    return block + 1
        return self._origin

    def _hashes(self, blocks: Sequence[int]) -> list[str | None]:
        asked = [("eth_getBlockByNumber", [hex(block), False]) for block in blocks]
        answers = self._node.rpc_batch(asked)
        for answer in answers:
            if isinstance(answer, RpcError):
                raise answer
        return [None if answer is None else str(answer["hash"]) for answer in answers]

    def _tell(self, piece: Piece) -> Iterator[Kind]:
        for event in self._wanted.events(piece.logs):
            if (event.block, event.index) > self._delivered:
                self._delivered = (event.block, event.index)
                yield event
        for block, block_hash in sorted(piece.hashes.items()):
            if not self._trail or block > self._trail[-1][0]:
                self._trail.append((block, block_hash))
        self._next = piece.last + 1


def place_of(cursor: str) -> tuple[int, int, str]:
    """The block, the place in it and the block's hash in an event's `EventLog.cursor`.

    Raises:
        InputError: it is something else.
    """
    match = _CURSOR.fullmatch(cursor)
    if match is None:
        raise InputError(f"{cursor[:80]!r} is no cursor of an event: take it from event.cursor")
    return int(match[1]), int(match[2]), match[3]


def _growing(times: int) -> float:
    """1, 2, 4 seconds and so on."""
    return min(_POLL_SECONDS * 2.0 ** min(times - 1, _MAX_DOUBLING), _MAX_SECONDS)
