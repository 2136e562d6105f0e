"""Settlement.wordsAt."""

from __future__ import annotations

from tests.support.core.settlement_suite import SettlementWorld
from tests.unit.contracts.settlement.suite import at


def test_words_at__in_the_order_of_the_numbers(world: SettlementWorld) -> None:
    settlement = world.settlement
    assert settlement.wordsAt([]) == ()
    world.withdraw("east", 7)
    north, east = (settlement.accountOf(at(world, name))[1] for name in ("north", "east"))
    assert north != east
    assert settlement.wordsAt([2, 99, 1, 2, 0]) == (east, 0, north, east, 0)
