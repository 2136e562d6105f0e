"""Notices: what has happened to an account, and what it should do about what.

They follow from the store and the chain as they are now. Nothing is kept of them, nor who has read
which: a browser remembers that for its reader.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, func, select

from energy_grid.api.models import Holding, Meter, Notice, NoticeKind, OwnDemandResponse
from energy_grid.api.values import time_of
from energy_grid.backend.api.enrolling import Enrolling
from energy_grid.backend.api.grid_watch import SILENT_SLOTS
from energy_grid.backend.api.visit import Backend
from energy_grid.backend.store.events import SHARES, table_of
from energy_grid.backend.store.registers import QUARANTINED
from energy_grid.backend.store.views import VIEWS
from energy_grid.chain.multicall import ChainQuery, next_time, read_all
from energy_grid.domain.costs import EXACT
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.units import format_day

__all__ = ["Noticing"]

_DAYS, _TRADES = VIEWS["days"].c, VIEWS["trades"].c
# What is over is told for so long, and of trades no more than so many.
_TOLD_SECONDS = 14 * DAY_SECONDS
_MOST_TRADES = 20


class Noticing:
    """What there is to tell an account.

    Args:
        meters, holdings, response: of the account.
    """

    def __init__(
        self,
        backend: Backend,
        account: str,
        meters: Sequence[Meter],
        holdings: Sequence[Holding],
        response: OwnDemandResponse,
    ) -> None:
        self._backend, self._account, self._market = backend, account, backend.market
        self._meters, self._holdings, self._response = meters, holdings, response
        self._now = next_time(self._market.node)

    def notices(self) -> list[Notice]:
        """All of them, the newest first."""
        with self._backend.database.reading() as connection:
            found = [
                *self._debt(connection),
                *self._of_meters(connection),
                *self._withdrawals(connection),
                *self._days(connection),
                *self._trades(connection),
                *self._responses(connection),
                *self._revenues(connection),
            ]
        found += self._consents()
        return sorted(found, key=lambda each: each.at, reverse=True)

    def _debt(self, connection: Connection) -> Iterator[Notice]:
        debt = self._market.settlement.debt_of(self._account)
        if debt:
            made = table_of("Settlement", "DebtIncurred").c
            wanted = select(func.max(made.time)).where(made.account == self._account)
            since = connection.scalar(wanted) or self._now
            yield _notice("IN_DEBT", since, needs_step=True, money=debt * EXACT)

    def _of_meters(self, connection: Connection) -> Iterator[Notice]:
        silent_before = self._now - SILENT_SLOTS * self._backend.slot_seconds
        for meter in self._meters:
            shown = int((meter.newest_at or meter.registered_at).timestamp())
            is_silent, is_offline = shown < silent_before, meter.is_online is False
            if (is_silent or is_offline) and self._market.meters.get_meter(meter.id).active:
                if is_offline and meter.seen_at is not None:
                    seen = int(meter.seen_at.timestamp())
                    yield _notice("METER_OFFLINE", seen, meter.id, needs_step=True)
                if is_silent:
                    yield _notice("METER_SILENT", shown, meter.id, needs_step=True)
            aside = QUARANTINED.c
            wanted = select(func.count(), func.max(aside.received_at)).where(
                aside.meter == meter.id, aside.received_at >= self._now - _TOLD_SECONDS
            )
            count, newest = connection.execute(wanted).one()
            if count:
                yield _notice(
                    "READINGS_QUARANTINED", newest, meter.id, needs_step=True, count=count
                )

    def _withdrawals(self, connection: Connection) -> Iterator[Notice]:
        queued = table_of("Settlement", "WithdrawalQueued").c
        wanted = select(queued.id).where(queued.account == self._account)
        numbers = [int(each) for each in connection.scalars(wanted)]
        contract = self._market.settlement
        queries = [ChainQuery(contract, "queuedWithdrawal", (each,), True) for each in numbers]
        for number, found in zip(numbers, read_all(contract.node, queries), strict=True):
            # It was paid, or cancelled.
            if found is None:
                continue
            _, _, amount, due, _ = found
            is_due = due <= self._now
            kind: NoticeKind = "WITHDRAWAL_DUE" if is_due else "WITHDRAWAL_WAITS"
            money = amount * EXACT
            yield _notice(kind, due, str(number), needs_step=is_due, money=money)

    def _days(self, connection: Connection) -> Iterator[Notice]:
        wanted = select(_DAYS.day, _DAYS.time, _DAYS.money).where(
            _DAYS.account == self._account, _DAYS.time >= self._now - _TOLD_SECONDS
        )
        for row in connection.execute(wanted):
            yield _notice("DAY_CLOSED", row.time, format_day(row.day), money=int(row.money))

    def _trades(self, connection: Connection) -> Iterator[Notice]:
        is_own = (_TRADES.buyer == self._account) | (_TRADES.seller == self._account)
        wanted = (
            select(VIEWS["trades"])
            .where(is_own, _TRADES.matched_at >= self._now - _TOLD_SECONDS)
            .order_by(_TRADES.matched_at.desc(), _TRADES.transaction_id.desc())
            .limit(_MOST_TRADES)
        )
        for row in connection.execute(wanted).mappings():
            yield self._trade(row)

    def _trade(self, row: RowMapping) -> Notice:
        # Wh times money per kWh are thousandths.
        worth = int(row["amount"]) * int(row["price"])
        is_sale = row["seller"] == self._account
        return _notice(
            "ORDER_TRADED",
            row["matched_at"],
            str(int(row["transaction_id"])),
            money=worth if is_sale else -worth,
            energy=int(row["amount"]),
        )

    def _responses(self, connection: Connection) -> Iterator[Notice]:
        found = self._response
        started = table_of("DemandResponse", "EventStarted").c
        for each in found.events:
            name = str(each.id)
            if each.state in ("AHEAD", "RUNNING"):
                since = connection.scalar(select(started.time).where(started.event_id == each.id))
                yield _notice("EVENT_ANNOUNCED", since, name, needs_step=not found.is_consumer)
            if each.completed_at is not None and each.reward and not each.is_paid:
                since = int(each.completed_at.timestamp())
                money = each.reward * EXACT
                yield _notice("REWARD_CLAIMABLE", since, name, needs_step=True, money=money)
        reported = table_of("DemandResponse", "ReductionReported").c
        for program in found.programs:
            if program.claimable:
                newest = select(func.max(reported.time)).where(
                    reported.program_id == program.id, reported.participant == self._account
                )
                since, money = connection.scalar(newest) or self._now, program.claimable * EXACT
                yield _notice("REWARD_CLAIMABLE", since, None, needs_step=True, money=money)

    def _revenues(self, connection: Connection) -> Iterator[Notice]:
        divided = table_of("EnergyAssetNFT", "Fractionalized").c
        received = table_of(SHARES, "RevenueReceived").c
        for each in self._holdings:
            if not each.claimable:
                continue
            # What was sent is noted on the chain when somebody claims.
            noted = select(func.max(received.time)).where(received.address == each.shares)
            since = connection.scalar(noted) or connection.scalar(
                select(divided.time).where(divided.shares == each.shares)
            )
            money = each.claimable * EXACT
            yield _notice("REVENUE_CLAIMABLE", since, each.shares, needs_step=True, money=money)

    def _consents(self) -> Iterator[Notice]:
        for each, invited in Enrolling(self._backend).of_account(self._account):
            if each.state == "PROVEN":
                yield _notice("CONSENT_WANTED", invited, each.id, needs_step=True)


def _notice(
    kind: NoticeKind,
    at: Any,
    subject: str | None = None,
    *,
    needs_step: bool = False,
    money: int | None = None,
    energy: int | None = None,
    count: int | None = None,
) -> Notice:
    return Notice(
        # What has another sum, or another number, is news.
        id="~".join(str(each) for each in (kind, subject, at, money, count) if each is not None),
        kind=kind,
        at=time_of(int(at)),
        needs_step=needs_step,
        subject=subject,
        money_thousandths=money,
        energy_wh=energy,
        count=count,
    )
