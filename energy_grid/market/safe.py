"""The Safe of several owners that holds the operators' roles (Safe 1.5).

With the keys of enough owners it acts wherever an account does. With fewer, its plans are written
as files (`Plan.safe_files`), and `execute_signed` carries out what enough owners have signed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from energy_grid.chain.accounts import Account, refuse_well_known
from energy_grid.chain.contract import Call
from energy_grid.chain.reverts import from_rpc
from energy_grid.chain.rpc.node import RpcError, call_parameter
from energy_grid.chain.tx.multisig import Actor, Multisig, SafeTransaction, approval, joined
from energy_grid.chain.tx.receipts import Receipt
from energy_grid.contracts.safe import Safe
from energy_grid.errors import ChainError, InputError
from energy_grid.market.plan import Plan
from energy_grid.market.session import Market

__all__ = ["SafeOwners", "require_owners", "signed_by"]

_NOBODY = "0x" + "0" * 40
# Where a Safe stores how many owners must sign: OwnerManager.threshold.
_THRESHOLD = f"0x{4:064x}"


class SafeOwners(Market):
    """What the owners of the operators' Safe do with it."""

    def acting_safe(self, owners: Sequence[Account], *, enough: bool = True) -> Multisig:
        """The operators' Safe as an actor, with the keys of enough of its owners.

        Args:
            enough: whether they must be as many; see `signed_by`.

        Raises:
            InputError: they are too few, one is not an owner, or its key is well known.
            DeploymentError: this market has no Safe.
        """
        safe = self.require_safe()
        refuse_well_known([owner.address for owner in owners], self.node.chain_id)
        multi_send = self.deployment.address("MultiSendCallOnly")
        return signed_by(safe, owners, multi_send, enough=enough)

    def safe_transaction(self, calls: Sequence[Call], nonce: int) -> SafeTransaction:
        """What owners sign so that the Safe makes calls: all of them, or none.

        Raises:
            DeploymentError: this market has no Safe.
        """
        multi_send = self.deployment.address("MultiSendCallOnly")
        safe = Multisig(self.require_safe().address, (), multi_send)
        call = calls[0] if len(calls) == 1 else safe.batch(calls)
        return safe.transaction(call, nonce)

    def try_safe(self, transaction: SafeTransaction) -> ChainError | None:
        """Why the Safe could not carry out a transaction if it were its next one and were signed;
        None if it can. Nothing changes.

        Raises:
            DeploymentError: this market has no Safe.
            RpcError: the node cannot try it.
        """
        safe = self.require_safe()
        owner = safe.get_owners()[0]
        call = self._execution(transaction, {owner: approval(owner)})
        request = call_parameter(safe.address, call.data, sender=owner)
        # As if its sender alone were enough.
        alone = {safe.address: {"stateDiff": {_THRESHOLD: f"0x{1:064x}"}}}
        try:
            self.node.rpc("eth_call", request, "latest", alone)
        except RpcError as error:
            if error.revert is None:
                raise
            return from_rpc(error, "Safe")
        return None

    def safe_execution(
        self, sender: str, transaction: SafeTransaction, signatures: Mapping[str, bytes]
    ) -> Call:
        """The call by which an owner carries out what the others have signed: sending is its own
        signature.

        Args:
            signatures: by the addresses of the owners.
        """
        wanted = self.require_safe().get_threshold()
        others = {owner: each for owner, each in signatures.items() if owner != sender}
        first = dict(list(others.items())[: wanted - 1])
        return self._execution(transaction, {**first, sender: approval(sender)})

    def _execution(self, transaction: SafeTransaction, signatures: Mapping[str, bytes]) -> Call:
        return self.require_safe().exec_transaction(
            transaction.to,
            transaction.value,
            transaction.data,
            transaction.operation,
            safe_tx_gas=0,
            base_gas=0,
            gas_price=0,
            gas_token=_NOBODY,
            refund_receiver=_NOBODY,
            signatures=joined(signatures),
        )

    def execute_signed(
        self, who: Actor | str, transaction: SafeTransaction, signatures: Mapping[str, bytes]
    ) -> Plan[list[Receipt]]:
        """Execute a transaction of the Safe that enough owners have signed; any account can.

        It reverts with the error of the call; the Safe itself reverts with `errors.SafeRevert`.

        Args:
            signatures: by the addresses of the owners.

        Raises:
            DeploymentError: this market has no Safe.
        """
        return self.plan(who, self._execution(transaction, signatures))


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
