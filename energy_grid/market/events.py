"""Past and future events, by kind."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar

from energy_grid.chain.abi import checksum
from energy_grid.chain.accounts import LOCAL_CHAINS
from energy_grid.chain.contract import Contract
from energy_grid.chain.event_filter import EventFilter
from energy_grid.chain.event_log import EventLog
from energy_grid.chain.event_stream import Follower
from energy_grid.chain.rpc.log_ranges import LogRanges
from energy_grid.contracts.asset_shares import AssetShares
from energy_grid.contracts.events import EnergyAssetNFT_Fractionalized
from energy_grid.contracts.safe import Safe
from energy_grid.errors import InputError
from energy_grid.market.assets import Assets

__all__ = ["Events"]

Kind = TypeVar("Kind", bound=EventLog)

# What most programs take for final on a chain that reorganises now and then.
_CONFIRMATIONS = 12
# Blocks below the newest that may yet be exchanged.
_UNSETTLED = 256


class Events(Assets):
    """Events are read by their classes: ``market.events(events.Settlement_Deposited)``.

    Whatever an event has indexed can be asked for by name (``account=...``), and the node sends no
    others; of kinds of several contracts, all must have it. A region's name stands for itself.
    """

    def events(
        self,
        kinds: type[Kind] | Collection[type[Kind]],
        *,
        from_block: int | None = None,
        to_block: int | None = None,
        **values: Any,
    ) -> list[Kind]:
        """Events of one kind or several that have happened, in their order.

        Args:
            from_block, to_block: both are read; by default all from the market's deployment to now.

        Raises:
            InputError: a kind does not have a value that was asked for, or not indexed.
            PartialAnswerError: the node does not have the blocks (yet).
            RpcError: the node rejects even single blocks.
        """
        wanted = EventFilter(kinds, values, self._emitters)
        first = self.deployment.first_block if from_block is None else from_block
        last = self.node.block_number if to_block is None else to_block
        queries = wanted.queries(last)
        pieces = LogRanges(self.node).pieces(queries, first, last) if queries else []
        return [event for piece in pieces for event in wanted.events(piece.logs)]

    def follow(
        self,
        kinds: type[Kind] | Collection[type[Kind]],
        *,
        from_block: int | None = None,
        after: str | None = None,
        confirmations: int | None = None,
        pause: Callable[[float], object] = time.sleep,
        **values: Any,
    ) -> Iterator[Kind]:
        """Events of one kind or several, each once and in order, for as long as one goes on asking.

        It waits for what is to come, and for a node that is away. To go on after a restart, keep
        the `EventLog.cursor` of the event that was dealt with last.

            for deposited in market.follow(events.Settlement_Deposited, after=kept):
                deal_with(deposited)
                keep(deposited.cursor)

        Args:
            from_block: the first block; by default that of the market's deployment.
            after: in its place, the cursor of an event; events behind it follow.
            confirmations: how many blocks must be on top of a block before its events are given:
                reorganisations that are no deeper have no effect; by default 12, on a local
                chain 0.
            pause: waits for so many seconds; what it raises ends the following.

        Raises:
            InputError: as `events`; or both a block and a cursor, or a cursor that is none.
            ReorganisationError: a deeper reorganisation; it has the block to read again from.
            RpcError: the node answers with errors for minutes.
        """
        if from_block is not None and after is not None:
            raise InputError("follow from a block, or after an event: not both")
        origin = self.deployment.first_block
        if confirmations is None:
            confirmations = 0 if self.node.chain_id in LOCAL_CHAINS else _CONFIRMATIONS
        return Follower(
            self.node,
            EventFilter(kinds, values, self._emitters),
            first=origin if from_block is None else from_block,
            after=after,
            origin=origin,
            confirmations=confirmations,
            pause=pause,
        ).events()

    def events_in(self, logs: Iterable[Mapping[str, Any]]) -> list[EventLog]:
        """The market's events of any kind among logs, such as a receipt's, in their order."""
        logs = list(logs)
        contracts = self.contracts()
        others = {checksum(log["address"]) for log in logs} - {each.address for each in contracts}
        shares = filter(None, map(self._shares_at, sorted(others)))
        decoded = [event for contract in (*contracts, *shares) for event in contract.events(logs)]
        return sorted(decoded, key=lambda event: (event.block, event.index))

    def _emitters(self, contract: str, until: int) -> Sequence[Contract]:
        """The contracts of a name that there are up to a block."""
        if contract == Safe.NAME:
            return [*self.safes.values()]
        if contract != AssetShares.NAME:
            return [self.contract(contract)]
        return self._divided.until(until)

    @cached_property
    def _divided(self) -> _Divided:
        return _Divided(self.assets, self.deployment.first_block)


class _Divided:
    """The shares of all assets that were ever divided, known by the events of that."""

    def __init__(self, assets: Contract, first: int) -> None:
        self._assets = assets
        self._next = first
        self._found: list[EnergyAssetNFT_Fractionalized] = []

    def until(self, block: int) -> list[AssetShares]:
        """The shares that there are up to a block."""
        if block >= self._next:
            self._read(block)
        node = self._assets.node
        return [AssetShares(node, made.shares) for made in self._found if made.block <= block]

    def _read(self, last: int) -> None:
        # The newest blocks may yet be exchanged: they are read again the next time.
        kept = [made for made in self._found if made.block < self._next]
        kind = EnergyAssetNFT_Fractionalized
        self._found = kept + self._assets.history(kind, from_block=self._next, to_block=last)
        self._next = max(self._next, last - _UNSETTLED)
