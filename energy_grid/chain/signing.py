"""EIP-712 signatures of token permits and of a Safe's transactions.

A signature belongs to one `Domain`: it is worthless on another chain or for another contract.
"""

from __future__ import annotations

from typing import Any

from energy_grid.chain.accounts import Account, Signature
from energy_grid.domain.hashing import keccak
from energy_grid.domain.typed_data import Domain, digest, joined, struct_hash, wallet_document

__all__ = [
    "permit_document",
    "safe_transaction_digest",
    "safe_transaction_document",
    "sign_permit",
]

_SAFE_DOMAIN = "EIP712Domain(uint256 chainId,address verifyingContract)"
_SAFE_TRANSACTION = (
    "SafeTx(address to,uint256 value,bytes data,uint8 operation,uint256 safeTxGas,uint256 baseGas,"
    "uint256 gasPrice,address gasToken,address refundReceiver,uint256 nonce)"
)
_NOBODY = "0x" + "0" * 40
_PERMIT = "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"


def sign_permit(
    owner: Account, spender: str, value: int, nonce: int, deadline: int, domain: Domain
) -> Signature:
    """An EIP-2612 permit; ``domain`` and ``nonce`` are the token's."""
    words = (owner.address, spender, value, nonce, deadline)
    return owner.sign(digest(_PERMIT, words, domain))


def permit_document(
    owner: str, spender: str, value: int, nonce: int, deadline: int, domain: Domain
) -> dict[str, Any]:
    """What `sign_permit` signs, for a wallet (``eth_signTypedData_v4``)."""
    message = {
        "owner": owner,
        "spender": spender,
        # JavaScript rounds larger numbers than 2^53.
        "value": str(value),
        "nonce": nonce,
        "deadline": deadline,
    }
    return wallet_document(_PERMIT, message, domain)


def safe_transaction_digest(
    fields: tuple[str, int, bytes, int, int], safe: str, chain_id: int
) -> bytes:
    """The hash that a Safe's owners sign, of ``to, value, data, operation, nonce``.

    Its gas terms are all zero: no gas is refunded.
    """
    to, value, data, operation, nonce = fields
    words = (to, value, keccak(data), operation, 0, 0, 0, 0, 0, nonce)
    return joined(
        struct_hash(_SAFE_DOMAIN, (chain_id, safe)), struct_hash(_SAFE_TRANSACTION, words)
    )


def safe_transaction_document(
    fields: tuple[str, int, bytes, int, int], safe: str, chain_id: int
) -> dict[str, Any]:
    """What `safe_transaction_digest` is the hash of, for a wallet (``eth_signTypedData_v4``)."""
    to, value, data, operation, nonce = fields
    message = {
        "to": to,
        "value": str(value),
        "data": f"0x{data.hex()}",
        "operation": operation,
        "safeTxGas": "0",
        "baseGas": "0",
        "gasPrice": "0",
        "gasToken": _NOBODY,
        "refundReceiver": _NOBODY,
        "nonce": str(nonce),
    }
    domain: dict[str, int | str] = {"chainId": chain_id, "verifyingContract": safe}
    return wallet_document(_SAFE_TRANSACTION, message, domain)
