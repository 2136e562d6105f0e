"""The GridOracle and GridManagement: an answer always stands, and prices always follow it."""

from __future__ import annotations

import pytest

from tests.model.market import BPS
from tests.support.core.chain import Reverted, refused
from tests.support.core.grid_suite import ADMIN, DAY, REPORTERS, STABILITY, GridWorld, name

STATE = (2_000, 1_000, 5_000, 100)
REPORTER = REPORTERS[0]


@pytest.fixture
def world() -> GridWorld:
    return GridWorld()


def _events(world: GridWorld) -> list[str]:
    return [event for _, event, _ in world.chain.logs]


def test_answer__writes_the_following_slots(world: GridWorld) -> None:
    world.report_grid("home", STATE, REPORTER)
    assert _events(world) == ["ReportSubmitted", "RoundAnswered", "FactorsWritten"]
    written = world.chain.logs[-1][2]
    first, end = world.running + 1, -(-(world.now + 7_200) // 900)
    # Full load, demand twice the supply, at night: 1.5 * (0.3 * 2 + 0.3 + 0.2 * 0.8 + 0.2).
    assert written == {"id": 1, "from_slot": first, "to_slot": end, "factor": 18_900}
    world.compare("home")


def test_answer__of_a_region_without_a_tariff__writes_nothing(world: GridWorld) -> None:
    world.report_grid("nowhere", STATE, REPORTER)
    assert _events(world) == ["ReportSubmitted", "RoundAnswered"]
    with refused("Tariffs_UnknownRegion", name("nowhere")):
        world.grid.getMarketPrice(name("nowhere"))


def test_answer__that_grid_management_refuses__stands(world: GridWorld) -> None:
    arguments = world.grid_oracle.chain.deploy("AccessManager", REPORTER).address, (1, 7_200)
    oracle = world.chain.deploy("GridOracle", *arguments, world.double.address)
    oracle.submitGridState(name("home"), 1, STATE, by=REPORTER)
    assert _events(world) == ["ReportSubmitted", "RoundAnswered", "PricesNotWritten"]
    assert oracle.isFresh(name("home"))


def test_answer__with_too_little_gas__is_refused_as_a_whole(world: GridWorld) -> None:
    function = world.grid_oracle.abi.function("submitGridState")
    data = function.encode([name("home"), 1, STATE])
    oracle = world.grid_oracle.address
    for gas in range(100_000, 1_650_000, 50_000):
        mark = world.chain.evm.snapshot()
        with pytest.raises((Reverted, RuntimeError)), world.chain._decoded():
            world.chain.evm.message_call(REPORTER, oracle, calldata=data, gas=gas)
        world.chain.evm.revert(mark)
    assert world.grid_oracle.openRoundOf(name("home")) == 1
    world.chain.evm.message_call(REPORTER, oracle, calldata=data, gas=1_900_000)
    assert world.tariffs.factorOf(1, world.running + 1) == 18_900


def test_gas_of_most_slots__is_far_below_what_the_oracle_gives() -> None:
    world = GridWorld(slot=300, max_age=DAY)
    world.report_grid("home", STATE, REPORTER)
    assert world.chain.gas < 1_000_000


def test_confirmed_round__writes_only_while_it_is_fresh(world: GridWorld) -> None:
    world.report_grid("home", STATE, REPORTER)
    world.chain.set_time(world.now + 3_600)
    world.report_grid("home", (9_000, 1_000, 5_000, 100), REPORTER)
    assert _events(world) == ["ReportSubmitted", "RoundHeld"]
    held = world.now
    world.chain.set_time(world.now + 6_000)
    world.confirm_grid("home")
    world.compare("home")
    fresh_end = -(-(held + 7_200) // 900)
    assert world.tariffs.factorOf(1, fresh_end - 1) > BPS == world.tariffs.factorOf(1, fresh_end)


def test_emergency__triples_and_ends_by_itself(world: GridWorld) -> None:
    world.stabilize("home", True)
    begun = world.running
    assert world.grid.isRegionInEmergency(name("home"))
    world.chain.set_time((begun + 1) * 900)
    assert world.grid.call("getDynamicPrice()") == 900_000
    world.chain.set_time(world.now + 7_200)
    assert not world.grid.isRegionInEmergency(name("home"))
    assert world.grid.call("getDynamicPrice()") == 300_000


def test_emergency__renewed_and_ended__rewrites_what_has_not_begun(world: GridWorld) -> None:
    world.implement("home", 2)
    assert world.grid.emergencyProtocolOf(name("home")) == 2
    world.chain.set_time(world.now + 3_600)
    world.implement("home", 2)
    assert world.grid.emergencyUntil(name("home")) == world.now + 7_200
    running = world.running
    world.implement("home", 0)
    assert world.grid.emergencyProtocolOf(name("home")) == 0
    assert world.tariffs.factorOf(1, running) == 3 * BPS
    assert world.tariffs.factorOf(1, running + 1) == BPS


def test_toggle__turns_on_and_off_and_on_after_its_end(world: GridWorld) -> None:
    until = world.now + 7_200
    for expected in (until, 0, until):
        world.toggle()
        assert world.chain.logs[0][1:] == ("EmergencyModeSet", {"until": expected})
    world.chain.set_time(until)
    world.toggle()
    assert world.chain.logs[0][2] == {"until": until + 7_200}


def test_modules__called_by_others__refuse(world: GridWorld) -> None:
    with refused("GridManagement_OnlyOracle", ADMIN):
        world.grid.onGridState(name("home"), by=ADMIN)
    with refused("GridManagement_OnlyStability", ADMIN):
        world.grid.setRegionEmergency(name("home"), True, by=ADMIN)
    world.grid.setRegionEmergency(name("home"), True, by=STABILITY)


def test_base_price__is_scheduled_beyond_the_horizon(world: GridWorld) -> None:
    day = world.now // DAY + 16
    world.grid.call("setBasePrice(uint256)", 350_000, by=ADMIN)
    event = {"region": name("home"), "price": 350_000, "day": day}
    assert ("BasePriceSet", event) in [each[1:] for each in world.chain.logs]
    assert world.tariffs.tariffOf(name("home"), day)[0] == 350_000
    assert world.tariffs.tariffOf(name("home"), day - 1)[0] == 300_000
    world.grid.call("setBasePrice(bytes32,uint256)", name("home"), 360_000, by=ADMIN)
    assert world.tariffs.tariffOf(name("home"), day)[0] == 360_000
    with refused("Tariffs_UnknownRegion", name("nowhere")):
        world.grid.call("setBasePrice(bytes32,uint256)", name("nowhere"), 360_000, by=ADMIN)


def test_stability_maintenance__renews_the_emergency_of_an_open_event(world: GridWorld) -> None:
    operator = "0x" + 39 * "0" + "b"
    manager = world.chain.deploy("AccessManager", ADMIN).address
    operators = world.chain.deploy("GridOperatorVerification", manager, operator)
    operators.registerOperator("North", name("home"), 1_000, by=operator)
    operators.verifyOperator(operator, by=ADMIN)
    arguments = operators.address, world.double.address, world.double.address
    stability = world.chain.deploy("StabilityMaintenance", *arguments)
    told = ("RegionEmergency", {"region": name("home"), "on": True})
    for opened in (["CriticalEventOpened"], []):
        stability.reportStabilityMetrics(name("home"), 4_700, 100, 0, by=operator)
        assert told in [each[1:] for each in world.chain.logs]
        assert [each for each in _events(world) if each == "CriticalEventOpened"] == opened
