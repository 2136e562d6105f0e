"""Keccak-256, the hash of Ethereum."""

from __future__ import annotations

from sha3 import keccak_256

__all__ = ["keccak"]


def keccak(data: bytes) -> bytes:
    """The 32 bytes of the hash."""
    digest: bytes = keccak_256(data).digest()
    return digest
