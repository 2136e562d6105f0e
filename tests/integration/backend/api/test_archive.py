"""``energy-grid analytics export``: DuckDB tells from its files what the store tells."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from energy_grid.backend.api.archive import write_archive
from energy_grid.backend.store.kpi_views import KPI_VIEWS
from energy_grid.errors import InputError
from tests.integration.backend.api.analysing import summed, traded_street
from tests.integration.backend.api.conftest import Api
from tests.support.archives import opened, same_rows
from tests.support.market import DAY, MONDAY


def test_archive__of_a_street__has_all_key_figures(api: Api, tmp_path: Path) -> None:
    traded_street(api)
    # Clearings are summed up a day later.
    api.exchange.market.go_to(MONDAY + 3 * DAY)
    api.live()
    summed(api)
    folder = tmp_path / "archive" / "year"
    count = write_archive(api.database, folder)
    counts = same_rows(api.database, folder)
    assert {*counts} == {*KPI_VIEWS}
    # Nobody has certificates there.
    assert [name for name, rows in counts.items() if not rows] == ["certified_closings"]
    with opened(folder) as archive:
        files = [each.stem for each in folder.glob("*.parquet")]
        rows = [archive.execute(f"SELECT count(*) FROM {each}").fetchone() for each in files]
    assert count == sum(each[0] for each in rows if each)
    assert os.stat(folder).st_mode & 0o077 == 0
    assert [each.name for each in folder.parent.iterdir()] == ["year"]


def test_archive__in_a_folder_that_is_there__is_refused(api: Api, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    with pytest.raises(InputError, match="exists: name a new folder"):
        write_archive(api.database, tmp_path)
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("name", ["link", "x" * 300])
def test_archive__of_a_link_to_nothing_or_a_long_name__is_refused(
    api: Api, tmp_path: Path, name: str
) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(InputError, match=r"link exists|File name too long"):
        write_archive(api.database, tmp_path / name)
    assert sorted(tmp_path.iterdir()) == before


def test_archive__where_nothing_can_be_written__leaves_nothing(api: Api, tmp_path: Path) -> None:
    (tmp_path / "full").touch()
    before = sorted(tmp_path.iterdir())
    with pytest.raises(InputError, match=r"cannot write .*: Not a directory"):
        write_archive(api.database, tmp_path / "full" / "year")
    assert sorted(tmp_path.iterdir()) == before
