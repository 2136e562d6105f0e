"""The commands about participants, meters and slots on a deployed market, each as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from energy_grid.backend.meter_gateway.broker import EmbeddedBroker
from energy_grid.cli.main import main
from tests.integration.terminal import AUTHORITY, REGISTRAR, STRANGER, Terminal, address
from tests.support.brokers import free_port
from tests.support.market import MONDAY

OWNER, OTHER = "local:10", "local:11"
# The first pays for its own transactions, the second signs what others bring in.
METER, SILENT, FRESH = "local:12", "local:40", "local:41"
WHO = {who: address(who) for who in (OWNER, OTHER, METER, SILENT, FRESH, STRANGER)}
HOUR = 3600
SLOT = MONDAY // HOUR
REGISTER = "meter register {0} --key {1} --region home --power 10kW --holder {0}"


@pytest.fixture
def metered(terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal, an account with two meters and 20 dollars, and the first slot just over."""
    monkeypatch.chdir(tmp_path)
    terminal.does(OWNER, "money faucet --amount 20")
    terminal.does(OWNER, "money deposit --amount 20")
    terminal.does(REGISTRAR, REGISTER.format(OWNER, METER))
    terminal.does(REGISTRAR, f"{REGISTER.format(OWNER, SILENT)} --sub-meter")
    terminal.market.go_to(MONDAY + HOUR)
    return terminal


def test_participant__registers_and_declares(terminal: Terminal) -> None:
    assert terminal.shows("participant list") == "There is no registered account yet."
    producer = "participant register-producer --capacity 10 --type wind"
    assert terminal.does(OWNER, producer) == f"Registered {WHO[OWNER]} to produce 10 kWh in a slot"
    assert terminal.does(OTHER, "participant register-consumer --limit 8") == (
        f"Registered {WHO[OTHER]} to consume 8 kWh in a slot"
    )
    storage = "participant register-storage --capacity 6 --charge 2 --discharge 3"
    assert terminal.does(OWNER, storage) == f"Registered a storage of 6 kWh of {WHO[OWNER]}"
    assert terminal.does(OWNER, "participant report --amount 5") == (
        f"Declared 5 kWh of {WHO[OWNER]} for slot {SLOT}"
    )
    terminal.does(OTHER, "money faucet --amount 5")
    terminal.does(OTHER, "money deposit --amount 5")
    assert terminal.does(OTHER, "participant consume --amount 1") == (
        f"Locked 0.3 tUSD for 1 kWh of slot {SLOT}"
    )
    assert terminal.does(OWNER, "participant charge --amount 1.5") == (
        "Charged 1.5 kWh: the storage holds 1.5 kWh"
    )
    assert terminal.does(OWNER, "participant discharge --amount 0.5") == (
        "Discharged 0.5 kWh: the storage holds 1 kWh"
    )
    assert terminal.refuses(f"participant charge --amount 1 --account {OWNER}") == (
        "GridManagement: above limit (amount 1 kWh, left 0.5 kWh)"
    )
    assert terminal.answers(f"participant show {OWNER}") == {
        "account": address(OWNER),
        "producer": {
            "capacity": 10_000,
            "current_production": 5000,
            "total_produced": 5000,
            "energy_type": "WIND",
            "active": True,
            "reputation": 100,
            "confirmation": "NONE",
        },
        "consumer": None,
        "storage": {
            "capacity": 6000,
            "stored_amount": 1000,
            "charge_rate": 2000,
            "discharge_rate": 3000,
        },
    }
    assert terminal.shows(f"participant show {OWNER}") == (
        f"account {address(OWNER)} producer 10 kWh in a slot, wind, reputation 100, active: yes,"
        " not confirmed"
        " declared 5 kWh for the running slot, 5 kWh in total"
        " storage 1 kWh of 6 kWh; charges 2 kWh, discharges 3 kWh in a slot"
    )
    assert terminal.shows(f"participant show {OTHER}") == (
        f"account {address(OTHER)} consumer up to 8 kWh in a slot, active: yes, not confirmed"
        " from the grid 1 kWh in the running slot, 1 kWh in total"
    )
    assert terminal.shows(f"participant show {STRANGER}").endswith("registered no")


