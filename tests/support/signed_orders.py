"""Signed orders on a test chain: signed field by field from the page of EIP-712, independently of
the package's own hashing, and put into the form that the contract takes."""

from __future__ import annotations

from typing import Any

from eth_account import messages
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from energy_grid.chain.contract import Contract
from energy_grid.domain.batch import Batch
from energy_grid.domain.orders import OrderTerms
from energy_grid.domain.signed_orders import SignedOrder
from tests.support.market import Market, compact

__all__ = [
    "batch_args",
    "by_wallet",
    "deploy_wallet",
    "digest",
    "order_args",
    "order_data",
    "sign",
    "sign_digest",
    "sorted_orders",
]

_FIELDS = {
    "trader": "address",
    "side": "string",
    "amountWh": "uint256",
    "pricePerKwh": "uint256",
    "period": "string",
    "deliveryStart": "uint256",
    "validUntil": "uint256",
    "nonce": "uint256",
}


def order_data(
    market: Market, terms: OrderTerms, nonce: int, **domain: object
) -> tuple[dict[str, object], dict[str, Any], dict[str, object]]:
    """Domain, types and message of what a trader signs, as wallets take them; of the market's own
    domain, less what is given of another."""
    return (
        {
            "name": "EnergyGrid EnergyTrading",
            "version": "1",
            "chainId": market.node.chain_id,
            "verifyingContract": market.trading.address,
            **domain,
        },
        {"EnergyOrder": [{"name": name, "type": type_} for name, type_ in _FIELDS.items()]},
        {
            "trader": terms.trader,
            "side": terms.order_type.name,
            "amountWh": terms.amount,
            "pricePerKwh": terms.price,
            "period": terms.period.kind.name,
            "deliveryStart": terms.period.start,
            "validUntil": terms.expiry,
            "nonce": nonce,
        },
    )


def digest(market: Market, terms: OrderTerms, nonce: int, **domain: object) -> bytes:
    """The 32 bytes that are signed; as a number, what names the order in events."""
    signable = messages.encode_typed_data(*order_data(market, terms, nonce, **domain))
    return keccak(b"\x19" + signable.version + signable.header + signable.body)


def sign(
    market: Market, key_account: LocalAccount, terms: OrderTerms, nonce: int, **domain: object
) -> SignedOrder:
    """An order with the 65 bytes of a key, whether or not it is the trader's."""
    signed = key_account.sign_typed_data(*order_data(market, terms, nonce, **domain))
    return SignedOrder(terms=terms, nonce=nonce, signature=bytes(signed.signature))


def sign_digest(key_account: LocalAccount, order_hash: bytes) -> bytes:
    """The 65 bytes of a key over a hash."""
    return bytes(key_account.unsafe_sign_hash(order_hash).signature)


def sorted_orders(*orders: SignedOrder) -> tuple[SignedOrder, ...]:
    """The orders as a batch wants them: by trader, then by nonce."""
    return tuple(sorted(orders, key=lambda order: (int(order.terms.trader, 16), order.nonce)))


def batch_args(batch: Batch) -> list[Any]:
    """The batch as `settleBatch` takes it. Signatures of contract wallets are put where their
    orders say they are."""
    contract_signatures: list[bytes] = []
    orders = [order_args(order, contract_signatures) for order in batch.signed_orders]
    return [
        *(batch.period.kind, batch.period.start, batch.price, batch.order_set),
        *(orders, list(batch.stored_orders)),
        [(fill.buy, fill.sell, fill.amount) for fill in batch.fills],
        contract_signatures,
    ]


def order_args(order: SignedOrder, contract_signatures: list[bytes]) -> tuple[Any, ...]:
    """A signed order as the contract takes it; a contract wallet's signature is added to those
    given, and the order names its place there."""
    if order.by_contract:
        r, vs = len(contract_signatures).to_bytes(32), bytes(32)
        contract_signatures.append(order.signature)
    elif len(order.signature) == 64:
        r, vs = order.signature[:32], order.signature[32:]
    else:
        r, vs = compact(order.signature)
    terms = order.terms
    return (
        *(terms.trader, terms.order_type, terms.amount, terms.price, terms.expiry),
        *(order.nonce, r, vs),
    )


# Contract wallets (EIP-1271)


def deploy_wallet(market: Market, owner: LocalAccount) -> Contract:
    """A `WalletDouble`: confirms what its owner's key has signed, until changed."""
    return market.deploy("WalletDouble", owner.address)


def by_wallet(
    market: Market, owner: LocalAccount, terms: OrderTerms, nonce: int, **domain: object
) -> SignedOrder:
    """An order of a contract wallet, which the trader in the terms is, signed by its owner."""
    signature = sign_digest(owner, digest(market, terms, nonce, **domain))
    return SignedOrder(terms=terms, nonce=nonce, signature=signature, by_contract=True)
