"""Settlement.serve and fundGrid: receivables wait in a queue, first in, first out."""

from __future__ import annotations

import pytest

from tests.model.market import Tariff
from tests.support.core.chain import refused
from tests.support.core.energy_suite import METER, boundary
from tests.support.core.settlement_suite import DAY, SettlementWorld

TARIFF = Tariff(buy=300, feed_in=80, network_fee=30, protocol_fee=5, max_factor=20_000)
NAMES = tuple(f"house {number}" for number in range(12))
# A day's feed-in of 1 kWh in every slot: whole units.
DUE = 24 * 1000 * 80
UNITS = DUE // 1000


@pytest.fixture
def world() -> SettlementWorld:
    world = SettlementWorld(TARIFF, 60, slot=3600)
    for name in NAMES:
        world.open(name, 10**6)
        world.attach(name, 8000, (0, 0))
    return world


def _live_a_day(world: SettlementWorld, net: int = 1000) -> int:
    """Every slot of the next day is read in time; that day."""
    day = world.today + 1
    for slot in range(day * 24, day * 24 + 24):
        world.chain.set_time((slot + 1) * 3600 + 1)
        words = [boundary(slot, world.numbers[name], net) for name in NAMES]
        world.energy.record(words, by=METER)
    world.chain.set_time((day + 1) * DAY + 1000)
    return day


def _close(world: SettlementWorld, names: tuple[str, ...], day: int) -> None:
    world.settlement.closeThrough([world.address(name) for name in names], day)


def _waiting(world: SettlementWorld, name: str) -> int:
    """The receivable of an account."""
    return int(world.settlement.accountOf(world.address(name))[2] >> 88)


def _paid(world: SettlementWorld) -> list[tuple[str, int]]:
    """By the last call."""
    names = {world.address(name).lower(): name for name in NAMES}
    return [
        (names[values["account"].lower()], values["amount"])
        for _, event, values in world.chain.logs
        if event == "ReceivablePaid"
    ]


def _fund(world: SettlementWorld, units: int) -> list[tuple[str, int]]:
    supplier = "0x" + 40 * "c"
    world.pay(supplier, units)
    world.settlement.fundGrid(units, by=supplier)
    return _paid(world)


def test_serve__receivables_of_one_account__do_not_overtake_those_of_others(
    world: SettlementWorld,
) -> None:
    first, second = NAMES[:2]
    day = _live_a_day(world)
    _close(world, (first, second), day)
    _close(world, (first,), _live_a_day(world))
    assert (_waiting(world, first), _waiting(world, second)) == (2 * DUE, DUE)
    assert _fund(world, UNITS) == [(first, DUE)]
    assert _fund(world, UNITS - 1) == [(second, DUE - 1000)]
    assert _fund(world, 2) == [(second, 1000), (first, 1000)]
    assert (_waiting(world, first), _waiting(world, second)) == (DUE - 1000, 0)


def test_serve__receivables_that_a_charge_sets_off__are_less_in_the_order_of_the_queue(
    world: SettlementWorld,
) -> None:
    first, second = NAMES[:2]
    day = _live_a_day(world)
    _close(world, (first, second), day)
    _close(world, (first,), _live_a_day(world))
    # A day of import costs 24 * 100 * 300: the newest entry stands, as the older one is full.
    _close(world, (first,), _live_a_day(world, -100))
    left = 2 * DUE - 24 * 100 * 300
    assert _waiting(world, first) == left
    assert world.settlement.gridAccount()[1] == left + DUE
    assert _fund(world, 10**6) == [(first, DUE), (second, DUE), (first, left - DUE)]
    assert world.settlement.gridAccount() == (10**9 - left - DUE, 0, 0, 0, 0)


def test_serve__a_long_queue__is_served_by_eight_and_by_whoever_likes(
    world: SettlementWorld,
) -> None:
    settlement = world.settlement
    day = _live_a_day(world)
    _close(world, NAMES, day)
    assert settlement.gridAccount() == (0, 12 * DUE, 0, 0, 12)
    with refused("Settlement_NothingToServe"):
        settlement.serve(1000)
    assert _fund(world, 13 * UNITS) == [(name, DUE) for name in NAMES[:8]]
    assert settlement.gridAccount() == (5 * DUE, 4 * DUE, 0, 0, 4)
    settlement.serve(0)
    assert _paid(world) == []
    settlement.serve(3)
    assert _paid(world) == [(name, DUE) for name in NAMES[8:11]]
    assert settlement.gridAccount() == (2 * DUE, DUE, 0, 0, 1)
    settlement.serve(1000)
    assert _paid(world) == [(NAMES[11], DUE)]
    assert settlement.gridAccount() == (DUE, 0, 0, 0, 0)
    with refused("Settlement_NothingToServe"):
        settlement.serve(1)


def test_serve__a_long_queue__gets_shorter_by_each_closing_while_there_is_cash(
    world: SettlementWorld,
) -> None:
    settlement, names = world.settlement, NAMES
    _close(world, names, _live_a_day(world))
    _close(world, names, _live_a_day(world))
    day = _live_a_day(world)
    # The day between brings nothing.
    _close(world, names, day - 1)
    assert settlement.gridAccount()[4] == 24
    _fund(world, 100 * UNITS)
    assert settlement.gridAccount()[4] == 16
    # Who is new does not overtake: each entry that is added serves two before it.
    _close(world, names[:2], day)
    assert _paid(world) == [(name, DUE) for name in (*names[8:], *names[:8])]
    assert settlement.gridAccount()[4] == 16 + 2 - 12
    _close(world, names[2:3], day)
    assert _paid(world)[-3:] == [(name, DUE) for name in names[:3]]
    assert settlement.gridAccount() == (100 * DUE - 27 * DUE, 0, 0, 0, 0)


def test_redeem__leaves_what_receivables_wait_for(world: SettlementWorld) -> None:
    settlement, keeper = world.settlement, world.address(NAMES[0])
    settlement.setKeeps(True, by=keeper)
    _close(world, NAMES, _live_a_day(world))
    wh = 24 * 1000
    assert settlement.gridAccount() == (0, 11 * DUE, 0, wh, 11)
    _fund(world, 11 * UNITS + 1439)
    assert settlement.gridAccount() == (3 * DUE + 1_439_000, 3 * DUE, 0, wh, 3)
    # The value of a kWh of credit is 60.
    with refused("Settlement_GridAccountShort", 1439, 1440):
        settlement.redeem(wh, by=keeper)
    _fund(world, 1)
    settlement.redeem(wh, by=keeper)
    assert settlement.gridAccount() == (0, 0, 0, 0, 0)
