"""The keeper of the twins: every slot that meters have read, also late, and once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import insert, select

from energy_grid.backend.grid_service.twin import TwinKeeper
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.feeder_flows import FEEDER_FLOWS
from energy_grid.backend.store.partitions import make_partitions
from energy_grid.backend.store.registers import REGISTERS
from energy_grid.market.feeders import MeteredFeeder
from tests.support.feeders import DEVICES, STREET
from tests.support.market import MONDAY

HOUR = 3600


def show(database: Database, bus: str, hour: int, imported: int, exported: int = 0) -> None:
    """What a meter has sent over MQTT."""
    with database.writing() as connection:
        if not database.is_sqlite:
            make_partitions(connection, "registers", [MONDAY])
        connection.execute(
            insert(REGISTERS).values(
                meter=DEVICES[bus].address,
                time=MONDAY + hour * HOUR,
                import_wh=imported,
                export_wh=exported,
                voltage=2300,
                frequency=5000,
                received_at=MONDAY,
                signature=b"",
            )
        )


def stored(database: Database) -> Mapping[int, Any]:
    """What is stored of each slot, by the hour of its end."""
    with database.reading() as connection:
        rows = connection.execute(select(FEEDER_FLOWS).order_by(FEEDER_FLOWS.c.end)).all()
    return {(row.end - MONDAY) // HOUR: row for row in rows}


@pytest.fixture
def keeper(database: Database) -> TwinKeeper:
    return TwinKeeper(database, {"home": STREET}, HOUR)


def test_twin__of_a_slot__has_its_power_its_losses_and_its_voltages(
    database: Database, keeper: TwinKeeper
) -> None:
    for bus, imported in (("A", 500), ("B", 1500), ("C", 0)):
        show(database, bus, 1, 0)
        show(database, bus, 2, imported)
    keeper.step()
    (found,) = stored(database).values()
    assert (found.region, found.end, found.measured) == ("home", MONDAY + 2 * HOUR, 3)
    assert found.supply_w == pytest.approx(2000 + found.losses_w, abs=1)
    # The iron's 30 W, and 2 kW through 1 ohm: 2.9 A in three phases.
    assert found.losses_w == pytest.approx(30 + 25 + 14 + 6, abs=4)
    assert (found.lowest_bus, found.highest_bus) == ("B", "station")
    # 2 and 1.5 kW through 1 ohm each at 400 V are 5 and 3.75 V of 400; less in the transformer.
    assert found.highest_bps - found.lowest_bps == pytest.approx(125 + 94, abs=5)
    assert (found.cable, found.is_broken) == ("A-B", False)
    assert found.cable_bps == pytest.approx(5000, abs=150)
    assert keeper.describe() == "1 slot of feeders"


def test_twin__of_a_late_reading__is_computed_again_and_nothing_else_is(
    database: Database, keeper: TwinKeeper
) -> None:
    for hour in (1, 2, 3):
        show(database, "A", hour, 400 * hour)
    keeper.step()
    assert [row.measured for row in stored(database).values()] == [1, 1]
    keeper.step()
    assert keeper.metrics()["slots_total"] == 2
    show(database, "B", 2, 0)
    show(database, "B", 3, 2000)
    keeper.step()
    found = stored(database)
    assert [row.measured for row in found.values()] == [1, 2]
    assert found[3].supply_w > 2400
    # Slot 2 has one reading more at its end, which counts for nothing: it is computed for nothing.
    assert keeper.metrics()["slots_total"] == 4
    # Another process goes on where this one ended.
    other = TwinKeeper(database, {"home": STREET}, HOUR)
    other.step()
    assert other.metrics() == {"slots_total": 0, "broken_total": 0}


def test_twin__where_limits_break__says_which(database: Database, keeper: TwinKeeper) -> None:
    show(database, "B", 1, 0)
    show(database, "B", 2, 4000)
    show(database, "C", 2, 0)
    show(database, "C", 3, 0, 30_000)
    keeper.step()
    found = stored(database)
    assert found[2].is_broken
    assert (found[2].cable, found[2].cable_bps > 13_000) == ("A-B", True)
    assert found[3].is_broken
    assert (found[3].highest_bus, found[3].highest_bps > 11_000) == ("C", True)
    assert found[3].supply_w < -20_000
    assert keeper.describe() == "2 slots of feeders, 2 of them with a limit broken"


def test_twin__of_powers_that_cannot_be__passes_them_over_until_more_is_read(
    database: Database, keeper: TwinKeeper
) -> None:
    show(database, "A", 1, 0)
    show(database, "A", 2, 10**9)
    show(database, "A", 3, 10**9 + 500)
    keeper.step()
    assert [*stored(database)] == [3]
    keeper.step()
    assert keeper.describe() == "1 slot of feeders, cannot compute 1"
    # A day later nobody can read more of it.
    show(database, "A", 26, 10**9 + 500)
    show(database, "A", 27, 10**9 + 500)
    keeper.step()
    keeper.step()
    assert keeper.describe() == "2 slots of feeders"


def test_twin__of_nothing_but_powers_that_cannot_be__forgets_those_of_a_day_before(
    database: Database, keeper: TwinKeeper
) -> None:
    for hour in range(1, 40):
        show(database, "A", hour, hour * 10**9)
    for _ in range(2):
        keeper.step()
    assert keeper.describe() == "0 slots of feeders, cannot compute 24"


def test_twin__of_a_feeder_without_resistances__is_none(database: Database) -> None:
    bare = MeteredFeeder(feeder=STREET.feeder, meters=STREET.meters)
    keeper = TwinKeeper(database, {"home": bare}, HOUR)
    show(database, "A", 1, 0)
    show(database, "A", 2, 500)
    keeper.step()
    assert not stored(database)
