"""Settlement.book."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.support.core.settlement_suite import (
    GRID,
    TRADING,
    SettlementWorld,
    leg,
    period,
)
from tests.unit.contracts.settlement.suite import (
    DEAR,
    NAMES,
    S,
    at,
    tomorrow,
)


def test_book__says_all_refusals_in_their_order(world: SettlementWorld) -> None:
    settlement, slots = world.settlement, tomorrow(world)
    north, east, south = (world.numbers[name] for name in NAMES)
    settlement.raiseSignedFloor(north, 7, by=TRADING)
    with refused(S + "FloorNotHigher", at(world, "north"), 7, 7):
        settlement.raiseSignedFloor(north, 7, by=TRADING)
    settlement.setSideBlocked(at(world, "east"), False, True, by=GRID)
    legs = [
        leg(north, 1, sell=False, nonce=6),
        leg(east, 1, sell=True),
        leg(south, 10**9, sell=False),
        leg(south, 1, sell=False),
    ]
    word = period(slots, 1, 100)
    with refused(S + "LegsRefused", ((0, 1), (1, 2), (2, 7))):
        settlement.book(word, legs, by=TRADING)
    with refused(S + "Unbalanced", 3, 2):
        settlement.book(
            word, [leg(north, 3, sell=False, nonce=7), leg(south, 2, sell=True)], by=TRADING
        )
    with refused(S + "SideBlocked", at(world, "east"), False):
        settlement.lockOrder(east, word, True, 1, by=TRADING)
    settlement.setSideBlocked(at(world, "east"), False, False, by=GRID)
    settlement.lockOrder(east, word, True, 1, by=TRADING)


def test_book__one_region_alone(world: SettlementWorld) -> None:
    settlement, slots = world.settlement, tomorrow(world)
    north, east, south = (world.numbers[name] for name in NAMES)
    world.add_region("dear", DEAR)
    world.account("east").region = "dear"
    world.attach("east", 0, (0, 0))
    assert world.trade("north", "east", slots, 1, 1, 100) == "OtherRegion"
    assert world.trade("east", "north", slots, 1, 1, 100) == "OtherRegion"
    word = period(slots, 1, 100)
    legs = [leg(each, 1, sell=sell) for each in (north, east, south) for sell in (False, True)]
    with refused(S + "LegsRefused", ((2, 6), (3, 6))):
        settlement.book(word, legs, by=TRADING)
    # An order that is refused anyhow does not make the region.
    legs = [leg(east, 10**9, sell=False), leg(east, 1, sell=False), leg(east, 1, sell=True)]
    with refused(S + "LegsRefused", ((0, 7),)):
        settlement.book(word, legs, by=TRADING)
    settlement.setSideBlocked(at(world, "east"), True, True, by=GRID)
    with refused(S + "LegsRefused", ((0, 2),)):
        settlement.book(word, [legs[1], leg(south, 1, sell=True)], by=TRADING)
    # Without a meter an account is at home.
    assert world.trade("north", "south", slots, 1, 1, 100) == ""


def test_book__positions_that_do_not_fit__are_refused(world: SettlementWorld) -> None:
    settlement, most = world.settlement, 2**31 - 1
    number, word = world.numbers["north"], period(tomorrow(world), 1, 0)
    with refused(S + "LegsRefused", ((0, 5),)):
        settlement.book(word, [leg(number, most + 1, sell=False)], by=TRADING)
    # One that fits is booked, though nobody sells it: the call fails as a whole.
    with refused(S + "Unbalanced", most, 0):
        settlement.book(word, [leg(number, most, sell=False)], by=TRADING)
    with refused(S + "LegsRefused", ((1, 5),)):
        legs = [leg(number, most, sell=False), leg(number, 1, sell=False)]
        settlement.book(word, legs, by=TRADING)
