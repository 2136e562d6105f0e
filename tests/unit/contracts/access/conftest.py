"""Who there is after the deployment, and what it guards."""

from __future__ import annotations

import pytest

from energy_grid.chain.roles import Role
from tests.support.callers import Callers, callers_of
from tests.support.examples import rewound
from tests.support.guarded import Guarded, guarded_functions
from tests.support.market import Market


@pytest.fixture(scope="session")
def callers(hourly_market: Market) -> Callers:
    return callers_of(hourly_market)


@pytest.fixture(scope="session")
def guarded(hourly_market: Market, callers: Callers) -> list[Guarded]:
    """Every restricted function, found by asking, once the registrar has registered a gateway;
    nothing is different afterwards."""
    (key,) = callers.named("gateway")
    with rewound(hourly_market):
        registrar = hourly_market.roles[Role.METER_REGISTRAR]
        hourly_market.do(registrar, hourly_market.meters, "registerGateway", key)
        return list(guarded_functions(hourly_market, callers))
