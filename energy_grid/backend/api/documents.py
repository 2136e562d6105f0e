"""The rows of the store as the API answers them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping

from energy_grid.api.models import (
    DemandEvent,
    Kind,
    Order,
    OrderStateName,
    PeriodInfo,
    Program,
    Side,
)
from energy_grid.api.values import time_of
from energy_grid.backend.trading_engine.book import period_of
from energy_grid.chain.contract import from_bytes32
from energy_grid.domain.enums import EventKind
from energy_grid.domain.periods import Period, PeriodKind

__all__ = [
    "event_document",
    "event_values",
    "period_document",
    "program_document",
    "program_values",
    "signed_document",
    "stored_document",
    "text_of",
    "when",
]

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


def program_document(row: RowMapping) -> Program:
    """A demand-response program."""
    return Program(**program_values(row))


def program_values(row: RowMapping) -> dict[str, Any]:
    """What everybody may know of a program; the row is of the view ``programs``."""
    return {
        "id": row["program_id"],
        "region": text_of(row["region"]),
        "operator": row["operator"],
        "name": row["name"],
        "target_reduction_kw": row["target_reduction_kw"],
        "incentive_rate": int(row["incentive_rate"]),
        "ends_at": time_of(int(row["end_time"])),
        "budget": int(row["budget"]),
        "members": row["members"],
        "closed_at": when(row["closed_at"]),
    }


def event_document(row: RowMapping) -> DemandEvent:
    """A demand-response event."""
    return DemandEvent(**event_values(row))


def event_values(row: RowMapping) -> dict[str, Any]:
    """What everybody may know of an event; the row is of the view ``dr_events``."""
    return {
        "id": row["event_id"],
        "program": row["program_id"],
        "region": text_of(row["region"]),
        "operator": row["grid_operator"],
        "kind": EventKind(int(row["kind"])).name,
        "group": text_of(row["group"]),
        "opt_in": row["opt_in"],
        "is_test": row["is_test"],
        "target_reduction_kw": row["target_reduction_kw"],
        "reward_per_kw": int(row["reward_per_kw"]),
        "announced_at": time_of(int(row["announced_at"])),
        "measured_from": time_of(int(row["measured_from"])),
        "starts_at": time_of(int(row["start_time"])),
        "ends_at": time_of(int(row["end_time"])),
        "budget": int(row["budget"]),
        "completed_at": when(row["completed_at"]),
        "cancelled_at": when(row["cancelled_at"]),
    }


def text_of(word: str) -> str:
    """The text in a word of the chain, such as a region."""
    return from_bytes32(bytes.fromhex(word[2:]))


def when(time: int | None) -> datetime | None:
    """A moment, if there is one."""
    return None if time is None else time_of(time)
