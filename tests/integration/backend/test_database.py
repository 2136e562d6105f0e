"""The store is opened, written and read on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, insert, select

from energy_grid.backend.store.blocks import BLOCKS
from energy_grid.backend.store.database import Database, DatabaseGoneError
from energy_grid.backend.store.metadata import Uint256
from energy_grid.errors import InputError
from tests.support.databases import BACKENDS, new_database


@pytest.fixture(params=BACKENDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    opened = Database.open(new_database(request.param, tmp_path))
    yield opened
    opened.close()


def test_database__written_and_left_by_an_error__keeps_nothing(database: Database) -> None:
    row = {"number": 7, "hash": "0x07", "time": 70}

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


def test_uint256__edges__are_exact_and_in_order(database: Database) -> None:
    values = [-(2**255), -(2**64), -1, 0, 1, 2**53 + 1, 2**63, 2**255, 2**256 - 1, None]
    table = Table("wide", MetaData(), Column("id", Integer, primary_key=True), Column("x", Uint256))
    with database.writing() as connection:
        table.create(connection)
        rows = [{"id": place, "x": value} for place, value in enumerate(values)]
        connection.execute(insert(table), rows[::-1])
        found = connection.scalars(select(table.c.x).where(table.c.x.is_not(None)).order_by("x"))
        assert [*found] == values[:-1]
        assert connection.scalars(select(table.c.id).where(table.c.x == 2**256 - 1)).all() == [8]


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://host/name", "sqlite://"])
def test_database__no_such_url__is_said(url: str) -> None:
    with pytest.raises(InputError, match="a database is sqlite:///FILE or postgresql://"):
        Database(url)


def test_database__nobody_there__is_gone() -> None:
    with pytest.raises(DatabaseGoneError, match="does not answer"):
        Database.open("postgresql://nobody@127.0.0.1:1/none")
