"""The indexer against all that goes wrong, with a real PostgreSQL."""

from __future__ import annotations

from pathlib import Path

from energy_grid.backend.indexer.indexer import forget
from energy_grid.backend.store.database import Database
from tests.support.databases import new_database
from tests.support.examples import Seeds, live_all
from tests.support.indexer_faults import live


def test_postgresql__after_any_faults__equals_a_fresh_one(seeds: Seeds, tmp_path: Path) -> None:
    stores = [Database.open(new_database("postgresql", tmp_path)) for _ in range(2)]
    first, second = (each.url.render_as_string(hide_password=False) for each in stores)

    def once(seed: int) -> None:
        live(seed, first, second)
        for each in stores:
            forget(each)

    live_all(seeds(8), once)
    for each in stores:
        each.close()
