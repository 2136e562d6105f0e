"""Many questions at once, and events by their indexed values."""

from __future__ import annotations

from typing import Any

import pytest

from energy_grid.chain.multicall import ChainQuery, next_time, past_events, read_all, would_succeed
from energy_grid.chain.rpc.node import BlockId, Request, RpcError
from energy_grid.contracts import errors
from energy_grid.contracts.settlement import Settlement
from energy_grid.errors import ChainError, ContractError, InputError
from tests.support.fake_node import FakeNode

ADDRESS, OTHER = "0x" + "11" * 20, "0x" + "22" * 20
TOPIC_OF = "0x{:064x}".format


class Archive(FakeNode):
    """A node whose newest block is the hundredth, with events of what was asked for in each tenth
    block: one for each value that the last topic may have."""

    def _one(self, request: Request) -> Any:
        self.asked.append(request)
        method, params = request
        if method == "eth_blockNumber":
            return hex(100)
        if method == "eth_getBlockByNumber":
            return {"hash": TOPIC_OF(int(params[0], 16))}
        first, last = (int(params[0][name], 16) for name in ("fromBlock", "toBlock"))
        blocks = [at for at in range(first, last + 1) if at % 10 == 0]
        *_, last_topic = [*params[0]["topics"], None, None][:3]
        days = last_topic if isinstance(last_topic, list) else [last_topic or TOPIC_OF(3)]
        return [self._log(params[0], at, day) for at in blocks for day in days]

    def queries(self) -> list[Any]:
        """What was asked for of logs."""
        return [params[0] for method, params in self.asked if method == "eth_getLogs"]

    def _log(self, query: Any, block: int, day: str) -> dict[str, Any]:
        topics = [*query["topics"], None][:2]
        return {
            "address": OTHER,
            "topics": [
                topics[0],
                topics[1] or TOPIC_OF(int(ADDRESS, 16)),
                day,
            ],
            "data": "0x" + bytes(352).hex(),
            "blockNumber": hex(block),
            "blockHash": TOPIC_OF(block),
            "transactionHash": TOPIC_OF(block),
            "logIndex": hex(int(day, 16)),
        }


def test_found__are_those_with_the_value__from_the_first_block_to_the_newest() -> None:
    node = Archive()
    logs = past_events(Settlement(node, OTHER), "DayClosed", 11, account=ADDRESS)
    assert [log.block for log in logs] == [20, 30, 40, 50, 60, 70, 80, 90, 100]
    assert {(log["account"], log["day"]) for log in logs} == {(ADDRESS, 3)}
    (query,) = node.queries()
    assert (query["fromBlock"], query["toBlock"]) == (hex(11), hex(100))
    assert query["topics"][1:] == [TOPIC_OF(int(ADDRESS, 16))]
    assert query["address"] == [OTHER]


def test_found__of_several_values__are_those_with_any_of_them() -> None:
    node = Archive()
    logs = past_events(Settlement(node, OTHER), "DayClosed", 91, account=ADDRESS, day=range(5, 8))
    assert [log["day"] for log in logs] == [5, 6, 7]
    (query,) = node.queries()
    assert query["topics"][1:] == [TOPIC_OF(int(ADDRESS, 16)), [*map(TOPIC_OF, range(5, 8))]]


def test_found__of_no_value__asks_for_nothing() -> None:
    node = Archive()
    assert past_events(Settlement(node, OTHER), "DayClosed", 1, day=[]) == []
    assert node.asked == []


def test_found__by_what_is_not_indexed__is_refused() -> None:
    with pytest.raises(InputError, match="DayClosed cannot be found by result"):
        past_events(Settlement(Archive(), OTHER), "DayClosed", 1, result=1)


def test_ask__gives_the_answers_in_their_order_and_few_round_trips() -> None:
    node = FakeNode("0x" + "00" * 31 + "05")
    settlement = Settlement(node, OTHER)
    questions = [ChainQuery(settlement, "balanceOf", [ADDRESS])] * 501
    assert read_all(node, questions, block=7) == [5] * 501
    assert [len(batch) for batch in node.batches] == [500, 1]
    assert node.asked[0][1][1] == "0x7"


def test_ask__what_is_refused__is_reported_or_is_nothing() -> None:
    node = FakeNode(revert=errors.error_class("Settlement_NoDebt").__name__.encode()[:4])
    settlement = Settlement(node, OTHER)
    with pytest.raises(ContractError):
        read_all(node, [ChainQuery(settlement, "queuedWithdrawal", [1])])
    assert read_all(node, [ChainQuery(settlement, "queuedWithdrawal", [1], otherwise=True)]) == [
        None
    ]


def test_ask__what_the_node_does_not_know__is_no_refusal() -> None:
    class Failing(FakeNode):
        def _one(self, request: Any) -> Any:
            return RpcError("eth_call", -32000, "out of memory")

    node = Failing()
    question = ChainQuery(Settlement(node, OTHER), "queuedWithdrawal", [1], otherwise=True)
    with pytest.raises(RpcError, match="out of memory"):
        read_all(node, [question])
    with pytest.raises(RpcError, match="out of memory"):
        would_succeed(node, [Settlement(node, OTHER).deposit(1)])


@pytest.mark.parametrize(("revert", "passes"), [(None, True), (b"", False)])
def test_would_pass__is_what_the_next_block_would_say(revert: bytes | None, passes: bool) -> None:
    node = FakeNode("0x", revert=revert)
    assert would_succeed(node, [Settlement(node, OTHER).deposit(1)] * 2) == [passes] * 2
    assert node.asked[0][1][1] == "pending"


def test_next_time__where_a_node_has_no_pending_block__is_that_of_the_newest() -> None:
    class Old(FakeNode):
        def block(self, block: BlockId = "latest") -> dict[str, Any]:
            if block == "pending":
                raise ChainError("there is no block pending")
            return {"timestamp": "0x9"}

    assert next_time(Old()) == 9
    assert next_time(FakeNode({"timestamp": "0x7"})) == 7
