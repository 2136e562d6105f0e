"""Statements of months: made as long as a month runs, issued once, and then kept as they are.

A month's statement is issued `ISSUED_AFTER` seconds after its end, by the clock of the chain. Each
closed day is in one statement: in that of its month if it was closed by then, else, as a
correction, in the next one that is issued. Payments are in that of the month in which they were
made. So what is in a statement follows from the chain alone, whenever it is made.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any, get_args

from sqlalchemy import Connection, func, insert, select

from energy_grid.api.models import AccountDay, LineKind, Statement, StatementLine
from energy_grid.api.values import time_of
from energy_grid.backend.invoicing.lines import Closings, Item, closed_days
from energy_grid.backend.invoicing.payments import TRANSFERS, WALLET, payments
from energy_grid.backend.invoicing.taxes import Tax, tax_lines
from energy_grid.backend.store.analytics import FEWEST
from energy_grid.backend.store.database import Database, in_parts
from energy_grid.backend.store.details import CLOSED_DAYS
from energy_grid.backend.store.events import table_of
from energy_grid.backend.store.places import operated_of, places_of, regions_of
from energy_grid.backend.store.prices import Prices
from energy_grid.backend.store.statements import STATEMENTS
from energy_grid.backend.store.views import VIEWS
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.units import format_day

__all__ = ["ISSUED_AFTER", "Invoicing", "account_day", "begin_of", "issue_of", "issued"]

ISSUED_AFTER = 7 * DAY_SECONDS
_FIRST = date(1970, 1, 1)
_KINDS: Mapping[str, int] = {kind: place for place, kind in enumerate(get_args(LineKind))}
# Of who operates a region, wherever it lives.
_BUDGETS = frozenset(("reward_budget", "budget_returned"))
_FIELDS = {
    "money_thousandths": "money",
    "net_wh": "net",
    "traded_wh": "position",
    "shared_taken_wh": "taken",
    "shared_given_wh": "given",
    "credits_drawn_wh": "drawn",
    "credits_kept_wh": "kept",
    "from_grid_wh": "from_grid",
    "fed_in_wh": "fed_in",
}


@dataclass(frozen=True, slots=True)
class _Month:
    """A month by days from 1970; ``since`` and ``until`` are when the one before it, and it, are
    issued, Unix seconds."""

    name: str

    @property
    def begin(self) -> date:
        return date.fromisoformat(f"{self.name}-01")

    @property
    def first(self) -> int:
        return (self.begin - _FIRST).days

    @property
    def end(self) -> int:
        return ((self.begin + timedelta(days=31)).replace(day=1) - _FIRST).days

    @property
    def since(self) -> int:
        return self.first * DAY_SECONDS + ISSUED_AFTER

    @property
    def until(self) -> int:
        return self.end * DAY_SECONDS + ISSUED_AFTER


def _month_of(day: int) -> str:
    return f"{_FIRST + timedelta(days=day):%Y-%m}"


# What lines are told apart by: of corrections the month, else nothing; the price.
_Key = tuple[LineKind, str, int | None]


@dataclass(slots=True)
class _Amount:
    """Of a line."""

    wh: int | None = None
    money: int = 0

    def add(self, wh: int | None, money: int) -> None:
        self.money += money
        if wh is not None:
            self.wh = wh + (self.wh or 0)


@dataclass(slots=True)
class _Sums:
    """What a statement is made of, as it is added up."""

    lines: dict[_Key, _Amount] = field(default_factory=dict)
    days: list[Mapping[Any, Any]] = field(default_factory=list)
    accounts: set[str] = field(default_factory=set)
    corrected: set[str] = field(default_factory=set)
    unknown: int = 0

    def add(self, item: Item, of_month: str = "") -> None:
        line = self.lines.setdefault((item.kind, of_month, item.price), _Amount())
        line.add(item.wh, item.money)


class Invoicing:
    """Makes statements.

    Args:
        coin: the market's, its contract.
        escrow: DemandResponse, which holds budgets.
        taxes: that they name.
    """

    def __init__(
        self,
        database: Database,
        coin: str,
        escrow: str,
        slot_seconds: int,
        taxes: Sequence[Tax],
    ) -> None:
        self._database, self._coin, self._taxes = database, coin, taxes
        self._escrow = escrow
        self._slot_seconds = slot_seconds

    def of_account(self, account: str, month: str, now: int) -> Statement:
        """An account's statement: the one that was issued, or as it would be now."""
        with self._database.reading() as connection:
            found = issued(connection, account, month)
            if found is not None:
                return found
            wanted, accounts = _Month(month), table_of("Settlement", "AccountOpened").c
            numbers = connection.scalars(
                select(accounts.number).where(accounts.account == account)
            ).all()
            sums = self._of_accounts(connection, Prices(connection), wanted, numbers, {})
            mine = sums.get(account, _Sums())
            self._add_payments(connection, wanted, {account: mine}, {}, [account])
            return self._statement(connection, account, wanted, mine, now, is_issued=False)

    def issue(self, final: int) -> bool:
        """Issue the statements of the next month whose time has come, if it has; gives whether
        there may be more.

        Args:
            final: the time of a block that no reorganisation takes back, Unix seconds.
        """
        with self._database.reading() as connection:
            month = _next_month(connection)
            if month is None or month.until > final:
                return False
            prices, regions = Prices(connection), regions_of(connection)
            opened = table_of("Settlement", "AccountOpened").c
            known = select(opened.number, opened.account).order_by(opened.number)
            accounts = {account: int(number) for number, account in connection.execute(known)}
            together: dict[str, _Sums] = {f"region:{name}": _Sums() for name in regions.values()}
            paid: dict[str, _Sums] = defaultdict(_Sums)
            self._add_payments(connection, month, paid, together, None)
        for some in in_parts(list(accounts.values())):
            with self._database.writing() as connection:
                self._issue(connection, prices, month, some, paid, together)
        wallets = {each: sums for each, sums in paid.items() if each not in accounts}
        with self._database.writing() as connection:
            # Addresses, then communities, then regions.
            for subject, sums in sorted((together | wallets).items(), key=itemgetter(0)):
                found = self._statement(
                    connection, subject, month, sums, month.until, is_issued=True
                )
                _keep(connection, found, month)
        return True

    def _issue(
        self,
        connection: Connection,
        prices: Prices,
        month: _Month,
        numbers: Sequence[int],
        paid: Mapping[str, _Sums],
        together: dict[str, _Sums],
    ) -> None:
        found = self._of_accounts(connection, prices, month, numbers, together)
        opened = table_of("Settlement", "AccountOpened").c
        holders = connection.scalars(select(opened.account).where(opened.number.in_(numbers))).all()
        for account in holders:
            sums = found.get(account, _Sums())
            sums.lines.update(paid[account].lines)
            if sums.lines or sums.days:
                made = self._statement(
                    connection, account, month, sums, month.until, is_issued=True
                )
                _keep(connection, made, month)

    def _of_accounts(
        self,
        connection: Connection,
        prices: Prices,
        month: _Month,
        numbers: Sequence[int],
        together: dict[str, _Sums],
    ) -> dict[str, _Sums]:
        """Closed days of accounts, added up for each, and to what they are in together."""
        rows = closed_days(connection, numbers, month.first, month.end, month.since, month.until)
        closings, regions = Closings(connection, prices, rows), regions_of(connection)
        home = next(iter(regions.values()), "")
        found: dict[str, _Sums] = {}
        for account, days in groupby(rows, key=lambda row: str(row["account"])):
            sums = found[account] = _Sums()
            for day in days:
                wider = [f"region:{regions.get(day['region'], home)}"]
                if day["community"]:
                    wider.append(f"community:{day['community']}")
                parts = [sums, *(together.setdefault(each, _Sums()) for each in wider)]
                for each in parts:
                    each.unknown += closings.unknown(day)
                    each.days.append(day)
                    each.accounts.add(account)
                for item in closings.items(day):
                    of_month = self._month_of(item, int(day["day"]), month)
                    for each in parts:
                        each.add(item, of_month)
                        if of_month:
                            each.corrected.add(account)
        return found

    def _month_of(self, item: Item, day: int, month: _Month) -> str:
        """Of which month before it an item of a closed day is; empty: of this one."""
        of_day = day if item.slot is None else item.slot * self._slot_seconds // DAY_SECONDS
        return "" if of_day >= month.first else _month_of(of_day)

    def _add_payments(
        self,
        connection: Connection,
        month: _Month,
        alone: dict[str, _Sums],
        together: dict[str, _Sums],
        accounts: Iterable[str] | None,
    ) -> None:
        begin, end = month.first * DAY_SECONDS, month.end * DAY_SECONDS
        places = places_of(connection) if together else {}
        operated = operated_of(connection) if together else {}
        found = payments(connection, begin, end, self._coin, self._escrow, accounts)
        for account, time, item in found:
            alone[account].add(item)
            if item.kind in _BUDGETS:
                if account in operated:
                    together.setdefault(operated[account], _Sums()).add(item)
                continue
            for subject, first, last in places.get(account, ()):
                if first <= time // DAY_SECONDS < last:
                    together.setdefault(subject, _Sums()).add(item)

    def _statement(
        self,
        connection: Connection,
        subject: str,
        month: _Month,
        sums: _Sums,
        now: int,
        *,
        is_issued: bool,
    ) -> Statement:
        kind, is_own = _kind_of(subject), not _is_together(subject)
        lines = _lines(sums, is_own=is_own)
        beside = WALLET | TRANSFERS
        own = [each for each in lines if each.kind not in beside]
        transfers = [each for each in lines if each.kind in TRANSFERS]
        wallet = [each for each in lines if each.kind in WALLET]
        taxes = tax_lines(self._taxes, kind, own)
        total = {name: sum(int(each[name]) for each in sums.days) for name in _FIELDS.values()}
        return Statement(
            subject=subject,
            month=month.name,
            number=f"{month.name}-{_number(connection, subject)}" if is_issued else None,
            issued_at=time_of(month.until) if is_issued else None,
            accounts=len(sums.accounts),
            days=[account_day(each) for each in sums.days] if is_own else [],
            sum=account_day({**total, "day": month.end - 1}),
            open_days=_open_days(connection, subject, month, sums, now) if is_own else 0,
            unknown_wh=sums.unknown,
            lines=own,
            money_thousandths=_money(own),
            transfers=transfers,
            transfers_thousandths=_money(transfers),
            wallet=wallet,
            wallet_thousandths=_money(wallet),
            taxes=taxes,
            taxes_thousandths=_money(taxes),
        )


