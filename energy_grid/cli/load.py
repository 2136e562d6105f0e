"""``energy-grid grid load``: the load of a region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from energy_grid.cli.answers import Answer, as_document, facts, listed, word
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.options import Limit, Offset, Region, kw
from energy_grid.cli.session import Planned, Session, View
from energy_grid.cli.times import format_time

if TYPE_CHECKING:
    from energy_grid.chain.tx.receipts import Receipt

__all__ = ["load"]

load = CommandGroup("load", "The reported load of a region.")


@load.does("report")
def report(
    session: Session,
    region: Region,
    capacity: Annotated[int, kw("--capacity", "The capacity of the region, in kW.")],
    demand: Annotated[int, kw("--demand", "Its demand, in kW.")],
) -> Planned[Any]:
    """Report capacity and demand of a region (operator of the region)."""

    def message(receipts: list[Receipt]) -> str:
        now = session.market.load.get_current_load(region, block_identifier=receipts[0].block)
        share = f"{now.percentage} %, {word(now.status)}"
        return f"Reported the load of {region}: {demand} of {capacity} kW ({share})"

    return session.plan(session.market.load.report_load(region, capacity, demand), message)


@load.shows("show")
def show(view: View, region: Region) -> Answer:
    """Show the newest report of a region."""
    now = view.market.load.get_current_load(region)
    rows = {
        "status": word(now.status),
        "demand": f"{now.demand} kW",
        "capacity": f"{now.capacity} kW",
        "load": f"{now.percentage} %",
        "reported": format_time(now.timestamp),
    }
    return Answer(document={"region": region, **as_document(now)}, shown=facts(rows))


@load.shows("history")
def history(view: View, region: Region, limit: Limit = 20, offset: Offset = 0) -> Answer:
    """List the reports of a region, newest first."""
    reports = view.market.load.get_load_history(region, offset, limit)
    rows = [
        (
            format_time(each.timestamp),
            f"{each.demand} kW",
            f"{each.capacity} kW",
            f"{each.percentage} %",
            word(each.status),
        )
        for each in reports
    ]
    titles = ("reported", ">demand", ">capacity", ">load", "status")
    shown = listed(titles, rows, f"No report of the load of {region}.")
    return Answer(document=reports, shown=shown)
