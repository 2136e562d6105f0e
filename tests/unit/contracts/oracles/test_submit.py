"""submitPrice, submitWeather, submitGridState: what they share. Their bounds and limits have
files of their own."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.contracts.median_oracle import Round
from energy_grid.domain.enums import RoundStatus
from tests.support.market import Market, actor
from tests.support.refusals import refused
from tests.support.stacks import give_role
from tests.unit.contracts.oracles.operations import (
    GRID_ORACLE,
    MAX_AGE,
    ORACLES,
    PRICE_ORACLE,
    QUORUM,
    SOUTH,
    Oracle,
    all_submit,
    answer,
    fresh,
    logged,
    open_round,
    round_of,
    submit,
)

every_oracle = pytest.mark.parametrize("oracle", ORACLES, ids=str)


@every_oracle
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.REPORTER])
def test_submit__by_another_role__refused(market: Market, oracle: Oracle, role: Role) -> None:
    holder = actor("holder of another role")
    give_role(market, role, holder.address)

    with refused(errors.AccessManagedUnauthorized, caller=holder.address):
        submit(market, oracle, holder, 1, oracle.usual)


@every_oracle
def test_submit__by_a_stranger__refused(market: Market, oracle: Oracle) -> None:
    with refused(errors.AccessManagedUnauthorized, caller=actor("stranger").address):
        submit(market, oracle, actor("stranger"), 1, oracle.usual)


@every_oracle
def test_submit__once_itself_and_once_through_the_manager__refused(
    market: Market, reporters: list[LocalAccount], oracle: Oracle
) -> None:
    """Else one reporter could speak twice in a round, under two addresses."""
    submit(market, oracle, reporters[0], 1, oracle.usual)
    call = oracle.at(market).prepare(oracle.function, *oracle.arguments(1, oracle.usual))

    with refused(errors.AccessManagedUnauthorized, caller=market.access.address):
        market.do(reporters[0], market.access, "execute", call.to, call.data)

    assert round_of(market, oracle, 1).submissions == 1


@every_oracle
def test_submit__first_to_a_feed__opens_round_1(
    market: Market, reporters: list[LocalAccount], oracle: Oracle
) -> None:
    receipt = submit(market, oracle, reporters[0], 1, oracle.usual)

    assert logged(market, receipt, oracle, "ReportSubmitted") == [
        {
            "feed": oracle.feed,
            "round": 1,
            "reporter": reporters[0].address,
            "values": oracle.usual,
        }
    ]
    assert len(receipt.logs) == 1
    assert round_of(market, oracle, 1) == Round(
        id=1,
        values=(),
        started_at=receipt.time,
        updated_at=0,
        submissions=1,
        status=RoundStatus.OPEN,
    )
    assert not fresh(market, oracle)


@every_oracle
@pytest.mark.parametrize("number", [0, 2, 2**64 + 1, 2**256 - 1])
def test_submit__to_a_round_that_is_not_the_first__refused(
    market: Market, reporters: list[LocalAccount], oracle: Oracle, number: int
) -> None:
    with refused(errors.MedianOracle_WrongRound, feed=oracle.feed, round=number, open=1):
        submit(market, oracle, reporters[0], number, oracle.usual)


@every_oracle
@pytest.mark.parametrize("number", [0, 1, 3])
def test_submit__to_an_old_or_future_round__refused(
    market: Market, reporters: list[LocalAccount], oracle: Oracle, number: int
) -> None:
    answer(market, oracle, reporters, oracle.usual)

    with refused(errors.MedianOracle_WrongRound, feed=oracle.feed, round=number, open=2):
        submit(market, oracle, reporters[3], number, oracle.usual)


@every_oracle
def test_submit__one_below_the_quorum__stays_open(
    market: Market, reporters: list[LocalAccount], oracle: Oracle
) -> None:
    all_submit(market, oracle, reporters, oracle.usual, oracle.usual)

    assert round_of(market, oracle, 1).status is RoundStatus.OPEN
    assert round_of(market, oracle, 1).submissions == QUORUM - 1
    assert not fresh(market, oracle)


@every_oracle
def test_submit__the_quorum_s_last__closes_the_round(
    market: Market, reporters: list[LocalAccount], oracle: Oracle
) -> None:
    first = submit(market, oracle, reporters[0], 1, oracle.usual)
    submit(market, oracle, reporters[1], 1, oracle.jump)
    last = submit(market, oracle, reporters[2], 1, oracle.usual)

    assert logged(market, last, oracle, "RoundAnswered") == [
        {"feed": oracle.feed, "round": 1, "values": oracle.usual}
    ]
    assert round_of(market, oracle, 1) == Round(
        id=1,
        values=oracle.usual,
        started_at=first.time,
        updated_at=first.time,
        submissions=QUORUM,
        status=RoundStatus.ANSWERED,
    )
    assert fresh(market, oracle)
    assert open_round(market, oracle) == 2


@every_oracle
def test_submit__a_jump__held(
    market: Market, reporters: list[LocalAccount], oracle: Oracle
) -> None:
    answer(market, oracle, reporters, oracle.usual)
    first = submit(market, oracle, reporters[3], 2, oracle.jump)
    last = answer(market, oracle, reporters[:2], oracle.jump)

    assert logged(market, last, oracle, "RoundHeld") == [
        {"feed": oracle.feed, "round": 2, "values": oracle.jump}
    ]
    assert logged(market, last, oracle, "RoundAnswered") == []
    held = round_of(market, oracle, 2)
    assert (held.status, held.values, held.updated_at) == (
        RoundStatus.HELD,
        oracle.jump,
        first.time,
    )
    assert not fresh(market, oracle)


@every_oracle
@pytest.mark.parametrize("back", [False, True])
def test_submit__after_a_held_round__near_either_of_the_two__answered(
    market: Market, reporters: list[LocalAccount], oracle: Oracle, back: bool
) -> None:
    """A real jump is confirmed by the next round; one that was wild is left behind."""
    answer(market, oracle, reporters, oracle.usual)
    answer(market, oracle, reporters, oracle.jump)
    values = oracle.usual if back else oracle.jump
    answer(market, oracle, reporters, values)

    assert round_of(market, oracle, 3).status is RoundStatus.ANSWERED
    assert round_of(market, oracle, 2).status is RoundStatus.HELD
    assert fresh(market, oracle)
    # From now on it is what values are compared with, and the held round no more.
    answer(market, oracle, reporters, oracle.jump if back else oracle.usual)
    assert round_of(market, oracle, 4).status is RoundStatus.HELD


def test_submit__after_a_held_round__far_from_both__held_in_its_place(
    market: Market, reporters: list[LocalAccount]
) -> None:
    """Two wild rounds do not make an answer; the third is compared with the second."""
    for price in (100_000, 200_000, 300_000, 200_000, 210_000):
        answer(market, PRICE_ORACLE, reporters, (price,))

    statuses = [round_of(market, PRICE_ORACLE, number).status for number in range(1, 6)]
    held, answered = RoundStatus.HELD, RoundStatus.ANSWERED
    assert statuses == [answered, held, held, held, answered]


def test_submit__quantities_near_different_rounds__answered(
    market: Market, reporters: list[LocalAccount]
) -> None:
    """Each quantity is compared by itself."""
    answer(market, GRID_ORACLE, reporters, (1000, 2000, 5000, 100))
    answer(market, GRID_ORACLE, reporters, (1000, 2000, 5200, 130))
    answer(market, GRID_ORACLE, reporters, (1000, 2000, 5200, 100))

    assert round_of(market, GRID_ORACLE, 3).status is RoundStatus.ANSWERED


def test_submit__reporter_loses_its_role_meanwhile__its_values_count(
    market: Market, reporters: list[LocalAccount]
) -> None:
    submit(market, PRICE_ORACLE, reporters[0], 1, (130_000,))
    admin = market.roles[Role.ADMIN]
    market.do(admin, market.access, "revokeRole", Role.REPORTER, reporters[0].address)
    with refused(errors.AccessManagedUnauthorized, caller=reporters[0].address):
        submit(market, PRICE_ORACLE, reporters[0], 1, (100_000,))

    submit(market, PRICE_ORACLE, reporters[1], 1, (100_000,))
    submit(market, PRICE_ORACLE, reporters[2], 1, (140_000,))

    assert round_of(market, PRICE_ORACLE, 1).values == (130_000,)


def test_submit__another_region__has_rounds_of_its_own(
    market: Market, reporters: list[LocalAccount]
) -> None:
    answer(market, GRID_ORACLE, reporters, GRID_ORACLE.usual)
    for reporter in reporters[:QUORUM]:
        market.do(
            reporter,
            market.grid_oracle,
            "submitGridState",
            *(SOUTH, 1, (9_999_999, 0, 4500, 50)),
        )

    assert round_of(market, GRID_ORACLE, 1).values == GRID_ORACLE.usual
    assert market.grid_oracle.call("getGridState", SOUTH) == (9_999_999, 0, 4500, 50)


@pytest.mark.parametrize("quorum", [1, 31])
def test_submit__smallest_and_largest_quorum__median(market: Market, quorum: int) -> None:
    oracle = market.deploy(
        "GridOracle", market.access.address, (quorum, MAX_AGE), market.grid.address
    )
    admin = market.roles[Role.ADMIN]
    function = oracle.abi.function("submitGridState").selector
    market.do(
        admin,
        market.access,
        *("setTargetFunctionRole", oracle.address, [function], Role.REPORTER),
    )
    # Neither rising nor falling.
    demands = [(position * 17) % quorum * 10 for position in range(quorum)]
    for position, demand in enumerate(demands):
        reporter = actor(f"reporter number {position}")
        give_role(market, Role.REPORTER, reporter.address)
        state = (demand, 2**64 - 1 - demand, 5000, 100)
        submit(market, GRID_ORACLE, reporter, 1, state, contract=oracle)

    middle = sorted(demands)[quorum // 2]
    state = oracle.call("getGridState", GRID_ORACLE.feed)
    assert state == (middle, 2**64 - 1 - middle, 5000, 100)
