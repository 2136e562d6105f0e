"""A Safe as an actor: the transaction of a call that several owners sign.

The Safe calls in its own name what an `execTransaction` carries, once for each number of its own
nonce. The owner who sends it approves by sending: the approval is void in another sender's
transaction, so that no one who has seen the other signatures can carry out the call at another
time, or a second time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from energy_grid.chain.abi import checksum, load
from energy_grid.chain.accounts import Account, Signature, recover
from energy_grid.chain.contract import Call
from energy_grid.chain.signing import safe_transaction_digest, safe_transaction_document
from energy_grid.errors import InputError

__all__ = [
    "Actor",
    "Multisig",
    "Operation",
    "SafeTransaction",
    "address_of",
    "approval",
    "calls_in",
    "exec_transaction",
    "joined",
    "payer_of",
    "signers_of",
]

_NOBODY = "0x" + "0" * 40
_SIGNATURE_BYTES = 65
_APPROVED = 1  # v of an approval by the sender
# Proxy, nonce, events; and for each owner a signature, with its place in storage.
_GAS, _GAS_PER_OWNER = 60_000, 12_000


class Operation(IntEnum):
    """How a Safe calls: as others do, or with the code of what it calls as its own."""

    CALL = 0
    DELEGATE_CALL = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SafeTransaction:
    """What the owners of a Safe sign: a call, and the Safe's nonce. It refunds no gas.

    Since no gas for the call is named, the revert of the call reverts the whole transaction, and
    the nonce is then not used.
    """

    to: str
    value: int
    data: bytes
    operation: Operation
    nonce: int

    def digest(self, safe: str, chain_id: int) -> bytes:
        """The hash that is signed (EIP-712)."""
        return safe_transaction_digest(self._fields, safe, chain_id)

    def document(self, safe: str, chain_id: int) -> dict[str, Any]:
        """What is signed, for an owner's wallet (``eth_signTypedData_v4``)."""
        return safe_transaction_document(self._fields, safe, chain_id)

    def signer(self, safe: str, chain_id: int, signature: bytes) -> str | None:
        """Who has signed it; None if these are no 65 bytes of a signature."""
        if len(signature) != _SIGNATURE_BYTES:
            return None
        r, s = (int.from_bytes(part, "big") for part in (signature[:32], signature[32:64]))
        try:
            parts = Signature(r=r, s=s, parity=signature[64] - 27)
            return recover(self.digest(safe, chain_id), parts)
        except (InputError, ValueError):
            return None

    @property
    def _fields(self) -> tuple[str, int, bytes, int, int]:
        return self.to, self.value, self.data, self.operation, self.nonce


class Multisig:
    """A Safe and as many of its owners' keys as must sign; acts wherever an `Account` does.

    `safe.signed_by` makes it and checks the owners. The first of them sends, and pays the gas.

    Args:
        safe: address of the Safe.
        owners: exactly as many as its threshold; with fewer it can only be planned for.
        multi_send: address of the MultiSendCallOnly, for batches.
    """

    def __init__(self, safe: str, owners: Sequence[Account], multi_send: str) -> None:
        self.address = checksum(safe)
        self.owners = tuple(owners)
        self.multi_send = checksum(multi_send)

    def __repr__(self) -> str:
        return f"Multisig({self.address})"

    @property
    def payer(self) -> Account:
        """Who sends, and pays the gas.

        Raises:
            InputError: no owner does.
        """
        if not self.owners:
            raise InputError("no owner signs for the Safe: give the key of at least one owner")
        return self.owners[0]

    @property
    def overhead(self) -> int:
        """Gas that the Safe itself uses, at most."""
        return _GAS + _GAS_PER_OWNER * len(self.owners)

    def batch(self, calls: Iterable[Call]) -> Call:
        """Calls that the Safe makes one after the other, all of them or none."""
        parts = tuple(calls)
        packed = b"".join(_packed(part) for part in parts)
        function = load("MultiSendCallOnly").function("multiSend")
        names = {f"{part.contract}.{part.function}": part for part in parts}
        only = next(iter(names.values())) if len(names) == 1 else None
        return Call(
            contract=only.contract if only else "MultiSendCallOnly",
            function=only.function if only else function.signature,
            to=self.multi_send,
            data=function.encode([packed]),
            parts=parts,
        )

    def transaction(self, call: Call, nonce: int) -> SafeTransaction:
        """What the owners sign for a call."""
        # Called in the usual way, the batch would act in its own name.
        is_batch = call.to == self.multi_send
        return SafeTransaction(
            to=call.to,
            value=call.value,
            data=call.data,
            operation=Operation.DELEGATE_CALL if is_batch else Operation.CALL,
            nonce=nonce,
        )

    def signed(self, call: Call, nonce: int, chain_id: int) -> Call:
        """The call of the Safe, by `payer` alone, that makes it carry out a call."""
        transaction = self.transaction(call, nonce)
        digest = transaction.digest(self.address, chain_id)
        signatures = {owner.address: owner.sign(digest).long for owner in self.owners[1:]}
        signatures[self.payer.address] = approval(self.payer.address)
        return exec_transaction(self.address, call, transaction, joined(signatures))

    def carries(self, sent: Call, call: Call) -> bool:
        """Whether a call of the Safe carries out this one, under whatever nonce."""
        execution = load("Safe").function("execTransaction")
        if sent.to != self.address or sent.data[:4] != execution.selector:
            return False
        to, value, data, operation, *_ = execution.inputs.decode(sent.data[4:])
        wanted = self.transaction(call, 0)
        return (to, value, data, operation) == (
            wanted.to,
            wanted.value,
            wanted.data,
            wanted.operation,
        )


