"""Settlement.consume: what GridManagement.consumeEnergy locks."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.support.core.settlement_suite import DAY, GRID, SettlementWorld
from tests.unit.contracts.settlement.suite import (
    STRANGER,
    TARIFF,
    S,
    at,
    free,
    live_a_day,
    logged,
)

BUY = TARIFF.buy


def test_consume__above_the_price_limit__is_refused(world: SettlementWorld) -> None:
    north, settlement = at(world, "north"), world.settlement
    with refused(S + "PriceAbove", BUY, BUY - 1):
        settlement.consume(north, 5, BUY - 1, by=GRID)
    assert settlement.consume(north, 5, BUY, by=GRID) == 2


def test_consume__what_cannot_be__is_refused(world: SettlementWorld) -> None:
    settlement, north = world.settlement, at(world, "north")
    with refused(S + "ZeroAmount"):
        settlement.consume(north, 0, BUY, by=GRID)
    with refused(S + "UnknownAccount", STRANGER):
        settlement.consume(STRANGER, 1, BUY, by=GRID)
    most = 10**9 // BUY
    needed = -(-(most + 1) * BUY // 1000)
    with refused(S + "InsufficientBalance", north, 10**6, needed):
        settlement.consume(north, most + 1, BUY, by=GRID)
    with refused(S + "InsufficientBalance", north, 10**6, 2**256 // 1000 + 1):
        settlement.consume(north, 2**255, BUY, by=GRID)
    settlement.pause(by=world.authority)
    with refused("EmergencyStop_Stopped", 1):
        settlement.consume(north, 1, BUY, by=GRID)


def test_consume__with_a_gap__is_refused(world: SettlementWorld) -> None:
    world.attach("north", 8, (0, 0))
    world.chain.set_time((world.today + 1) * DAY + 2 * 3600)
    with refused(S + "GapOpen", at(world, "north")):
        world.settlement.consume(at(world, "north"), 1, BUY, by=GRID)


def test_consume__without_a_meter__is_charged_what_was_declared(world: SettlementWorld) -> None:
    settlement, north, number = world.settlement, at(world, "north"), world.numbers["north"]
    slot = world.now // 3600
    settlement.consume(north, 500, BUY, by=GRID)
    assert logged(world, "GridEnergyBought") == [(north, slot, 500, 500 * BUY)]
    settlement.consume(north, 7, BUY, by=GRID)
    assert world.energy.netOf(number, slot)[1] == -507
    assert settlement.dayMoneyOf(number, world.today) == (0, 507 * BUY)
    assert free(world, "north") == 10**9 - 507 * BUY
    world.chain.set_time((world.today + 1) * DAY + 1000)
    settlement.closeThrough([north], world.today - 1)
    assert free(world, "north") == 10**9 - 507 * BUY


def test_consume__with_a_meter__pays_what_it_measures_and_frees_the_rest(
    world: SettlementWorld,
) -> None:
    settlement, north, number = world.settlement, at(world, "north"), world.numbers["north"]
    world.attach("north", 8, (0, 0))
    world.chain.set_time((world.today + 1) * DAY + 5)
    slot = world.now // 3600
    before = free(world, "north")
    settlement.consume(north, 5000, BUY, by=GRID)
    assert world.energy.netOf(number, slot)[1] == 0
    assert free(world, "north") == before - 5000 * BUY
    live_a_day(world, {"north": -100}, world.today)
    settlement.closeThrough([north], slot // 24)
    assert free(world, "north") == before - 24 * 100 * BUY
