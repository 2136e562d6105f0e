"""How fast the API answers, beside a bare route, and how fast its stream tells thousands.

python -m tests.bench.web
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from resource import RLIM_INFINITY, RLIMIT_NOFILE, getrlimit, setrlimit
from statistics import median
from tempfile import TemporaryDirectory

from fastapi import APIRouter, FastAPI

from energy_grid.api.values import time_of
from energy_grid.backend.api.application import make_application
from energy_grid.backend.indexer.indexer import Indexer
from energy_grid.backend.neighbourhood.chain import living_chain
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.feed import announce_blocks
from energy_grid.backend.trading_engine.door import Door
from energy_grid.backend.trading_engine.engine import TradingEngine
from energy_grid.client import EnergyGrid
from energy_grid.demo.calendar import HOUR_SECONDS
from energy_grid.demo.gateway import KEEPER
from energy_grid.domain.orders import OrderTerms, OrderType
from energy_grid.domain.periods import DAY_SECONDS, Period, PeriodKind
from energy_grid.domain.signed_orders import SignedOrder
from energy_grid.frontend.application import add_pages
from energy_grid.market.keeper_chain import ChainOrders
from energy_grid.market.signing import sign_order
from energy_grid.serve.doors import SHARED_SECONDS, Doors
from energy_grid.serve.http import serving
from energy_grid.serve.settings import Settings
from tests.bench.http_load import Answered, Load, send
from tests.bench.stream_load import Heard
from tests.support.databases import BACKENDS, new_database
from tests.support.fake_chain import FIRST_TIME

__all__ = ["ReadRow", "StreamRow", "measure_reads", "measure_stream", "served"]


_BARE = ("/",)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRow:
    """A read of the API and a bare route, at the same rate.

    Attributes:
        most: reads a second, as many as there are answers.
        rate: half of what the bare route answers a second, at which the times were taken.
        p50, p99, bare_p99: seconds.
    """

    name: str
    most: float
    rate: float
    p50: float
    p99: float
    bare_p99: float

    @property
    def ratio(self) -> float:
        """Of the two times."""
        return self.p99 / self.bare_p99


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """An API with a market that has traded: its port, that of a bare route, and what is read."""

    port: int
    bare: int
    paths: Mapping[str, str]
    database: Database


@contextmanager
def served(households: int, periods: int, kind: str = BACKENDS[0]) -> Iterator[Served]:
    """The API and its pages in front of so many households, who have traded in so many hours.

    Args:
        kind: of database.
    """
    with ExitStack() as ends:
        folder = Path(ends.enter_context(TemporaryDirectory()))
        day = FIRST_TIME // DAY_SECONDS
        chain = ends.enter_context(living_chain(folder / "chain", day, lambda _: None, households))
        market = ends.enter_context(EnergyGrid.connect(chain.node.url, chain.file))
        database = ends.enter_context(closing(Database.open(new_database(kind, folder))))
        door = Door(market, database, ChainOrders(market.node, market.trading, market.settlement))
        published = folder / "published"
        engine = TradingEngine(market, database, KEEPER, published=published, enough=1)
        indexer = Indexer(market, database, finality=64)
        people = [each.wallet for each in chain.village.people]
        first = chain.node.time // HOUR_SECONDS + 2

        def order(at: int, hour: int, nonce: int, side: OrderType, price: int) -> SignedOrder:
            period = Period(kind=PeriodKind.HOURLY, start=(first + hour) * HOUR_SECONDS)
            terms = OrderTerms(
                trader=people[at].address,
                order_type=side,
                amount=50 + at,
                price=price,
                expiry=period.last_order,
                period=period,
            )
            return sign_order(people[at], terms, nonce, market.trading_domain)

        for hour in range(periods):
            for at in range(households):
                side = OrderType.BUY if at % 2 else OrderType.SELL
                price = 240_000 + 1_000 * at if at % 2 else 260_000 - 1_000 * at
                door.submit(order(at, hour, hour, side, price))
        for _ in range(4):
            chain.node.mine(3)
            while not indexer.step():
                pass
            engine.step()
        while not indexer.step():
            pass
        # A book that has not met.
        for at in range(households):
            price = 100_000 + 1_000 * at if at % 2 else 300_000 + 1_000 * at
            side = OrderType.BUY if at % 2 else OrderType.SELL
            door.submit(order(at, periods, periods, side, price))
        settings = Settings(folder=folder)
        doors = Doors(settings, database, lambda: market, lambda: True, None, {})
        app = make_application(doors, APIRouter(), per_minute=10**9, shared_seconds=SHARED_SECONDS)
        add_pages(app)
        bare = FastAPI(openapi_url=None)
        bare.state.tail = app.state.tail

        @bare.get("/")
        async def nothing() -> dict[str, str]:
            return {"status": "ok"}

        ports = [
            int(ends.enter_context(serving(each, "127.0.0.1", 0)).rpartition(":")[2])
            for each in (app, bare)
        ]
        start, begin, end = (
            time_of((first + hours) * HOUR_SECONDS).strftime("%Y-%m-%dT%H:%M:%SZ")
            for hours in (periods, 0, 24)
        )
        yield Served(
            port=ports[0],
            bare=ports[1],
            paths={
                "market": "/api/v1/market",
                "book": f"/api/v1/periods/HOURLY/{start}/book",
                "trades": "/api/v1/trades",
                "prices": f"/api/v1/prices?from={begin}&to={end}",
            },
            database=database,
        )


def measure_reads(
    households: int = 24, periods: int = 20, rounds: int = 7, seconds: float = 1.5
) -> list[ReadRow]:
    """Each read by itself, and all in turn.

    Args:
        rounds: of the bare route and of ours, one after the other; their medians count.
    """
    with served(households, periods) as api:

        def asked(paths: Sequence[str], rate: float) -> Answered:
            port = api.bare if paths == _BARE else api.port
            return send(Load(port=port, paths=paths, rate=rate, seconds=seconds))

        rate = median(asked(_BARE, 0).per_second for _ in range(3)) / 2
        reads = {name: [path] for name, path in api.paths.items()}
        found = []
        for name, paths in {**reads, "all in turn": [*api.paths.values()]}.items():
            most = asked(paths, 0).per_second
            both = [(asked(_BARE, rate), asked(paths, rate)) for _ in range(rounds)]
            found.append(
                ReadRow(
                    name=name,
                    most=most,
                    rate=rate,
                    p50=median(ours.p50 for _, ours in both),
                    p99=median(ours.p99 for _, ours in both),
                    bare_p99=median(bare.p99 for bare, _ in both),
                )
            )
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamRow:
    """An event that all listeners of a stream are told.

    Attributes:
        p50, worst: seconds from the commit of its row until the last listener has it.
        kilobytes: of the server's memory, a listener.
        load: of a core, at ``per_second`` events.
    """

    listeners: int
    events: int
    per_second: float
    p50: float
    worst: float
    lost: int
    doubled: int
    kilobytes: float
    load: float


def measure_stream(listeners: int = 1_000, events: int = 20, pause: float = 1.0) -> StreamRow:
    """Blocks that come one after the other, to so many listeners."""
    _allow_files(2 * listeners)
    with served(households=2, periods=0) as api:
        before = _memory()
        command = [sys.executable, "-m", "tests.bench.stream_load"]
        command += map(str, (api.port, listeners, events))
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "listening\n"
            memory = _memory() - before
            commits, begin, cpu = [], time.monotonic(), time.process_time()
            for at in range(events):
                with api.database.writing() as connection:
                    announce_blocks(connection, range(10**6 + at, 10**6 + at + 1))
                commits.append(time.monotonic())
                time.sleep(pause)
            took, used = time.monotonic() - begin, time.process_time() - cpu
            heard = Heard(**json.loads(process.stdout.readline()))
        waits = sorted(last - commit for last, commit in zip(heard.last, commits, strict=True))
        return StreamRow(
            listeners=listeners,
            events=events,
            per_second=events / took,
            p50=waits[len(waits) // 2],
            worst=waits[-1],
            lost=heard.lost,
            doubled=heard.doubled,
            kilobytes=memory / listeners,
            load=used / took,
        )


def _allow_files(count: int) -> None:
    """Let this process have so many more open files and connections, and those that it starts."""
    soft, hard = getrlimit(RLIMIT_NOFILE)
    if soft != RLIM_INFINITY:
        wanted = max(soft, 1024 + count)
        setrlimit(RLIMIT_NOFILE, (wanted if hard == RLIM_INFINITY else min(wanted, hard), hard))


def _memory() -> int:
    """Kilobytes of this process."""
    (size,) = re.findall(r"VmRSS:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(size)


def main() -> None:
    """Print what was measured."""
    print(measure_stream())
    print("read      most/s     rate   p50 ms   p99 ms  bare ms  p99/bare")
    for row in measure_reads():
        times = (f"{1e3 * each:8.2f}" for each in (row.p50, row.p99, row.bare_p99))
        print(f"{row.name:<8} {row.most:>7,.0f} {row.rate:>8,.0f}", *times, f"{row.ratio:9.2f}")


if __name__ == "__main__":
    main()
