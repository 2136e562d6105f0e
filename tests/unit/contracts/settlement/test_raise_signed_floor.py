"""Settlement.raiseSignedFloor."""

from __future__ import annotations

import pytest

from tests.support.core.chain import refused
from tests.support.core.settlement_suite import TRADING, SettlementWorld, account_word
from tests.unit.contracts.settlement.suite import S, at, logged

MOST = 2**40 - 1


def floor(world: SettlementWorld, name: str) -> int:
    return account_word(world.settlement.accountOf(at(world, name))[1])["floor"]


@pytest.mark.parametrize("nonce", [1, 255, 256, MOST])
def test_raise_signed_floor__higher__is_raised_for_one_account(
    world: SettlementWorld, nonce: int
) -> None:
    settlement, number = world.settlement, world.numbers["north"]
    before = account_word(settlement.accountOf(at(world, "north"))[1])
    settlement.raiseSignedFloor(number, nonce, by=TRADING)
    assert logged(world, "SignedFloorRaised") == [(at(world, "north"), nonce)]
    after = account_word(settlement.accountOf(at(world, "north"))[1])
    assert after == before | {"floor": nonce}
    assert floor(world, "east") == 0
    world.deposit("north", 5)
    assert floor(world, "north") == nonce


def test_raise_signed_floor__not_higher_or_too_large__is_refused(world: SettlementWorld) -> None:
    settlement, number, north = world.settlement, world.numbers["north"], at(world, "north")
    for was, nonce in ((0, 0), (7, 7), (7, 6)):
        if floor(world, "north") != was:
            settlement.raiseSignedFloor(number, was, by=TRADING)
        with refused(S + "FloorNotHigher", north, was, nonce):
            settlement.raiseSignedFloor(number, nonce, by=TRADING)
    for nonce in (MOST + 1, 2**256 - 1):
        with refused("SafeCastOverflowedUintDowncast", 40, nonce):
            settlement.raiseSignedFloor(number, nonce, by=TRADING)
