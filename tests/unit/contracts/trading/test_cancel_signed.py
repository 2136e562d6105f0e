"""EnergyTrading.cancelSigned."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.support.core.trading_world import (
    BUY,
    KEEPER,
    SELL,
    Order,
    TradingWorld,
)
from tests.unit.contracts.trading.suite import (
    NEXT_HOUR,
    skipped,
)


def test_cancel_signed__filled_or_cancelled__is_refused(world: TradingWorld) -> None:
    """Filled in parts, and all of a call or nothing."""
    buyer = world.address("buyer")
    sell = world.sign("seller", SELL, NEXT_HOUR, 100, 1, 1)
    buy = world.sign("buyer", BUY, NEXT_HOUR, 5, 50, 1)
    other = world.sign("buyer", BUY, NEXT_HOUR, 6, 50, 1)

    def fill(order: Order, per_slot: int) -> list[str]:
        signed = world.sorted([order, sell])
        at = signed.index(order)
        batch = world.batch(NEXT_HOUR, 9, signed, [], [(at, 1 - at, 4 * per_slot)])
        world.trading.settleBatch(batch, True, by=KEEPER)
        return skipped(world)

    assert world.trading.nonceState(buyer, 1) == 0
    assert fill(buy, 2) == []
    assert world.trading.nonceState(buyer, 1) == 1
    assert world.trading.filled(world.hash(buy).to_bytes(32)) == 8
    assert fill(other, 2) == ["NONCE_SPENT"]
    assert fill(buy, 4) == ["OVERFILLED"]
    assert fill(buy, 3) == []
    assert world.trading.nonceState(buyer, 1) == 2
    assert fill(buy, 1) == ["NONCE_SPENT"]
    with refused("EnergyTrading_NonceSpent", buyer, 1):
        world.trading.cancelSigned([2, 1], by=buyer)
    with refused("EnergyTrading_NonceTooLarge", 2**40):
        world.trading.cancelSigned([2**40], by=buyer)
    with refused("EnergyTrading_NonceTooLarge", 2**40):
        world.trading.nonceState(buyer, 2**40)
    world.trading.cancelSigned([2, 300], by=buyer)
    cancelled = [values for _, name, values in world.chain.logs if name == "SignedOrderCancelled"]
    assert [tuple(values.values()) for values in cancelled] == [(buyer, 2), (buyer, 300)]
    states = [world.trading.nonceState(buyer, nonce) for nonce in (0, 1, 2, 3, 299, 300, 301)]
    assert states == [0, 2, 3, 0, 0, 3, 0]
    with refused("EnergyTrading_NonceSpent", buyer, 300):
        world.trading.cancelSigned([5, 300], by=buyer)
    assert world.trading.nonceState(buyer, 5) == 0
