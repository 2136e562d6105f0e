"""The commands about participants, meters and slots on a deployed market, each as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.terminal import AUTHORITY, REGISTRAR, STRANGER, Terminal, address
from tests.support.market import MONDAY

OWNER, OTHER = "local:10", "local:11"
# The first pays for its own transactions, the second signs what others bring in.
METER, SILENT, FRESH = "local:12", "local:40", "local:41"
WHO = {who: address(who) for who in (OWNER, OTHER, METER, SILENT, FRESH, STRANGER)}
HOUR = 3600
SLOT = MONDAY // HOUR
REGISTER = "meter register {} --key {} --region NORTH --power 10kW"


@pytest.fixture
def metered(terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal, an account with two meters and 20 dollars, and the first slot just over."""
    monkeypatch.chdir(tmp_path)
    terminal.does(OWNER, "money faucet --amount 20")
    terminal.does(OWNER, "money deposit --amount 20")
    for key in (METER, SILENT):
        terminal.does(REGISTRAR, REGISTER.format(OWNER, key))
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
        f"Bought 1 kWh of slot {SLOT} for 0.3 tUSD"
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
        f"account {address(OWNER)} producer 10 kWh in a slot, wind, reputation 100, active: yes"
        " declared 5 kWh for the running slot, 5 kWh in total"
        " storage 1 kWh of 6 kWh; charges 2 kWh, discharges 3 kWh in a slot"
    )
    assert terminal.shows(f"participant show {OTHER}") == (
        f"account {address(OTHER)} consumer up to 8 kWh in a slot, active: yes"
        " from the grid 1 kWh in the running slot, 1 kWh in total"
    )
    assert terminal.shows(f"participant show {STRANGER}").endswith("registered no")


def test_participant__deactivated_and_judged_by_the_authority(terminal: Terminal) -> None:
    for who, role in (
        (OWNER, "register-producer --type solar --capacity"),
        (OTHER, "register-consumer --limit"),
    ):
        terminal.does(who, f"participant {role} 10")
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
        " (--account safe:OWNER,OWNER)"
    )


def test_meter__registered_moved_replaced_and_revoked(terminal: Terminal) -> None:
    assert terminal.does(REGISTRAR, REGISTER.format(OWNER, METER)) == (
        f"Registered meter 1 ({address(METER)}) for {WHO[OWNER]} in NORTH, up to 10000 W"
    )
    assert terminal.refuses(f"{REGISTER.format(OWNER, METER)} --account {STRANGER}") == (
        f"{WHO[STRANGER]} may not do this: it is for the role METER_REGISTRAR"
        " (--account safe:OWNER,OWNER)"
    )
    shown = terminal.shows(f"meter show {METER}")
    assert shown == (
        f"meter 1, in NORTH, up to 10000 W key {address(METER)} account {address(OWNER)} active"
        " yes last reading none yet today 0 kWh produced, 0 kWh consumed"
    )
    assert terminal.answers(f"meter show {METER}")["latest"] is None
    assert terminal.does(REGISTRAR, f"meter assign {METER} {OTHER}") == (
        f"Assigned meter {WHO[METER]} to {WHO[OTHER]} from its next reading on"
    )
    assert terminal.does(REGISTRAR, f"meter replace {METER} --key {FRESH}") == (
        f"Replaced the key {WHO[METER]} of a meter by {address(FRESH)}"
    )
    (only,) = terminal.answers(f"meter list {OTHER}")["meters"]
    assert (only["key"], only["meter_id"], only["active"]) == (address(FRESH), 1, True)
    assert terminal.shows(f"meter list {OWNER}") == (
        "The account has no active meter. 0 kWh produced and 0 kWh consumed in total"
    )
    assert terminal.does(REGISTRAR, f"meter revoke {FRESH}") == (
        f"Revoked meter {WHO[FRESH]}: its readings are rejected for ever"
    )
    assert terminal.answers(f"meter list {OTHER}")["meters"] == []
    assert terminal.answers(f"meter show {FRESH}")["active"] is False
    assert terminal.refuses(f"meter show {OWNER}") == (
        f"{WHO[OWNER]} is not the key of a meter: energy-grid meter list"
        " ADDRESS lists those of an account"
    )


def test_meter__power_without_a_unit__is_refused(terminal: Terminal) -> None:
    command = REGISTER.format(OWNER, "local:8").replace("10kW", "10")
    refused = terminal.refuses(f"{command} --account {REGISTRAR}", code=2)
    assert "'10' has no unit: write 10kW, or 800W" in refused


