"""Who there is after the deployment, and what it guards."""

from __future__ import annotations

import pytest

from energy_grid.chain.roles import Role
from tests.support.examples import rewound
from tests.support.guarded import Guarded, guarded_functions
from tests.support.market import Market
from tests.support.parties import Parties, parties_of


@pytest.fixture(scope="session")
def parties(hourly_market: Market) -> Parties:
    return parties_of(hourly_market)


@pytest.fixture(scope="session")
def guarded(hourly_market: Market, parties: Parties) -> list[Guarded]:
    """Every restricted function, found by asking, once the registrar has registered a gateway;
    nothing is different afterwards."""
    (key,) = parties.named("gateway")
    with rewound(hourly_market):
        registrar = hourly_market.roles[Role.METER_REGISTRAR]
        hourly_market.do(registrar, hourly_market.meters, "registerGateway", key)
        return list(guarded_functions(hourly_market, parties))
