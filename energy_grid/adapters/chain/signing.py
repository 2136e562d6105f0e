"""EIP-712 signatures: readings, registrations and keys of meters, token permits, a Safe's calls.

A signature belongs to one `Domain`: it is worthless on another chain or for another contract.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

from eth_hash.auto import keccak

from energy_grid.adapters.chain.accounts import Account, Signature, recover
from energy_grid.adapters.chain.contract import to_bytes32
from energy_grid.errors import InputError
from energy_grid.services.ports import MeterReading, SignedReading

__all__ = [
    "Domain",
    "meter_domain",
    "reading_signer",
    "safe_transaction_digest",
    "sign_permit",
    "sign_reading",
    "sign_registration",
    "sign_rotation",
]

_DOMAIN = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """An EIP-712 domain: what a signature is for."""

    name: str
    version: str
    chain_id: int
    verifying_contract: str


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
    return meter.sign(_digest(_REGISTRATION, words, domain)).long


def sign_rotation(new_key: Account, meter: str, domain: Domain) -> bytes:
    """65 bytes by a meter's new key: that it takes over from the old one."""
    return new_key.sign(_digest(_ROTATION, (meter, new_key.address), domain)).long


def sign_permit(
    owner: Account, spender: str, value: int, nonce: int, deadline: int, domain: Domain
) -> Signature:
    """An EIP-2612 permit; ``domain`` and ``nonce`` are the token's."""
    words = (owner.address, spender, value, nonce, deadline)
    return owner.sign(_digest(_PERMIT, words, domain))


def safe_transaction_digest(
    fields: tuple[str, int, bytes, int, int], safe: str, chain_id: int
) -> bytes:
    """The hash that a Safe's owners sign, of ``to, value, data, operation, nonce``.

    Its gas terms are all zero: nobody's gas is refunded.
    """
    to, value, data, operation, nonce = fields
    words = (to, value, keccak(data), operation, 0, 0, 0, 0, 0, nonce)
    separator = keccak(_type_hash(_SAFE_DOMAIN) + _word(chain_id) + _word(safe))
    return _joined(separator, _SAFE_TRANSACTION, words)


def _reading_digest(meter: str, reading: MeterReading, domain: Domain) -> bytes:
    words = (
        meter,
        reading.timestamp,
        reading.consumption,
        reading.production,
        reading.grid_frequency,
        reading.voltage,
    )
    return _digest(_READING, words, domain)


def _digest(kind: str, words: tuple[str | int | bytes, ...], domain: Domain) -> bytes:
    """The hash to sign of a struct that consists of single words."""
    return _joined(_separator(domain), kind, words)


def _joined(separator: bytes, kind: str, words: tuple[str | int | bytes, ...]) -> bytes:
    struct = keccak(_type_hash(kind) + b"".join(map(_word, words)))
    return keccak(b"\x19\x01" + separator + struct)


@lru_cache(maxsize=64)
def _separator(domain: Domain) -> bytes:
    words: tuple[str | int | bytes, ...] = (
        keccak(domain.name.encode()),
        keccak(domain.version.encode()),
        domain.chain_id,
        domain.verifying_contract,
    )
    return keccak(_type_hash(_DOMAIN) + b"".join(map(_word, words)))


@cache
def _type_hash(kind: str) -> bytes:
    return keccak(kind.encode())


def _word(value: str | int | bytes) -> bytes:
    """An address, a number or 32 bytes as one word."""
    if isinstance(value, bytes):
        return value
    number = int(value, 16) if isinstance(value, str) else value
    try:
        return number.to_bytes(32, "big")
    except OverflowError:
        raise InputError(f"{number} does not fit 256 bits without a sign") from None
