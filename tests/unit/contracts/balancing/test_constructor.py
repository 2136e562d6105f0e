"""BalancingCoordination's constructor."""

from __future__ import annotations

import pytest

from energy_grid.chain.contract import Contract
from energy_grid.contracts import errors
from tests.support.market import Market, actor
from tests.support.refusals import refused

MONTH = 30 * 86_400


def deploy(market: Market, lifetime: int) -> Contract:
    return market.deploy(
        "BalancingCoordination",
        *(market.operators.address, market.load.address, actor("stability").address, lifetime),
    )


@pytest.mark.parametrize("lifetime", [0, MONTH + 1, 2**256 - 1])
def test_constructor__lifetime_out_of_range__refused(market: Market, lifetime: int) -> None:
    name = b"actionLifetime".ljust(32, b"\0")

    with refused(errors.BalancingCoordination_BadParameter, name=name, value=lifetime):
        deploy(market, lifetime)


@pytest.mark.parametrize("lifetime", [1, MONTH])
def test_constructor__lifetime_at_its_bounds__as_given(market: Market, lifetime: int) -> None:
    balancing = deploy(market, lifetime)

    assert balancing.call("ACTION_LIFETIME") == lifetime
    assert balancing.call("OPERATORS") == market.operators.address
    assert balancing.call("LOAD") == market.load.address
    assert balancing.call("STABILITY") == actor("stability").address
    assert balancing.call("actionCount") == 0
