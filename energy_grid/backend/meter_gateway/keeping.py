"""How long readings are kept, and what a household can have erased.

Only the store forgets: nothing that a day still needs, and a meter's newest reading never. A day
needs its readings until it is closed for good and the chain has read them: one that was closed
unread is still trued up by readings that come late. What was brought to the chain is there, the
chain's events in this store, and the leaves of anchored days with the gateway.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from sqlalchemy import ColumnElement, Connection, and_, delete, func, select

from energy_grid.backend.store.blocks import CHAIN
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.details import CLOSED_DAYS
from energy_grid.backend.store.forecasts import forget_forecasts
from energy_grid.backend.store.registers import QUARANTINED, REGISTERS
from energy_grid.backend.store.views import VIEWS
from energy_grid.client import EnergyGrid
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.errors import ContractError

__all__ = ["ReadingKeeping", "erase"]

_PAUSE_SECONDS = 600.0
_KEYS, _ACCOUNTS = VIEWS["meter_keys"].c, VIEWS["accounts"].c
_REGISTERED, _ASIDE = REGISTERS.c, QUARANTINED.c


def erase(
    market: EnergyGrid, database: Database, meters: Collection[str], before: int, finality: int
) -> int:
    """Erase what meters have read before a time, as far as nothing needs it, and what was forecast
    of it; gives how many readings.

    Args:
        meters: addresses.
        before: Unix seconds.
        finality: a block with so many on top of it is final.
    """
    count, read = 0, _read_until(market, meters, finality)
    with database.writing() as connection:
        is_settlement = _kinds(connection, meters)
        of = select(_KEYS.account).where(_KEYS.meter.in_(meters)).distinct()
        for account in connection.scalars(of).all():
            forget_forecasts(connection, account, before)
        # In the order in which gateways take them, too.
        for meter in sorted(meters):
            until = before
            if is_settlement.get(meter, False):
                closed = _closed_until(connection, meter, finality)
                until = min(before, closed, read.get(meter, 0))
            newest = select(func.max(_REGISTERED.time)).where(_REGISTERED.meter == meter)
            until = min(until, connection.scalar(newest) or 0)
            count += _delete(connection, meter, _REGISTERED.time < until)
            aside = and_(_ASIDE.meter == meter, _ASIDE.received_at < before)
            count += connection.execute(delete(QUARANTINED).where(aside)).rowcount
    return count


def _delete(connection: Connection, meter: str, which: ColumnElement[bool]) -> int:
    of_it = and_(_REGISTERED.meter == meter, which)
    return connection.execute(delete(REGISTERS).where(of_it)).rowcount


def _kinds(connection: Connection, meters: Collection[str]) -> dict[str, bool]:
    """Whether each is a settlement meter; nothing of keys that never became meters."""
    wanted = select(_KEYS.meter, _KEYS.is_settlement).where(_KEYS.meter.in_(meters))
    return {row.meter: bool(row.is_settlement) for row in connection.execute(wanted)}


def _closed_until(connection: Connection, meter: str, finality: int) -> int:
    """The end of the last day that is closed for good for a meter's account; 0: there is none."""
    head = select(CHAIN.c.indexed_block).scalar_subquery()
    number = (
        select(_ACCOUNTS.number)
        .join_from(VIEWS["meter_keys"], VIEWS["accounts"], _ACCOUNTS.account == _KEYS.account)
        .where(_KEYS.meter == meter)
        .scalar_subquery()
    )
    last = connection.scalar(
        select(func.max(CLOSED_DAYS.c.day)).where(
            CLOSED_DAYS.c.number == number, CLOSED_DAYS.c.block <= head - finality
        )
    )
    return 0 if last is None else (last + 1) * DAY_SECONDS


def _read_until(market: EnergyGrid, meters: Collection[str], finality: int) -> dict[str, int]:
    """The time up to which the chain has read each meter for good; nothing of former keys."""
    block = market.node.block_number - finality
    slot, found = market.settlement.slot_length(), dict[str, int]()
    if block < 0:
        return found
    for meter in meters:
        try:
            info = market.meters.get_meter(meter, block_identifier=block)
        except ContractError:
            # It was registered since.
            continue
        found[meter] = info.read_to * slot
    return found


class ReadingKeeping:
    """Erases readings that are older than the operator keeps them; a `Service`.

    Args:
        days: so long they are kept; 0: for ever.
        finality: a block with so many on top of it is final.
        clock: of the devices' market, in Unix seconds.
    """

    name = "reading_keeping"

    def __init__(
        self,
        market: EnergyGrid,
        database: Database,
        days: int,
        finality: int,
        clock: Callable[[], int],
    ) -> None:
        self._market, self._database, self._days = market, database, days
        self._finality, self._clock = finality, clock
        self._erased = 0

    def step(self) -> float:
        """Erase what is old.

        Raises:
            DatabaseGoneError, ChainError: take the step again after a while.
        """
        if self._days:
            before = self._clock() - self._days * DAY_SECONDS
            old = select(_REGISTERED.meter).where(_REGISTERED.time < before)
            aside = select(_ASIDE.meter).where(_ASIDE.received_at < before)
            with self._database.reading() as connection:
                meters = connection.scalars(old.union(aside)).all()
            for meter in meters:
                self._erased += erase(self._market, self._database, [meter], before, self._finality)
        return _PAUSE_SECONDS

    def describe(self) -> str:
        """What was erased since the start."""
        return f"erased {self._erased} readings"

    def metrics(self) -> Mapping[str, float]:
        """Readings erased since the start."""
        return {"erased_total": self._erased}
