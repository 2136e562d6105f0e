"""Progress of long work: a bar in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from energy_grid.cli.console import console as new_console

__all__ = ["tracked"]

Item = TypeVar("Item")


def tracked(items: Iterable[Item], doing: str, total: int | None = None) -> Iterator[Item]:
    """Yields the items; meanwhile a terminal shows a bar on standard error."""
    screen = new_console(stderr=True)
    bar = Progress(
        TextColumn("  {task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f}"),
        TimeElapsedColumn(),
        console=screen,
        transient=True,
        disable=not screen.is_terminal,
    )
    with bar:
        yield from bar.track(items, total=total, description=doing)
