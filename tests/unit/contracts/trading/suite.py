"""What the tests of EnergyTrading share."""

from __future__ import annotations

from tests.model.market import DAY
from tests.support.core.trading_world import (
    BUY,
    CREATE_FOR,
    EVER,
    FORWARDER,
    HOUR,
    HOURLY,
    REFUSALS,
    START,
    TradingWorld,
)

__all__ = ["MONDAY", "MOST", "NEXT", "NEXT_HOUR", "create", "relayed", "skipped"]

NEXT = START // HOUR * HOUR + HOUR
"""The next full hour."""
MONDAY = 20_010 * DAY
MOST = 2**31 - 1
NEXT_HOUR = (HOURLY, NEXT)


def create(
    world: TradingWorld,
    amount: int = 400,
    price: int = 100,
    expiry: int = EVER,
    side: int = BUY,
    kind: int = HOURLY,
    start: int = NEXT,
    by: str = "buyer",
) -> int:
    """An order; amounts in Wh of the whole period."""
    terms = amount, price, expiry, side, kind, start
    return int(world.trading.call(CREATE_FOR, *terms, by=world.address(by)))


def skipped(world: TradingWorld) -> list[str]:
    """Why orders of the last batch were skipped."""
    return [
        REFUSALS[values["reason"]] for _, name, values in world.chain.logs if name == "OrderSkipped"
    ]


def relayed(world: TradingWorld, name: str, function: str, *arguments: object) -> bytes:
    """As the forwarder sends it for an account that has signed."""
    data = world.trading.abi.function(function).encode(arguments)
    sender = bytes.fromhex(world.address(name)[2:])
    return world.chain.send(FORWARDER, world.trading.address, data + sender)
