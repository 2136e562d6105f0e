"""GridManagement's constructor."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.support.core.grid_suite import FORWARDER, STABILITY, GridWorld
from tests.unit.contracts.grid.participants import STRANGER


def test_constructor__modules__each_in_its_place(world: GridWorld) -> None:
    modules = {
        "SETTLEMENT": world.double,
        "TARIFFS": world.tariffs,
        "METER": world.double,
        "PRICE_ORACLE": world.price_oracle,
        "WEATHER_ORACLE": world.weather_oracle,
        "GRID_ORACLE": world.grid_oracle,
        "BANDS": world.bands,
    }
    grid = world.grid
    assert {name: grid.call(name) for name in modules} == {
        name: module.address for name, module in modules.items()
    }
    assert (grid.STABILITY(), grid.SLOT_LENGTH()) == (STABILITY, 900)
    assert grid.isConsumingScheduledOp() == bytes(4)
    assert grid.isTrustedForwarder(FORWARDER)
    assert not grid.isTrustedForwarder(STABILITY)


def test_constructor__token_without_decimals__refused(world: GridWorld) -> None:
    settlement = world.chain.deploy("GridDouble", STRANGER).address
    rest = (
        STABILITY,
        *(
            oracle.address
            for oracle in (world.price_oracle, world.weather_oracle, world.grid_oracle, world.bands)
        ),
    )
    modules = FORWARDER, settlement, world.tariffs.address, settlement, *rest
    with refused("0x"):
        world.chain.deploy("GridManagement", world.grid.authority(), modules)
