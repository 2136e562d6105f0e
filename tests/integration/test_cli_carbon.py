"""The commands of certificates and carbon credits on a deployed market, as they are typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from energy_grid.chain.roles import Role
from tests.integration.terminal import AUTHORITY, REGISTRAR, STRANGER, Terminal, address, wallet
from tests.support.certifying import use_up
from tests.support.market import MONDAY

PRODUCER, GOVERNANCE, METER, PLANT = "local:10", "local:14", "local:12", "local:13"
WHO = {who: address(who) for who in (PRODUCER, STRANGER)}
DAY = 86_400
FIRST = MONDAY // DAY + 1


@pytest.fixture
def clean(terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal, and a producer that is clean from Tuesday on; its plant is meter 2."""
    monkeypatch.chdir(tmp_path)
    terminal.does(PRODUCER, "money faucet --amount 50")
    terminal.does(PRODUCER, "money deposit --amount 50")
    terminal.does(PRODUCER, "participant register-producer --capacity 10 --type solar")
    terminal.does(AUTHORITY, f"participant confirm {PRODUCER} producer")
    for key, kind in ((METER, ""), (PLANT, "--sub-meter")):
        register = f"meter register {PRODUCER} --key {key} --region home --power 20kW {kind}"
        terminal.does(REGISTRAR, f"{register} --holder {PRODUCER}")
    assert terminal.does(REGISTRAR, "certificates register 2 --technology solar").startswith(
        "Device 2 (solar) earns certificates from 2024-01-01 "
    )
    registered = terminal.does(REGISTRAR, f"carbon register {PRODUCER}")
    assert registered == f"Registered {WHO[PRODUCER]} as a clean producer from 2024-01-02 on"
    return terminal


