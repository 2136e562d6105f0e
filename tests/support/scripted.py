"""A server that answers as it is told, for what no right server does."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

__all__ = ["Answer", "Scripted", "scripted"]


@dataclass(frozen=True)
class Answer:
    """What is answered; a status of 0 hangs up, None never answers."""

    status: int | None
    content: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Scripted:
    """A server, and what it was asked.

    Attributes:
        asked: method, path and headers of each request.
    """

    address: str
    asked: list[tuple[str, str, dict[str, str]]]


@contextmanager
def scripted(answers: Sequence[Answer]) -> Iterator[Scripted]:
    """A server that gives these answers one after the other, until the end of the block."""
    left, over = [*answers], threading.Event()
    asked: list[tuple[str, str, dict[str, str]]] = []

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            asked.append((self.command, self.path, dict(self.headers)))
            answer = left.pop(0)
            if answer.status is None:
                over.wait()
            if answer.status:
                self.send_response(answer.status)
                content = answer.content.encode()
                for name, value in {**answer.headers, "Content-Length": len(content)}.items():
                    self.send_header(name, str(value))
                self.end_headers()
                self.wfile.write(content)
            self.close_connection = True

        do_GET = do_POST = do_DELETE = _answer

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Scripted(f"http://127.0.0.1:{server.server_port}", asked)
    finally:
        over.set()
        server.shutdown()
        thread.join()
        server.server_close()
