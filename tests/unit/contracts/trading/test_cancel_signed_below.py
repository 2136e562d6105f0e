"""EnergyTrading.cancelSignedBelow."""

from __future__ import annotations

import pytest

from tests.support.core.chain import refused
from tests.support.core.trading_world import ADMIN, BUY, KEEPER, SELL, TradingWorld
from tests.unit.contracts.trading.suite import NEXT_HOUR, create, skipped

OPEN, PARTIAL, FILLED, CANCELLED = range(4)
MOST = 2**40 - 1


def test_cancel_signed_below__higher__cancels_all_below_and_no_others(
    world: TradingWorld,
) -> None:
    """What was filled stays filled; on-chain orders stay."""
    trading, buyer = world.trading, world.address("buyer")
    stored = create(world)
    buys = [world.sign("buyer", BUY, NEXT_HOUR, 5, 50, nonce) for nonce in (3, 8, 9)]
    sells = [world.sign("seller", SELL, NEXT_HOUR, 9, 50, nonce) for nonce in (1, 2, 3)]

    def trade(place: int) -> list[str]:
        signed = world.sorted([buys[place], sells[place]])
        at = signed.index(buys[place])
        fill = (at, 1 - at, 4 * (5, 2, 1)[place])
        trading.settleBatch(world.batch(NEXT_HOUR, 50, signed, [], [fill]), True, by=KEEPER)
        return skipped(world)

    assert trade(0) == trade(1) == []
    trading.cancelSignedBelow(9, by=buyer)
    below = [values for _, name, values in world.chain.logs if name == "SignedOrdersCancelledBelow"]
    assert [tuple(values.values()) for values in below] == [(buyer, 9)]
    states = [trading.nonceState(buyer, nonce) for nonce in (0, 3, 7, 8, 9, MOST)]
    assert states == [CANCELLED, FILLED, CANCELLED, CANCELLED, OPEN, OPEN]
    assert trading.signedFloorOf(buyer) == 9
    assert trading.signedFloorOf(world.address("seller")) == 0
    assert trade(1) == ["BELOW_FLOOR"]
    assert trade(2) == []
    trading.cancelOrder(stored, by=buyer)


@pytest.mark.parametrize("nonce", [0, 8, 9])
def test_cancel_signed_below__not_higher__is_refused(world: TradingWorld, nonce: int) -> None:
    buyer = world.address("buyer")
    world.trading.cancelSignedBelow(9, by=buyer)
    with refused("Settlement_FloorNotHigher", buyer, 9, nonce):
        world.trading.cancelSignedBelow(nonce, by=buyer)


def test_cancel_signed_below__too_large_or_without_an_account__is_refused(
    world: TradingWorld,
) -> None:
    trading, buyer = world.trading, world.address("buyer")
    with refused("EnergyTrading_NonceTooLarge", 2**40):
        trading.cancelSignedBelow(2**40, by=buyer)
    with refused("Settlement_UnknownAccount", KEEPER):
        trading.cancelSignedBelow(1, by=KEEPER)
    trading.shutdown(by=ADMIN)
    trading.cancelSignedBelow(MOST, by=buyer)
    assert trading.signedFloorOf(buyer) == MOST
