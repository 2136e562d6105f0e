"""The feeder and its alarms, as the operator of the region sees them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from energy_grid.backend.grid_service.twin import TwinKeeper
from energy_grid.chain.accounts import Account
from energy_grid.chain.roles import Role
from energy_grid.contracts.smart_meter import MeterReading
from energy_grid.market.reading_file import document_of
from tests.integration.backend.api.conftest import Api
from tests.integration.conftest import OWNERS
from tests.support.feeders import DEVICES, STREET
from tests.support.market import HOME, MONDAY, actor

_KEY = actor("operator of the home region")
OPERATOR = Account(bytes(_KEY.key))
HOUR = 3600


@pytest.fixture
def street(api: Api) -> Api:
    """Meters of 20 kW at A, B and C, and an operator."""
    market, grid = api.exchange.market, api.exchange.grid
    market.do(_KEY, market.operators, "registerOperator", "Home Grid", HOME, 900)
    authority = market.roles[Role.GRID_AUTHORITY]
    market.do(authority, market.operators, "verifyOperator", OPERATOR.address)
    market.do(authority, market.operators, "setOperatorScore", OPERATOR.address, 100)
    registrar = grid.acting_safe(OWNERS)
    for holder, device in zip(api.exchange.traders, DEVICES.values(), strict=False):
        api.exchange.fund(holder.address, 100_000_000)
        grid.register_meter(registrar, device, holder, region="home", rated_power=20_000).execute()
    market.go_to(MONDAY + 3 * HOUR + 1)
    while not api.indexer.step():
        pass
    return api


def show(api: Api, bus: str, hour: int, imported: int, exported: int = 0, volts: int = 2300) -> Any:
    """Send what a meter shows at an hour; the answer."""
    reading = MeterReading(
        timestamp=MONDAY + hour * HOUR,
        consumption=imported,
        production=exported,
        grid_frequency=5000,
        voltage=volts,
    )
    grid = api.exchange.grid
    signed = grid.sign_reading(DEVICES[bus], reading)
    return api.post("/meters/reading", document_of(signed, grid.meter_domain))


def feeder(api: Api) -> Any:
    found = api.get("/grid/feeder", OPERATOR)
    assert found.status_code == 200, found.text
    return found.json()


def alarms(api: Api) -> Any:
    found = api.get("/grid/alarms", OPERATOR)
    assert found.status_code == 200, found.text
    return found.json()


def test_feeder__is_that_of_the_newest_slot_that_most_have_shown(street: Api) -> None:
    for bus, import_wh, export_wh in (("A", 500, 0), ("B", 4000, 0), ("C", 100, 1600)):
        show(street, bus, 1, 0)
        show(street, bus, 2, import_wh, export_wh)
    show(street, "A", 3, 700)
    found = feeder(street)
    assert found["end"] == datetime.fromtimestamp(MONDAY + 2 * HOUR, UTC).isoformat().replace(
        "+00:00", "Z"
    )
    assert (found["station"], found["rating_w"], found["power_w"]) == ("station", 8000, 3000)
    assert {each["line"]: each["power_w"] for each in found["lines"]} == {
        "A-station": 3000,
        "A-B": 4000,
        "C-A": -1500,
    }
    assert {each["bus"]: (each["drawn_w"], each["meters"]) for each in found["buses"]} == {
        "station": (None, 0),
        "A": (500, 1),
        "B": (4000, 1),
        "C": (-1500, 1),
    }
    assert (found["meters"], found["measured"]) == (3, 3)


def test_feeder__of_meters_that_showed_nothing__is_empty(street: Api) -> None:
    found = feeder(street)
    assert (found["power_w"], found["measured"]) == (0, 0)
    assert alarms(street) == []


def test_alarms__tell_of_loads_in_both_directions_and_of_voltages(street: Api) -> None:
    for bus, import_wh, export_wh, volts in (
        *(("A", 0, 9000, 2300), ("B", 4000, 0, 2060), ("C", 0, 4000, 2540)),
    ):
        show(street, bus, 2, 0)
        show(street, bus, 3, import_wh, export_wh, volts)
    found = {(each["kind"], each["subject"]): each for each in alarms(street)}
    assert {key: (each["value"], each["limit"]) for key, each in found.items()} == {
        ("TRANSFORMER", "station"): (-9000, 8000),
        ("LINE", "A-B"): (4000, 3000),
        ("VOLTAGE", DEVICES["B"].address): (2060, 2070),
        ("VOLTAGE", DEVICES["C"].address): (2540, 2530),
    }


def test_flows__are_those_of_each_slot_and_a_voltage_out_of_its_bounds_is_an_alarm(
    street: Api,
) -> None:
    assert street.get("/grid/feeder/flows", OPERATOR).json() == []
    for hour, exported in ((1, 0), (2, 300), (3, 19_000)):
        show(street, "C", hour, 0, exported)
    for hour in (1, 2, 3):
        show(street, "A", hour, 0)
    TwinKeeper(street.database, {"home": STREET}, HOUR).step()
    first, second = street.get("/grid/feeder/flows", OPERATOR).json()
    assert (first["start"], first["end"]) == ("2024-01-01T01:00:00Z", "2024-01-01T02:00:00Z")
    assert (first["is_broken"], first["measured"], first["supply_w"] < 0) == (False, 2, True)
    assert (second["is_broken"], second["highest_bus"]) == (True, "C")
    assert second["highest_bps"] > 11_000
    assert second["losses_w"] == 18_700 + second["supply_w"]
    (found,) = (each for each in alarms(street) if each["kind"] == "BUS_VOLTAGE")
    assert (found["subject"], found["limit"]) == ("C", 2540)
    assert found["value"] == round(2309.4 * second["highest_bps"] / 10_000)
    until = {"to": "2024-01-01T02:00:00Z", "from": "2024-01-01T01:00:00Z"}
    assert street.get("/grid/feeder/flows", OPERATOR, params=until).json() == [first]


def test_alarm__of_a_silent_meter__is_acknowledged_until_it_is_heard(street: Api) -> None:
    show(street, "A", 3, 10)
    street.exchange.market.go_to(MONDAY + 9 * HOUR)
    silent = {each["subject"]: each for each in alarms(street)}
    assert {*silent} == {device.address for device in DEVICES.values()}
    assert {each["kind"] for each in silent.values()} == {"SILENT"}
    mine = silent[DEVICES["A"].address]
    path = f"/grid/alarms/{mine['alarm']}/acknowledgement"
    known = street.post(path, None, OPERATOR).json()
    assert known["acknowledged_by"] == OPERATOR.address
    assert street.post(path, None, OPERATOR).json() == known
    assert known in alarms(street)
    show(street, "A", 8, 100)
    assert DEVICES["A"].address not in {each["subject"] for each in alarms(street)}
    assert street.post(path, None, OPERATOR).status_code == 404
    # Once more silent it is another alarm.
    street.exchange.market.go_to(MONDAY + 20 * HOUR)
    again = next(each for each in alarms(street) if each["subject"] == DEVICES["A"].address)
    assert again["acknowledged_by"] is None


def test_alarm__of_readings_that_do_not_count__counts_them(street: Api) -> None:
    show(street, "A", 1, 100)
    assert show(street, "A", 2, 50).status_code == 422
    (found,) = alarms(street)
    assert (found["kind"], found["subject"], found["value"]) == (
        "QUARANTINED",
        DEVICES["A"].address,
        1,
    )


def test_feeder__is_for_its_operator_alone(street: Api) -> None:
    for path in ("/grid/feeder", "/grid/feeder/flows", "/grid/alarms"):
        assert street.get(path).status_code == 401
        refused = street.get(path, street.exchange.traders[0])
        assert refused.status_code == 403
        assert "does not operate home" in refused.json()["detail"]
    market = street.exchange.market
    authority = market.roles[Role.GRID_AUTHORITY]
    market.do(authority, market.operators, "setOperatorAuthorization", OPERATOR.address, False)
    assert street.get("/grid/feeder", OPERATOR).status_code == 403
