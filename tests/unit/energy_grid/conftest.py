"""These tests are pure: a socket to anywhere fails the test that opens it."""

from __future__ import annotations

from tests.support.sockets import pytest_runtest_setup

__all__ = ["pytest_runtest_setup"]
