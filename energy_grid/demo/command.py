"""``energy-grid demo``: a neighbourhood shares one day's energy on a local chain."""

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
            help="Decides who trades, at what limit price, who shares a plant, and all keys.",
        ),
    ] = str(DEFAULT_SEED),
    slot: Annotated[
        str,
        typer.Option(metavar="SECONDS", help="Length of a slot: 900, or 3600 for hours."),
    ] = str(DEFAULT_SLOT),
    sharing_only: Annotated[
        bool,
        typer.Option(
            "--sharing-only",
            help="Nobody trades ahead or keeps credits: what energy sharing does by itself.",
        ),
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            show_default=False,
            help="Where page, picture, numbers and the gateway's days are written; by default"
            " energy-grid-report/DATE, with what else is not as by default.",
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
    """A neighbourhood shares one day of real energy on a local chain of its own.

    The households of a village (SimBench, 2016) join an energy community by their signatures. Its
    gateway reads their meters and anchors one hash a day. What neighbours have left over and need
    at the same time is shared by itself. A fifth of the households also trades an hour ahead, by
    signed orders from forecasts, and some keep what is left as energy credits. The grid operator
    reports the feeder's load and, in the evening, pays for a load reduction. The largest plants are
    assets, and neighbours share one of them. One call settles the day of all accounts. At the end
    the check computes the day anew from the records of the chain and the data of that call, to the
    last unit: exit code 1 if they do not add up.
    """
    config = DemoConfig.of_words(
        day=day,
        households=households,
        seed=seed,
        slot=slot,
        report=report,
        sharing_only=sharing_only,
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
