"""What lives off the chain while the market is stopped: signed orders.

A stop takes no batch; what was agreed in earlier ones ends as it would have.
"""

from __future__ import annotations

import pytest

from energy_grid.chain.accounts import Account
from energy_grid.chain.contract import Call
from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.contracts.energy_trading import EnergyTrading
from energy_grid.domain.batch import Batch, Fill
from energy_grid.domain.enums import StopLevel
from energy_grid.domain.orders import OrderTerms, OrderType
from energy_grid.domain.periods import Period, PeriodKind
from energy_grid.domain.signed_orders import NonceState, SignedOrder, trading_domain
from energy_grid.market.batch_calls import settle_batch
from energy_grid.market.signing import sign_order
from tests.integration.drills.neighbourhood import (
    BUYER,
    FOREVER,
    START,
    Neighbourhood,
    open_town,
)
from tests.integration.drills.test_stop_drills import STOPS, stop, wound_up
from tests.support.examples import rewound
from tests.support.market import Market
from tests.support.refusals import refused

# What the exits of a neighbourhood cancel.
NONCE = 3


@pytest.fixture
def neighbourhood(market: Market) -> Neighbourhood:
    return open_town(market)


def signed_order(neighbourhood: Neighbourhood) -> SignedOrder:
    """The buyer asks for 900 Wh of the first hour."""
    terms = OrderTerms(
        trader=BUYER.address,
        order_type=OrderType.BUY,
        amount=900,
        price=210_000,
        expiry=FOREVER,
        period=Period(kind=PeriodKind.HOURLY, start=START),
    )
    domain = trading_domain(
        neighbourhood.market.node.chain_id, neighbourhood.market.trading.address
    )
    return sign_order(Account(bytes(BUYER.key)), terms, NONCE, domain)


def batch(neighbourhood: Neighbourhood, amount: int) -> Call:
    """The order gets so much (Wh) of what the seller offers in its first on-chain order."""
    trading = EnergyTrading(neighbourhood.market.node, neighbourhood.market.trading.address)
    wanted = Batch(
        period=Period(kind=PeriodKind.HOURLY, start=START),
        price=205_000,
        order_set=bytes(32),
        signed_orders=(signed_order(neighbourhood),),
        stored_orders=(2,),
        fills=(Fill(buy=0, sell=1, amount=amount),),
    )
    return settle_batch(trading, wanted, skip=False)


def state_of(neighbourhood: Neighbourhood) -> NonceState:
    state: NonceState = neighbourhood.market.trading.call("nonceState", BUYER.address, NONCE)
    return state


def test_drill__signed_order_partly_filled__ends_as_it_would_have(
    neighbourhood: Neighbourhood,
) -> None:
    market = neighbourhood.market
    market.send(market.roles[Role.KEEPER], batch(neighbourhood, 600))
    assert state_of(neighbourhood) is NonceState.PARTIAL
    with rewound(market):
        market.send(market.roles[Role.KEEPER], batch(neighbourhood, 300))
        assert state_of(neighbourhood) is NonceState.FILLED
    with rewound(market):
        expected = wound_up(neighbourhood)
        assert state_of(neighbourhood) is NonceState.CANCELLED

    for how in STOPS:
        with rewound(market):
            level = stop(neighbourhood, how)
            with refused(errors.EmergencyStop_Stopped, level=level):
                market.send(market.roles[Role.KEEPER], batch(neighbourhood, 300))
            assert wound_up(neighbourhood) == expected, how
            assert state_of(neighbourhood) is NonceState.CANCELLED


def test_drill__only_settlement_stopped__locks_of_batches_go_on(
    neighbourhood: Neighbourhood,
) -> None:
    """Each contract is stopped by itself: money that is there can be locked and freed."""
    stop(neighbourhood, "paused", ["Settlement"])
    assert neighbourhood.market.trading.call("stopLevel") is StopLevel.RUNNING
    neighbourhood.market.send(neighbourhood.market.roles[Role.KEEPER], batch(neighbourhood, 900))
    assert state_of(neighbourhood) is NonceState.FILLED
