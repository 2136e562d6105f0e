"""EIP-712: the hash that is signed of a struct, for one contract on one chain.

    digest = keccak(0x1901, separator(domain), keccak(type hash, value, value ...))

Values of more than one word, such as strings, are given as their hashes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from energy_grid.domain.hashing import keccak
from energy_grid.errors import InputError

__all__ = [
    "Domain",
    "digest",
    "document",
    "joined",
    "separator",
    "struct_hash",
    "type_hash",
    "written",
]

_DOMAIN_FIELDS = "string name,string version,uint256 chainId,address verifyingContract"
_DOMAIN = f"EIP712Domain({_DOMAIN_FIELDS})"
Value = str | int | bytes
# JavaScript rounds larger numbers.
_SAFE_INTEGER = 2**53 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """An EIP-712 domain: what a signature is for. It is worthless anywhere else."""

    name: str
    version: str
    chain_id: int
    verifying_contract: str


def digest(kind: str, values: tuple[Value, ...], domain: Domain) -> bytes:
    """The hash to sign of a struct, by its type as EIP-712 writes it."""
    return joined(separator(domain), struct_hash(kind, values))


def document(kind: str, message: Mapping[str, Value], domain: Domain) -> dict[str, Any]:
    """A struct as the JSON that wallets sign (``eth_signTypedData_v4``); numbers beyond 2**53 as
    decimal text.

    Args:
        kind: its type as EIP-712 writes it; no other struct is in it.
        message: its fields by their names.
    """
    name, _, fields = kind.removesuffix(")").partition("(")
    return {
        "types": {"EIP712Domain": _fields_of(_DOMAIN_FIELDS), name: _fields_of(fields)},
        "primaryType": name,
        "domain": {
            "name": domain.name,
            "version": domain.version,
            "chainId": domain.chain_id,
            "verifyingContract": domain.verifying_contract,
        },
        "message": {field: written(value) for field, value in message.items()},
    }


def _fields_of(fields: str) -> list[dict[str, str]]:
    pairs = (each.partition(" ") for each in fields.split(","))
    return [{"name": name, "type": kind} for kind, _, name in pairs]


def written(value: Value) -> int | str:
    """A value as JSON has it: bytes as 0x and digits, numbers beyond 2**53 as decimal text."""
    if isinstance(value, bytes):
        return f"0x{value.hex()}"
    if isinstance(value, str) or value <= _SAFE_INTEGER:
        return value
    return str(value)


def joined(separator: bytes, struct: bytes) -> bytes:
    """The hash to sign, of the hashes of a domain and a struct."""
    return keccak(b"\x19\x01" + separator + struct)


def struct_hash(kind: str, values: tuple[Value, ...]) -> bytes:
    """The hash of a struct alone.

    Raises:
        InputError: a number does not fit 256 bits.
    """
    return keccak(type_hash(kind) + b"".join(map(_word, values)))


@lru_cache(maxsize=64)
def separator(domain: Domain) -> bytes:
    """The hash of a domain."""
    values = (
        keccak(domain.name.encode()),
        keccak(domain.version.encode()),
        domain.chain_id,
        domain.verifying_contract,
    )
    return struct_hash(_DOMAIN, values)


@cache
def type_hash(kind: str) -> bytes:
    """The hash of a type."""
    return keccak(kind.encode())


def _word(value: Value) -> bytes:
    """An address, a number or 32 bytes as one word."""
    if isinstance(value, bytes):
        return value
    number = int(value, 16) if isinstance(value, str) else value
    try:
        return number.to_bytes(32, "big")
    except OverflowError:
        raise InputError(f"{number} does not fit 256 bits without a sign") from None
