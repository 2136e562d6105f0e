"""The base of the contract wrappers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, TypeVar, get_args, get_origin, get_type_hints, overload

from energy_grid.chain.abi import Abi, Event, Function, checksum, from_bytes32, load, to_bytes32
from energy_grid.chain.event_log import EventLog, attribute, kind_of
from energy_grid.chain.reverts import from_rpc
from energy_grid.chain.rpc.log_ranges import LogQuery, LogRanges
from energy_grid.chain.rpc.node import (
    BlockId,
    Node,
    RpcError,
    block_parameter,
    call_parameter,
)
from energy_grid.chain.rpc.transport import plain
from energy_grid.errors import ChainError, InputError

__all__ = [
    "Call",
    "Contract",
    "EventLog",
    "from_bytes32",
    "structure",
    "to_bytes32",
]

Kind = TypeVar("Kind")
Log = TypeVar("Log", bound=EventLog)
Logs = Iterable[Mapping[str, Any]]
Convert = Callable[[Any], Any]

_BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What one transaction is to do; who sends it is up to the `Sender`.

    Attributes:
        contract: name of the contract, for messages.
        function: signature of the function.
        to, data: address and call data.
        value: wei sent along.
        gas: the limit; None lets the sender estimate it.
        parts: what a batch of a Safe consists of.
    """

    contract: str
    function: str
    to: str
    data: bytes
    value: int = 0
    gas: int | None = None
    parts: tuple[Call, ...] = ()


