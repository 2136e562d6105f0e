"""GridManagement.consumeEnergy, with Settlement played and with the real one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.core.chain import Chain, Reverted, refused
from tests.support.core.full_market import FullMarket
from tests.support.core.grid_suite import ADMIN, DAY, FORWARDER, TARIFF, GridWorld, name
from tests.support.core.tariff_suite import START
from tests.unit.contracts.grid.participants import CONSUMER, LARGEST, STRANGER, log

FRIEND = "0x" + 39 * "0" + "4"
MILLI = 1_000
NO_LIMIT = 2**256 - 1


def test_consume_energy__price_limit__is_settlements_to_check(world: GridWorld) -> None:
    world.grid.call("consumeEnergy(uint256)", 2_000, by=CONSUMER)
    assert log(world, "Consumed") == {"account": CONSUMER, "wh": 2_000, "max_price": NO_LIMIT}
    event = {"consumer": CONSUMER, "slot": world.running, "amount": 2_000, "cost": 77}
    assert log(world, "EnergyConsumed") == event
    world.grid.call("consumeEnergy(uint256,uint256)", 1_000, 310_000, by=CONSUMER)
    assert log(world, "Consumed") == {"account": CONSUMER, "wh": 1_000, "max_price": 310_000}


def test_consume_energy__limit_of_a_slot__begins_anew_with_the_next(world: GridWorld) -> None:
    for _ in range(2):
        world.grid.call("consumeEnergy(uint256)", 2_500, by=CONSUMER)
    world.double.setAccount(CONSUMER, 4, 123, 0, 0)
    assert tuple(world.grid.getConsumerInfo(CONSUMER)) == (5_000, 5_000, 5_000, 123, True, 0)
    with refused("GridManagement_AboveLimit", 1, 0):
        world.grid.call("consumeEnergy(uint256)", 1, by=CONSUMER)
    world.chain.set_time(world.now + 900)
    assert tuple(world.grid.getConsumerInfo(CONSUMER))[1:3] == (5_000, 0)
    world.grid.call("consumeEnergy(uint256)", 5_000, by=CONSUMER)


def test_consume_energy__several_things_wrong__refused_in_order(world: GridWorld) -> None:
    consume = "consumeEnergy(uint256)"
    with refused("GridManagement_NotRegistered", STRANGER):
        world.grid.call(consume, 0, by=STRANGER)
    world.grid.deactivateParticipant(CONSUMER, False, by=ADMIN)
    with refused("GridManagement_Inactive", CONSUMER):
        world.grid.call(consume, 0, by=CONSUMER)
    world.grid.reactivateParticipant(CONSUMER, False, by=ADMIN)
    with refused("GridManagement_ZeroAmount"):
        world.grid.call(consume, 0, by=CONSUMER)
    world.double.setCost(0)
    with refused("GridManagement_AboveLimit", 5_001, 5_000):
        world.grid.call(consume, 5_001, by=CONSUMER)
    with refused("GridDouble_Refused"):
        world.grid.call(consume, 5_000, by=CONSUMER)


def test_consume_energy__total_of_a_life_too_large__refused(world: GridWorld) -> None:
    world.grid.registerConsumer(LARGEST, by=STRANGER)
    world.grid.call("consumeEnergy(uint256)", LARGEST, by=STRANGER)
    world.chain.set_time(world.now + 900)
    with refused("SafeCastOverflowedUintDowncast", 64, LARGEST + 1):
        world.grid.call("consumeEnergy(uint256)", 1, by=STRANGER)


def test_consume_energy__relayed__is_the_holders(world: GridWorld) -> None:
    data = world.grid.abi.function("consumeEnergy(uint256)").encode([500])
    world.chain.send(FORWARDER, world.grid.address, data + bytes.fromhex(CONSUMER[2:]))
    assert log(world, "Consumed")["account"] == CONSUMER
    with refused("GridManagement_NotRegistered", STRANGER):
        world.chain.send(STRANGER, world.grid.address, data + bytes.fromhex(CONSUMER[2:]))


# The real market


@pytest.fixture
def market() -> FullMarket:
    """The consumer has 5 dollars of a friend's."""
    market = FullMarket(Chain(START), TARIFF, quorum=1)
    market.give(FRIEND, 10**10)
    market["GridManagement"].registerConsumer(100_000, by=CONSUMER)
    market["GridManagement"].addConsumerBalance(CONSUMER, 5_000_000, by=FRIEND)
    return market


def consume(market: FullMarket, *arguments: int) -> Any:
    """By the consumer; the cost."""
    types = ",".join(["uint256"] * len(arguments))
    market["GridManagement"].call(f"consumeEnergy({types})", *arguments, by=CONSUMER)
    logs = market.chain.logs
    return next(values["cost"] for _, event, values in logs if event == "EnergyConsumed")


def test_consume_energy__price_that_is_read__is_locked_and_charged(market: FullMarket) -> None:
    grid, settlement, chain = market["GridManagement"], market["Settlement"], market.chain
    market["GridOracle"].submitGridState(name("home"), 1, (1_500, 1_000, 5_000, 100), by=ADMIN)
    slot = chain.now // 900 + 1
    chain.set_time(slot * 900 + 10)
    price = grid.call("getDynamicPrice()")
    assert TARIFF.buy < price == grid.call("priceOf(uint256)", slot)
    assert price == grid.getMarketPrice(name("home"))[0]
    assert consume(market, 3_001) == -(-3_001 * price // MILLI)
    left = 5_000_000 * MILLI - 3_001 * price
    assert settlement.balanceOf(CONSUMER) == left // MILLI
    # The bill of the day, from the lock.
    day = chain.now // DAY
    chain.set_time((day + 1) * DAY + 900)
    settlement.closeThrough([CONSUMER], day, by=FRIEND)
    assert settlement.balanceOf(CONSUMER) == left // MILLI
    assert settlement.gridAccount()[0] == 3_001 * price


def test_consume_energy__price_above_the_limit_or_no_money__refused(market: FullMarket) -> None:
    price = market["GridManagement"].call("getDynamicPrice()")
    with refused("Settlement_PriceAbove", price, price - 1):
        consume(market, 1_000, price - 1)
    consume(market, 1_000, price)
    with pytest.raises(Reverted, match="Settlement_InsufficientBalance"):
        consume(market, 99_000)
