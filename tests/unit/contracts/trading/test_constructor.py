"""EnergyTrading's constructor."""

from __future__ import annotations

import pytest

from tests.model.market import DAY
from tests.support.core.chain import refused
from tests.support.core.trading_world import (
    ADMIN,
    TradingWorld,
)


@pytest.mark.parametrize(
    ("burst", "refill", "name", "value"),
    [
        (0, 1, b"orderBurst", 0),
        (2**32, 1, b"orderBurst", 2**32),
        (1, 0, b"orderRefill", 0),
        (1, DAY + 1, b"orderRefill", DAY + 1),
        (10**6, DAY, b"orderBurst", 10**6),
    ],
)
def test_constructor__bad_parameter__is_refused(
    world: TradingWorld, burst: int, refill: int, name: bytes, value: int
) -> None:
    """A new account has its whole quota."""
    with refused("EnergyTrading_BadParameter", name.ljust(32, b"\0"), value):
        world.chain.deploy(
            *("EnergyTrading", world.manager.address, ADMIN),
            *(world.tariffs.address, world.settlement.address),
            (burst, refill),
        )
