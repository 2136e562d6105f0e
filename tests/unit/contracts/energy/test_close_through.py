"""EnergyAccounts.closeThrough."""

from __future__ import annotations

from tests.model.market import Tariff
from tests.support.core.energy_suite import (
    DAY,
    METER,
    EnergyWorld,
    boundary,
    closing,
    leg,
    period,
)
from tests.support.core.tariff_suite import GRID
from tests.unit.contracts.energy.suite import (
    HIGHEST,
    first,
)


def test_close_through__the_largest_of_everything__is_exact() -> None:
    tariff = Tariff(buy=600_000_000, feed_in=100, max_factor=65_535)
    world = EnergyWorld(tariff, 0, slot=900)
    for name in ("taker", "giver"):
        world.metered(name, rated=(HIGHEST + 1) * 4 - 1)
    rules, energy, slot = world.rules, world.energy, first(world)
    day = rules.day_of(slot)
    monday = (day + 3) // 7 * 7 + 7 - 3
    for slots, kind in (
        (range(monday * 96, (monday + 7) * 96), 2),
        (range(monday * 96, (monday + 1) * 96), 1),
    ):
        words = [leg(1, HIGHEST, sell=True), leg(2, HIGHEST, sell=False)]
        world.as_settlement.book(period(slots, kind), words)
    for at in range(monday * 96, (monday + 1) * 96, 8):
        words = [leg(1, HIGHEST, sell=True), leg(2, HIGHEST, sell=False)]
        world.as_settlement.book(period(range(at, at + 8), 0), words)
    for at in range(monday * 96, (monday + 1) * 96):
        world.chain.set_time(at * 900 - 900)
        world.tariffs.writeFactors(1, at, at + 1, 2**32, by=GRID)
    for at in range(monday * 96, (monday + 1) * 96):
        world.chain.set_time((at + 1) * 900)
        words = [boundary(at, 1, -HIGHEST), boundary(at, 2, HIGHEST)]
        energy.record(words, by=METER)
    world.chain.set_time((monday + 1) * DAY + 900)
    world.settlement.setWord(2, closing(2**40 - 1 - 5, 0, True))
    for number in (1, 2):
        world.settlement.setCursor(number, monday)
    results = world.close_numbers([1, 2], monday)
    price = 600_000_000 * 65_535 // 10_000
    nothing = dict.fromkeys(("given", "kept", "fed_in", "taken", "drawn", "from_grid"), 0)
    importing, exporting = results[1], results[2]
    whole = 96 * HIGHEST
    assert importing == nothing | {
        "money": -4 * whole * price,
        "net": -whole,
        "position": -3 * whole,
        "deemed": whole // 8,
        "from_grid": 4 * whole,
    }
    assert exporting == nothing | {
        "money": (4 * whole - 5) * 100,
        "net": whole,
        "position": 3 * whole,
        "deemed": 0,
        "kept": 5,
        "fed_in": 4 * whole - 5,
    }
