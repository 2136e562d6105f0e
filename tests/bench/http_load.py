"""Requests to a server, from a process of their own, so that their work is not in its figures.

    python -m tests.bench.http_load < orders.json

Orders are what `Load` has. A request's time runs from when it was due, not from when a connection
was free for it: a server that stands still is late for all that wait.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import count, cycle

__all__ = ["Answered", "Load", "send"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is asked.

    Attributes:
        paths: one after the other.
        rate: requests a second; 0: as many as there are answers.
        seconds: so long.
        connections: at once.
    """

    port: int
    paths: Sequence[str]
    rate: float
    seconds: float
    connections: int = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What came back; times in seconds."""

    requests: int
    per_second: float
    p50: float
    p99: float


def send(load: Load) -> Answered:
    """Ask from another process."""
    command = [sys.executable, "-m", "tests.bench.http_load"]
    done = subprocess.run(
        command, input=json.dumps(asdict(load)), stdout=subprocess.PIPE, text=True, check=True
    )
    return Answered(**json.loads(done.stdout))


async def _run(load: Load) -> Answered:
    taken: list[float] = []
    numbers, paths = count(), cycle(load.paths)
    begin = time.perf_counter() + 0.05
    workers = [_ask(load, begin, numbers, paths, taken) for _ in range(load.connections)]
    await asyncio.gather(*workers)
    took = time.perf_counter() - begin
    taken.sort()
    return Answered(
        requests=len(taken),
        per_second=len(taken) / took,
        p50=taken[len(taken) // 2],
        p99=taken[len(taken) * 99 // 100],
    )


async def _ask(
    load: Load, begin: float, numbers: Iterator[int], paths: Iterator[str], taken: list[float]
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", load.port)
    while True:
        now = time.perf_counter()
        due = begin + next(numbers) / load.rate if load.rate else max(now, begin)
        # A server that is too slow for the rate is not asked all of it.
        if due >= begin + load.seconds or now >= begin + 2 * load.seconds:
            break
        if due > now:
            await asyncio.sleep(due - now)
        writer.write(f"GET {next(paths)} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(head.decode())
        size = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        await reader.readexactly(int(size))
        taken.append(time.perf_counter() - due)
    writer.close()


if __name__ == "__main__":
    print(json.dumps(asdict(asyncio.run(_run(Load(**json.load(sys.stdin)))))))
