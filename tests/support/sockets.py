"""Pure tests: a socket to anywhere fails the test that opens it.

A folder's `conftest.py` imports the hook.
"""

from __future__ import annotations

import pytest_socket

__all__ = ["pytest_runtest_setup"]


def pytest_runtest_setup() -> None:
    """Close the network; pytest-socket opens it again after each test.

    Unix sockets stay: event loops wake themselves through a pair of them.
    """
    pytest_socket.disable_socket(allow_unix_socket=True)
