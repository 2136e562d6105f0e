"""openRoundOf, getRound, latestRoundOf, isFresh, freshUntil, submissionOf, lastReportOf."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.contract import structure
from energy_grid.contracts import errors
from energy_grid.contracts.median_oracle import Round
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
    assert contract.call("submissionOf", oracle.feed, actor("stranger").address) == (0, ())
    assert contract.call("lastReportOf", actor("stranger").address) == 0
    with refused(errors.MedianOracle_NoAnswer, feed=oracle.feed):
        contract.call("latestRoundOf", oracle.feed)


@every_oracle
def test_open_round_of__through_a_round_s_life__names_the_next_submission_s(
    market: Market, reporters: list[LocalAccount], oracle: Oracle
) -> None:
    first = submit(market, oracle, reporters[0], 1, oracle.usual)
    assert open_round(market, oracle) == 1
    market.go_to(first.time + 10 * MAX_AGE)
    assert open_round(market, oracle) == 1

    answer(market, oracle, reporters, oracle.usual)
    assert open_round(market, oracle) == 2
    answer(market, oracle, reporters, oracle.jump)
    assert open_round(market, oracle) == 3


@every_oracle
def test_get_round__open__counts_what_counts_now(
    market: Market, reporters: list[LocalAccount], oracle: Oracle
) -> None:
    first = submit(market, oracle, reporters[0], 1, oracle.usual)
    second = submit(market, oracle, reporters[1], 1, oracle.usual)

    for late, expected in ((first, 2), (second, 1)):
        market.go_to(late.time + MAX_AGE // 2)
        found = round_of(market, oracle, 1)
        assert (found.status, found.submissions) == (RoundStatus.OPEN, expected)
        assert (found.started_at, found.updated_at, found.values) == (first.time, 0, ())
    market.go_to(second.time + MAX_AGE // 2 + 1)
    assert round_of(market, oracle, 1).submissions == 0


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
    answer(market, oracle, reporters, oracle.usual)
    answer(market, oracle, reporters, oracle.jump)
    submit(market, oracle, reporters[0], 4, oracle.jump)
    market.go_to(market.now + 10 * MAX_AGE)

    found = structure(Round, oracle.at(market).call("latestRoundOf", oracle.feed))

    assert (found.id, found.values, found.status) == (2, oracle.usual, RoundStatus.ANSWERED)
    assert found == round_of(market, oracle, 2)


@every_oracle
def test_is_fresh__at_the_maximum_age_and_a_second_later__ends(
    market: Market, reporters: list[LocalAccount], oracle: Oracle
) -> None:
    first = submit(market, oracle, reporters[3], 1, oracle.usual)
    market.go_to(first.time + 1000)
    answer(market, oracle, reporters[:2], oracle.usual)

    market.go_to(first.time + MAX_AGE)
    assert fresh(market, oracle)
    market.go_to(first.time + MAX_AGE + 1)
    assert not fresh(market, oracle)


@every_oracle
def test_is_fresh__a_later_round_is_open__still(
    market: Market, reporters: list[LocalAccount], oracle: Oracle
) -> None:
    answer(market, oracle, reporters, oracle.usual)

    submit(market, oracle, reporters[0], 2, oracle.jump)
    assert fresh(market, oracle)


@every_oracle
def test_submission_of__the_open_round__time_and_values_of_its_reporters(
    market: Market, reporters: list[LocalAccount], oracle: Oracle
) -> None:
    answer(market, oracle, reporters, oracle.usual)
    first = submit(market, oracle, reporters[2], 2, oracle.usual)
    second = submit(market, oracle, reporters[1], 2, oracle.jump)

    found = [
        oracle.at(market).call("submissionOf", oracle.feed, reporter.address)
        for reporter in reporters
    ]
    said = [(0, ()), (second.time, oracle.jump), (first.time, oracle.usual), (0, ())]
    assert found == said
    # None of a round that has closed.
    submit(market, oracle, reporters[0], 2, oracle.usual)
    for reporter in reporters:
        call = ("submissionOf", oracle.feed, reporter.address)
        assert oracle.at(market).call(*call) == (0, ())


@every_oracle
def test_last_report_of__each_reporter__when_it_last_spoke(
    market: Market, reporters: list[LocalAccount], oracle: Oracle
) -> None:
    contract = oracle.at(market)
    first = submit(market, oracle, reporters[0], 1, oracle.usual)
    second = submit(market, oracle, reporters[1], 1, oracle.usual)
    # What is refused is no report.
    with refused(errors.MedianOracle_WrongRound, feed=oracle.feed, round=2, open=1):
        submit(market, oracle, reporters[1], 2, oracle.usual)

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
    answer(market, oracle, reporters, oracle.usual)
    until = round_of(market, oracle, 1).updated_at + MAX_AGE
    assert contract.call("freshUntil", oracle.feed) == until
    market.go_to(until - 1)
    assert fresh(market, oracle)
    answer(market, oracle, reporters, oracle.usual)
    answer(market, oracle, reporters, oracle.jump)
    assert contract.call("freshUntil", oracle.feed) == 0
