"""What the store takes: bytes and time of each event, and the slowest reads: docs/store.md.

    python -m tests.bench.store

The events come from a chain in this process, so that no node's time is in the figures. What was
found is kept in tests/bench/store.json, from which docs/scale.md computes what a million meters
need.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Select, func, select, text

from energy_grid.backend.indexer.indexer import Indexer
from energy_grid.backend.neighbourhood.chain import living_chain
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.details import CLOSED_DAYS
from energy_grid.backend.store.partitions import make_partitions
from energy_grid.backend.store.views import VIEWS
from energy_grid.backend.trading_engine.engine import TradingEngine
from energy_grid.chain.abi import checksum
from energy_grid.chain.contract import Contract
from energy_grid.client import EnergyGrid
from energy_grid.demo.calendar import HOUR_SECONDS
from energy_grid.demo.gateway import KEEPER
from energy_grid.domain.account_words import DayResult, day_words
from energy_grid.domain.orders import OrderTerms, OrderType
from energy_grid.domain.periods import DAY_SECONDS, Period, PeriodKind
from energy_grid.domain.signed_orders import SignedOrder
from energy_grid.market.signing import sign_order
from tests.bench.results import this_machine
from tests.bench.timing import best_of, seconds
from tests.support.artifacts import ROOT
from tests.support.databases import BACKENDS, new_database
from tests.support.fake_chain import FIRST_TIME, FakeChain
from tests.support.indexer_faults import finished, log_of

__all__ = ["MEMBERS", "SNAPSHOT", "main", "measure_store", "page", "saved"]

SNAPSHOT = Path(__file__).with_suffix(".json")
_PAGE = ROOT / "docs" / "store.md"
_LOGS_A_BLOCK, MEMBERS = 200, 100
_DAY = FIRST_TIME // DAY_SECONDS
_EMITTERS = {
    name: f"0x{number:040x}"
    for number, name in enumerate(
        ("Settlement", "EnergyAssetNFT", "SmartMeter", "EnergyTrading", "CommunityDays"), 1
    )
}
# Settings of PostgreSQL with which the same is measured, each for the session alone.
_SETTINGS = ("", "synchronous_commit=off")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of events in one kind of database.

    Attributes:
        rows: of what it counts, in an event.
        size: bytes a row, with all its tables and indexes.
        rate: rows a second.
    """

    name: str
    database: str
    rows: int
    size: float
    rate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A read of a dashboard.

    Attributes:
        rows: that it gives.
        milliseconds: of the fastest of three.
        plan: how the database does it.
    """

    name: str
    database: str
    rows: int
    milliseconds: float
    plan: tuple[str, ...]


def _events(chance: random.Random) -> Mapping[str, Any]:
    """What makes an event of each kind, by what it is about, and its rows."""

    def word(bits: int) -> int:
        return chance.getrandbits(bits)

    def day(number: int) -> tuple[int, int]:
        flows = [word(14) for _ in range(8)]
        result = DayResult(
            money=-word(24),
            net=word(14),
            position=word(12),
            deemed=0,
            **dict(
                zip(("taken", "given", "drawn", "kept", "from_grid", "fed_in"), flows, strict=False)
            ),
        )
        return day_words(number, result)

    def log(contract: str, name: str, *words: int) -> dict[str, Any]:
        return log_of(contract, name, _EMITTERS[contract], *words)

    def settled(at: int) -> dict[str, Any]:
        words = [each for member in range(MEMBERS) for each in day(at * MEMBERS + member)]
        return log("CommunityDays", "DaySettled", at, _DAY, 32, len(words), *words)

    return {
        "readings": (1, lambda at: log("SmartMeter", "ReadingRecorded", at + 2**150, word(160))),
        "days, by account": (
            1,
            lambda at: log("Settlement", "DayClosed", at + 2**150, _DAY, *day(at)),
        ),
        "days, of communities": (MEMBERS, settled),
        "anchors": (
            1,
            lambda at: log("CommunityDays", "DayAnchored", at, _DAY, 2**150 + 1, word(256)),
        ),
        "trades": (
            1,
            lambda at: log(
                "EnergyTrading", "OrdersMatched", at, word(256), word(256), word(12), word(18)
            ),
        ),
    }


def _market(chain: FakeChain) -> EnergyGrid:
    market = EnergyGrid.__new__(EnergyGrid)
    market.node = chain
    vars(market)["deployment"] = type("Deployment", (), {"first_block": 0})
    contracts = [Contract(chain, address, name) for name, address in _EMITTERS.items()]
    vars(market)["settlement"] = contracts[0]
    vars(market)["contracts"] = lambda: contracts
    return market


def _chain(make: Any, count: int) -> FakeChain:
    chain = FakeChain(1)
    logs = [make(at) for at in range(count)]
    chain.extend(*(logs[at : at + _LOGS_A_BLOCK] for at in range(0, count, _LOGS_A_BLOCK)))
    return chain


def measure_kinds(count: int) -> list[Kind]:
    """About so many rows of each kind into each database."""
    found = []
    for name, (rows, make) in _events(random.Random(1)).items():
        chain = _chain(make, max(count // rows, 1))
        for database, setting in (("sqlite", ""), *(("postgresql", each) for each in _SETTINGS)):
            with TemporaryDirectory() as folder, closing(_store(database, folder)) as store:
                if setting:
                    with store.writing() as connection:
                        base = connection.scalar(text("SELECT current_database()"))
                        connection.execute(text(f"ALTER DATABASE {base} SET {setting}"))
                    store.engine.dispose()
                before = _bytes(store)
                indexer = Indexer(_market(chain), store, finality=64)
                took = seconds(lambda indexer=indexer: finished(indexer))
                total = max(count // rows, 1) * rows
                found.append(
                    Kind(
                        name=name,
                        database=f"{database}, {setting}" if setting else database,
                        rows=rows,
                        size=(_bytes(store) - before) / total,
                        rate=total / took,
                    )
                )
    return found


def _store(kind: str, folder: str) -> Database:
    return Database.open(new_database(kind, Path(folder)))


def _bytes(store: Database) -> int:
    """What the store takes on the disk."""
    if store.is_sqlite:
        with store.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return Path(str(store.url.database)).stat().st_size
    with store.reading() as connection:
        return int(connection.scalar(text("SELECT pg_database_size(current_database())")) or 0)


def measure_reads(days: int, accounts: int, orders: int) -> list[Read]:
    """The reads of dashboards.

    Args:
        days: closed by each account.
        accounts, orders: so many; as many trades as half of the orders.
    """
    found = []
    for kind in BACKENDS:
        with TemporaryDirectory() as folder, closing(_store(kind, folder)) as store:
            _fill(store, days, accounts, orders)
            for name, query in _reads(accounts, days).items():
                found.append(_read(store, kind, name, query))
    return found


def _fill(store: Database, days: int, accounts: int, orders: int) -> None:
    """A day of all accounts, orders and trades by the indexer, and the other days as copies."""
    chance = random.Random(2)
    events = _events(chance)
    closing_of, trade_of = events["days, by account"][1], events["trades"][1]

    def order(at: int) -> dict[str, Any]:
        words = at, 2**150 + at % 100, at % 2, 1_000, 250_000, 2**63, 0, FIRST_TIME + at
        return log_of("EnergyTrading", "OrderCreated", _EMITTERS["EnergyTrading"], *words)

    def trade(at: int) -> dict[str, Any]:
        log = trade_of(at)
        log["topics"][2:] = [f"0x{number:064x}" for number in (2 * at, 2 * at + 1)]
        return log

    logs = [closing_of(at) for at in range(accounts)]
    logs += [order(at) for at in range(orders)] + [trade(at) for at in range(orders // 2)]
    chain = _chain(logs.__getitem__, len(logs))
    finished(Indexer(_market(chain), store, finality=64))
    names = [each.name for each in CLOSED_DAYS.c]
    shift = {
        "block": f"block + :days * {chain.newest + 1}",
        "time": f"time + :days * {DAY_SECONDS}",
        "day": "day + :days",
    }
    values = ", ".join(shift.get(name, name) for name in names)
    with store.writing() as connection:
        if not store.is_sqlite:
            times = range(FIRST_TIME, FIRST_TIME + (days + 2) * DAY_SECONDS, DAY_SECONDS)
            make_partitions(connection, CLOSED_DAYS.name, times)
        copied = 1
        while copied < days:
            some = min(copied, days - copied)
            connection.execute(
                text(
                    f"INSERT INTO closed_days ({', '.join(names)}) SELECT {values}"
                    f" FROM closed_days WHERE day < {_DAY} + :some"
                ),
                {"days": copied, "some": some},
            )
            copied += some
    with store.writing() as connection:
        connection.execute(text("ANALYZE"))


def _reads(accounts: int, days: int) -> dict[str, Select[Any]]:
    orders, trades, closed = VIEWS["orders"].c, VIEWS["trades"].c, CLOSED_DAYS.c
    someone, last = checksum(f"0x{2**150 + 7:040x}"), _DAY + days
    sums = [func.sum(each) for each in (closed.taken, closed.given, closed.from_grid)]
    month = closed.day >= last - 30
    return {
        "orders of a trader": select(orders).where(orders.trader == someone),
        "the newest 100 trades": select(trades)
        .order_by(trades.matched_at.desc(), trades.transaction_id.desc())
        .limit(100),
        "days of an account": select(closed).where(closed.number == accounts // 2),
        "sums of a month, by day": select(closed.day, *sums).where(month).group_by(closed.day),
        "sums of a month, by account": select(closed.number, *sums)
        .where(month)
        .group_by(closed.number),
        "sums of everything, by day": select(closed.day, *sums).group_by(closed.day),
    }


def _read(store: Database, kind: str, name: str, query: Select[Any]) -> Read:
    rows = 0

    def work() -> None:
        nonlocal rows
        with store.reading() as connection:
            rows = len(connection.execute(query).all())

    took = best_of(work, 3)
    explained = query.compile(store.engine, compile_kwargs={"literal_binds": True})
    with store.reading() as connection:
        if store.is_sqlite:
            answer = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {explained}").all()
            plan = [row.detail for row in answer]
        else:
            lines = connection.exec_driver_sql(f"EXPLAIN (COSTS OFF) {explained}").scalars()
            plan = [line for line in lines if "->" in line or "Scan" in line]
    return Read(name=name, database=kind, rows=rows, milliseconds=took * 1000, plan=tuple(plan[:6]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """The trading engine with so many open orders: seconds of a new one at its door, of a step
    that finds nothing new, and of one that has to look at all of them."""

    orders: int
    door: float
    idle: float
    busy: float


def measure_engine(count: int, households: int = 24) -> Engine:
    """Orders of all households for the next days that never meet."""
    with (
        TemporaryDirectory() as folder,
        living_chain(Path(folder), _DAY, lambda _: None, households) as chain,
        EnergyGrid.connect(chain.node.url, chain.file) as market,
        closing(_store("sqlite", folder)) as store,
    ):
        engine = TradingEngine(market, store, KEEPER, published=Path(folder) / "published")
        people = chain.village.people
        first = chain.node.time // HOUR_SECONDS + 2

        def order(at: int) -> SignedOrder:
            nonce, place = divmod(at, households)
            hour = (first + nonce) * HOUR_SECONDS
            period = Period(kind=PeriodKind.HOURLY, start=hour)
            terms = OrderTerms(
                trader=people[place].wallet.address,
                order_type=OrderType.BUY,
                amount=1_000,
                price=1,
                expiry=period.last_order,
                period=period,
            )
            return sign_order(people[place].wallet, terms, nonce, market.trading_domain)

        orders = [order(at) for at in range(count)]
        took = seconds(lambda: [engine.submit(each) for each in orders])
        chain.node.mine(3)
        busy = seconds(engine.step)
        return Engine(
            orders=count, door=took / count, busy=busy, idle=best_of(lambda: engine.step(), 3)
        )


def measure_store(*, quick: bool = False) -> dict[str, Any]:
    """Everything, as it is kept in the snapshot."""
    count = 200 if quick else 100_000
    sizes = (3, 50, 100) if quick else (365, 5_000, 40_000)
    return {
        "machine": asdict(this_machine()),
        "kinds": [asdict(each) for each in measure_kinds(count)],
        "reads": {
            **dict(zip(("days", "accounts", "orders"), sizes, strict=True)),
            "found": [asdict(each) for each in measure_reads(*sizes)],
        },
        "engine": asdict(measure_engine(48 if quick else 4_800)),
    }


def saved() -> dict[str, Any]:
    """What was measured last."""
    found: dict[str, Any] = json.loads(SNAPSHOT.read_text())
    return found


_HEAD = """\
# What the store and the engine take

