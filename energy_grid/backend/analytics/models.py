"""Models of quantiles: trained on what meters said, kept as text with a version.

A model corrects a baseline: trees (LightGBM) learn what is left, in units of each series' own
size, so that one model serves all series of a kind. Its lowest and highest quantile are moved by
what they missed in the last weeks before the end of the training, which the trees have not seen
(conformal prediction). For each series, that of model and baselines which erred least in these
weeks is used.

Trees are grown by one thread from a seed: the same data give the same model.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import lightgbm
import numpy as np
import numpy.typing as npt

from energy_grid.backend.analytics.features import BASELINES, Features, features, window
from energy_grid.backend.analytics.series import DAY, HISTORY, HORIZON, Array, Hours, Kind
from energy_grid.backend.analytics.weather import Weather
from energy_grid.backend.analytics.workers import Run, chunks, here
from energy_grid.errors import InputError

__all__ = [
    "COMMUNITY",
    "LEAST_DAYS",
    "MODEL",
    "QUANTILES",
    "Forecast",
    "Model",
    "cold",
    "early",
    "forecast",
    "train",
]

QUANTILES = (0.1, 0.5, 0.9)
MODEL, COMMUNITY, EARLY = "model", "community", "days before"
LEAST_DAYS = 60
"""Of history, to train on; a series itself is known after `_COLD_DAYS`."""
_CALIBRATION_DAYS, _COLD_DAYS = 21, 7
_EARLY_DAYS, _LEAST_EARLY = 14, 2
# Origins are as many hours apart, so that they come by all quarters of a day.
_STEP = 18
_MOST_ROWS = 300_000
# A part of the baseline in the median: two that err differently err less together.
_OWN_PART = 0.75
_GROWN = {
    "objective": "quantile",
    "num_leaves": 7,
    "learning_rate": 0.05,
    "min_data_in_leaf": 200,
    "feature_fraction": 0.6,
    "bagging_fraction": 0.5,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "num_threads": 1,
    "seed": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
}
_TREES = 100
_STEADY = "7-day mean"
# Of the most that came in an hour of four weeks, where the highest quantile ends.
_MOST_PART = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Of a kind of series.

    Attributes:
        version: of what it was trained on and how; the same for the same.
        until: the hour before which all was that it was trained on.
        trees: of each quantile, as LightGBM writes them.
        shifts: by method, what is added to the lowest and to the highest quantile, in units of the
            features' scale.
        chosen: for each series, the method that erred least before ``until``.
        error: mean absolute error there, as a part of the mean: drift is measured against it.
    """

    kind: Kind
    version: str
    until: int
    trees: tuple[str, ...]
    shifts: dict[str, tuple[float, float]]
    chosen: dict[str, str]
    error: float

    def dumps(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def loads(cls, text: str) -> Model:
        """What `dumps` gave."""
        found = json.loads(text)
        shifts = {name: (low, high) for name, (low, high) in found.pop("shifts").items()}
        kind, trees = Kind(found.pop("kind")), tuple(found.pop("trees"))
        return cls(kind=kind, trees=trees, shifts=shifts, **found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """The 48 hours from an origin.

    Attributes:
        wh: shape (3, series, hours): the quantiles of `QUANTILES`, in Wh.
        methods: of each series: ``model``, a baseline's name, ``community``, or ``days before``.
        rests: as `Features` has it.
    """

    origin: int
    names: tuple[str, ...]
    wh: Array
    methods: tuple[str, ...]
    rests: npt.NDArray[np.bool_]


def train(hours: Hours, weather: Weather, run: Run = here) -> Model:
    """A model of all that the series have: the same, whoever computes it.

    Raises:
        InputError: they are too short.
    """
    days = (hours.end - hours.first) // DAY
    if days < LEAST_DAYS:
        raise InputError(
            f"{hours.kind}: {days} days of history; a model needs {LEAST_DAYS}, so wait or import"
        )
    split = hours.end - _CALIBRATION_DAYS * DAY
    tables = _table(hours.until(split), weather), _table(hours, weather)
    wanted = [(at, part) for at in range(len(tables)) for part in QUANTILES]
    grown = run(_grown, wanted, tables=tables)
    trees, final = tuple(grown[: len(QUANTILES)]), tuple(grown[len(QUANTILES) :])
    tried = [*range(split, hours.end - HORIZON + 1, _STEP)]
    missed = run(_missed, chunks(hours), weather=weather, trees=trees, origins=tried)
    errors, shifts = _calibrated(missed)
    best = {
        name: min(errors, key=lambda method: _last(errors[method][row]))
        for row, name in enumerate(hours.names)
    }
    used = [errors[best[name]][row] for row, name in enumerate(hours.names)]
    content = "".join(final) + repr(sorted(shifts.items())) + repr(sorted(best.items()))
    return Model(
        kind=hours.kind,
        version=hashlib.sha256(content.encode()).hexdigest()[:12],
        until=hours.end,
        trees=final,
        shifts=shifts,
        chosen=best,
        error=float(np.nan_to_num(np.nanmean(used))),
    )


def forecast(
    model: Model, hours: Hours, origin: int, weather: Weather, run: Run = here
) -> Forecast:
    """What comes in the 48 hours from ``origin``; nothing in ``hours`` from then on matters."""
    parts = run(_forecast, chunks(hours), model=model, origin=origin, weather=weather)
    return Forecast(
        origin=origin,
        names=hours.names,
        wh=np.concatenate([each.wh for each in parts], axis=1),
        methods=tuple(method for each in parts for method in each.methods),
        rests=np.concatenate([each.rests for each in parts]),
    )


def _forecast(hours: Hours, *, model: Model, origin: int, weather: Weather) -> Forecast:
    found = features(hours, origin, weather)
    medians = _medians(model.trees, found)
    methods = tuple(model.chosen.get(name, MODEL) for name in hours.names)
    rows = np.arange(len(hours.names))
    center = np.stack([medians[each][row] for row, each in zip(rows, methods, strict=True)])
    low, high = (np.array([model.shifts[each][side] for each in methods]) for side in (0, 1))
    spread = _spread(model.trees, found)
    lowest = center + (low[:, None] + spread[0]) * found.scale
    highest = center + (high[:, None] + spread[1]) * found.scale
    # The shifts are of all series: a few strange ones must not promise what a house never had.
    highest = np.minimum(highest, np.maximum(center, _MOST_PART * found.most))
    wh = np.sort(np.maximum([lowest, center, highest], 0), axis=0)
    return Forecast(
        origin=origin,
        names=hours.names,
        wh=np.where(found.rests, 0, wh),
        methods=methods,
        rests=found.rests,
    )


def early(hours: Hours, origin: int) -> Forecast:
    """What comes, before there is a model: quantiles of the same hour of the 14 days before.

    A series that is known for less than two days has none: it is NaN.
    """
    same = window(hours, origin)[:, :_EARLY_DAYS]
    wh = np.full((len(QUANTILES), len(hours.names), DAY), np.nan)
    known = np.isfinite(same).sum(axis=1) >= _LEAST_EARLY
    wh[:, known] = np.nanquantile(same.transpose(1, 0, 2)[:, known], QUANTILES, axis=0)
    return Forecast(
        origin=origin,
        names=hours.names,
        wh=np.tile(wh, HORIZON // DAY),
        methods=(EARLY,) * len(hours.names),
        rests=np.tile(~(np.nan_to_num(same) > 0).any(axis=1), HORIZON // DAY),
    )


def cold(ahead: Forecast, hours: Hours, parts: Array) -> Forecast:
    """The same, where series of fewer than seven days before the origin have their part of the
    community's forecast, from nothing to twice as much.

    Args:
        parts: shape (series, hours), or (hours) if all have the same; NaN: of no community.
    """
    begin = max(ahead.origin - HISTORY - hours.first, 0)
    known = np.isfinite(hours.until(ahead.origin).wh[:, begin:]).sum(axis=1)
    parts = np.broadcast_to(parts, ahead.wh.shape[1:])
    is_new = (known < _COLD_DAYS * DAY) & np.isfinite(parts).all(axis=1)
    part = parts[is_new]
    wh = ahead.wh.copy()
    wh[:, is_new] = np.stack([0 * part, part, 2 * part])
    methods = tuple(
        COMMUNITY if new else method for new, method in zip(is_new, ahead.methods, strict=True)
    )
    return replace(ahead, wh=wh, methods=methods)


def _last(error: float) -> float:
    """Its place among others; what is not known comes last."""
    return float("inf") if np.isnan(error) else error


def _table(hours: Hours, weather: Weather) -> tuple[Array, Array, Array]:
    """Of all that trees are grown from: features, what is left to learn, weights."""
    tables, left, weights = [], [], []
    origins = range(hours.first + HISTORY, hours.end - HORIZON + 1, _STEP)
    # Of more series than fit, some at each origin, each in its turn.
    most = max(_MOST_ROWS // (max(len(origins), 1) * HORIZON), 1)
    every = max(-(-len(hours.names) // most), 1)
    for turn, origin in enumerate(origins):
        some = hours.only(range(turn % every, len(hours.names), every))
        found = features(some, origin, weather)
        target = some.at(origin) / found.scale - found.offset
        is_known = np.isfinite(target) & ~found.rests
        tables.append(found.table[is_known])
        left.append(target[is_known])
        weights.append((found.scale / found.scale.mean(axis=1, keepdims=True))[is_known])
    if not sum(map(len, left)):
        raise InputError(f"{hours.kind}: no hour was measured")
    return np.concatenate(tables), np.concatenate(left), np.concatenate(weights)


def _grown(wanted: tuple[int, float], *, tables: Sequence[tuple[Array, Array, Array]]) -> str:
    """Trees of a quantile, from one of the tables."""
    at, part = wanted
    table, left, weights = tables[at]
    data = lightgbm.Dataset(table, left, weight=weights)
    return lightgbm.train({**_GROWN, "alpha": part}, data, _TREES).model_to_string()


def _predicted(trees: str, found: Features) -> Array:
    """In units of the scale, on top of the offset."""
    table = found.table.reshape(-1, found.table.shape[-1])
    booster = lightgbm.Booster(model_str=trees)
    values: Any = booster.predict(table, num_threads=1)
    return np.asarray(values).reshape(found.scale.shape)


def _medians(trees: Sequence[str], found: Features) -> dict[str, Array]:
    """By method, in Wh."""
    own = (_predicted(trees[1], found) + found.offset) * found.scale
    mixed = _OWN_PART * np.maximum(own, 0) + (1 - _OWN_PART) * found.baselines[_STEADY]
    return {MODEL: np.where(found.rests, 0, mixed), **found.baselines}


def _spread(trees: Sequence[str], found: Features) -> tuple[Array, Array]:
    """How far the outer quantiles are from the median, in units of the scale."""
    low, median, high = (_predicted(each, found) for each in trees)
    return np.minimum(low - median, 0), np.maximum(high - median, 0)


@dataclass(frozen=True, slots=True)
class _Missed:
    """What methods missed of some series: by method, absolute errors of the medians in Wh, and what
    came below and above the outer quantiles in units of the scale."""

    came: Array
    missed: dict[str, Array]
    below: dict[str, Array]
    above: dict[str, Array]


def _missed(
    hours: Hours, *, weather: Weather, trees: Sequence[str], origins: Sequence[int]
) -> _Missed:
    methods = (MODEL, *BASELINES)
    missed: dict[str, list[Array]] = {each: [] for each in methods}
    below: dict[str, list[Array]] = {each: [] for each in methods}
    above: dict[str, list[Array]] = {each: [] for each in methods}
    for origin in origins:
        found = features(hours, origin, weather)
        actual, spread = hours.at(origin), _spread(trees, found)
        # At night panels give nothing: that says nothing of the day.
        is_known = np.isfinite(actual) & ~found.rests
        for method, median in _medians(trees, found).items():
            missed[method].append(np.abs(actual - median))
            off = (actual - median) / found.scale
            below[method].append((off - spread[0])[is_known])
            above[method].append((off - spread[1])[is_known])
    return _Missed(
        np.nanmean(np.stack([hours.at(origin) for origin in origins]), axis=(0, 2)),
        {name: np.nanmean(np.stack(each), axis=(0, 2)) for name, each in missed.items()},
        {name: np.concatenate(each) for name, each in below.items()},
        {name: np.concatenate(each) for name, each in above.items()},
    )


def _calibrated(
    parts: Sequence[_Missed],
) -> tuple[dict[str, list[float]], dict[str, tuple[float, float]]]:
    """By method: the error of each series as a part of its mean, and the shifts."""
    methods = (MODEL, *BASELINES)
    mean = np.maximum(np.nan_to_num(np.concatenate([each.came for each in parts])), 1e-9)
    errors = {
        name: [*(np.concatenate([each.missed[name] for each in parts]) / mean)] for name in methods
    }
    shifts = {
        name: (
            _quantile([each.below[name] for each in parts], QUANTILES[0]),
            _quantile([each.above[name] for each in parts], QUANTILES[-1]),
        )
        for name in methods
    }
    return errors, shifts


def _quantile(parts: list[Array], part: float) -> float:
    values = np.concatenate(parts)
    return float(np.quantile(values, part)) if len(values) else 0.0
