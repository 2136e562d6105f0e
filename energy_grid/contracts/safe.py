"""Safe: the account of several owners that holds the operators' roles (Safe 1.5).

What it does is up to its owners: `Multisig` wraps a call, a `Sender` carries it out.
"""

from __future__ import annotations

from collections.abc import Sequence

from energy_grid.chain.accounts import Account
from energy_grid.chain.contract import Call, Contract
from energy_grid.chain.rpc.node import BlockId
from energy_grid.chain.tx.multisig import Multisig, SafeTransaction, exec_transaction
from energy_grid.errors import InputError

__all__ = ["Safe", "require_owners", "signed_by"]

_TERMS = (0, 0, 0, "0x" + "0" * 40, "0x" + "0" * 40)


class Safe(Contract):
    """The wrapper of a Safe: what the market uses of it.

    It refuses with codes, which arrive as `errors.SafeRefusal`. The rest is there through `call`
    and `prepare`.
    """

    NAME = "Safe"

    def exec_transaction(self, transaction: SafeTransaction, signatures: bytes) -> Call:
        """Carry out what enough owners have signed (`multisig.joined`); anybody may.

        What the call itself is refused with, this is refused with.
        Raises: SafeRefusal.
        """
        call = Call(contract=self.name, function="execTransaction", to=transaction.to, data=b"")
        return exec_transaction(self.address, call, transaction, signatures)

    def get_owners(self, *, block_identifier: BlockId = "latest") -> tuple[str, ...]:
        """Whose signatures count."""
        return tuple(self.call("getOwners", block_identifier=block_identifier))

    def get_threshold(self, *, block_identifier: BlockId = "latest") -> int:
        """How many of them must sign."""
        return self._number("getThreshold", block_identifier=block_identifier)

    def get_transaction_hash(self, transaction: SafeTransaction) -> bytes:
        """The hash to be signed, as the chain sees it: `SafeTransaction.digest`."""
        fields = (transaction.to, transaction.value, transaction.data, transaction.operation)
        return bytes(self.call("getTransactionHash", *fields, *_TERMS, transaction.nonce))

    def nonce(self, *, block_identifier: BlockId = "latest") -> int:
        """The number that the next transaction must carry."""
        return self._number("nonce", block_identifier=block_identifier)


def signed_by(
    safe: Safe, accounts: Sequence[Account], multi_send: str, *, enough: bool = True
) -> Multisig:
    """The Safe as somebody who acts, by the first so many of these accounts as must sign.

    Args:
        enough: whether they must be as many as that: with fewer it cannot send.

    Raises:
        InputError: one of them is no owner, or they are too few.
    """
    threshold = safe.get_threshold()
    require_owners(safe, [account.address for account in accounts])
    if enough and len(accounts) < threshold:
        raise InputError(
            f"the Safe {safe.address} needs {threshold} owners to sign, not {len(accounts)}"
        )
    return Multisig(safe.address, accounts[:threshold], multi_send)


def require_owners(safe: Safe, addresses: Sequence[str]) -> None:
    """Pass if all are owners of a Safe, each named once.

    Raises:
        InputError: one of them is none, or named twice.
    """
    owners = safe.get_owners()
    for place, address in enumerate(addresses):
        if address not in owners:
            raise InputError(f"{address} is no owner of the Safe {safe.address}")
        if address in addresses[:place]:
            raise InputError(f"{address} is named twice, and signs once")
