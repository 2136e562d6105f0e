"""Certificates of production: an account's own, which nobody else is told, and offers of all."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query

from energy_grid.api.models import (
    CertificateOffer,
    CertificateSlot,
    HeldCertificate,
    OwnCertificates,
    Page,
)
from energy_grid.api.values import Address, Day, time_of
from energy_grid.backend.api.certifying import Certifying, open_offers
from energy_grid.backend.api.groups import span_of_days
from energy_grid.backend.api.pages import Cursor, Limit, page_of
from energy_grid.backend.api.visit import Holder, Visitor
from energy_grid.backend.store.views import VIEWS

__all__ = ["ROUTER"]

ROUTER = APIRouter(tags=["certificates"])
_Account = Annotated[Address, Path(description="Of the account that is signed in.")]
_DAYS = timedelta(days=31)
_DAY = timedelta(days=1)


@ROUTER.get("/accounts/{account}/certificates")
def own_certificates(
    visit: Holder,
    account: _Account,
    start: Annotated[
        Day | None, Query(alias="from", description="By default 31 days until the last.")
    ] = None,
    end: Annotated[Day | None, Query(alias="to", description="By default today.")] = None,
) -> OwnCertificates:
    """What an account's devices earned, what it holds, what it retired, and what it offers."""
    visit.require_self(account)
    last = end or time_of(visit.backend.market.node.time).date()
    span = span_of_days(start or last - _DAYS + _DAY, last)
    return Certifying(visit.backend).own(account, *span)


@ROUTER.get("/accounts/{account}/certificates/{device}/{day}")
def held_certificates(
    visit: Holder,
    account: _Account,
    device: Annotated[int, Path(ge=1, lt=2**32, description="The number of its meter.")],
    day: Annotated[Day, Path(description="Of production.")],
) -> list[HeldCertificate]:
    """An account's certificates of a device's day, slot by slot, and what of each it could
    retire."""
    visit.require_self(account)
    number, _ = span_of_days(day, day)
    return Certifying(visit.backend).held(account, device, number)


@ROUTER.get("/certificates/offers")
def certificate_offers(
    visit: Visitor, cursor: Cursor = None, limit: Limit = 100
) -> Page[CertificateOffer]:
    """Certificates of production that are for sale, the newest offers first. Who sells is public,
    as for every token of its kind."""
    keys, document = (VIEWS["certificate_offers"].c.offer_id,), Certifying(visit.backend).offer
    return page_of(visit.backend.database, open_offers(), keys, document, cursor, limit)


@ROUTER.get("/certificates/offers/{id}/slots")
def offered_certificates(
    visit: Visitor, id: Annotated[int, Path(ge=1, lt=2**63)]
) -> list[CertificateSlot]:
    """What the seller of an offer has of it: as many of the earliest slots as one purchase can
    take. Nothing of one that is not open."""
    return Certifying(visit.backend).offered(id)
