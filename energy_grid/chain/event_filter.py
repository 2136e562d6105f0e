"""Which events are wanted: their kinds, and values that they must have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from energy_grid.chain.abi import Event, Parameters, checksum, load
from energy_grid.chain.contract import Contract, to_bytes32
from energy_grid.chain.event_log import EventLog, attribute
from energy_grid.chain.rpc.log_ranges import LogQuery, RawLog
from energy_grid.errors import InputError

__all__ = ["EventFilter", "topics_of"]

Kind = TypeVar("Kind", bound=EventLog)


class EventFilter(Generic[Kind]):
    """Events of some kinds, of contracts that are known or become known.

    Args:
        kinds: one class of `events`, or several.
        values: what indexed values must be, by name.
        contracts: gives those of a name that are in the market up to a block.

    Raises:
        InputError: no kinds, or a value that one of them cannot be found by.
    """

    def __init__(
        self,
        kinds: type[Kind] | Collection[type[Kind]],
        values: Mapping[str, Any],
        contracts: Callable[[str, int], Sequence[Contract]],
    ) -> None:
        self._kinds = (kinds,) if isinstance(kinds, type) else tuple(kinds)
        if not self._kinds:
            raise InputError("no kinds of events were named")
        for kind in self._kinds:
            if not (isinstance(kind, type) and issubclass(kind, EventLog)):
                raise InputError(f"{kind!r} is no kind of event: name one of events.*")
        self._topics = {kind: topics_of(_declared(kind), values) for kind in self._kinds}
        self._contracts = contracts
        self._emitters: dict[str, Contract] = {}

    def queries(self, until: int) -> list[LogQuery]:
        """The log queries up to a block: one for all kinds where possible."""
        alike: dict[tuple[str | None, ...], list[type[Kind]]] = defaultdict(list)
        for kind, (_, values) in self._topics.items():
            alike[values].append(kind)
        queries, self._emitters = [], {}
        for values, kinds in alike.items():
            names = {kind.contract for kind in kinds}
            emitters = {
                each.address: each for name in names for each in self._contracts(name, until)
            }
            self._emitters |= emitters
            if emitters:
                which = sorted({self._topics[kind][0] for kind in kinds})
                queries.append(LogQuery(addresses=tuple(sorted(emitters)), topics=(which, *values)))
        return queries

    def events(self, logs: Iterable[RawLog]) -> list[Kind]:
        """The wanted events among logs that `queries` has found, in their order."""
        decoded = (
            event
            for log in logs
            if (emitter := self._emitters.get(checksum(log["address"]))) is not None
            for event in emitter.events([log])
        )
        return [event for event in decoded if isinstance(event, self._kinds)]


def topics_of(event: Event, values: Mapping[str, Any]) -> tuple[str, tuple[str | None, ...]]:
    """The first topic of an event's logs, and those that its indexed values must have.

    Raises:
        InputError: a value is not the event's, is not indexed, or does not fit.
    """
    indexed, _ = event.split
    given = {name.removesuffix("_"): value for name, value in values.items()}
    unknown = sorted(given.keys() - set(indexed.names))
    if unknown:
        why = "is not indexed" if unknown[0] in event.inputs.names else "is none of its values"
        can = ", ".join(map(attribute, indexed.names)) or "nothing"
        raise InputError(
            f"{event.name} cannot be found by {unknown[0]}, which {why}; by {can} it can"
        )
    words = [
        _word(event, name, entry, given[name]) if name in given else None
        for name, entry in zip(indexed.names, indexed.entries, strict=True)
    ]
    while words and words[-1] is None:
        words.pop()
    return "0x" + event.topic.hex(), tuple(words)


def _word(event: Event, name: str, entry: Mapping[str, Any], value: Any) -> str:
    try:
        # A region's name stands for the word that contracts hold it as.
        is_name = entry["type"] == "bytes32" and isinstance(value, str)
        word = to_bytes32(value) if is_name else value
        return "0x" + Parameters((entry,)).encode([word]).hex()
    except InputError as error:
        raise InputError(f"{name} of {event.name}: {error}") from None


def _declared(kind: type[EventLog]) -> Event:
    return load(kind.contract).event(kind.event)
