"""What lives off the chain while the market is stopped: signed orders, and anchored readings.

A stop takes no batch; what was agreed in earlier ones ends as it would have. Gateways know of no
stop, like meters: what they anchor is proven, disputed, balanced and paid.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

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
    KEEPER,
    SLOTS,
    START,
    Neighbourhood,
    open_town,
)
from tests.integration.drills.test_stop_drills import STOPS, stop, wound_up
from tests.support.examples import rewound
from tests.support.market import Market, actor
from tests.support.refusals import refused
from tests.support.settlement import close

GATEWAY, TENANT = actor("gateway"), actor("tenant")
# What the exits of a neighbourhood cancel.
NONCE = 3
RATED_POWER = 10_000
SALTS = bytes(32), b"\1" * 32


@pytest.fixture
def neighbourhood(market: Market) -> Neighbourhood:
    return open_town(market)


# Signed orders


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


# Anchored readings


def leaf(slot: int, produced: int, consumed: int, salt: bytes) -> bytes:
    """Of the tenant, as ISmartMeter draws it."""
    types = ("address", "uint256", "uint256", "uint256", "bytes32")
    return keccak(keccak(encode(types, (TENANT.address, slot, produced, consumed, salt))))


def anchor(
    neighbourhood: Neighbourhood, slot: int, energies: Sequence[tuple[int, int]]
) -> list[bytes]:
    """The gateway anchors one or two readings of the tenant; their leaves."""
    leaves = [leaf(slot, *energy, salt) for energy, salt in zip(energies, SALTS, strict=False)]
    root = leaves[0] if len(leaves) == 1 else keccak(b"".join(sorted(leaves)))
    neighbourhood.pass_to(neighbourhood.market.end_of(slot))
    neighbourhood.do(
        GATEWAY, neighbourhood.market.meters, "anchorReadings", root, slot, len(leaves)
    )
    return leaves


def prove(neighbourhood: Neighbourhood, slot: int, produced: int, consumed: int) -> int:
    """Anybody proves a slot of which the gateway has anchored nothing else; Wh bought for it."""
    proof = (TENANT.address, slot, produced, consumed, SALTS[0], [])
    receipt = neighbourhood.do(KEEPER, neighbourhood.market.meters, "proveSlot", *proof)
    closed = neighbourhood.market.events(receipt, neighbourhood.market.settlement, "SlotClosed")
    return sum(event["from_grid"] for event in closed)


def read_by_gateway(neighbourhood: Neighbourhood) -> tuple[int, ...]:
    """Three slots: proven in time, after the closing, and anchored twice; what the tenant has."""
    market, slots = neighbourhood.market, (*SLOTS, SLOTS[-1] + 1)
    anchor(neighbourhood, slots[0], [(500, 0)])
    prove(neighbourhood, slots[0], 500, 0)
    anchor(neighbourhood, slots[1], [(0, 700)])
    first, second = anchor(neighbourhood, slots[2], [(900_000, 0), (0, 1)])
    readings = ((900_000, 0, SALTS[0], [second]), (0, 1, SALTS[1], [first]))
    dispute = (TENANT.address, slots[2], *readings)
    neighbourhood.do(KEEPER, market.meters, "disputeDoubleCount", *dispute)
    neighbourhood.pass_to(market.closable_at(slots[2]))
    for slot in slots:
        close(market, TENANT, slot)
    assert market.energy_token.call("balanceOf", TENANT.address) == 500
    assert prove(neighbourhood, slots[1], 0, 700) == 200
    return (
        market.balance(TENANT),
        market.settlement.call("debtOf", TENANT.address),
        market.energy_token.call("balanceOf", TENANT.address),
    )


def test_drill__gateway__anchors_and_is_proven_through_a_stop(neighbourhood: Neighbourhood) -> None:
    market, registrar = neighbourhood.market, neighbourhood.market.roles[Role.METER_REGISTRAR]
    neighbourhood.do(registrar, market.meters, "registerGateway", GATEWAY.address)
    neighbourhood.do(registrar, market.meters, "assignGateway", TENANT.address, 1, RATED_POWER)
    with rewound(market):
        expected = read_by_gateway(neighbourhood)
    # 200 Wh at 0.30 per kWh, which the tenant does not have.
    assert expected == (0, 200 * 300, 0)
    for how in STOPS:
        with rewound(market):
            stop(neighbourhood, how)
            assert read_by_gateway(neighbourhood) == expected, how
