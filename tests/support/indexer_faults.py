"""A store's life by a seed: a chain that turns, a node that errs, and ends at any statement."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from sqlalchemy import event, select

from energy_grid.backend.indexer.indexer import Indexer
from energy_grid.backend.store.blocks import BLOCKS, CHAIN
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.feed import FEED
from energy_grid.backend.store.tables import METADATA
from energy_grid.chain.abi import load
from energy_grid.chain.contract import Contract
from energy_grid.chain.rpc.node import Request, RpcError
from energy_grid.client import EnergyGrid
from energy_grid.domain.account_words import DayResult, day_words
from energy_grid.errors import NodeUnreachableError
from tests.support.fake_chain import FIRST_TIME, FakeChain, deposit
from tests.support.listening import Listener

__all__ = ["FaultyNode", "finished", "live", "log_of", "market_on", "reading"]

SETTLEMENT, ASSETS, METERS = ("0x" + digit * 40 for digit in "123")
FINALITY = 70
# A node has all logs of a block at the latest when so many are on top of it.
LATE = 60


class Killed(BaseException):
    """The process ends here."""


class FaultyNode(FakeChain):
    """A node that errs by a seed, in front of a chain that grows and turns while it is asked."""

    def __init__(self, seed: int) -> None:
        super().__init__(1)
        self.chance = random.Random(seed)
        self.is_faulty = True

    def rpc_batch(self, calls: Sequence[Request]) -> list[Any]:
        if not self.is_faulty:
            self.behind, self.doubling = 0, False
            return super().rpc_batch(calls)
        chance = self.chance
        if chance.random() < 0.05:
            raise NodeUnreachableError("no node answers")
        self.doubling = chance.random() < 0.2
        self.behind = min(chance.choice((1, 3, 80)), self.newest) if chance.random() < 0.1 else 0
        answers = []
        for method, params in calls:
            if chance.random() < 0.02:
                self.turn()
            answers.append(self._answer(method, params))
        return answers

    def turn(self) -> None:
        """Grow, or leave some of the newest blocks for others."""
        chance = self.chance
        depth = min(chance.randint(1, 64), self.newest) if chance.random() < 0.2 else 0
        count = max(depth + chance.randint(-2, 4), 1) if depth else chance.randint(1, 6)
        blocks = [block_of(chance) for _ in range(count)]
        if chance.random() < 0.2:
            # A new contract, which has events from then on.
            shares = chance.getrandbits(64)
            begin = chance.randrange(count)
            blocks[begin] += [divided(shares), transfer(shares)]
            for block in blocks[begin + 1 :]:
                block.append(transfer(shares))
        if depth:
            self.reorganise(depth, *blocks)
        else:
            self.extend(*blocks)

    def _header(self, block: str) -> dict[str, str] | None:
        header = super()._header(block)
        if header is None:
            return None
        # A month has about 30 blocks, and a block that takes another's place has another time.
        days = int(header["number"], 16) * 86_400
        return {**header, "timestamp": hex(FIRST_TIME + days + int(header["hash"][:6], 16))}

    def _answer(self, method: str, params: Sequence[Any]) -> Any:
        if method == "eth_getBlockByNumber" and params[0] == "latest" and self.is_faulty:
            # One that lags says so, or names a head that it does not have.
            lag = self.behind if self.chance.random() < 0.7 else 0
            behind, self.behind = self.behind, 0
            header = self._header(hex(self.newest - lag))
            self.behind = behind
            return header
        if method == "eth_chainId":
            return hex(10)
        answer = super()._answer(method, params)
        if method != "eth_getLogs" or isinstance(answer, RpcError) or not self.is_faulty:
            return answer
        return [
            log
            for log in answer
            if int(log["blockNumber"], 16) <= self.newest - LATE or self.chance.random() < 0.9
        ]


def block_of(chance: random.Random) -> list[dict[str, Any]]:
    """The logs of a block."""
    made = (
        lambda: deposit(chance.randint(1, 9), chance.choice((1, 2**64, 2**256 - 1))),
        lambda: reading(chance.randint(1, 9), chance.randrange(2**20)),
        lambda: closed(chance.randint(1, 9)),
    )
    return [chance.choice(made)() for _ in range(chance.choice((0, 0, 0, 1, 1, 2, 5)))]


def log_of(contract: str, name: str, emitter: str, *words: int) -> dict[str, Any]:
    found = load(contract).event(name)
    count = len(found.split[0].names)
    texts = [word.to_bytes(32, "big").hex() for word in words]
    return {
        "address": emitter,
        "topics": ["0x" + found.topic.hex(), *("0x" + text for text in texts[:count])],
        "data": "0x" + "".join(texts[count:]),
    }


def divided(shares: int) -> dict[str, Any]:
    return log_of("EnergyAssetNFT", "Fractionalized", ASSETS, 1, shares, 9, 100)


def transfer(shares: int) -> dict[str, Any]:
    return log_of("AssetShares", "Transfer", f"0x{shares:040x}", 1, 2, 3)


def reading(meter: int, word: int) -> dict[str, Any]:
    return log_of("SmartMeter", "ReadingRecorded", METERS, meter, word)


def closed(account: int) -> dict[str, Any]:
    day = DayResult(
        money=-5,
        net=-4,
        position=3,
        taken=2,
        given=1,
        drawn=6,
        kept=7,
        from_grid=8,
        fed_in=9,
        deemed=10,
    )
    return log_of("Settlement", "DayClosed", SETTLEMENT, account, 19_000, *day_words(account, day))


def market_on(chain: FakeChain, settlement: str = SETTLEMENT) -> EnergyGrid:
    """What the indexer asks of a market."""
    market = EnergyGrid.__new__(EnergyGrid)
    market.node = chain
    vars(market)["deployment"] = type("Deployment", (), {"first_block": 0})
    contracts = [
        Contract(chain, address, name)
        for address, name in (
            (settlement, "Settlement"),
            (ASSETS, "EnergyAssetNFT"),
            (METERS, "SmartMeter"),
        )
    ]
    vars(market)["settlement"] = contracts[0]
    vars(market)["contracts"] = lambda: contracts
    return market


def content(database: Database) -> dict[str, list[Any]]:
    """All rows of events, and the tip."""
    with database.reading() as connection:
        found: dict[str, list[Any]] = {
            name: sorted(connection.exec_driver_sql(f"SELECT * FROM {name}").all(), key=str)
            for name in METADATA.tables
            if name not in (BLOCKS.name, CHAIN.name, FEED.name)
        }
        found["tip"] = [connection.scalar(select(CHAIN.c.indexed_block))]
        return {name: rows for name, rows in found.items() if rows}


def finished(indexer: Indexer) -> None:
    """Let it go on to the end."""
    while not indexer.step():
        pass


def live(seed: int, url: str, fresh_url: str) -> dict[str, list[Any]]:
    """A store's life by a seed; gives its end, which equals a fresh index.

    Args:
        url, fresh_url: of two databases that have nothing of a chain.
    """
    node, chance, left = FaultyNode(seed), random.Random(seed + 1), 0
    listener = Listener()

    def die(*_: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise Killed

    for _ in range(chance.randint(2, 5)):
        database = Database(url)
        event.listen(database.engine, "before_cursor_execute", die)
        indexer = Indexer(market_on(node), database, finality=FINALITY)
        left = chance.choice((0, chance.randint(1, 400)))
        try:
            for _ in range(chance.randint(5, 30)):
                node.turn()
                try:
                    indexer.step()
                except NodeUnreachableError:
                    continue
                if not chance.randrange(4):
                    listener.hear(url, most=chance.randint(1, 20))
        except Killed:
            pass
        database.close()
    # More blocks on top of all, so that what came late is final.
    node.extend(*([deposit(1, number)] for number in range(FINALITY + 5)))
    node.is_faulty = False
    ends = []
    for each in (url, fresh_url):
        database = Database(each)
        finished(Indexer(market_on(node), database, finality=FINALITY))
        ends.append(content(database))
        database.close()
    assert ends[0] == ends[1]
    assert listener.hear_all(url) == Listener().hear_all(fresh_url)
    return ends[0]
