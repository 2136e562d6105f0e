"""How good forecasts are: of model and baselines, in one table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from energy_grid.backend.analytics.features import BASELINES, features
from energy_grid.backend.analytics.models import MODEL, QUANTILES, Forecast, Model, forecast
from energy_grid.backend.analytics.series import Array, Hours
from energy_grid.backend.analytics.weather import Weather
from energy_grid.backend.analytics.workers import Run, chunks, here

__all__ = ["USED", "Score", "score"]

USED = "used"


@dataclass(slots=True)
class Score:
    """Sums over forecasts; two of them add up.

    Attributes:
        missed: by method the sum of absolute errors in Wh; ``used`` is that of the methods chosen.
        came: Wh, in all.
        below: how many hours came below each quantile, of ``counted``; one that came as it was,
            such as nothing, counts with the quantile's part.
    """

    missed: dict[str, float]
    came: float
    below: tuple[float, float, float]
    counted: int

    def __add__(self, other: Score) -> Score:
        return Score(
            {name: self.missed[name] + other.missed[name] for name in self.missed},
            self.came + other.came,
            (
                self.below[0] + other.below[0],
                self.below[1] + other.below[1],
                self.below[2] + other.below[2],
            ),
            self.counted + other.counted,
        )

    @property
    def errors(self) -> dict[str, float]:
        """Mean absolute error of each method, in percent of what came."""
        return {name: 100 * each / max(self.came, 1e-9) for name, each in self.missed.items()}

    @property
    def gain(self) -> float:
        """By how many percent the model errs less than the best baseline."""
        return 100 * (1 - self.missed[MODEL] / max(min(self.missed[b] for b in BASELINES), 1e-9))

    @property
    def calibration(self) -> tuple[float, ...]:
        """Percent of hours below each quantile."""
        return tuple(100 * each / max(self.counted, 1) for each in self.below)


def score(
    model: Model, hours: Hours, origins: Iterable[int], weather: Weather, run: Run = here
) -> Score:
    """Of forecasts from origins; hours in which a series rests count for no quantile.

    Raises:
        ValueError: no origin.
    """
    found = run(_score, chunks(hours), model=model, origins=[*origins], weather=weather)
    first, *rest = found
    return sum(rest, first)


def _score(hours: Hours, *, model: Model, origins: Sequence[int], weather: Weather) -> Score:
    parts = []
    for origin in origins:
        own = forecast(replace(model, chosen={}), hours, origin, weather)
        used = forecast(model, hours, origin, weather)
        parts.append(
            _scored(hours.at(origin), own, used, features(hours, origin, weather).baselines)
        )
    first, *rest = parts
    return sum(rest, first)


def _scored(actual: Array, own: Forecast, used: Forecast, baselines: dict[str, Array]) -> Score:
    known = np.isfinite(actual)
    medians = {MODEL: own.wh[1], USED: used.wh[1], **baselines}
    counts = known & ~used.rests
    low, middle, high = (
        float((actual < each)[counts].sum() + part * (actual == each)[counts].sum())
        for part, each in zip(QUANTILES, used.wh, strict=True)
    )
    return Score(
        {name: float(np.abs(actual - each)[known].sum()) for name, each in medians.items()},
        float(actual[known].sum()),
        (low, middle, high),
        int(counts.sum()),
    )
