"""A line to a server that breaks: what connections through it carry is cut off at some byte."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

__all__ = ["cut_line"]

_PART = 65_536


@contextmanager
def cut_line(address: str, limit: Callable[[int], int]) -> Iterator[str]:
    """The address of the near end, until the end of the block.

    Args:
        address: of the server.
        limit: so many bytes of its answers come through connection n, from 0.
    """
    far = urlsplit(address)
    assert far.hostname is not None
    assert far.port is not None
    place = far.hostname, far.port
    near = socket.create_server(("127.0.0.1", 0))
    open_ones: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def accept() -> None:
        number = 0
        while True:
            try:
                client, _ = near.accept()
            except OSError:
                return
            server = socket.create_connection(place)
            open_ones.extend((client, server))
            for source, sink, most in (
                (client, server, 10**9),
                (server, client, limit(number)),
            ):
                carrying = threading.Thread(target=_carry, args=(source, sink, most))
                carrying.start()
                threads.append(carrying)
            number += 1

    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        yield f"http://127.0.0.1:{near.getsockname()[1]}"
    finally:
        near.shutdown(socket.SHUT_RDWR)
        near.close()
        accepting.join()
        for each in open_ones:
            _end(each)
        for thread in threads:
            thread.join()


def _carry(source: socket.socket, sink: socket.socket, left: int) -> None:
    """Bytes from one end to the other, until either is gone or no more may pass."""
    try:
        while left > 0:
            part = source.recv(min(_PART, left))
            if not part:
                break
            sink.sendall(part)
            left -= len(part)
    except OSError:
        pass
    for each in (source, sink):
        _end(each)


def _end(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
