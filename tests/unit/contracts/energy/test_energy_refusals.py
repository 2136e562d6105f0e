"""Refusals of the energy accounts, their callers, their limits, and their events."""

from __future__ import annotations

from typing import Any

import pytest

from tests.model.market import Tariff
from tests.support.core.chain import refused
from tests.support.core.energy_suite import (
    DAY,
    METER,
    EnergyWorld,
    boundary,
    closed_day,
    closing,
    leg,
    period,
)
from tests.support.core.tariff_suite import GRID, TariffWorld

TARIFF = Tariff(buy=300, feed_in=100, network_fee=20)
STRANGER = "0x" + 40 * "5"
HIGHEST = 2**31 - 1
HIGHEST_MEMBER = 2**24 - 1


@pytest.fixture
def world() -> EnergyWorld:
    world = EnergyWorld(TARIFF, 80, slot=900)
    world.add_region("south", TARIFF)
    world.metered("north")
    world.found("street", 5000)
    return world


def tomorrow(world: EnergyWorld) -> int:
    return world.rules.tomorrow(world.now)


def first(world: EnergyWorld, days: int = 0) -> int:
    """Tomorrow's first slot, or a later day's."""
    return (tomorrow(world) + days) * world.rules.day_slots


@pytest.mark.parametrize(
    ("function", "arguments", "module"),
    [
        ("attach", (1, 1, 0, 1), METER),
        ("detach", (1, 0), METER),
        ("setRatedPower", (1, 1), METER),
        ("record", ([],), METER),
        ("recordSpan", (1, 0, 1, 0, 0), METER),
        ("book", (0, []), "settlement"),
        ("closeDay", (0, []), "settlement"),
        ("declare", (1, 0, 0), "settlement"),
        ("release", (1,), "settlement"),
        ("setCommunity", (1, 1, 0), "communities"),
    ],
)
def test_modules__other_callers__are_refused(
    world: EnergyWorld, function: str, arguments: Any, module: str
) -> None:
    modules = {"settlement": world.settlement, "communities": world.communities}
    expected = modules[module].address if module in modules else METER
    caller, wanted = (_checksum(each) for each in (STRANGER, expected))
    with refused("EnergyAccounts_WrongCaller", caller, wanted):
        world.energy.call(function, *arguments, by=STRANGER)


def _checksum(address: str) -> str:
    from eth_utils.address import to_checksum_address

    return str(to_checksum_address(address))


def test_constructor__bad_parameters__are_refused(world: EnergyWorld) -> None:
    chain = world.chain
    modules = [world.settlement.address, METER, STRANGER, world.tariffs.address]
    with refused("EnergyAccounts_BadParameter", "grace", DAY + 1):
        chain.deploy("EnergyAccounts", world.manager.address, tuple(modules), DAY + 1)
    short = TariffWorld(TARIFF, 80, slot=300)
    modules[3] = short.tariffs.address
    with refused("EnergyAccounts_BadParameter", "slotLength", 300):
        short.chain.deploy("EnergyAccounts", world.manager.address, tuple(modules), 900)


