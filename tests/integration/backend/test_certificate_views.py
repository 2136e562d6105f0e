"""Certificates in the store: what each account has and what each device earned is what the chain
says, on both databases."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Table, select, text
from sqlalchemy.schema import DropTable

from energy_grid.backend.indexer.indexer import Indexer
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.details import CERTIFICATE_CORRECTIONS, CERTIFICATE_MOVES
from energy_grid.backend.store.kpi_views import KPI_VIEWS
from energy_grid.backend.store.views import VIEWS
from energy_grid.client import EnergyGrid
from tests.support.certifying import CertifiedStreet
from tests.support.market import Market, actor

_MIGRATION = "energy_grid.backend.store.migrations.versions.0026_certificates"
_HOURS = ((2_000, 500, 900), (3_000, 800, 700), (0, 400, 300))


@pytest.fixture
def street(market: Market) -> CertifiedStreet:
    """The producer has sold, given and retired; and something was corrected twice."""
    street = CertifiedStreet(market, actor("producer"), actor("consumer"))
    street.live(*_HOURS)
    street.give({0: 600, 1: 100})
    street.buy(street.offer(500, 20_000), {0: 200, 1: 250})
    street.retire(street.consumer, {0: 800, 1: 350})
    street.retire(street.producer, {0: 500})
    street.correct(0, 700)
    street.correct(1, 400)
    street.live((1_000, 0, 100))
    street.correct(3, 50)
    return street


@pytest.fixture
def stored(street: CertifiedStreet, grid: EnergyGrid, database: Database) -> Database:
    index(grid, database)
    return database


def index(grid: EnergyGrid, database: Database) -> None:
    indexer = Indexer(grid, database, finality=8)
    while not indexer.step():
        pass


def rows(database: Database, view: str) -> Any:
    with database.reading() as connection:
        return connection.execute(select(VIEWS[view])).mappings().all()


def test_certificates__of_each_account_and_slot__are_those_of_the_chain(
    street: CertifiedStreet, grid: EnergyGrid, stored: Database
) -> None:
    found = {(row["account"], row["slot"]): row for row in rows(stored, "certificates")}
    for hour in range(4):
        certificate, slot = street.id_of(hour), street.first + hour
        for who in (street.producer, street.consumer):
            row = found.get((who.address, slot), {"held_wh": 0, "issued_wh": 0})
            assert row["held_wh"] == grid.certificates.balance_of(who.address, certificate)
            issued = grid.certificates.issued_of(certificate) if who is street.producer else 0
            assert row["issued_wh"] == issued
    assert {row["device"] for row in found.values()} == {street.device}


def test_certificates__in_all__are_issued_less_retired_and_withdrawn(
    grid: EnergyGrid, stored: Database
) -> None:
    contract = grid.certificates
    held = sum(row["held_wh"] for row in rows(stored, "certificates"))
    assert held == contract.total_issued() - contract.total_retired() - contract.total_withdrawn()


def test_devices__owe_and_earn_what_the_chain_says(
    street: CertifiedStreet, grid: EnergyGrid, stored: Database
) -> None:
    (row,) = rows(stored, "certificate_devices")
    known = grid.certificates.device_of(street.device)
    assert (row["device"], row["account"]) == (street.device, known.account)
    assert (row["technology"], row["region"]) == (known.technology, known.region)
    assert (row["from_slot"], row["until_slot"]) == (known.from_slot, None)
    assert (row["issued_wh"], row["owed_wh"]) == (grid.certificates.total_issued(), known.owed)


def test_devices__whose_registration_ended__say_when(
    street: CertifiedStreet, grid: EnergyGrid, database: Database
) -> None:
    street.end()
    index(grid, database)
    (row,) = rows(database, "certificate_devices")
    assert row["until_slot"] == grid.certificates.device_of(street.device).until_slot


def test_retirements__are_those_of_the_chain(grid: EnergyGrid, stored: Database) -> None:
    found = {row["id"]: row for row in rows(stored, "certificate_retirements")}
    assert {*found} == {*range(1, grid.certificates.retirement_count() + 1)}
    for number, row in found.items():
        known = grid.certificates.retirement(number)
        assert (row["account"], row["device"], row["day"], row["wh"], row["retired_at"]) == (
            *(known.account, known.device, known.day, known.wh),
            known.time,
        )


def test_offers__are_those_of_the_chain(
    street: CertifiedStreet, grid: EnergyGrid, stored: Database
) -> None:
    (row,) = rows(stored, "certificate_offers")
    known = grid.certificate_market.offer_of(row["offer_id"])
    assert (row["seller"], row["device"], row["price"]) == (
        *(known.seller, known.device),
        known.price,
    )
    assert (row["from_slot"], row["to_slot"]) == (known.from_slot, known.to_slot)
    assert (row["amount"], row["unsold"], row["cancelled_at"]) == (500, known.remaining, None)


def test_upgrade__of_a_store_with_certificates__spells_them_out(stored: Database) -> None:
    details = (CERTIFICATE_MOVES, CERTIFICATE_CORRECTIONS)
    before = [everything(stored, table) for table in details]
    assert all(before)
    with stored.writing() as connection:
        for name in reversed([*VIEWS, *KPI_VIEWS]):
            connection.execute(text(f"DROP VIEW {name}"))
        for table in details:
            connection.execute(DropTable(table))
        connection.execute(text("DROP INDEX ix_certificate_market_certificates_sold_offer_id"))
        with Operations.context(MigrationContext.configure(connection)):
            import_module(_MIGRATION).upgrade()
    assert [everything(stored, table) for table in details] == before


def everything(database: Database, table: Table) -> list[Any]:
    with database.reading() as connection:
        return sorted(map(tuple, connection.execute(select(table))))