def produce(terminal: Terminal, *, day: int, kwh: int) -> int:
    """The producer uses what its plant makes on a day since Monday; the retirement's number."""
    meter, plant = wallet(METER), wallet(PLANT)
    return use_up(terminal.market, wallet(PRODUCER), meter, plant, MONDAY // DAY + day, 1000 * kwh)


def test_certificates__issued_from_readings_and_retired(clean: Terminal) -> None:
    day = "--day 2024-01-02"
    nothing = clean.refuses(f"certificates retire 2 {day} --account {PRODUCER}")
    assert nothing.startswith("no certificate of device 2 and 2024-01-02 is matched by consumption")
    clean.market.go_to(MONDAY + DAY + 3_602)
    for key, file, what in ((METER, "home", "--import {}"), (PLANT, "plant", "--export {}")):
        for hour, register in ((0, "0"), (1, "3")):
            registers = what.format(register) + (
                " --import 0" if "import" not in what else " --export 0"
            )
            time = f"2024-01-02T0{hour}:00"
            clean.says(f"meter sign {registers} --time {time} --out {file}.json --account {key}")
    clean.does(STRANGER, "meter relay home.json")
    assert clean.refuses(f"certificates issue plant.json --account {STRANGER}").startswith(
        "EnergyCertificates: "
    )
    assert clean.does(PRODUCER, "certificates issue plant.json") == (
        f"Issued 3 kWh of device 2 to {WHO[PRODUCER]}, until 2024-01-02 01:00:00 UTC"
    )
    assert clean.shows(f"certificates held {PRODUCER} 2 {day}").endswith(
        "2024-01-02 00:00:00 UTC 3 kWh 3 kWh"
    )
    assert clean.does(PRODUCER, f"certificates send 2 {STRANGER} {day}") == (
        f"Sent 3 kWh in 1 slot of device 2 to {WHO[STRANGER]}"
    )
    clean.does(STRANGER, f"certificates send 2 {PRODUCER} {day}")
    assert clean.does(PRODUCER, f"certificates retire 2 {day}") == (
        "Retired 3 kWh in 1 slot of device 2: retirement 1"
    )
    assert clean.shows(f"certificates retirements --for {PRODUCER}").endswith(
        f"1 2024-01-02 3 kWh 2 {WHO[PRODUCER]}"
    )
    assert clean.shows("certificates device 2").endswith(
        "read to 2024-01-02 01:00:00 UTC owes 0 kWh"
    )


def test_certificates__corrected_and_deregistered(clean: Terminal) -> None:
    produce(clean, day=1, kwh=3)
    correct = "certificates correct 2 --slot 2024-01-02T00:10 --amount 1 --reason 'a wrong factor'"
    assert clean.does(REGISTRAR, correct) == (
        "Correction 1: 0 kWh withdrawn, and device 2 owes 1 kWh more"
    )
    assert clean.does(REGISTRAR, "certificates deregister 2").startswith(
        "Device 2 earns certificates until 2024-01-02 "
    )
    assert clean.answers("certificates device 2")["owed"] == 1_000


def test_certificates__and_credits_sold_for_money(clean: Terminal) -> None:
    clean.does(STRANGER, "money faucet --amount 50")
    retired = produce(clean, day=1, kwh=3)
    # What is made at two is not used.
    market, day = clean.market, "2024-01-02"
    market.go_to(MONDAY + DAY + 7_202)
    clean.says(
        f"meter sign --import 0 --export 5 --time {day}T02:00 --out more.json --account {PLANT}"
    )
    clean.does(STRANGER, "certificates issue more.json")
    offer = f"certificates offer 2 --from {day} --to {day} --amount 2 --price 0.02"
    assert clean.does(PRODUCER, offer) == (
        "Opened offer 1: 2 kWh of device 2 at 0.02 tUSD/kWh; the market may move certificates from"
        " now on"
    )
    assert clean.does(STRANGER, f"certificates buy 1 --day {day} --amount 0.5") == (
        "Bought 0.5 kWh of offer 1 for 0.01 tUSD; 1.5 kWh left"
    )
    lacking = clean.refuses(f"certificates buy 1 --day {day} --amount 9 --account {STRANGER}")
    assert lacking == f"the seller of offer 1 has 1.5 kWh in 1 slot of {day} to sell"
    clean.does(STRANGER, f"carbon issue {PRODUCER} --retirement {retired}")
    assert clean.does(PRODUCER, "certificates offer-credits --amount 1 --price 0.05") == (
        "Opened offer 2: 1 kg CO2e at 0.05 per kg"
    )
    assert clean.does(STRANGER, "certificates buy-credits 2 --amount 100g") == (
        "Bought 0.1 kg CO2e of offer 2 for 0.005 tUSD; 0.9 kg CO2e left"
    )
    assert clean.does(PRODUCER, "certificates cancel 1") == "Cancelled offer 1"
    second, first = clean.answers("certificates offers")
    assert (first["remaining"], second["remaining"]) == (0, 900)
    assert "carbon credits" in clean.shows("certificates offers")
    gone = clean.refuses(f"certificates cancel 1 --account {PRODUCER}")
    assert "CertificateMarket" in gone


def test_issue__retirements_that_have_no_credits_yet(clean: Terminal) -> None:
    issue = f"carbon issue {PRODUCER}"
    nothing = clean.refuses(f"{issue} --account {STRANGER}")
    assert nothing.startswith(f"{WHO[PRODUCER]} has retired no certificates that earn credits")
    first, *_ = [produce(clean, day=day, kwh=kwh) for day, kwh in ((2, 2), (3, 3), (4, 2))]
    assert clean.does(STRANGER, f"{issue} --retirement {first}") == (
        f"Issued 0.76 kg CO2e to {WHO[PRODUCER]} for 2 kWh of 1 retirement"
    )
    # Without a word about whom or which: the sender's, all of them.
    assert clean.does(PRODUCER, "carbon issue") == (
        f"Issued 1.9 kg CO2e to {WHO[PRODUCER]} for 5 kWh of 2 retirements"
    )
    assert clean.refuses(f"{issue} --account {STRANGER}") == nothing
    assert clean.answers(f"carbon balance {PRODUCER}") == {
        "account": address(PRODUCER),
        "credits": 2_660,
        "retired_for": 0,
        "clean": True,
        "from_day": FIRST,
        "until_day": 0,
        "milligrams": 0,
    }
    assert clean.shows("carbon totals") == (
        "issued 2.66 kg CO2e in circulation 2.66 kg CO2e retired 0 kg CO2e"
    )


def test_deregister__ends_what_counts(clean: Terminal) -> None:
    clean.market.go_to(MONDAY + 2 * DAY)
    assert clean.does(REGISTRAR, f"carbon deregister {PRODUCER}") == (
        f"Deregistered {WHO[PRODUCER]}: its production counts until 2024-01-03"
    )
    produce(clean, day=2, kwh=2)
    assert "has retired no certificates" in clean.refuses(f"carbon issue --account {PRODUCER}")
    assert clean.shows(f"carbon balance {PRODUCER}") == (
        f"account {address(PRODUCER)} credits 0 kg CO2e retired for it 0 kg CO2e clean producer no"
        " counts from 2024-01-02 counts until 2024-01-03"
    )


def test_credits__sent_and_retired(clean: Terminal) -> None:
    assert clean.shows("carbon retirements") == "There is no retirement yet."
    produce(clean, day=2, kwh=10)
    clean.does(PRODUCER, "carbon issue")
    assert clean.does(PRODUCER, f"carbon send {STRANGER} --amount 2.5") == (
        f"Sent 2.5 kg CO2e to {WHO[STRANGER]}"
    )
    retire = f"carbon retire --amount 500g --for {PRODUCER} --reason"
    assert clean.does(STRANGER, f"{retire} 'a flight to Oslo'") == (
        f"Retired 0.5 kg CO2e for {WHO[PRODUCER]}: retirement 1"
    )
    assert clean.does(PRODUCER, "carbon retire --amount 0.001t --reason heating") == (
        f"Retired 1 kg CO2e for {WHO[PRODUCER]}: retirement 2"
    )
    clean.does(STRANGER, "carbon retire --amount 1g --reason 'a walk'")
    assert clean.refuses(f"{retire} ' ' --amount 10 --account {STRANGER}").startswith(
        "CarbonCredits: "
    )
    nothing = clean.shows(f"carbon retirements --for {GOVERNANCE}")
    assert nothing == f"There is no retirement for {address(GOVERNANCE)} yet."
    newest, own = clean.answers(f"carbon retirements --for {PRODUCER}")
    assert (newest["retirement_id"], newest["amount"], newest["reason"]) == (2, 1000, "heating")
    assert own.pop("time") >= MONDAY + 2 * DAY
    assert own == {
        "retirement_id": 1,
        "account": address(STRANGER),
        "beneficiary": address(PRODUCER),
        "amount": 500,
        "reason": "a flight to Oslo",
    }
    shown = clean.shows("carbon retirements --limit 2")
    assert f"3 0.001 kg CO2e {WHO[STRANGER]} {WHO[STRANGER]} a walk 2024-01-03 " in shown
    assert "Oslo" not in shown
    assert clean.answers(f"carbon balance {PRODUCER}")["retired_for"] == 1500
    assert clean.answers("carbon totals") == {
        "issued": 3_800,
        "in_circulation": 2_299,
        "retired": 1_501,
    }


def test_factor__set_by_governance_from_the_next_day_on(terminal: Terminal) -> None:
    set_factor = "carbon factor set 350"
    refused = terminal.refuses(f"{set_factor} --account {REGISTRAR}")
    assert "may not do this: it is for the role ADMIN" in refused
    # What a vote can do, done by whoever the timelock would let.
    market, holder = terminal.market, address(GOVERNANCE)
    market.do(market.roles[Role.ADMIN], market.access, "grantRole", Role.ADMIN, holder, 0)
    assert terminal.does(GOVERNANCE, set_factor) == (
        "A clean kWh avoids 350 g CO2e from 2024-01-02 on"
    )
    first, second = terminal.answers("carbon factor show")
    assert (first["grams_per_kwh"], first["from_day"] <= "2024-01-01") == (380, True)
    assert second == {"from_day": "2024-01-02", "grams_per_kwh": 350}
    assert terminal.shows("carbon factor show").endswith("2024-01-02 350 g CO2e/kWh")
