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
    second = submit(market, PRICE_ORACLE, reporters[1], 2, (100_003,))
    # The first one corrects itself, so the second is the oldest.
    submit(market, PRICE_ORACLE, reporters[0], 2, (100_001,))
    submit(market, PRICE_ORACLE, reporters[2], 2, (100_002,))

    expected = (2, 100_002, first.time, second.time, 2)
    assert market.price_oracle.call("latestRoundData") == expected
    assert market.price_oracle.call("getRoundData", 2) == expected


def test_latest_round_data__silence__the_same_with_its_true_time(
    market: Market, reporters: list[LocalAccount]
) -> None:
    answer(market, PRICE_ORACLE, reporters, (100_000,))
    before = market.price_oracle.call("latestRoundData")
    submit(market, PRICE_ORACLE, reporters[0], 2, (100_000,))
    market.go_to(market.now + 10 * MAX_AGE)

    assert market.price_oracle.call("latestRoundData") == before


def test_latest_round_data__held__answer_before_without_a_time(
    market: Market, reporters: list[LocalAccount]
) -> None:
    """A jump that nobody has confirmed is no complete round."""
    oracle = market.price_oracle
    answer(market, PRICE_ORACLE, reporters, (100_000,))
    answer(market, PRICE_ORACLE, reporters, (200_000,))
    held = round_of(market, PRICE_ORACLE, 2)

    expected = (2, 100_000, held.started_at, 0, 1)
    assert oracle.call("latestRoundData") == oracle.call("getRoundData", 2) == expected
    confirm(market, PRICE_ORACLE, 2)
    expected = (2, 200_000, held.started_at, held.updated_at, 2)
    assert oracle.call("latestRoundData") == oracle.call("getRoundData", 2) == expected


def test_get_round_data__from_the_first_to_the_latest__an_answer(
    market: Market, reporters: list[LocalAccount]
) -> None:
    """Rounds 2 and 3 stay held: they show the answer that stood then."""
    for price in (100_000, 200_000, 300_000, 110_000, 150_000):
        answer(market, PRICE_ORACLE, reporters, (price,))
    submit(market, PRICE_ORACLE, reporters[0], 6, (1,))

    data = [market.price_oracle.call("getRoundData", number) for number in range(1, 6)]
    assert [(*each[:2], each[4]) for each in data] == [
        *((1, 100_000, 1), (2, 100_000, 1), (3, 100_000, 1)),
        *((4, 110_000, 4), (5, 110_000, 4)),
    ]
    rounds = [round_of(market, PRICE_ORACLE, number) for number in range(1, 6)]
    assert [each[2] for each in data] == [each.started_at for each in rounds]
    answered = [each.status is RoundStatus.ANSWERED for each in rounds]
    assert answered == [True, False, False, True, False]
    assert [each[3] for each in data] == [
        each.updated_at if is_own else 0 for each, is_own in zip(rounds, answered, strict=True)
    ]
    assert market.price_oracle.call("latestRoundData") == data[-1]


def test_get_round_data__not_closed__refused(market: Market, reporters: list[LocalAccount]) -> None:
    answer(market, PRICE_ORACLE, reporters, (100_000,))
    submit(market, PRICE_ORACLE, reporters[0], 2, (1,))

    for number in (0, 2, 3, 2**64 + 1, 2**80 - 1):
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
    answer(market, PRICE_ORACLE, reporters, (100_000,))
    oldest = round_of(market, PRICE_ORACLE, 1).updated_at

    market.go_to(oldest + 3600)
    assert reader.call("read", 6) == 100_000
    market.go_to(oldest + 3601)
    stale = error_data(reader, "FeedReader_Stale", oldest)
    with refused(errors.UnknownRevert, data=stale):
        reader.call("read", 6)


@pytest.mark.parametrize(
    ("check", "error", "found"),
    [
        (0, "FeedReader_IncompleteRound", (2, 0, 1)),
        (1, "FeedReader_Carried", (2, 1)),
        (2, "FeedReader_Stale", (0,)),
    ],
)
def test_feed_reader__held_jump__each_usual_check_alone_refuses_it(
    market: Market,
    reporters: list[LocalAccount],
    check: int,
    error: str,
    found: tuple[int, ...],
) -> None:
    reader = market.deploy("FeedReader", market.price_oracle.address, MAX_AGE)
    answer(market, PRICE_ORACLE, reporters, (100_000,))
    answer(market, PRICE_ORACLE, reporters, (200_000,))

    with refused(errors.UnknownRevert, data=error_data(reader, error, *found)):
        reader.call("readWith", check)
    confirm(market, PRICE_ORACLE, 2)
    assert reader.call("readWith", check) == reader.call("read", 6) == 200_000


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
