"""GridManagement's constructor."""

from __future__ import annotations

import pytest

from energy_grid.chain.contract import Contract
from energy_grid.contracts import errors
from tests.support.market import Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.grid.operations import SLOT

HIGHEST = (2**64 - 1) // 3


MODULES = {
    "STABILITY": actor("stability").address,
    "PRICE_ORACLE": actor("price oracle").address,
    "WEATHER_ORACLE": actor("weather oracle").address,
    "GRID_ORACLE": actor("grid oracle").address,
}


def deploy(market: Market, base_price: int, *, settlement: str | None = None) -> Contract:
    return market.deploy(
        "GridManagement",
        market.access.address,
        settlement or market.settlement.address,
        market.meters.address,
        tuple(MODULES.values()),
        base_price,
    )


@pytest.mark.parametrize("price", [0, HIGHEST + 1, 2**208, 2**256 - 1])
def test_constructor__base_price_out_of_range__refused(market: Market, price: int) -> None:
    name = b"basePrice".ljust(32, b"\0")

    with refused(errors.GridManagement_BadParameter, name=name, value=price):
        deploy(market, price)


@pytest.mark.parametrize("price", [1, HIGHEST])
def test_constructor__base_price_at_its_bounds__in_force_from_the_first_slot(
    market: Market, price: int
) -> None:
    grid = deploy(market, price)

    assert grid.call("getDynamicPrice") == price
    for slot in (0, 1, SLOT, SLOT + 1):
        assert grid.call("basePriceOf", slot) == grid.call("priceOf", slot) == price
    events = grid.history("BasePriceSet")
    assert [dict(event.arguments) for event in events] == [{"price": price}]


def test_constructor__slot_length__is_settlement_s(market: Market, quarter_hours: Market) -> None:
    assert deploy(market, 1).call("SLOT_LENGTH") == 3600
    grid = deploy(quarter_hours, 1)
    assert grid.call("SLOT_LENGTH") == 900
    assert grid.call("SETTLEMENT") == quarter_hours.settlement.address
    assert grid.call("METER") == quarter_hours.meters.address


def test_constructor__modules__each_in_its_place(market: Market) -> None:
    """Nothing is asked of them yet: they are deployed later."""
    grid = deploy(market, 1)

    assert {name: grid.call(name) for name in MODULES} == MODULES


def test_constructor__token_without_decimals__refused(market: Market) -> None:
    nobody = actor("nobody").address
    settlement = market.deploy(
        "Settlement",
        *(market.access.address, nobody, (nobody,) * 5),
        *((3600, 3600, 3600, 3600, 0), 0),
    )

    with refused(errors.UnknownRevert, data=b""):
        deploy(market, 1, settlement=settlement.address)
