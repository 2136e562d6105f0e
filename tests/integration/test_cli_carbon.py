"""The commands of carbon credits on a deployed market, each as it is typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from energy_grid.chain.roles import Role
from tests.integration.terminal import AUTHORITY, REGISTRAR, STRANGER, Terminal, address
from tests.support.market import MONDAY

PRODUCER, GOVERNANCE, METER = "local:10", "local:14", "local:12"
WHO = {who: address(who) for who in (PRODUCER, STRANGER)}
DAY = 86_400
FIRST = MONDAY // DAY + 1


@pytest.fixture
def clean(terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal, and a metered producer that is clean from Tuesday on."""
    monkeypatch.chdir(tmp_path)
    terminal.does(PRODUCER, "money faucet --amount 50")
    terminal.does(PRODUCER, "money deposit --amount 50")
    terminal.does(PRODUCER, "participant register-producer --capacity 10 --type solar")
    terminal.does(AUTHORITY, f"participant confirm {PRODUCER} producer")
    register = f"meter register {PRODUCER} --key {METER} --region home --power 10kW"
    terminal.does(REGISTRAR, f"{register} --holder {PRODUCER}")
    registered = terminal.does(REGISTRAR, f"carbon register {PRODUCER}")
    assert registered == f"Registered {WHO[PRODUCER]} as a clean producer from 2024-01-02 on"
    # A meter's first day does not count.
    export(terminal, day=1, kwh=0)
    return terminal


def export(terminal: Terminal, *, day: int, kwh: int) -> None:
    """The export register in the last slot of a day since Monday; what is before is skipped."""
    end = MONDAY + (day + 1) * DAY
    terminal.market.go_to(end + 2)
    sign = f"meter sign --import 0 --export {kwh} --account {METER}"
    for name, time in (
        ("before.json", f"2024-01-{day + 1:02}T23:00"),
        ("after.json", f"2024-01-{day + 2:02}T00:00"),
    ):
        Path(name).unlink(missing_ok=True)
        terminal.says(f"{sign} --time {time} --out {name}")
    terminal.does(STRANGER, f"meter submit-with-consent before.json --holder {PRODUCER}")
    terminal.does(STRANGER, "meter relay after.json")


def test_issue__days_that_are_over_and_have_no_credits_yet(clean: Terminal) -> None:
    issue = f"carbon issue {PRODUCER}"
    nothing = clean.refuses(f"{issue} --account {STRANGER}")
    assert nothing.startswith(f"no day of {WHO[PRODUCER]} can be credited now: a day needs")
    for day, kwh in ((2, 2), (3, 2), (4, 7)):
        export(clean, day=day, kwh=kwh)
    assert clean.does(STRANGER, f"{issue} --day 2024-01-03") == (
        f"Issued 0.76 kg CO2e to {WHO[PRODUCER]} for 2 kWh of 1 day"
    )
    # Without a word about whom or when: the sender, from its registration until yesterday.
    assert clean.does(PRODUCER, "carbon issue") == (
        f"Issued 1.9 kg CO2e to {WHO[PRODUCER]} for 5 kWh of 1 day"
    )
    again = clean.refuses(f"{issue} --from 2024-01-01 --to 2024-01-05 --account {STRANGER}")
    assert again == nothing
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


def test_meters__of_a_plant_count_instead_of_the_net_export(clean: Terminal) -> None:
    sub = f"meter register {PRODUCER} --key local:13 --region home --power 5kW --sub-meter"
    clean.does(REGISTRAR, f"{sub} --holder {PRODUCER}")
    assert clean.does(REGISTRAR, f"carbon meters {PRODUCER} 2") == (
        f"The clean production of {WHO[PRODUCER]} is that of meter 2"
    )
    assert clean.does(REGISTRAR, f"carbon meters {PRODUCER}") == (
        f"The clean production of {WHO[PRODUCER]} is that of its net export"
    )


def test_deregister__ends_what_counts(clean: Terminal) -> None:
    assert clean.does(REGISTRAR, f"carbon deregister {PRODUCER}") == (
        f"Deregistered {WHO[PRODUCER]}: its production counts until 2024-01-03"
    )
    export(clean, day=2, kwh=2)
    assert clean.refuses(f"carbon issue --account {PRODUCER}").startswith("no day of")
    assert clean.shows(f"carbon balance {PRODUCER}") == (
        f"account {address(PRODUCER)} credits 0 kg CO2e retired for it 0 kg CO2e clean producer no"
        " counts from 2024-01-02 counts until 2024-01-03"
    )


def test_credits__sent_and_retired(clean: Terminal) -> None:
    assert clean.shows("carbon retirements") == "There is no retirement yet."
    export(clean, day=2, kwh=10)
    clean.does(PRODUCER, "carbon issue --day 2024-01-03")
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
    assert own.pop("time") >= MONDAY + 3 * DAY
    assert own == {
        "retirement_id": 1,
        "account": address(STRANGER),
        "beneficiary": address(PRODUCER),
        "amount": 500,
        "reason": "a flight to Oslo",
    }
    shown = clean.shows("carbon retirements --limit 2")
    assert f"3 0.001 kg CO2e {WHO[STRANGER]} {WHO[STRANGER]} a walk 2024-01-04 00:" in shown
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
