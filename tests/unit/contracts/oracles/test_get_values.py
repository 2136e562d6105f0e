"""getWeather, tryWeather, getGridState, tryGridState."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from tests.support.market import Market
from tests.support.refusals import refused
from tests.unit.contracts.oracles.operations import (
    GRID_ORACLE,
    MAX_AGE,
    SOUTH,
    WEATHER_ORACLE,
    Oracle,
    answer,
    confirm,
    round_of,
)

NOTHING = (0, 0, 0, 0)
GETTERS = {"WeatherOracle": "getWeather", "GridOracle": "getGridState"}
TRIERS = {"WeatherOracle": "tryWeather", "GridOracle": "tryGridState"}

both = pytest.mark.parametrize("oracle", [WEATHER_ORACLE, GRID_ORACLE], ids=str)


def get(market: Market, oracle: Oracle) -> tuple[int, ...]:
    return tuple(oracle.at(market).call(GETTERS[oracle.name], oracle.feed))


def attempt(market: Market, oracle: Oracle) -> tuple[bool, tuple[int, ...]]:
    is_fresh, values = oracle.at(market).call(TRIERS[oracle.name], oracle.feed)
    return is_fresh, tuple(values)


@both
def test_get__no_answer_yet__refused(market: Market, oracle: Oracle) -> None:
    with refused(errors.MedianOracle_NoAnswer, feed=oracle.feed):
        get(market, oracle)
    assert attempt(market, oracle) == (False, NOTHING)


@both
def test_get__fresh__the_values(
    market: Market, reporters: list[LocalAccount], oracle: Oracle
) -> None:
    answer(market, oracle, reporters, oracle.usual)

    assert get(market, oracle) == oracle.usual
    assert attempt(market, oracle) == (True, oracle.usual)
    assert oracle.at(market).call(TRIERS[oracle.name], SOUTH) == (False, NOTHING)


@both
def test_get__held__refused_until_confirmed(
    market: Market, reporters: list[LocalAccount], oracle: Oracle
) -> None:
    answer(market, oracle, reporters, oracle.usual)
    answer(market, oracle, reporters, oracle.jump)

    with refused(errors.MedianOracle_Held, feed=oracle.feed, round=2):
        get(market, oracle)
    assert attempt(market, oracle) == (False, NOTHING)

    confirm(market, oracle, 2)
    assert get(market, oracle) == oracle.jump
    assert attempt(market, oracle) == (True, oracle.jump)


@both
def test_get__reporters_fall_silent__refused_after_the_maximum_age(
    market: Market, reporters: list[LocalAccount], oracle: Oracle
) -> None:
    answer(market, oracle, reporters, oracle.usual)
    oldest = round_of(market, oracle, 1).updated_at

    market.go_to(oldest + MAX_AGE)
    assert get(market, oracle) == oracle.usual
    market.go_to(oldest + MAX_AGE + 1)
    with refused(errors.MedianOracle_Stale, feed=oracle.feed, updated_at=oldest, max_age=MAX_AGE):
        get(market, oracle)
    assert attempt(market, oracle) == (False, NOTHING)

    answer(market, oracle, reporters, oracle.usual)
    assert get(market, oracle) == oracle.usual
