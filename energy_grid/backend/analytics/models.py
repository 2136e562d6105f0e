"""Models of quantiles: trained on what meters said, kept as text with a version.

A model corrects a baseline: trees (LightGBM) learn what is left, in units of each series' own
size, so that one model serves all series of a kind. Its lowest and highest quantile are moved by
what was missed in each part of the history by trees grown of the others; newer hours count more
(cross-conformal prediction). For each series, that of model and baselines which erred least in the
last weeks is used.

Trees are grown by one thread from a seed: the same data give the same model.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from typing import Any

import lightgbm
import numpy as np
import numpy.typing as npt

from energy_grid.backend.analytics.features import features, window
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
_JUDGED_DAYS, _COLD_DAYS = 21, 7
# Parts of the history; and the days after which what was missed counts e times less.
_PARTS, _FADING_DAYS = 2, 60.0
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
# So many times the most of four weeks' hours the highest quantile is at most; the lowest alike.
_BEYOND = 1.5


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
        InputError: they are too short, or little of them was measured.
    """
    days = (hours.end - hours.first) // DAY
    if days < LEAST_DAYS:
        raise InputError(
            f"{hours.kind}: {days} days of history; a model needs {LEAST_DAYS}, so wait or import"
        )
    table = _table(hours, weather)
    edges = np.linspace(hours.first + HISTORY, hours.end, _PARTS + 1)
    unseen = [*pairwise(edges), (hours.end, hours.end)]
    if not all(table.is_seen(*each).any() for each in unseen):
        raise InputError(
            f"{hours.kind}: all that was measured is of a few weeks; wait, or import more"
        )
    *parts, final = run(_grown, unseen, table=table)
    shifts = _shifts([each.left for each in parts], hours.end)
    begin = max(hours.end - _JUDGED_DAYS * DAY, int(edges[-2]))
    origins = range(begin, hours.end - HORIZON + 1, _STEP)
    missed = run(_missed, chunks(hours), weather=weather, trees=parts[-1].trees, origins=[*origins])
    errors = {name: np.concatenate([each[name] for each in missed]) for name in missed[0]}
    best = {
        name: min(errors, key=lambda method: _last(errors[method][row]))
        for row, name in enumerate(hours.names)
    }
    used = np.array([errors[best[name]][row] for row, name in enumerate(hours.names)])
    content = "".join(final.trees) + repr(sorted(shifts.items())) + repr(sorted(best.items()))
    return Model(
        kind=hours.kind,
        version=hashlib.sha256(content.encode()).hexdigest()[:12],
        until=hours.end,
        trees=final.trees,
        shifts=shifts,
        chosen=best,
        error=float(np.nan_to_num(_mean([used[None]]))[0]),
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
    medians, spread = _expected(model.trees, found.table, found.offset, found.relative)
    methods = tuple(model.chosen.get(name, MODEL) for name in hours.names)
    shifts = np.array([model.shifts[each] for each in methods]).T[:, :, None]
    center = np.stack([medians[each][row] for row, each in enumerate(methods)])
    center, low, high = np.stack([center, *(center + spread + shifts)]) * found.scale
    # The shifts are of all series: a few strange ones must not promise what a house never had.
    low = np.minimum(np.maximum(low, found.least / _BEYOND), center)
    high = np.maximum(np.minimum(high, found.most * _BEYOND), center)
    wh = np.stack([low, center, high])
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


def cold(ahead: Forecast, hours: Hours, parts: Array, before: Array) -> Forecast:
    """The same, where series of fewer than seven days before the origin have their part of the
    community's forecast, from nothing to twice as much.

    The part is an equal one at first, and follows what the series was beside the community since.

    Args:
        parts: shape (series, hours), or (hours) if all have the same: an equal part of what the
            community is expected to be; NaN: of no community.
        before: alike, of what it was in all ``hours``.
    """
    begin = max(ahead.origin - HISTORY - hours.first, 0)
    own = hours.until(ahead.origin).wh[:, begin:]
    equal = np.broadcast_to(before, hours.wh.shape)[:, begin : begin + own.shape[1]]
    parts = np.broadcast_to(parts, ahead.wh.shape[1:])
    is_new = (np.isfinite(own).sum(axis=1) < _COLD_DAYS * DAY) & np.isfinite(parts).all(axis=1)
    part, is_known = parts[is_new], np.isfinite(own) & np.isfinite(equal)
    # As if it had had an equal part for a day before.
    day = part.sum(axis=1) / (HORIZON // DAY)
    was, should = (np.where(is_known, each, 0)[is_new].sum(axis=1) + day for each in (own, equal))
    part = part * np.divide(was, should, out=np.ones_like(was), where=should > 0)[:, None]
    wh = ahead.wh.copy()
    wh[:, is_new] = np.stack([0 * part, part, 2 * part])
    methods = tuple(
        COMMUNITY if new else method for new, method in zip(is_new, ahead.methods, strict=True)
    )
    return replace(ahead, wh=wh, methods=methods)


def _last(error: float) -> float:
    """Its place among others; what is not known comes last."""
    return float("inf") if np.isnan(error) else error


@dataclass(frozen=True, slots=True)
class _Table:
    """Hours that trees are grown from: what was known, and what came, in units of the scale.

    Attributes:
        columns: shape (hours, features).
        origins: of the forecast that each hour would have been in.
        offset, baselines, came: shape (hours).
    """

    columns: Array
    origins: npt.NDArray[np.int64]
    offset: Array
    baselines: dict[str, Array]
    came: Array

    def is_seen(self, begin: float, end: float) -> npt.NDArray[np.bool_]:
        """Whether hours have nothing in common with those of origins from one to before another."""
        return (self.origins + HORIZON <= begin) | (self.origins >= end + HORIZON)

    def only(self, some: npt.NDArray[np.bool_]) -> _Table:
        """Some of the hours."""
        return _Table(
            self.columns[some],
            self.origins[some],
            self.offset[some],
            {name: each[some] for name, each in self.baselines.items()},
            self.came[some],
        )


def _table(hours: Hours, weather: Weather) -> _Table:
    parts = []
    origins = range(hours.first + HISTORY, hours.end - HORIZON + 1, _STEP)
    # Of more series than fit, some at each origin, each in its turn.
    most = max(_MOST_ROWS // (max(len(origins), 1) * HORIZON), 1)
    every = max(-(-len(hours.names) // most), 1)
    for turn, origin in enumerate(origins):
        some = hours.only(range(turn % every, len(hours.names), every))
        found = features(some, origin, weather)
        came = some.at(origin) / found.scale
        whole = _Table(found.table, np.full(came.shape, origin), found.offset, found.relative, came)
        # At night panels give nothing: that says nothing of the day.
        parts.append(whole.only(np.isfinite(came) & ~found.rests))
    if not sum(len(each.came) for each in parts):
        raise InputError(f"{hours.kind}: no hour was measured")
    names = parts[0].baselines
    return _Table(
        np.concatenate([each.columns for each in parts]),
        np.concatenate([each.origins for each in parts]),
        np.concatenate([each.offset for each in parts]),
        {name: np.concatenate([each.baselines[name] for each in parts]) for name in names},
        np.concatenate([each.came for each in parts]),
    )


@dataclass(frozen=True, slots=True)
class _Grown:
    """Trees of all quantiles, and of hours that they have not seen the origins and, by method, how
    far what came was from the outer quantiles: shape (2, hours)."""

    trees: tuple[str, ...]
    left: tuple[npt.NDArray[np.int64], dict[str, Array]]


def _grown(unseen: tuple[float, float], *, table: _Table) -> _Grown:
    """Trees grown of all but the hours of origins from one to before another."""
    begin, end = unseen
    seen = table.only(table.is_seen(begin, end))
    trees = tuple(
        lightgbm.train(
            {**_GROWN, "alpha": part},
            lightgbm.Dataset(seen.columns, seen.came - seen.offset),
            _TREES,
        ).model_to_string()
        for part in QUANTILES
    )
    rest = table.only((table.origins >= begin) & (table.origins < end))
    medians, spread = _expected(trees, rest.columns, rest.offset, rest.baselines)
    off = {name: rest.came - median - spread for name, median in medians.items()}
    return _Grown(trees, (rest.origins, off))


def _expected(
    trees: Sequence[str], columns: Array, offset: Array, baselines: dict[str, Array]
) -> tuple[dict[str, Array], Array]:
    """By method the medians, and how far the outer quantiles are from them: shape (2, ...); all in
    units of the scale."""
    low, median, high = (_predicted(each, columns) for each in trees)
    own = np.maximum(median + offset, 0)
    mixed = _OWN_PART * own + (1 - _OWN_PART) * baselines[_STEADY]
    spread = np.stack([np.minimum(low - median, 0), np.maximum(high - median, 0)])
    return {MODEL: mixed, **baselines}, spread


def _predicted(trees: str, columns: Array) -> Array:
    booster = lightgbm.Booster(model_str=trees)
    table = columns.reshape(-1, columns.shape[-1])
    values: Any = booster.predict(table, num_threads=1) if len(table) else []
    return np.asarray(values, dtype=float).reshape(columns.shape[:-1])


def _shifts(
    left: Sequence[tuple[npt.NDArray[np.int64], dict[str, Array]]], end: int
) -> dict[str, tuple[float, float]]:
    """By method, for the outer quantiles."""
    weights = np.exp((np.concatenate([origins for origins, _ in left]) - end) / DAY / _FADING_DAYS)
    shifts = {}
    for name in left[0][1]:
        low, high = np.concatenate([off[name] for _, off in left], axis=1)
        shifts[name] = (
            _quantile(low, weights, QUANTILES[0]),
            _quantile(high, weights, QUANTILES[-1]),
        )
    return shifts


def _quantile(values: Array, weights: Array, part: float) -> float:
    """The value that has a part of the weight up to it."""
    order = np.argsort(values, kind="stable")
    summed = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(summed, part * summed[-1])])


def _missed(
    hours: Hours, *, weather: Weather, trees: Sequence[str], origins: Sequence[int]
) -> dict[str, Array]:
    """By method, the mean absolute error of each series as a part of its mean."""
    came, missed = [], defaultdict(list)
    for origin in origins:
        found, actual = features(hours, origin, weather), hours.at(origin)
        came.append(actual)
        medians, _ = _expected(trees, found.table, found.offset, found.relative)
        for method, median in medians.items():
            expected = np.where(found.rests, 0, median * found.scale)
            missed[method].append(np.abs(actual - expected))
    mean = np.maximum(np.nan_to_num(_mean(came)), 1e-9)
    return {name: _mean(each) / mean for name, each in missed.items()}


def _mean(parts: Sequence[Array]) -> Array:
    """Of each series that is known of parts of shape (series, hours); NaN: nothing is."""
    values = np.stack(parts)
    known = np.isfinite(values)
    count = known.sum(axis=(0, 2))
    total = np.where(known, values, 0).sum(axis=(0, 2))
    return np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0)
