"""EnergyTrading by relayed calls: the forwarder speaks for households, and nobody else does."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.support.core.trading_world import (
    BUY,
    CREATE,
    CREATE_FOR,
    EVER,
    HOURLY,
    KEEPER,
    TradingWorld,
)
from tests.unit.contracts.trading.suite import (
    NEXT,
    relayed,
)


def test_relayed__by_the_forwarder_alone__acts_for_the_household(world: TradingWorld) -> None:
    """The forwarder calls for them; nobody else can."""
    buyer = world.address("buyer")
    relayed(world, "buyer", CREATE, 400, 100, EVER, BUY)
    relayed(world, "buyer", CREATE_FOR, 400, 100, EVER, BUY, HOURLY, NEXT)
    assert [world.trading.getOrder(number)[0] for number in (1, 2)] == [buyer, buyer]
    with refused("EnergyTrading_NotOwner", 1, world.address("third")):
        relayed(world, "third", "cancelOrder", 1)
    relayed(world, "buyer", "cancelOrder", 1)
    relayed(world, "buyer", "cancelSigned", [4])
    relayed(world, "buyer", "cancelSignedBelow", 3)
    assert [world.trading.nonceState(buyer, nonce) for nonce in (2, 3, 4)] == [3, 0, 3]
    data = world.trading.abi.function("cancelOrder").encode([2])
    with refused("EnergyTrading_NotOwner", 2, KEEPER):
        world.chain.send(KEEPER, world.trading.address, data + bytes.fromhex(buyer[2:]))
