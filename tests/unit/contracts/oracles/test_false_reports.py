"""One of four reporters lies (f of 3f + 1): whoever it is, whatever it says and whoever of them
submits in time, the answer stays within what the honest ones say."""

from __future__ import annotations

from itertools import combinations, permutations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.contract import Contract
from energy_grid.chain.roles import Role
from tests.support.examples import rewound
from tests.support.market import Market
from tests.unit.contracts.oracles.operations import (
    GRID_ORACLE,
    MAX_AGE,
    PRICE_ORACLE,
    QUORUM,
    WEATHER_ORACLE,
    Oracle,
    round_of,
    submit,
)

# What the four would honestly say, the extremes of a quantity never with the same reporter.
HONEST = {
    PRICE_ORACLE: [(100_000,), (99_990,), (100_020,), (100_005,)],
    WEATHER_ORACLE: [(700, -10, 2000, 0), (705, -4, 1990, 9), (690, 3, 2010, 4), (702, 0, 1995, 5)],
    GRID_ORACLE: [
        *((1000, 2000, 5000, 100), (1010, 1990, 4999, 101)),
        *((990, 2005, 5001, 99), (1001, 2001, 5002, 102)),
    ],
}


@pytest.mark.parametrize("liar", range(4))
@pytest.mark.parametrize("oracle", HONEST, ids=str)
@pytest.mark.parametrize("lie", ["minimum", "maximum"])
def test_liar__every_choice_of_submitters__answer_within_the_honest_range(
    market: Market, reporters: list[LocalAccount], oracle: Oracle, liar: int, lie: str
) -> None:
    output = list(HONEST[oracle])
    output[liar] = tuple(getattr(quantity, lie) for quantity in oracle.quantities)
    # In every order for one of the oracles: sorting is the same for all.
    choices = permutations if oracle is PRICE_ORACLE else combinations
    for order in choices(range(4), QUORUM):
        honest = [output[position] for position in order if position != liar]
        with rewound(market):
            for position in order:
                submit(market, oracle, reporters[position], 1, output[position])
            values = round_of(market, oracle, 1).values
        for value, column in zip(values, zip(*honest, strict=True), strict=True):
            assert min(column) <= value <= max(column)


@pytest.mark.parametrize(
    ("first", "second", "middle"), [(-3, 0, -2), (-4, -1, -3), (-5, -3, -4), (0, 3, 1), (1, 3, 2)]
)
def test_median__of_an_even_number__rounded_towards_minus_infinity(
    market: Market, reporters: list[LocalAccount], first: int, second: int, middle: int
) -> None:
    """A quorum of two bears no liar, and shows the rounding."""
    oracle = even(market)
    for reporter, temperature in zip(reporters, (first, second), strict=False):
        values = (0, temperature, 0, 0)
        submit(market, WEATHER_ORACLE, reporter, 1, values, contract=oracle)

    assert oracle.call("getWeather", WEATHER_ORACLE.feed)[1] == middle


def test_median__of_four__mean_of_the_middle_two(
    market: Market, reporters: list[LocalAccount]
) -> None:
    oracle = even(market, quorum=4)
    for reporter, temperature in zip(reporters, (6000, -11, -8000, -8), strict=True):
        values = (0, temperature, 0, 0)
        submit(market, WEATHER_ORACLE, reporter, 1, values, contract=oracle)

    assert oracle.call("getWeather", WEATHER_ORACLE.feed)[1] == -10


def even(market: Market, quorum: int = 2) -> Contract:
    """A weather oracle of its own whose reporters are the market's."""
    oracle = market.deploy("WeatherOracle", market.access.address, (quorum, MAX_AGE))
    function = oracle.abi.function("submitWeather").selector
    market.do(
        market.roles[Role.ADMIN],
        market.access,
        *("setTargetFunctionRole", oracle.address, [function], Role.REPORTER),
    )
    return oracle
