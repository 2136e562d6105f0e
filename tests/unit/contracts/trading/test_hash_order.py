"""EnergyTrading.hashOrder."""

from __future__ import annotations

from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak

from tests.support.core.chain import CHAIN_ID
from tests.support.core.trading_world import (
    BUY,
    EVER,
    TradingWorld,
)
from tests.unit.contracts.trading.suite import (
    NEXT,
    NEXT_HOUR,
)


def test_hash_order__any_order__is_what_a_wallet_signs(world: TradingWorld) -> None:
    """As a wallet hashes it."""
    order = world.sign("buyer", BUY, NEXT_HOUR, 5, 50, 3)
    fields = {
        "trader": "address",
        "side": "string",
        "amountWh": "uint256",
        "pricePerKwh": "uint256",
        "period": "string",
        "deliveryStart": "uint256",
        "validUntil": "uint256",
        "nonce": "uint256",
    }
    values = (world.address("buyer"), "BUY", 20, 50, "HOURLY", NEXT, EVER, 3)
    signable = encode_typed_data(
        {
            "name": "EnergyGrid EnergyTrading",
            "version": "1",
            "chainId": CHAIN_ID,
            "verifyingContract": world.trading.address,
        },
        {"EnergyOrder": [{"name": name, "type": type_} for name, type_ in fields.items()]},
        dict(zip(fields, values, strict=True)),
    )
    whole = keccak(b"\x19" + signable.version + signable.header + signable.body)
    assert int.from_bytes(whole) == world.hash(order)
