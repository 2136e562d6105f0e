"""A folder of a community's histories and models.

histories/NAME.csv   of a household, as ``energy-grid forecast import`` writes it
models/N.json        models of all kinds, the newest with the highest number
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from energy_grid.backend.analytics.history import read_history, write_history
from energy_grid.backend.analytics.models import Model, train
from energy_grid.backend.analytics.series import HORIZON, Hours, Kind, total
from energy_grid.backend.analytics.weather import Place, Weather
from energy_grid.backend.analytics.workers import Run, here
from energy_grid.errors import InputError

__all__ = ["COMMUNITY", "Folder"]

COMMUNITY = "community"


@dataclass(frozen=True)
class Folder:
    """It is made once something is put there."""

    path: Path

    def add(self, file: Path, name: str) -> Path:
        """Keep a household's history, instead of any before it; gives where.

        Raises:
            InputError: the file cannot be read, or the name is none for a file.
        """
        if not name or name == COMMUNITY or not name.replace("-", "").replace("_", "").isalnum():
            raise InputError(f"--name {name!r}: use letters, digits, - and _; not {COMMUNITY!r}")
        history = read_history(file)
        kept = self.path / "histories" / f"{name}.csv"
        try:
            kept.parent.mkdir(parents=True, exist_ok=True)
            write_history(kept, history)
        except OSError as error:
            raise InputError(f"cannot write {kept}: {error.strerror}") from None
        return kept

    def hours(self) -> dict[Kind, Hours]:
        """Loads and production of all households, and the load of all together.

        Raises:
            InputError: there is none, or a file is none any more.
        """
        files = sorted((self.path / "histories").glob("*.csv"))
        if not files:
            raise InputError(
                f"{self.path} has no history:"
                f" energy-grid forecast import FILE --name NAME --folder {self.path}"
            )
        read = {file.stem: read_history(file) for file in files}
        found: dict[Kind, Hours] = {}
        for kind in (Kind.LOAD, Kind.PRODUCTION):
            some = {name: each[kind] for name, each in read.items() if kind in each}
            if not some:
                continue
            first = min(begin for begin, _ in some.values())
            end = max(begin + len(wh) for begin, wh in some.values())
            table = np.full((len(some), end - first), np.nan)
            for row, (begin, wh) in zip(table, some.values(), strict=True):
                row[begin - first : begin - first + len(wh)] = wh
            found[kind] = Hours(kind=kind, names=tuple(some), first=first, wh=table)
        if Kind.LOAD in found:
            found[Kind.COMMUNITY] = total(found[Kind.LOAD], COMMUNITY, Kind.COMMUNITY)
        return found

    def train(
        self,
        hours: dict[Kind, Hours],
        place: Place,
        given: dict[int, float],
        run: Run = here,
    ) -> tuple[Path, list[str]]:
        """Train a model of each kind and keep them; gives the file, and why a kind has none.

        Raises:
            InputError: none has a history that is long enough.
        """
        models, without = [], []
        for each in hours.values():
            try:
                models.append(train(each, weather_of(each, place, given), run))
            except InputError as error:
                without.append(str(error))
        if not models:
            raise InputError(without[0])
        numbers = [int(file.stem) for file in self._models()]
        file = self.path / "models" / f"{max(numbers, default=0) + 1}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps([each.dumps() for each in models]))
        return file, without

    def models(self) -> dict[Kind, Model]:
        """The newest ones.

        Raises:
            InputError: there are none.
        """
        files = self._models()
        if not files:
            raise InputError(
                f"{self.path} has no model: energy-grid forecast train --folder {self.path}"
            )
        newest = max(files, key=lambda file: int(file.stem))
        found = [Model.loads(each) for each in json.loads(newest.read_text())]
        return {each.kind: each for each in found}

    def _models(self) -> list[Path]:
        return [file for file in (self.path / "models").glob("*.json") if file.stem.isdigit()]


def weather_of(hours: Hours, place: Place, given: dict[int, float]) -> Weather:
    """Of the time that series have, and of the 48 hours after them."""
    return Weather(place, given, hours.first, hours.wh.shape[1] + HORIZON)
