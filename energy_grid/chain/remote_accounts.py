"""Accounts whose key another program keeps, such as clef or web3signer: it signs transactions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from energy_grid.chain.accounts import Account, Signature
from energy_grid.chain.rpc.node import Node
from energy_grid.errors import InputError

__all__ = ["RemoteAccount"]

# A person may have to agree to each signature.
_TIMEOUT_SECONDS = 120


class RemoteAccount(Account):
    """An account known by its address; `eth_signTransaction` of JSON-RPC signs for it.

    Args:
        address: with its checksum.
        signer: the URL of the program that has the key.
    """

    __slots__ = ("_signer",)

    def __init__(self, address: str, signer: str) -> None:
        self.address = address
        self._signer = Node(signer, timeout=_TIMEOUT_SECONDS)

    def encrypted(self, password: str) -> str:
        """Never: the key is not here.

        Raises:
            InputError: always.
        """
        raise InputError(f"the key of {self.address} is in its signer")

    def sign(self, digest: bytes) -> Signature:
        """Never: signers do not sign bare hashes.

        Raises:
            InputError: always.
        """
        raise InputError(
            f"the signer of {self.address} signs transactions alone: name a keystore file for this"
        )

    def signed(self, fields: Mapping[str, str]) -> bytes:
        """The bytes of a signed transaction.

        Args:
            fields: of a transaction, as JSON-RPC writes them.

        Raises:
            RpcError: the signer refuses.
            NodeUnreachableError: it does not answer.
            InputError: it answers something else.
        """
        answer: Any = self._signer.rpc("eth_signTransaction", {"from": self.address, **fields})
        # clef and geth give the transaction beside its bytes.
        raw: Any = answer.get("raw") if isinstance(answer, dict) else answer
        try:
            return bytes.fromhex(str(raw).removeprefix("0x"))
        except ValueError:
            raise InputError(
                f"{self._signer.transport.host} signed no transaction: {answer!s:.100}"
            ) from None
