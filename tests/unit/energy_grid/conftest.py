"""These tests are pure: a socket to anywhere fails the test that opens it."""

from __future__ import annotations

import pytest_socket


def pytest_runtest_setup() -> None:
    """Close the network; pytest-socket opens it again after each test.

    Unix sockets stay: event loops wake themselves through a pair of them.
    """
    pytest_socket.disable_socket(allow_unix_socket=True)