def begin_of(month: str) -> int:
    """When a month begins, Unix seconds."""
    return _Month(month).first * DAY_SECONDS


def issue_of(month: str) -> int:
    """When its statements are issued, Unix seconds."""
    return _Month(month).until


def issued(connection: Connection, subject: str, month: str) -> Statement | None:
    """The statement as it was issued; None: it was not."""
    table = STATEMENTS.c
    content = connection.scalar(
        select(table.content).where(table.subject == subject, table.month == month)
    )
    return None if content is None else Statement.model_validate_json(content)


def account_day(row: Mapping[Any, Any]) -> AccountDay:
    """A closed day as the interface answers it."""
    values = {ours: int(row[theirs]) for ours, theirs in _FIELDS.items()}
    return AccountDay.model_validate({"day": format_day(row["day"]), **values})


def _keep(connection: Connection, statement: Statement, month: _Month) -> None:
    if issued(connection, statement.subject, month.name) is None:
        connection.execute(
            insert(STATEMENTS).values(
                month=month.name,
                subject=statement.subject,
                content=statement.model_dump_json(),
                issued_at=month.until,
            )
        )


def _lines(sums: _Sums, *, is_own: bool) -> list[StatementLine]:
    """The lines in their order. Corrections of few accounts are within the lines of the month: by
    themselves they would tell what single ones did."""
    found: dict[_Key, _Amount] = defaultdict(_Amount)
    hides = not is_own and len(sums.corrected) < FEWEST
    for (kind, of_month, price), amount in sums.lines.items():
        found[kind, "" if hides else of_month, price].add(amount.wh, amount.money)
    ordered = sorted(found, key=lambda key: (key[1], _KINDS[key[0]], key[2] or 0))
    return [
        StatementLine(
            kind=kind,
            name=None,
            of_month=of_month or None,
            price_per_kwh=price,
            energy_wh=found[kind, of_month, price].wh,
            money_thousandths=found[kind, of_month, price].money,
        )
        for kind, of_month, price in ordered
    ]


