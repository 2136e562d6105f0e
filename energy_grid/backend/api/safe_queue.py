"""The queue of a Safe of the operators: what its owners are asked to sign, one after the other.

Each transaction has a nonce of the Safe, from its next one on. What stands here was built from
functions of the market; what it does is read from its data, as every owner's own tools do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from itertools import count

from sqlalchemy import RowMapping, delete, insert, select

from energy_grid.api.models import SafeInfo, SafeTransaction, UnsignedCall
from energy_grid.api.values import time_of
from energy_grid.backend.api.calls import revert_text, unsigned_call
from energy_grid.backend.api.problems import ProblemError
from energy_grid.backend.api.visit import Backend, not_found
from energy_grid.backend.store.safe import SAFE_SIGNATURES, SAFE_TRANSACTIONS
from energy_grid.chain import roles
from energy_grid.chain.contract import Call
from energy_grid.chain.multicall import ChainQuery, read_all
from energy_grid.chain.tx.multisig import Operation
from energy_grid.chain.tx.multisig import SafeTransaction as Transaction
from energy_grid.market.call_words import effects
from energy_grid.market.delays import TooEarlyError
from energy_grid.market.figures import Figures

__all__ = ["SafeQueue"]

# Of one owner. Each is tried on the chain whenever somebody looks.
_MOST_WAITING = 20


class SafeQueue:
    """What waits for the owners of a Safe.

    Args:
        name: of the Safe, such as ``treasury``.

    Raises:
        ProblemError: the market has no such Safe.
    """

    def __init__(self, backend: Backend, name: str) -> None:
        self._market, self._database = backend.market, backend.database
        safe = backend.market.safes.get(name)
        if safe is None:
            there = ", ".join(backend.market.safes) or "none: accounts have its roles"
            detail = f"this market has no Safe of the name {name}; it has {there}"
            raise ProblemError(HTTPStatus.NOT_FOUND, "not-found", detail)
        self._name, self._safe = name, safe

    def info(self) -> SafeInfo:
        """The Safe, and what it may do."""
        safe, access = self._safe, self._market.access
        every = [*roles.Role]
        queries = [ChainQuery(access, "hasRole", (role, safe.address)) for role in every]
        answers = zip(every, read_all(access.node, queries), strict=True)
        held = [role.name for role, (is_member, _) in answers if is_member]
        return SafeInfo(
            name=self._name,
            safe=safe.address,
            owners=list(safe.get_owners()),
            threshold=safe.get_threshold(),
            nonce=safe.nonce(),
            roles=held,
        )

    def require_owner(self, account: str) -> None:
        """Pass if an account is an owner.

        Raises:
            ProblemError: it is none.
        """
        if not self._safe.is_owner(account):
            detail = f"{account} is no owner of the Safe {self._safe.address}"
            raise ProblemError(HTTPStatus.FORBIDDEN, "not-an-owner", detail)

    def all(self) -> list[SafeTransaction]:
        """What waits, in the order in which it can be sent."""
        due = self._safe.nonce()
        table = SAFE_TRANSACTIONS.c
        mine = (table.safe == self._safe.address) & (table.nonce >= due)
        wanted = select(SAFE_TRANSACTIONS).where(mine).order_by(table.nonce)
        with self._database.reading() as connection:
            rows = connection.execute(wanted).mappings().all()
        return [self._document(row, due) for row in rows]

    def propose(self, proposer: str, calls: Sequence[Call]) -> SafeTransaction:
        """Ask the owners to sign calls, as the last transaction of the queue; or in the place of
        one that was forgotten, which makes its signatures void and lets the others come. A call of
        a role that has to wait is scheduled first, and proposed again when it is due.

        Raises:
            ProblemError: too many of this owner wait, or a call is scheduled and not due.
        """
        market, table = self._market, SAFE_TRANSACTIONS.c
        try:
            calls = market.next_calls(self._safe.address, calls)
        except TooEarlyError as error:
            raise _not_yet(str(error)) from None
        due = self._safe.nonce()
        with self._database.writing() as connection:
            mine = (table.safe == self._safe.address) & (table.nonce >= due)
            wanted = select(table.nonce, table.proposer).where(mine)
            waiting = connection.execute(wanted).all()
            if sum(each.proposer == proposer for each in waiting) >= _MOST_WAITING:
                raise _not_yet(f"{_MOST_WAITING} transactions of yours wait already")
            taken = {each.nonce for each in waiting}
            nonce = next(each for each in count(due) if each not in taken)
            made = market.safe_transaction(self._safe, calls, nonce)
            name = f"0x{made.digest(self._safe.address, market.node.chain_id).hex()}"
            values = {
                "hash": name,
                "safe": self._safe.address,
                "nonce": nonce,
                "target": made.to,
                "value": made.value,
                "data": made.data,
                "operation": made.operation,
                "proposer": proposer,
                "proposed_at": market.node.time,
            }
            connection.execute(insert(SAFE_TRANSACTIONS).values(values))
        return self._document(self._row(name), due)

    def sign(self, name: str, signature: bytes) -> SafeTransaction:
        """Add an owner's signature; the same one again changes nothing.

        Raises:
            ProblemError: there is no such transaction, or no owner has signed it so.
        """
        row = self._row(name)
        # Some wallets count from 0.
        parity = signature[64] % 27
        signature = signature[:64] + bytes([27 + parity])
        owner = _transaction(row).signer(self._safe.address, self._market.node.chain_id, signature)
        if owner is None or not self._safe.is_owner(owner):
            raise ProblemError(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                "invalid-request",
                "no owner of the Safe has signed this transaction so",
                field="signature",
            )
        values = {"hash": name, "owner": owner, "signature": signature}
        with self._database.writing() as connection:
            table = SAFE_SIGNATURES.c
            same = (table.hash == name) & (table.owner == owner)
            connection.execute(delete(SAFE_SIGNATURES).where(same))
            connection.execute(insert(SAFE_SIGNATURES).values(values))
        return self._document(row, self._safe.nonce())

    def execution(self, sender: str, name: str) -> UnsignedCall:
        """The call by which an owner sends a transaction; sending is its own signature.

        Raises:
            ProblemError: there is no such transaction, it is not the next one, or too few others
                have signed.
        """
        row, due = self._row(name), self._safe.nonce()
        if row["nonce"] != due:
            raise _not_yet(f"its nonce is {row['nonce']}, and the Safe's next is {due}")
        signed = self._signatures(name)
        missing = self._safe.get_threshold() - len({*signed, sender})
        if missing > 0:
            raise _not_yet(f"{missing} more must sign it")
        call = self._market.safe_execution(self._safe, sender, _transaction(row), signed)
        return unsigned_call(self._market, sender, call)

    def drop(self, name: str) -> None:
        """Forget a transaction.

        Raises:
            ProblemError: there is none.
        """
        self._row(name)
        with self._database.writing() as connection:
            connection.execute(delete(SAFE_TRANSACTIONS).where(SAFE_TRANSACTIONS.c.hash == name))

    def _row(self, name: str) -> RowMapping:
        table = SAFE_TRANSACTIONS.c
        mine = (table.safe == self._safe.address) & (table.hash == name)
        wanted = select(SAFE_TRANSACTIONS).where(mine)
        with self._database.reading() as connection:
            found = connection.execute(wanted).mappings().one_or_none()
        if found is None:
            raise not_found("transaction of the Safe")
        return found

    def _signatures(self, name: str) -> Mapping[str, bytes]:
        """Those of present owners."""
        table = SAFE_SIGNATURES.c
        with self._database.reading() as connection:
            wanted = select(table.owner, table.signature).where(table.hash == name)
            found = {row.owner: row.signature for row in connection.execute(wanted)}
        return {owner: found[owner] for owner in self._safe.get_owners() if owner in found}

    def _document(self, row: RowMapping, due: int) -> SafeTransaction:
        market, transaction = self._market, _transaction(row)
        signed = self._signatures(row["hash"])
        refusal = market.try_safe(self._safe, transaction)
        values = {
            "hash": row["hash"],
            "nonce": row["nonce"],
            "to": transaction.to,
            "value": transaction.value,
            "data": f"0x{transaction.data.hex()}",
            "operation": transaction.operation.name,
            "effects": effects(Figures(market), transaction),
            "proposer": row["proposer"],
            "proposed_at": time_of(row["proposed_at"]),
            "signed_by": list(signed),
            # Who sends it signs by that.
            "missing": max(self._safe.get_threshold() - 1 - len(signed), 0),
            "is_next": row["nonce"] == due,
            "reverts": None if refusal is None else revert_text(market, refusal),
            "typed_data": transaction.document(self._safe.address, market.node.chain_id),
        }
        return SafeTransaction.model_validate(values)


def _transaction(row: RowMapping) -> Transaction:
    return Transaction(
        to=row["target"],
        value=row["value"],
        data=row["data"],
        operation=Operation(row["operation"]),
        nonce=row["nonce"],
    )


def _not_yet(detail: str) -> ProblemError:
    return ProblemError(HTTPStatus.CONFLICT, "not-possible", detail, next="wait for the owners")
