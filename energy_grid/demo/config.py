"""The options of the demo, validated before anything is started."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from energy_grid.cli.numbers import counted
from energy_grid.demo import simbench
from energy_grid.demo.profiles import Household
from energy_grid.domain.periods import SLOT_LENGTHS
from energy_grid.errors import InputError

__all__ = [
    "DEFAULT_DAY",
    "DEFAULT_SEED",
    "DEFAULT_SLOT",
    "DemoConfig",
    "parse_day",
    "parse_households",
]

DEFAULT_DAY, DEFAULT_SEED, DEFAULT_SLOT = date(2016, 7, 6), 1, 900
_REPORTS = Path("energy-grid-report")
_NUMBER = re.compile(r"[0-9]{1,20}")
_NUMBERS = re.compile(r"[0-9]{1,20}(,[0-9]{1,20})*,?")


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoConfig:
    """A day of a neighbourhood: which, whose, how finely cut, from what seed, and where to.

    Attributes:
        sharing_only: nobody trades or keeps credits.
    """

    day: date
    households: tuple[Household, ...]
    seed: int
    slot_seconds: int
    folder: Path
    sharing_only: bool = False

    @classmethod
    def of_words(
        cls,
        *,
        day: str,
        households: str,
        seed: str,
        slot: str,
        report: Path | None,
        sharing_only: bool = False,
    ) -> DemoConfig:
        """The configuration of what a user typed.

        Raises:
            InputError: one line that says what to change.
        """
        known = parse_day(day)
        chosen = parse_households(households, known)
        if slot not in map(str, SLOT_LENGTHS):
            raise InputError(f"--slot {slot}: a slot has 900 or 3600 seconds")
        if _NUMBER.fullmatch(seed) is None:
            raise InputError(f"--seed {seed}: a seed is a whole number of at most 20 digits")
        special = [known.isoformat()]
        if chosen != simbench.all_households():
            special += _words_of(households, chosen)
        if int(slot) != DEFAULT_SLOT:
            special += ["slot", slot]
        if int(seed) != DEFAULT_SEED:
            special += ["seed", str(int(seed))]
        if sharing_only:
            special += ["sharing", "only"]
        return cls(
            day=known,
            households=chosen,
            seed=int(seed),
            slot_seconds=int(slot),
            folder=report or _REPORTS / "-".join(special),
            sharing_only=sharing_only,
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
    """``"all"``, how many (``"12"``), or which ones (``"3,7,12"``, ``"34,"``).

    Raises:
        InputError: neither, or not so in this village.
    """
    choice: int | list[int] | None
    if text == "all":
        choice = None
    elif _NUMBERS.fullmatch(text) is None:
        raise InputError(f"--households {text}: write all, how many (12), or which (3,7 or 34,)")
    elif "," in text:
        choice = [int(number) for number in text.removesuffix(",").split(",")]
    else:
        choice = int(text)
    return simbench.load(simbench.week_of(day), choice).households


def _words_of(text: str, chosen: Sequence[Household]) -> list[str]:
    if "," not in text:
        return counted(len(chosen), "household").split()
    return ["household" if len(chosen) == 1 else "households", *(str(one.number) for one in chosen)]