def _money(lines: Iterable[StatementLine]) -> int:
    return sum(each.money_thousandths for each in lines)


def _is_together(subject: str) -> bool:
    return ":" in subject


def _kind_of(subject: str) -> str:
    if not _is_together(subject):
        return "household"
    return "community" if subject.startswith("community:") else "operator"


def _number(connection: Connection, subject: str) -> str:
    """What tells statements of a month apart."""
    if _is_together(subject):
        return subject.replace(":", "-")
    opened = table_of("Settlement", "AccountOpened").c
    number = connection.scalar(select(opened.number).where(opened.account == subject))
    return subject if number is None else str(number)


def _open_days(connection: Connection, account: str, month: _Month, sums: _Sums, now: int) -> int:
    days = VIEWS["days"].c
    begun = connection.scalar(select(func.min(days.day)).where(days.account == account))
    if begun is None:
        return 0
    over = min(month.end, now // DAY_SECONDS)
    closed = sum(int(each["day"]) >= month.first for each in sums.days)
    return max(over - max(month.first, int(begun)) - closed, 0)


def _next_month(connection: Connection) -> _Month | None:
    """The first month whose statements are not all issued; None: no day is closed."""
    table = STATEMENTS.c
    is_last = table.subject.startswith("region:")
    newest = connection.scalar(select(func.max(table.month)).where(is_last))
    if newest is not None:
        return _Month(_month_of(_Month(newest).end))
    first = connection.scalar(select(func.min(CLOSED_DAYS.c.day)))
    return None if first is None else _Month(_month_of(int(first)))
