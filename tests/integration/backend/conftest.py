"""An empty store on each database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from energy_grid.backend.store.database import Database
from tests.support.databases import BACKENDS, new_database


@pytest.fixture(params=BACKENDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A store with all its tables."""
    opened = Database.open(new_database(request.param, tmp_path))
    yield opened
    opened.close()
