"""A call of a Safe on its way from owner to owner: a file that each of them signs.

    {"format": 1, "chainId": 31337, "safe": "0x..", "nonce": 7, "to": "0x..", "value": 0,
     "data": "0x..", "operation": 0, "signatures": {"0x<owner>": "0x<65 bytes>"}}

`operation` is 1 for a batch of several calls, which the Safe makes through its MultiSendCallOnly.
All but the signatures is what is signed: what it means is read from the call, never from words that
is written beside it. A signature that is not its owner's makes the file worthless, and nobody's
key is in it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from energy_grid.chain.abi import checksum
from energy_grid.chain.accounts import Account
from energy_grid.chain.files import created, read_json, rewritten
from energy_grid.chain.tx.multisig import Operation, SafeTransaction
from energy_grid.errors import InputError

__all__ = ["SafeFile"]

_FORMAT = 1
# More than eight times the largest transaction that nodes pass on, in hexadecimal digits.
_MAX_BYTES = 2**21
# Infinity, which Python's JSON has, is an OverflowError as an integer.
_MALFORMED = (AttributeError, KeyError, OverflowError, RecursionError, TypeError, ValueError)


@dataclass(frozen=True, slots=True, kw_only=True)
class SafeFile:
    """What owners of a Safe are asked to sign, and the signatures there are."""

    chain_id: int
    safe: str
    transaction: SafeTransaction
    signatures: Mapping[str, bytes] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path) -> SafeFile:
        """Read a file.

        Raises:
            InputError: there is none, it is something else, or a signature is not its owner's.
        """
        try:
            document = read_json(path, _MAX_BYTES)
            if document["format"] != _FORMAT:
                raise InputError(f"{path} has format {document['format']}, not {_FORMAT}")
            found = cls(
                chain_id=int(document["chainId"]),
                safe=checksum(document["safe"]),
                transaction=SafeTransaction(
                    to=checksum(document["to"]),
                    value=int(document["value"]),
                    data=bytes.fromhex(document["data"][2:]),
                    operation=Operation(document["operation"]),
                    nonce=int(document["nonce"]),
                ),
                signatures={
                    checksum(owner): bytes.fromhex(signature[2:])
                    for owner, signature in document["signatures"].items()
                },
            )
        except _MALFORMED as error:
            raise InputError(f"{path} is no call of a Safe to be signed ({error!r})") from None
        for owner, signature in found.signatures.items():
            if found.transaction.signer(found.safe, found.chain_id, signature) != owner:
                raise InputError(
                    f"{path}: the signature of {owner} is of something else: the file was changed"
                )
        return found

    def save(self, path: Path, *, fresh: bool = False) -> None:
        """Write the file.

        Args:
            fresh: whether there must be none yet.

        Raises:
            InputError: there is one, or it cannot be written.
        """
        transaction = self.transaction
        document = {
            "format": _FORMAT,
            "chainId": self.chain_id,
            "safe": self.safe,
            "nonce": transaction.nonce,
            "to": transaction.to,
            "value": transaction.value,
            "data": f"0x{transaction.data.hex()}",
            "operation": int(transaction.operation),
            "signatures": {owner: f"0x{each.hex()}" for owner, each in self.signatures.items()},
        }
        try:
            with (created if fresh else rewritten)(path) as file:
                file.write(json.dumps(document, indent=2) + "\n")
        except FileExistsError:
            raise InputError(
                f"{path} is there: sign or send it first, or delete it if it is not wanted"
            ) from None
        except OSError as error:
            raise InputError(f"cannot write {path}: {error.strerror}") from None

    def signed_by(self, owner: Account) -> SafeFile:
        """The same with one more signature."""
        signature = owner.sign(self.transaction.digest(self.safe, self.chain_id)).long
        return replace(self, signatures={**self.signatures, owner.address: signature})
