"""Which transactions belong to a batch, where one transaction has settled several."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from energy_grid.chain.contract import EventLog
from energy_grid.contracts import events
from energy_grid.domain.periods import PeriodKind
from energy_grid.errors import ChainError, InputError
from energy_grid.market.keeper_chain import next_seed, parts_of
from energy_grid.market.order_sets import Seed

HASH, ROOT = "0x" + "ab" * 32, b"r" * 32


WHERE: Any = {"address": "0x", "block": 7, "block_hash": "0x7", "transaction": HASH}


def matched(index: int, number: int) -> EventLog:
    return events.EnergyTrading_OrdersMatched(
        **WHERE,
        index=index,
        transaction_id=number * 2**30,
        buy_id=1,
        sell_id=2,
        amount=10,
        price=5,
    )


def settled(index: int, batch: int, count: int) -> EventLog:
    return events.EnergyTrading_BatchSettled(
        **WHERE,
        index=index,
        order_set=ROOT,
        period=PeriodKind.HOURLY,
        start=3600,
        price=5,
        amount=10 * count,
        matched=count,
        batch_id=batch,
    )


LOGS = [matched(0, 4), matched(1, 7), settled(2, 1, 2), matched(3, 8), settled(4, 2, 1)]


def chain(receipt: Any, logs: list[EventLog]) -> tuple[Any, Any]:
    """A node and a market with one transaction."""
    node = SimpleNamespace(
        rpc=lambda *_: receipt,
        block_number=9,
        block=lambda _: {"timestamp": hex(3600)},
        logs=lambda *_, **__: [each for each in logs if each.event == "BatchSettled"],
    )
    topic = SimpleNamespace(topic=b"t" * 32)
    trading = SimpleNamespace(
        address="0x", abi=SimpleNamespace(event=lambda _: topic), events=lambda found: found
    )
    return node, trading


def test_parts_of__several_batches_of_one_transaction__each_its_own() -> None:
    parts = parts_of(*chain({"logs": LOGS}, LOGS), HASH)
    assert [[match.trade_id // 2**30 for match in part.matches] for part in parts] == [
        [4, 7],
        [8],
    ]
    assert {(part.block, part.time, part.order_set) for part in parts} == {(7, 3600, ROOT)}


def test_parts_of__no_transaction_or_no_batch__is_reported() -> None:
    with pytest.raises(ChainError, match="there is no transaction"):
        parts_of(*chain(None, []), HASH)
    with pytest.raises(InputError, match="has settled no batch"):
        parts_of(*chain({"logs": LOGS[:1]}, LOGS), HASH)


class Blocks:
    """A node that makes a block after so many looks at the newest one."""

    def __init__(self, chain_id: int, looks: int) -> None:
        self.chain_id, self.looks = chain_id, looks

    def block(self) -> dict[str, str]:
        self.looks -= 1
        number = 7 if self.looks >= 0 else 8
        return {"number": hex(number), "hash": f"0x{number:064x}"}


@pytest.mark.parametrize(("chain_id", "looks", "block"), [(10, 3, 8), (31337, 3, 7), (10, 120, 8)])
def test_next_seed__is_of_a_block_after_the_orders_but_on_a_local_chain(
    chain_id: int, looks: int, block: int
) -> None:
    node: Any = Blocks(chain_id, looks)
    seed = next_seed(node, pause=lambda _: None)
    assert seed == Seed(block=block, hash=block.to_bytes(32, "big"))


def test_next_seed__no_block__is_said() -> None:
    node: Any = Blocks(10, 121)
    with pytest.raises(ChainError, match="no block followed 7 in 120 seconds"):
        next_seed(node, pause=lambda _: None)
