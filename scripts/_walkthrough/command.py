"""The command that every walkthrough is."""

from __future__ import annotations

import click

from scripts._deploy.errors import one_line
from scripts._walkthrough.run import run
from scripts._walkthrough.stage import Story

__all__ = ["walkthrough"]


def walkthrough(summary: str, *stories: Story) -> click.Command:
    """`ape run walkthrough NAME`: needs no node, since it starts one of its own."""

    @click.command(help=summary)
    def cli() -> None:
        with one_line():
            run(stories, click.echo, lambda line: click.echo(line, err=True))

    return cli
