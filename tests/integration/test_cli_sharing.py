"""The commands about tariffs, communities, days, credits and the grid account, each as typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from energy_grid.chain.accounts import Account
from energy_grid.contracts.smart_meter import MeterReading
from energy_grid.market.reading_file import save_readings
from energy_grid.market.signing import meter_domain, sign_reading
from tests.integration.terminal import (
    AUTHORITY,
    GUARDIAN,
    REGISTRAR,
    STRANGER,
    TREASURY,
    Terminal,
    address,
)
from tests.support.market import MONDAY

GIVER, TAKER, PASSER = "local:10", "local:11", "local:16"
ROOF, HOUSE = "local:12", "local:40"
WHO = {who: address(who) for who in (GIVER, TAKER, ROOF, HOUSE, STRANGER)}
HOUR, DAY = 3600, 86_400
TUESDAY = MONDAY + DAY


@pytest.fixture
def sharing(terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal, and two metered members of a community from Tuesday on."""
    monkeypatch.chdir(tmp_path)
    for who, key in ((GIVER, ROOF), (TAKER, HOUSE)):
        terminal.does(who, "money faucet --amount 500")
        terminal.does(who, "money deposit --amount 300")
        register = f"meter register {who} --key {key} --region home --power 10kW --holder {who}"
        terminal.does(REGISTRAR, register)
    made = terminal.does(STRANGER, "community create home --theta 50")
    number = made.split()[2]
    assert made == f"Created community {number} in home: theta 50 %, managed by {WHO[STRANGER]}"
    assert terminal.does(GIVER, f"community join {number}") == (
        f"{WHO[GIVER]} is in community {number} from 2024-01-02 on"
    )
    signed = terminal.says(f"community sign-join {number} --account {TAKER}")
    assert signed == f"Signed that {WHO[TAKER]} joins community {number}: join.json"
    assert terminal.does(PASSER, "community admit join.json") == (
        f"{WHO[TAKER]} is in community {number} from 2024-01-02 on"
    )
    terminal.does(GIVER, "credit keep on")
    return terminal


def _read(terminal: Terminal, first: int, last: int) -> None:
    """Publish the boundary readings of both meters: 0.5 kWh of export, 0.3 of import a slot."""
    market = terminal.market
    domain = meter_domain(31337, market.meters.address)
    length = market.slot_length
    for at in range(first, last + 1, length):
        if market.now <= at:
            market.go_to(at + 1)
        signed = [
            sign_reading(
                Account.local(int(key.removeprefix("local:"))),
                MeterReading(
                    timestamp=at,
                    consumption=imported * (at - TUESDAY) // length,
                    production=exported * (at - TUESDAY) // length,
                    grid_frequency=5000,
                    voltage=2300,
                ),
                domain,
            )
            for key, imported, exported in ((ROOF, 0, 500), (HOUSE, 300, 0))
        ]
        save_readings(Path("readings.json"), signed, domain)
        assert terminal.does(PASSER, "meter relay readings.json") == (
            "Recorded 2 readings of readings.json"
        )