def test_meter__submits_itself(metered: Terminal) -> None:
    submit = "meter submit --produced 1.25 --time 2024-01-01T01:00"
    assert metered.does(METER, submit) == (
        "Recorded 1.25 kWh produced and 0 kWh consumed up to 2024-01-01 01:00:00 UTC of"
        f" {WHO[METER]}, in slot {SLOT} (2024-01-01 00:00 to 01:00 UTC)"
    )
    assert metered.refuses(f"{submit} --account {METER}") == (
        f"SmartMeter: replayed (meter {WHO[METER]}, timestamp 2024-01-01 01:00:00 UTC)"
    )
    late = "meter submit --time 2024-01-01T05:00"
    assert metered.refuses(f"{late} --account {METER}").startswith(
        f"SmartMeter: from future (meter {WHO[METER]}, timestamp 2024-01-01 05:00:00 UTC, time 2024"
    )
    assert metered.refuses(f"meter submit --account {STRANGER}") == (
        f"SmartMeter: unknown meter (meter {WHO[STRANGER]})"
    )
    metered.market.go_to(MONDAY + HOUR + 600)
    # Now, by default; and what the grid is like.
    done = metered.does(METER, "meter submit --consumed 0.5 --frequency 49.9 --voltage 228.5")
    assert f", in slot {SLOT + 1} (2024-01-01 01:00 to 02:00 UTC)" in done
    newer, older = metered.answers(f"meter readings {METER}")
    assert older == {
        "meter_id": 1,
        "key": address(METER),
        "slot": SLOT,
        "timestamp": MONDAY + HOUR,
        "consumption": 0,
        "production": 1250,
        "grid_frequency": 5000,
        "voltage": 2300,
    }
    assert (newer["consumption"], newer["grid_frequency"], newer["voltage"]) == (500, 4990, 2285)
    assert MONDAY + HOUR + 600 <= newer["timestamp"] <= MONDAY + HOUR + 610
    assert metered.answers(f"meter readings {METER} --limit 1") == [newer]
    shown = metered.shows(f"meter readings {METER}")
    assert f"0 kWh 0.5 kWh 49.90 Hz 228.5 V {SLOT + 1} 2024-01-01 01:00:00 UTC 1.25 kWh" in shown
    assert metered.fits(f"meter readings {METER}")
    document = metered.answers(f"meter show {METER}")
    assert document["latest"] == {key: newer[key] for key in document["latest"]}
    assert document["today"] == {"produced": 1250, "consumed": 500}
    assert "grid then 49.90 Hz, 228.5 V" in metered.shows(f"meter show {METER}")
    history = metered.answers(f"meter history {METER}")
    assert len(history) == 30
    assert history[-1] == {
        "meter_id": 1,
        "key": address(METER),
        "day": "2024-01-01",
        "produced": 1250,
        "consumed": 500,
    }
    assert metered.shows(f"meter history {METER} --from 2024-01-01").endswith(
        "2024-01-01 1.25 kWh 0.5 kWh"
    )
    assert metered.shows(f"meter history {METER} --to 2023-12-31") == (
        "There is no reading of these days."
    )
    assert metered.refuses(f"meter history {METER} --from 2023-01-01", 2) == (
        "these are 366 days: at most 300 at once"
    )
    assert metered.fits(f"meter list {OWNER}")
    assert metered.shows(f"meter list {OWNER}").endswith(
        "1.25 kWh produced and 0.5 kWh consumed in total"
    )
    assert metered.shows(f"meter readings {SILENT}") == f"{WHO[SILENT]} has no reading yet."


def test_meter__signs_and_somebody_relays(metered: Terminal) -> None:
    sign = f"meter sign --account {SILENT} --consumed"
    assert metered.says(f"{sign} 1.5 --time 2024-01-01T00:30") == (
        "Signed 0 kWh produced and 1.5 kWh consumed up to 2024-01-01 00:30:00 UTC of"
        f" {WHO[SILENT]}; readings.json has 1 reading"
    )
    assert metered.says(f"{sign} 0.5 --time 2024-01-01T01:00").endswith("has 2 readings")
    signed = metered.answers(f"{sign} 0.5 --time 2024-01-01T01:00")
    assert signed == json.loads(Path("readings.json").read_text())[1]
    assert metered.does(STRANGER, "meter relay readings.json") == (
        "Recorded 2 readings of readings.json"
    )
    assert metered.answers(f"slot show {OWNER} {SLOT}")["consumed"] == 2000
    assert metered.does(STRANGER, "meter relay readings.json") == (
        "Recorded 0 readings of readings.json; skipped 2 older than the last recorded reading"
    )
    metered.says(f"{sign} 9 --time 2024-01-01T01:00 --out other.json")
    assert metered.does(STRANGER, "meter relay other.json").endswith(
        "skipped 1 older than the last recorded reading, 1 of them in conflict with the chain"
    )


