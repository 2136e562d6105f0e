"""Statements about the records, each true or not, with the numbers that decide it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

__all__ = ["Statement", "all_rows", "equal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Something that must hold, whether it does, and the numbers that show it."""

    claim: str
    numbers: str
    holds: bool


def all_rows(claim: str, rows: Iterable[tuple[object, object, object]], what: str) -> Statement:
    """That left equals right in each row of (key, left, right); ``what`` names the rows, in the
    plural.

    The numbers say how many rows there are, or show the first one that is wrong.
    """
    table = list(rows)
    wrong = [row for row in table if row[1] != row[2]]
    counted = f"{len(table):,} {what.removesuffix('s') if len(table) == 1 else what}"
    if not wrong:
        return Statement(claim=claim, numbers=counted, holds=True)
    key, left, right = wrong[0]
    numbers = f"wrong in {len(wrong):,} of {counted}, first {key}: {left} and {right}"
    return Statement(claim=claim, numbers=numbers, holds=False)


def equal(claim: str, amounts: Mapping[str, int], write: Callable[[int], str]) -> Statement:
    """That all amounts, by what they are, are the same."""
    holds = len(set(amounts.values())) == 1
    sign = " = " if holds else ", but "
    numbers = sign.join(f"{name} {write(amount)}" for name, amount in amounts.items())
    return Statement(claim=claim, numbers=numbers, holds=holds)
