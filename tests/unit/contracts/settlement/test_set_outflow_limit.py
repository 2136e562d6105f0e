"""setOutflowLimit: how much may leave at once per window."""

from __future__ import annotations

import pytest

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from tests.support.market import Market, actor
from tests.support.refusals import refused
from tests.support.settlement import limit_outflow

PROSUMER = actor("prosumer")
LARGEST = 2**104 - 1
LIMIT = 3_600_000


def available(market: Market) -> int:
    return int(market.settlement.call("availableOutflow"))


def use_up(market: Market) -> int:
    """Withdraw all that the limit allows at once; when that was."""
    market.deposit(PROSUMER, LIMIT)
    limit_outflow(market, LIMIT)
    time = market.do(PROSUMER, market.settlement, "withdraw", LIMIT, PROSUMER.address).time
    assert available(market) == 0
    return time


@pytest.mark.parametrize("limit", [0, 1, LARGEST])
def test_set_outflow_limit__104_bits__are_set(market: Market, limit: int) -> None:
    governance = market.roles[Role.ADMIN]
    receipt = market.do(governance, market.settlement, "setOutflowLimit", limit)
    (event,) = market.events(receipt, market.settlement, "OutflowLimitSet")
    assert event.arguments == {"limit": limit}
    assert market.settlement.call("outflowLimit") == limit == available(market)


@pytest.mark.parametrize("limit", [LARGEST + 1, 2**256 - 1])
def test_set_outflow_limit__105_bits__are_refused(market: Market, limit: int) -> None:
    with refused(errors.SafeCastOverflowedUintDowncast, bits=104, value=limit):
        limit_outflow(market, limit)


def test_set_outflow_limit__raised__what_left_still_counts(market: Market) -> None:
    time = use_up(market)
    limit_outflow(market.at(time + 1), 2 * LIMIT)
    assert available(market) == LIMIT + 1000


def test_set_outflow_limit__lowered__what_left_still_counts(market: Market) -> None:
    time = use_up(market)
    limit_outflow(market.at(time + 1), LIMIT // 2)
    assert available(market) == 0
    # From then on 500 a second: 3,599,000 count, of which 1,800,000 are above the limit.
    # A window in which nothing left ends it.
    for later, left in {3598: 0, 3599: 500, 3600: LIMIT // 2}.items():
        market.go_to(time + 1 + later)
        assert available(market) == left


def test_set_outflow_limit__changed__decays_at_each_ones_rate(market: Market) -> None:
    time = use_up(market)
    limit_outflow(market.at(time + 600), 2 * LIMIT)
    assert available(market) == LIMIT + 600 * 1000
    market.go_to(time + 900)
    assert available(market) == LIMIT + 600 * 1000 + 300 * 2000


def test_set_outflow_limit__a_window_later__nothing_counts(market: Market) -> None:
    time = use_up(market)
    limit_outflow(market.at(time + 1), 10)
    market.go_to(time + 1 + 3599)
    assert available(market) == 0
    market.go_to(time + 1 + 3600)
    assert available(market) == 10


def test_set_outflow_limit__again_and_again__forgives_nothing(market: Market) -> None:
    time = use_up(market)
    for _ in range(10):
        limit_outflow(market, LIMIT)
    assert available(market) <= 1000 * (market.now - time)
