"""Home: what one account has, what its days brought and why, and what it wants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from energy_grid.api.models import (
    AccountDay,
    AccountSlot,
    CertificateDay,
    CertificateOffer,
    Meter,
)
from energy_grid.api.values import time_of
from energy_grid.backend.api.certifying import Certifying
from energy_grid.backend.api.foreseeing import Subject, coming
from energy_grid.backend.api.holdings import holdings_of
from energy_grid.backend.api.noticing import Noticing
from energy_grid.backend.api.responding import demand_response_of
from energy_grid.backend.api.routes import accounts, certificates, market, meters, vens
from energy_grid.backend.api.vtn.application import PREFIX
from energy_grid.domain.costs import grid_alone
from energy_grid.domain.units import WH_PER_KWH
from energy_grid.frontend.ahead import ahead_of
from energy_grid.frontend.site import Look, Looks, page

__all__ = ["ROUTER"]

ROUTER = APIRouter(prefix="/home")
_DAYS = 31
_OFFERS = 20
# That a household without an electric car or a heat pump can do without for a while.
_SUGGESTED_KW = Decimal("0.5")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Flow:
    """What went between the house and something around it in a day, Wh.

    Attributes:
        of: its name for templates.
        taken: to the house.
        given: from the house.
    """

    of: str
    taken: int
    given: int


@dataclass(frozen=True, slots=True)
class Slot:
    """What the meter of an account's bill measured in a slot, Wh."""

    start: datetime
    end: datetime
    used: int
    fed: int


@ROUTER.get("")
def home(look: Looks, day: Annotated[date | None, Query()] = None) -> HTMLResponse:
    """What somebody has, and a day of theirs: by default today, or the newest that is closed where
    nothing of today is known yet."""
    account = look.reader
    if account is None:
        return page(look, "home.html", balances=None)
    days = accounts.days(look, account, limit=_DAYS).items
    own = meters.my_meters(look).items
    now = time_of(look.backend.market.node.time)
    shown = day or now.date()
    slots = _slots(look, own, shown)
    if day is None and not slots and days:
        shown = date.fromisoformat(days[0].day)
        slots = _slots(look, own, shown)
    traded = accounts.slots(look, account, shown)
    closed = next((each for each in days if each.day == shown.isoformat()), None)
    sun = _sun(look, own, shown)
    holdings = holdings_of(look.backend, account)
    response = demand_response_of(look.backend, account)
    certified = certificates.own_certificates(look, account)
    return page(
        look,
        "home.html",
        balances=accounts.balances(look, account),
        days=days,
        meters=own,
        now=now,
        day=shown,
        closed=closed,
        slots=slots,
        shared=[each for each in traded if each.shared_taken_wh or each.shared_given_wh],
        flows=[*([] if sun is None else [Flow("sun", sun, 0)]), *_flows(closed, slots)],
        alone=_alone(look, own, slots, traded, closed),
        notices=Noticing(look.backend, account, own, holdings, response).notices(),
        numbers={each.id: each.number for each in own},
        response=response,
        vens=vens.vens(look, account),
        ven_path=PREFIX,
        starts={str(each.id): each.starts_at for each in response.events},
        suggested_kw=_SUGGESTED_KW,
        holdings=holdings,
        certificates=certified,
        certified=_certified(certified.days),
        for_sale=Certifying(look.backend).for_sale(
            account, look.backend.market.money.address, _OFFERS
        ),
        last_day=_last_day,
        exactly=_kwh,
        slot_seconds=look.backend.slot_seconds,
        ahead=ahead_of(coming(look.backend.database, Subject.own(account))),
    )


def _certified(days: Sequence[CertificateDay]) -> list[tuple[str, list[int]]]:
    """What was issued, is held and was retired of each day, Wh, of all devices; the oldest
    first."""
    sums: dict[str, list[int]] = {}
    for each in reversed(days):
        day = sums.setdefault(each.day, [0, 0, 0])
        for at, wh in enumerate((each.issued_wh, each.held_wh, each.retired_wh)):
            day[at] += wh
    return [*sums.items()]


def _last_day(offer: CertificateOffer) -> date:
    return (offer.ends_at - timedelta(seconds=1)).date()


def _kwh(wh: int) -> str:
    """As people write it in a field, to the last Wh."""
    return f"{Decimal(wh) / WH_PER_KWH:f}"


def _span(day: date) -> tuple[datetime, datetime]:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return start, start + _DAY


def _slots(look: Look, own: Sequence[Meter], day: date) -> list[Slot]:
    """What the meters of the bill read, from one reading to the next."""
    found: dict[datetime, Slot] = {}
    for meter in own:
        if not meter.is_settlement:
            continue
        used = meters.consumption(look, meter.id, *_span(day)).spans
        fed = meters.production(look, meter.id, *_span(day)).spans
        for one, other in zip(used, fed, strict=True):
            found[one.start] = Slot(one.start, one.end, one.energy_wh, other.energy_wh)
    return [found[start] for start in sorted(found)]


def _sun(look: Look, own: Sequence[Meter], day: date) -> int | None:
    """What panels made that have a meter of their own; None: there is no such meter."""
    panels = [each for each in own if not each.is_settlement]
    if not panels:
        return None
    return sum(meters.production(look, each.id, *_span(day)).energy_wh for each in panels)


def _flows(closed: AccountDay | None, slots: Sequence[Slot]) -> list[Flow]:
    if closed is None:
        used, fed = sum(each.used for each in slots), sum(each.fed for each in slots)
        return [Flow("connection", used, fed)]
    traded = closed.traded_wh
    return [
        Flow("neighbours", closed.shared_taken_wh, closed.shared_given_wh),
        Flow("trades", max(traded, 0), max(-traded, 0)),
        Flow("bank", closed.credits_drawn_wh, closed.credits_kept_wh),
        Flow("grid", closed.from_grid_wh, closed.fed_in_wh),
    ]


def _alone(
    look: Look,
    own: Sequence[Meter],
    slots: Sequence[Slot],
    traded: Sequence[AccountSlot],
    closed: AccountDay | None,
) -> int | None:
    """What the day would have cost without a market, exact money.

    None where it cannot be compared: readings are missing or came late, or trades of the day were
    paid for beside its bill.
    """
    if closed is None or closed.net_wh != sum(each.fed - each.used for each in slots):
        return None
    length = timedelta(seconds=look.backend.slot_seconds)
    is_whole = (
        all(each.end - each.start == length for each in slots) and len(slots) * length == _DAY
    )
    if not is_whole or any(each.traded_wh for each in traded):
        return None
    region = next(each.region for each in own if each.is_settlement)
    prices = {
        each.start: each
        for each in market.prices(look, *_span(date.fromisoformat(closed.day)), region).grid
    }
    return grid_alone(
        (each.fed - each.used, prices[each.start].buy_per_kwh, prices[each.start].feed_in_per_kwh)
        for each in slots
    )
