"""Settlement.lockOrder."""

from __future__ import annotations

import pytest

from tests.support.core.chain import refused
from tests.support.core.settlement_suite import (
    TRADING,
    SettlementWorld,
    account_word,
    leg,
    period,
)
from tests.unit.contracts.settlement.suite import (
    DEAR,
    S,
    at,
    free,
    tomorrow,
)


def test_lock_order__then_matched__pays_the_trade(world: SettlementWorld) -> None:
    settlement, slots = world.settlement, tomorrow(world)
    buyer, seller = world.numbers["north"], world.numbers["east"]
    rates = [
        settlement.lockOrder(buyer, period(slots, 1, 250), False, 40, by=TRADING),
        settlement.lockOrder(seller, period(slots, 1, 150), True, 40, by=TRADING),
    ]
    assert rates == [250, 600 - (150 - 35)]
    legs = [
        leg(buyer, 30, sell=False, locked=rates[0]),
        leg(seller, 30, sell=True, locked=rates[1]),
    ]
    settlement.book(period(slots, 1, 200), legs, by=TRADING)
    left = 200 - 35
    free = account_word(settlement.accountOf(at(world, "north"))[1])["free"]
    assert 10**9 - free == 24 * (30 * 200 + 10 * 250)
    free = account_word(settlement.accountOf(at(world, "east"))[1])["free"]
    assert 10**9 - free == 24 * (30 * (600 - left) + 10 * (600 - (150 - 35)))
    assert settlement.dayMoneyOf(seller, world.today + 1) == (
        24 * 30 * left,
        24 * 30 * (600 - left),
    )
    cash, _, fees, _, _ = settlement.gridAccount()
    assert (cash, fees) == (24 * 30 * 30, 24 * 30 * 5)


@pytest.mark.parametrize("matched", [0, 13, 40])
def test_lock_order__in_a_dearer_region_later__frees_what_was_locked(
    world: SettlementWorld, matched: int
) -> None:
    settlement, slots = world.settlement, tomorrow(world)
    buyer, seller = world.numbers["north"], world.numbers["east"]
    rate = settlement.lockOrder(seller, period(slots, 1, 150), True, 40, by=TRADING)
    assert rate == 600 - (150 - 35), "the home region's"
    world.add_region("dear", DEAR)
    for name in ("north", "east"):
        world.account(name).region = "dear"
        world.attach(name, 0, (0, 0))
    assert world.energy.regionOf(seller)[0] == 2
    if matched:
        legs = [leg(world.numbers["south"], matched, sell=False)]
        legs.append(leg(seller, matched, sell=True, locked=rate))
        with refused(S + "LegsRefused", ((1, 6),)):
            settlement.book(period(slots, 1, 200), legs, by=TRADING)
        legs = [leg(buyer, matched, sell=False), leg(seller, matched, sell=True, locked=rate)]
        settlement.book(period(slots, 1, 200), legs, by=TRADING)
    settlement.unlockOrder(seller, 24 * (40 - matched) * rate, by=TRADING)
    # A match is at the terms of the region in which the seller is now.
    income, cover = 200 - 67, 1800 - (200 - 67)
    assert free(world, "east") == 10**9 - 1000 - 24 * matched * cover
    assert settlement.dayMoneyOf(seller, slots[0] // 24) == (
        24 * matched * income,
        24 * matched * cover,
    )
    assert free(world, "north") == 10**9 - 1000 - 24 * matched * 200
