"""An empty store on each database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from energy_grid.backend.store.database import Database
from tests.support.databases import BACKENDS, drop_database, new_database


@pytest.fixture(params=BACKENDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A store with all its tables."""
    url = new_database(request.param, tmp_path)
    opened = Database.open(url)
    yield opened
    opened.close()
    drop_database(url)
