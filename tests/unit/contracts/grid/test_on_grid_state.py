"""GridManagement.onGridState: prices follow an answer of the GridOracle, which always stands."""

from __future__ import annotations

import pytest

from tests.model.market import BPS
from tests.support.core.chain import Reverted, refused
from tests.support.core.grid_suite import ADMIN, DAY, REPORTERS, GridWorld, name
from tests.unit.contracts.grid.participants import events, log

HOME = name("home")
STATE = (2_000, 1_000, 5_000, 100)
JUMP = (9_000, 1_000, 5_000, 100)
REPORTER = REPORTERS[0]
# Full load, demand twice the supply, at night: 1.5 * (0.3 * 2 + 0.3 + 0.2 * 0.8 + 0.2).
FACTOR = 18_900


def test_on_grid_state__answer__writes_the_following_slots(world: GridWorld) -> None:
    world.report_grid("home", STATE, REPORTER)
    assert events(world) == ["ReportSubmitted", "RoundAnswered", "FactorsWritten"]
    first, end = world.running + 1, -(-(world.now + 7_200) // 900)
    written = {"id": 1, "from_slot": first, "to_slot": end, "factor": FACTOR}
    assert log(world, "FactorsWritten") == written
    world.compare("home")


def test_on_grid_state__region_without_a_tariff__writes_nothing(world: GridWorld) -> None:
    world.report_grid("nowhere", STATE, REPORTER)
    assert events(world) == ["ReportSubmitted", "RoundAnswered"]


def test_on_grid_state__confirmed_round__writes_only_while_it_is_fresh(world: GridWorld) -> None:
    world.report_grid("home", STATE, REPORTER)
    world.chain.set_time(world.now + 3_600)
    world.report_grid("home", JUMP, REPORTER)
    held = world.now
    world.chain.set_time(world.now + 6_000)
    world.confirm_grid("home")
    world.compare("home")
    fresh_end = -(-(held + 7_200) // 900)
    assert world.tariffs.factorOf(1, fresh_end - 1) > BPS == world.tariffs.factorOf(1, fresh_end)


def test_on_grid_state__held_round__takes_the_old_prices_back(world: GridWorld) -> None:
    """The state before is not fresh any more, so no following slot is priced by it."""
    world.report_grid("home", STATE, REPORTER)
    assert world.tariffs.factorOf(1, world.running + 1) == FACTOR
    world.report_grid("home", JUMP, REPORTER)
    assert events(world) == ["ReportSubmitted", "RoundHeld", "FactorsWritten"]
    first, end = world.running + 1, -(-(world.now + 7_200) // 900)
    assert {world.tariffs.factorOf(1, slot) for slot in range(first, end)} == {BPS}
    world.compare("home")
    world.confirm_grid("home")
    assert world.tariffs.factorOf(1, first) == FACTOR
    world.compare("home")


def test_on_grid_state__by_others__refused(world: GridWorld) -> None:
    with refused("GridManagement_OnlyOracle", ADMIN):
        world.grid.onGridState(HOME, by=ADMIN)


def test_on_grid_state__refused__answer_stands(world: GridWorld) -> None:
    manager = world.chain.deploy("AccessManager", REPORTER).address
    oracle = world.chain.deploy("GridOracle", manager, (1, 7_200), world.double.address)
    oracle.submitGridState(HOME, 1, STATE, by=REPORTER)
    assert events(world) == ["ReportSubmitted", "RoundAnswered", "PricesNotWritten"]
    assert oracle.isFresh(HOME)


def test_on_grid_state__too_little_gas__answer_is_refused_as_a_whole(world: GridWorld) -> None:
    """No amount of gas lets the answer stand without its prices."""
    function = world.grid_oracle.abi.function("submitGridState")
    data, oracle = function.encode([HOME, 1, STATE]), world.grid_oracle.address
    names = set()
    for gas in range(100_000, 1_650_000, 50_000):
        mark = world.chain.evm.snapshot()
        with pytest.raises(Reverted) as refusal, world.chain._decoded():
            world.chain.evm.message_call(REPORTER, oracle, calldata=data, gas=gas)
        names.add(refusal.value.name.partition(" ")[0])
        world.chain.evm.revert(mark)
    assert "GridOracle_TooLittleGas" in names
    assert world.grid_oracle.openRoundOf(HOME) == 1
    world.chain.evm.message_call(REPORTER, oracle, calldata=data, gas=1_900_000)
    assert world.tariffs.factorOf(1, world.running + 1) == FACTOR


def test_on_grid_state__most_slots__far_below_the_gas_that_the_oracle_gives() -> None:
    world = GridWorld(slot=300, max_age=DAY)
    world.report_grid("home", STATE, REPORTER)
    assert world.chain.gas < 1_000_000
