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
from energy_grid.market.orders import settle_batch
from energy_grid.market.signing import sign_order
from tests.integration.drills.test_stop_drills import STOPS, stop, wound_up
from tests.integration.drills.town import (
    BUYER,
    FOREVER,
    KEEPER,
    SLOTS,
    START,
    Town,
    open_town,
)
from tests.support.examples import rewound
from tests.support.market import Market, actor
from tests.support.refusals import refused
from tests.support.settlement import close

GATEWAY, TENANT = actor("gateway"), actor("tenant")
# What the exits of a town cancel.
NONCE = 3
RATED_POWER = 10_000
SALTS = bytes(32), b"\1" * 32


@pytest.fixture
def town(market: Market) -> Town:
    return open_town(market)


# Signed orders


def signed_order(town: Town) -> SignedOrder:
    """The buyer asks for 900 Wh of the first hour."""
    terms = OrderTerms(
        trader=BUYER.address,
        order_type=OrderType.BUY,
        amount=900,
        price=210_000,
        expiry=FOREVER,
        period=Period(kind=PeriodKind.HOURLY, start=START),
    )
    domain = trading_domain(town.market.node.chain_id, town.market.trading.address)
    return sign_order(Account(bytes(BUYER.key)), terms, NONCE, domain)


def batch(town: Town, amount: int) -> Call:
    """The order gets so much (Wh) of what the seller offers in its first stored order."""
    trading = EnergyTrading(town.market.node, town.market.trading.address)
    wanted = Batch(
        period=Period(kind=PeriodKind.HOURLY, start=START),
        price=205_000,
        order_set=bytes(32),
        signed_orders=(signed_order(town),),
        stored_orders=(2,),
        fills=(Fill(buy=0, sell=1, amount=amount),),
    )
    return settle_batch(trading, wanted, skip=False)


def state_of(town: Town) -> NonceState:
    state: NonceState = town.market.trading.call("nonceState", BUYER.address, NONCE)
    return state


def test_drill__signed_order_partly_filled__ends_as_it_would_have(town: Town) -> None:
    market = town.market
    market.send(market.roles[Role.KEEPER], batch(town, 600))
    assert state_of(town) is NonceState.PARTIAL
    with rewound(market):
        market.send(market.roles[Role.KEEPER], batch(town, 300))
        assert state_of(town) is NonceState.FILLED
    with rewound(market):
        expected = wound_up(town)
        assert state_of(town) is NonceState.CANCELLED

    for how in STOPS:
        with rewound(market):
            level = stop(town, how)
            with refused(errors.EmergencyStop_Stopped, level=level):
                market.send(market.roles[Role.KEEPER], batch(town, 300))
            assert wound_up(town) == expected, how
            assert state_of(town) is NonceState.CANCELLED


def test_drill__only_settlement_stopped__locks_of_batches_go_on(town: Town) -> None:
    """Each contract is stopped by itself: money that is there can be locked and freed."""
    stop(town, "paused", ["Settlement"])
    assert town.market.trading.call("stopLevel") is StopLevel.RUNNING
    town.market.send(town.market.roles[Role.KEEPER], batch(town, 900))
    assert state_of(town) is NonceState.FILLED


# Anchored readings


def leaf(slot: int, produced: int, consumed: int, salt: bytes) -> bytes:
    """Of the tenant, as ISmartMeter draws it."""
    types = ("address", "uint256", "uint256", "uint256", "bytes32")
    return keccak(keccak(encode(types, (TENANT.address, slot, produced, consumed, salt))))


def anchor(town: Town, slot: int, energies: Sequence[tuple[int, int]]) -> list[bytes]:
    """The gateway anchors one or two readings of the tenant; their leaves."""
    leaves = [leaf(slot, *energy, salt) for energy, salt in zip(energies, SALTS, strict=False)]
    root = leaves[0] if len(leaves) == 1 else keccak(b"".join(sorted(leaves)))
    town.pass_to(town.market.end_of(slot))
    town.do(GATEWAY, town.market.meters, "anchorReadings", root, slot, len(leaves))
    return leaves


def prove(town: Town, slot: int, produced: int, consumed: int) -> int:
    """Anybody proves a slot of which the gateway has anchored nothing else; Wh bought for it."""
    proof = (TENANT.address, slot, produced, consumed, SALTS[0], [])
    receipt = town.do(KEEPER, town.market.meters, "proveSlot", *proof)
    closed = town.market.events(receipt, town.market.settlement, "SlotClosed")
    return sum(event["from_grid"] for event in closed)


def read_by_gateway(town: Town) -> tuple[int, ...]:
    """Three slots: proven in time, after the closing, and anchored twice; what the tenant has."""
    market, slots = town.market, (*SLOTS, SLOTS[-1] + 1)
    anchor(town, slots[0], [(500, 0)])
    prove(town, slots[0], 500, 0)
    anchor(town, slots[1], [(0, 700)])
    first, second = anchor(town, slots[2], [(900_000, 0), (0, 1)])
    readings = ((900_000, 0, SALTS[0], [second]), (0, 1, SALTS[1], [first]))
    dispute = (TENANT.address, slots[2], *readings)
    town.do(KEEPER, market.meters, "disputeDoubleCount", *dispute)
    town.pass_to(market.closable_at(slots[2]))
    for slot in slots:
        close(market, TENANT, slot)
    assert market.energy_token.call("balanceOf", TENANT.address) == 500
    assert prove(town, slots[1], 0, 700) == 200
    return (
        market.balance(TENANT),
        market.settlement.call("debtOf", TENANT.address),
        market.energy_token.call("balanceOf", TENANT.address),
    )


def test_drill__gateway__anchors_and_is_proven_through_a_stop(town: Town) -> None:
    market, registrar = town.market, town.market.roles[Role.METER_REGISTRAR]
    town.do(registrar, market.meters, "registerGateway", GATEWAY.address)
    town.do(registrar, market.meters, "assignGateway", TENANT.address, 1, RATED_POWER)
    with rewound(market):
        expected = read_by_gateway(town)
    # 200 Wh at 0.30 per kWh, which the tenant does not have.
    assert expected == (0, 200 * 300, 0)
    for how in STOPS:
        with rewound(market):
            stop(town, how)
            assert read_by_gateway(town) == expected, how
