"""Who has the lead of a role, when processes and connections end."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from energy_grid.backend.store.database import Database, DatabaseGoneError
from energy_grid.serve.leader import Leader
from tests.support.databases import new_database
from tests.support.deploying import wait_until


@pytest.fixture
def other(database: Database) -> Iterator[Database]:
    """The same store, as another process opens it."""
    with closing(Database(database.url.render_as_string(hide_password=False))) as opened:
        yield opened


def test_leads__one_for_each_role(database: Database, other: Database) -> None:
    first, second = Leader(database, "settlement"), Leader(other, "settlement")
    assert [first.leads(), second.leads(), first.leads()] == [True, False, True]
    indexer = Leader(other, "indexer")
    assert indexer.leads()
    first.close()
    # The server ends a session soon after its client has closed it, not at once.
    wait_until(second.leads)
    assert not first.leads()
    second.close()
    indexer.close()


def test_leads__whose_connection_is_lost__has_lost_the_lead(tmp_path: Path) -> None:
    url = new_database("postgresql", tmp_path)
    with closing(Database(url)) as database, closing(Database(url)) as other:
        first, second = Leader(database, "engine"), Leader(other, "engine")
        assert first.leads()
        end = text(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_locks"
            " WHERE locktype = 'advisory' AND database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        with other.writing() as connection:
            assert connection.scalars(end).all() == [True]
        assert second.leads()
        with pytest.raises(DatabaseGoneError, match="the database does not answer"):
            first.leads()
        assert not first.leads()
        second.close()
        wait_until(first.leads)
        first.close()


def test_leads__without_the_database__is_said(tmp_path: Path) -> None:
    folder = tmp_path / "none"
    gone = f"sqlite:///{folder}/store.db", "postgresql://nobody@127.0.0.1:1/none"
    for url in gone:
        with closing(Database(url)) as database:
            shutil.rmtree(folder, ignore_errors=True)
            with pytest.raises(DatabaseGoneError):
                Leader(database, "engine").leads()
