"""Views of the store that have the market's key figures (`energy_grid.backend.store.kpis`).

Any client of the store reads what the interface and the pages tell. All columns are whole numbers:
a share is a quotient of sums, formed last. The views of key figures are ``kpi_...``; they read:

    closings             what closed days brought: one row of the day itself, others of trades that
                         were to be delivered on it: account, day, block of the closing, community,
                         region and trades (its group), accounts (1, of others 0) and `SUMS`
    told_days            sums of ``day_sums`` that tell of no few: scope (all, community, region or
                         account), whose (its number, its bytes in digits, its address), traders
                         (whether only who has traded counts), day, accounts and `SUMS`
    certified_closings   closed days of accounts that had certificates: account, day, community,
                         region, own_wh and retired_wh

What ``told_days`` tells of a day is of whole groups of one division, so no difference of sums is of
fewer than five accounts. Where each cell of a community, a region and with trades or without has
enough, sums of all cells are told; else by community and region, else by trades, else of all.
Only accounts themselves have a row for themselves: who reads the store may see them, others not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    String,
    Table,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
    true,
    union_all,
)
from sqlalchemy.schema import CreateView

from energy_grid.backend.store.analytics import (
    CLEARING_SUMS,
    DAY_SUMS,
    FEWEST,
    GROUP,
    HOUR_SUMS,
    SUMMED,
    SUMS,
    groups,
    trade_parts,
)
from energy_grid.backend.store.details import (
    CERTIFICATE_CORRECTIONS,
    CERTIFICATE_MOVES,
)
from energy_grid.backend.store.events import table_of
from energy_grid.backend.store.orders import CLEARINGS
from energy_grid.backend.store.transactions import SENT
from energy_grid.backend.store.views import CREATED, NOBODY, VIEWS, whole_sum
from energy_grid.domain.enums import OrderType
from energy_grid.domain.periods import DAY_SECONDS

__all__ = ["CREATE_KPI_VIEWS", "KPI_VIEWS", "create_views", "sums_of"]

_ZERO = literal_column("0", BigInteger)
_ONE = literal_column("1", BigInteger)
_HOUR = 3600
_Query = Select[Any] | CompoundSelect[Any]


def _closings() -> CompoundSelect[Any]:
    days = groups().c
    keys = (days.account, days.day, days.block, *(days[each] for each in GROUP))
    position = days.position
    sums = (
        case((position > 0, position), else_=0),
        case((position < 0, -position), else_=0),
        *(days[each] for each in SUMS[2:9]),
        *(_ZERO, _ZERO),
    )
    parts = [
        select(
            *keys,
            _ONE.label("accounts"),
            *(each.label(name) for name, each in zip(SUMS, sums, strict=True)),
        )
    ]
    for part in trade_parts():
        side = part.subquery().c
        cost = cast(side.wh * side.price, BigInteger)
        is_bought = side.side == int(OrderType.BUY)
        parts.append(
            select(
                *(*keys, *[_ZERO] * (len(SUMS) - 1)),
                *(case((is_bought, cost), else_=0), case((is_bought, 0), else_=cost)),
            ).join(
                side.trader.table,
                and_(
                    side.trader == days.account,
                    side.start >= days.day * DAY_SECONDS,
                    side.start < (days.day + 1) * DAY_SECONDS,
                ),
            )
        )
    return union_all(*parts)


def sums_of(day: int) -> Select[Any]:
    """Rows of ``day_sums``, of what is closed by now."""
    rows = KPI_VIEWS["closings"].c
    sums = (whole_sum(rows[each]).label(each) for each in ("accounts", *SUMS))
    keys = (rows.day, *(rows[each] for each in GROUP))
    newest = func.max(rows.block).label("block")
    return select(*keys, *sums, newest).where(rows.day == day).group_by(*keys)


def _scopes(c: Any) -> Iterator[tuple[str, Any, ColumnElement[bool]]]:
    """By what rows are told that have a community and a region: scope, whose, and which of them."""
    yield "all", None, true()
    yield "community", cast(c.community, String), c.community > 0
    yield "region", c.region, c.region != ""


def _scope(scope: str, whose: Any) -> tuple[Any, Any]:
    named = literal("", String) if whose is None else whose
    return literal(scope, String).label("scope"), named.label("whose")


def _told_days() -> CompoundSelect[Any]:
    cell, parts = DAY_SUMS.c, []
    is_told, sizes = _told(cell)
    names = ("accounts", *SUMS)
    for traders in (False, True):
        for scope, whose, has_it in _scopes(cell):
            columns = *_scope(scope, whose), literal(traders).label("traders"), cell.day
            parts.append(
                select(*columns, *(whole_sum(cell[each]).label(each) for each in names))
                .join(sizes, sizes.c.day == cell.day)
                .where(is_told[scope == "all", traders], has_it, *[cell.trades] * traders)
                .group_by(cell.day, *([] if whose is None else [whose]))
            )
        own = KPI_VIEWS["closings"].c
        columns = *_scope("account", own.account), literal(traders).label("traders"), own.day
        parts.append(
            select(*columns, *(whole_sum(own[each]).label(each) for each in names))
            .where(*[own.trades] * traders)
            .group_by(own.account, own.day)
        )
    return union_all(*parts)


def _told(cell: Any) -> tuple[Mapping[tuple[bool, bool], Any], Any]:
    """Whether a day's sums are told: of all or of groups, of everybody or of who has traded; and
    the sizes by day that these conditions are on."""
    parts = {
        "trading": whole_sum(case((cell.trades, cell.accounts), else_=0)),
        "resting": whole_sum(case((cell.trades, 0), else_=cell.accounts)),
    }
    keys = (cell.day, cell.community, cell.region)
    both = select(*keys, *(each.label(name) for name, each in parts.items())).group_by(*keys)
    group = both.subquery().c

    def least(values: Any) -> Any:
        return cast(func.coalesce(func.min(func.nullif(values, 0)), FEWEST), BigInteger)

    sizes = (
        select(
            group.day,
            *(least(group[name]).label(f"least_{name}") for name in parts),
            least(group.trading + group.resting).label("least_group"),
            *(whole_sum(group[name]).label(name) for name in parts),
        )
        .group_by(group.day)
        .subquery()
    )
    size = sizes.c
    by_both = and_(size.least_trading >= FEWEST, size.least_resting >= FEWEST)
    by_group = size.least_group >= FEWEST
    by_trades = and_(
        *(or_(size[name] == 0, size[name] >= FEWEST) for name in parts),
        or_(by_both, ~by_group),
    )
    return {
        (True, False): size.trading + size.resting >= FEWEST,
        (False, False): by_group,
        (True, True): by_trades,
        (False, True): by_both,
    }, sizes


def _energy() -> Select[Any]:
    day = KPI_VIEWS["told_days"].c
    used, made = _used(day), day.sold + day.given + day.kept + day.fed_in
    columns = {
        "bought_wh": day.bought,
        "sold_wh": day.sold,
        "shared_taken_wh": day.taken,
        "shared_given_wh": day.given,
        "credits_drawn_wh": day.drawn,
        "credits_kept_wh": day.kept,
        "from_grid_wh": day.from_grid,
        "fed_in_wh": day.fed_in,
        "used_wh": used,
        "not_from_grid_wh": used - day.from_grid,
        "made_wh": made,
        "not_fed_in_wh": made - day.fed_in,
        "money_thousandths": day.money,
    }
    return _of_told(columns).where(~day.traders)


def _used(day: Any) -> ColumnElement[int]:
    found: ColumnElement[int] = day.bought + day.taken + day.drawn + day.from_grid
    return found


def _of_told(columns: Mapping[str, Any]) -> Select[Any]:
    day = KPI_VIEWS["told_days"].c
    keys = (day.scope, day.whose, day.day, day.accounts)
    return select(*keys, *(each.label(name) for name, each in columns.items()))


def _imbalance() -> Select[Any]:
    day = KPI_VIEWS["told_days"].c
    columns = {
        "bought_wh": day.bought,
        "sold_wh": day.sold,
        "spent_thousandths": day.spent,
        "earned_thousandths": day.earned,
        "trades_thousandths": day.earned - day.spent,
        "short_wh": day.taken + day.drawn + day.from_grid,
        "long_wh": day.given + day.kept + day.fed_in,
        "money_thousandths": day.money,
    }
    return _of_told(columns).where(day.traders)


def _emissions() -> Select[Any]:
    day, announced = KPI_VIEWS["told_days"].c, table_of("CarbonCredits", "EmissionFactorSet").c
    factor = (
        select(cast(announced.grams_per_kwh, BigInteger))
        .where(announced.from_day <= day.day)
        .order_by(announced.from_day.desc(), announced.block.desc(), announced.log_index.desc())
        .limit(1)
        .scalar_subquery()
    )
    found = _of_told({"from_grid_wh": day.from_grid, "grams_per_kwh": factor})
    known = found.where(~day.traders).subquery()
    return select(known, (known.c.from_grid_wh * known.c.grams_per_kwh).label("milligrams"))


def _certified_closings() -> Select[Any]:
    meters, moved = table_of("SmartMeter", "MeterRegistered").c, CERTIFICATE_MOVES.c
    corrected, retired = CERTIFICATE_CORRECTIONS.c, VIEWS["certificate_retirements"].c
    slot_seconds = select(SUMMED.c.slot_seconds).scalar_subquery()

    def day_of(slot: Any) -> Any:
        return (slot * slot_seconds // DAY_SECONDS).label("day")

    is_plant = and_(meters.number == moved.device, ~meters.settlement)
    issued = (
        select(moved.recipient, moved.device, moved.slot, whole_sum(moved.wh).label("wh"))
        .join(meters.number.table, is_plant)
        .where(moved.sender == NOBODY)
        .group_by(moved.recipient, moved.device, moved.slot)
    )
    earned, first = issued.subquery().c, issued.subquery().c
    same = and_(corrected.device == first.device, corrected.slot == first.slot)
    rows = union_all(
        select(earned.recipient.label("account"), day_of(earned.slot), earned.wh, _ZERO.label("r")),
        select(first.recipient, day_of(first.slot), -corrected.wh, _ZERO).join(
            corrected.device.table, same
        ),
        select(retired.account, retired.day, _ZERO, retired.wh),
    ).subquery()
    of_days = (
        select(
            *(rows.c.account, rows.c.day),
            whole_sum(rows.c.wh).label("made"),
            whole_sum(rows.c.r).label("retired_wh"),
        )
        .group_by(rows.c.account, rows.c.day)
        .subquery()
    ).c
    days = groups().c
    sold = case((days.position < 0, -days.position), else_=0)
    # What own plants made beyond it was used behind the meter.
    beyond = of_days.made - (sold + days.given + days.kept + days.fed_in)
    return select(
        *(days.account, days.day, days.community, days.region),
        case((beyond > 0, beyond), else_=0).label("own_wh"),
        of_days.retired_wh,
    ).join(of_days.account.table, and_(of_days.account == days.account, of_days.day == days.day))


def _certified() -> Select[Any]:
    day, some = KPI_VIEWS["told_days"].c, KPI_VIEWS["certified_closings"].c
    zeros = (_ZERO.label("own_wh"), _ZERO.label("retired_wh"))
    taken = _used(day).label("taken_wh")
    parts = [select(day.scope, day.whose, day.day, day.accounts, taken, *zeros).where(~day.traders)]
    for scope, whose, has_it in (*_scopes(some), ("account", some.account, true())):
        parts.append(
            select(
                *(*_scope(scope, whose), some.day, _ZERO, _ZERO, some.own_wh, some.retired_wh)
            ).where(has_it)
        )
    rows = union_all(*parts).subquery().c
    keys = (rows.scope, rows.whose, rows.day)
    names = ("accounts", "taken_wh", "own_wh", "retired_wh")
    sums = [whole_sum(rows[each]).label(each) for each in names]
    used = whole_sum(rows.taken_wh + rows.own_wh).label("used_wh")
    # Days that are not told have no row of the first part.
    return select(*keys, *sums, used).group_by(*keys).having(func.sum(rows.accounts) > 0)


def _matching() -> CompoundSelect[Any]:
    c, parts = HOUR_SUMS.c, []
    for scope, whose, has_it in _scopes(c):
        sums = (whole_sum(c[each]).label(each) for each in ("accounts", "import_wh", "export_wh"))
        keys = [] if whose is None else [whose]
        hour = (
            select(*_scope(scope, whose), c.start, *sums).where(has_it).group_by(c.start, *keys)
        ).subquery()
        taken, given = hour.c.import_wh, hour.c.export_wh
        parts.append(
            select(
                *(hour.c.scope, hour.c.whose, (hour.c.start // DAY_SECONDS).label("day")),
                (hour.c.start % DAY_SECONDS // _HOUR).label("hour"),
                *(hour.c.start, hour.c.accounts, taken, given),
                case((taken < given, taken), else_=given).label("matched_wh"),
            )
        )
    return union_all(*parts)


def _welfare() -> Select[Any]:
    cleared, sums = CLEARINGS.c, CLEARING_SUMS.c
    return select(
        (cleared.start // DAY_SECONDS).label("day"),
        *(cleared.region, sums.clearing, sums.energy_wh),
        sums.welfare.label("welfare_thousandths"),
        sums.optimum.label("optimum_thousandths"),
    ).join(CLEARING_SUMS, sums.clearing == cleared.id)


_PURPOSES = {
    "batches": "engine",
    "settlement": "settlement",
    "readings": "meter_days",
    "relay": "relay",
}
"""Whose transactions count for what; all others are of oracles and operators."""


def _gas() -> Select[Any]:
    sent, meters = SENT.c, table_of("SmartMeter", "MeterRegistered").c
    purposes = {name: sent.journal == journal for name, journal in _PURPOSES.items()}
    purposes["grid"] = sent.journal.not_in(list(_PURPOSES.values()))
    day = (sent.time // DAY_SECONDS).label("day")
    sums = (
        whole_sum(case((is_it, sent.gas_used), else_=0)).label(name)
        for name, is_it in purposes.items()
    )
    wanted = select(day, *sums, whole_sum(sent.gas_used).label("gas"))
    used = wanted.where(sent.gas_used.is_not(None)).group_by(day).subquery()
    begun = meters.time < (used.c.day + 1) * DAY_SECONDS
    households = select(func.count()).select_from(meters.time.table).where(meters.settlement, begun)
    return select(used, households.scalar_subquery().label("households"))


_QUERIES: Mapping[str, Callable[[], _Query]] = {
    "closings": _closings,
    "told_days": _told_days,
    "certified_closings": _certified_closings,
    "kpi_energy": _energy,
    "kpi_imbalance": _imbalance,
    "kpi_emissions": _emissions,
    "kpi_certified": _certified,
    "kpi_matching": _matching,
    "kpi_welfare": _welfare,
    "kpi_gas": _gas,
}
CREATE_KPI_VIEWS: dict[str, CreateView] = {}
"""What makes each."""
KPI_VIEWS: dict[str, Table] = {}
"""By name, to be queried like tables; each reads only those before it."""
for _name, _query in _QUERIES.items():
    CREATE_KPI_VIEWS[_name] = CreateView(_query(), _name)
    KPI_VIEWS[_name] = CREATE_KPI_VIEWS[_name].table


def create_views(connection: Connection) -> None:
    """Make all views of the store anew, as this version has them."""
    views = {**CREATED, **CREATE_KPI_VIEWS}
    for name in reversed(views):
        connection.execute(text(f"DROP VIEW IF EXISTS {name}"))
    for create in views.values():
        connection.execute(create)
