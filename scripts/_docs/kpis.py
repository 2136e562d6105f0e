"""The page of the market's key figures, from `energy_grid.backend.store.kpis`."""

from __future__ import annotations

from pathlib import Path

from energy_grid.backend.store.kpis import KPIS

__all__ = ["kpi_page"]

_HEAD = """\
<!-- Written by `make docs` from energy_grid/backend/store/kpis.py: change that. -->

# Key figures

What the page `/analytics` shows is in views of the [store](../operations.md#the-store), in SQLite
and in PostgreSQL, and whoever reads them there reads the same. All columns are whole numbers; a
figure of some days is the sum of its column over them, a share the quotient of two such sums:

```sql
SELECT sum(not_from_grid_wh), sum(used_wh) FROM kpi_energy
WHERE scope = 'all' AND day BETWEEN 19723 AND 20088;
```

`day` counts from 1970. `scope` is `all`, `community`, `region` or `account`, and `whose` the
community's number, the region's 32 bytes in digits, or the account's address. Sums of fewer than 5
accounts are left out there, too; only those of single accounts are added, for which the interface
asks who has signed in. `kpi_welfare` has a row for each clearing, of a `region`; `kpi_gas` one for
each day of the whole backend.

| Figure | Unit | Definition | Source | In SQL |
|---|---|---|---|---|
"""
_FOOT = """
Figures without a source are the market's own. Not in views are:

- in how many slots energy cost how much: the store has ranges of slots with their factors, and
  `/analytics/prices` spells out those of the days that are asked for;
- clearings of the last day: what the best was is a search, made anew until the day is over, and
  kept in the store from then on;
- the hours of a single home: the interface reads the registers of its meters.

## Years of a city, in DuckDB

[`energy-grid analytics export year`](cli/analytics.md) writes what the views read as Parquet files
into the new folder `year`, one for each table, and the views themselves as `views.sql`. There
[DuckDB](https://duckdb.org) reads them, without the store:

```sh
cd year && duckdb -init views.sql
```

Where there is no command `duckdb`, its Python package does the same in that folder (the setup of a
checkout brings it):

```python
import duckdb

duckdb.execute(open("views.sql").read())
print(duckdb.sql("FROM kpi_energy LIMIT 5"))
```

The views have the same names, columns and rows: a test compares them. `closings` has the days of
each account, so the folder is for those who may read the store.
[How fast that is](../analytics.md#a-year-of-a-city).
"""


def kpi_page() -> dict[Path, str]:
    """The page by where it is in docs/."""
    rows = [
        f"| {kpi.title} | {kpi.unit} | {kpi.definition} | {kpi.source} | {_sql(kpi.value, kpi.of)}"
        f" of `{kpi.view}` |\n"
        for kpi in KPIS
    ]
    return {Path("reference/kpis.md"): _HEAD + "".join(rows) + _FOOT}


def _sql(value: str, of: str) -> str:
    return f"`sum({value}) / sum({of})`" if of else f"`sum({value})`"
