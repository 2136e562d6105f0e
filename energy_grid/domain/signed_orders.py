"""Orders that live off the chain: what their traders sign."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from energy_grid.domain.orders import OrderTerms

__all__ = ["NonceState", "SignedOrder"]


class NonceState(IntEnum):
    """What has become of a nonce, numbered as on the chain."""

    OPEN = 0
    PARTIAL = 1
    FILLED = 2
    CANCELLED = 3


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