def test_day__what_is_shared__kept_and_billed_to_the_last_unit(sharing: Terminal) -> None:
    _read(sharing, TUESDAY, TUESDAY + DAY)
    length, grace = sharing.market.slot_length, sharing.market.grace
    slots = DAY // length
    assert "can be closed 1 day" in sharing.shows(f"day due {GIVER}")
    refusal = sharing.refuses(f"day close {GIVER} --through 2023-12-31 --account {PASSER}")
    assert refusal.startswith("no day up to 2023-12-31 is open and final: the first open day is")
    sharing.market.go_to(TUESDAY + DAY + grace + 1)
    shared, kept = 300 * slots, 200 * slots
    given, taken = (f"{wh / 1000:g} kWh" for wh in (shared, shared))
    cost = shared * 190_000
    done = sharing.does(PASSER, f"day close {TAKER} {GIVER}")
    assert done.startswith("Closed 4 days of 2 accounts, through 2024-01-02: ")
    (tuesday, _) = sharing.answers(f"day list {GIVER}")
    assert {name: tuesday[name] for name in ("day", "money", "given", "kept", "fed_in")} == {
        "day": "2024-01-02",
        "money": str(cost),
        "given": shared,
        "kept": kept,
        "fed_in": 0,
    }
    assert f"shared 0 kWh taken, {given} given" in sharing.shows(f"day show {GIVER}")
    paid = sharing.answers(f"day show {TAKER} 2024-01-02")
    assert (paid["money"], paid["taken"], paid["net"]) == (str(-cost), shared, -shared)
    assert f"{taken} taken" in sharing.shows(f"day show {TAKER} 2024-01-02")
    refused = sharing.refuses(f"day show {TAKER} 2024-01-03")
    assert refused.endswith("its first open day is 2024-01-03")
    # What was kept is money, a token, or credit again.
    held = sharing.answers(f"credit show {GIVER}")
    assert (held["credits"], held["keeps"]) == (kept, True)
    assert sharing.does(TAKER, "grid account fund --amount 50") == (
        "Gave 50 tUSD to the grid account; approved exactly 50 tUSD for it"
    )
    assert sharing.does(GIVER, "credit redeem --amount 1") == "Redeemed 1 kWh for 0.08 tUSD"
    slot = sharing.answers(f"slot show {TAKER} 2024-01-02T12:00")
    assert (slot["net"], slot["taken"], slot["state"]) == (-300, 300, "CLOSED")
    listed = sharing.answers(f"slot list {TAKER}")
    assert {each["taken"] for each in listed if each["slot"] * length >= TUESDAY} == {300}


