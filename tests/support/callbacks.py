"""A callback of a VEN: an HTTPS server on this machine, with an authority of its own."""

from __future__ import annotations

import json
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from energy_grid.backend.grid_service.openadr.callbacks import Callbacks

__all__ = ["Listener", "listening"]


@dataclass
class Listener:
    """A callback, and what it was told.

    Attributes:
        url: its address.
        context: which trusts it.
        asked: methods and paths of requests, in their order.
        told: notifications that it has taken, with their Authorization.
        status: that it answers to these.
        answers: what it answers to a GET; None: what it is asked to repeat.
        redirects: to where it sends whoever asks.
        pause: waited between the bytes of its answers.
        holds: waited for before it answers to a notification.
    """

    url: str
    context: ssl.SSLContext
    asked: list[str] = field(default_factory=list)
    told: list[tuple[str | None, Any]] = field(default_factory=list)
    status: int = 200
    answers: bytes | None = None
    redirects: str | None = None
    pause: threading.Event | None = None
    holds: threading.Event | None = None

    def callbacks(self) -> Callbacks:
        """Which reach it, although it is on this machine."""
        return Callbacks(is_allowed=lambda _: True, context=self.context)


@contextmanager
def listening(folder: Path) -> Iterator[Listener]:
    """A callback with its files in a folder, as long as the block lasts."""
    names = "subjectAltName=DNS:localhost,IP:127.0.0.1"
    key, certificate = folder / "callback.key", folder / "callback.crt"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt"),
            *("ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost"),
            *("-addext", names, "-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    trusting = ssl.create_default_context(cafile=str(certificate))
    listener = Listener(f"https://localhost:{server.server_port}/told?of=us", trusting)
    server.listener = listener  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield listener
    finally:
        if listener.pause is not None:
            listener.pause.set()
        if listener.holds is not None:
            listener.holds.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def _listener(self) -> Listener:
        found: Listener = self.server.listener  # type: ignore[attr-defined]
        return found

    def do_GET(self) -> None:
        listener = self._listener
        (echo,) = parse_qs(urlsplit(self.path).query).get("echo", [""])
        self._answer(200, echo.encode() if listener.answers is None else listener.answers)

    def do_POST(self) -> None:
        listener = self._listener
        content = self.rfile.read(int(self.headers["Content-Length"]))
        if listener.holds is not None:
            listener.holds.wait()
        if listener.status == 200:
            listener.told.append((self.headers["Authorization"], json.loads(content)))
        self._answer(listener.status, b"{}")

    def _answer(self, status: int, content: bytes) -> None:
        listener = self._listener
        listener.asked.append(f"{self.command} {urlsplit(self.path).path}")
        self.send_response(302 if listener.redirects else status)
        if listener.redirects:
            self.send_header("Location", listener.redirects)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        for byte in content:
            if listener.pause is not None and listener.pause.wait(0.05):
                return
            self.wfile.write(bytes([byte]))

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing."""
