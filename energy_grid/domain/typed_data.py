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

__all__ = ["Domain", "digest", "joined", "separator", "struct_hash", "type_hash", "wallet_document"]

_DOMAIN = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
Value = str | int | bytes


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


def wallet_document(
    kind: str, message: Mapping[str, Any], domain: Domain | Mapping[str, int | str]
) -> dict[str, Any]:
    """A struct as the JSON that wallets take to sign it (``eth_signTypedData_v4``).

    Args:
        domain: or, of a contract that names neither itself nor a version, what its own domain has.
    """
    if isinstance(domain, Domain):
        domain = {
            "name": domain.name,
            "version": domain.version,
            "chainId": domain.chain_id,
            "verifyingContract": domain.verifying_contract,
        }
    of_domain = [each for each in _members(_DOMAIN) if each["name"] in domain]
    primary = kind.partition("(")[0]
    return {
        "types": {"EIP712Domain": of_domain, primary: _members(kind)},
        "primaryType": primary,
        "domain": dict(domain),
        "message": dict(message),
    }


def _members(kind: str) -> list[dict[str, str]]:
    fields = kind.partition("(")[2].removesuffix(")").split(",")
    pairs = [field.split(" ") for field in fields]
    return [{"name": name, "type": type_} for type_, name in pairs]


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
