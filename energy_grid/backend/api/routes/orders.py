"""Orders: taken in at the engine's door, followed, withdrawn."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from sqlalchemy import RowMapping, select

from energy_grid.api.models import Cancellation, Order, OrderStateName, Page, SignedOrderDocument
from energy_grid.backend.api.calls import unsigned_call
from energy_grid.backend.api.documents import signed_document, stored_document
from energy_grid.backend.api.pages import Cursor, Limit, page_of
from energy_grid.backend.api.problems import ProblemError
from energy_grid.backend.api.repeats import RepeatKey, answered_once
from energy_grid.backend.api.visit import Backend, Holder, Visitor, not_found
from energy_grid.backend.store.orders import SIGNED_ORDERS
from energy_grid.backend.store.views import VIEWS
from energy_grid.domain.order_refusals import REASONS
from energy_grid.market.order_file import order_of

__all__ = ["ROUTER"]

ROUTER = APIRouter(tags=["orders"])
_SIGNED, _STORED = SIGNED_ORDERS.c, VIEWS["orders"].c
_Id = Annotated[
    str,
    Path(
        pattern="^(0x[0-9a-f]{64}|[1-9][0-9]{0,17})$",
        description="The hash of a signed order, or the number of an on-chain one.",
    ),
]


@ROUTER.post(
    "/orders",
    status_code=HTTPStatus.CREATED,
    response_model=Order,
    responses={200: {"model": Order, "description": "It was placed before."}},
)
def place_order(visit: Visitor, document: SignedOrderDocument, key: RepeatKey = None) -> Response:
    """Place a signed order.

    Its signature says whose it is: nobody signs in for it. What it can cost is held back of its
    account's money from then on. The same order once more changes nothing, and is answered with
    200 and what has become of it.
    """
    database = visit.backend.database
    return answered_once(
        database, document.trader, key, document, lambda: _place(visit.backend, document)
    )


def _place(backend: Backend, document: SignedOrderDocument) -> tuple[int, Order]:
    signed = order_of(document.model_dump(by_alias=True), backend.market.trading_domain)
    receipt = backend.door.submit(signed)
    name = f"0x{receipt.order_hash.hex()}"
    row = _signed(backend, name)
    if row is None:
        raise ProblemError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "order-rejected",
            f"{receipt.reason.name}: {REASONS[receipt.reason]}",
            next="POST /api/v1/quote says what an order needs",
        )
    status = HTTPStatus.CREATED if receipt.is_new else HTTPStatus.OK
    return status, signed_document(row)


@ROUTER.get("/orders")
def my_orders(
    visit: Holder,
    state: Annotated[list[OrderStateName] | None, Query(description="Only in these.")] = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[Order]:
    """The signed orders of the account that is signed in, the latest periods first."""
    account = visit.require_account()
    wanted = select(SIGNED_ORDERS).where(_SIGNED.trader == account)
    if state:
        wanted = wanted.where(_SIGNED.state.in_(state))
    keys = _SIGNED.start, _SIGNED.hash
    return page_of(visit.backend.database, wanted, keys, signed_document, cursor, limit)


@ROUTER.get("/orders/{id}")
def order(visit: Holder, id: _Id) -> Order:
    """An order of the account that is signed in."""
    return _own(visit, id)


@ROUTER.post("/orders/{id}/cancel")
def cancel_order(visit: Holder, id: _Id) -> Cancellation:
    """Withdraw an order: the engine leaves it alone from now on, and lets go of its money.

    The signature is still one: the call in the answer voids it on the chain, which nobody needs
    who trusts this engine. An on-chain order is cancelled by that call alone.
    """
    found, backend = _own(visit, id), visit.backend
    market = backend.market
    if not found.is_signed:
        call = unsigned_call(market, found.trader, market.trading.cancel_order(int(found.id)))
        return Cancellation(order=found, call=call)
    backend.door.withdraw(found.id)
    nonce = found.nonce
    assert nonce is not None
    call = unsigned_call(market, found.trader, market.trading.cancel_signed([nonce]))
    return Cancellation(order=_own(visit, id), call=call)


def _own(visit: Holder, id: str) -> Order:
    account, backend = visit.require_account(), visit.backend
    if id.startswith("0x"):
        row = _signed(backend, id)
        if row is None or row["trader"] != account:
            raise not_found("order")
        return signed_document(row)
    wanted = select(VIEWS["orders"]).where(_STORED.order_id == int(id))
    with backend.database.reading() as connection:
        row = connection.execute(wanted).mappings().one_or_none()
    if row is None or row["trader"] != account:
        raise not_found("order")
    return stored_document(row, backend.market.node.time)


def _signed(backend: Backend, name: str) -> RowMapping | None:
    with backend.database.reading() as connection:
        found = connection.execute(select(SIGNED_ORDERS).where(_SIGNED.hash == name))
        return found.mappings().one_or_none()
