"""Many queries in one round trip, and past events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from energy_grid.chain.contract import Call, Contract, EventLog
from energy_grid.chain.event_filter import topics_of
from energy_grid.chain.reverts import from_rpc
from energy_grid.chain.rpc.log_ranges import LogQuery, LogRanges
from energy_grid.chain.rpc.node import (
    BlockId,
    Node,
    RpcError,
    block_parameter,
    call_parameter,
)
from energy_grid.errors import ChainError, ContractError

__all__ = ["ChainQuery", "next_time", "past_events", "read_all", "would_succeed"]

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class ChainQuery:
    """A view of a contract with its arguments.

    Attributes:
        otherwise: whether a revert gives None instead of an exception.
    """

    contract: Contract
    function: str
    arguments: Sequence[Any] = ()
    otherwise: bool = False


def read_all(node: Node, queries: Iterable[ChainQuery], *, block: BlockId = "latest") -> list[Any]:
    """The results of many queries at one block, in their order and in few round trips.

    Raises:
        ContractError: the first revert of a query without `otherwise`.
    """
    pending = list(queries)
    answers: list[Any] = []
    for first in range(0, len(pending), _AT_ONCE):
        answers += _answers(node, pending[first : first + _AT_ONCE], block)
    return answers


def would_succeed(node: Node, calls: Iterable[Call]) -> list[bool]:
    """Whether each call, from any account, would succeed in the next block.

    Raises:
        RpcError: the node reports another error than a revert.
    """
    requests = [("eth_call", [call_parameter(call.to, call.data), "pending"]) for call in calls]
    answers: list[Any] = []
    for first in range(0, len(requests), _AT_ONCE):
        answers += node.rpc_batch(requests[first : first + _AT_ONCE])
    for answer in answers:
        if isinstance(answer, RpcError) and answer.revert is None:
            raise answer
    return [not isinstance(answer, RpcError) for answer in answers]


def next_time(node: Node) -> int:
    """The time of the next block: where nothing happens, the newest one was long ago."""
    try:
        return int(node.block("pending")["timestamp"], 16)
    except ChainError:
        return node.time


def past_events(contract: Contract, event: str, first_block: int, **indexed: Any) -> list[EventLog]:
    """The events of a name whose indexed values are these, the oldest first.

    Args:
        indexed: by their names; of a list of values, any will do.

    Raises:
        RpcError, PartialAnswerError: as `LogRanges.pieces`.
    """
    known = contract.abi.event(event)
    found = [topics_of(known, values) for values in _alternatives(indexed)]
    if not found:
        return []
    columns = zip(*(words for _, words in found), strict=True)
    alternatives = (list(dict.fromkeys(column)) for column in columns)
    # In each place any of its words will do.
    words = (each[0] if len(each) == 1 else each for each in alternatives)
    query = LogQuery(addresses=(contract.address,), topics=(found[0][0], *words))
    pieces = LogRanges(contract.node).pieces([query], first_block, contract.node.block_number)
    return contract.events(log for piece in pieces for log in piece.logs)


def _answers(node: Node, queries: Sequence[ChainQuery], block: BlockId) -> Iterator[Any]:
    functions = [each.contract.abi.function(each.function) for each in queries]
    where = block_parameter(block)
    requests = [
        (
            "eth_call",
            [call_parameter(each.contract.address, function.encode(each.arguments)), where],
        )
        for each, function in zip(queries, functions, strict=True)
    ]
    for each, function, answer in zip(queries, functions, node.rpc_batch(requests), strict=True):
        if not isinstance(answer, RpcError):
            yield function.decode(bytes.fromhex(answer[2:]))
            continue
        revert = from_rpc(answer, each.contract.name)
        if not (each.otherwise and isinstance(revert, ContractError)):
            raise revert
        yield None


def _alternatives(values: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Each combination of one value for each name."""
    choices = [
        value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
        for value in values.values()
    ]
    for chosen in product(*choices):
        yield dict(zip(values, chosen, strict=True))
