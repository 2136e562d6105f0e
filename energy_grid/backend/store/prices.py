"""Prices of each day, from the events that have announced them."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from energy_grid.backend.store.events import table_of
from energy_grid.domain.closing import shared_price

__all__ = ["Prices", "Tariff", "tariffs_of"]

# Accounts that never had a meter are in it.
_HOME = 1
# What holds from which day on, ascending.
_Plan = Sequence[tuple[int, Any]]


@dataclass(frozen=True, slots=True)
class Tariff:
    """Base units per kWh."""

    buy: int
    feed_in: int
    network_fee: int
    protocol_fee: int


class Prices:
    """What energy costs on each day, as far as no slot of it has a price of its own."""

    def __init__(self, connection: Connection) -> None:
        added, made = (
            table_of("Tariffs", "RegionAdded").c,
            table_of("Communities", "CommunityCreated"),
        )
        numbers = connection.execute(select(added.region, added.id)).all()
        self._regions = {region: int(number) for region, number in numbers}
        self._tariffs = tariffs_of(connection)
        first = connection.execute(select(made.c.id, made.c.theta)).all()
        thetas = _announced(connection, "Communities", "ThetaSet", "id", ["theta"])
        self._thetas = _plans([*((number, 0, (theta,)) for number, theta in first), *thetas])
        self._values = _plans(_announced(connection, "Tariffs", "CreditValueSet", None, ["value"]))

    def tariff(self, region: str, day: int) -> Tariff:
        """Of a region, which is given as the chain has it, in digits; empty: the home region."""
        found: Tariff = _at(self._tariffs[self._regions.get(region, _HOME)], day)
        return found

    def shared(self, community: int, region: str, day: int) -> int:
        """What a taker pays a giver of a community; 0 without one."""
        if not community:
            return 0
        tariff, (theta,) = self.tariff(region, day), _at(self._thetas[community], day)
        return shared_price(
            buy=tariff.buy,
            feed_in=tariff.feed_in,
            network_fee=tariff.network_fee,
            theta=theta,
        )

    def credit_value(self, day: int) -> int:
        """Of a kWh of energy credit."""
        (value,) = _at(self._values[0], day)
        return int(value)


def tariffs_of(connection: Connection) -> Mapping[int, Sequence[tuple[int, Tariff]]]:
    """By number of the region, the days from which tariffs hold, ascending, with each tariff."""
    names = [f"tariff_{each}" for each in ("buy", "feed_in", "network_fee", "protocol_fee")]
    found = _plans(_announced(connection, "Tariffs", "TariffSet", "id", names))
    return {key: [(day, Tariff(*prices)) for day, prices in plan] for key, plan in found.items()}


def _announced(
    connection: Connection, contract: str, event: str, key: str | None, names: Sequence[str]
) -> Iterable[tuple[int, int, tuple[int, ...]]]:
    """What events have announced, in their order: its key, the first day, and the values."""
    table = table_of(contract, event).c
    wanted = select(table.day, *(table[each] for each in ([key] if key else []) + [*names]))
    for day, *values in connection.execute(wanted.order_by(table.block, table.log_index)):
        place = values.pop(0) if key else 0
        yield int(place), int(day), tuple(map(int, values))


def _plans(announced: Iterable[tuple[int, int, tuple[int, ...]]]) -> Mapping[int, _Plan]:
    found: dict[int, list[tuple[int, Any]]] = defaultdict(list)
    for key, day, values in announced:
        # What was planned for later days is gone.
        found[key] = [each for each in found[key] if each[0] < day] + [(day, values)]
    return found


def _at(plan: _Plan, day: int) -> Any:
    return plan[bisect_right([start for start, _ in plan], day) - 1][1]
