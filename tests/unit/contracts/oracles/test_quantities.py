"""What each quantity can be, and how far it may jump."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from energy_grid.domain.enums import RoundStatus
from tests.support.examples import rewound
from tests.support.market import Market
from tests.support.refusals import refused
from tests.unit.contracts.oracles.operations import (
    GRID_ORACLE,
    ORACLES,
    PRICE_ORACLE,
    WEATHER_ORACLE,
    Oracle,
    answer,
    round_of,
    submit,
    word,
)

EVERY = [
    pytest.param(oracle, index, id=quantity.name)
    for oracle in ORACLES
    for index, quantity in enumerate(oracle.quantities)
]
# Oracle, quantity, value before, and the furthest values that are no jump.
LIMITS = [
    pytest.param(PRICE_ORACLE, 0, 100_000, 80_000, 120_000, id="price"),
    # A fifth of 9 is 1.8.
    pytest.param(PRICE_ORACLE, 0, 9, 8, 10, id="price of few units"),
    pytest.param(PRICE_ORACLE, 0, 4, 4, 4, id="price too small to move"),
    pytest.param(WEATHER_ORACLE, 0, 700, 100, 1300, id="irradiance"),
    pytest.param(WEATHER_ORACLE, 1, -150, -1150, 850, id="temperature"),
    pytest.param(WEATHER_ORACLE, 2, 2000, 500, 3500, id="wind speed"),
    pytest.param(GRID_ORACLE, 0, 1001, 501, 1501, id="demand"),
    pytest.param(GRID_ORACLE, 0, 200, 100, 300, id="demand, both limits"),
    pytest.param(GRID_ORACLE, 0, 150, 50, 250, id="small demand"),
    pytest.param(GRID_ORACLE, 0, 2**63 - 1, 2**62, 3 * 2**62 - 2, id="huge demand"),
    pytest.param(GRID_ORACLE, 1, 2002, 1001, 3003, id="supply"),
    pytest.param(GRID_ORACLE, 1, 110, 10, 210, id="small supply"),
    pytest.param(GRID_ORACLE, 2, 5000, 4900, 5100, id="frequency"),
    pytest.param(GRID_ORACLE, 3, 100, 85, 115, id="voltage"),
]


@pytest.mark.parametrize(("oracle", "index"), EVERY)
@pytest.mark.parametrize("bound", ["minimum", "maximum"])
def test_quantity__at_its_bounds__kept(
    market: Market, reporters: list[LocalAccount], oracle: Oracle, index: int, bound: str
) -> None:
    values = oracle.with_value(index, getattr(oracle.quantities[index], bound))

    answer(market, oracle, reporters, values)

    assert round_of(market, oracle, 1).values == values


@pytest.mark.parametrize("bound", ["minimum", "maximum"])
@pytest.mark.parametrize("oracle", ORACLES, ids=str)
def test_quantity__all_at_their_bounds__none_spills_into_another(
    market: Market, reporters: list[LocalAccount], oracle: Oracle, bound: str
) -> None:
    values = tuple(getattr(quantity, bound) for quantity in oracle.quantities)

    answer(market, oracle, reporters, values)

    assert round_of(market, oracle, 1).values == values


@pytest.mark.parametrize(("oracle", "index"), EVERY)
@pytest.mark.parametrize("above", [False, True])
def test_quantity__one_beyond_its_bounds__refused(
    market: Market, reporters: list[LocalAccount], oracle: Oracle, index: int, above: bool
) -> None:
    quantity = oracle.quantities[index]
    value = quantity.maximum + 1 if above else quantity.minimum - 1
    if value < 0 and quantity.name not in ("price", "temperature"):
        # Unsigned: cannot be written at all.
        value = quantity.maximum * 2 + 2

    with refused(
        errors.MedianOracle_OutOfBounds,
        quantity=word(quantity.name),
        value=value,
        minimum=quantity.minimum,
        maximum=quantity.maximum,
    ):
        submit(market, oracle, reporters[0], 1, oracle.with_value(index, value))


@pytest.mark.parametrize("price", [-1, -(2**255), 2**255 - 1])
def test_quantity__impossible_price__refused(
    market: Market, reporters: list[LocalAccount], price: int
) -> None:
    with refused(
        errors.MedianOracle_OutOfBounds,
        quantity=word("price"),
        value=price,
        minimum=1,
        maximum=2**96 - 1,
    ):
        submit(market, PRICE_ORACLE, reporters[0], 1, (price,))


@pytest.mark.parametrize("value", [2**255, 2**256 - 1])
@pytest.mark.parametrize(
    ("oracle", "index"),
    [case for case in EVERY if case.id not in ("price", "temperature")],
)
def test_quantity__number_without_a_signed_equal__refused(
    market: Market, reporters: list[LocalAccount], oracle: Oracle, index: int, value: int
) -> None:
    with refused(errors.SafeCastOverflowedUintToInt, value=value):
        submit(market, oracle, reporters[0], 1, oracle.with_value(index, value))


@pytest.mark.parametrize(("oracle", "index", "before", "lowest", "highest"), LIMITS)
def test_quantity__jump_at_the_limit_and_one_beyond__answered_and_held(
    market: Market,
    reporters: list[LocalAccount],
    oracle: Oracle,
    index: int,
    before: int,
    lowest: int,
    highest: int,
) -> None:
    for value, status in (
        (lowest, RoundStatus.ANSWERED),
        (highest, RoundStatus.ANSWERED),
        (lowest - 1, RoundStatus.HELD),
        (highest + 1, RoundStatus.HELD),
    ):
        with rewound(market):
            answer(market, oracle, reporters, oracle.with_value(index, before))
            answer(market, oracle, reporters, oracle.with_value(index, value))
            assert round_of(market, oracle, 2).status is status, value


@pytest.mark.parametrize(("before", "after"), [(0, 10_000), (10_000, 0)])
def test_quantity__cloud_cover__never_held(
    market: Market, reporters: list[LocalAccount], before: int, after: int
) -> None:
    for cover in (before, after):
        answer(market, WEATHER_ORACLE, reporters, WEATHER_ORACLE.with_value(3, cover))

    assert round_of(market, WEATHER_ORACLE, 2).status is RoundStatus.ANSWERED


@pytest.mark.parametrize("kilowatts", [1, 2**31, 2**32 - 1, 2**32, 2**64 - 1])
def test_quantity__power_beside_the_lowest_of_all_others__whole(
    market: Market, reporters: list[LocalAccount], kilowatts: int
) -> None:
    """A supply's upper half is kept in another word than its lower one."""
    for values in ((kilowatts, 0, 4500, 50), (0, kilowatts, 4500, 50)):
        with rewound(market):
            answer(market, GRID_ORACLE, reporters, values)
            assert round_of(market, GRID_ORACLE, 1).values == values