def test_participant__deactivated_and_judged_by_the_authority(terminal: Terminal) -> None:
    for who, role in (
        (OWNER, "register-producer --type solar --capacity"),
        (OTHER, "register-consumer --limit"),
    ):
        terminal.does(who, f"participant {role} 10")
    assert terminal.does(AUTHORITY, f"participant confirm {OWNER} producer") == (
        f"Confirmed {WHO[OWNER]} as a producer"
    )
    assert terminal.does(AUTHORITY, f"participant deactivate {OWNER} producer") == (
        f"Deactivated {WHO[OWNER]} as a producer"
    )
    assert terminal.does(AUTHORITY, f"participant deactivate {OTHER} consumer") == (
        f"Deactivated {WHO[OTHER]} as a consumer"
    )
    terminal.does(AUTHORITY, f"participant reactivate {OTHER} consumer")
    assert terminal.does(AUTHORITY, f"participant score {OWNER} 80") == (
        f"The reputation of {WHO[OWNER]} is 80 of 100"
    )
    consumer, producer = terminal.answers("participant list")
    assert (consumer["account"], consumer["consumer"]["active"]) == (address(OTHER), True)
    assert producer["account"] == address(OWNER)
    assert (producer["producer"]["active"], producer["producer"]["reputation"]) == (False, 80)
    (newest,) = terminal.answers("participant list --limit 1")
    assert newest == consumer
    shown = terminal.shows("participant list")
    assert f"{address(OTHER)} 10 kWh {address(OWNER)} 10 kWh (ended) 80" in shown
    assert terminal.fits("participant list")
    assert terminal.refuses(f"participant score {OWNER} 80 --account {STRANGER}") == (
        f"{WHO[STRANGER]} may not do this: it is for the role GRID_AUTHORITY"
        " (the authority's Safe: --account safe:OWNER,OWNER)"
    )


