"""openRoundOf, getRound, latestRoundOf, isFresh, hasSubmitted, lastReportOf."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from energy_grid.domain.enums import RoundStatus
from tests.support.market import Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.oracles.operations import (
    MAX_AGE,
    ORACLES,
    SOUTH,
    WEATHER_ORACLE,
    Oracle,
    answer,
    fresh,
    open_round,
    round_of,
    submit,
)

every_oracle = pytest.mark.parametrize("oracle", ORACLES, ids=str)


@every_oracle
def test_views__before_the_first_submission__nothing(market: Market, oracle: Oracle) -> None:
    contract = oracle.at(market)

    assert open_round(market, oracle) == 1
    assert not fresh(market, oracle)
    assert not contract.call("hasSubmitted", oracle.feed, 1, actor("stranger").address)
    assert contract.call("lastReportOf", actor("stranger").address) == 0
    with refused(errors.MedianOracle_NoAnswer, feed=oracle.feed):
        contract.call("latestRoundOf", oracle.feed)


@every_oracle
def test_open_round_of__through_a_round_s_life__names_the_next_submission_s(
    market: Market, reporters: list[LocalAccount], oracle: Oracle
) -> None:
    first = submit(market, oracle, reporters[0], 1, oracle.usual)
    assert open_round(market, oracle) == 1
    market.go_to(first.time + MAX_AGE)
    assert open_round(market, oracle) == 1
    market.go_to(first.time + MAX_AGE + 1)
    assert open_round(market, oracle) == 2
    # Nobody has come to give it up.
    assert round_of(market, oracle, 1).status is RoundStatus.OPEN

    answer(market, oracle, reporters, oracle.usual)
    assert open_round(market, oracle) == 3
    answer(market, oracle, reporters, oracle.jump)
    assert open_round(market, oracle) == 4


@every_oracle
@pytest.mark.parametrize("number", [0, 2, 2**64 + 1, 2**256 - 1])
def test_get_round__never_opened__refused(
    market: Market, reporters: list[LocalAccount], oracle: Oracle, number: int
) -> None:
    submit(market, oracle, reporters[0], 1, oracle.usual)

    with refused(errors.MedianOracle_NoSuchRound, feed=oracle.feed, round=number):
        round_of(market, oracle, number)


@every_oracle
def test_latest_round_of__held_and_stale_ones__the_answer_before(
    market: Market, reporters: list[LocalAccount], oracle: Oracle
) -> None:
    answer(market, oracle, reporters, oracle.usual)
    last = answer(market, oracle, reporters, oracle.usual)
    answer(market, oracle, reporters, oracle.jump)
    submit(market, oracle, reporters[0], 4, oracle.jump)
    market.go_to(last.time + 10 * MAX_AGE)

    found = oracle.at(market).call("latestRoundOf", oracle.feed)

    assert (found[0], found[1], found[3]) == (2, oracle.usual, last.time)
    assert found[5] == RoundStatus.ANSWERED


@every_oracle
def test_is_fresh__at_the_maximum_age_and_a_second_later__ends(
    market: Market, reporters: list[LocalAccount], oracle: Oracle
) -> None:
    last = answer(market, oracle, reporters, oracle.usual)

    market.go_to(last.time + MAX_AGE)
    assert fresh(market, oracle)
    market.go_to(last.time + MAX_AGE + 1)
    assert not fresh(market, oracle)


@every_oracle
def test_is_fresh__later_rounds_open_or_abandoned__still(
    market: Market, reporters: list[LocalAccount], oracle: Oracle
) -> None:
    submit(market, oracle, reporters[0], 1, oracle.usual)
    market.go_to(market.now + MAX_AGE + 1)
    answer(market, oracle, reporters, oracle.usual)

    submit(market, oracle, reporters[0], 3, oracle.jump)
    assert fresh(market, oracle)


@every_oracle
def test_has_submitted__each_round__its_reporters(
    market: Market, reporters: list[LocalAccount], oracle: Oracle
) -> None:
    answer(market, oracle, reporters, oracle.usual)
    answer(market, oracle, reporters[1:], oracle.usual)
    submit(market, oracle, reporters[2], 3, oracle.usual)

    expected = {1: {0, 1, 2}, 2: {1, 2, 3}, 3: {2}, 4: set()}
    for number, positions in expected.items():
        found = {
            position
            for position, reporter in enumerate(reporters)
            if oracle.at(market).call("hasSubmitted", oracle.feed, number, reporter.address)
        }
        assert found == positions


@every_oracle
def test_last_report_of__each_reporter__when_it_last_spoke(
    market: Market, reporters: list[LocalAccount], oracle: Oracle
) -> None:
    contract = oracle.at(market)
    first = submit(market, oracle, reporters[0], 1, oracle.usual)
    second = submit(market, oracle, reporters[1], 1, oracle.usual)
    # What is refused is no report.
    with refused(
        errors.MedianOracle_AlreadySubmitted,
        feed=oracle.feed,
        round=1,
        reporter=reporters[1].address,
    ):
        submit(market, oracle, reporters[1], 1, oracle.usual)

    times = [contract.call("lastReportOf", reporter.address) for reporter in reporters]
    assert times == [first.time, second.time, 0, 0]


def test_last_report_of__several_regions__the_last_of_all(
    market: Market, reporters: list[LocalAccount]
) -> None:
    submit(market, WEATHER_ORACLE, reporters[0], 1, WEATHER_ORACLE.usual)
    last = market.do(
        reporters[0], market.weather_oracle, "submitWeather", SOUTH, 1, WEATHER_ORACLE.usual
    )

    assert market.weather_oracle.call("lastReportOf", reporters[0].address) == last.time
    assert market.grid_oracle.call("lastReportOf", reporters[0].address) == 0


@every_oracle
def test_fresh_until__of_the_newest_round__answered_alone(
    market: Market, oracle: Oracle, reporters: list[LocalAccount]
) -> None:
    contract = oracle.at(market)
    assert contract.call("freshUntil", oracle.feed) == 0
    answered = answer(market, oracle, reporters, oracle.usual)
    until = answered.time + MAX_AGE
    assert contract.call("freshUntil", oracle.feed) == until
    market.go_to(until - 1)
    assert fresh(market, oracle)
    answer(market, oracle, reporters, oracle.usual)
    answer(market, oracle, reporters, oracle.jump)
    assert contract.call("freshUntil", oracle.feed) == 0
