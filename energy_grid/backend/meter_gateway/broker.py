"""A broker in this process, for a market that runs by itself: MQTT 3.1.1, on this machine alone.

It keeps nothing for who is away: what was not stored when the process is killed has to be sent
again. Real devices belong to a broker of their own (docs/broker.md).
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from amqtt.broker import Broker
from amqtt.contexts import BrokerConfig, ListenerConfig
from amqtt.errors import BrokerError

from energy_grid.backend.meter_gateway.mqtt import BrokerGoneError
from energy_grid.chain.files import rewritten
from energy_grid.errors import InputError

__all__ = ["HOST", "EmbeddedBroker", "embedded_port"]

_Result = TypeVar("_Result")

HOST = "127.0.0.1"
_FILE = "mqtt-port"
_START_SECONDS = 10
_ANONYMOUS = "amqtt.plugins.authentication.AnonymousAuthPlugin"


class EmbeddedBroker:
    """A broker in a thread with a loop of its own; it ends with the process at the latest.

    Args:
        folder: where others find its port (`embedded_port`), which is that of the last time.

    Raises:
        InputError: it cannot listen.
    """

    def __init__(self, folder: Path) -> None:
        # It logs each connection, and the end of each as an error.
        for name in ("amqtt", "transitions"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._broker: Broker | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="broker", daemon=True)
        self._thread.start()
        self.port = self._started(_known_port(folder))
        with rewritten(folder / _FILE) as file:
            file.write(f"{self.port}\n")

    def stop(self) -> None:
        """End all connections, and forget all sessions."""
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _started(self, port: int) -> int:
        for wanted in (port, 0):
            with suppress(BrokerError, OSError):
                return self._do(self._begin(wanted))
        self.stop()
        raise InputError(f"no broker can listen at {HOST}")

    async def _begin(self, port: int) -> int:
        config = BrokerConfig(
            listeners={"default": ListenerConfig(bind=f"{HOST}:{port}")},
            plugins={_ANONYMOUS: {"allow_anonymous": True}},
        )
        broker = Broker(config)
        await broker.start()
        self._broker = broker
        (socket, *_) = broker._servers["default"].instance.sockets
        return int(socket.getsockname()[1])

    async def _end(self) -> None:
        if self._broker is not None:
            with suppress(BrokerError, OSError):
                await self._broker.shutdown()
        # It leaves some of its tasks behind.
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for each in rest:
            each.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    def _do(self, what: Coroutine[Any, Any, _Result]) -> _Result:
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(_START_SECONDS)


def embedded_port(folder: Path) -> int:
    """Where the broker of a folder listens.

    Raises:
        BrokerGoneError: none has been started there yet.
    """
    port = _known_port(folder)
    if not port:
        raise BrokerGoneError(f"no broker was started in {folder}: run the role meters there")
    return port


def _known_port(folder: Path) -> int:
    with suppress(OSError, ValueError):
        return int((folder / _FILE).read_text(encoding="utf-8"))
    return 0
