"""Times as people read them: in UTC, or in the zone that ENERGY_GRID_TZ names."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from energy_grid.domain.units import format_time as format_utc
from energy_grid.errors import InputError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

__all__ = ["format_minute", "format_time", "iso_time", "zone_name"]

_ZONE = "ENERGY_GRID_TZ"
_MINUTE = len("2024-01-01 18:00")


def format_time(timestamp: int) -> str:
    """``"2024-01-01 18:00:00 UTC"``, or ``"2024-01-01 19:00:00+01:00"`` in a zone; what no calendar
    holds stays a number.

    Raises:
        InputError: ENERGY_GRID_TZ names no zone.
    """
    zone = _zone()
    if zone is None or iso_time(timestamp) is None:
        return format_utc(timestamp)
    return datetime.fromtimestamp(timestamp, zone).isoformat(" ")


def format_minute(timestamp: int) -> str:
    """``"2024-01-01 18:00"``: for columns whose title has `zone_name`.

    Raises:
        InputError: ENERGY_GRID_TZ names no zone.
    """
    return format_time(timestamp)[:_MINUTE]


def zone_name() -> str:
    """``"UTC"``, or what ENERGY_GRID_TZ names."""
    return os.environ.get(_ZONE) or "UTC"


def iso_time(timestamp: int) -> str | None:
    """``"2024-01-01T18:00:00Z"``; None of what no calendar holds."""
    try:
        found = datetime.fromtimestamp(timestamp, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return f"{found:%Y-%m-%dT%H:%M:%S}Z"


def _zone() -> ZoneInfo | None:
    from zoneinfo import ZoneInfo

    name = os.environ.get(_ZONE)
    if not name or name == "UTC":
        return None
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise InputError(
            f"{_ZONE}={name} is no time zone: write one such as Europe/Berlin"
        ) from None