def test_meter__registered_rotated_and_revoked(terminal: Terminal) -> None:
    for who in (OWNER, OTHER):
        terminal.does(who, "money faucet --amount 20")
        terminal.does(who, "money deposit --amount 20")
    assert terminal.does(REGISTRAR, REGISTER.format(OWNER, METER)) == (
        f"Registered settlement meter 1 ({address(METER)}) for {WHO[OWNER]} in home, up to 10000 W"
    )
    assert terminal.refuses(f"{REGISTER.format(OTHER, SILENT)} --account {STRANGER}") == (
        f"{WHO[STRANGER]} may not do this: it is for the role METER_REGISTRAR"
        " (the registrar's Safe: --account safe:OWNER,OWNER)"
    )
    assert terminal.shows(f"meter show {METER}") == (
        f"meter 1, settlement meter in home, up to 10000 W key {address(METER)} account"
        f" {address(OWNER)} active yes read to 2024-01-01 00:00:00 UTC last reading none yet today"
        " 0 kWh imported, 0 kWh exported billed from 2024-01-02 on"
    )
    assert terminal.answers(f"meter show {METER}")["latest"] is None
    rotate = f"meter rotate {METER} --key {FRESH}"
    assert terminal.refuses(f"{rotate} --account {REGISTRAR}", 2) == (
        "name who agrees: --holder or --old-key; or make a draft for them to sign"
    )
    assert terminal.does(REGISTRAR, f"{rotate} --holder {OWNER}") == (
        f"Replaced the key of meter 1: {WHO[FRESH]} goes on for {WHO[METER]}"
    )
    (only,) = terminal.answers(f"meter list {OWNER}")["meters"]
    assert (only["key"], only["meter_id"], only["active"]) == (address(FRESH), 1, True)
    assert terminal.shows(f"meter list {OTHER}") == (
        "The account has no active meter. In all 0 kWh imported and 0 kWh exported; behind the"
        " meter 0 kWh consumed and 0 kWh produced"
    )
    assert terminal.does(REGISTRAR, f"meter revoke {FRESH}") == (
        f"Detached meter {WHO[FRESH]}: its readings count until 2024-01-02 begins"
    )
    terminal.does(REGISTRAR, f"{REGISTER.format(OWNER, SILENT)} --sub-meter")
    assert terminal.does(REGISTRAR, f"meter revoke {SILENT}") == (
        f"Revoked meter {WHO[SILENT]}: its readings are rejected for ever"
    )
    (only,) = terminal.answers(f"meter list {OWNER}")["meters"]
    assert (only["key"], only["end_day"]) == (address(FRESH), MONDAY // (24 * HOUR) + 1)
    assert terminal.answers(f"meter show {SILENT}")["active"] is False
    assert terminal.refuses(f"meter show {OWNER}") == (
        f"{WHO[OWNER]} is not the key of a meter: energy-grid meter list"
        " ADDRESS lists those of an account"
    )


def test_meter__power_without_a_unit__is_refused(terminal: Terminal) -> None:
    command = REGISTER.format(OWNER, "local:8").replace("10kW", "10")
    refused = terminal.refuses(f"{command} --account {REGISTRAR}", code=2)
    assert "'10' has no unit: write 10kW, or 800W" in refused


def test_meter__submits_itself(metered: Terminal) -> None:
    submit = "meter submit --import 0.5 --export 1.25 --time 2024-01-01T01:00"
    assert metered.does(METER, submit) == (
        "Recorded 0.5 kWh of import and 1.25 kWh of export at 2024-01-01 01:00:00 UTC of"
        f" {WHO[METER]}, which ends slot {SLOT} (2024-01-01 00:00 to 01:00 UTC)"
    )
    assert metered.refuses(f"{submit} --account {METER}") == (
        f"SmartMeter: replayed (meter {WHO[METER]}, timestamp 2024-01-01 01:00:00 UTC)"
    )
    late = "meter submit --import 1 --time 2024-01-01T05:00"
    assert metered.refuses(f"{late} --account {METER}").startswith(
        f"SmartMeter: from future (meter {WHO[METER]}, timestamp 2024-01-01 05:00:00 UTC, time 2024"
    )
    assert metered.refuses(f"meter submit --import 1 --account {STRANGER}").startswith(
        f"SmartMeter: unknown meter (meter {WHO[STRANGER]})"
    )
    (only,) = metered.answers(f"meter readings {METER}")
    assert only == {
        "meter_id": 1,
        "key": address(METER),
        "timestamp": MONDAY + HOUR,
        "consumption": 500,
        "production": 1250,
        "grid_frequency": 5000,
        "voltage": 2300,
    }
    assert metered.answers(f"meter show {METER}")["today"] == {"imported": 500, "exported": 1250}
    assert metered.shows(f"meter history {METER} --from 2024-01-01").endswith(
        "2024-01-01 0.5 kWh 1.25 kWh"
    )
    assert metered.shows(f"meter history {METER} --to 2023-12-31") == (
        "There is no reading of these days."
    )
    assert metered.refuses(f"meter history {METER} --from 2023-01-01", 2) == (
        "these are 366 days: at most 300 at once"
    )
    assert metered.fits(f"meter list {OWNER}")
    assert metered.fits(f"meter readings {METER}")
    assert metered.shows(f"meter readings {SILENT}") == f"{WHO[SILENT]} has no reading yet."


def test_meter__signs_and_somebody_relays(metered: Terminal) -> None:
    sign = f"meter sign --account {SILENT} --import"
    assert metered.says(f"{sign} 1.5 --time 2024-01-01T00:30") == (
        "Signed 1.5 kWh of import and 0 kWh of export at 2024-01-01 00:30:00 UTC of"
        f" {WHO[SILENT]}; readings.json has 1 reading"
    )
    assert metered.says(f"{sign} 2 --time 2024-01-01T01:00").endswith("has 2 readings")
    signed = metered.answers(f"{sign} 2 --time 2024-01-01T01:00")
    assert signed == json.loads(Path("readings.json").read_text())[1]
    assert metered.does(STRANGER, "meter relay readings.json") == (
        "Recorded 2 readings of readings.json"
    )
    assert metered.answers(f"meter list {OWNER}")["consumed"] == 2000
    again = metered.does(STRANGER, "meter relay readings.json")
    assert again.startswith("Recorded 0 readings of readings.json; skipped 2, 1 of them: SmartMet")
    metered.says(f"{sign} 9 --time 2024-01-01T01:00 --out other.json")
    assert "SmartMeter: conflicting" in metered.does(STRANGER, "meter relay other.json")


def test_meter__by_its_number__is_the_same(metered: Terminal) -> None:
    shown = metered.answers(f"meter show {METER}")
    assert metered.answers(f"meter show {shown['meter_id']}") == shown
    assert metered.answers(f"meter show {shown['key']}") == shown
    assert metered.answers(f"meter history {shown['meter_id']}") == (
        metered.answers(f"meter history {METER}")
    )
    assert metered.refuses("meter show 99") == "there is no meter 99: the market has 2 meters"


def test_meter__a_file_that_was_changed__is_refused(metered: Terminal, tmp_path: Path) -> None:
    metered.says(f"meter sign --account {SILENT} --import 1.5 --time 2024-01-01T01:00")
    file = tmp_path / "readings.json"
    (good,) = json.loads(file.read_text())

    def refused(**changes: object) -> str:
        file.write_text(json.dumps([good | changes]))
        refusal = metered.refuses(f"meter relay readings.json --account {STRANGER}", 2)
        return refusal.removeprefix("readings.json, reading 1: ")

    assert refused(importWh=1501) == f"the signature is not that of meter {address(SILENT)}"
    assert refused(importWh="1500") == "importWh is no whole number"
    assert refused(importWh=True) == "importWh is no whole number"
    assert refused(importWh=2**64) == "importWh is no whole number"
    assert refused(format=1) == "its format is not 2"
    assert refused(chainId=1).startswith("it is for 0x")
    assert refused(contract=address(OWNER)).startswith(f"it is for {address(OWNER)} on chain 31337")
    assert refused(meter="0x12") == "meter is no address"
    assert refused(signature=good["signature"][:-2]) == (
        "signature must be 64 bytes in hexadecimal digits"
    )
    for content, says in (
        ("[]", "readings.json has no reading: add one with energy-grid meter sign"),
        ("[1]", "readings.json, reading 1: a signed reading is a JSON object"),
        ("{}", "readings.json is no list of signed readings"),
        ("{", "readings.json is no JSON"),
    ):
        file.write_text(content)
        assert metered.refuses(f"meter relay readings.json --account {STRANGER}", 2) == says
    assert metered.refuses(f"meter relay none.json --account {STRANGER}", 2) == (
        "cannot read none.json: No such file or directory"
    )


def test_simulate__on_a_local_chain__registers_and_publishes(
    terminal: Terminal, tmp_path: Path
) -> None:
    broker, heard = EmbeddedBroker(tmp_path), list[str]()
    listener = Client(CallbackAPIVersion.VERSION2)
    listener.on_message = lambda *told: heard.append(told[2].topic)
    listener.connect("127.0.0.1", broker.port)
    listener.subscribe("energy-grid/#", qos=1)
    listener.loop_start()
    simulate = f"meter simulate --devices 2 --hours 1 --folder {tmp_path}"
    first, second = terminal.answers(simulate), terminal.answers(simulate)
    assert (first["registered"], first["messages"]) == (2, 4)
    assert (second["registered"], second["messages"], second["unknown"]) == (0, 4, 0)
    while len(heard) < 8:
        listener.loop_misc()
    listener.loop_stop()
    listener.disconnect()
    broker.stop()
    assert len({*heard}) == 2
    assert all(each.endswith("/reading") for each in heard)


def test_prove__what_is_no_invitation__says_so(capsys: pytest.CaptureFixture[str]) -> None:
    # What it does with one is tested in front of the pages (test_enrolment.py).
    closed = f"http://127.0.0.1:{free_port()}"
    for typed, said in (
        (f"meter prove {closed} --key {METER}", "is no address of an invitation"),
        (f"meter prove {closed}/enrol/{'0' * 32} --key nobody", "nobody"),
        (f"meter prove {closed}/enrol/{'0' * 32} --key {METER}", "does not answer"),
    ):
        assert main(typed.split()) != 0
        out, err = capsys.readouterr()
        assert out == ""
        assert said in err
        assert err.count("\n") == 1
