"""The output of commands: records as JSON, or as tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table

from energy_grid.cli.console import console, plain
from energy_grid.cli.times import iso_time

if TYPE_CHECKING:
    from energy_grid.chain.contract import EventLog

__all__ = [
    "Answer",
    "as_document",
    "event_documents",
    "facts",
    "identified",
    "listed",
    "numbered",
    "stacked",
    "table",
    "word",
    "yes_or_no",
]


# Of a folded address or hash; its column must still hold its title.
_MAX_LINES = 6
# Larger integers lose digits where JSON numbers are floats, as in JavaScript.
_MAX_JSON_INTEGER = 2**53
# Fields of Unix seconds whose names do not end with _at.
_TIMES = frozenset(
    (
        "bound_until",
        "closable_from",
        "deadline",
        "end",
        "end_time",
        "eta",
        "executed_from",
        "expiry",
        "last_report",
        "measured_from",
        "not_before",
        "readings_until",
        "start",
        "start_time",
        "time",
        "timepoint",
        "timestamp",
        "until",
        "verifiable_until",
        "vote_end",
        "vote_start",
    )
)
_IDENTIFIER = re.compile("0x(?:[0-9a-fA-F]{40}|[0-9a-f]{64})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The output of a command.

    Attributes:
        document: what ``--json`` prints; it may hold records, enums and lists of them.
        shown: what people read.
        code: the exit code.
    """

    document: Any
    shown: RenderableType
    code: int = 0


def as_document(value: Any) -> Any:
    """A value as JSON has it: records as objects, enums by their names, bytes in hexadecimal
    digits, integers above 2**53 as strings. The field after a time has its ISO form:
    ``start_iso`` of ``start``, null where the time is 0 or beyond the calendar.
    """
    if isinstance(value, IntEnum):
        return value.name
    if isinstance(value, int) and abs(value) > _MAX_JSON_INTEGER:
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        value = {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, Mapping):
        return dict(_members(value))
    if isinstance(value, (list, tuple)):
        return [as_document(inner) for inner in value]
    if isinstance(value, bytes):
        return f"0x{value.hex()}"
    return value


def _members(value: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, inner in value.items():
        yield key, as_document(inner)
        if (key in _TIMES or key.endswith("_at")) and type(inner) in (int, type(None)):
            yield f"{key}_iso", iso_time(inner) if inner else None


def numbered(name: str, found: Iterable[tuple[int, Any]]) -> list[dict[str, Any]]:
    """Records as documents, with their numbers under this name."""
    return [{name: number, **as_document(each)} for number, each in found]


def identified(name: str, record: Any) -> dict[str, Any]:
    """A record as a document, with its ``id`` under this name."""
    document = as_document(record)
    return {name: document.pop("id"), **document}


def event_documents(found: Iterable[EventLog]) -> list[dict[str, Any]]:
    """Events of contracts as documents."""
    return [
        {"contract": each.contract, "event": each.event, "arguments": each.arguments}
        for each in found
    ]


def word(member: IntEnum) -> str:
    """A member of an enum as users type it: ``"shed-load"`` of SHED_LOAD."""
    return member.name.lower().replace("_", "-")


def yes_or_no(value: bool) -> str:
    """``"yes"`` or ``"no"``."""
    return "yes" if value else "no"


def facts(rows: Mapping[str, str]) -> Table:
    """A record: a line for each property."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, style="dim")
    grid.add_column(overflow="fold")
    for name, value in rows.items():
        grid.add_row(plain(name), plain(value))
    return grid


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """Records: a line for each; titles that begin with ``>`` are those of numbers."""
    lines = [[plain(cell) for cell in row] for row in rows]
    columns = [[title.removeprefix(">")] for title in titles]
    for line in lines:
        for column, cell in zip(columns, line, strict=True):
            column.append(cell)
    found = Table(box=box.SIMPLE_HEAD, padding=0, pad_edge=False)
    widths = _widths(columns, console().width - len(columns) - 1)
    for title, column, width in zip(titles, columns, widths, strict=True):
        found.add_column(
            column[0],
            justify="right" if title.startswith(">") else "left",
            overflow="fold",
            width=width,
        )
    for line in lines:
        found.add_row(*line)
    return found


def _widths(columns: Sequence[Sequence[str]], room: int) -> list[int] | list[None]:
    """A width for each column, so that nothing but addresses and hashes is cut within a word, and
    these into equal lines, as few as fit; nothing where the words alone need more room.
    """
    folds = [
        max((len(c) for c in column if _IDENTIFIER.fullmatch(c)), default=0) for column in columns
    ]
    for lines in range(1, _MAX_LINES + 1):
        widths = [
            -(-fold // lines)
            if fold
            else max(len(part) for cell in column for part in (*cell.split(), ""))
            for fold, column in zip(folds, columns, strict=True)
        ]
        spare = room - sum(widths)
        if spare >= 0:
            break
    else:
        return [None] * len(columns)
    for at, column in enumerate(columns):
        if lines == 1 or not folds[at]:
            more = min(max(map(len, column)) - widths[at], spare)
            widths[at] += more
            spare -= more
    return widths


def listed(titles: Sequence[str], rows: Iterable[Sequence[str]], otherwise: str) -> RenderableType:
    """As `table`, or a sentence if there are no rows."""
    lines = list(rows)
    return table(titles, lines) if lines else otherwise


def stacked(*parts: RenderableType) -> Group:
    """One below the other."""
    return Group(*parts)
