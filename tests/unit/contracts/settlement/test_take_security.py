"""Settlement.takeSecurity."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.support.core.energy_suite import METER
from tests.support.core.settlement_suite import SettlementWorld, account_word
from tests.unit.contracts.settlement.suite import S, at, free, logged


def test_take_security__of_free_money__answers_for_the_meter(world: SettlementWorld) -> None:
    """Three hours at rated power are the first deemed import of a day."""
    settlement, north = world.settlement, at(world, "north")
    settlement.takeSecurity(world.numbers["north"], 33, 8000, by=METER)
    assert logged(world, "SecurityTaken") == [(north, 33)]
    _, word, _, security = settlement.accountOf(north)
    assert (security, account_word(word)["deemed"]) == (33_000, 24_000)
    assert free(world, "north") == 10**9 - 33_000


def test_take_security__what_cannot_be__is_refused(world: SettlementWorld) -> None:
    settlement, number = world.settlement, world.numbers["north"]
    with refused(S + "ZeroAmount"):
        settlement.takeSecurity(number, 0, 8000, by=METER)
    for amount in (10**6 + 1, 2**256 - 1):
        needed = -(-min(amount * 1000, 2**256 - 1) // 1000)
        with refused(S + "InsufficientBalance", at(world, "north"), 10**6, needed):
            settlement.takeSecurity(number, amount, 8000, by=METER)
    settlement.takeSecurity(number, 10**6, 8000, by=METER)
    with refused(S + "SecurityTaken", at(world, "north")):
        settlement.takeSecurity(number, 1, 8000, by=METER)