Actor = Account | Multisig


def calls_in(data: bytes) -> list[tuple[str, int, bytes]]:
    """Address, wei and data of the calls in the data of a batch.

    Raises:
        InputError: it is not a batch, or has delegate calls, or calls to address 0, which a batch
            takes for the Safe itself.
    """
    function = load("MultiSendCallOnly").function("multiSend")
    if data[:4] != function.selector:
        raise InputError("this is no batch of calls")
    rest: bytes = function.inputs.decode(data[4:])[0]
    found = []
    while rest:
        kind, to, value, length = rest[0], rest[1:21], rest[21:53], rest[53:85]
        end = 85 + int.from_bytes(length, "big")
        if kind != Operation.CALL or len(rest) < end:
            raise InputError("this is no batch of plain calls")
        if not any(to):
            raise InputError("this batch calls the zero address, which would be the Safe itself")
        found.append((checksum("0x" + to.hex()), int.from_bytes(value, "big"), rest[85:end]))
        rest = rest[end:]
    return found


def address_of(who: Actor | str) -> str:
    """In whose name contracts are called."""
    return who if isinstance(who, str) else who.address


def payer_of(actor: Actor) -> Account:
    """Whose transaction it is when somebody acts."""
    return actor.payer if isinstance(actor, Multisig) else actor


def signers_of(actor: Actor) -> tuple[Account, ...]:
    """Whose keys sign when somebody acts."""
    return actor.owners if isinstance(actor, Multisig) else (actor,)


def joined(signatures: Mapping[str, bytes]) -> bytes:
    """Signatures by their owners' addresses, in the order that the Safe demands."""
    return b"".join(signatures[owner] for owner in sorted(signatures, key=lambda one: int(one, 16)))


def exec_transaction(
    safe: str, call: Call, transaction: SafeTransaction, signatures: bytes
) -> Call:
    """The call of a Safe that carries out what was signed; it is named after what it carries."""
    terms: tuple[Any, ...] = (0, 0, 0, _NOBODY, _NOBODY)
    fields = (transaction.to, transaction.value, transaction.data, transaction.operation)
    return Call(
        contract=call.contract,
        function=call.function,
        to=safe,
        data=load("Safe").function("execTransaction").encode([*fields, *terms, signatures]),
        gas=call.gas,
    )


def approval(owner: str) -> bytes:
    """An owner's signature by being the sender."""
    return Signature(r=int(owner, 16), s=0, parity=0).long[:-1] + bytes([_APPROVED])


def _packed(call: Call) -> bytes:
    """A call as MultiSendCallOnly reads it."""
    length, value = len(call.data), call.value
    words = value.to_bytes(32, "big") + length.to_bytes(32, "big")
    return bytes([Operation.CALL]) + bytes.fromhex(call.to[2:]) + words + call.data
