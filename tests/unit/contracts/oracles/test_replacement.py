"""A reporter replaces its submission to the open round, and what that cannot do."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from energy_grid.domain.enums import RoundStatus
from tests.support.market import Market
from tests.support.refusals import refused
from tests.unit.contracts.oracles.operations import (
    MAX_AGE,
    ORACLES,
    PRICE_ORACLE,
    QUORUM,
    Oracle,
    answer,
    logged,
    round_of,
    submit,
)

every_oracle = pytest.mark.parametrize("oracle", ORACLES, ids=str)


@every_oracle
@pytest.mark.parametrize("position", range(QUORUM - 1))
def test_submit__again_to_the_open_round__replaces_its_own_values(
    market: Market, reporters: list[LocalAccount], oracle: Oracle, position: int
) -> None:
    for reporter in reporters[: QUORUM - 1]:
        submit(market, oracle, reporter, 1, oracle.jump)
    before = [oracle.at(market).call("submissionOf", oracle.feed, one.address) for one in reporters]
    again = submit(market, oracle, reporters[position], 1, oracle.usual)

    assert logged(market, again, oracle, "ReportSubmitted") == [
        {
            "feed": oracle.feed,
            "round": 1,
            "reporter": reporters[position].address,
            "values": oracle.usual,
        }
    ]
    # Times and values of others stay.
    before[position] = (again.time, oracle.usual)
    assert before == [
        oracle.at(market).call("submissionOf", oracle.feed, one.address) for one in reporters
    ]


@every_oracle
def test_submit__again_and_again__counts_once(
    market: Market, reporters: list[LocalAccount], oracle: Oracle
) -> None:
    submit(market, oracle, reporters[1], 1, oracle.usual)
    for _ in range(2 * QUORUM):
        submit(market, oracle, reporters[0], 1, oracle.jump)

    found = round_of(market, oracle, 1)
    assert (found.status, found.submissions) == (RoundStatus.OPEN, 2)
    submit(market, oracle, reporters[2], 1, oracle.usual)
    assert round_of(market, oracle, 1).values == oracle.usual


@every_oracle
def test_submit__again_once_the_round_has_closed__refused(
    market: Market, reporters: list[LocalAccount], oracle: Oracle
) -> None:
    answer(market, oracle, reporters, oracle.usual)
    before = round_of(market, oracle, 1)

    with refused(errors.MedianOracle_WrongRound, feed=oracle.feed, round=1, open=2):
        submit(market, oracle, reporters[0], 1, oracle.jump)
    submit(market, oracle, reporters[0], 2, oracle.jump)
    assert round_of(market, oracle, 1) == before


@every_oracle
def test_submit__again_once_its_own_is_too_old__counts_from_now(
    market: Market, reporters: list[LocalAccount], oracle: Oracle
) -> None:
    first = submit(market, oracle, reporters[0], 1, oracle.jump)
    market.go_to(first.time + MAX_AGE // 2 + 1)
    again = submit(market, oracle, reporters[0], 1, oracle.usual)
    assert round_of(market, oracle, 1).submissions == 1
    market.go_to(again.time + 100)
    answer(market, oracle, reporters[1:3], oracle.usual)

    found = round_of(market, oracle, 1)
    assert (found.status, found.values) == (RoundStatus.ANSWERED, oracle.usual)
    assert (found.started_at, found.updated_at) == (first.time, again.time)


@every_oracle
def test_submit__again_while_an_older_one_of_another_no_longer_counts__keeps_its_place(
    market: Market, reporters: list[LocalAccount], oracle: Oracle
) -> None:
    """It does not take a second place, from which it would count twice."""
    for old, again in ((0, 1), (1, 0)):
        submit(market, oracle, reporters[old], 1, oracle.usual)
        market.go_to(market.now + MAX_AGE // 4)
        submit(market, oracle, reporters[again], 1, oracle.usual)
        market.go_to(market.now + MAX_AGE // 4 + 1)
        submit(market, oracle, reporters[again], 1, oracle.jump)
        assert round_of(market, oracle, 1).submissions == 1
    submit(market, oracle, reporters[2], 1, oracle.usual)
    assert round_of(market, oracle, 1).status is RoundStatus.OPEN


def test_submit__of_another_reporter_later__takes_no_place_that_counts(
    market: Market, reporters: list[LocalAccount]
) -> None:
    for position, price in enumerate((90_000, 100_000, 120_000)):
        submit(market, PRICE_ORACLE, reporters[position], 1, (price,))

    assert round_of(market, PRICE_ORACLE, 1).values == (100_000,)
