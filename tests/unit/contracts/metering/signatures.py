"""Signatures as a meter's key makes them, and as it never would.

Everything here follows EIP-712 and ERC-2098 with eth_account, none of it with the package's code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eth_account import Account
from eth_account.messages import SignableMessage, encode_typed_data
from eth_account.signers.local import LocalAccount
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError

from tests.support.market import Market

__all__ = ["NOBODY", "ORDER", "OTHER_DOMAINS", "Fields", "Signature", "damaged", "typed"]

Fields = Mapping[str, tuple[str, Any]]

NOBODY = "0x0000000000000000000000000000000000000000"
# The order of secp256k1: with s, n - s signs the same.
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141

# One field of the domain of SmartMeter's messages each, and what it is in another place.
OTHER_DOMAINS: Mapping[str, Mapping[str, Any]] = {
    "other chain": {"chainId": 1},
    "other contract": {"verifyingContract": "0x1111111111111111111111111111111111111111"},
    "other version": {"version": "2"},
    "other name": {"name": "EnergyGrid EnergyTrading"},
    "with a salt": {"salt": bytes(32)},
}


def typed(market: Market, kind: str, fields: Fields, **domain: Any) -> SignableMessage:
    """A message for SmartMeter, or for another domain."""
    return encode_typed_data(
        domain_data={
            "name": "EnergyGrid SmartMeter",
            "version": "1",
            "chainId": market.node.chain_id,
            "verifyingContract": market.meters.address,
            **domain,
        },
        message_types={
            kind: [{"name": name, "type": type_} for name, (type_, _) in fields.items()]
        },
        message_data={name: value for name, (_, value) in fields.items()},
    )


@dataclass(frozen=True, slots=True)
class Signature:
    """The parts of a signature, as they are sent."""

    r: int
    s: int
    v: int

    @classmethod
    def by(cls, signer: LocalAccount, message: SignableMessage) -> Signature:
        signed = signer.sign_message(message)
        return cls(signed.r, signed.s, signed.v)

    @classmethod
    def from_long(cls, data: bytes) -> Signature:
        return cls(int.from_bytes(data[:32], "big"), int.from_bytes(data[32:64], "big"), data[64])

    @classmethod
    def from_compact(cls, r: bytes, vs: bytes) -> Signature:
        word = int.from_bytes(vs, "big")
        return cls(int.from_bytes(r, "big"), word & (2**255 - 1), 27 + (word >> 255))

    @property
    def long(self) -> bytes:
        return self.r.to_bytes(32, "big") + self.s.to_bytes(32, "big") + bytes([self.v])

    @property
    def compact(self) -> tuple[bytes, bytes]:
        """What is left of it in the 64 bytes of ERC-2098, which have no room for a high s."""
        word = (self.s | (self.v - 27) << 255) & (2**256 - 1)
        return self.r.to_bytes(32, "big"), word.to_bytes(32, "big")

    def signer(self, message: SignableMessage) -> str:
        """Who has signed the message with this, `NOBODY` if nobody can have.

        Of the two signatures that each key can make, only the one with the lower s counts.
        """
        if self.s > ORDER // 2 or self.v not in (27, 28):
            return NOBODY
        try:
            return str(Account.recover_message(message, vrs=(self.v, self.r, self.s)))
        except (BadSignature, ValidationError):
            return NOBODY


def damaged(signature: Signature) -> dict[str, Signature]:
    """What becomes of a good signature in the hands of others, by what they did to it."""
    r, s, v = signature.r, signature.s, signature.v
    return {
        "the other s, which signs the same": Signature(r, ORDER - s, 55 - v),
        "the other s alone": Signature(r, ORDER - s, v),
        "the other parity": Signature(r, s, 55 - v),
        "s just above the half": Signature(r, ORDER // 2 + 1, v),
        "s of zero": Signature(r, 0, v),
        "s of the order": Signature(r, ORDER, v),
        "r of zero": Signature(0, s, v),
        "r of the order": Signature(ORDER, s, v),
        "all zero": Signature(0, 0, 27),
    }
