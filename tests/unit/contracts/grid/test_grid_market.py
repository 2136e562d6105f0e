"""GridManagement with the real core: what people read is what Settlement charges."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.core.chain import Chain, Deployed, refused
from tests.support.core.grid_suite import ADMIN, DAY, REPORTERS, STABILITY, TARIFF, name
from tests.support.core.tariff_suite import START, packed

CONSUMER = "0x" + 39 * "0" + "3"
FRIEND = "0x" + 39 * "0" + "4"
_NOBODY = "0x" + 40 * "0"
_MODULE = "0x" + 40 * "2"
MILLI = 1_000


class MarketWorld:
    """Tariffs, Settlement, EnergyAccounts, oracles and GridManagement; no trading, no meters."""

    def __init__(self) -> None:
        chain = self.chain = Chain(START)
        manager = chain.deploy("AccessManager", ADMIN).address
        self.token = chain.deploy("TestDollar")
        core = ["tariffs", "settlement", "energy", "communities", "credits"]
        order = [*core, "price", "weather", "state", "grid"]
        at = {each: chain.address_after(number) for number, each in enumerate(order)}
        limits = 900, 7_200, 600_000_000, 100_000, 100_000
        first = name("home"), packed(TARIFF), 0
        self.tariffs = chain.deploy("Tariffs", manager, at["grid"], limits, *first)
        outside = _MODULE, _MODULE, _MODULE
        modules = *outside, at["grid"], at["energy"], at["tariffs"], at["credits"], _NOBODY
        parameters = 900, DAY, DAY, 0, 0
        self.settlement: Deployed = chain.deploy(
            "Settlement", manager, self.token.address, modules, parameters, 10**15
        )
        of_energy = at["settlement"], _MODULE, at["communities"], at["tariffs"]
        self.energy = chain.deploy("EnergyAccounts", manager, of_energy, 900)
        chain.deploy("Communities", (at["settlement"], at["energy"], at["tariffs"], _NOBODY))
        chain.deploy("EnergyToken", at["settlement"])
        chain.deploy("PriceOracle", manager, (1, 7_200), 8, 5_000)
        chain.deploy("WeatherOracle", manager, (1, 7_200))
        self.state = chain.deploy("GridOracle", manager, (1, 7_200), at["grid"])
        market = at["settlement"], at["tariffs"], _MODULE
        oracles = at["price"], at["weather"], at["state"]
        self.grid: Deployed = chain.deploy(
            "GridManagement", manager, (_NOBODY, *market, STABILITY, *oracles)
        )
        _grant(chain, manager)
        self.grid.registerConsumer(100_000, by=CONSUMER)
        self.token.faucet(10_000_000_000, by=FRIEND)
        self.token.approve(at["settlement"], 2**200, by=FRIEND)

    def consume(self, *arguments: int) -> Any:
        """By the consumer; its event."""
        types = ",".join(["uint256"] * len(arguments))
        self.grid.call(f"consumeEnergy({types})", *arguments, by=CONSUMER)
        return next(values for _, event, values in self.chain.logs if event == "EnergyConsumed")


def _grant(chain: Chain, manager: str) -> None:
    role = bytes.fromhex("25c471a0") + bytes(32)
    chain.send(ADMIN, manager, role + bytes.fromhex(REPORTERS[0][2:].rjust(64, "0")) + bytes(32))


@pytest.fixture
def world() -> MarketWorld:
    return MarketWorld()


def test_what_is_read__is_what_is_locked_and_charged(world: MarketWorld) -> None:
    world.grid.addConsumerBalance(CONSUMER, 5_000_000, by=FRIEND)
    assert world.settlement.balanceOf(CONSUMER) == 5_000_000
    world.state.submitGridState(name("home"), 1, (1_500, 1_000, 5_000, 100), by=REPORTERS[0])
    slot = world.chain.now // 900 + 1
    world.chain.set_time(slot * 900 + 10)
    price = world.grid.call("getDynamicPrice()")
    assert price > TARIFF.buy
    assert price == world.grid.call("priceOf(uint256)", slot)
    assert price == world.grid.getMarketPrice(name("home"))[0]
    assert world.consume(3_001)["cost"] == -(-3_001 * price // MILLI)
    left = 5_000_000 * MILLI - 3_001 * price
    assert world.settlement.balanceOf(CONSUMER) == left // MILLI
    # The bill of the day, from the lock.
    day = world.chain.now // DAY
    world.chain.set_time((day + 1) * DAY + 900)
    world.settlement.closeThrough([CONSUMER], day, by=FRIEND)
    assert world.settlement.balanceOf(CONSUMER) == left // MILLI
    assert world.settlement.gridAccount()[0] == 3_001 * price


def test_price_limit_and_money__are_asked_by_settlement(world: MarketWorld) -> None:
    world.grid.addConsumerBalance(CONSUMER, 1_000_000, by=FRIEND)
    price = world.grid.call("getDynamicPrice()")
    with refused("Settlement_PriceAbove", price, price - 1):
        world.consume(1_000, price - 1)
    world.consume(1_000, price)
    with pytest.raises(Exception, match="InsufficientBalance"):
        world.consume(10_000)


def test_deactivation__blocks_a_side_of_whoever_never_registered(world: MarketWorld) -> None:
    world.grid.deactivateParticipant(FRIEND, True, by=ADMIN)
    assert world.settlement.isSideBlocked(FRIEND, False)
    assert not world.settlement.isSideBlocked(FRIEND, True)
    world.grid.reactivateParticipant(FRIEND, True, by=ADMIN)
    assert not world.settlement.isSideBlocked(FRIEND, False)


def test_reputation__reads_the_core(world: MarketWorld) -> None:
    world.grid.registerProducer(1, 0, by=CONSUMER)
    with refused("GridManagement_NoFault", CONSUMER):
        world.grid.reviewReputation(CONSUMER, by=FRIEND)
    world.grid.addConsumerBalance(CONSUMER, 1_000_000, by=FRIEND)
    with refused("GridManagement_NoFault", CONSUMER):
        world.grid.reviewReputation(CONSUMER, by=FRIEND)