def test_meter__relays_of_several_meters__no_call_has_two_readings_of_one(
    metered: Terminal,
) -> None:
    for meter, time in ((SILENT, "01:00"), (METER, "00:30"), (SILENT, "00:30"), (SILENT, "00:45")):
        metered.says(f"meter sign --account {meter} --consumed 0.1 --time 2024-01-01T{time}")
    planned = metered.plans(STRANGER, "meter relay readings.json")
    calls = [
        [(each["meter"], each["reading"]["timestamp"]) for each in call["arguments"]["readings"]]
        for call in planned["transactions"]
    ]
    half, third, full = MONDAY + 1800, MONDAY + 2700, MONDAY + HOUR
    assert calls == [
        [(address(METER), half), (address(SILENT), half)],
        [(address(SILENT), third)],
        [(address(SILENT), full)],
    ]
    assert metered.does(STRANGER, "meter relay readings.json") == (
        "Recorded 4 readings of readings.json"
    )


def test_meter__a_reading_that_is_refused__is_not_counted(metered: Terminal) -> None:
    for consumed, time in (("0.1", "00:30"), ("90000", "00:45")):
        metered.says(
            f"meter sign --account {SILENT} --consumed {consumed} --time 2024-01-01T{time}"
        )
    output = metered.shows(f"meter relay readings.json --account {STRANGER}", code=1)
    assert output.startswith("Recorded 1 reading of readings.json (transaction 0x")
    assert "1 done, 1 failed, 0 pending" in output


def test_meter__by_its_number__is_the_same(metered: Terminal) -> None:
    shown = metered.answers(f"meter show {METER}")
    assert metered.answers(f"meter show {shown['meter_id']}") == shown
    assert metered.answers(f"meter show {shown['key']}") == shown
    assert metered.answers(f"meter history {shown['meter_id']}") == (
        metered.answers(f"meter history {METER}")
    )
    assert metered.refuses("meter show 99") == "there is no meter 99: the market has 2 meters"


def test_meter__a_file_that_was_changed__is_refused(metered: Terminal, tmp_path: Path) -> None:
    metered.says(f"meter sign --account {SILENT} --consumed 1.5 --time 2024-01-01T01:00")
    file = tmp_path / "readings.json"
    (good,) = json.loads(file.read_text())

    def refused(**changes: object) -> str:
        file.write_text(json.dumps([good | changes]))
        refusal = metered.refuses(f"meter relay readings.json --account {STRANGER}", 2)
        return refusal.removeprefix("readings.json, reading 1: ")

    assert refused(consumedWh=1501) == f"the signature is not that of meter {address(SILENT)}"
    assert refused(consumedWh="1500") == "consumedWh is no whole number"
    assert refused(consumedWh=True) == "consumedWh is no whole number"
    assert refused(consumedWh=2**64) == "consumedWh is no whole number"
    assert refused(format=2) == "its format is not 1"
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


