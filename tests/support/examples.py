"""Random examples on a chain: each begins where the test began."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hypothesis import HealthCheck, settings

from tests.support.market import Market

__all__ = ["on_chain", "rewound"]

# The market of a test is shared by its examples, and `rewound` puts it back after each.
on_chain = settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@contextmanager
def rewound(market: Market) -> Iterator[None]:
    """Whatever happens inside is undone at the end."""
    before = market.node.snapshot()
    funded = set(market._funded)
    try:
        yield
    finally:
        market.node.revert(before)
        market._funded.intersection_update(funded)
