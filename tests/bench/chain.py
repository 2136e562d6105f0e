"""The chain that benchmarks run on: the deployed market, and nothing measured of its interface."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.chain import anvil_market
from tests.support.coverage import InterfaceCoverage
from tests.support.market import Market

__all__ = ["bench_market"]


@contextmanager
def bench_market() -> Iterator[Market]:
    """A freshly deployed market on an Anvil of its own."""
    with anvil_market(InterfaceCoverage()) as market:
        yield market
