"""The operators' Safes: what their owners are asked to sign."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path

from energy_grid.api.models import (
    SafeInfo,
    SafeRequest,
    SafeSignature,
    SafeTransaction,
    UnsignedCall,
)
from energy_grid.backend.api.calls import call_of
from energy_grid.backend.api.safe_queue import SafeQueue
from energy_grid.backend.api.visit import Holder, Visit, Visitor

__all__ = ["ROUTER"]

ROUTER = APIRouter(tags=["safe"])
_Hash = Annotated[str, Path(pattern="^0x[0-9a-f]{64}$", description="Of the transaction.")]
_Name = Annotated[
    str, Path(pattern="^[a-z]{1,20}$", description="Of the Safe, as GET /safes has it.")
]


@ROUTER.get("/safes")
def safes(visit: Visitor) -> list[SafeInfo]:
    """The operators' Safes: their owners, and their roles in the market."""
    return [SafeQueue(visit.backend, name).info() for name in visit.backend.market.safes]


@ROUTER.get("/safes/{safe}/transactions")
def safe_transactions(visit: Holder, safe: _Name) -> list[SafeTransaction]:
    """What waits for the owners, in the order of its nonces. Each is tried as the chain is now, as
    if it were the next one."""
    return _queue(visit, safe).all()


@ROUTER.post("/safes/{safe}/transactions", status_code=HTTPStatus.CREATED)
def propose_safe(visit: Holder, safe: _Name, wanted: SafeRequest) -> SafeTransaction:
    """Ask the owners to sign calls, as one of them; nothing is sent.

    Its nonce comes behind those of what waits, or is that of one that was forgotten. Several calls
    are one batch: all of them are made, or none.
    """
    queue = _queue(visit, safe)
    calls = [
        call_of(visit.backend.market, each, f"calls.{at}.") for at, each in enumerate(wanted.calls)
    ]
    return queue.propose(visit.require_account(), calls)


@ROUTER.post("/safes/{safe}/transactions/{hash}/signatures")
def sign_safe(visit: Holder, safe: _Name, hash: _Hash, signed: SafeSignature) -> SafeTransaction:
    """Add the signature of an owner."""
    return _queue(visit, safe).sign(hash, bytes.fromhex(signed.signature[2:]))


@ROUTER.post("/safes/{safe}/transactions/{hash}/execution")
def execute_safe(visit: Holder, safe: _Name, hash: _Hash) -> UnsignedCall:
    """The call by which the owner who asks sends it: that is one more signature."""
    return _queue(visit, safe).execution(visit.require_account(), hash)


@ROUTER.delete("/safes/{safe}/transactions/{hash}", status_code=HTTPStatus.NO_CONTENT)
def drop_safe(visit: Holder, safe: _Name, hash: _Hash) -> None:
    """Forget it. Who has its signatures can still send it: only another transaction with its nonce
    makes them void."""
    _queue(visit, safe).drop(hash)


def _queue(visit: Visit, safe: str) -> SafeQueue:
    account = visit.require_account()
    queue = SafeQueue(visit.backend, safe)
    queue.require_owner(account)
    return queue
