"""How long a submission counts, and how old an answer is."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.domain.enums import RoundStatus
from tests.support.market import Market
from tests.unit.contracts.oracles.operations import (
    MAX_AGE,
    ORACLES,
    PRICE_FEED,
    PRICE_ORACLE,
    QUORUM,
    WEATHER_ORACLE,
    Oracle,
    fresh,
    logged,
    open_round,
    round_of,
    submit,
)

COUNTS = MAX_AGE // 2
every_oracle = pytest.mark.parametrize("oracle", ORACLES, ids=str)


@every_oracle
def test_submission__half_of_the_maximum_age_old__still_counts(
    market: Market, reporters: list[LocalAccount], oracle: Oracle
) -> None:
    first = submit(market, oracle, reporters[0], 1, oracle.usual)
    submit(market, oracle, reporters[1], 1, oracle.usual)
    market.at(first.time + COUNTS)
    submit(market, oracle, reporters[2], 1, oracle.usual)

    found = round_of(market, oracle, 1)
    assert (found.status, found.submissions) == (RoundStatus.ANSWERED, QUORUM)
    assert (found.started_at, found.updated_at) == (first.time, first.time)
    # The other half of the age is left for the answer.
    market.go_to(first.time + MAX_AGE)
    assert fresh(market, oracle)
    market.go_to(first.time + MAX_AGE + 1)
    assert not fresh(market, oracle)


@every_oracle
def test_submission__a_second_older__waits_for_others(
    market: Market, reporters: list[LocalAccount], oracle: Oracle
) -> None:
    """The round goes on, with the values that count; the old one does not enter the median."""
    first = submit(market, oracle, reporters[0], 1, oracle.jump)
    second = submit(market, oracle, reporters[1], 1, oracle.usual)
    market.at(first.time + COUNTS + 1)
    third = submit(market, oracle, reporters[2], 1, oracle.jump)
    found = round_of(market, oracle, 1)
    # The second one was still in time.
    assert (found.status, found.submissions) == (RoundStatus.OPEN, 2)
    assert (open_round(market, oracle), found.started_at) == (1, first.time)
    assert len(third.logs) == 1

    market.at(second.time + COUNTS)
    last = submit(market, oracle, reporters[3], 1, oracle.usual)
    assert len(logged(market, last, oracle, "RoundAnswered")) == 1
    found = round_of(market, oracle, 1)
    assert (found.values, found.submissions) == (oracle.usual, QUORUM)
    assert (found.started_at, found.updated_at) == (first.time, second.time)


@pytest.mark.parametrize("old", range(3))
def test_answer__any_of_the_three_is_the_oldest__is_as_old_as_it(
    market: Market, reporters: list[LocalAccount], old: int
) -> None:
    """Whether it is the median or not: the median of the others would be another one."""
    prices = (90_000, 100_000, 110_000)
    first = submit(market, PRICE_ORACLE, reporters[old], 1, (prices[old],))
    market.go_to(first.time + 1000)
    for position in {0, 1, 2} - {old}:
        submit(market, PRICE_ORACLE, reporters[position], 1, (prices[position],))

    found = round_of(market, PRICE_ORACLE, 1)
    assert (found.values, found.updated_at) == ((100_000,), first.time)
    assert market.price_oracle.call("freshUntil", PRICE_FEED) == first.time + MAX_AGE


def test_submission__to_another_region__does_not_count(
    market: Market, reporters: list[LocalAccount]
) -> None:
    """The words of submissions are a feed's own."""
    south = b"SOUTH".ljust(32, b"\0")
    oracle = market.weather_oracle
    for reporter in reporters[: QUORUM - 1]:
        submit(market, WEATHER_ORACLE, reporter, 1, WEATHER_ORACLE.usual)
    market.do(reporters[2], oracle, "submitWeather", south, 1, WEATHER_ORACLE.jump)

    assert round_of(market, WEATHER_ORACLE, 1).status is RoundStatus.OPEN
    assert oracle.call("submissionOf", WEATHER_ORACLE.feed, reporters[2].address) == (0, ())


@every_oracle
def test_submission__in_words_that_were_used_before__is_the_new_one(
    market: Market, reporters: list[LocalAccount], oracle: Oracle
) -> None:
    """The widest values first, then the narrowest: nothing of the former is left."""
    widest = tuple(quantity.maximum for quantity in oracle.quantities)
    narrowest = tuple(quantity.minimum for quantity in oracle.quantities)
    for number, values in enumerate((widest, narrowest, widest), 1):
        for reporter in reporters[:QUORUM]:
            submit(market, oracle, reporter, number, values)
        assert round_of(market, oracle, number).values == values


@every_oracle
def test_submission__by_many_while_none_counts__takes_the_places_of_old_ones(
    market: Market, reporters: list[LocalAccount], oracle: Oracle
) -> None:
    """A round in which reports come too seldom does not grow."""
    contract = oracle.at(market)
    for turn in range(5):
        submit(market, oracle, reporters[turn % 4], 1, oracle.usual)
        market.go_to(market.now + COUNTS + 1)
    known = [contract.call("submissionOf", oracle.feed, one.address)[0] for one in reporters]
    assert [time != 0 for time in known] == [True, False, False, False]
