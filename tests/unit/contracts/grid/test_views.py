"""The views of GridManagement."""

from __future__ import annotations

import pytest

from energy_grid.domain.enums import EmergencyProtocol
from tests.support.core.chain import refused
from tests.support.core.grid_suite import REPORTERS, TARIFF, GridWorld, name
from tests.unit.contracts.grid.participants import CONSUMER, PRODUCER, STRANGER

HOME = name("home")


@pytest.mark.parametrize(
    ("view", "account"),
    [
        ("getProducerInfo", CONSUMER),
        ("getConsumerInfo", PRODUCER),
        ("getStorageInfo", PRODUCER),
        ("getProducerInfo", STRANGER),
    ],
)
def test_get_info__not_registered_as_that__refused(
    world: GridWorld, view: str, account: str
) -> None:
    with refused("GridManagement_NotRegistered", account):
        world.grid.call(view, account)


def test_get_grid_status__nothing_known__home_at_the_buy_price(world: GridWorld) -> None:
    nothing = (0, 0, 0, 0, 0, 300_000, 0, False, False)
    assert world.grid.call("getGridStatus()") == nothing
    assert world.grid.call("getGridStatus(bytes32)", HOME) == nothing


def test_get_grid_status__of_the_oracle__as_energy_of_a_slot(world: GridWorld) -> None:
    """1,500 and 2,000 kW give 375 and 500 kWh in a quarter of an hour."""
    world.report_grid("home", (1_500, 2_000, 5_000, 100), REPORTERS[0])
    world.grid.reportProduction(700, by=PRODUCER)
    seen = (500_000, 700, 375_000, 125_000, 7_500, 300_000, 0, False, True)
    assert world.grid.call("getGridStatus()") == seen
    world.chain.set_time(world.now + 900)
    world.report_grid("home", (2_200, 2_000, 5_000, 100), REPORTERS[0])
    assert world.grid.call("getGridStatus()")[:5] == (500_000, 0, 550_000, 0, 11_000)


def test_is_storage__of_everybody__owners_of_a_storage_alone(world: GridWorld) -> None:
    accounts = CONSUMER, PRODUCER, STRANGER
    assert [world.grid.isStorage(account) for account in accounts] == [True, False, False]
    assert not any(world.grid.isActiveParticipant(account) for account in accounts)


def test_get_energy_production__with_and_without_sub_meters__theirs_or_the_export(
    world: GridWorld,
) -> None:
    world.grid.reportProduction(9, by=PRODUCER)
    world.double.setLifetime(PRODUCER, (1, 2, 3, 0))
    assert world.grid.getEnergyProduction(PRODUCER) == 2
    world.double.setLifetime(PRODUCER, (1, 2, 3, 4))
    assert world.grid.getEnergyProduction(PRODUCER) == 4


def test_prices__any_slot__the_tariffs_own(world: GridWorld) -> None:
    world.add_region("north", TARIFF)
    world.stabilize("north", True)
    assert world.grid.call("getDynamicPrice(bytes32)", name("north")) == 300_000
    for slot in (0, world.running, world.running + 1, 2**32 - 1):
        price = 900_000 if slot == world.running + 1 else 300_000
        assert world.grid.call("priceOf(bytes32,uint256)", name("north"), slot) == price
        assert world.grid.call("priceOf(uint256)", slot) == 300_000


def test_emergency__of_any_region__none_at_first(world: GridWorld) -> None:
    for region in (HOME, name("nowhere")):
        assert world.grid.emergencyProtocolOf(region) == EmergencyProtocol.NONE
        assert world.grid.emergencyUntil(region) == 0
        assert not world.grid.isRegionInEmergency(region)


@pytest.mark.parametrize(
    ("view", "arguments"),
    [
        ("getMarketPrice", ()),
        ("getGridStatus(bytes32)", ()),
        ("getDynamicPrice(bytes32)", ()),
        ("priceOf(bytes32,uint256)", (1,)),
    ],
)
def test_views__of_a_region_without_a_tariff__refused(
    world: GridWorld, view: str, arguments: tuple[int, ...]
) -> None:
    with refused("Tariffs_UnknownRegion", name("nowhere")):
        world.grid.call(view, name("nowhere"), *arguments)
