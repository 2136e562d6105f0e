"""Meters over HTTP: what they send, and what their account is shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from energy_grid.chain.accounts import Account
from energy_grid.contracts.smart_meter import MeterReading
from energy_grid.market.reading_file import document_of
from tests.integration.backend.api.conftest import Api
from tests.integration.conftest import OWNERS
from tests.support.market import MONDAY

DEVICE, STRANGER = Account.local(17), Account.local(18)
HOUR = 3600


@dataclass
class Street:
    """A holder with a meter of 5 kW, whose device sends by HTTP."""

    api: Api
    holder: Account

    def document(self, time: int, imported: int, exported: int = 0, key: Account = DEVICE) -> Any:
        reading = MeterReading(
            timestamp=time,
            consumption=imported,
            production=exported,
            grid_frequency=5000,
            voltage=2300,
        )
        grid = self.api.exchange.grid
        return document_of(grid.sign_reading(key, reading), grid.meter_domain)

    def send(self, time: int, imported: int, exported: int = 0, key: Account = DEVICE) -> Any:
        return self.api.post("/meters/reading", self.document(time, imported, exported, key))

    def get(self, part: str, **query: Any) -> Any:
        found = self.api.get(f"/meters/{DEVICE.address}/{part}", self.holder, params=query)
        assert found.status_code == 200, found.text
        return found.json()


@pytest.fixture
def street(api: Api) -> Street:
    exchange = api.exchange
    holder, grid = exchange.traders[0], exchange.grid
    registrar = grid.acting_safe(OWNERS)
    grid.register_meter(registrar, DEVICE, holder, region="home", rated_power=5000).execute()
    exchange.market.go_to(MONDAY + 3 * HOUR + 1)
    while not api.indexer.step():
        pass
    return Street(api, holder)


def iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def test_reading__signed_by_its_meter__counts_once(street: Street) -> None:
    first = street.send(MONDAY + HOUR, 100)
    assert (first.status_code, first.json()) == (201, {"state": "COUNTED"})
    again = street.send(MONDAY + HOUR, 100)
    assert (again.status_code, again.json()) == (200, {"state": "DUPLICATE"})
    (shown,) = street.get("history")["items"]
    assert shown == {
        "time": iso(MONDAY + HOUR),
        "import_wh": 100,
        "export_wh": 0,
        "voltage_decivolts": 2300,
        "frequency_centihertz": 5000,
    }


def test_energy__is_what_registers_rose_between_ends_of_slots(street: Street) -> None:
    street.send(MONDAY, 2**48 - 50, 10)
    # Within a slot: it is history, and no bound.
    street.send(MONDAY + 1000, 2**48 - 20, 10)
    street.send(MONDAY + HOUR, 70, 10)
    # The reading between is missing.
    street.send(MONDAY + 3 * HOUR, 500, 40)
    assert len(street.get("history")["items"]) == 4
    used = street.get("consumption")
    spans = [(each["start"], each["end"], each["energy_wh"]) for each in used["spans"]]
    assert spans == [
        (iso(MONDAY), iso(MONDAY + HOUR), 120),
        (iso(MONDAY + HOUR), iso(MONDAY + 3 * HOUR), 430),
    ]
    assert used["energy_wh"] == 550
    assert street.get("production")["energy_wh"] == 30
    part = street.get("consumption", **{"from": iso(MONDAY + HOUR)})
    assert part["energy_wh"] == 430


def test_reading__that_does_not_count__is_told_and_shown(street: Street) -> None:
    street.send(MONDAY + HOUR, 100)
    refused = street.send(MONDAY + 2 * HOUR, 50)
    assert refused.status_code == 422
    assert refused.json()["type"].endswith(":reading-quarantined")
    assert "BACKWARDS: registers fall" in refused.json()["detail"]
    jump = street.send(MONDAY + 2 * HOUR, 100_000)
    assert "JUMP" in jump.json()["detail"]
    shown = street.get("quarantine")["items"]
    assert {each["reason"] for each in shown} == {"BACKWARDS", "JUMP"}
    (meter,) = street.api.get("/meters", street.holder).json()["items"]
    assert (meter["id"], meter["quarantined"]) == (DEVICE.address, 2)
    assert (meter["region"], meter["rated_power_w"], meter["is_settlement"]) == ("home", 5000, True)
    assert meter["newest_at"] == iso(MONDAY + HOUR)


def test_reading__that_no_meter_has_signed__is_kept_nowhere(street: Street) -> None:
    stranger = street.send(MONDAY + HOUR, 100, key=STRANGER)
    assert (stranger.status_code, "UNKNOWN_METER" in stranger.json()["detail"]) == (422, True)
    forged = street.document(MONDAY + HOUR, 100, key=STRANGER) | {"meter": DEVICE.address}
    assert "WRONG_KEY" in street.api.post("/meters/reading", forged).json()["detail"]
    assert street.get("quarantine")["items"] == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("importWh", 2**48),
        ("importWh", 1.5),
        ("importWh", "100"),
        ("importWh", True),
        ("timestamp", -1),
        ("voltageDecivolts", 2**14),
        ("signature", "0x12"),
        ("meter", "0x12"),
        ("format", 1),
    ],
)
def test_reading__with_a_wrong_value__names_it(street: Street, field: str, value: Any) -> None:
    document = street.document(MONDAY + HOUR, 100) | {field: value}
    refused = street.api.post("/meters/reading", document)
    assert (refused.status_code, refused.json()["field"]) == (422, field)


def test_reading__for_another_market__is_refused(street: Street) -> None:
    document = street.document(MONDAY + HOUR, 100) | {"chainId": 5}
    refused = street.api.post("/meters/reading", document)
    assert refused.status_code == 422
    assert "on chain 5" in refused.json()["detail"]


def test_meters__of_others__are_not_there(street: Street) -> None:
    street.send(MONDAY + HOUR, 100)
    other = street.api.exchange.traders[1]
    for part in ("history", "consumption", "production", "quarantine"):
        found = street.api.get(f"/meters/{DEVICE.address}/{part}", other)
        assert found.status_code == 404
        unknown = street.api.get(f"/meters/{STRANGER.address}/{part}", street.holder)
        assert unknown.json() == found.json()
    assert street.api.get("/meters", other).json()["items"] == []


def test_history__erased__is_gone_but_for_what_open_days_need(street: Street) -> None:
    for hour in range(3):
        street.send(MONDAY + hour * HOUR, 100 * hour)
    headers = street.api._headers(street.holder)
    found = street.api.client.delete(f"/api/v1/meters/{DEVICE.address}/history", headers=headers)
    # No day of it is closed.
    assert found.json() == {"erased": 0, "oldest": iso(MONDAY)}


def test_proof__of_a_day_without_one__says_so(street: Street) -> None:
    account = street.holder.address
    found = street.api.get(f"/accounts/{account}/proof?day=2024-01-02", street.holder)
    assert found.status_code == 404
    assert "no gateway has anchored 2024-01-02" in found.json()["detail"]
