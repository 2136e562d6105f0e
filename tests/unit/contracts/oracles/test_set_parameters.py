"""The oracles' setParameters."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.enums import RoundStatus
from tests.support.market import Market, Receipt, actor
from tests.support.refusals import refused
from tests.support.stacks import give_role
from tests.unit.contracts.oracles.operations import (
    MAX_AGE,
    ORACLES,
    QUORUM,
    Oracle,
    answer,
    fresh,
    logged,
    open_round,
    round_of,
    submit,
    word,
)

every_oracle = pytest.mark.parametrize("oracle", ORACLES, ids=str)


def change(market: Market, oracle: Oracle, quorum: int = QUORUM, max_age: int = MAX_AGE) -> Receipt:
    """By governance."""
    admin = market.roles[Role.ADMIN]
    return market.do(admin, oracle.at(market), "setParameters", quorum, max_age)


@every_oracle
@pytest.mark.parametrize("role", [None, *(role for role in Role if role is not Role.ADMIN)])
def test_set_parameters__by_others__refused(
    market: Market, oracle: Oracle, role: Role | None
) -> None:
    other = actor("somebody else")
    if role is not None:
        give_role(market, role, other.address)

    with refused(errors.AccessManagedUnauthorized, caller=other.address):
        market.do(other, oracle.at(market), "setParameters", QUORUM, MAX_AGE)


@every_oracle
@pytest.mark.parametrize(("quorum", "max_age"), [(1, 60), (31, 86_400)])
def test_set_parameters__at_the_bounds__hold_from_now_on(
    market: Market, oracle: Oracle, quorum: int, max_age: int
) -> None:
    receipt = change(market, oracle, quorum, max_age)

    values = {"quorum": quorum, "max_age": max_age}
    assert logged(market, receipt, oracle, "ParametersSet") == [values]
    assert oracle.at(market).call("quorum") == quorum
    assert oracle.at(market).call("maxAge") == max_age


@every_oracle
@pytest.mark.parametrize("quorum", [0, 32, 256 + 3, 2**256 - 1])
def test_set_parameters__quorum_out_of_range__refused(
    market: Market, oracle: Oracle, quorum: int
) -> None:
    values = {"name": word("quorum"), "value": quorum, "minimum": 1, "maximum": 31}
    with refused(errors.MedianOracle_BadParameter, **values):
        change(market, oracle, quorum)


@every_oracle
@pytest.mark.parametrize("max_age", [0, 59, 86_401, 2**32 + 60, 2**256 - 1])
def test_set_parameters__age_out_of_range__refused(
    market: Market, oracle: Oracle, max_age: int
) -> None:
    values = {"name": word("maxAge"), "value": max_age, "minimum": 60, "maximum": 86_400}
    with refused(errors.MedianOracle_BadParameter, **values):
        change(market, oracle, max_age=max_age)


@every_oracle
def test_set_parameters__lower_quorum__closes_with_the_next_submission(
    market: Market, reporters: list[LocalAccount], oracle: Oracle
) -> None:
    """Which may be a replacement; the median is of all that count."""
    change(market, oracle, 4)
    answer(market, oracle, reporters[:3], oracle.usual)
    change(market, oracle, 2)
    assert (round_of(market, oracle, 1).status, open_round(market, oracle)) == (RoundStatus.OPEN, 1)

    submit(market, oracle, reporters[0], 1, oracle.jump)
    found = round_of(market, oracle, 1)
    assert (found.status, found.submissions) == (RoundStatus.ANSWERED, 3)
    assert found.values == oracle.usual


@every_oracle
def test_set_parameters__higher_quorum__waits_for_more(
    market: Market, reporters: list[LocalAccount], oracle: Oracle
) -> None:
    submit(market, oracle, reporters[0], 1, oracle.usual)
    submit(market, oracle, reporters[1], 1, oracle.usual)
    change(market, oracle, 4)
    submit(market, oracle, reporters[2], 1, oracle.usual)
    assert round_of(market, oracle, 1).status is RoundStatus.OPEN

    submit(market, oracle, reporters[3], 1, oracle.usual)
    assert round_of(market, oracle, 1).submissions == 4


@every_oracle
def test_set_parameters__lower_age__ends_freshness_at_once(
    market: Market, reporters: list[LocalAccount], oracle: Oracle
) -> None:
    answer(market, oracle, reporters, oracle.usual)
    oldest = round_of(market, oracle, 1).updated_at
    market.go_to(oldest + 100)
    change(market, oracle, max_age=100)
    assert oracle.at(market).call("freshUntil", oracle.feed) == oldest + 100
    assert not fresh(market, oracle)


@every_oracle
def test_set_parameters__higher_age__what_was_old_counts_again(
    market: Market, reporters: list[LocalAccount], oracle: Oracle
) -> None:
    """At most a day: so a vote can bring back an answer, or a report, of yesterday."""
    answer(market, oracle, reporters, oracle.usual)
    oldest = round_of(market, oracle, 1).updated_at
    submit(market, oracle, reporters[3], 2, oracle.usual)
    market.go_to(oldest + 12 * 3600)
    assert not fresh(market, oracle)
    assert round_of(market, oracle, 2).submissions == 0
    change(market, oracle, max_age=86_400)

    assert fresh(market, oracle)
    assert round_of(market, oracle, 2).submissions == 1
    market.go_to(oldest + 86_401)
    assert not fresh(market, oracle)


@every_oracle
def test_set_parameters__of_one_oracle__leaves_the_others(market: Market, oracle: Oracle) -> None:
    change(market, oracle, 2, 60)

    for other in ORACLES:
        found = other.at(market).call("quorum"), other.at(market).call("maxAge")
        assert found == ((2, 60) if other is oracle else (QUORUM, MAX_AGE))
