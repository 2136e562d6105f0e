"""Many questions at once, and events by their indexed values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from energy_grid.adapters.chain import errors
from energy_grid.adapters.chain.connection import BlockId, Node, RpcError
from energy_grid.adapters.chain.lookups import Question, ask, found, next_time, would_pass
from energy_grid.adapters.chain.settlement import Settlement
from energy_grid.errors import ChainError, ContractError
from tests.support.fake_node import FakeNode

ADDRESS, OTHER = "0x" + "11" * 20, "0x" + "22" * 20
TOPIC_OF = "0x{:064x}".format


class Archive(Node):
    """A node with an event in every tenth block, that gives those of a few blocks at a time.

    Args:
        widest: how many blocks it looks through at once.
    """

    def __init__(self, settlement: str, widest: int, last: int = 100) -> None:
        super().__init__("http://127.0.0.1:1")
        self.widest, self.last, self.settlement = widest, last, settlement
        self.asked: list[tuple[int, int]] = []
        self.topics: list[Sequence[Any]] = []

    @property
    def block_number(self) -> int:
        return self.last

    def logs(
        self,
        address: str | Sequence[str],
        topics: Sequence[Any] = (),
        *,
        from_block: BlockId = 0,
        to_block: BlockId = "latest",
    ) -> list[dict[str, Any]]:
        first, last = int(from_block), int(to_block)
        self.asked.append((first, last))
        self.topics.append(topics)
        if last - first + 1 > self.widest:
            raise RpcError("eth_getLogs", -32005, "query returned more than 10000 results")
        return [self._log(topics, block) for block in range(first, last + 1) if block % 10 == 0]

    def _log(self, topics: Sequence[Any], block: int) -> dict[str, Any]:
        return {
            "address": self.settlement,
            "topics": [topics[0], TOPIC_OF(int(ADDRESS, 16)), TOPIC_OF(block)],
            "data": "0x" + bytes(160).hex(),
            "blockNumber": hex(block),
            "blockHash": TOPIC_OF(block),
            "transactionHash": TOPIC_OF(block),
            "logIndex": "0x0",
        }


def _archive(widest: int) -> tuple[Archive, Settlement]:
    node = Archive(OTHER, widest)
    return node, Settlement(node, OTHER)


def test_found__that_a_node_gives_at_once__is_asked_for_once() -> None:
    node, settlement = _archive(100)
    logs = found(settlement, "SlotClosed", 1, account=ADDRESS)
    assert [log["slot"] for log in logs] == [10, 20, 30, 40, 50, 60, 70, 80, 90, 100]
    assert node.asked == [(1, 100)]
    assert list(node.topics[0][1:]) == [[TOPIC_OF(int(ADDRESS, 16))], None]


def test_found__that_is_too_much_for_the_node__is_asked_for_in_halves() -> None:
    node, settlement = _archive(25)
    logs = found(settlement, "SlotClosed", 1, last_block=90)
    assert [log.block for log in logs] == [10, 20, 30, 40, 50, 60, 70, 80, 90]
    assert node.asked == [(1, 90), (1, 45), (1, 23), (24, 45), (46, 90), (46, 68), (69, 90)]


def test_found__of_a_single_block_that_the_node_refuses__is_refused() -> None:
    _, settlement = _archive(0)
    with pytest.raises(RpcError, match="more than 10000"):
        found(settlement, "SlotClosed", 7, last_block=8)


def test_found__before_the_first_block__is_nothing() -> None:
    node, settlement = _archive(1)
    assert found(settlement, "SlotClosed", 101) == []
    assert node.asked == []


def test_found__of_many_alternatives__asks_for_a_hundred_at_a_time() -> None:
    node, settlement = _archive(100)
    found(settlement, "SlotClosed", 1, account=ADDRESS, slot=range(250))
    assert [len(topics[2]) for topics in node.topics] == [100, 100, 50]
    assert {topics[1][0] for topics in node.topics} == {TOPIC_OF(int(ADDRESS, 16))}
    assert node.topics[2][2][-1] == TOPIC_OF(249)


def test_found__of_no_alternative__asks_for_nothing() -> None:
    node, settlement = _archive(100)
    assert found(settlement, "SlotClosed", 1, slot=[]) == []
    assert node.asked == []


def test_ask__gives_the_answers_in_their_order_and_few_round_trips() -> None:
    node = FakeNode("0x" + "00" * 31 + "05")
    settlement = Settlement(node, OTHER)
    questions = [Question(settlement, "balanceOf", [ADDRESS])] * 501
    assert ask(node, questions, block=7) == [5] * 501
    assert [len(batch) for batch in node.batches] == [500, 1]
    assert node.asked[0][1][1] == "0x7"


def test_ask__what_is_refused__is_told_or_is_nothing() -> None:
    node = FakeNode(revert=errors.error_class("Settlement_NoDebt").__name__.encode()[:4])
    settlement = Settlement(node, OTHER)
    with pytest.raises(ContractError):
        ask(node, [Question(settlement, "queuedWithdrawal", [1])])
    assert ask(node, [Question(settlement, "queuedWithdrawal", [1], otherwise=True)]) == [None]


def test_ask__what_the_node_cannot_tell__is_no_refusal() -> None:
    class Failing(FakeNode):
        def _one(self, request: Any) -> Any:
            return RpcError("eth_call", -32000, "out of memory")

    node = Failing()
    question = Question(Settlement(node, OTHER), "queuedWithdrawal", [1], otherwise=True)
    with pytest.raises(RpcError, match="out of memory"):
        ask(node, [question])
    with pytest.raises(RpcError, match="out of memory"):
        would_pass(node, [Settlement(node, OTHER).deposit(1)])


@pytest.mark.parametrize(("revert", "passes"), [(None, True), (b"", False)])
def test_would_pass__is_what_the_next_block_would_say(revert: bytes | None, passes: bool) -> None:
    node = FakeNode("0x", revert=revert)
    assert would_pass(node, [Settlement(node, OTHER).deposit(1)] * 2) == [passes] * 2
    assert node.asked[0][1][1] == "pending"


def test_next_time__where_a_node_has_no_pending_block__is_that_of_the_newest() -> None:
    class Old(FakeNode):
        def block(self, block: BlockId = "latest") -> dict[str, Any]:
            if block == "pending":
                raise ChainError("there is no block pending")
            return {"timestamp": "0x9"}

    assert next_time(Old()) == 9
    assert next_time(FakeNode({"timestamp": "0x7"})) == 7
