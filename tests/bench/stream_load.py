"""Listeners of a stream, in a process of their own.

    python -m tests.bench.stream_load PORT LISTENERS EVENTS

It prints ``listening`` once all are, then what they were told: for each event the moment at which
the last of them had it (of the machine's monotonic clock), and what was lost or told twice.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass

__all__ = ["Heard"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What all listeners together were told.

    Attributes:
        last: seconds of the monotonic clock, by event.
        lost, doubled: events, of all listeners.
    """

    last: list[float]
    lost: int
    doubled: int


class _Listener:
    def __init__(self) -> None:
        self.heard: dict[str, float] = {}
        self.doubled = 0

    async def connect(self, port: int) -> None:
        self._reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /api/v1/stream?topic=block HTTP/1.1\r\nHost: x\r\n\r\n")
        self._writer = writer
        await self._reader.readuntil(b": listening\n")

    async def listen(self, events: int) -> None:
        while len(self.heard) < events:
            line = await self._reader.readline()
            now = time.monotonic()
            if line.startswith(b"id: "):
                name = line[4:].decode().strip()
            elif line == b"event: block\n":
                self.doubled += name in self.heard
                self.heard.setdefault(name, now)
        self._writer.close()


async def _run(port: int, count: int, events: int) -> Heard:
    listeners = [_Listener() for _ in range(count)]
    async with asyncio.timeout(60):
        for at in range(0, count, 50):
            await asyncio.gather(*(each.connect(port) for each in listeners[at : at + 50]))
    print("listening", flush=True)
    try:
        async with asyncio.timeout(60):
            await asyncio.gather(*(each.listen(events) for each in listeners))
    except TimeoutError:
        pass
    names = list(dict.fromkeys(name for each in listeners for name in each.heard))
    return Heard(
        last=[max(each.heard.get(name, 0) for each in listeners) for name in names],
        lost=sum(events - len(each.heard) for each in listeners),
        doubled=sum(each.doubled for each in listeners),
    )


if __name__ == "__main__":
    print(json.dumps(asdict(asyncio.run(_run(*map(int, sys.argv[1:]))))))
