"""What monitoring asks for: ``/health``, ``/ready`` and ``/metrics``."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from energy_grid.backend.serve.runner import Running, State
from energy_grid.errors import InputError

__all__ = ["serving"]

_WELL = frozenset((State.RUNNING, State.STANDBY))
_JSON = "application/json"


class _Numbers(Collector):
    """The metrics of all services, each as ``energy_grid_<role>_<name>``."""

    def __init__(self, running: Sequence[Running]) -> None:
        self._running = running

    def collect(self) -> Iterable[Metric]:
        up = GaugeMetricFamily("energy_grid_up", "1: the role runs or stands by", labels=["role"])
        for each in self._running:
            up.add_metric([each.name], float(each.state in _WELL))
            for metric, value in each.service.metrics().items() if each.service else ():
                words = metric.replace("_", " ")
                yield GaugeMetricFamily(f"energy_grid_{each.name}_{metric}", words, value=value)
        yield up


@contextmanager
def serving(host: str, port: int, running: Sequence[Running]) -> Iterator[str]:
    """Answer as long as the block lasts; gives the address.

    Args:
        port: 0 for any free one.

    Raises:
        InputError: the port is taken, or the host is not this machine's.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Numbers(running))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/health":
                self._answer(HTTPStatus.OK, b'{"status": "ok"}')
            elif self.path == "/ready":
                states = {each.name: str(each.state) for each in running}
                is_well = all(each.state in _WELL for each in running)
                status = HTTPStatus.OK if is_well else HTTPStatus.SERVICE_UNAVAILABLE
                self._answer(status, json.dumps({"ready": is_well, "roles": states}).encode())
            elif self.path == "/metrics":
                self._answer(HTTPStatus.OK, generate_latest(registry), CONTENT_TYPE_LATEST)
            else:
                known = b'{"error": "try /health, /ready or /metrics"}'
                self._answer(HTTPStatus.NOT_FOUND, known)

        def _answer(self, status: HTTPStatus, body: bytes, kind: str = _JSON) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Requests are not logged: monitoring asks all the time."""

    try:
        server = ThreadingHTTPServer((host, port), Handler)
    except OSError as error:
        raise InputError(
            f"cannot listen at {host}:{port} ({error.strerror}): name another --port"
        ) from None
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, name="http")
    thread.start()
    try:
        yield f"http://{host}:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
