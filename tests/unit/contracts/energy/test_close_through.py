"""EnergyAccounts.closeThrough."""

from __future__ import annotations

from tests.model.market import Tariff
from tests.support.core.chain import refused
from tests.support.core.energy_suite import (
    DAY,
    METER,
    EnergyWorld,
    boundary,
    closing,
    leg,
    period,
)
from tests.support.core.full_market import DEADLINE
from tests.support.core.gateway_street import GatewayStreet
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


def _told(world: EnergyWorld) -> list[tuple[int, list[int]]]:
    """Days that the last call has closed, with its accounts as they were asked for."""
    logs = [values for _, event, values in world.chain.logs if event == "DayClosed"]
    return [
        (
            each["day"],
            [
                closed >> 224 | int(holder, 16) << 96
                for closed, holder in zip(each["words"][::2], each["holders"], strict=True)
            ],
        )
        for each in logs
    ]


def test_close_through__an_account_named_twice__closes_once(world: EnergyWorld) -> None:
    """Numbers that share their lowest eight bits are different ones; 0 is nobody."""
    day = world.today
    numbers = [1, 257, 0, 513, 256]
    for number in numbers:
        world.settlement.setCursor(number, day)
    world.chain.set_time((day + 1) * DAY + 900)
    close = world.as_settlement.closeThrough
    named = [1, 257, 1, 0, 513, 257, 0, 256, 513, 1]
    assert close(named, day) == 4
    assert _told(world) == [(day, [1, 257, 513, 256])]
    assert close(named, day) == 0
    assert _told(world) == []


def test_close_through__each_account_from_its_own_day_to_the_last_final_one(
    world: EnergyWorld,
) -> None:
    world.metered("east")
    day = world.today
    for number, cursor in ((1, day + 2), (2, day)):
        world.settlement.setCursor(number, cursor)
    holder = 0xACC << 96
    world.chain.set_time((day + 4) * DAY + 899)
    assert world.as_settlement.closeThrough([1 | holder, 2], 2**256 - 1) == 4
    assert _told(world) == [(day, [2]), (day + 1, [2]), (day + 2, [1 | holder, 2])]
    world.chain.set_time((day + 4) * DAY + 900)
    assert world.as_settlement.closeThrough([2, 1], 2**256 - 1) == 2
    assert _told(world) == [(day + 3, [2, 1])]


def test_close_through__a_day_that_a_gateway_can_still_read__waits(street: GatewayStreet) -> None:
    settlement, day = street.settlement, street.first_day
    homes = [each.address for each in street.holders]
    street.chain.set_time((day + 1) * DAY + DEADLINE - 1)
    with refused("Settlement_NothingToClose", day):
        settlement.closeThrough(homes, day)
    street.chain.set_time((day + 1) * DAY + DEADLINE)
    settlement.closeThrough(homes, 2**256 - 1)
    assert [settlement.cursorAt(number) for number in street.numbers] == [day + 1] * 2


def test_close_through__who_was_passed_over__closes_once_the_day_is_settled(
    street: GatewayStreet,
) -> None:
    settlement, day, (measured, absent) = street.settlement, street.first_day, street.numbers
    street.days.run(day, {measured: [-1] * 24})
    assert [settlement.cursorAt(number) for number in street.numbers] == [day + 1, day]
    settlement.closeThrough([street.holders[1].address], day)
    assert settlement.cursorAt(absent) == day + 1
