"""Reading logs in pieces that a node answers."""

from __future__ import annotations

from typing import Any

import pytest

from energy_grid.chain.contract import Contract
from energy_grid.chain.rpc.log_ranges import LogQuery, LogRanges, PartialAnswerError
from energy_grid.chain.rpc.node import RpcError
from tests.support.fake_chain import FakeChain, deposit

HERE = "0x" + "1" * 40
ALL = [LogQuery(addresses=(HERE,), topics=())]


def numbers(chain: FakeChain, first: int, last: int) -> list[tuple[int, int]]:
    pieces = LogRanges(chain).pieces(ALL, first, last)
    logs = [log for piece in pieces for log in piece.logs]
    return [(int(log["blockNumber"], 16), int(log["logIndex"], 16)) for log in logs]


def test_pieces__of_a_node_without_limits__are_one() -> None:
    chain = FakeChain(100)
    (piece,) = LogRanges(chain).pieces(ALL, 3, 99)
    assert chain.spans == [(3, 99)]
    assert (piece.last, piece.last_hash) == (99, chain.hash_of(99))


def test_pieces__of_no_blocks__are_none() -> None:
    chain = FakeChain(100)
    assert list(LogRanges(chain).pieces(ALL, 5, 4)) == []
    assert chain.spans == []


@pytest.mark.parametrize("most_blocks", [1, 2, 3, 7, 50, 99, 100])
def test_pieces__too_many_blocks__every_log_once_in_order(most_blocks: int) -> None:
    chain = FakeChain(0)
    chain.extend(*([deposit(1, 1), deposit(2, 2)] for _ in range(100)))
    chain.most_blocks = most_blocks
    assert numbers(chain, 0, 99) == [(block, index) for block in range(100) for index in (0, 1)]
    assert numbers(chain, 40, 60)[:1] + numbers(chain, 40, 60)[-1:] == [(40, 0), (60, 1)]


def test_pieces__too_many_logs__fewer_blocks_where_they_are_dense() -> None:
    chain = FakeChain(1000)
    chain.extend(*([deposit(1, 1)] * 5 for _ in range(10)))
    chain.extend(*([] for _ in range(1000)))
    chain.most_logs = 10
    assert len(numbers(chain, 0, chain.newest)) == 50
    # Far fewer questions than blocks: it grows again behind the dense part.
    assert len(chain.spans) < 80


def test_pieces__one_block_is_too_much__is_the_node_s_error() -> None:
    chain = FakeChain(0)
    chain.extend([deposit(1, 1)] * 3)
    chain.most_logs = 2
    with pytest.raises(RpcError, match="more than so many results"):
        numbers(chain, 0, 0)


def test_pieces__a_node_that_does_not_have_the_blocks__is_an_error() -> None:
    chain = FakeChain(10)
    with pytest.raises(PartialAnswerError, match="the node has no block 10 yet"):
        numbers(chain, 0, 10)
    chain.behind = 3
    with pytest.raises(PartialAnswerError, match="the node has no block 9 yet"):
        numbers(chain, 0, 9)
    assert numbers(chain, 0, 6) == []


def test_pieces__logs_sent_twice_and_out_of_order__count_once() -> None:
    chain = FakeChain(1)
    chain.extend([deposit(1, 1), deposit(2, 2)], [deposit(3, 3)])
    chain.doubling = True
    assert numbers(chain, 0, 2) == [(1, 0), (1, 1), (2, 0)]


class Torn(FakeChain):
    """Its blocks are exchanged between two questions."""

    def _logs(self, query: dict[str, object]) -> object:
        found = super()._logs(query)
        self.reorganise(2, [deposit(9, 9)], [])
        return found


@pytest.mark.parametrize("before", [[deposit(1, 1)], []])
def test_pieces__of_blocks_that_are_being_exchanged__are_an_error(before: list[Any]) -> None:
    """Also where there was no log yet: that of the new block would be missed for good."""
    chain = Torn(5)
    chain.extend(before, [])
    with pytest.raises(PartialAnswerError, match="the node has just exchanged block 6"):
        numbers(chain, 0, 6)


class Split(FakeChain):
    """One of the nodes behind its address gives logs of another branch."""

    def _logs(self, query: dict[str, object]) -> object:
        return [{**log, "blockHash": "0x" + "8" * 64} for log in super()._logs(query)]


def test_pieces__of_another_branch__are_an_error() -> None:
    chain = Split(5)
    chain.extend([deposit(1, 1)], [])
    with pytest.raises(PartialAnswerError, match="the node has just exchanged block 5"):
        numbers(chain, 0, 6)


class Careless(FakeChain):
    """Gives logs of blocks that it was not asked for."""

    def _logs(self, query: dict[str, object]) -> object:
        return super()._logs({**query, "fromBlock": "0x0"})


def test_pieces__of_other_blocks__are_an_error() -> None:
    chain = Careless(1)
    chain.extend([deposit(1, 1)], [])
    with pytest.raises(PartialAnswerError, match="block 1, which was not asked for"):
        numbers(chain, 2, 2)


def test_history__is_read_in_pieces() -> None:
    chain = FakeChain(0)
    chain.extend(*([deposit(1, amount)] for amount in range(20)))
    chain.most_blocks = 3
    settlement = Contract(chain, HERE, "Settlement")
    assert [log["amount"] for log in settlement.history("Deposited")] == list(range(20))
    some = settlement.history("Deposited", from_block=3, to_block=9)
    assert [log["amount"] for log in some] == list(range(3, 10))
    assert settlement.history("Withdrawn") == []
