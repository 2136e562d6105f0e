"""All tables of the store: who imports this knows every one of them."""

from __future__ import annotations

from energy_grid.backend.store import (
    alarms,
    analytics,
    blocks,
    details,
    enrolments,
    events,
    feed,
    feeder_flows,
    forecasts,
    openadr,
    orders,
    registers,
    relays,
    rests,
    safe,
    sessions,
    settlement,
    statements,
    transactions,
)
from energy_grid.backend.store.metadata import METADATA

__all__ = [
    "METADATA",
    "alarms",
    "analytics",
    "blocks",
    "details",
    "enrolments",
    "events",
    "feed",
    "feeder_flows",
    "forecasts",
    "openadr",
    "orders",
    "registers",
    "relays",
    "rests",
    "safe",
    "sessions",
    "settlement",
    "statements",
    "transactions",
]
