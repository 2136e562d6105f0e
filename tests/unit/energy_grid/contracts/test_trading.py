"""Batches as the chain takes them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from energy_grid.chain.accounts import Account
from energy_grid.contracts.energy_trading import EnergyTrading
from energy_grid.domain.batch import Batch, Fill
from energy_grid.domain.orders import OrderTerms, OrderType
from energy_grid.domain.periods import Period, PeriodKind
from energy_grid.domain.signed_orders import (
    MalformedOrderError,
    SignedOrder,
    compact,
    trading_domain,
)
from energy_grid.market.batch_calls import settle_batch
from energy_grid.market.signing import sign_order
from tests.support.fake_node import FakeNode

ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
TRADER = Account(b"\7" * 32)
DAY = Period(kind=PeriodKind.DAILY, start=1_704_067_200)
TERMS = OrderTerms(
    trader=TRADER.address,
    order_type=OrderType.SELL,
    amount=1500,
    price=250_000,
    expiry=1_704_100_000,
    period=DAY,
)
ORDER = sign_order(TRADER, TERMS, 4, trading_domain(31337, ADDRESS))
OF_WALLETS = [
    SignedOrder(
        terms=replace(TERMS, trader=ADDRESS, order_type=OrderType.BUY),
        nonce=nonce,
        signature=signature,
        by_contract=True,
    )
    for nonce, signature in ((5, b"first"), (6, b""))
]
BATCH = Batch(
    period=DAY,
    price=240_000,
    order_set=b"\1" * 32,
    signed_orders=(OF_WALLETS[0], ORDER, OF_WALLETS[1]),
    stored_orders=(3, 9),
    fills=(Fill(buy=0, sell=1, amount=700), Fill(buy=3, sell=1, amount=800)),
)


def test_settle_batch__is_encoded_with_the_signatures_where_the_chain_looks_for_them() -> None:
    trading = EnergyTrading(FakeNode(), ADDRESS)
    call = settle_batch(trading, BATCH, True)
    function = trading.abi.function("settleBatch")
    batch, skip = function.inputs.decode(call.data[4:])
    limits = (1500, 250_000, 1_704_100_000)
    assert skip is True
    assert batch == (
        PeriodKind.DAILY,
        1_704_067_200,
        240_000,
        b"\1" * 32,
        (
            (ADDRESS, OrderType.BUY, *limits, 5, bytes(32), bytes(32)),
            (TRADER.address, OrderType.SELL, *limits, 4, *compact(ORDER.signature)),
            (ADDRESS, OrderType.BUY, *limits, 6, bytes(31) + b"\1", bytes(32)),
        ),
        (3, 9),
        ((0, 1, 700), (3, 1, 800)),
        (b"first", b""),
    )
    assert settle_batch(trading, BATCH, False).data != call.data


def test_settle_batch__both_forms_of_a_key_s_signature__are_the_same() -> None:
    trading = EnergyTrading(FakeNode(), ADDRESS)
    short = replace(ORDER, signature=b"".join(compact(ORDER.signature)))
    same = replace(BATCH, signed_orders=(OF_WALLETS[0], short, OF_WALLETS[1]))
    assert settle_batch(trading, same, True) == settle_batch(trading, BATCH, True)


def test_settle_batch__a_key_s_signature_that_is_none__is_refused() -> None:
    broken = replace(BATCH, signed_orders=(replace(ORDER, signature=bytes(65)),))
    with pytest.raises(MalformedOrderError):
        settle_batch(EnergyTrading(FakeNode(), ADDRESS), broken, True)
