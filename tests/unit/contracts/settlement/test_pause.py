"""What the stop of Settlement refuses, and what it leaves open."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.support.core.settlement_suite import (
    GRID,
    SettlementWorld,
)
from tests.unit.contracts.settlement.suite import (
    STRANGER,
    S,
    at,
)


def test_pause__running__stops_what_is_new_and_leaves_exits_open(world: SettlementWorld) -> None:
    settlement, north, authority = world.settlement, at(world, "north"), world.authority
    world.fund(5000)
    settlement.pause(by=authority)
    with refused("EmergencyStop_Stopped", 1):
        settlement.deposit(1, by=north)
    with refused("EmergencyStop_Stopped", 1):
        settlement.consume(north, 1, 10**9, by=GRID)
    with refused("EmergencyStop_Stopped", 1):
        settlement.collect(1, STRANGER, by=authority)
    settlement.withdraw(10, STRANGER, by=north)
    settlement.shutdown(by=authority)
    settlement.withdraw(10, STRANGER, by=north)
    settlement.collect(10, STRANGER, by=authority)
    with refused(S + "AboveOutflow", 970, 971):
        settlement.collect(971, STRANGER, by=authority)
    with refused(S + "CollectAbove", 4990, 4991):
        settlement.collect(4991, STRANGER, by=authority)
