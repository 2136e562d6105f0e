"""Whom each function of a contract asks who calls, read from the sources."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from tests.support.artifacts import ROOT, artifact

__all__ = ["Entry", "entries"]

_OPENZEPPELIN = ROOT / "node_modules/@openzeppelin/contracts"
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.S)
_TEXT = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_CONTRACT = re.compile(r"\b(?:contract|library|interface)\s+(\w+)(?:\s+is\s+([^{]*))?\s*\{")
_PART = re.compile(r"\b(?:function|modifier)\s+(\w+)\s*(\(|\{)")
_CALL = re.compile(r"(?<![.\w])(\w+)\b")
_SENDER = re.compile(r"\bmsg\.sender\b|\b_msgSender\s*\(")


@dataclass(frozen=True)
class Entry:
    """A function that changes something."""

    signature: str
    restricted: bool
    asks_holder: bool
    """It acts for the caller, or for who signed."""
    asks_sender: bool
    """It acts for the caller alone."""


@dataclass(frozen=True)
class _Part:
    """A function or modifier: its head after the name, and its body."""

    name: str
    parameters: int
    head: str
    body: str


def _closing(text: str, start: int) -> int:
    """Where the bracket at `start` is closed."""
    pair = {"(": ")", "{": "}"}[text[start]]
    depth = 0
    for place in range(start, len(text)):
        if text[place] == text[start]:
            depth += 1
        elif text[place] == pair:
            depth -= 1
            if not depth:
                return place
    raise ValueError(text[start : start + 40])


def _parts(text: str) -> Iterator[_Part]:
    for found in _PART.finditer(text):
        place, parameters = found.end() - 1, ""
        if found[2] == "(":
            end = _closing(text, place)
            parameters = text[place + 1 : end].strip()
            place = end + 1
        head = re.match(r"[^{;]*", text[place:])
        assert head is not None
        start = place + head.end()
        if text[start] == "{":
            count = parameters.count(",") + 1 if parameters else 0
            yield _Part(found[1], count, head[0], text[start : _closing(text, start)])


@cache
def _known() -> dict[str, tuple[tuple[str, ...], tuple[_Part, ...]]]:
    """Bases and parts of every contract by its name."""
    known = {}
    paths = [*ROOT.glob("contracts/**/*.sol"), *_OPENZEPPELIN.rglob("*.sol")]
    for path in paths:
        text = _TEXT.sub('""', _COMMENT.sub("", path.read_text()))
        for found in _CONTRACT.finditer(text):
            start = found.end() - 1
            bases = tuple(re.findall(r"\b(\w+)\b(?!\s*\))", re.sub(r"\(.*?\)", "", found[2] or "")))
            known[found[1]] = bases, tuple(_parts(text[start : _closing(text, start)]))
    return known


def _inherited(contract: str) -> dict[tuple[str, int], _Part]:
    """Parts of a contract and its bases; those of the most derived one count."""
    bases, own = _known()[contract]
    parts = {}
    for base in bases:
        parts.update(_inherited(base))
    return {**parts, **{(part.name, part.parameters): part for part in own}}


def entries(contract: str) -> list[Entry]:
    """Of the functions in its interface that are no views."""
    parts = _inherited(contract)
    by_name: dict[str, list[_Part]] = {}
    for part in parts.values():
        by_name.setdefault(part.name, []).append(part)
    found = []
    for signature, function in artifact(contract).abi.functions.items():
        if function.constant:
            continue
        part = parts[function.name, len(function.inputs.types)]
        reached, waiting = [part], [part]
        while waiting:
            each = waiting.pop()
            for name in {*_CALL.findall(each.head), *_CALL.findall(each.body)} - {"_holder"}:
                new = [other for other in by_name.get(name, ()) if other not in reached]
                reached += new
                waiting += new
        inside = [each.head + each.body for each in reached]
        found.append(
            Entry(
                signature=signature,
                restricted="restricted" in part.head.split(),
                asks_holder=any("_holder()" in each for each in inside),
                asks_sender=any(_SENDER.search(each) for each in inside),
            )
        )
    return found
