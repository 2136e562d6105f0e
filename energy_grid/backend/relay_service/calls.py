"""The calls of the relay in the store: their states, and how they are found again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, RowMapping, Update, select, text, update

from energy_grid.api.models import RelayRequest
from energy_grid.backend.store.relays import RELAYED_CALLS
from energy_grid.contracts.erc2771_forwarder import ForwardRequestData
from energy_grid.domain.hashing import keccak
from energy_grid.market.relays import SignedCall

__all__ = [
    "ENDS",
    "RelayState",
    "change",
    "id_of",
    "lock",
    "signed_call",
    "signed_in",
    "values_of",
    "waiting",
]

# A number of our own among PostgreSQL's advisory locks.
_WRITING_RELAYS = 0x72656C61


class RelayState(StrEnum):
    """What has become of a call.

    RECEIVED   its turn is to come
    SENT       on its way, or about to be signed
    DONE       in a block, with effect, whoever sent it
    FAILED     in a block, without effect
    EXPIRED    its deadline is over; nothing was sent
    REFUSED    it could not be made when its turn came; nothing was sent

    After a reorganisation DONE and FAILED become SENT again, or RECEIVED what others had sent.
    What was never sent can be handed in once more.
    """

    RECEIVED = "RECEIVED"
    SENT = "SENT"
    DONE = "DONE"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"
    REFUSED = "REFUSED"


ENDS = (RelayState.DONE, RelayState.FAILED, RelayState.EXPIRED, RelayState.REFUSED)


def lock(connection: Connection) -> None:
    """Let one writer at a time take in calls; SQLite has one anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(
            text("SELECT pg_advisory_xact_lock(:number)"), {"number": _WRITING_RELAYS}
        )


def id_of(signed: SignedCall) -> str:
    """The name of a call: nobody guesses it who has not seen its signature."""
    request = signed.request
    words = (request.gas, signed.nonce, request.deadline, len(request.data))
    numbers = b"".join(number.to_bytes(32, "big") for number in words)
    addresses = bytes.fromhex(request.from_[2:] + request.to[2:])
    return f"0x{keccak(addresses + numbers + request.data + request.signature).hex()}"


def signed_call(document: RelayRequest) -> SignedCall:
    """A call as it is sent over HTTP."""
    request = ForwardRequestData(
        from_=document.sender,
        to=document.to,
        value=document.value,
        gas=document.gas,
        deadline=document.deadline,
        data=bytes.fromhex(document.data[2:]),
        signature=bytes.fromhex(document.signature[2:]),
    )
    return SignedCall(request=request, nonce=document.nonce)


def values_of(signed: SignedCall) -> dict[str, Any]:
    """The columns that a call has from its signer."""
    request = signed.request
    return {
        "id": id_of(signed),
        "account": request.from_,
        "target": request.to,
        "call_gas": request.gas,
        "nonce": signed.nonce,
        "deadline": request.deadline,
        "data": request.data,
        "signature": request.signature,
    }


def signed_in(row: RowMapping) -> SignedCall:
    """The call of a row."""
    request = ForwardRequestData(
        from_=row["account"],
        to=row["target"],
        value=0,
        gas=row["call_gas"],
        deadline=row["deadline"],
        data=row["data"],
        signature=row["signature"],
    )
    return SignedCall(request=request, nonce=row["nonce"])


def waiting(connection: Connection, account: str | None = None) -> Sequence[RowMapping]:
    """The calls without an end, of an account or of all, in the order in which they came."""
    table = RELAYED_CALLS.c
    wanted = select(RELAYED_CALLS).where(table.state.in_([RelayState.RECEIVED, RelayState.SENT]))
    if account is not None:
        wanted = wanted.where(table.account == account)
    return connection.execute(wanted.order_by(table.number)).mappings().all()


def change(row: RowMapping | Mapping[str, Any], **values: Any) -> Update:
    """A change of a call that nobody has moved on meanwhile."""
    table = RELAYED_CALLS.c
    is_same = (table.number == row["number"]) & (table.state == row["state"])
    return update(RELAYED_CALLS).where(is_same).values(values)
