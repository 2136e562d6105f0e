"""Production assets: what they are worth in the books, and whose the days of their meters are.

Money in base units, energy in Wh, times and durations in seconds, days since 1970-01-01 UTC.

A meter counts for one asset at a time, and each of its days for one asset in all: the one that it
was linked to first on that day. So the production of all assets together is never more than what
their meters have metered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from energy_grid.domain.units import natural
from energy_grid.errors import DomainError

__all__ = [
    "MAX_LIFETIME",
    "MAX_LINKS",
    "MAX_METERS",
    "MIN_LIFETIME",
    "LifetimeError",
    "Link",
    "MeterNotLinkedError",
    "MeterTakenError",
    "TooManyMetersError",
    "asset_of",
    "book_value",
    "linked",
    "meters_of",
    "production",
    "unlinked",
]

MIN_LIFETIME = 86_400
MAX_LIFETIME = 100 * 365 * 86_400
MAX_METERS = 8
"""Meters that an asset has at a time."""
MAX_LINKS = 32
"""Links that an asset has in its life."""
_RESIDUAL_DIVISOR = 10


class LifetimeError(DomainError):
    """No asset is written down over this time."""


class MeterTakenError(DomainError):
    """The meter counts for an asset already."""


class MeterNotLinkedError(DomainError):
    """The meter does not count for the asset."""


class TooManyMetersError(DomainError):
    """The asset has as many meters as it may have, at a time or in its life."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A meter counts for an asset, from its first day to its last one, if that is known."""

    asset: int
    meter: int
    first_day: int
    last_day: int | None = None

    def covers(self, day: int) -> bool:
        """Whether the meter's production on this day is the asset's."""
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)


def book_value(value: int, *, commissioned_at: int, lifetime: int, time: int) -> int:
    """What is left of a value: less in a straight line, but never below a tenth; rounded up.

    Raises:
        LifetimeError: the lifetime is none.
        DomainError: a value or time is no natural number.
    """
    if not MIN_LIFETIME <= lifetime <= MAX_LIFETIME:
        raise LifetimeError(
            f"a lifetime is {MIN_LIFETIME} to {MAX_LIFETIME} seconds, not {lifetime}"
        )
    natural("value", value)
    left = max(natural("commissioned", commissioned_at) + lifetime - natural("time", time), 0)
    return max(-(-value * min(left, lifetime) // lifetime), -(-value // _RESIDUAL_DIVISOR))


def linked(links: Sequence[Link], *, asset: int, meter: int, today: int) -> tuple[Link, ...]:
    """The links after a meter was linked: from today on, or from its first free day.

    Raises:
        MeterTakenError: to this asset or another.
        TooManyMetersError: to this asset.
    """
    taken_by = asset_of(links, meter)
    if taken_by is not None:
        raise MeterTakenError(f"meter {meter} counts for asset {taken_by}")
    if sum(link.asset == asset for link in links) >= MAX_LINKS:
        raise TooManyMetersError(f"asset {asset} has had {MAX_LINKS} meters")
    if len(meters_of(links, asset)) >= MAX_METERS:
        raise TooManyMetersError(f"asset {asset} has {MAX_METERS} meters")
    last_days = [link.last_day for link in links if link.meter == meter]
    first_day = max([today, *(day + 1 for day in last_days if day is not None)])
    return (*links, Link(asset=asset, meter=meter, first_day=first_day))


def unlinked(links: Sequence[Link], *, asset: int, meter: int, today: int) -> tuple[Link, ...]:
    """The links after a meter was taken away, today being its last day; a link that had not begun
    is gone.

    Raises:
        MeterNotLinkedError: from an asset that it does not count for.
    """
    if asset_of(links, meter) != asset:
        raise MeterNotLinkedError(f"meter {meter} does not count for asset {asset}")
    ended = (
        replace(link, last_day=today) if link.meter == meter and link.last_day is None else link
        for link in links
    )
    return tuple(link for link in ended if link.last_day is None or link.first_day <= link.last_day)


def asset_of(links: Sequence[Link], meter: int) -> int | None:
    """The asset that a meter is linked to now."""
    found = [link.asset for link in links if link.meter == meter and link.last_day is None]
    return found[0] if found else None


def meters_of(links: Sequence[Link], asset: int) -> tuple[int, ...]:
    """The meters that are linked to an asset now."""
    return tuple(link.meter for link in links if link.asset == asset and link.last_day is None)


def production(
    links: Sequence[Link], *, asset: int, days: range, metered: Mapping[tuple[int, int], int]
) -> tuple[int, ...]:
    """Wh of an asset on each day, out of what meters have metered, by meter and day."""
    return tuple(
        sum(
            metered.get((link.meter, day), 0)
            for link in links
            if link.asset == asset and link.covers(day)
        )
        for day in days
    )
