"""The commands of operators, grid and oracles on a deployed market, each as it is typed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from energy_grid.chain.rpc.anvil import Anvil
from tests.integration.terminal import (
    AUTHORITY,
    GUARDIAN,
    OPERATOR,
    REPORTERS,
    STRANGER,
    Terminal,
    address,
)
from tests.support.market import MONDAY

COLLEAGUE = "local:14"
SEPOLIA, NOBODY = 11_155_111, "0x" + "1" * 40
REGISTER = "operator register 'Village Grid' village --capacity 2MW"
NAME = f"Village Grid ({address(OPERATOR)})"


def colleague(terminal: Terminal) -> None:
    """Another operator of the village, verified and trusted."""
    terminal.does(COLLEAGUE, REGISTER)
    terminal.does(AUTHORITY, f"operator verify {COLLEAGUE}")
    terminal.does(AUTHORITY, f"operator score {COLLEAGUE} 100")


def test_operator__from_registration_to_revocation(terminal: Terminal) -> None:
    assert terminal.does(OPERATOR, REGISTER) == f"Registered {NAME} for village with 2000 kW"
    assert "status registered" in terminal.shows(f"operator show {OPERATOR}")
    verified = terminal.does(AUTHORITY, f"operator verify {address(OPERATOR)}")
    assert verified == f"Verified {NAME}, village"
    scored = terminal.does(AUTHORITY, f"operator score {OPERATOR} 70")
    assert scored == f"Scored {NAME}, village 70 of 100: level operate"
    record = terminal.answers(f"operator show {OPERATOR}")
    assert record.pop("registered_at") >= MONDAY
    assert record == {
        "address": address(OPERATOR),
        "name": "Village Grid",
        "region": "village",
        "capacity": 2000,
        "score": 70,
        "status": "VERIFIED",
        "authorized": True,
        "level": "OPERATE",
        "demand_response": False,
    }
    shown = terminal.shows(f"operator show {OPERATOR}")
    for fact in ("status verified", "capacity 2000 kW", "score 70 of 100", "2024-01-01 00:00"):
        assert fact in shown
    (listed,) = terminal.answers("operator list")
    assert (listed["address"], listed["name"]) == (address(OPERATOR), "Village Grid")
    row = f"{address(OPERATOR)} Village Grid village 2000 kW 70 verified"
    assert row in terminal.shows("operator list")
    suspended = terminal.does(AUTHORITY, f"operator suspend {OPERATOR}")
    assert suspended == f"Suspended {NAME}, village"
    assert "status suspended" in terminal.shows(f"operator show {OPERATOR}")
    load = "grid load report village --capacity 5kW --demand 4"
    assert terminal.refuses(f"{load} --account {OPERATOR}") == (
        f"GridOperatorVerification: not authorized (operator {address(OPERATOR)}, region village):"
        " energy-grid operator show shows its status; the grid authority can verify or authorize it"
    )
    authorized = terminal.does(AUTHORITY, f"operator authorize {OPERATOR}")
    assert authorized == f"Authorized {NAME}, village"
    terminal.does(OPERATOR, load)
    revoked = terminal.does(AUTHORITY, f"operator revoke {OPERATOR}")
    assert revoked == f"Revoked the verification of {NAME}, village"
    assert "status revoked" in terminal.shows(f"operator show {OPERATOR}")
    assert terminal.shows(f"operator show {STRANGER}").endswith("status none")


def test_operator__who_lacks_the_role__reads_which(operated: Terminal) -> None:
    assert operated.refuses(f"operator revoke {OPERATOR} --account {OPERATOR}") == (
        f"{address(OPERATOR)} may not do this: it is for the role GRID_AUTHORITY"
        " (the authority's Safe: --account safe:OWNER,OWNER)"
    )
    # Not even for an owner of the Safe.
    assert "it is for the role GRID_AUTHORITY" in operated.refuses(
        f"operator revoke {OPERATOR} --account local:20"
    )


def test_load__reported_and_read(operated: Terminal) -> None:
    none = operated.refuses("grid load show village")
    assert none == (
        "LoadMonitoring: no report (region village): energy-grid grid load report adds one"
    )
    empty = operated.shows("grid load history village")
    assert empty == "No report of the load of village."
    for demand, printed in (
        ("300", "300 of 1000 kW (30 %, low)"),
        ("0.95MW", "950 of 1000 kW (95 %, critical)"),
    ):
        line = operated.does(OPERATOR, f"grid load report village --capacity 1MW --demand {demand}")
        assert line == f"Reported the load of village: {printed}"
    now = operated.answers("grid load show village")
    assert (now["region"], now["demand"], now["percentage"]) == ("village", 950, 95)
    assert now["status"] == "CRITICAL"
    shown = operated.shows("grid load show village")
    assert "status critical demand 950 kW capacity 1000 kW load 95 % reported 2024-01-01" in shown
    (older,) = operated.answers("grid load history village --limit 1 --offset 1")
    assert older["demand"] == 300


def test_balancing__opened_completed_cancelled_expired(operated: Terminal) -> None:
    capacity = "grid capacity set village --max 1MW --running 600kW --reserve 100"
    assert operated.does(OPERATOR, capacity) == (
        "Set village to 1000 kW installed, 600 kW running, 100 kW in reserve"
    )
    too_much = "grid balance open village increase-generation --target 301kW"
    assert operated.refuses(f"{too_much} --account {OPERATOR}") == (
        "BalancingCoordination: above available (region village, action type INCREASE_GENERATION,"
        " target 301 kW, available 300 kW)"
    )
    opened = operated.does(
        OPERATOR, "grid balance open village INCREASE_GENERATION --target 300kW --priority 2"
    )
    assert opened.startswith(
        "Opened action 1 in village: increase-generation by 300 kW, priority 2, until 2024-01-01 01"
    )
    operated.does(OPERATOR, "grid balance open village decrease-generation --target 50")
    first, second = operated.answers("grid balance list village")
    assert (first["action_id"], first["action_type"]) == (1, "INCREASE_GENERATION")
    assert (second["target"], second["priority"], second["automated"]) == (50, 3, False)
    listed = operated.shows("grid balance list village")
    assert f"1 increase-generation 300 kW open 2 {address(OPERATOR)} no" in listed
    available = operated.answers("grid capacity show village")["available"]
    assert available["INCREASE_GENERATION"] == 0
    assert available["DECREASE_GENERATION"] == 550
    assert "reserve-activation 100 kW" in operated.shows("grid capacity show village")
    assert operated.does(OPERATOR, "grid balance complete 1") == (
        "Completed action 1 in village: increase-generation by 300 kW"
    )
    assert operated.does(OPERATOR, "grid balance cancel 2") == (
        "Cancelled action 2 in village: decrease-generation by 50 kW; the score of"
        f" {address(OPERATOR)} is 95"
    )
    assert operated.shows("grid balance list village") == "No open actions in village."
    operated.does(OPERATOR, "grid balance open village reserve-activation --target 5kW")
    early = operated.refuses(f"grid balance expire 3 --account {STRANGER}")
    assert early.startswith("BalancingCoordination: not due (id 3, deadline 2024-01-01 01:")
    operated.market.go_to(operated.answers("grid balance show 3")["deadline"] + 1)
    assert operated.does(STRANGER, "grid balance expire 3") == (
        "Expired action 3 in village: reserve-activation by 5 kW; the score of"
        f" {address(OPERATOR)} is 90"
    )
    every = operated.answers("grid balance list village --all")
    assert [each["status"] for each in every] == ["EXPIRED", "CANCELLED", "COMPLETED"]
    assert "status expired" in operated.shows("grid balance show 3")


def test_bands__of_a_region__set_by_name_or_from_a_file(operated: Terminal, tmp_path: Path) -> None:
    usual = operated.shows("grid stability bands home")
    assert "nominal 50.00 Hz 230 V normal 49.50 Hz to 50.50 Hz 95 % to 105 %" in usual
    assert operated.does(AUTHORITY, "grid stability set-bands home north-america") == (
        "home has 60.00 Hz and 120 V now; energy-grid grid stability bands home shows the rest"
    )
    document = operated.answers("grid stability bands home")
    assert document["frequency"]["emergency_high"] == 6_120
    document["frequency"]["normal_low"] = 5_995
    file = tmp_path / "bands.json"
    file.write_text(json.dumps(document))
    refused = operated.refuses(f"grid stability set-bands home {file} --account {AUTHORITY}")
    assert refused == (
        "GridBands: each band encloses the one before; to both sides, NORMAL reaches at least"
        " 0.1 % of the frequency and 5 % of the voltage, EMERGENCY 1 % and 10 % (name frequency,"
        " band (5995, 6006, 5980, 6020, 5850, 6120))"
    )
    document["frequency"]["normal_low"] = 5_990
    file.write_text(json.dumps(document))
    operated.does(AUTHORITY, f"grid stability set-bands home {file}")
    assert operated.answers("grid stability bands home") == document
    assert operated.refuses(f"grid stability set-bands home mars --account {AUTHORITY}", 2) == (
        "mars is no file, and none of default, europe, north-america: energy-grid grid stability"
        " bands REGION --json prints what a file has"
    )
    for content, why in (
        ("[]", "bands have whole numbers called nominal_frequency, nominal_voltage"),
        ('{"nominal_frequency": 5000, "nominal_voltage": 2300}', "whole numbers called normal_low"),
        ("{", "is no JSON"),
    ):
        file.write_text(content)
        assert why in operated.refuses(
            f"grid stability set-bands home {file} --account {AUTHORITY}", 2
        )


def test_stability__a_dip_opens_an_action_and_an_emergency_until_it_is_resolved(
    operated: Terminal,
) -> None:
    shown = operated.shows("grid stability show village")
    assert shown == "emergency none measured not yet No automated response is configured."
    operated.does(OPERATOR, "grid capacity set village --max 1MW --running 600 --reserve 100")
    configure = "grid stability configure low-frequency"
    reserve = operated.does(OPERATOR, f"{configure} reserve-activation --adjust 50kW")
    assert reserve == (
        "Configured village: reserve-activation by 50 kW on low-frequency, priority 1"
    )
    operated.does(OPERATOR, f"{configure} restore-load --adjust 5kW --priority 2")
    measure = "grid stability report village"
    calm = operated.does(OPERATOR, f"{measure} --frequency 49.98 --voltage 99%")
    assert calm == "Reported village: 49.98 Hz, 99 %: normal"
    dip = operated.does(OPERATOR, f"{measure} --frequency 47.4 --voltage 97 --phase -3")
    assert dip.startswith(
        "Reported village: 47.40 Hz, 97 %: critical; opened action 1: reserve-activation by 50 kW;"
        " no restore-load (BalancingCoordination: above available (region village, action type"
        " RESTORE_LOAD, target 5 kW, available 0 kW)); an emergency needs a second operator until"
        " 2024-01-01 00:15"
    )
    waiting = operated.answers("grid stability show village")
    assert (waiting["emergency"], waiting["voice"]["operator"]) == (False, address(OPERATOR))
    waits = f"emergency none critical says {address(OPERATOR)}, until 2024-01-01 00:15"
    assert waits in operated.shows("grid stability show village")
    colleague(operated)
    second = operated.does(COLLEAGUE, f"{measure} --frequency 47.4 --voltage 97 --phase -3")
    assert second.endswith("; opened critical event 1: emergency mode")
    state = operated.answers("grid stability show village")
    assert state["emergency"] is True
    report = state["report"]
    assert (report["frequency"], report["phase_angle"], report["level"]) == (4740, -3, "CRITICAL")
    assert {each["action_type"]: each["action_id"] for each in state["responses"]} == {
        "RESTORE_LOAD": 0,
        "RESERVE_ACTIVATION": 1,
    }
    shown = operated.shows("grid stability show village")
    assert "frequency 47.40 Hz voltage 97 % of nominal phase angle -3 degrees" in shown
    assert "low-frequency reserve-activation 50 kW 1 1" in shown
    assert operated.answers("grid emergency village")["critical_event_open"] is True
    emergency = operated.shows("grid emergency village")
    assert emergency.endswith("unless it is renewed.")
    assert operated.refuses(f"grid stability resolve 1 --account {OPERATOR}") == (
        "StabilityMaintenance: still critical (region village)"
    )
    operated.does(OPERATOR, f"{measure} --frequency 50 --voltage 100")
    assert operated.does(OPERATOR, "grid stability resolve 1") == (
        "Resolved critical event 1 of village: no longer in an emergency"
    )
    (event,) = operated.answers("grid stability events village")
    assert (event["event_id"], event["frequency"], event["resolved_by"]) == (
        1,
        4740,
        address(OPERATOR),
    )
    shown = operated.shows("grid stability events village")
    assert f"47.40 Hz 97 % {address(COLLEAGUE)} 2024-01-01 00:" in shown
    assert f"confirmed by {address(OPERATOR)}" in operated.shows("grid stability event 1")
    history = operated.answers("grid stability history village --limit 2")
    assert [each["level"] for each in history] == ["NORMAL", "CRITICAL"]
    assert "47.40 Hz 97 % -3 critical" in operated.shows("grid stability history village")
    removed = operated.does(OPERATOR, f"{configure} restore-load --adjust 0")
    assert removed == "Removed restore-load on low-frequency in village"
    by_hand = "grid stability respond village --frequency 49.9 --voltage 100 --severity alert"
    assert operated.does(OPERATOR, by_hand) == "Responded in village: alert at 49.90 Hz, 100 %"


def test_emergency_protocol__outlives_a_critical_event(operated: Terminal) -> None:
    assert operated.does(AUTHORITY, "grid protocol village load-shedding") == (
        "Activated load-shedding in village"
    )
    colleague(operated)
    for who, frequency in ((COLLEAGUE, "47.4"), (OPERATOR, "47.4"), (OPERATOR, "50")):
        operated.does(who, f"grid stability report village --frequency {frequency} --voltage 100")
    assert operated.does(OPERATOR, "grid stability resolve 1") == (
        "Resolved critical event 1 of village: an emergency protocol is still in force"
    )
    assert operated.does(AUTHORITY, "grid protocol village none") == (
        "Ended the emergency protocol of village"
    )
    assert operated.answers("grid emergency village") == {
        "region": "village",
        "emergency": False,
        "protocol": "NONE",
        "critical_event_open": False,
        "until": 0,
        "limits": {
            "buying_closed": False,
            "selling_closed": False,
            "islanded": False,
            "draw_share": 10_000,
            "production_share": 10_000,
            "until": 0,
        },
    }


def test_emergency_protocol__of_a_region_with_a_tariff__shows_what_it_limits(
    terminal: Terminal,
) -> None:
    terminal.does(AUTHORITY, "grid protocol home load-shedding")
    shown = terminal.shows("grid emergency home")
    assert "protocol load-shedding critical event none open orders BUY closed for periods" in shown
    assert "border open consumption up to 50 % of the limit production up to 100 %" in shown
    terminal.does(AUTHORITY, "grid protocol home black-start")
    shown = terminal.shows("grid emergency home")
    assert "orders BUY and SELL closed" in shown
    assert "border closed consumption up to 0 % of the limit" in shown


def test_critical_load__of_the_quorum__is_answered_by_anybody(operated: Terminal) -> None:
    respond = "grid stability respond-to-load village"
    assert operated.refuses(f"{respond} --account {STRANGER}") == (
        "StabilityMaintenance: no fresh state (region village): reporters submit one with"
        " energy-grid oracle submit grid"
    )
    state = "oracle submit grid village --demand 970kW --supply 1MW --frequency 50 --voltage 100"
    for who in REPORTERS:
        operated.does(who, state)
    assert operated.refuses(f"{respond} --account {STRANGER}").startswith(
        "StabilityMaintenance: nothing configured (region village): energy-grid grid stability"
    )
    operated.does(OPERATOR, "grid capacity set village --max 1MW --running 600 --reserve 100")
    configure = "grid stability configure critical-load reserve-activation --adjust 50kW"
    operated.does(OPERATOR, configure)
    assert operated.does(STRANGER, respond) == (
        "Responded to the load of village; opened action 1: reserve-activation by 50 kW;"
        " opened critical event 1: emergency mode"
    )


def test_oracles__rounds_answers_jumps_and_silence(terminal: Terminal) -> None:
    assert terminal.refuses("oracle show price") == (
        "MedianOracle: no answer (feed 0): reporters submit one with energy-grid oracle submit"
    )
    lines = [
        terminal.does(who, f"oracle submit price {price}")
        for who, price in zip(REPORTERS, ("0.25", "0.26", "0.31"), strict=True)
    ]
    assert lines == [
        "Submitted 0.25 per kWh as the price: 1 of 3 in round 1",
        "Submitted 0.26 per kWh as the price: 2 of 3 in round 1",
        "Submitted 0.31 per kWh as the price: round 1 is answered",
    ]
    answer = terminal.answers("oracle show price")
    assert (answer["answer"], answer["fresh"]) == ({"price": 260_000}, True)
    assert answer["round"]["status"] == "ANSWERED"
    shown = terminal.shows("oracle show price")
    assert "price 0.26 per kWh fresh yes oldest report 2024-01-01 00:00" in shown
    assert "quorum 3 valid for 2 h" in shown
    terminal.does(REPORTERS[0], "oracle submit price 0.3")
    again = terminal.does(REPORTERS[0], "oracle submit price 0.4")
    assert again == "Submitted 0.4 per kWh as the price: 1 of 3 in round 2"
    assert "status open submissions 1 of 3" in terminal.shows("oracle round price")
    late = terminal.refuses(f"oracle submit price 0.4 --round 1 --account {REPORTERS[0]}")
    assert late == "MedianOracle: wrong round (feed 0, round 1, open 2)"
    for who in REPORTERS:
        jump = terminal.does(who, "oracle submit price 0.4")
    assert jump == "Submitted 0.4 per kWh as the price: round 2 is held"
    assert "fresh no: round 2 is held for its jump" in terminal.shows("oracle show price")
    assert "status held submissions 3 price 0.4" in terminal.shows("oracle round price")
    assert terminal.answers("oracle round price --round 1")["values"] == [260_000]
    confirmed = terminal.does(GUARDIAN, "oracle confirm price --round 2")
    assert confirmed == "Confirmed round 2: price 0.4 per kWh"
    reporters = terminal.answers("oracle reporters price")
    assert {each["reporter"]: each["live"] for each in reporters} == {
        **{address(who): True for who in REPORTERS},
        address("local:14"): False,
    }
    terminal.market.go_to(MONDAY + 4 * 3600)
    silent = terminal.shows(f"oracle reporters price {REPORTERS[0]} local:14")
    assert silent.count("silent") == 2
    assert f"{address('local:14')} never silent" in silent
    assert terminal.answers("oracle show price")["fresh"] is False
    assert "fresh no: older than 2 h" in terminal.shows("oracle show price")


def test_oracles__weather_and_grid_of_a_region_make_its_price(terminal: Terminal) -> None:
    terminal.does(AUTHORITY, "tariff add-region village")
    before = terminal.shows("grid price village")
    assert "base 0.3 tUSD/kWh buy price of today's tariff" in before
    assert before.count("no influence") == 5
    measured = "--irradiance 650 --temperature -3.5 --wind 4.2 --clouds 35.5%"
    sky = f"oracle submit weather village {measured}"
    state = "oracle submit grid village --demand 1.2MW --supply 1MW --frequency 49.98 --voltage 97"
    for who in REPORTERS:
        weather = terminal.does(who, sky)
        grid = terminal.does(who, state)
        terminal.does(who, "oracle submit price 0.32")
    assert weather == (
        "Submitted 650 W/m2, -3.5 degrees C, 4.2 m/s, 35.5 % clouds as the weather of village:"
        " round 1 is answered"
    )
    assert grid == (
        "Submitted demand 1200 kW, supply 1000 kW, frequency 49.98 Hz, voltage 97 % for village:"
        " round 1 is answered"
    )
    assert terminal.answers("oracle show weather village")["answer"] == {
        "irradiance": 650,
        "temperature": -350,
        "wind_speed": 420,
        "cloud_cover": 3550,
    }
    shown = terminal.shows("oracle show grid village")
    assert "supply 1000 kW frequency 49.98 Hz voltage 97 %" in shown
    price = terminal.answers("grid price village")
    assert (price["base_price"], price["demand_factor"]) == (300_000, 12_000)
    assert price["stability_factor"] == 10_000 + 2 * 100 + 3 * 200
    shown = terminal.shows("grid price village")
    assert "wholesale price, smoothed" in shown
    assert "demand x 1.2 demand against supply" in shown
    assert "stability x 1.08 frequency and voltage" in shown
    nowhere = terminal.refuses("oracle show weather", code=2)
    assert nowhere == "the weather oracle needs a region: add REGION after weather"
    somewhere = terminal.refuses("oracle show price village", code=2)
    assert somewhere == "the price has no region: remove village"


def test_status__of_a_market_without_producers(terminal: Terminal) -> None:
    assert terminal.shows("grid status") == (
        "condition normal emergency no price 0.3 tUSD/kWh capacity 0 kWh per slot production 0 kWh"
        " load 0 kWh available 0 kWh utilization 0 %"
    )


def test_public_keys__are_refused_on_a_real_chain(terminal: Terminal) -> None:
    with Anvil(chain_id=SEPOLIA) as node:
        document = json.loads(terminal.file.read_text())
        terminal.file.write_text(json.dumps({**document, "chainId": SEPOLIA}))
        for entry in (*document["contracts"].values(), *document["safes"].values()):
            code = terminal.market.node.code(entry["address"])
            node.rpc("anvil_setCode", entry["address"], "0x" + code.hex())
        terminal.market = replace(terminal.market, node=node)
        public = f"is public knowledge: use another one on chain {SEPOLIA}"
        for command in (
            f"operator verify {NOBODY} --account {AUTHORITY}",
            f"operator show {OPERATOR}",
        ):
            assert public in terminal.refuses(command, code=2)
