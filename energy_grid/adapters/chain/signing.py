"""EIP-712 signatures: readings, registrations and keys of meters, token permits, a Safe's calls,
and orders off the chain.

A signature belongs to one `Domain`: it is worthless on another chain or for another contract.
"""

from __future__ import annotations

from eth_hash.auto import keccak

from energy_grid.adapters.chain.accounts import Account, Signature, recover
from energy_grid.adapters.chain.contract import to_bytes32
from energy_grid.domain.orders import OrderTerms
from energy_grid.domain.signed_orders import (
    SignedOrder,
    check_order,
    compact,
    order_hash,
)
from energy_grid.domain.typed_data import Domain, digest, joined, struct_hash
from energy_grid.errors import InputError
from energy_grid.services.ports import MeterReading, SignedReading

__all__ = [
    "Domain",
    "meter_domain",
    "order_signer",
    "reading_signer",
    "safe_transaction_digest",
    "sign_order",
    "sign_permit",
    "sign_reading",
    "sign_registration",
    "sign_rotation",
]

_READING = (
    "MeterReading(address meter,uint256 timestamp,uint256 consumption,uint256 production,"
    "uint256 gridFrequency,uint256 voltage)"
)
_REGISTRATION = "MeterRegistration(address meter,address account,bytes32 region,uint256 ratedPower)"
_ROTATION = "MeterKeyRotation(address meter,address newKey)"
_SAFE_DOMAIN = "EIP712Domain(uint256 chainId,address verifyingContract)"
_SAFE_TRANSACTION = (
    "SafeTx(address to,uint256 value,bytes data,uint8 operation,uint256 safeTxGas,uint256 baseGas,"
    "uint256 gasPrice,address gasToken,address refundReceiver,uint256 nonce)"
)
_PERMIT = "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"


def meter_domain(chain_id: int, smart_meter: str) -> Domain:
    """The domain of everything that a meter's key signs."""
    return Domain(
        name="EnergyGrid SmartMeter",
        version="1",
        chain_id=chain_id,
        verifying_contract=smart_meter,
    )


def sign_reading(meter: Account, reading: MeterReading, domain: Domain) -> SignedReading:
    """A reading with the compact signature of its meter's key."""
    signature = meter.sign(_reading_digest(meter.address, reading, domain))
    r, vs = signature.compact
    return SignedReading(meter=meter.address, reading=reading, r=r, vs=vs)


def reading_signer(signed: SignedReading, domain: Domain) -> str:
    """Who signed a reading; it is authentic if that is its meter.

    Raises:
        InputError: nobody can have.
    """
    signature = Signature.from_compact(signed.r, signed.vs)
    return recover(_reading_digest(signed.meter, signed.reading, domain), signature)


def sign_registration(
    meter: Account, account: str, region: str, rated_power: int, domain: Domain
) -> bytes:
    """65 bytes by a meter's key: that it is to count for an account."""
    words = (meter.address, account, to_bytes32(region), rated_power)
    return meter.sign(digest(_REGISTRATION, words, domain)).long


def sign_rotation(new_key: Account, meter: str, domain: Domain) -> bytes:
    """65 bytes by a meter's new key: that it takes over from the old one."""
    return new_key.sign(digest(_ROTATION, (meter, new_key.address), domain)).long


def sign_permit(
    owner: Account, spender: str, value: int, nonce: int, deadline: int, domain: Domain
) -> Signature:
    """An EIP-2612 permit; ``domain`` and ``nonce`` are the token's."""
    words = (owner.address, spender, value, nonce, deadline)
    return owner.sign(digest(_PERMIT, words, domain))


def safe_transaction_digest(
    fields: tuple[str, int, bytes, int, int], safe: str, chain_id: int
) -> bytes:
    """The hash that a Safe's owners sign, of ``to, value, data, operation, nonce``.

    Its gas terms are all zero: nobody's gas is refunded.
    """
    to, value, data, operation, nonce = fields
    words = (to, value, keccak(data), operation, 0, 0, 0, 0, 0, nonce)
    return joined(
        struct_hash(_SAFE_DOMAIN, (chain_id, safe)), struct_hash(_SAFE_TRANSACTION, words)
    )


def sign_order(trader: Account, terms: OrderTerms, nonce: int, domain: Domain) -> SignedOrder:
    """An order with the signature of its trader's key.

    Raises:
        DomainError: the chain has no room for a number of it.
        InputError: the key is not the trader's.
    """
    check_order(terms, nonce)
    if trader.address != terms.trader:
        raise InputError(f"the order is of {terms.trader}, not of {trader.address}")
    signature = trader.sign(order_hash(terms, nonce, domain)).long
    return SignedOrder(terms=terms, nonce=nonce, signature=signature)


def order_signer(order: SignedOrder, domain: Domain) -> str:
    """Whose key signed an order; it is authentic if that is its trader's.

    Of the order of a contract wallet only the wallet can tell (`wallets.is_confirmed`).

    Raises:
        InputError: nobody's can have; `MalformedOrderError` where it is no signature at all.
    """
    signature = Signature.from_compact(*compact(order.signature))
    return recover(order_hash(order.terms, order.nonce, domain), signature)


def _reading_digest(meter: str, reading: MeterReading, domain: Domain) -> bytes:
    words = (
        meter,
        reading.timestamp,
        reading.consumption,
        reading.production,
        reading.grid_frequency,
        reading.voltage,
    )
    return digest(_READING, words, domain)
