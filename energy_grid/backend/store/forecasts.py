"""What is to come, by what the meters said: forecasts, the models that made them, their errors.

A subject is an account's address, ``community:1`` or ``region:home``; ``what`` is ``load``, which
its connections take from the street, or ``production``, which they give to it. Energy is in Wh,
times are Unix seconds.

    forecasts        the 48 hours from an origin, with the Wh that 10, 50 and 90 of 100 hours are
                     below
    forecast_models  models by the midnight that ended what they were trained on
    forecast_sums    hours of communities and regions. An hour is summed once: nobody finds a single
                     account in what has changed since
    forecast_errors  days, as they were forecast when they began, against what came and against what
                     the baselines say
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    String,
    Table,
    Text,
    delete,
)

from energy_grid.backend.store.metadata import METADATA

__all__ = [
    "FORECASTS",
    "FORECAST_ERRORS",
    "FORECAST_MODELS",
    "FORECAST_SUMS",
    "forget_forecasts",
]

FORECASTS = Table(
    "forecasts",
    METADATA,
    Column("subject", String(66), primary_key=True),
    Column("what", String(10), primary_key=True),
    Column("origin", BigInteger, primary_key=True, autoincrement=False),
    # Of the hour.
    Column("start", BigInteger, primary_key=True, autoincrement=False),
    Column("low_wh", BigInteger, nullable=False),
    Column("median_wh", BigInteger, nullable=False),
    Column("high_wh", BigInteger, nullable=False),
    # A baseline's name, ``model``, ``community`` or ``days before``; NULL: no model was needed.
    Column("method", String(16), nullable=False),
    Column("version", String(12)),
    # Whether nothing that it was made of tells of fewer than five accounts.
    Column("is_public", Boolean, nullable=False),
    Index(None, "origin"),
)

FORECAST_MODELS = Table(
    "forecast_models",
    METADATA,
    Column("kind", String(10), primary_key=True),
    Column("night", BigInteger, primary_key=True, autoincrement=False),
    Column("version", String(12), nullable=False),
    # In the weeks before that night, as basis points of what came.
    Column("error_bps", BigInteger, nullable=False),
    Column("payload", Text, nullable=False),
)

FORECAST_SUMS = Table(
    "forecast_sums",
    METADATA,
    Column("subject", String(66), primary_key=True),
    Column("start", BigInteger, primary_key=True, autoincrement=False),
    # That had a reading at both ends; the others are counted as their mean.
    Column("accounts", Integer, nullable=False),
    Column("load_wh", BigInteger, nullable=False),
    Column("production_wh", BigInteger, nullable=False),
    Column("is_public", Boolean, nullable=False),
    Index(None, "start"),
)

FORECAST_ERRORS = Table(
    "forecast_errors",
    METADATA,
    Column("subject", String(66), primary_key=True),
    Column("what", String(10), primary_key=True),
    # Its number from 1970.
    Column("day", BigInteger, primary_key=True, autoincrement=False),
    Column("hours", Integer, nullable=False),
    Column("came_wh", BigInteger, nullable=False),
    # Sums of absolute errors: of the median that was given, and of each baseline.
    Column("missed_wh", BigInteger, nullable=False),
    Column("yesterday_wh", BigInteger, nullable=False),
    Column("last_week_wh", BigInteger, nullable=False),
    Column("mean_wh", BigInteger, nullable=False),
    Column("method", String(16), nullable=False),
    Column("version", String(12)),
    Column("is_public", Boolean, nullable=False),
    Index(None, "day"),
)

_DAY = 86_400


def forget_forecasts(connection: Connection, subject: str, before: int) -> None:
    """Delete what was forecast for an account, and how wrong it was, from before a time."""
    forecasts, errors = FORECASTS.c, FORECAST_ERRORS.c
    connection.execute(
        delete(FORECASTS).where(forecasts.subject == subject, forecasts.origin < before)
    )
    connection.execute(
        delete(FORECAST_ERRORS).where(errors.subject == subject, errors.day < before // _DAY)
    )
