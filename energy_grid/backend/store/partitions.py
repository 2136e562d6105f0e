"""The months of tables that PostgreSQL keeps in parts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import Connection, text

__all__ = ["make_partitions"]


def make_partitions(connection: Connection, table: str, times: Iterable[int]) -> None:
    """Make the partitions of the months of times, where there are none."""
    for month in sorted({datetime.fromtimestamp(time, UTC).strftime("%Y-%m") for time in times}):
        begin = datetime.strptime(f"{month}-01+0000", "%Y-%m-%d%z")
        end = begin.replace(year=begin.year + begin.month // 12, month=begin.month % 12 + 1)
        connection.execute(
            text(
                f"CREATE TABLE IF NOT EXISTS {table}_{month.replace('-', '_')} PARTITION OF {table}"
                f" FOR VALUES FROM ({int(begin.timestamp())}) TO ({int(end.timestamp())})"
            )
        )
