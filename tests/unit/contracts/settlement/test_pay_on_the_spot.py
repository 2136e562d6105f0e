"""Settlement.payOnTheSpot."""

from __future__ import annotations

import pytest

from tests.support.core.chain import refused
from tests.support.core.settlement_suite import SPOT, SettlementWorld
from tests.unit.contracts.settlement.suite import (
    STRANGER,
    TARIFF,
    S,
    at,
    free,
    indebted,
    logged,
)

FEES = TARIFF.fees


@pytest.mark.parametrize(
    ("wh", "price", "protocol", "grid"),
    [
        (7, 200, 35, 210),
        (7, 35, 35, 210),
        # The network fee takes what the protocol's leaves, and no more.
        (7, 34, 35, 203),
        (7, 4, 28, 0),
    ],
)
def test_pay_on_the_spot__with_fees__they_are_the_sellers(
    world: SettlementWorld, wh: int, price: int, protocol: int, grid: int
) -> None:
    settlement, buyer, seller = world.settlement, at(world, "north"), at(world, "east")
    paid = wh * price
    assert settlement.payOnTheSpot(buyer, seller, wh, price, by=SPOT) == -(-paid // 1000)
    assert logged(world, "SpotPaid") == [(seller, buyer, paid, protocol, grid)]
    assert free(world, "north") == 10**9 - paid
    assert free(world, "east") == 10**9 + paid - protocol - grid
    cash, _, fees, _, _ = settlement.gridAccount()
    assert (cash, fees) == (grid, protocol)


def test_pay_on_the_spot__to_oneself__costs_the_fees(world: SettlementWorld) -> None:
    """The spot market refuses it."""
    north = at(world, "north")
    world.settlement.payOnTheSpot(north, north, 7, 200, by=SPOT)
    assert free(world, "north") == 10**9 - 7 * FEES


def test_pay_on_the_spot__seller_without_a_number__gets_one(world: SettlementWorld) -> None:
    world.settlement.payOnTheSpot(at(world, "north"), STRANGER, 1000, 200, by=SPOT)
    assert logged(world, "AccountOpened") == [(STRANGER, 4)]
    assert world.settlement.balanceOf(STRANGER) == 200 - FEES


def test_pay_on_the_spot__without_account_or_money__is_refused(world: SettlementWorld) -> None:
    settlement, north, east = world.settlement, at(world, "north"), at(world, "east")
    with refused(S + "UnknownAccount", STRANGER):
        settlement.payOnTheSpot(STRANGER, north, 1, 1, by=SPOT)
    with refused(S + "InsufficientBalance", north, 10**6, 10**7):
        settlement.payOnTheSpot(north, east, 10**5, 10**5, by=SPOT)
    with refused(S + "InsufficientBalance", north, 10**6, 2**256 // 1000 + 1):
        settlement.payOnTheSpot(north, east, 2**64 - 1, 2**255, by=SPOT)


def test_pay_on_the_spot__of_a_debtor__buys_nothing_and_repays_what_it_sells(
    world: SettlementWorld,
) -> None:
    settlement, north = world.settlement, at(world, "north")
    poor, debt = indebted(world)
    with refused(S + "InDebt", poor, debt):
        settlement.payOnTheSpot(poor, north, 1, 0, by=SPOT)
    settlement.payOnTheSpot(north, poor, 10_000, 135, by=SPOT)
    assert settlement.debtOf(poor) == debt - 1000
    world.chain.set_time(world.now + 7200)
    with refused(S + "InDebt", poor, debt - 1000):
        settlement.payOnTheSpot(poor, north, 1, 0, by=SPOT)
    settlement.depositFor(poor, debt, by=_rich(world))
    with refused(S + "GapOpen", poor):
        settlement.payOnTheSpot(poor, north, 1, 0, by=SPOT)


def _rich(world: SettlementWorld) -> str:
    world.pay(STRANGER, 10**6)
    return STRANGER
