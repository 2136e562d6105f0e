"""The oracles' confirmRound."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.enums import RoundStatus
from tests.support.market import Market, actor
from tests.support.refusals import refused
from tests.support.stacks import give_role
from tests.unit.contracts.oracles.operations import (
    MAX_AGE,
    ORACLES,
    Oracle,
    answer,
    confirm,
    fresh,
    logged,
    round_of,
    submit,
)

every_oracle = pytest.mark.parametrize("oracle", ORACLES, ids=str)


def hold(market: Market, oracle: Oracle, reporters: list[LocalAccount]) -> None:
    """Round 2 held."""
    answer(market, oracle, reporters, oracle.usual)
    answer(market, oracle, reporters, oracle.jump)


@every_oracle
@pytest.mark.parametrize("role", [None, *(role for role in Role if role is not Role.GUARDIAN)])
def test_confirm_round__by_others__refused(
    market: Market, reporters: list[LocalAccount], oracle: Oracle, role: Role | None
) -> None:
    hold(market, oracle, reporters)
    other = actor("somebody else")
    if role is not None:
        give_role(market, role, other.address)

    with refused(errors.AccessManagedUnauthorized, caller=other.address):
        confirm(market, oracle, 2, by=other)


@every_oracle
def test_confirm_round__the_held_one__becomes_the_answer(
    market: Market, reporters: list[LocalAccount], oracle: Oracle
) -> None:
    hold(market, oracle, reporters)
    held = round_of(market, oracle, 2)

    receipt = confirm(market, oracle, 2)

    assert logged(market, receipt, oracle, "RoundAnswered") == [
        {"feed": oracle.feed, "round": 2, "values": oracle.jump}
    ]
    found = round_of(market, oracle, 2)
    assert (found.status, found.values) == (RoundStatus.ANSWERED, oracle.jump)
    assert (found.started_at, found.updated_at) == (held.started_at, held.updated_at)
    assert found.updated_at < receipt.time
    assert fresh(market, oracle)
    assert oracle.at(market).call("latestRoundOf", oracle.feed)[0] == 2
    # What comes next is compared with it.
    answer(market, oracle, reporters, oracle.usual)
    assert round_of(market, oracle, 3).status is RoundStatus.HELD


@every_oracle
def test_confirm_round__while_the_next_one_is_open__confirmed(
    market: Market, reporters: list[LocalAccount], oracle: Oracle
) -> None:
    hold(market, oracle, reporters)
    submit(market, oracle, reporters[0], 3, oracle.usual)

    confirm(market, oracle, 2)

    assert fresh(market, oracle)
    assert round_of(market, oracle, 3).status is RoundStatus.OPEN


@every_oracle
@pytest.mark.parametrize("late", [False, True])
def test_confirm_round__when_it_is_old__makes_it_no_newer(
    market: Market, reporters: list[LocalAccount], oracle: Oracle, late: bool
) -> None:
    hold(market, oracle, reporters)
    oldest = round_of(market, oracle, 2).updated_at

    market.at(oldest + MAX_AGE + late)
    confirm(market, oracle, 2)

    assert fresh(market, oracle) is not late


@every_oracle
@pytest.mark.parametrize("number", [0, 3, 2**256 - 1])
def test_confirm_round__never_opened__refused(
    market: Market, reporters: list[LocalAccount], oracle: Oracle, number: int
) -> None:
    hold(market, oracle, reporters)

    with refused(errors.MedianOracle_NoSuchRound, feed=oracle.feed, round=number):
        confirm(market, oracle, number)


@every_oracle
def test_confirm_round__not_held__refused(
    market: Market, reporters: list[LocalAccount], oracle: Oracle
) -> None:
    answer(market, oracle, reporters, oracle.usual)
    submit(market, oracle, reporters[0], 2, oracle.usual)

    statuses = (RoundStatus.ANSWERED, RoundStatus.OPEN)
    for number, status in enumerate(statuses, 1):
        with refused(errors.MedianOracle_NotHeld, feed=oracle.feed, round=number, status=status):
            confirm(market, oracle, number)


@every_oracle
@pytest.mark.parametrize("back", [False, True])
def test_confirm_round__a_newer_one_has_closed__refused(
    market: Market, reporters: list[LocalAccount], oracle: Oracle, back: bool
) -> None:
    hold(market, oracle, reporters)
    answer(market, oracle, reporters, oracle.usual if back else oracle.jump)

    with refused(errors.MedianOracle_NotHeld, feed=oracle.feed, round=2, status=RoundStatus.HELD):
        confirm(market, oracle, 2)


@every_oracle
def test_confirm_round__twice__refused(
    market: Market, reporters: list[LocalAccount], oracle: Oracle
) -> None:
    hold(market, oracle, reporters)
    confirm(market, oracle, 2)

    with refused(
        errors.MedianOracle_NotHeld, feed=oracle.feed, round=2, status=RoundStatus.ANSWERED
    ):
        confirm(market, oracle, 2)
