"""The commands of carbon credits on a deployed market, each as it is typed."""

from __future__ import annotations

import pytest

from energy_grid.chain.accounts import Account
from energy_grid.chain.roles import Role
from tests.integration.terminal import REGISTRAR, STRANGER, Terminal, address
from tests.support.market import MONDAY, actor

PRODUCER, GOVERNANCE = "local:10", "local:14"
WHO = {who: address(who) for who in (PRODUCER, STRANGER)}
METER = actor("meter of a clean roof")
HOUR, DAY = 3600, 86_400
SLOT = MONDAY // HOUR


@pytest.fixture
def clean(terminal: Terminal) -> Terminal:
    """A terminal, and a producer that is clean from 01:00 on."""
    market = terminal.market
    market.do(address(PRODUCER), market.grid, "registerProducer", 10_000, 0)
    market.register_meter(Account.local(10), METER)
    registered = terminal.does(REGISTRAR, f"carbon register {PRODUCER}")
    assert registered == (
        f"Registered {WHO[PRODUCER]} as a clean producer from 2024-01-01 01:00:00 UTC on"
    )
    return terminal


def produce(terminal: Terminal, *, until: int, wh: int) -> None:
    """So much in the hour that ends so many hours into Monday."""
    end = MONDAY + until * HOUR
    terminal.market.go_to(end)
    terminal.market.read_meter(METER, timestamp=end, produced=wh)


def test_issue__what_is_final_and_has_no_credits_yet(clean: Terminal) -> None:
    issue = f"carbon issue {PRODUCER}"
    nothing = clean.refuses(f"{issue} --account {STRANGER}")
    assert nothing.startswith(f"no slot of {WHO[PRODUCER]} can be credited now: a slot needs")
    for until, wh in ((1, 9000), (2, 1500), (3, 500), (5, 4321), (26, 100)):
        produce(clean, until=until, wh=wh)
    early = clean.refuses(f"{issue} --slots {SLOT + 25} --account {STRANGER}")
    assert early == (
        f"CarbonCredits: slot not final (slot {SLOT + 25}, final at 2024-01-02 03:00:00 UTC)"
    )
    before = clean.refuses(f"{issue} --slots {SLOT} --account {STRANGER}")
    assert before == (f"CarbonCredits: slot not clean (producer {WHO[PRODUCER]}, slot {SLOT})")
    assert clean.does(STRANGER, f"{issue} --slots {SLOT + 1}-{SLOT + 2},{SLOT + 3}") == (
        f"Issued 0.76 kg CO2e to {WHO[PRODUCER]} for 2 kWh in 2 slots"
    )
    # Without a word about whom or when: the sender, from its registration until now.
    assert clean.does(PRODUCER, "carbon issue") == (
        f"Issued 1.641 kg CO2e to {WHO[PRODUCER]} for 4.321 kWh in 1 slot"
    )
    clean.market.go_to(MONDAY + 2 * DAY)
    on_monday = clean.refuses(f"{issue} --day 2024-01-01 --account {STRANGER}")
    assert on_monday.startswith("no slot of")
    assert clean.refuses(f"{issue} --from 2024-01-03 --account {STRANGER}") == on_monday
    assert clean.does(STRANGER, f"{issue} --from 2024-01-01 --to 2024-01-02") == (
        f"Issued 0.038 kg CO2e to {WHO[PRODUCER]} for 0.1 kWh in 1 slot"
    )
    record = clean.answers(f"carbon balance {PRODUCER}")
    assert record == {
        "account": address(PRODUCER),
        "credits": 2_439,
        "retired_for": 0,
        "clean": True,
        "from_slot": SLOT + 1,
        "until_slot": 0,
        "milligrams": 980,
    }
    assert clean.shows("carbon totals") == (
        "issued 2.439 kg CO2e in circulation 2.439 kg CO2e retired 0 kg CO2e"
    )


def test_deregister__ends_what_counts(clean: Terminal) -> None:
    clean.market.go_to(MONDAY + 5 * HOUR)
    assert clean.does(REGISTRAR, f"carbon deregister {PRODUCER}") == (
        f"Deregistered {WHO[PRODUCER]}: its production counts until 2024-01-01 05:00:00 UTC"
    )
    produce(clean, until=6, wh=1000)
    clean.market.go_to(MONDAY + DAY)
    assert clean.refuses(f"carbon issue --account {PRODUCER}").startswith("no slot of")
    assert clean.shows(f"carbon balance {PRODUCER}") == (
        f"account {address(PRODUCER)} credits 0 kg CO2e retired for it 0 kg CO2e clean producer no"
        " counts from 2024-01-01 01:00:00 UTC counts until 2024-01-01 05:00:00 UTC"
    )


def test_credits__sent_and_retired(clean: Terminal) -> None:
    assert clean.shows("carbon retirements") == "There is no retirement yet."
    produce(clean, until=2, wh=10_000)
    clean.market.go_to(MONDAY + 4 * HOUR)
    clean.does(PRODUCER, "carbon issue --day 2024-01-01")
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
    assert own.pop("time") >= MONDAY + 4 * HOUR
    assert own == {
        "retirement_id": 1,
        "account": address(STRANGER),
        "beneficiary": address(PRODUCER),
        "amount": 500,
        "reason": "a flight to Oslo",
    }
    shown = clean.shows("carbon retirements --limit 2")
    assert f"3 0.001 kg CO2e {WHO[STRANGER]} {WHO[STRANGER]} a walk 2024-01-01 04:" in shown
    assert "Oslo" not in shown
    assert clean.answers(f"carbon balance {PRODUCER}")["retired_for"] == 1500
    assert clean.answers("carbon totals") == {
        "issued": 3_800,
        "in_circulation": 2_299,
        "retired": 1_501,
    }


def test_factor__set_by_governance_from_the_next_slot_on(terminal: Terminal) -> None:
    set_factor = "carbon factor set 350"
    refused = terminal.refuses(f"{set_factor} --account {REGISTRAR}")
    assert "may not do this: it is for the role ADMIN" in refused
    # What a vote can do, done by whoever the timelock would let.
    market, holder = terminal.market, address(GOVERNANCE)
    market.do(market.roles[Role.ADMIN], market.access, "grantRole", Role.ADMIN, holder, 0)
    begins = MONDAY + HOUR
    assert terminal.does(GOVERNANCE, set_factor) == (
        "A clean kWh avoids 350 g CO2e from 2024-01-01 01:00:00 UTC on"
    )
    first, second = terminal.answers("carbon factor show")
    assert (first["grams_per_kwh"], first["start"] <= MONDAY) == (380, True)
    assert second == {"start": begins, "from_slot": begins // HOUR, "grams_per_kwh": 350}
    assert terminal.shows("carbon factor show").endswith("2024-01-01 01:00:00 UTC 350 g CO2e/kWh")