`python -m tests.bench.store` measures it, and writes this page; here on {machine[day]} with
{machine[processor]}, {machine[cores]} cores, Python {machine[python]}. What a million meters need
of it is [computed](scale.md#off-the-chain).

Views such as `orders` and `trades` are queries over the tables of events: they cannot disagree with
them after a turn of the chain. What they look rows up by has an index (`INDEXES` in
`energy_grid/backend/store/events.py`).

## Each row

Bytes on the disk with all tables and indexes, and rows a second from a node that takes no time. A
community's day is one event with the days of its {members} members, so these cost least.

"""
_AFTER_KINDS = """
*async* is PostgreSQL with `synchronous_commit = off`: at most {faster:.1f} times as fast, since a
step of the indexer is one transaction. What limits it is the one core that decodes events, not the
disk. With a node's time it is slower ([benchmarks](bench.md#the-indexer)).

## Reads

{accounts:,} accounts with {days} closed days each, {all_days:,} in all; {orders:,} orders, half as
many trades. The fastest of three, milliseconds:

"""
_AFTER_READS = """
The slowest is *{name}*, in {database}; ask for a range of days instead. Its plan:

```text
{plan}
```

## The engine

With {orders:,} open orders an order takes {door:.1f} ms at the door. A step that finds nothing new
takes {idle:.0f} ms, and one that looks at all of them anew {busy:.0f} ms. There is a step each
second, so some {most:,} open orders fill one core. Roles can run on machines of
their own.
"""


def page(found: Mapping[str, Any]) -> str:
    """The page in Markdown."""
    kinds, reads, engine = found["kinds"], found["reads"], found["engine"]
    databases = list(dict.fromkeys(each["database"] for each in kinds))
    names = list(dict.fromkeys(each["name"] for each in kinds))
    by_both = {(each["name"], each["database"]): each for each in kinds}
    short = [each.replace("postgresql, synchronous_commit=off", "async") for each in databases]
    head = [f"{database}: {what}" for database in short for what in ("bytes", "rows/s")]
    faster = max(
        by_both[name, databases[2]]["rate"] / by_both[name, databases[1]]["rate"] for name in names
    )
    rows = [
        [
            name,
            *(
                text
                for database in databases
                for text in (
                    f"{by_both[name, database]['size']:,.0f}",
                    f"{by_both[name, database]['rate']:,.0f}",
                )
            ),
        ]
        for name in names
    ]
    times = {(each["name"], each["database"]): each for each in reads["found"]}
    asked = list(dict.fromkeys(each["name"] for each in reads["found"]))
    slowest = max(reads["found"], key=lambda each: each["milliseconds"])
    return (
        _HEAD.format(machine=found["machine"], members=MEMBERS)
        + _table(["", *head], rows)
        + _AFTER_KINDS.format(**reads, all_days=reads["days"] * reads["accounts"], faster=faster)
        + _table(
            ["", "rows", *BACKENDS],
            [
                [
                    name,
                    f"{times[name, BACKENDS[0]]['rows']:,}",
                    *(f"{times[name, each]['milliseconds']:.1f}" for each in BACKENDS),
                ]
                for name in asked
            ],
        )
        + _AFTER_READS.format(
            name=slowest["name"],
            database=slowest["database"],
            plan="\n".join(slowest["plan"]),
            orders=engine["orders"],
            **{name: engine[name] * 1000 for name in ("door", "idle", "busy")},
            most=round(engine["orders"] / engine["idle"] / 1000) * 1000,
        )
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---", *(["---:"] * (len(head) - 1))], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main() -> None:
    """Measure, keep what was found, and write the page."""
    SNAPSHOT.write_text(json.dumps(measure_store(), indent=1) + "\n")
    _PAGE.write_text(page(saved()))
    print(_PAGE.read_text())


if __name__ == "__main__":
    main()
