"""Diagrams of life cycles, drawn from docs/concepts/lifecycles.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

import yaml

from scripts._docs.solidity import ROOT

__all__ = ["LIFECYCLES", "diagrams"]

LIFECYCLES = ROOT / "docs/concepts/lifecycles.yaml"
_FOLDER = Path("concepts/diagrams")
# All in pixels: the distance of columns and rows, a box, and the margin, which at the left has
# room for what begins a life.
_COLUMN, _ROW, _WIDTH, _HEIGHT, _MARGIN, _LEFT = 380, 80, 120, 36, 34, 230
_HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
    ' height="{height}" role="img" aria-label="{label}" font-family="sans-serif" font-size="13">\n'
    '<defs><marker id="end" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8"'
    ' orient="auto"><path d="M0 0L8 4L0 8z" fill="#37474f"/></marker></defs>\n'
    '<rect width="100%" height="100%" rx="6" fill="#ffffff"/>\n'
)


def diagrams() -> dict[Path, str]:
    """The drawings by where they are in docs/."""
    cycles: Mapping[str, Mapping[str, Any]] = yaml.safe_load(LIFECYCLES.read_text())
    return {_FOLDER / f"{name}.svg": _draw(name, cycle) for name, cycle in cycles.items()}


def _draw(name: str, cycle: Mapping[str, Any]) -> str:
    states: Mapping[str, tuple[int, int]] = cycle["states"]
    columns = max(column for column, _ in states.values())
    rows = max(row for _, row in states.values())
    head = _HEAD.format(
        width=_LEFT + columns * _COLUMN + _WIDTH + _MARGIN,
        height=2 * _MARGIN + rows * _ROW + _HEIGHT,
        label=f"Life of: {name.replace('-', ' ')}",
    )
    moves = "".join(_move(states, move) for move in cycle["moves"])
    boxes = "".join(_box(state, *place) for state, place in states.items())
    return f"{head}{moves}{boxes}</svg>\n"


def _middle(place: tuple[int, int]) -> tuple[int, int]:
    column, row = place
    return _LEFT + column * _COLUMN + _WIDTH // 2, _MARGIN + row * _ROW + _HEIGHT // 2


def _box(state: str, column: int, row: int) -> str:
    x, y = _middle((column, row))
    return (
        f'<rect x="{x - _WIDTH // 2}" y="{y - _HEIGHT // 2}" width="{_WIDTH}" height="{_HEIGHT}"'
        ' rx="6" fill="#e0f2f1" stroke="#00796b"/>'
        f'<text x="{x}" y="{y + 5}" text-anchor="middle" fill="#004d40">{escape(state)}</text>\n'
    )


def _move(states: Mapping[str, tuple[int, int]], move: Mapping[str, Any]) -> str:
    """An arrow with its words: across, down, or down and then across."""
    x, y = _middle(states[move["to"]])
    half = _WIDTH // 2
    if "from" not in move:
        start, end = _MARGIN // 2, x - half
        dot = f'<circle cx="{start}" cy="{y}" r="5" fill="#37474f"/>\n'
        return dot + _arrow(f"M{start} {y}H{end}", (start + end) // 2, y, move)
    a, b = _middle(states[move["from"]])
    if a == x:
        down = 1 if y > b else -1
        path = f"M{a} {b + down * _HEIGHT // 2}V{y - down * _HEIGHT // 2}"
        return _arrow(path, a - 8, (b + y) // 2, move, anchor="end")
    right = 1 if x > a else -1
    start, end = a + right * half, x - right * half
    path = f"M{start} {b}H{end}"
    if y != b:
        # From below the box, so that several of them share one trunk.
        path = f"M{a} {b + _HEIGHT // 2}V{y}H{end}"
        start = a
    return _arrow(path, (start + end) // 2, y, move)


def _arrow(path: str, x: int, y: int, move: Mapping[str, Any], anchor: str = "middle") -> str:
    name = ", ".join(move.get("by", []))
    text = f'<text text-anchor="{anchor}" fill="#263238">'
    if name:
        code = f'x="{x}" y="{y - 6}" font-family="monospace" font-size="12"'
        text += f"<tspan {code}>{escape(name)}</tspan>"
    if when := move.get("when"):
        below = y + 16 if name else y - 6
        text += f'<tspan x="{x}" y="{below}" font-style="italic">{escape(when)}</tspan>'
    line = f'<path d="{path}" fill="none" stroke="#37474f" marker-end="url(#end)"/>'
    return f"{line}{text}</text>\n"
