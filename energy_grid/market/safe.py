"""The Safes of several owners that hold the operators' roles (Safe 1.5), one for each power.

With the keys of enough owners a Safe acts wherever an account does. With fewer, its plans are
written as files (`Plan.safe_files`), and `execute_signed` carries out what enough have signed.
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
    """What the owners of the operators' Safes do with them."""

    def safe_of(self, accounts: Sequence[str], name: str | None = None) -> Safe:
        """The Safe of a name, or the one that these accounts own.

        Raises:
            InputError: there is none of this name; they own none together, or several.
        """
        if name is not None:
            return self.require_safe(name)
        held = {each: {*safe.get_owners()} for each, safe in self.safes.items()}
        found = (
            [each for each, owners in held.items() if {*accounts} <= owners]
            # Somebody else among them: whoever uses it says who that is.
            or [each for each, owners in held.items() if {*accounts} & owners]
        )
        if len(found) == 1:
            return self.safes[found[0]]
        if found:
            raise InputError(
                f"there are several Safes ({', '.join(found)}): name one, such as safe:{found[0]}"
            )
        raise InputError(
            f"no Safe of this market has the owner {', '.join(accounts)}: energy-grid safe show"
            " lists them"
        )

    def acting_safe(
        self, owners: Sequence[Account], name: str | None = None, *, enough: bool = True
    ) -> Multisig:
        """A Safe of the operators as an actor, with the keys of enough of its owners.

        Args:
            name: such as ``treasury``; by default the one that they own.
            enough: whether they must be as many; see `signed_by`.

        Raises:
            InputError: they are too few, one is not an owner, or its key is well known.
            DeploymentError: this market has no such Safe.
        """
        addresses = [owner.address for owner in owners]
        refuse_well_known(addresses, self.node.chain_id)
        safe = self.safe_of(addresses, name)
        multi_send = self.deployment.address("MultiSendCallOnly")
        return signed_by(safe, owners, multi_send, enough=enough)

    def safe_transaction(self, safe: Safe, calls: Sequence[Call], nonce: int) -> SafeTransaction:
        """What owners sign so that a Safe makes calls: all of them, or none."""
        actor = Multisig(safe.address, (), self.deployment.address("MultiSendCallOnly"))
        call = calls[0] if len(calls) == 1 else actor.batch(calls)
        return actor.transaction(call, nonce)

    def try_safe(self, safe: Safe, transaction: SafeTransaction) -> ChainError | None:
        """Why a Safe could not carry out a transaction if it were its next one and were signed;
        None if it can. Nothing changes.

        Raises:
            RpcError: the node cannot try it.
        """
        owner = safe.get_owners()[0]
        call = _execution(safe, transaction, {owner: approval(owner)})
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
        self,
        safe: Safe,
        sender: str,
        transaction: SafeTransaction,
        signatures: Mapping[str, bytes],
    ) -> Call:
        """The call by which an owner carries out what the others have signed: sending is its own
        signature.

        Args:
            signatures: by the addresses of the owners.
        """
        wanted = safe.get_threshold()
        others = {owner: each for owner, each in signatures.items() if owner != sender}
        first = dict(list(others.items())[: wanted - 1])
        return _execution(safe, transaction, {**first, sender: approval(sender)})

    def execute_signed(
        self,
        who: Actor | str,
        safe: Safe,
        transaction: SafeTransaction,
        signatures: Mapping[str, bytes],
    ) -> Plan[list[Receipt]]:
        """Execute a transaction of a Safe that enough owners have signed; any account can.

        It reverts with the error of the call; the Safe itself reverts with `errors.SafeRevert`.

        Args:
            signatures: by the addresses of the owners.
        """
        return self.plan(who, _execution(safe, transaction, signatures))


def _execution(safe: Safe, transaction: SafeTransaction, signatures: Mapping[str, bytes]) -> Call:
    return safe.exec_transaction(
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
