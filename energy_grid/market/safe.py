"""The Safe of several owners that holds the operators' roles (Safe 1.5).

What it does is up to its owners: `Multisig` wraps a call, a `Sender` carries it out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from energy_grid.chain.accounts import Account
from energy_grid.chain.contract import Call
from energy_grid.chain.tx.multisig import Multisig, SafeTransaction
from energy_grid.chain.tx.multisig import exec_transaction as execution
from energy_grid.errors import InputError

if TYPE_CHECKING:
    from energy_grid.contracts.safe import Safe

__all__ = ["exec_transaction", "require_owners", "signed_by", "transaction_hash"]

_NOBODY = "0x" + "0" * 40


def exec_transaction(safe: Safe, transaction: SafeTransaction, signatures: bytes) -> Call:
    """Execute a transaction that enough owners have signed (`multisig.joined`); any account can.

    It reverts with the error of the call; the Safe itself reverts with `errors.SafeRevert`.
    """
    call = Call(contract=safe.name, function="execTransaction", to=transaction.to, data=b"")
    return execution(safe.address, call, transaction, signatures)


def transaction_hash(safe: Safe, transaction: SafeTransaction) -> bytes:
    """The hash to be signed, as the chain sees it: `SafeTransaction.digest`."""
    fields = (transaction.to, transaction.value, transaction.data, transaction.operation)
    return safe.get_transaction_hash(*fields, 0, 0, 0, _NOBODY, _NOBODY, transaction.nonce)


def signed_by(
    safe: Safe, accounts: Sequence[Account], multi_send: str, *, enough: bool = True
) -> Multisig:
    """The Safe as an actor, with as many of these accounts as must sign.

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