def test_attach__what_cannot_be__is_refused(world: EnergyWorld) -> None:
    energy, slot = world.energy, first(world)
    world.settlement.setCursor(2, world.today)
    with refused("EnergyAccounts_HasMeter", 1, 2**32 - 1):
        energy.attach(1, 1, slot, 1, by=METER)
    for false in (slot + 1, slot - world.rules.day_slots, 2**24 // 96 * 96 + 96):
        with refused("EnergyAccounts_BadBound", false):
            energy.attach(2, 1, false, 1, by=METER)
    with refused("Tariffs_NoSuchRegion", 3):
        energy.attach(2, 3, slot, 1, by=METER)
    wh = HIGHEST + 1
    with refused("EnergyAccounts_PowerTooHigh", 2, wh, HIGHEST):
        energy.attach(2, 1, slot, wh * 4, by=METER)
    energy.attach(2, 2, slot, wh * 4 - 1, by=METER)
    assert energy.regionOf(2) == (2, True)
    assert energy.meteredOf(2) == (slot, 2**32 - 1)


@pytest.mark.parametrize("kind", [0, 1, 2, "declared"])
def test_attach__with_energy_of_open_days__is_at_home(world: EnergyWorld, kind: int | str) -> None:
    energy, slot, day = world.energy, first(world), tomorrow(world)
    world.settlement.setCursor(2, world.today)
    if kind == "declared":
        world.as_settlement.declare(2, world.slot, 5)
        day = world.today
    else:
        monday = (day + 3 + 6) // 7 * 7 - 3
        start, length, day = ((slot, 1, day), (slot, 96, day), (monday * 96, 672, monday + 6))[
            int(kind)
        ]
        word = period(range(start, start + length), int(kind))
        world.as_settlement.book(word, [leg(2, 5, sell=False)])
    with refused("EnergyAccounts_OtherRegion", 2, 1):
        energy.attach(2, 2, slot, 1, by=METER)
    world.settlement.setCursor(2, day)
    with refused("EnergyAccounts_OtherRegion", 2, 1):
        energy.attach(2, 2, slot, 1, by=METER)
    mark = world.chain.snapshot()
    energy.attach(2, 1, slot, 1, by=METER)
    world.chain.revert(mark)
    world.settlement.setCursor(2, day + 1)
    energy.attach(2, 2, slot, 1, by=METER)


def test_release__waits_for_the_last_register_as_long_as_for_a_gap(world: EnergyWorld) -> None:
    energy, begin, end = world.energy, first(world), first(world, 2)
    world.chain.set_time(begin * 900)
    energy.detach(1, end, by=METER)
    world.settlement.setCursor(1, tomorrow(world) + 9)
    open_from = end * 900 + 30 * DAY
    world.chain.set_time(open_from - 1)
    with refused("EnergyAccounts_RegistersMissing", 1, end, open_from):
        world.as_settlement.release(1)
    mark = world.chain.snapshot()
    energy.recordSpan(1, begin, end - 1, 5, 0, by=METER)
    with refused("EnergyAccounts_RegistersMissing", 1, end, open_from):
        world.as_settlement.release(1)
    energy.record([boundary(end - 1, 1, -5)], by=METER)
    world.as_settlement.release(1)
    world.chain.revert(mark)
    world.chain.set_time(open_from)
    world.as_settlement.release(1)
    assert energy.meteredOf(1) == (0, 0)


def test_attach__after_a_former_meter__needs_closed_days_and_the_same_region(
    world: EnergyWorld,
) -> None:
    energy, slot = world.energy, first(world, 1)
    energy.detach(1, first(world), by=METER)
    assert energy.meteredOf(1) == (first(world), first(world))
    with refused("EnergyAccounts_NoMeter", 1):
        energy.detach(1, first(world), by=METER)
    with refused("EnergyAccounts_NoMeter", 1):
        energy.setRatedPower(1, 5, by=METER)
    with refused("EnergyAccounts_HasMeter", 1, first(world)):
        energy.attach(1, 1, slot, 1, by=METER)
    with refused("EnergyAccounts_HasMeter", 1, first(world)):
        world.as_settlement.release(1)
    world.settlement.setCursor(1, tomorrow(world))
    with refused("EnergyAccounts_OtherRegion", 1, 1):
        energy.attach(1, 2, slot, 1, by=METER)
    energy.attach(1, 1, slot, 1, by=METER)


def test_rated_power__of_a_member__fits_the_sums_until_its_days_are_closed(
    world: EnergyWorld,
) -> None:
    energy, wh = world.energy, HIGHEST_MEMBER + 1
    world.join("north", "street")
    with refused("EnergyAccounts_PowerTooHigh", 1, wh, HIGHEST_MEMBER):
        energy.setRatedPower(1, wh * 4, by=METER)
    energy.setRatedPower(1, wh * 4 - 1, by=METER)
    assert energy.regionOf(1) == (1, False)
    world.settlement.setCursor(1, tomorrow(world))
    world.leave("north")
    with refused("EnergyAccounts_PowerTooHigh", 1, wh, HIGHEST_MEMBER):
        energy.setRatedPower(1, wh * 4, by=METER)
    world.settlement.setCursor(1, world.rules.beyond_horizon(world.now))
    energy.setRatedPower(1, wh * 4, by=METER)
    assert energy.regionOf(1) == (1, True)


def test_record__what_no_meter_measures__and_what_is_known__changes_nothing(
    world: EnergyWorld,
) -> None:
    energy, slot = world.energy, first(world)
    words = [boundary(slot - 1, 1, 5), boundary(slot, 2, 5), boundary(slot, 1, 7)]
    world.chain.set_time((slot + 1) * 900)
    energy.record([*words, boundary(slot, 1, 9)], by=METER)
    assert energy.netOf(1, slot - 1) == (False, 0)
    assert energy.netOf(2, slot) == (False, 0)
    assert energy.netOf(1, slot) == (True, 7)
    energy.record([boundary(slot, 1, 11)], by=METER)
    assert energy.netOf(1, slot) == (True, 7)
    for span in ((slot - 1, slot + 1), (slot + 1, slot + 1)):
        with refused("EnergyAccounts_BadRange", *span):
            energy.recordSpan(1, *span, 0, 0, by=METER)


def test_book__false_periods__are_refused(world: EnergyWorld) -> None:
    book, slots = world.as_settlement.book, world.rules.day_slots
    start = first(world, 1)
    monday = (tomorrow(world) + 3) // 7 * 7 + 7 - 3
    false = [
        period(range(start, start), 0),
        period(range(start + 5, start + 9), 0),
        period(range(start, start + 4), 3),
        period(range(start + 1, start + 1 + slots), 1),
        period(range(start, start + slots - 1), 1),
        period(range((monday + 1) * slots, (monday + 8) * slots), 2),
        period(range(monday * slots, (monday + 7) * slots - 1), 2),
    ]
    for word in false:
        with refused("EnergyAccounts_BadPeriod", word):
            book(word, [])
    slot = world.slot
    with refused("EnergyAccounts_GateClosed", slot):
        book(period(range(slot, slot + 1), 0), [])
    book(period(range(slot + 1, slot + 2), 0), [])
    book(period(range(monday * slots, (monday + 7) * slots), 2), [])


def test_book__a_position_that_does_not_fit__is_left_out(world: EnergyWorld) -> None:
    slot = first(world)
    hour = period(range(slot, slot + 4), 0)
    words = [leg(1, HIGHEST, sell=False), leg(2, HIGHEST, sell=True), leg(2, 1, sell=True)]
    answers = world.as_settlement.book(hour, words)
    assert [word >> 80 & 0xFF for word in answers] == [0, 0, 2]
    answers = world.as_settlement.book(hour, [leg(1, 2**32 - 1, sell=True), leg(1, 1, sell=False)])
    assert [word >> 80 & 0xFF for word in answers] == [2, 2]
    assert world.energy.positionOf(2, slot) == -HIGHEST
    assert world.energy.positionOf(2, slot + 3) == -HIGHEST
    assert world.energy.positionOf(2, slot + 4) == 0


def test_close_day__the_largest_of_everything__is_exact() -> None:
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
    results = world.as_settlement.closeDay(
        monday, [closing(1, 0, 0, False), closing(2, 2**40 - 1 - 5, 0, True)]
    )
    price = 600_000_000 * 65_535 // 10_000
    nothing = dict.fromkeys(("given", "kept", "fed_in", "taken", "drawn", "from_grid"), 0)
    importing, exporting = (closed_day(*words) for words in zip(*results, strict=True))
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


def test_sums__of_as_many_members_as_there_can_be__fit(world: EnergyWorld) -> None:
    names = [f"member {number}" for number in range(160)]
    for name in names:
        world.metered(name, rated=(HIGHEST_MEMBER + 1) * 4 - 1)
        assert world.join(name, "street") == ""
    slot = first(world)
    for at, sign in ((slot, 1), (slot + 1, -1), (slot + 3, -1)):
        world.chain.set_time((at + 1) * 900)
        words = [boundary(at, world.numbers[name], sign * HIGHEST_MEMBER) for name in names]
        world.energy.record(words, by=METER)
    assert world.energy.sumsOf(1, slot) == (160 * HIGHEST_MEMBER, 0)
    assert world.energy.sumsOf(1, slot + 1) == (0, 160 * HIGHEST_MEMBER)
    assert world.energy.sumsOf(1, slot + 2) == (0, 0)
    assert world.energy.sumsOf(1, slot + 3) == (0, 160 * HIGHEST_MEMBER)


def test_declare__of_accounts_without_a_meter__is_import(world: EnergyWorld) -> None:
    world.open("trader", 10**9)
    slot, declare = world.slot, world.as_settlement.declare
    declare(2, slot, 5)
    declare(2, slot, 6)
    assert world.energy.netOf(2, slot) == (True, -11)
    with refused("EnergyAccounts_DeclaredTooMuch", slot, HIGHEST - 10, 11):
        declare(2, slot, HIGHEST - 10)
    declare(2, slot, HIGHEST - 11)
    declare(1, first(world), 5)
    assert world.energy.netOf(1, first(world)) == (False, 0)


def test_set_community__of_a_day_that_has_begun__is_refused(world: EnergyWorld) -> None:
    chain = world.chain
    modules = (world.settlement.address, METER, STRANGER, world.tariffs.address)
    energy = chain.deploy("EnergyAccounts", world.manager.address, modules, 900)
    today = world.now // DAY
    with refused("EnergyAccounts_DayBegun", today):
        energy.setCommunity(1, 1, today, by=STRANGER)
    energy.setCommunity(1, 1, today + 1, by=STRANGER)
    energy.setCommunity(1, 2, today + 1, by=STRANGER)
    assert energy.membershipOf(1) == (0, 2, today + 1)
    with refused("EnergyAccounts_MembershipPending", 1, world.account("north").day, today + 1):
        energy.setCommunity(1, 0, today + 2, by=STRANGER)
    world.settlement.setCursor(1, today + 1)
    energy.setCommunity(1, 0, today + 2, by=STRANGER)
    assert energy.membershipOf(1) == (2, 0, today + 2)


def test_prolong__what_cannot_be__is_refused(world: EnergyWorld) -> None:
    energy, slot, guardian = world.energy, world.slot, world.authority
    with refused("AccessManagedUnauthorized", _checksum(STRANGER)):
        energy.prolong(slot, slot + 1, 1, by=STRANGER)
    with refused("EnergyAccounts_TooLong", 7 * DAY + 1, 7 * DAY):
        energy.prolong(slot, slot + 1, 7 * DAY + 1, by=guardian)
    with refused("EnergyAccounts_NothingProlonged"):
        energy.prolong(slot, slot + 1, 0, by=guardian)
    for end in (slot, slot + 7 * 96 + 1):
        with refused("EnergyAccounts_BadRange", slot, end):
            energy.prolong(slot, end, 1, by=guardian)
    latest = (world.now + DAY) // 900
    for late in (latest + 1, 2**256 - 1):
        with refused("EnergyAccounts_TooFarAhead", late, latest):
            energy.prolong(late, late, 1, by=guardian)
    mark = world.chain.snapshot()
    energy.prolong(latest, latest + 7 * 96, 1, by=guardian)
    world.chain.revert(mark)
    with refused("EnergyAccounts_SlotFinal", slot - 9):
        energy.prolong(slot - 9, slot, 1, by=guardian)
    energy.prolong(slot, slot + 2, 900, by=guardian)
    assert world.chain.logs[0][1:] == (
        "Prolonged",
        {"from_slot": slot, "to_slot": slot + 2, "extra": 900},
    )
    with refused("EnergyAccounts_OutageOpen", slot + 1):
        energy.prolong(slot + 2, slot + 3, 1, by=guardian)
    world.chain.set_time((slot + 1) * 900 + 1799)
    assert not energy.isFinal(slot)
    world.chain.set_time((slot + 1) * 900 + 1800)
    assert energy.isFinal(slot)
    assert not energy.isFinal(slot + 1)
    # A slot after the outage can be final before one in it.
    world.chain.set_time((slot + 3) * 900 + 900)
    assert energy.isFinal(slot + 2)