class Contract:
    """A deployed contract: reads answer at once, writes give a `Call`.

    The typed wrappers derive from it; `call` and `prepare` reach any function by its name, or by
    its signature where names are shared. Reads raise `ContractError` when they revert.

    Args:
        name: of the contract; a wrapper knows its own.
        abi: its interface; the one shipped under its name if none is given.
    """

    NAME: ClassVar[str]

    def __init__(
        self, node: Node, address: str, name: str | None = None, abi: Abi | None = None
    ) -> None:
        self.node = node
        self.address = checksum(address)
        self.name = name or self.NAME
        self.abi = abi or load(self.name)

    def __repr__(self) -> str:
        return f"{self.name}({self.address})"

    @overload
    def call(
        self,
        function: str,
        *arguments: Any,
        kind: type[Kind],
        block_identifier: BlockId = ...,
        sender: str | None = ...,
    ) -> Kind: ...
    @overload
    def call(
        self,
        function: str,
        *arguments: Any,
        kind: None = ...,
        block_identifier: BlockId = ...,
        sender: str | None = ...,
    ) -> Any: ...
    def call(
        self,
        function: str,
        *arguments: Any,
        kind: Any = None,
        block_identifier: BlockId = "latest",
        sender: str | None = None,
    ) -> Any:
        """What a function returns, without a transaction.

        Args:
            kind: what to make of it, see `structure`.

        Raises:
            ContractError: it reverted.
        """
        found = self.abi.function(function)
        answer = self._ask(found, found.encode(arguments), block_identifier, sender, 0)
        return answer if kind is None else structure(kind, answer)

    @overload
    def call_many(
        self,
        function: str,
        argument_lists: Iterable[Sequence[Any]],
        *,
        kind: type[Kind],
        block_identifier: BlockId = ...,
    ) -> list[Kind]: ...
    @overload
    def call_many(
        self,
        function: str,
        argument_lists: Iterable[Sequence[Any]],
        *,
        kind: None = ...,
        block_identifier: BlockId = ...,
    ) -> list[Any]: ...
    def call_many(
        self,
        function: str,
        argument_lists: Iterable[Sequence[Any]],
        *,
        kind: Any = None,
        block_identifier: BlockId = "latest",
    ) -> list[Any]:
        """As `call` for many lists of arguments, in few round trips.

        Raises:
            ContractError: the first revert.
        """
        found = self.abi.function(function)
        block = block_parameter(block_identifier)
        requests = [
            ("eth_call", [call_parameter(self.address, found.encode(arguments)), block])
            for arguments in argument_lists
        ]
        answers: list[Any] = []
        for first in range(0, len(requests), _BATCH):
            answers += self.node.rpc_batch(requests[first : first + _BATCH])
        for answer in answers:
            if isinstance(answer, RpcError):
                raise from_rpc(answer, self.name)
        decoded = [found.decode(bytes.fromhex(answer[2:])) for answer in answers]
        return decoded if kind is None else [structure(kind, each) for each in decoded]

    def prepare(self, function: str, *arguments: Any) -> Call:
        """A transaction that calls a function."""
        found = self.abi.function(function)
        return Call(
            contract=self.name,
            function=found.signature,
            to=self.address,
            data=found.encode(arguments),
        )

    def simulate(self, call: Call, sender: str, *, block_identifier: BlockId = "latest") -> Any:
        """What a call of this contract would return if ``sender`` sent it; nothing changes.

        Raises:
            ContractError: it would revert.
        """
        function = self.abi.function(call.function)
        return self._ask(function, call.data, block_identifier, sender, call.value)

    @overload
    def events(self, logs: Logs, event: type[Log]) -> list[Log]: ...
    @overload
    def events(self, logs: Logs, event: str | None = None) -> list[EventLog]: ...
    def events(self, logs: Logs, event: type[EventLog] | str | None = None) -> Sequence[EventLog]:
        """This contract's events among logs, or only those of one kind.

        Args:
            logs: as a node gives them, or web3.py.
            event: a class of `events` or, for code that does not care which, a name.

        Raises:
            InputError: the class is of another contract.
        """
        wanted = self._event(event).name if isinstance(event, type) else event
        decoded = []
        for log in logs:
            if isinstance(log["blockNumber"], int):
                log = plain(log)
            if checksum(log["address"]) != self.address:
                continue
            topics = [bytes.fromhex(topic[2:]) for topic in log["topics"]]
            found = self.abi.events.get(topics[0]) if topics else None
            if found is None or wanted not in (None, found.name):
                continue
            decoded.append(self._decoded(found, topics, log))
        return decoded

    @overload
    def history(
        self, event: type[Log], *, from_block: BlockId = 0, to_block: BlockId = "latest"
    ) -> list[Log]: ...
    @overload
    def history(
        self, event: str, *, from_block: BlockId = 0, to_block: BlockId = "latest"
    ) -> list[EventLog]: ...
    def history(
        self,
        event: type[EventLog] | str,
        *,
        from_block: BlockId = 0,
        to_block: BlockId = "latest",
    ) -> Sequence[EventLog]:
        """All events of one kind in a range of blocks, which is read in pieces if need be.

        Raises:
            PartialAnswerError: the node does not have the blocks (yet).
        """
        topic = "0x" + self._event(event).topic.hex()
        query = LogQuery(addresses=(self.address,), topics=(topic,))
        first, last = map(self.node.number_of, (from_block, to_block))
        pieces = LogRanges(self.node).pieces([query], first, last)
        return [found for piece in pieces for found in self.events(piece.logs)]

    def _event(self, event: type[EventLog] | str) -> Event:
        if isinstance(event, str):
            return self.abi.event(event)
        if event.contract != self.abi.name:
            raise InputError(f"{event.__name__} is no event of {self.abi.name}")
        return self.abi.event(event.event)

    def _decoded(self, event: Event, topics: Sequence[bytes], log: Mapping[str, Any]) -> EventLog:
        values = event.decode(topics, bytes.fromhex(log["data"][2:]))
        kind = kind_of(self.abi.name, event.name, tuple(values))
        for name, entry in zip(tuple(values), event.inputs.entries, strict=True):
            record = get_type_hints(kind).get(name) if entry["type"] == "tuple" else None
            if record is not None:
                values[name] = structure(record, values[name])
        return kind(
            address=self.address,
            block=int(log["blockNumber"], 16),
            block_hash=log["blockHash"],
            transaction=log["transactionHash"],
            index=int(log["logIndex"], 16),
            **{attribute(name): value for name, value in values.items()},
        )

    def _ask(
        self, function: Function, data: bytes, block: BlockId, sender: str | None, value: int
    ) -> Any:
        try:
            answer = self.node.call(self.address, data, sender=sender, value=value, block=block)
        except RpcError as error:
            raise from_rpc(error, self.name) from None
        if not answer and function.outputs.entries:
            raise ChainError(f"there is no {self.name} at {self.address} on this chain")
        return function.decode(answer)


def structure(kind: type[Kind], value: Any) -> Kind:
    """A decoded value as a type of the wrappers.

    Records are made of structs, whose fields have the same names in the same order, named tuples of
    several values; a word that is to be text is a name.
    """
    wanted: Any = kind
    convert = _converter(wanted)
    found: Kind = value if convert is None else convert(value)
    return found


@cache
def _converter(kind: Any) -> Convert | None:
    if kind is str:
        return lambda value: from_bytes32(value) if isinstance(value, bytes) else value
    if get_origin(kind) in (list, tuple):
        each, sequence = _converter(get_args(kind)[0]), get_origin(kind)
        return sequence if each is None else lambda values: sequence(map(each, values))
    names = list(getattr(kind, "__dataclass_fields__", getattr(kind, "_fields", ())))
    if not names:
        return None
    hints = get_type_hints(kind)
    converters = [_converter(hints[name]) for name in names]

    def record(values: Sequence[Any]) -> Any:
        fields = zip(names, converters, values, strict=True)
        return kind(**{name: each(value) if each else value for name, each, value in fields})

    return record
