"""Trading: the book of a period, prices, one's own orders, and batches with their audit."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import HTMLResponse

from energy_grid.api.models import Book, Kind
from energy_grid.api.values import Time, time_of
from energy_grid.backend.api.pages import Cursor
from energy_grid.backend.api.regions import Region
from energy_grid.backend.api.routes import accounts, batches, market, orders, trades
from energy_grid.contracts.peer_to_peer_trading import EnergyOffer
from energy_grid.domain.costs import cost_up
from energy_grid.domain.enums import OfferStatus
from energy_grid.frontend.site import Look, Looks, page

__all__ = ["ROUTER"]

ROUTER = APIRouter(prefix="/trade")
_ORDERS, _BATCHES, _CHOICES, _OFFERS = 20, 25, 24, 50
_Id = Annotated[int, Path(ge=1, lt=2**31)]


@ROUTER.get("")
def trade(look: Looks, kind: Kind = "HOURLY") -> HTMLResponse:
    """The next period of a kind."""
    (first,) = market.periods(look, kind, limit=1)
    return _period(look, kind, first.start, None)


@ROUTER.get("/batches")
def all_batches(look: Looks, cursor: Cursor = None) -> HTMLResponse:
    """What was traded, the newest first."""
    found = batches.batches(look, cursor=cursor, limit=_BATCHES)
    return page(look, "batches.html", batches=found.items, next=found.next)


@ROUTER.get("/batches/{id}")
def one_batch(look: Looks, id: _Id) -> HTMLResponse:
    """A batch, and whether it was cleared as it had to be."""
    return page(look, "batch.html", batch=batches.batch(look, id))


@ROUTER.get("/spot")
def spot(look: Looks) -> HTMLResponse:
    """The newest offers of energy credits that are open."""
    grid = look.backend.market
    newest = grid.spot.offer_count()
    numbers = range(newest, max(newest - _OFFERS, 0), -1)
    found = grid.spot.call_many("getEnergyOffer", zip(numbers), kind=EnergyOffer)
    return page(
        look,
        "spot.html",
        offers=[
            (number, each, time_of(each.created_at), cost_up(each.remaining, each.price))
            for number, each in zip(numbers, found, strict=True)
            if each.status is OfferStatus.OPEN
        ],
        tokens=0 if look.reader is None else grid.energy_token.balance_of(look.reader),
    )


@ROUTER.get("/{kind}/{start}")
def period(
    look: Looks, kind: Kind, start: Annotated[Time, Path()], region: Region = None
) -> HTMLResponse:
    """The book of a period."""
    return _period(look, kind, start, region)


def _period(look: Look, kind: Kind, start: datetime, region: str | None) -> HTMLResponse:
    book = market.book(look, kind, start, region)
    mine, done = None, []
    if look.reader is not None:
        mine = orders.my_orders(look, limit=_ORDERS).items
        done = trades.trades(look, mine=True, limit=_ORDERS).items
    return page(
        look,
        "trade.html",
        book=book,
        curve=_curve(book),
        periods=market.periods(look, kind, limit=_CHOICES),
        kinds=("HOURLY", "QUARTER_HOURLY", "DAILY", "WEEKLY"),
        orders=mine,
        trades=done,
        balances=None if look.reader is None else accounts.balances(look, look.reader),
    )


def _curve(book: Book) -> list[tuple[int, int, int]]:
    """At each limit, from nothing to above the highest: what buyers want at this price, and what
    sellers offer, in Wh."""
    limits = sorted({each.price_per_kwh for each in (*book.bids, *book.asks)})
    if limits:
        limits = [*([0] if limits[0] else []), *limits, limits[-1] + limits[-1] // 10 + 1]
    return [
        (
            price,
            sum(each.energy_wh for each in book.bids if each.price_per_kwh >= price),
            sum(each.energy_wh for each in book.asks if each.price_per_kwh <= price),
        )
        for price in limits
    ]
