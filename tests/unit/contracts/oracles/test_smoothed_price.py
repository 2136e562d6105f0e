"""PriceOracle.smoothedPrice."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from tests.support.market import Market
from tests.unit.contracts.oracles.operations import (
    MAX_AGE,
    PRICE_ORACLE,
    answer,
    confirm,
    round_of,
)


def smoothed(market: Market) -> tuple[bool, int]:
    is_fresh, price = market.price_oracle.call("smoothedPrice")
    return is_fresh, price


def test_smoothed_price__before_the_first_answer__zero(market: Market) -> None:
    assert smoothed(market) == (False, 0)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (100_000, 108_000, 101_000),
        (100_000, 92_000, 99_000),
        # Steps of 7/8 are none, of 15/8 one: towards the old value on both sides.
        (100_000, 100_007, 100_000),
        (100_000, 99_993, 100_000),
        (100_000, 100_015, 100_001),
        (100_000, 99_985, 99_999),
        (100_000, 100_008, 100_001),
        (100_000, 99_992, 99_999),
        (1, 1, 1),
        (2**96 - 1, 2**96 - 1, 2**96 - 1),
        (2**96 - 1, 2**96 - 9, 2**96 - 2),
    ],
)
def test_smoothed_price__second_answer__an_eighth_of_the_way(
    market: Market, reporters: list[LocalAccount], first: int, second: int, expected: int
) -> None:
    answer(market, PRICE_ORACLE, reporters, (first,))
    assert smoothed(market) == (True, first)

    answer(market, PRICE_ORACLE, reporters, (second,))
    assert smoothed(market) == (True, expected)


def test_smoothed_price__held_round__counts_when_it_is_confirmed(
    market: Market, reporters: list[LocalAccount]
) -> None:
    answer(market, PRICE_ORACLE, reporters, (100_000,))
    answer(market, PRICE_ORACLE, reporters, (180_000,))
    assert smoothed(market) == (False, 100_000)

    confirm(market, PRICE_ORACLE, 2)
    assert smoothed(market) == (True, 110_000)


def test_smoothed_price__held_round_that_the_next_confirms__counts_once(
    market: Market, reporters: list[LocalAccount]
) -> None:
    answer(market, PRICE_ORACLE, reporters, (100_000,))
    answer(market, PRICE_ORACLE, reporters, (180_000,))
    answer(market, PRICE_ORACLE, reporters, (180_000,))

    assert smoothed(market) == (True, 110_000)


def test_smoothed_price__silence__the_same_but_not_fresh(
    market: Market, reporters: list[LocalAccount]
) -> None:
    answer(market, PRICE_ORACLE, reporters, (100_000,))
    oldest = round_of(market, PRICE_ORACLE, 1).updated_at

    market.go_to(oldest + MAX_AGE)
    assert smoothed(market) == (True, 100_000)
    market.go_to(oldest + MAX_AGE + 1)
    assert smoothed(market) == (False, 100_000)
