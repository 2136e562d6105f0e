"""What an agent knows of the hours to come: its account's forecast, and what energy costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection, select

from energy_grid.backend.agent.orders import Worth
from energy_grid.backend.agent.quantiles import Array, net_quantiles
from energy_grid.backend.store.forecasts import FORECASTS
from energy_grid.backend.store.hours import HOUR_SECONDS
from energy_grid.backend.store.places import places_of, regions_of
from energy_grid.backend.store.prices import Prices
from energy_grid.domain.periods import DAY_SECONDS

__all__ = ["Ahead", "forecast_of", "worth_of"]

_LOAD, _PRODUCTION = "load", "production"
# The method of a forecast that is a part of what neighbours do.
_OF_NEIGHBOURS = "community"
_HOURS_OF_DAY = DAY_SECONDS // HOUR_SECONDS


@dataclass(frozen=True, slots=True)
class Ahead:
    """The newest forecast of an account.

    Attributes:
        first: the hour from 1970 with which it begins.
        net: quantiles of export less import of its meter, shape (3, hours), in Wh.
        is_own: whether its own meter's readings say so, and not what neighbours do.
    """

    first: int
    net: Array
    is_own: bool

    def since(self, hour: int) -> Array:
        """From an hour on."""
        return self.net[:, max(hour - self.first, 0) :]

    def of(self, hour: int) -> Array | None:
        """The quantiles of an hour, if it is forecast."""
        at = hour - self.first
        return self.net[:, at] if 0 <= at < self.net.shape[1] else None


def forecast_of(connection: Connection, account: str) -> Ahead | None:
    """The newest forecast of an account; None: there is none."""
    found = FORECASTS.c
    newest = select(found.origin).where(found.subject == account).order_by(found.origin.desc())
    origin = connection.scalar(newest.limit(1))
    if origin is None:
        return None
    rows = connection.execute(
        select(
            *(found.method, found.what, found.start),
            *(found.low_wh, found.median_wh, found.high_wh),
        )
        .where(found.subject == account, found.origin == origin)
        .order_by(found.start)
    ).all()
    hours = 1 + (rows[-1].start - origin) // HOUR_SECONDS
    # Of what never comes there is no forecast.
    wh = {what: np.zeros((3, hours)) for what in (_LOAD, _PRODUCTION)}
    for _, what, start, *quantiles in rows:
        wh[what][:, (start - origin) // HOUR_SECONDS] = quantiles
    is_own = all(row.method != _OF_NEIGHBOURS for row in rows)
    return Ahead(origin // HOUR_SECONDS, net_quantiles(wh[_PRODUCTION], wh[_LOAD]), is_own)


def worth_of(
    connection: Connection, account: str, hours: range, deficit: Callable[[str, int], int]
) -> list[Worth]:
    """What a kWh of an account is worth in hours; who is a member of a community trades for better
    than the shared price.

    Args:
        hours: from 1970.
        deficit: gives what a deficit costs, of a region by its name and the begin of an hour.
    """
    prices, places = Prices(connection), places_of(connection).get(account, [])
    names = {f"region:{name}": known for known, name in regions_of(connection).items()}
    found = []
    for hour in hours:
        day = hour // _HOURS_OF_DAY
        now = [subject for subject, begin, end in places if begin <= day < end]
        region = next((each for each in now if each in names), next(iter(names)))
        community = next((each for each in now if each.startswith("community:")), "")
        tariff = prices.tariff(names[region], day)
        buy = deficit(region.partition(":")[2], hour * HOUR_SECONDS)
        shared = prices.shared(int(community.partition(":")[2] or 0), names[region], day)
        found.append(
            Worth(
                unsold=shared or tariff.feed_in,
                unbought=min(shared + tariff.network_fee, buy) if shared else buy,
                short=buy,
                # A store that is behind the chain may know an older tariff.
                long=min(tariff.feed_in, buy),
                fees=tariff.network_fee + tariff.protocol_fee,
            )
        )
    return found
