"""A way to a server that can be closed: what is on it breaks off, and nobody gets through."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from types import TracebackType

__all__ = ["Gate"]

_BYTES = 65_536


class Gate:
    """A port of this machine, behind which a server is; closed at first.

    Args:
        server: its port on this machine, or the path of its Unix socket.
    """

    def __init__(self, server: int | str) -> None:
        self._server = server
        self._listener: socket.socket | None = None
        self._ways: list[socket.socket] = []
        # Taken, so that it is the same one whenever the gate is open, and nobody answers.
        self._taken = socket.socket()
        self._taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._taken.bind(("127.0.0.1", 0))
        self.port: int = self._taken.getsockname()[1]

    def open(self) -> None:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(100)
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def close(self) -> None:
        ways, self._ways = self._ways, []
        for each in (*ways, *filter(None, [self._listener])):
            _shut(each)
        self._listener = None

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            family = socket.AF_UNIX if isinstance(self._server, str) else socket.AF_INET
            server = socket.socket(family)
            name = self._server if isinstance(self._server, str) else ("127.0.0.1", self._server)
            server.connect(name)
            self._ways += [client, server]
            for here, there in ((client, server), (server, client)):
                threading.Thread(target=_carry, args=(here, there), daemon=True).start()

    def __enter__(self) -> Gate:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
        self._taken.close()


def _carry(here: socket.socket, there: socket.socket) -> None:
    # The gate closes them, or one of the two does.
    with suppress(OSError):
        while found := here.recv(_BYTES):
            there.sendall(found)
    _shut(here)
    _shut(there)


def _shut(one: socket.socket) -> None:
    # The other end may have been faster.
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
