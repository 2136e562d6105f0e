"""PriceOracle as a Chainlink feed: getRoundData, latestRoundData, and somebody who reads it."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.contract import Contract
from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.enums import RoundStatus
from tests.support.market import Market
from tests.support.refusals import error_data, refused
from tests.unit.contracts.oracles.operations import (
    MAX_AGE,
    PRICE_FEED,
    PRICE_ORACLE,
    QUORUM,
    all_submit,
    answer,
    confirm,
    round_of,
    submit,
)


def test_latest_round_data__no_answer_yet__refused(
    market: Market, reporters: list[LocalAccount]
) -> None:
    all_submit(market, PRICE_ORACLE, reporters, (1,), (1,))

    with refused(errors.MedianOracle_NoAnswer, feed=PRICE_FEED):
        market.price_oracle.call("latestRoundData")


def test_latest_round_data__answered__the_newest_with_its_times(
    market: Market, reporters: list[LocalAccount]
) -> None:
    answer(market, PRICE_ORACLE, reporters, (100_000,))
    first = all_submit(market, PRICE_ORACLE, reporters, (100_001,))
    market.go_to(first.time + 1000)
    submit(market, PRICE_ORACLE, reporters[1], 2, (100_003,))
    last = submit(market, PRICE_ORACLE, reporters[2], 2, (100_002,))

    expected = (2, 100_002, first.time, last.time, 2)
    assert market.price_oracle.call("latestRoundData") == expected
    assert market.price_oracle.call("getRoundData", 2) == expected


def test_latest_round_data__held_or_stale__still_the_answer_before_with_its_true_time(
    market: Market, reporters: list[LocalAccount]
) -> None:
    answer(market, PRICE_ORACLE, reporters, (100_000,))
    before = market.price_oracle.call("latestRoundData")
    answer(market, PRICE_ORACLE, reporters, (200_000,))
    market.go_to(market.now + 10 * MAX_AGE)

    assert market.price_oracle.call("latestRoundData") == before
    confirm(market, PRICE_ORACLE, 2)
    assert market.price_oracle.call("latestRoundData")[:2] == (2, 200_000)


def test_get_round_data__not_answered_rounds__refused(
    market: Market, reporters: list[LocalAccount]
) -> None:
    answer(market, PRICE_ORACLE, reporters, (100_000,))
    answer(market, PRICE_ORACLE, reporters, (200_000,))
    lone = submit(market, PRICE_ORACLE, reporters[0], 3, (1,))
    market.go_to(lone.time + MAX_AGE + 1)
    submit(market, PRICE_ORACLE, reporters[0], 4, (1,))

    statuses = [round_of(market, PRICE_ORACLE, number).status for number in (2, 3, 4)]
    assert statuses == [RoundStatus.HELD, RoundStatus.ABANDONED, RoundStatus.OPEN]
    assert market.price_oracle.call("getRoundData", 1)[:2] == (1, 100_000)
    for number in (0, 2, 3, 4, 5, 2**80 - 1):
        with refused(errors.MedianOracle_NoSuchRound, feed=PRICE_FEED, round=number):
            market.price_oracle.call("getRoundData", number)


@pytest.mark.parametrize("decimals", [6, 8, 18])
def test_feed_reader__feeds_of_6_8_and_18_decimals__the_same_price_in_each_unit(
    market: Market, reporters: list[LocalAccount], decimals: int
) -> None:
    """A quarter of a dollar, and a unit too fine for the reader, which it leaves out."""
    oracle = deployed(market, decimals)
    price = 25 * 10 ** (decimals - 2) + 1
    all_submit(market, PRICE_ORACLE, reporters, *([(price,)] * QUORUM), contract=oracle)
    reader = market.deploy("FeedReader", oracle.address, MAX_AGE)

    for wanted in (6, 8, 18):
        assert reader.call("read", wanted) == price * 10**wanted // 10**decimals


def test_feed_reader__silence__it_refuses_itself(
    market: Market, reporters: list[LocalAccount]
) -> None:
    reader = market.deploy("FeedReader", market.price_oracle.address, 3600)
    with refused(errors.MedianOracle_NoAnswer, feed=PRICE_FEED):
        reader.call("read", 6)
    last = answer(market, PRICE_ORACLE, reporters, (100_000,))

    market.go_to(last.time + 3600)
    assert reader.call("read", 6) == 100_000
    market.go_to(last.time + 3601)
    stale = error_data(reader, "FeedReader_Stale", last.time)
    with refused(errors.UnknownRevert, data=stale):
        reader.call("read", 6)


def deployed(market: Market, decimals: int) -> Contract:
    """A price oracle of its own whose reporters are the market's."""
    oracle = market.deploy("PriceOracle", market.access.address, (QUORUM, MAX_AGE), decimals, 2000)
    function = oracle.abi.function("submitPrice").selector
    market.do(
        market.roles[Role.ADMIN],
        market.access,
        *("setTargetFunctionRole", oracle.address, [function], Role.REPORTER),
    )
    return oracle
