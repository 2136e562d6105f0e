"""The rows of the store as the API answers them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import RowMapping

from energy_grid.api.models import Kind, Order, OrderStateName, PeriodInfo, Side
from energy_grid.api.values import time_of
from energy_grid.backend.trading_engine.book import period_of
from energy_grid.domain.periods import Period, PeriodKind

__all__ = ["period_document", "signed_document", "stored_document"]

_SIDES: Sequence[Side] = ("BUY", "SELL")
_KINDS: Sequence[Kind] = ("HOURLY", "DAILY", "WEEKLY", "QUARTER_HOURLY")


def period_document(period: Period) -> PeriodInfo:
    """A delivery period."""
    return PeriodInfo(
        kind=_KINDS[period.kind],
        start=time_of(period.start),
        end=time_of(period.end),
        gate_closes_at=time_of(period.last_order),
    )


def signed_document(row: RowMapping) -> Order:
    """A signed order of the store."""
    return Order(
        id=row["hash"],
        is_signed=True,
        trader=row["trader"],
        side=_SIDES[row["side"]],
        period=period_document(period_of(row)),
        amount_wh=row["amount"],
        price_per_kwh=row["price"],
        valid_until=time_of(row["expiry"]),
        nonce=row["nonce"],
        state=row["state"],
        reason=row["reason"],
        filled_wh=row["filled"],
    )


def stored_document(row: RowMapping, now: int) -> Order:
    """An on-chain order.

    Args:
        row: of the view ``orders``.
        now: the chain's time.
    """
    amount, matched = int(row["amount"]), int(row["matched"])
    period = Period(kind=PeriodKind(row["period"]), start=row["start"])
    last = min(int(row["expiry"]), period.last_order)
    state: OrderStateName
    if matched >= amount:
        state = "MATCHED"
    elif row["cancelled_at"] is not None:
        state = "CANCELLED"
    elif now > last:
        state = "PARTLY_FILLED" if matched else "EXPIRED"
    else:
        state = "PARTLY_FILLED" if matched else "OPEN"
    return Order(
        id=str(row["order_id"]),
        is_signed=False,
        trader=row["trader"],
        side=_SIDES[row["order_type"]],
        period=period_document(period),
        amount_wh=amount,
        price_per_kwh=int(row["price"]),
        valid_until=time_of(last),
        nonce=None,
        state=state,
        reason=None,
        filled_wh=matched,
    )
