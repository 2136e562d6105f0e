"""Orders that live off the chain: what their traders sign.

It is the EIP-712 struct of contracts/interfaces/IEnergyTrading.sol, with side and period as words:
a wallet shows them to whoever it asks to sign. Its hash names the order on the chain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from energy_grid.domain.enums import NonceState
from energy_grid.domain.hashing import keccak
from energy_grid.domain.orders import MAX_PER_SLOT, MAX_PRICE, OrderTerms, OrderType
from energy_grid.domain.periods import SLOT_LENGTHS, PeriodKind
from energy_grid.domain.typed_data import Domain, digest, wallet_document
from energy_grid.errors import DomainError, InputError

__all__ = [
    "MAX_NONCE",
    "MalformedOrderError",
    "NonceState",
    "SignedOrder",
    "check_order",
    "compact",
    "fields_of",
    "order_hash",
    "trading_domain",
    "typed_data",
]

MAX_NONCE = 2**40 - 1
_MAX_TIME = 2**256 - 1

_FIELDS = (
    ("address", "trader"),
    ("string", "side"),
    ("uint256", "amountWh"),
    ("uint256", "pricePerKwh"),
    ("string", "period"),
    ("uint256", "deliveryStart"),
    ("uint256", "validUntil"),
    ("uint256", "nonce"),
)
_ORDER = f"EnergyOrder({','.join(f'{kind} {name}' for kind, name in _FIELDS)})"
_SIDES = {member: keccak(member.name.encode()) for member in OrderType}
_PERIODS = {member: keccak(member.name.encode()) for member in PeriodKind}

# Of secp256k1: the order of its group, and half of it, the highest ``s`` that is taken.
_N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_HALF_N = _N // 2
_PARITY = 1 << 255
_WORD, _COMPACT_BYTES, _LONG_BYTES = 32, 64, 65

# JavaScript rounds larger numbers.
_SAFE_INTEGER = 2**53 - 1


class MalformedOrderError(InputError):
    """A signed order is malformed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOrder:
    """An order with its trader's signature.

    Attributes:
        terms: what the trader asks for.
        nonce: below 2**40; serves one order of the trader.
        signature: 64 bytes (ERC-2098) or 65 of a key, anything of a contract wallet.
        by_contract: whether the trader is a contract wallet, which confirms the signature itself.
    """

    terms: OrderTerms
    nonce: int
    signature: bytes
    by_contract: bool = False

    @property
    def sorting_key(self) -> tuple[int, int]:
        """By trader, then by nonce: the order of signed orders in a batch."""
        return int(self.terms.trader, 16), self.nonce


# What is signed


def trading_domain(chain_id: int, trading: str) -> Domain:
    """The domain of signed orders; ``trading`` is the address of EnergyTrading."""
    return Domain(
        name="EnergyGrid EnergyTrading",
        version="1",
        chain_id=chain_id,
        verifying_contract=trading,
    )


def order_hash(terms: OrderTerms, nonce: int, domain: Domain) -> bytes:
    """The 32 bytes that a trader signs, which also name the order on the chain.

    Raises:
        InputError: a number does not fit 256 bits.
    """
    values = (
        terms.trader,
        _SIDES[terms.order_type],
        terms.amount,
        terms.price,
        _PERIODS[terms.period.kind],
        terms.period.start,
        terms.expiry,
        nonce,
    )
    return digest(_ORDER, values, domain)


def typed_data(terms: OrderTerms, nonce: int, domain: Domain) -> dict[str, Any]:
    """What is signed as the JSON that wallets take (``eth_signTypedData_v4``)."""
    return wallet_document(_ORDER, fields_of(terms, nonce), domain)


def fields_of(terms: OrderTerms, nonce: int) -> dict[str, int | str]:
    """The fields that are signed, by their names; numbers beyond 2**53 as decimal strings."""
    return {
        "trader": terms.trader,
        "side": terms.order_type.name,
        "amountWh": _written(terms.amount),
        "pricePerKwh": _written(terms.price),
        "period": terms.period.kind.name,
        "deliveryStart": _written(terms.period.start),
        "validUntil": _written(terms.expiry),
        "nonce": _written(nonce),
    }


def check_order(terms: OrderTerms, nonce: int) -> None:
    """Pass on what a market has room for; see `check_amount` for what fits its slots.

    Raises:
        DomainError: energy, price, expiry or nonce is out of range.
    """
    for name, value, minimum, maximum in (
        ("the energy in Wh", terms.amount, 1, MAX_PER_SLOT * _most_slots(terms.period.kind)),
        ("the price", terms.price, 0, MAX_PRICE),
        ("the expiry", terms.expiry, 0, _MAX_TIME),
        ("the nonce", nonce, 0, MAX_NONCE),
    ):
        if not minimum <= value <= maximum:
            raise DomainError(f"{name} must be from {minimum} to {maximum}, not {value}")


# Signatures


def compact(signature: bytes) -> tuple[bytes, bytes]:
    """``(r, vs)`` of ERC-2098 for a key's signature of 64 or 65 bytes.

    Raises:
        MalformedOrderError: another length, a last byte other than 27 or 28, numbers that no
            signature has, or the higher one of two possible ``s``, which the contract rejects.
    """
    if len(signature) == _COMPACT_BYTES:
        word = int.from_bytes(signature[_WORD:], "big")
        s, odd = word & (_PARITY - 1), word & _PARITY
    elif len(signature) == _LONG_BYTES:
        if signature[-1] not in (27, 28):
            raise MalformedOrderError(f"a signature ends with 27 or 28, not {signature[-1]}")
        s = int.from_bytes(signature[_WORD:_COMPACT_BYTES], "big")
        odd = _PARITY * (signature[-1] - 27)
    else:
        raise MalformedOrderError(f"a key's signature has 64 or 65 bytes, not {len(signature)}")
    r = signature[:_WORD]
    if not (0 < int.from_bytes(r, "big") < _N and 0 < s <= _HALF_N):
        raise MalformedOrderError("r or s of the signature is out of range")
    return r, (s | odd).to_bytes(_WORD, "big")


def _most_slots(kind: PeriodKind) -> int:
    return kind.seconds // min(SLOT_LENGTHS)


def _written(number: int) -> int | str:
    return number if number <= _SAFE_INTEGER else str(number)