def test_credit__becomes_a_token_and_credit_again(sharing: Terminal) -> None:
    _read(sharing, TUESDAY, TUESDAY + DAY)
    sharing.market.go_to(TUESDAY + DAY + sharing.market.grace + 1)
    sharing.does(PASSER, f"day close {TAKER} {GIVER}")
    length = sharing.market.slot_length
    _read(sharing, TUESDAY + DAY + length, sharing.market.now // length * length)
    kept = sharing.answers(f"credit show {GIVER}")["credits"] / 1000
    assert sharing.does(GIVER, "credit withdraw --amount 2") == (
        f"Withdrew 2 kWh of credits as tokens; {kept - 2:g} kWh stay"
    )
    assert sharing.does(GIVER, "credit deposit --amount 1.5") == (
        f"Deposited 1.5 kWh: the account has {kept - 0.5:g} kWh of credits"
    )
    assert sharing.refuses(f"credit deposit --amount 1.5 --account {GIVER}") == (
        f"{WHO[GIVER]} has 0.5 kWh of energy credits as tokens, and this needs 1.5 kWh"
    )
    document = sharing.answers("grid account show")
    assert document["credits"] == kept * 1000
    assert "entries in the queue: 0" in sharing.shows("grid account show")
    assert sharing.refuses(f"grid account serve --account {STRANGER}").startswith(
        "Settlement: nothing to serve"
    )
    scheduled = sharing.does(TREASURY, "grid account collect --amount 10000")
    assert scheduled.startswith("Scheduled: run the same command again from ")
    sharing.market.go_to(sharing.market.now + 90_001)
    refused = sharing.refuses(f"grid account collect --amount 10000 --account {TREASURY}")
    assert refused.startswith("Settlement: collect above (available ")


def test_grid_account__of_what_the_supplier_gave__the_treasury_collects(sharing: Terminal) -> None:
    sharing.does(GIVER, "grid account fund --amount 50")
    assert sharing.answers("grid account show")["cash"] == str(50 * 10**9)
    collect = f"grid account collect --amount 20 --to {STRANGER}"
    sharing.does(TREASURY, collect)
    sharing.market.go_to(sharing.market.now + 90_001)
    assert sharing.does(TREASURY, collect) == (
        f"Paid 0 tUSD of protocol fees and 20 tUSD of the grid account to {WHO[STRANGER]}"
    )
    assert sharing.answers(f"money show {STRANGER}")["wallet"] == 20_000_000


def test_community__is_shown_changed_and_left(sharing: Terminal) -> None:
    number = sharing.answers("community list")[0]["community_id"]
    shown = sharing.shows(f"community show {number}")
    assert f"{WHO[GIVER]} 2024-01-02" in shown
    assert "theta 50 % givers get 0.19 tUSD/kWh" in shown
    assert sharing.does(STRANGER, f"community theta {number} 30") == (
        f"Theta of community {number} is 30 % from 2024-01-17 on"
    )
    assert sharing.answers(f"community show {number}")["theta_beyond_horizon"] == 3000
    pending = sharing.refuses(f"community leave --account {GIVER}")
    assert pending.endswith("energy-grid day close closes the days before it")
    sharing.market.go_to(TUESDAY + DAY + sharing.market.grace + 1)
    sharing.does(PASSER, f"day close {TAKER} {GIVER}")
    assert sharing.does(STRANGER, f"community expel {number} {TAKER}") == (
        f"{WHO[TAKER]} is in community {number} until 2024-01-19 begins"
    )
    assert sharing.does(STRANGER, f"community readmit {number} {TAKER}") == (
        f"{WHO[TAKER]} may join community {number} again"
    )
    assert sharing.does(GIVER, "community leave").endswith("until 2024-01-19 begins")
    assert sharing.does(STRANGER, f"community manager {number} {GIVER}") == (
        f"Community {number} is managed by {WHO[GIVER]}"
    )
    assert sharing.refuses(f"community suspend {GIVER} --account {STRANGER}") == (
        f"Communities: no debt (account {WHO[GIVER]})"
    )
    assert sharing.shows(f"community member {GIVER}") == (
        f"account {WHO[GIVER]} today community {number} later no community, from 2024-01-19"
    )


def test_slot__after_an_outage__is_final_later(terminal: Terminal) -> None:
    market = terminal.market
    first, end = "2024-01-01T12:30", "2024-01-01T14:00"
    begin, last = market.slot(MONDAY + 12 * HOUR + HOUR // 2), market.slot(MONDAY + 14 * HOUR - 1)
    final = f"2024-01-01 {14 + market.grace // HOUR + 2}:00:00 UTC"
    done = terminal.does(GUARDIAN, f"slot prolong --from {first} --to {end} --by 2h")
    assert done == f"Slots {begin} to {last} are final 2 h later: the last one at {final}"
    within = f"final at {final}, later for an outage"
    assert within in terminal.shows(f"slot show {GIVER} 2024-01-01T13:50")
    outside = terminal.answers(f"slot show {GIVER} {last + 1}")
    assert outside["final_at"] == outside["end"] + market.grace


def test_tariff__is_scheduled_beyond_what_can_be_traded(terminal: Terminal) -> None:
    known = terminal.answers("tariff show home")
    assert (known["buy"], known["feed_in"], known["planned"]) == (300_000, 80_000, [])
    assert terminal.does(AUTHORITY, "tariff schedule home --buy 0.35 --network-fee 0.05") == (
        "Tariff of home from 2024-01-17 on: buy 0.35 tUSD/kWh, feed-in 0.08 tUSD/kWh, network fee"
        " 0.05 tUSD/kWh, protocol fee 0 tUSD/kWh, max factor 3"
    )
    (planned,) = terminal.answers("tariff show home")["planned"]
    assert (planned["from_day"], planned["buy"]) == ("2024-01-17", 350_000)
    assert terminal.answers("tariff show home --day 2024-01-17")["network_fee"] == 50_000
    assert terminal.does(AUTHORITY, "tariff credit-value 0.05") == (
        "A kWh of credit is worth 0.05 tUSD/kWh from 2024-01-17 on"
    )
    assert terminal.does(AUTHORITY, "tariff add-region NORTH --network-fee 0.04") == (
        "Added region 2: NORTH"
    )
    assert [each["region"] for each in terminal.answers("tariff list")] == ["home", "NORTH"]
    prices = terminal.answers("tariff prices home")
    assert {(each["factor"], each["price"]) for each in prices} == {(10_000, 300_000)}
    assert len(prices) == DAY // terminal.market.slot_length
    assert terminal.refuses("tariff prices home --day 2023-12-30", 2) == (
        "the market began on 2023-12-31: choose a later day with --day"
    )
    refused = terminal.refuses(
        f"tariff schedule home --buy 0.4 --from 2024-01-16 --account {AUTHORITY}"
    )
    assert refused == (
        "Tariffs: within horizon (day 2024-01-16, first 2024-01-17): choose a later day with --from"
    )
    assert terminal.refuses(f"tariff schedule home --account {AUTHORITY}", 2).startswith(
        "name a change: --buy, --feed-in"
    )


def test_meter__agreed_by_file_exchanged_and_gone(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    terminal.does(TAKER, "money faucet --amount 50")
    terminal.does(TAKER, "money deposit --amount 30")
    draft = f"meter draft {TAKER} --region home --power 8kW --import 5 --account {HOUSE}"
    assert terminal.says(draft) == "Signed meter.json; the holder has not agreed yet"
    refused = terminal.refuses(f"meter complete meter.json --account {REGISTRAR}")
    assert refused.endswith("the holder agrees with energy-grid meter consent or sign-consent")
    assert terminal.does(TAKER, "meter consent meter.json") == f"{WHO[TAKER]} agrees to meter.json"
    assert terminal.does(REGISTRAR, "meter complete meter.json") == (
        f"Registered settlement meter 1 ({WHO[HOUSE]}) for {WHO[TAKER]} in home, up to 8000 W"
    )
    sub = f"meter draft {TAKER} --region home --power 3kW --sub-meter --account local:41"
    terminal.says(f"{sub} --out sub.json")
    assert terminal.says(f"meter sign-consent sub.json --account {TAKER}") == (
        "Signed sub.json; the holder has agreed"
    )
    assert "sub-meter 2" in terminal.does(REGISTRAR, "meter complete sub.json")
    security = terminal.answers(f"money show {TAKER}")["security"]
    assert security > 0
    exchange = "meter exchange 1 --key local:42 --final-import 5 --final-export 0 --import 1"
    assert terminal.does(REGISTRAR, f"{exchange} --old-key {HOUSE}") == (
        f"Exchanged meter 1: {address('local:42')} goes on for {WHO[HOUSE]}"
    )
    again = "meter draft-exchange 1 --final-import 1 --final-export 0 --account local:43"
    assert terminal.says(f"{again} --out ex.json").startswith("Signed ex.json")
    # From the first billed day on, readings are skipped with the holder's word alone.
    terminal.market.go_to(TUESDAY + 4 * HOUR)
    read = "meter sign --import 2 --time 2024-01-02T03:00 --account local:42"
    terminal.says(read)
    skipped = terminal.does(PASSER, "meter relay readings.json")
    assert skipped.startswith("Recorded 0 readings of readings.json; skipped 1, 1 of them: Smart")
    done = terminal.does(PASSER, f"meter submit-with-consent readings.json --holder {TAKER}")
    assert done.startswith("Recorded 2 kWh of import and 0 kWh of export at 2024-01-02 03:00:00")
    terminal.says("meter draft-rotation 1 --out key.json --account local:44")
    assert terminal.does(TAKER, "meter consent key.json") == f"{WHO[TAKER]} agrees to key.json"
    assert terminal.does(REGISTRAR, "meter complete key.json") == (
        f"Replaced the key of meter 1: {address('local:44')} goes on for {address('local:42')}"
    )
    assert terminal.does(TAKER, "meter detach 1").endswith("from 2024-01-03 on")
    refused = terminal.refuses(f"meter release-security {TAKER} --account {STRANGER}")
    assert refused.startswith(f"Settlement: days open (account {WHO[TAKER]}, day 2024-01-01")
    terminal.market.go_to(MONDAY + 3 * DAY)
    terminal.does(PASSER, f"day close {TAKER}")
    refused = terminal.refuses(f"meter release-security {TAKER} --account {STRANGER}")
    assert refused.endswith("publish the last reading with energy-grid meter relay")
    terminal.says(
        "meter sign --import 3 --time 2024-01-03T00:00 --account local:44 --out last.json"
    )
    terminal.does(PASSER, f"meter submit-with-consent last.json --holder {TAKER}")
    assert terminal.does(PASSER, f"meter release-security {TAKER}").startswith("Released ")
    assert terminal.answers(f"money show {TAKER}")["security"] == 0
