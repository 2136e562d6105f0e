"""Errors that the ABIs declare and no input can raise, each with the reason.

They come from library code that is compiled in. An entry that is raised after all fails the run.
"""

from __future__ import annotations

__all__ = ["UNREACHABLE"]

_NAME = "only for EIP-712 names of 32 characters and more; ours are short constants"

UNREACHABLE: dict[str, str] = {
    "AccessManagedRequiredDelay": "declared by OpenZeppelin's interface, and raised nowhere",
    "CheckpointUnorderedInsertion": "base prices are pushed by the running slot, which only grows",
    "ECDSAInvalidSignatureLength": "permits take v, r and s, whose lengths cannot be wrong",
    "InvalidAccountNonce": "permits use the next nonce; another one makes another signer",
    "InvalidShortString": _NAME,
    "StringTooLong": _NAME,
}
