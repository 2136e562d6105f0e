"""Many questions in one round trip, and what the chain keeps no list of: found by its events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from energy_grid.adapters.chain.connection import (
    BlockId,
    Node,
    RpcError,
    block_parameter,
    call_parameter,
)
from energy_grid.adapters.chain.contract import Call, Contract, EventLog
from energy_grid.adapters.chain.errors import from_rpc
from energy_grid.errors import ChainError, ContractError

__all__ = ["Question", "ask", "found", "next_time", "would_pass"]

_AT_ONCE = 500
# Topics of one place that a node is asked for together.
_ALTERNATIVES = 100


@dataclass(frozen=True, slots=True)
class Question:
    """A view of a contract that is to be read.

    Attributes:
        otherwise: whether a refusal is an answer, which then is None.
    """

    contract: Contract
    function: str
    arguments: Sequence[Any] = ()
    otherwise: bool = False


def ask(node: Node, questions: Iterable[Question], *, block: BlockId = "latest") -> list[Any]:
    """The answers to many questions about one block, in their order and in few round trips.

    Raises:
        ContractError: the first refusal that is no answer.
    """
    asked = list(questions)
    answers: list[Any] = []
    for first in range(0, len(asked), _AT_ONCE):
        answers += _answers(node, asked[first : first + _AT_ONCE], block)
    return answers


def would_pass(node: Node, calls: Iterable[Call]) -> list[bool]:
    """Whether each call, by anybody, would be carried out in the next block.

    Raises:
        RpcError: the node cannot tell.
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


def found(
    contract: Contract,
    event: str,
    first_block: int,
    *,
    last_block: int | None = None,
    **indexed: Any,
) -> list[EventLog]:
    """The events of a name whose indexed values are these, the oldest first.

    A range of blocks that is too much for the node is asked for in halves.

    Args:
        indexed: by their names: an address, a number, or several of them, any of which will do.

    Raises:
        RpcError: the node does not give the events of a single block.
    """
    last = contract.node.block_number if last_block is None else last_block
    logs: list[dict[str, Any]] = []
    for topics in _topics(contract, event, indexed):
        logs += _logs(contract, topics, first_block, last)
    return sorted(contract.events(logs), key=lambda log: (log.block, log.index))


def _answers(node: Node, questions: Sequence[Question], block: BlockId) -> Iterator[Any]:
    functions = [each.contract.abi.function(each.function) for each in questions]
    where = block_parameter(block)
    requests = [
        (
            "eth_call",
            [call_parameter(each.contract.address, function.encode(each.arguments)), where],
        )
        for each, function in zip(questions, functions, strict=True)
    ]
    for each, function, answer in zip(questions, functions, node.rpc_batch(requests), strict=True):
        if not isinstance(answer, RpcError):
            yield function.decode(bytes.fromhex(answer[2:]))
            continue
        refusal = from_rpc(answer, each.contract.name)
        if not (each.otherwise and isinstance(refusal, ContractError)):
            raise refusal
        yield None


def _topics(contract: Contract, event: str, indexed: dict[str, Any]) -> Iterator[list[Any]]:
    """What to ask the node for: several times where one place has many alternatives."""
    known = contract.abi.event(event)
    names = [
        name
        for name, entry in zip(known.inputs.names, known.inputs.entries, strict=True)
        if entry["indexed"]
    ]
    topics: list[Any] = ["0x" + known.topic.hex()]
    topics += [_words(indexed[name]) if name in indexed else None for name in names]
    if any(each == [] for each in topics):
        return
    places = [place for place, each in enumerate(topics) if isinstance(each, list)]
    if not places:
        yield topics
        return
    longest = max(places, key=lambda place: len(topics[place]))
    words = topics[longest]
    for first in range(0, len(words), _ALTERNATIVES):
        yield [
            *topics[:longest],
            words[first : first + _ALTERNATIVES],
            *topics[longest + 1 :],
        ]


def _words(value: Any) -> list[str]:
    values = [value] if isinstance(value, (int, str, bytes)) else list(value)
    return [_word(each) for each in dict.fromkeys(values)]


def _word(value: int | str | bytes) -> str:
    if isinstance(value, bytes):
        return "0x" + value.hex().rjust(64, "0")
    number = int(value, 16) if isinstance(value, str) else value
    return f"0x{number:064x}"


def _logs(contract: Contract, topics: Sequence[Any], first: int, last: int) -> list[dict[str, Any]]:
    if first > last:
        return []
    try:
        return contract.node.logs(contract.address, topics, from_block=first, to_block=last)
    except RpcError:
        if first == last:
            raise
    middle = (first + last) // 2
    return [
        *_logs(contract, topics, first, middle),
        *_logs(contract, topics, middle + 1, last),
    ]