def test_slot__from_its_readings_to_its_closing(metered: Terminal) -> None:
    market = metered.market
    at_end = "--time 2024-01-01T01:00"
    metered.does(METER, f"meter submit --produced 1 {at_end}")
    metered.says(f"meter sign --consumed 1.5 {at_end} --account {SILENT}")
    before = metered.answers(f"slot show {OWNER} 2024-01-01T00:59")
    assert (before["slot"], before["state"], before["meters_read_at_end"]) == (SLOT, "OVER", 1)
    assert before["closing_now"]["minted"] == 1000
    metered.does(STRANGER, "meter relay readings.json")
    assert metered.answers(f"slot show {OWNER} {SLOT}") == {
        "account": address(OWNER),
        "slot": SLOT,
        "start": MONDAY,
        "end": MONDAY + HOUR,
        "readings_until": MONDAY + 2 * HOUR,
        "closable_from": MONDAY + 3 * HOUR,
        "produced": 1000,
        "consumed": 1500,
        "sold": 0,
        "bought": 0,
        "closed": False,
        "net": -500,
        "state": "OVER",
        "meters_read_at_end": 2,
        "meters": 2,
        "grid_price": 300_000,
        "closing": None,
        "closing_now": {
            "minted": 0,
            "burned": 0,
            "from_grid": 500,
            "cost": 150_000,
            "paid": 150_000,
        },
    }
    assert metered.shows(f"slot show {OWNER} {SLOT}") == (
        f"account {address(OWNER)} slot {SLOT}, 2024-01-01 00:00 to 01:00 UTC state is over;"
        " readings are still accepted metered 1 kWh produced, 1.5 kWh consumed traded 0 kWh sold,"
        " 0 kWh bought balance 0.5 kWh deficit read by 2 of 2 meters at its end grid price"
        " 0.3 tUSD/kWh readings are accepted until 2024-01-01 02:00:00 UTC closing from"
        " 2024-01-01 03:00:00 UTC on closing now 0.5 kWh bought from the grid for 0.15 tUSD"
    )
    assert metered.answers(f"slot show {OWNER}")["state"] == "RUNNING"
    assert metered.fits(f"slot show {OWNER}")
    assert metered.refuses(f"slot close {OWNER} {SLOT} --account {STRANGER}") == (
        f"Settlement: slot not closable (slot {SLOT}, closable at 2024-01-01 03:00:00 UTC)"
    )
    nothing = f"no slot of {WHO[OWNER]} can be closed now"
    assert metered.refuses(f"slot close {OWNER} --account {STRANGER}").startswith(nothing)
    market.go_to(MONDAY + 2 * HOUR)
    assert metered.answers(f"slot show {OWNER} {SLOT}")["state"] == "FINAL"
    market.go_to(MONDAY + 3 * HOUR - 2)
    assert metered.answers(f"slot show {OWNER} {SLOT}")["state"] == "FINAL"
    market.go_to(MONDAY + 3 * HOUR)
    assert metered.answers(f"slot show {OWNER} {SLOT}")["state"] == "CLOSABLE"
    assert metered.shows(f"slot list {OWNER}").endswith(f"{SLOT} 2024-01-01 00:00 1 1.5 open")
    assert metered.does(STRANGER, f"slot close {OWNER}") == (
        f"Closed 1 slot of {WHO[OWNER]}: 0.5 kWh bought from the grid for 0.15 tUSD"
    )
    assert metered.shows(f"slot show {OWNER} {SLOT}").endswith(
        "0.3 tUSD/kWh closed 0.5 kWh bought from the grid for 0.15 tUSD"
    )
    (only,) = metered.answers(f"slot list {OWNER}")
    assert only == {
        "slot": SLOT,
        "produced": 1000,
        "consumed": 1500,
        "sold": 0,
        "bought": 0,
        "closed": True,
        "minted": 0,
        "burned": 0,
        "from_grid": 500,
        "cost": 150_000,
        "paid": 150_000,
    }
    assert metered.shows(f"slot list {OWNER}").endswith("1 1.5 0.5 0.15 tUSD closed")
    assert metered.fits(f"slot list {OWNER}")
    assert metered.refuses(f"slot close {OWNER} {SLOT} --account {STRANGER}") == (
        f"Settlement: slot closed (account {WHO[OWNER]}, slot {SLOT})"
    )
    assert metered.refuses(f"slot close {OWNER} --account {STRANGER}").startswith(nothing)


def test_slot__surplus_and_deficit__mint_and_burn_energy_credits(metered: Terminal) -> None:
    market = metered.market
    metered.does(METER, "meter submit --produced 2 --time 2024-01-01T01:00")
    market.go_to(MONDAY + 2 * HOUR)
    metered.does(METER, "meter submit --consumed 0.75 --time 2024-01-01T02:00")
    market.go_to(MONDAY + 4 * HOUR)
    assert metered.does(STRANGER, f"slot close {OWNER} {SLOT}-{SLOT + 1}") == (
        f"Closed 2 slots of {WHO[OWNER]}: 2 kWh of energy credits minted,"
        " 0.75 kWh of energy credits burned"
    )
    assert metered.does(STRANGER, f"slot close {OWNER} {SLOT}-{SLOT + 1}") == (
        f"Closed 0 slots of {WHO[OWNER]}: nothing changes; 2 had been closed before"
    )
    newer, older = metered.answers(f"slot list {OWNER} --from 2024-01-01 --to 2024-01-01")
    assert (older["minted"], newer["burned"]) == (2000, 750)
    found = metered.answers(f"slot show {OWNER} {SLOT}")
    assert found["closing"] == {"minted": 2000} | dict.fromkeys(
        ("burned", "from_grid", "cost", "paid"), 0
    )
    assert "closing_now" not in found
    assert "closed 2 kWh of energy credits minted" in metered.shows(f"slot show {OWNER} {SLOT}")
    assert metered.shows(f"slot list {OWNER} --to 2023-12-31") == (
        "This account has no energy in the slots of these days."
    )
    assert metered.refuses(f"slot list {OWNER} --from 2020-01-01 --to 2023-12-31", 2) == (
        "these are 1461 days: at most 400 at once"
    )
