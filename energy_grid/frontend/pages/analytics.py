"""Analytics: what days brought to all, to a group or to oneself, over up to a year."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import accumulate
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from energy_grid.api.values import Answer, Day, time_of
from energy_grid.backend.api.groups import span_of_days, whose
from energy_grid.backend.api.routes import analytics, directory, forecasts
from energy_grid.backend.store.analytics import FEWEST
from energy_grid.backend.store.kpis import KPIS, Kpi
from energy_grid.frontend.site import Look, Looks, page

__all__ = ["ROUTER"]

ROUTER = APIRouter(prefix="/analytics")
_RANGES = (1, 7, 31, 365)
_DAY = timedelta(days=1)
_NOT_SUMS = frozenset(
    (
        *("day", "hour", "accounts", "grams_per_kwh"),
        *("what", "baseline", "method", "version", "expected_bps"),
    )
)

Rows = TypeVar("Rows", bound=Answer)


@ROUTER.get("")
def overview(
    look: Looks,
    start: Annotated[Day | None, Query(alias="from")] = None,
    end: Annotated[Day | None, Query(alias="to")] = None,
    of: Annotated[str, Query(pattern="^(all|me|[1-9][0-9]{0,8}|in:.{1,32})$")] = "all",
) -> HTMLResponse:
    """The range's sums, its days, its hours, and what the market was like in it."""
    last = end or time_of(look.backend.market.node.time).date()
    first = start or last - _RANGES[2] * _DAY + _DAY
    span, named = span_of_days(first, last), _named(look, of)
    group, region = whose(look, **named), named.get("region")
    days = analytics.totals(look, span, group)
    matching = analytics.matching(look, span, group)
    imbalance = analytics.imbalance(look, span, group)
    emissions = analytics.emissions(look, span, group)
    certified = analytics.certified(look, span, group)
    welfare = analytics.welfare(look, span, region)
    prices = analytics.price_levels(look, span, region)
    gas = analytics.gas(look, span)
    drift = forecasts.drift(look, span, forecasts.subject_of(look, **named))
    off_by = {
        what: [each for each in drift if each.what == what] for what in ("LOAD", "PRODUCTION")
    }

    sums = {
        "kpi_energy": _sum(days),
        "kpi_certified": _sum(certified),
        "kpi_matching": _sum(matching.days),
        "kpi_imbalance": _sum(imbalance),
        "kpi_emissions": _sum([each for each in emissions if each.milligrams is not None]),
        "kpi_welfare": _sum(welfare),
        "kpi_gas": _sum(gas),
    }

    def figures(*views: str) -> list[tuple[Kpi, int, int | None]]:
        """Key figures of views: what each comes to, and what of; none where nothing is known."""
        return [
            (kpi, getattr(row, kpi.value), getattr(row, kpi.of) if kpi.of else None)
            for kpi in KPIS
            if kpi.view in views and (row := sums[kpi.view]) is not None
        ]

    def file(table: str) -> str:
        """Where a table's file is."""
        query = {"from": first, "to": last, **named, "format": "parquet"}
        return f"/api/v1/analytics/exports/{table}?{urlencode(query)}"

    return page(
        look,
        "analytics.html",
        first=first,
        last=last,
        of=of,
        ranges=[(many, last - many * _DAY + _DAY) for many in _RANGES],
        days=days,
        figures=figures,
        kpis=KPIS,
        matching=matching,
        imbalance=imbalance,
        emissions=[each for each in emissions if each.milligrams is not None],
        welfare=welfare,
        # So many slots were as dear as this, or dearer.
        prices=list(zip(accumulate(each.slots for each in prices), prices, strict=True)),
        gas=gas,
        off_by={what: (_sum(rows), rows) for what, rows in off_by.items() if rows},
        fewest=FEWEST,
        communities=directory.communities(look).items,
        regions=look.backend.regions,
        file=file,
    )


def _named(look: Look, of: str) -> dict[str, Any]:
    """Whose figures are asked for, as the interface names them."""
    if of == "all":
        return {}
    if of == "me":
        return {"account": look.require_account()}
    region = of.removeprefix("in:")
    return {"community": int(of)} if region == of else {"region": region}


def _sum(rows: Sequence[Rows]) -> Rows | None:
    """All of them together, with the last one's day; None: there is none."""
    if not rows:
        return None
    names = type(rows[0]).model_fields.keys() - _NOT_SUMS
    return rows[-1].model_copy(
        update={name: sum(getattr(each, name) for each in rows) for name in names}
    )
