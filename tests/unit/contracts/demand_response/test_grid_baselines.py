"""DemandResponse of the second edition: use by the settlement meter, and what is unknown."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from tests.support.core.chain import Deployed, refused
from tests.support.core.grid_suite import ADMIN, DAY, GridWorld, name

CONSUMER = "0x" + 39 * "0" + "3"
STRANGER = "0x" + 39 * "0" + "9"
OPERATOR = "0x" + 39 * "0" + "b"
NUMBER = 6
DAYS, HIGHEST = 5, 3
UNREAD = -(2**255)
SLOTS = 8
"""Of the event: two hours."""


class DemandWorld(GridWorld):
    """A registered consumer with a settlement meter, an operator, and an event of two hours."""

    def __init__(self) -> None:
        super().__init__()
        chain, manager = self.chain, self.chain.deploy("AccessManager", ADMIN).address
        self.double.setModules(self.grid.address, self.tariffs.address)
        operators = chain.deploy("GridOperatorVerification", manager, OPERATOR)
        operators.registerOperator("North", name("home"), 1_000, by=OPERATOR)
        operators.verifyOperator(OPERATOR, by=ADMIN)
        token = chain.deploy("TestDollar")
        token.faucet(10_000_000_000, by=OPERATOR)
        parameters = (7 * DAY, 1, DAYS, HIGHEST)
        modules = operators.address, self.double.address
        self.demand: Deployed = chain.deploy(
            "DemandResponse", manager, token.address, modules, parameters
        )
        self.demand.registerGridOperator(OPERATOR, by=ADMIN)
        self.demand.registerConsumer(CONSUMER, by=CONSUMER)
        token.approve(self.demand.address, 2**200, by=OPERATOR)
        self.double.setAccount(CONSUMER, NUMBER, 0, 0, 0)
        self.first = self.running - 60 * 96
        self.double.setMetered(NUMBER, 1, self.first, 2**32 - 1)
        self.nets: dict[int, int | None] = {}
        self.event = self.demand.startEvent(5, 1_000_000, SLOTS * 900, by=OPERATOR)
        self.start = self.running + 1

    def read(self, slot: int, net: int | None) -> None:
        """None: it is not read."""
        self.nets[slot] = net
        self.double.setNet(NUMBER, slot, UNREAD if net is None else net)

    def window(self, back: int) -> range:
        """The event's slots, days before."""
        return range(self.start - back * 96, self.start - back * 96 + SLOTS)

    def verify(self, baseline: int) -> dict[str, Any]:
        """By a stranger; the values of the event."""
        self.demand.verifyFromMeter(self.event, CONSUMER, baseline, by=STRANGER)
        values: dict[str, Any] = self.chain.logs[0][2]
        return values

    def baseline(self) -> int:
        """Of the event, in W."""
        watts: int = self.demand.baselineFromMeter(CONSUMER, self.start, self.start + SLOTS)
        return watts

    def expected(self) -> tuple[int, int]:
        """The rule again: watts, and known days."""
        today, energies, places = self.start // 96, [], DAYS
        for back in range(1, 40):
            if ((today - back + 3) % 7 > 4) != ((today + 3) % 7 > 4) or not places:
                continue
            places -= 1
            nets = [self.nets.get(slot) for slot in self.window(back)]
            if None not in nets and self.window(back)[0] >= self.first:
                energies.append(sum(max(0, -(net or 0)) for net in nets))
        highest = sorted(energies)[-HIGHEST:]
        return sum(highest) * 3_600 // (HIGHEST * SLOTS * 900), len(energies)


@pytest.fixture
def world() -> DemandWorld:
    """Days of 1,000 Wh in each of the event's slots, and an event of 400."""
    world = DemandWorld()
    for back in range(1, 12):
        for slot in world.window(back):
            world.read(slot, -1_000)
    for slot in world.window(0):
        world.read(slot, -400)
    world.chain.set_time((world.start + SLOTS) * 900 + 900)
    return world


@pytest.mark.parametrize("seed", range(15))
def test_random_weeks__agree_with_the_rule(seed: int) -> None:
    world, draws = DemandWorld(), Random(seed)
    world.first = draws.choice((world.first, world.start - draws.randint(1, 9) * 96))
    world.double.setMetered(NUMBER, 1, world.first, 2**32 - 1)
    for back in range(1, 12):
        for slot in world.window(back):
            missing = draws.random() < 0.02
            world.read(slot, None if missing else draws.randint(-2_000, 500))
    watts, found = world.expected()
    if found < HIGHEST:
        with refused("DemandResponse_TooFewDays", CONSUMER, found, HIGHEST):
            world.baseline()
    else:
        assert world.baseline() == watts


def test_reduction__is_the_settlement_meters(world: DemandWorld) -> None:
    assert world.baseline() == 4_000
    # Export in one slot does not make up for import in another one.
    world.read(world.start, 900)
    found = world.verify(4_500)
    assert list(found.values())[3:] == [4_000, 1_400, 2_600, True]


@pytest.mark.parametrize("net", [None, 0])
def test_event_slot__unread_or_like_a_late_one__is_refused(
    world: DemandWorld, net: int | None
) -> None:
    world.read(world.start + 5, net)
    with refused("DemandResponse_IncompleteReadings", CONSUMER, world.start + 5):
        world.verify(4_500)


def test_baseline_slot__read_late__only_lowers_it(world: DemandWorld) -> None:
    for back in range(1, 12):
        world.read(world.window(back)[0], 0)
    assert world.baseline() == 3_500


@pytest.mark.parametrize("bounds", [(1, 2**32 - 1), (0, SLOTS - 1)])
def test_event__outside_the_meters_time__is_refused(
    world: DemandWorld, bounds: tuple[int, int]
) -> None:
    """What an account without a meter has declared is no use."""
    since = world.start + 1 if bounds[0] else world.first
    until = bounds[1] if bounds[0] else world.start + SLOTS - 1
    world.double.setMetered(NUMBER, 1, since, until)
    with refused("DemandResponse_IncompleteReadings", CONSUMER, world.start):
        world.verify(4_500)


def test_accounts__without_a_meter_or_a_number__have_no_baseline(world: DemandWorld) -> None:
    world.double.setMetered(NUMBER, 0, 0, 0)
    with refused("DemandResponse_TooFewDays", CONSUMER, 0, HIGHEST):
        world.baseline()
    world.double.setAccount(CONSUMER, 0, 0, 0, 0)
    with refused("DemandResponse_TooFewDays", CONSUMER, 0, HIGHEST):
        world.baseline()
    with refused("DemandResponse_IncompleteReadings", CONSUMER, world.start):
        world.verify(4_500)


def test_event__of_another_region__is_refused(world: DemandWorld) -> None:
    world.double.setMetered(NUMBER, 2, world.first, 2**32 - 1)
    with refused("DemandResponse_OtherRegion", CONSUMER, name("home")):
        world.verify(4_500)
