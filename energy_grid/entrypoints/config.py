"""What the programs are told, checked before anything is started."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from energy_grid.adapters.feeds import simbench
from energy_grid.domain.periods import SLOT_LENGTHS
from energy_grid.domain.profiles import Household
from energy_grid.errors import InputError

__all__ = ["DEFAULT_DAY", "DemoConfig", "parse_day", "parse_households"]

DEFAULT_DAY = date(2016, 7, 6)
_REPORTS = Path("energy-grid-report")
_NUMBERS = re.compile(r"[0-9]+(,[0-9]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoConfig:
    """A day of a neighbourhood: which, whose, how finely cut, from what seed, and where to."""

    day: date
    households: tuple[Household, ...]
    seed: int
    slot_seconds: int
    folder: Path

    @classmethod
    def of_words(
        cls, *, day: str, households: str, seed: int, slot: int, report: Path | None
    ) -> DemoConfig:
        """The configuration of what a user typed.

        Raises:
            InputError: one line that says what to change.
        """
        known = parse_day(day)
        if slot not in SLOT_LENGTHS:
            raise InputError(f"--slot {slot}: a slot has 3600 or 900 seconds")
        if seed < 0:
            raise InputError(f"--seed {seed}: a seed is a whole number from 0 up")
        return cls(
            day=known,
            households=parse_households(households, known),
            seed=seed,
            slot_seconds=slot,
            folder=report or _REPORTS / known.isoformat(),
        )


def parse_day(text: str) -> date:
    """A day that there are data for, and for the day before it.

    Raises:
        InputError: no date, or not such a day.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise InputError(f"--day {text}: write a day such as {DEFAULT_DAY}") from None
    simbench.week_of(day)
    return day


def parse_households(text: str, day: date) -> tuple[Household, ...]:
    """``"all"``, how many (``"12"``), or which ones (``"3,7,12"``).

    Raises:
        InputError: neither, or not so in this village.
    """
    choice: int | list[int] | None
    if text == "all":
        choice = None
    elif _NUMBERS.fullmatch(text) is None:
        raise InputError(f"--households {text}: write all, how many (12), or which (3,7,12)")
    elif "," in text:
        choice = [int(number) for number in text.split(",")]
    else:
        choice = int(text)
    return simbench.load(simbench.week_of(day), choice).households
