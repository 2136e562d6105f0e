"""``energy-grid demo``: a neighbourhood trades one day on a local chain."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated

import typer

from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.console import console
from energy_grid.cli.groups import GROUPS
from energy_grid.demo.config import DEFAULT_DAY, DEFAULT_SEED, DEFAULT_SLOT, DemoConfig

__all__ = ["demo"]

demo = CommandGroup.at_the_top()


@demo.app.command("demo", short_help=GROUPS["demo"].summary)
def run(
    day: Annotated[
        str,
        typer.Option(
            metavar="DATE",
            help="A day of the data: 2016-07-04 to 2016-07-10 or 2016-11-28 to 2016-12-04.",
        ),
    ] = DEFAULT_DAY.isoformat(),
    households: Annotated[
        str,
        typer.Option(
            metavar="WHICH",
            help="all 92, or which ones (3,7,12; one alone: 34,), or how many (12): always the same"
            " ones, small and large, with panels and batteries as frequent as among all.",
        ),
    ] = "all",
    seed: Annotated[
        str,
        typer.Option(
            metavar="NUMBER",
            help="Decides each household's limit price, who shares a plant, and all keys.",
        ),
    ] = str(DEFAULT_SEED),
    slot: Annotated[
        str,
        typer.Option(metavar="SECONDS", help="Length of a slot: 3600, or 900 for quarter hours."),
    ] = str(DEFAULT_SLOT),
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            show_default=False,
            help="Where page, picture and numbers are written; by default energy-grid-report/DATE,"
            " with what else is not as by default.",
        ),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="Print the numbers as JSON on standard output, and progress on standard error; the"
            " report's files are written too.",
        ),
    ] = False,
) -> None:
    """A neighbourhood trades one day of real energy on a local chain of its own.

    The households of a village (SimBench, 2016) forecast each slot from the day before and place
    orders. An auction clears each slot; the chain matches its pairs. Signed meter readings settle
    the trades. A surplus becomes energy credits; a deficit is met from credits and the grid. The
    grid operator reports the feeder's load and, in the evening, pays some households for a load
    reduction. Plants are assets, and neighbours share one of them. After the day, the shared plant
    pays out its revenue, clean kWh earn carbon credits, and the spot market sells energy credits.
    At the end the check compares all records of the chain to the last unit: exit code 1 if they do
    not add up.
    """
    config = DemoConfig.of_words(
        day=day, households=households, seed=seed, slot=slot, report=report
    )
    # Chain and plots take seconds to import: help and refusals need not wait for them.
    from energy_grid.demo.audit import require
    from energy_grid.demo.progress import progress_for
    from energy_grid.demo.report.document import as_document
    from energy_grid.demo.report.files import make_folder, write_report
    from energy_grid.demo.run import run_demo
    from energy_grid.demo.show import show

    started = time.monotonic()
    make_folder(config.folder)
    progress = progress_for(console(stderr=as_json))
    try:
        outcome = run_demo(config, progress)
    finally:
        progress.end()
    files = write_report(outcome, config.folder)
    if as_json:
        print(json.dumps(as_document(outcome)))
    else:
        show(outcome, files, time.monotonic() - started, console())
    require(outcome.check)
