"""The store is opened, written and read on both databases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Column, Integer, MetaData, Table, insert, select, text

from energy_grid.backend.store.blocks import BLOCKS
from energy_grid.backend.store.database import Database, DatabaseGoneError
from energy_grid.backend.store.metadata import Wide
from energy_grid.backend.store.tables import METADATA
from energy_grid.errors import InputError
from energy_grid.serve.command import require_version


def test_database__written_and_left_by_an_error__keeps_nothing(database: Database) -> None:
    row = {"number": 7, "hash": "0x07", "time": 70, "events": 1, "tables": ["a"]}

    def fail() -> None:
        with database.writing() as connection:
            connection.execute(insert(BLOCKS), [row])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with database.writing() as connection:
        assert connection.execute(select(BLOCKS)).all() == []
        connection.execute(insert(BLOCKS), [row])
    with database.reading() as connection:
        assert connection.execute(select(BLOCKS)).mappings().all() == [row]
    database.migrate()


def test_wide__edges__are_exact_and_in_order(database: Database) -> None:
    values = [-(2**63), -1, 0, 1, 2**53 + 1, 2**63 - 1, 2**63, 2**255, 2**256 - 1, None]
    table = Table("wide", MetaData(), Column("id", Integer, primary_key=True), Column("x", Wide))
    with database.writing() as connection:
        table.create(connection)
        rows = [{"id": place, "x": value} for place, value in enumerate(values)]
        connection.execute(insert(table), rows[::-1])
        found = connection.scalars(select(table.c.x).where(table.c.x.is_not(None)).order_by("x"))
        assert [*found] == values[:-1]
        beyond = insert(table).values(id=99, x=-(2**255)).returning(table.c.x)
        assert connection.scalar(beyond) == -(2**255)
        assert connection.scalars(select(table.c.id).where(table.c.x == 2**256 - 1)).all() == [8]


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://host/name", "sqlite://"])
def test_database__no_such_url__is_said(url: str) -> None:
    with pytest.raises(InputError, match="a database is sqlite:///FILE or postgresql://"):
        Database(url)


def test_database__a_file_of_another_kind__is_said(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("a note, and no database")
    with pytest.raises(InputError, match=f"{file} is no database of SQLite: name another"):
        Database.open(f"sqlite:///{file}")
    assert file.read_text() == "a note, and no database"


def test_require_tables__of_another_version__is_refused(database: Database) -> None:
    database.require_tables()
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    with pytest.raises(InputError, match="is no store of this version: energy-grid serve"):
        database.require_tables()


def test_database__nobody_there__is_gone() -> None:
    with pytest.raises(DatabaseGoneError, match="does not answer"):
        Database.open("postgresql://nobody@127.0.0.1:1/none")


def test_migrations__make_the_tables_that_are_declared(database: Database) -> None:
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": _differs})
        assert compare_metadata(context, METADATA) == []
        heads = context.get_current_heads()
    assert len(heads) == 1


def _differs(context: Any, _: object, __: object, found: Any, declared: Any) -> bool:
    return bool(found.compile(context.dialect) != declared.compile(context.dialect))


def test_require_version__of_an_old_server__says_which_is_needed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_version(database)
    monkeypatch.setattr("energy_grid.serve.command._OLDEST_POSTGRESQL", 99)
    if database.is_sqlite:
        require_version(database)
        return
    with pytest.raises(InputError, match=r"PostgreSQL \d+\.\d+ is too old: 99 or newer is needed"):
        require_version(database)


def test_close__a_connection_is_in_use__closes_it_once_it_is_given_back(database: Database) -> None:
    with database.reading() as connection:
        database.close()
        kept = connection.connection.dbapi_connection
        assert connection.scalar(text("SELECT 1")) == 1
    with pytest.raises(Exception, match="closed"):
        kept.cursor().execute("SELECT 1")  # type: ignore[union-attr]
