"""Listening over HTTP: the API, and what monitoring asks for (``/health``, ``/ready``,
``/metrics``)."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus

import uvicorn
from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from uvicorn.protocols.http.h11_impl import H11Protocol

from energy_grid.backend.api.streams import Tail
from energy_grid.backend.relay_service.calls import ENDS
from energy_grid.backend.trading_engine.states import OrderState
from energy_grid.errors import InputError
from energy_grid.serve.runner import Running, State

__all__ = ["monitoring", "require_free", "serving"]

_WELL = frozenset((State.RUNNING, State.STANDBY))
# Requests that may wait for a connection.
_BACKLOG = 1024
# Seconds that streams have to end in.
_END_SECONDS = 5
# That a client has for the head of a request.
_HEAD_SECONDS = 10.0
# At once; above that a client is told to come again.
_MOST_CONNECTIONS = 4_000
# Some balancers ask for heads alone.
_READING = ["GET", "HEAD"]


# Of metrics, by what follows the role in their names.
_HELP = {
    "absent_total": "Members of anchored days that were not measured, since the start.",
    "anchored_total": "Days that were anchored since the start.",
    "aside": "What failed, and is tried again later.",
    "behind_blocks": "Blocks of the chain that are not in the store yet.",
    "broken_total": "Slots of feeders with a limit broken, since the start.",
    "clock_offset_seconds": "How wrong the worst clock of a device is.",
    "close_total": "Days of accounts that were closed since the start.",
    "collect_total": "Collections of protocol fees since the start.",
    "connected": "1: the broker is reached.",
    "counted_total": "Messages of meters that count, since the start.",
    "devices": "Devices that have sent something.",
    "due": "What is to be done.",
    "duplicates_total": "Messages of meters that came again, since the start.",
    "erased_total": "Readings that were erased for their age, since the start.",
    "failures_total": "Reports and notifications that failed since the start.",
    "feed_number": "The number of the newest message of the streams.",
    "files_total": "Files of signed orders that were taken since the start.",
    "gas_per_day": "The most gas that may be used a day.",
    "gas_today": "Gas of the chain's day, in UTC.",
    "indexed_block": "The newest block whose events are in the store.",
    "malformed_total": "Messages that no meter can have sent, since the start.",
    "made_total": "Forecasts of series that were made since the start.",
    "matched_trades_total": "Trades that were sent to the chain since the start.",
    "oldest_due_seconds": "How long what is due has been due at most.",
    "orders_total": "Signed orders that were answered since the start.",
    "origin_seconds": "Where the newest forecasts begin, in Unix seconds.",
    "over": "1: time stands still for ever.",
    "read_total": "Members that were read late since the start.",
    "rejected_total": "Signed orders of the agent that were refused, since the start.",
    "report_age_seconds": "Seconds since the last report.",
    "reports_total": "Reports since the start.",
    "sent_total": "Readings that were sent to the chain since the start.",
    "serve_total": "Payments of the grid account that were served since the start.",
    "sessions": "Accounts that are signed in.",
    "settle_total": "Days of communities that were settled since the start.",
    "slots": "Slots of a battery's schedule that are ahead.",
    "slots_total": "Slots of feeders that were computed since the start.",
    "trained_total": "Models that were trained since the start.",
    "told_total": "Notifications that VENs have taken since the start.",
    "time_seconds": "The time of the chain, in Unix seconds.",
    "waiting": "Calls of accounts that have no end yet.",
    **{
        f"{state.lower()}_total": f"Calls of accounts that ended as {state}, since the start."
        for state in ENDS
    },
} | {
    f"orders_{state.lower()}": f"Signed orders that are {state.lower().replace('_', ' ')}."
    for state in OrderState
}
_KEPT_APART = "Messages of meters that are kept apart for this reason, since the start."


class _Numbers(Collector):
    """The metrics of all services, each as ``energy_grid_<role>_<name>``."""

    def __init__(self, running: Sequence[Running]) -> None:
        self._running = running

    def collect(self) -> Iterable[Metric]:
        up = GaugeMetricFamily("energy_grid_up", "1: the role runs or stands by", labels=["role"])
        for each in self._running:
            up.add_metric([each.name], float(each.state in _WELL))
            for metric, value in each.service.metrics().items() if each.service else ():
                kind = CounterMetricFamily if metric.endswith("_total") else GaugeMetricFamily
                is_apart = metric.startswith("quarantined_")
                words = _KEPT_APART if is_apart else _HELP.get(metric, metric)
                yield kind(f"energy_grid_{each.name}_{metric}", words, value=value)
        yield up


def monitoring(running: Sequence[Running]) -> APIRouter:
    """The paths that tell how the services of a process are."""
    router, registry = APIRouter(include_in_schema=False), CollectorRegistry(auto_describe=False)
    registry.register(_Numbers(running))

    @router.api_route("/health", methods=_READING)
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @router.api_route("/ready", methods=_READING)
    async def ready() -> JSONResponse:
        states = {each.name: str(each.state) for each in running}
        is_well = all(each.state in _WELL for each in running)
        status = HTTPStatus.OK if is_well else HTTPStatus.SERVICE_UNAVAILABLE
        return JSONResponse({"ready": is_well, "roles": states}, status)

    @router.api_route("/metrics", methods=_READING)
    def metrics() -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return router


def require_free(host: str, port: int) -> None:
    """Pass if one can listen there.

    Raises:
        InputError: the port is taken, or the host is not this machine's.
    """
    _listening(host, port).close()


def _listening(host: str, port: int) -> socket.socket:
    kind = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Only sockets that are said to be TCP send at once what asyncio writes: each answer would wait
    # 40 ms for the client's acknowledgement of its head.
    opened = socket.socket(kind, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((host, port))
        opened.listen(_BACKLOG)
    except OSError as error:
        opened.close()
        raise InputError(
            f"cannot listen at {host}:{port} ({error.strerror}): name another --port, or"
            " ENERGY_GRID_PORT"
        ) from None
    return opened


class _Patient(H11Protocol):
    """A connection of uvicorn, which waits for ever for the head of a request, that ends after a
    while: nobody keeps connections open with a byte now and then."""

    _ends: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody has come."""
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Something has come."""
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """They have gone."""
        super().connection_lost(exc)
        if self._ends is not None:
            self._ends.cancel()

    def _watch(self) -> None:
        """The time of a head runs from its first byte on, or from when they came."""
        is_asked = self.cycle is not None and not self.cycle.response_complete
        if is_asked and self._ends is not None:
            self._ends.cancel()
            self._ends = None
        elif not is_asked and self._ends is None:
            self._ends = self.loop.call_later(_HEAD_SECONDS, self._end)

    def _end(self) -> None:
        self.transport.close()


class _Server(uvicorn.Server):
    """A server whose streams end with it, and do not have to be cut off."""

    def __init__(self, config: uvicorn.Config, tail: Tail) -> None:
        super().__init__(config)
        self._tail = tail

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop answering."""
        self._tail.end()
        await super().shutdown(sockets)


@contextmanager
def serving(app: FastAPI, host: str, port: int, proxies: Sequence[str] = ()) -> Iterator[str]:
    """Answer as long as the block lasts; gives the address.

    Args:
        port: 0 for any free one.
        proxies: addresses that may say for whom they ask.

    Raises:
        InputError: as `require_free`.
    """
    opened = _listening(host, port)
    config = uvicorn.Config(
        app,
        http=_Patient,
        limit_concurrency=_MOST_CONNECTIONS,
        log_config=None,
        # Strangers who speak no HTTP are no news.
        log_level="error",
        access_log=False,
        backlog=_BACKLOG,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),
        timeout_graceful_shutdown=_END_SECONDS,
    )
    server = _Server(config, app.state.tail)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [opened]}, name="http")
    thread.start()
    try:
        shown = f"[{host}]" if ":" in host else host
        yield f"http://{shown}:{opened.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        opened.close()
