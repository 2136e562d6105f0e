"""Payouts of the treasury are announced: the same command, given again when it is due, pays."""

from __future__ import annotations

from pathlib import Path

import pytest

from energy_grid.cli.times import format_time
from tests.integration.terminal import GUARDIAN, OPERATOR, STRANGER, TREASURY, Terminal, address

DELAY, WEEK = 90_000, 7 * 86_400
COLLECT = f"grid account collect --amount 20 --to {STRANGER}"
PAID = f"Paid 0 tUSD of protocol fees and 20 tUSD of the grid account to {address(STRANGER)}"


@pytest.fixture
def funded(terminal: Terminal) -> Terminal:
    """A terminal; the grid account has 50 tUSD beyond what it must keep."""
    terminal.does(OPERATOR, "money faucet --amount 50")
    terminal.does(OPERATOR, "grid account fund --amount 50")
    return terminal


def test_payout__twice_the_same_command__pays_after_the_delay(funded: Terminal) -> None:
    assert funded.shows("role scheduled") == "No call waits."
    line = funded.does(TREASURY, COLLECT)
    due = funded.market.now + DELAY
    (waits,) = funded.answers("role scheduled")
    assert waits["executable_at"] == due
    assert line == (
        f"Scheduled: run the same command again from {format_time(due)} on, before"
        f" {format_time(due + WEEK)}; until then a guardian can stop it (energy-grid role cancel"
        f" {waits['operation_id']})"
    )
    assert waits["call"] == (f"pay 20 tUSD of fees and grid revenue to {address(STRANGER)}")
    shown = funded.shows("role scheduled")
    assert shown.startswith(f"call {waits['call']} by {waits['caller']} (the treasury's Safe)")
    assert f"can be made from {format_time(due)} on" in shown
    assert funded.fits("role scheduled")
    early = funded.refuses(f"{COLLECT} --account {TREASURY}", code=2)
    assert early.startswith(
        f"Settlement.collect is scheduled and can be made from {format_time(due)}"
    )
    funded.market.go_to(due)
    assert funded.does(TREASURY, COLLECT) == PAID
    assert funded.answers("role scheduled") == []
    # What was announced is paid once.
    assert funded.does(TREASURY, COLLECT).startswith("Scheduled: ")


def test_payout__that_the_guardian_cancels__is_not_made(funded: Terminal) -> None:
    funded.does(TREASURY, COLLECT)
    (waits,) = funded.answers("role scheduled")
    cancel = f"role cancel {waits['operation_id']}"
    assert "may not" in funded.refuses(f"{cancel} --account {STRANGER}")
    assert funded.does(GUARDIAN, cancel) == f"Cancelled: {waits['call']}"
    assert funded.answers("role scheduled") == []
    assert funded.refuses(f"{cancel} --account {GUARDIAN}", code=2).startswith(
        "no call waits under "
    )
    funded.market.go_to(funded.market.now + DELAY)
    assert funded.does(TREASURY, COLLECT).startswith("Scheduled: ")


def test_payout__left_for_a_week__has_to_be_announced_again(funded: Terminal) -> None:
    funded.does(TREASURY, COLLECT)
    funded.market.go_to(funded.market.now + DELAY + WEEK)
    assert funded.answers("role scheduled") == []
    assert funded.does(TREASURY, COLLECT).startswith("Scheduled: ")


def test_payout__of_one_owner__is_drafted_as_an_announcement(
    funded: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    funded.drafts("safe:local:23", COLLECT)
    assert funded.shows("safe review safe-0.json").startswith(
        f"call schedule: pay 20 tUSD of fees and grid revenue to {address(STRANGER)}"
    )
    funded.says("safe sign safe-0.json --account local:24")
    funded.does(STRANGER, "safe send safe-0.json")
    assert len(funded.answers("role scheduled")) == 1


def test_treasury__of_a_new_holder__waits_as_well(funded: Terminal) -> None:
    planned = funded.plans("local:5", f"govern propose grant TREASURY {STRANGER}")
    (proposed,) = planned["transactions"]
    assert f"{90_000:064x}" in proposed["data"]
