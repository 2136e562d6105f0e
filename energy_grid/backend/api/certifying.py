"""Certificates of production: an account's own, and those that are for sale."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import BigInteger, Connection, Select, and_, case, cast, exists, func, select

from energy_grid.api.models import (
    CertificateDay,
    CertificateDevice,
    CertificateOffer,
    CertificateSlot,
    HeldCertificate,
    OwnCertificates,
)
from energy_grid.api.values import time_of
from energy_grid.backend.api.documents import text_of, when
from energy_grid.backend.api.visit import Backend
from energy_grid.backend.store.details import CERTIFICATE_MOVES
from energy_grid.backend.store.events import table_of
from energy_grid.backend.store.views import VIEWS
from energy_grid.domain.certificates import certificate_id
from energy_grid.domain.enums import EnergyType
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.units import format_day

__all__ = ["Certifying", "open_offers"]

_DEVICES, _HELD, _RETIRED, _OFFERS = (
    VIEWS[f"certificate{name}"] for name in ("_devices", "s", "_retirements", "_offers")
)
_MOST_OFFERS = 50
# As many as a transaction can move: a day of quarter hours.
_MOST_SLOTS = 96
# Anybody can offer more than numbers of programs hold, and nobody has it.
_MOST_WH = 2**53


def _offers() -> Select[Any]:
    """Offers of certificates, with their devices, and what their sellers have of them."""
    moved = CERTIFICATE_MOVES.c
    received = case((moved.recipient == _OFFERS.c.seller, moved.wh), else_=0)
    sent = case((moved.sender == _OFFERS.c.seller, moved.wh), else_=0)
    held = select(cast(func.coalesce(func.sum(received - sent), 0), BigInteger)).where(
        moved.device == _OFFERS.c.device,
        moved.slot.between(_OFFERS.c.from_slot, _OFFERS.c.to_slot),
    )
    region = table_of("Tariffs", "RegionAdded").c
    columns = (_DEVICES.c.technology, region.region, held.scalar_subquery().label("held"))
    return (
        select(_OFFERS, *columns)
        .join(_DEVICES, _DEVICES.c.device == _OFFERS.c.device)
        .join(region.id.table, region.id == _DEVICES.c.region)
    )


def open_offers() -> Select[Any]:
    """Rows for `Certifying.offer`: offers of which something is for sale."""
    return _offers().where(_OFFERS.c.cancelled_at.is_(None), _OFFERS.c.unsold > 0)


class Certifying:
    """Answers about certificates."""

    def __init__(self, backend: Backend) -> None:
        self._backend, self._slot = backend, backend.slot_seconds

    def offer(self, row: Mapping[Any, Any]) -> CertificateOffer:
        """An offer of the store."""
        amount, unsold = int(row["amount"]), int(row["unsold"])
        left = unsold if row["cancelled_at"] is None else 0
        return CertificateOffer(
            id=row["offer_id"],
            seller=row["seller"],
            device=row["device"],
            technology=EnergyType(row["technology"]).name,
            region=text_of(row["region"]),
            begins_at=time_of(row["from_slot"] * self._slot),
            ends_at=time_of((row["to_slot"] + 1) * self._slot),
            amount_wh=min(amount, _MOST_WH),
            sold_wh=amount - unsold,
            available_wh=min(left, row["held"]),
            price_per_kwh=int(row["price"]),
            currency=row["currency"],
            offered_at=time_of(row["offered_at"]),
            cancelled_at=when(row["cancelled_at"]),
        )

    def for_sale(self, account: str, coin: str, most: int) -> list[CertificateOffer]:
        """What an account can buy with a coin, the newest offers first: who offers what they do not
        have hides nobody's."""
        found = open_offers().subquery().c
        got = CERTIFICATE_MOVES.c
        # Who never got any is told apart by an index, before anything is summed.
        has_got = exists().where(got.recipient == found.seller, got.device == found.device)
        wanted = (
            select(found.offer_id.table)
            .where(found.currency == coin, found.seller != account, has_got, found.held > 0)
            .order_by(found.offer_id.desc())
            .limit(most)
        )
        with self._backend.database.reading() as connection:
            return [self.offer(row) for row in connection.execute(wanted).mappings()]

    def offered(self, offer: int) -> list[CertificateSlot]:
        """What the seller of an open offer has of it, the earliest slots first."""
        wanted = (
            select(_HELD.c.slot, _HELD.c.held_wh, _DEVICES)
            .join(_OFFERS, _in_offer())
            .join(_DEVICES, _DEVICES.c.device == _OFFERS.c.device)
            .where(_OFFERS.c.offer_id == offer, _HELD.c.held_wh > 0)
            .where(_OFFERS.c.cancelled_at.is_(None), _OFFERS.c.unsold > 0)
            .order_by(_HELD.c.slot)
            .limit(_MOST_SLOTS)
        )
        with self._backend.database.reading() as connection:
            rows = connection.execute(wanted).mappings().all()
        return [
            CertificateSlot(
                id=certificate_id(row["technology"], row["region"], row["device"], row["slot"]),
                start=time_of(row["slot"] * self._slot),
                held_wh=row["held_wh"],
            )
            for row in rows
        ]

    def held(self, account: str, device: int, day: int) -> list[HeldCertificate]:
        """An account's certificates of a device's day, as the chain has them."""
        market = self._backend.market
        known = market.certificates.device_of(device)
        free = market.matchable_certificates(account, device, day)
        return [
            HeldCertificate(
                id=certificate_id(known.technology, known.region, device, slot),
                start=time_of(slot * self._slot),
                held_wh=wh,
                matchable_wh=free.get(slot, 0),
            )
            for slot, wh in market.held_certificates(account, device, day).items()
        ]

    def own(self, account: str, first: int, last: int) -> OwnCertificates:
        """What an account has to do with certificates.

        Args:
            first, last: days of production.
        """
        market = self._backend.market
        with self._backend.database.reading() as connection:
            newest = _offers().where(_OFFERS.c.seller == account)
            newest = newest.order_by(_OFFERS.c.offer_id.desc()).limit(_MOST_OFFERS)
            offers = connection.execute(newest).mappings().all()
            held = select(func.sum(_HELD.c.held_wh)).where(_HELD.c.account == account)
            retired = select(func.sum(_RETIRED.c.wh)).where(_RETIRED.c.account == account)
            return OwnCertificates(
                devices=[*self._devices(connection, account)],
                days=self._days(connection, account, first, last),
                held_wh=int(connection.scalar(held) or 0),
                retired_wh=int(connection.scalar(retired) or 0),
                offers=[self.offer(row) for row in offers],
                may_sell=market.certificates.is_approved_for_all(
                    account, market.certificate_market.address
                ),
            )

    def _devices(self, connection: Connection, account: str) -> Iterator[CertificateDevice]:
        region = table_of("Tariffs", "RegionAdded").c
        wanted = select(_DEVICES, region.region.label("name")).join(
            region.id.table, region.id == _DEVICES.c.region
        )
        own = wanted.where(_DEVICES.c.account == account).order_by(_DEVICES.c.device)
        for row in connection.execute(own).mappings():
            until = row["until_slot"]
            yield CertificateDevice(
                device=row["device"],
                technology=EnergyType(row["technology"]).name,
                region=text_of(row["name"]),
                earns_from=time_of(row["from_slot"] * self._slot),
                earns_until=None if until is None else time_of(until * self._slot),
                issued_wh=row["issued_wh"],
                owed_wh=row["owed_wh"],
            )

    def _days(
        self, connection: Connection, account: str, first: int, last: int
    ) -> list[CertificateDay]:
        slots = DAY_SECONDS // self._slot
        day = (_HELD.c.slot // slots).label("day")
        sums = [func.sum(_HELD.c[each]).label(each) for each in ("issued_wh", "held_wh")]
        moved = (
            select(day, _HELD.c.device, _DEVICES.c.technology, *sums)
            .join(_DEVICES, _DEVICES.c.device == _HELD.c.device)
            .where(
                _HELD.c.account == account,
                _HELD.c.slot.between(first * slots, (last + 1) * slots - 1),
            )
            .group_by(day, _HELD.c.device, _DEVICES.c.technology)
            .order_by(day.desc(), _HELD.c.device)
        )
        keys = (_RETIRED.c.day, _RETIRED.c.device)
        used = (
            select(*keys, func.sum(_RETIRED.c.wh).label("wh"))
            .where(_RETIRED.c.account == account, _RETIRED.c.day.between(first, last))
            .group_by(*keys)
        )
        retired = {(row.day, row.device): int(row.wh) for row in connection.execute(used)}
        return [
            CertificateDay(
                day=format_day(row.day),
                device=row.device,
                technology=EnergyType(row.technology).name,
                issued_wh=int(row.issued_wh),
                held_wh=int(row.held_wh),
                retired_wh=retired.get((row.day, row.device), 0),
            )
            for row in connection.execute(moved)
        ]


def _in_offer() -> Any:
    return and_(
        _HELD.c.account == _OFFERS.c.seller,
        _HELD.c.device == _OFFERS.c.device,
        _HELD.c.slot.between(_OFFERS.c.from_slot, _OFFERS.c.to_slot),
    )
