"""``energy-grid grid load``: the load of a region."""

from __future__ import annotations

from typing import Annotated

from energy_grid.cli.answers import Answer, as_document, facts, listed, word
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.desk import Desk, View
from energy_grid.cli.options import Limit, Offset, Region, kw
from energy_grid.domain.units import format_time

__all__ = ["load"]

load = CommandGroup("load", "The load of a region, as its operators report it.")


@load.does("report")
def report(
    desk: Desk,
    region: Region,
    capacity: Annotated[int, kw("--capacity", "What the region can supply, in kW.")],
    demand: Annotated[int, kw("--demand", "What it draws, in kW.")],
) -> str:
    """Report a region's capacity and demand now (operator of the region)."""
    receipt = desk.send(desk.market.load.report_load(region, capacity, demand))
    now = desk.market.load.get_current_load(region, block_identifier=receipt.block)
    share = f"{now.percentage} %, {word(now.status)}"
    return f"Reported the load of {region}: {demand} of {capacity} kW ({share})"


@load.shows("show")
def show(view: View, region: Region) -> Answer:
    """The newest report."""
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
    """Earlier reports, newest first."""
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
