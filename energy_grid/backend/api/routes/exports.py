"""Exports: what is told in pages elsewhere, as one file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response
from sqlalchemy import select

from energy_grid.api.values import Address, Time
from energy_grid.backend.api.exports import FILES, Column, FileFormat, Kind, exported
from energy_grid.backend.api.spans import span_of
from energy_grid.backend.api.visit import Holder, Visit, Visitor
from energy_grid.backend.store.events import table_of
from energy_grid.backend.store.orders import SIGNED_ORDERS
from energy_grid.backend.store.views import VIEWS
from energy_grid.domain.enums import OrderType
from energy_grid.domain.periods import DAY_SECONDS, PeriodKind
from energy_grid.domain.units import format_day

__all__ = ["ROUTER"]

ROUTER = APIRouter(tags=["exports"])
# What everybody can ask for is less than what an account has.
_MOST_DAYS, _MOST_DAYS_OF_ALL = 400, 31
_SETTLED = table_of("EnergyTrading", "BatchSettled")
_TRADES, _DAYS, _MEASURED, _KEYS = (
    VIEWS[name] for name in ("trades", "days", "measured", "meter_keys")
)
_From = Annotated[Time | None, Query(alias="from", description="By default a day before to.")]
_To = Annotated[Time | None, Query(alias="to", description="By default now.")]


def _column(name: str, kind: Kind, key: str = "") -> Column:
    return Column(name, kind, lambda row: row[key or name])


def _period_kind(row: Mapping[Any, Any]) -> str | None:
    return None if row["period"] is None else PeriodKind(row["period"]).name


_PERIOD = Column("period_kind", "text", _period_kind), _column("period_start", "time", "start")
_TRADE = (
    _column("id", "big", "transaction_id"),
    *_PERIOD,
    _column("amount_wh", "whole", "amount"),
    _column("price_per_kwh", "whole", "price"),
    _column("matched_at", "time"),
    _column("transaction", "text", "transaction_hash"),
)
_PRICE = (
    _column("batch", "whole", "batch_id"),
    *_PERIOD,
    _column("energy_wh", "whole", "amount"),
    _column("price_per_kwh", "whole", "price"),
    _column("settled_at", "time", "time"),
)
_DAY = (
    Column("day", "text", lambda row: format_day(row["day"])),
    _column("money_thousandths", "whole", "money"),
    _column("net_wh", "whole", "net"),
    _column("traded_wh", "whole", "position"),
    _column("shared_taken_wh", "whole", "taken"),
    _column("shared_given_wh", "whole", "given"),
    _column("credits_drawn_wh", "whole", "drawn"),
    _column("credits_kept_wh", "whole", "kept"),
    _column("from_grid_wh", "whole", "from_grid"),
    _column("fed_in_wh", "whole", "fed_in"),
)
_ORDER = (
    _column("id", "text", "hash"),
    Column("side", "text", lambda row: OrderType(row["side"]).name),
    Column("period_kind", "text", lambda row: PeriodKind(row["kind"]).name),
    _column("period_start", "time", "start"),
    _column("amount_wh", "whole", "amount"),
    _column("price_per_kwh", "whole", "price"),
    _column("valid_until", "time", "expiry"),
    _column("state", "text"),
    _column("reason", "text"),
    _column("filled_wh", "whole", "filled"),
)
_READING = (
    _column("meter", "text"),
    _column("time", "time"),
    _column("import_wh", "whole"),
    _column("export_wh", "whole"),
    _column("voltage_decivolts", "whole", "voltage"),
    _column("frequency_centihertz", "whole", "frequency"),
)


@ROUTER.get("/exports/{table}", response_class=Response, responses=FILES)
def export(
    visit: Visitor,
    table: Annotated[Literal["trades", "prices"], Path()],
    kind: FileFormat = "csv",
    start: _From = None,
    end: _To = None,
) -> Response:
    """Trades, or what batches traded at, as a file, the oldest first; nobody is named."""
    first, last = _span(visit, start, end, _MOST_DAYS_OF_ALL)
    columns: Sequence[Column]
    if table == "trades":
        at, columns = _TRADES.c.matched_at, _TRADE
        wanted = select(_TRADES).order_by(at, _TRADES.c.transaction_id)
    else:
        at, columns = _SETTLED.c.time, _PRICE
        wanted = select(_SETTLED).order_by(at, _SETTLED.c.log_index)
    wanted = wanted.where(at >= first, at < last)
    return exported(visit.backend.database, wanted, columns, _name(table, first, last), kind)


@ROUTER.get("/accounts/{account}/exports/{table}", response_class=Response, responses=FILES)
def export_own(
    visit: Holder,
    account: Annotated[Address, Path(description="Of the account that is signed in.")],
    table: Annotated[Literal["days", "orders", "readings"], Path()],
    kind: FileFormat = "csv",
    start: _From = None,
    end: _To = None,
) -> Response:
    """An account's closed days, signed orders by delivery, or readings, as a file, the oldest
    first."""
    visit.require_self(account)
    first, last = _span(visit, start, end, _MOST_DAYS)
    columns: Sequence[Column]
    if table == "days":
        day, columns = _DAYS.c.day, _DAY
        wanted = (
            select(_DAYS)
            .where(_DAYS.c.account == account, day * DAY_SECONDS >= first)
            .where(day * DAY_SECONDS < last)
            .order_by(day)
        )
    elif table == "orders":
        own, columns = SIGNED_ORDERS.c, _ORDER
        wanted = (
            select(SIGNED_ORDERS)
            .where(own.trader == account, own.start >= first, own.start < last)
            .order_by(own.start, own.hash)
        )
    else:
        keys, columns = select(_KEYS.c.meter).where(_KEYS.c.account == account), _READING
        read = _MEASURED.c
        wanted = (
            select(_MEASURED)
            .where(read.meter.in_(keys), read.time >= first, read.time < last)
            .order_by(read.time, read.meter)
        )
    return exported(visit.backend.database, wanted, columns, _name(table, first, last), kind)


def _span(
    visit: Visit, start: datetime | None, end: datetime | None, most_days: int
) -> tuple[int, int]:
    return span_of((start, end), visit.backend.market.node.time, most_days)


def _name(table: str, first: int, last: int) -> str:
    days = (format_day(each // DAY_SECONDS) for each in (first, last - 1))
    return "-".join((table, *days))
