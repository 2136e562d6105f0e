"""The tests of the model reach no network."""

from __future__ import annotations

import socket

import pytest
import pytest_socket


def test_sockets__are_blocked_here() -> None:
    with pytest.warns(match="socket"), pytest.raises(pytest_socket.SocketBlockedError):
        socket.socket(socket.AF_INET, socket.SOCK_STREAM)
