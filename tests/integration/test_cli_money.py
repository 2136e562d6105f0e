"""The commands about money and tokens on a deployed market, each as it is typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from energy_grid.chain.tx.broadcaster import Broadcaster
from energy_grid.cli.main import main
from energy_grid.contracts.test_dollar import TestDollar as Dollar
from energy_grid.errors import ChainError
from tests.integration.terminal import GUARDIAN, STRANGER, Terminal, address
from tests.support.brokers import free_port
from tests.support.market import MONDAY

SAVER, FRIEND = "local:10", "local:11"
WHO = {who: address(who) for who in (SAVER, FRIEND, STRANGER)}
DAY = 86_400


def test_money__from_the_faucet_to_the_settlement_account_and_back(terminal: Terminal) -> None:
    assert terminal.does(SAVER, "money faucet --amount 50") == (
        f"Got 50 tUSD: {WHO[SAVER]} has 50 tUSD in its wallet"
    )
    assert terminal.does(SAVER, "money send local:11 --amount 2.5") == (
        f"Sent 2.5 tUSD to {WHO[FRIEND]}"
    )
    # With a permit: one transaction, and nothing stays approved.
    assert terminal.does(SAVER, "money deposit --amount 20") == (
        f"Deposited 20 tUSD: {WHO[SAVER]} can use 20 tUSD"
    )
    assert terminal.does(SAVER, f"money deposit --amount 5 --for {FRIEND}") == (
        f"Deposited 5 tUSD: {WHO[FRIEND]} can use 5 tUSD; approved exactly 5 tUSD for it"
    )
    assert terminal.does(SAVER, "money withdraw --amount 1.25") == (
        f"Withdrew 1.25 tUSD to {WHO[SAVER]}; the balance in the market is 18.75 tUSD"
    )
    assert terminal.does(SAVER, f"money withdraw --amount 0.75 --to {FRIEND}") == (
        f"Withdrew 0.75 tUSD to {WHO[FRIEND]}; the balance in the market is 18 tUSD"
    )
    document = terminal.answers(f"money show {SAVER}")
    assert int(document.pop("native_wei")) > 999 * 10**18
    assert document == {
        "account": address(SAVER),
        "wallet": 23_750_000,
        "balance": 18_000_000,
        "available": 18_000_000,
        "income": 0,
        "cover": 0,
        "security": 0,
        "receivable": 0,
        "debt": 0,
        "queued": [],
    }
    shown = terminal.shows(f"money show {SAVER}")
    assert shown.startswith(f"account {address(SAVER)} for gas 999.99")
    assert shown.endswith("ETH wallet 23.75 tUSD balance 18 tUSD")
    assert terminal.answers(f"money show {FRIEND}")["wallet"] == 3_250_000


def test_money__of_the_safe__is_approved_and_deposited(terminal: Terminal) -> None:
    safe = "safe:local:1,local:2"
    terminal.does(safe, "money faucet --amount 3")
    done = terminal.does(safe, "money deposit --amount 3")
    assert done.endswith("can use 3 tUSD; approved exactly 3 tUSD for it")


def test_money__a_token_without_permits__is_approved_and_deposited(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal.does(SAVER, "money faucet --amount 3")
    # Settlement tokens of other networks need not know EIP-2612.
    monkeypatch.setattr(Dollar, "nonces", lambda *_: _refuse())
    assert terminal.does(SAVER, "money deposit --amount 3") == (
        f"Deposited 3 tUSD: {WHO[SAVER]} can use 3 tUSD; approved exactly 3 tUSD for it"
    )


def _refuse() -> None:
    raise ChainError("there is no such function")


def test_money__of_somebody_whose_key_is_elsewhere__is_planned_in_two_calls(
    terminal: Terminal,
) -> None:
    terminal.does(SAVER, "money faucet --amount 3")
    planned = terminal.plans(address(SAVER), "money deposit --amount 3")
    assert [(each["function"], each["outcome"]) for each in planned["transactions"]] == [
        ("approve(address,uint256)", "succeeds"),
        ("depositFor(address,uint256)", "untried"),
    ]
    with_key = terminal.plans(SAVER, "money deposit --amount 3")
    (only,) = with_key["transactions"]
    assert only["function"].startswith("depositWithPermit(")


def test_money__what_is_refused__is_one_line(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(command: str, code: int = 1) -> str:
        return terminal.refuses(f"money {command} --account {SAVER}", code)

    assert refuses("faucet --amount 10000.000001", 2) == (
        "the faucet gives at most 10000 tUSD at once"
    )
    terminal.does(SAVER, "money faucet --amount 10000")
    for command in ("deposit", "send local:11"):
        assert refuses(f"{command} --amount 10000.000001") == (
            f"{WHO[SAVER]} has 10000 tUSD in its wallet, and this needs 10000.000001 tUSD"
        )
    assert refuses("withdraw --amount 1") == (
        f"Settlement: this address has no settlement account (account {WHO[SAVER]}): energy-grid"
        " money deposit opens one"
    )
    terminal.does(SAVER, "money deposit --amount 1")
    assert refuses("withdraw --amount 1.5") == (
        f"Settlement: insufficient balance (account {WHO[SAVER]}, available 1 tUSD, needed"
        " 1.5 tUSD): energy-grid money deposit adds to it"
    )
    assert refuses("repay --amount 1") == f"Settlement: no debt (account {WHO[SAVER]})"
    assert refuses("claim 1") == "Settlement: no such withdrawal (id 1)"
    assert refuses("cancel 1") == "Settlement: no such withdrawal (id 1)"
    monkeypatch.setattr(Dollar, "faucet_limit", lambda _: _refuse())
    assert refuses("faucet --amount 1") == (
        "tUSD is not the test dollar and has no faucet: ask a holder for some"
    )


def test_money__an_error_for_programs__has_name_values_message_and_code(
    terminal: Terminal,
) -> None:
    terminal.does(SAVER, "money faucet --amount 2")
    terminal.does(SAVER, "money deposit --amount 1")
    withdraw = f"money withdraw --amount 1.5 --account {SAVER}"
    assert terminal.fails(withdraw) == {
        "error": "Settlement_InsufficientBalance",
        "contract": "Settlement",
        "arguments": {"account": address(SAVER), "available": 1_000_000, "needed": 1_500_000},
        "message": terminal.refuses(withdraw),
        "exit_code": 1,
    }
    assert terminal.fails("money withdraw --amount x --account local:10", 2) == {
        "error": "InputError",
        "contract": None,
        "arguments": {},
        "message": "'x' is not an amount of money: write a plain number such as 1.5",
        "exit_code": 2,
    }
    unfunded = terminal.fails(f"money deposit --amount 9 --account {SAVER}")
    assert unfunded["error"] == "EnergyGridError"


def test_money__above_the_outflow_limit__waits_to_be_claimed_or_is_taken_back(
    terminal: Terminal,
) -> None:
    market = terminal.market
    market.give_money(address(SAVER), 250_000_000_000)
    market.do(address(SAVER), market.settlement, "deposit", 250_000_000_000)
    assert terminal.answers("money limits") == {
        "outflow_limit": 100_000_000_000,
        "available_outflow": 100_000_000_000,
        "outflow_window": 3600,
        "withdrawal_delay": DAY,
        "allowance": 50_000_000,
        "allowance_cap": 1_000_000_000,
    }
    terminal.does(SAVER, "money withdraw --amount 100000")
    first = terminal.does(SAVER, "money withdraw --amount 100000")
    assert first.startswith(
        f"Queued 100000 tUSD to {WHO[SAVER]} as withdrawal 1, above the outflow limit: claim it"
        " from 2024-01-02 00:"
    )
    terminal.does(SAVER, f"money withdraw --amount 50000 --to {FRIEND}")
    newer, older = terminal.answers(f"money show {SAVER}")["queued"]
    assert (newer["withdrawal_id"], newer["to"], newer["amount"]) == (
        2,
        address(FRIEND),
        50_000_000_000,
    )
    assert (older["withdrawal_id"], older["to"], older["amount"]) == (
        1,
        address(SAVER),
        100_000_000_000,
    )
    shown = terminal.shows(f"money show {SAVER}")
    assert f"2 50000 tUSD {WHO[FRIEND]} 2024-01-02 00:" in shown
    assert terminal.refuses(f"money claim 1 --account {STRANGER}").startswith(
        "Settlement: withdrawal not due (id 1, executable at 2024-01-02 00:"
    )
    assert terminal.does(SAVER, "money cancel 2") == (
        "Cancelled withdrawal 2: 50000 tUSD are back in the balance"
    )
    later = older["executable_at"] + 2 * 3600
    postponed = terminal.does(GUARDIAN, "money postpone 1 --by 2h")
    assert postponed.startswith("Withdrawal 1 can be claimed from 2024-01-02 02:")
    refused = terminal.refuses(f"money postpone 1 --by 1h --account {GUARDIAN}")
    assert refused.startswith("Settlement: already lengthened (id 1)")
    market.go_to(later)
    assert terminal.does(STRANGER, "money claim 1") == (
        f"Paid withdrawal 1: 100000 tUSD to {WHO[SAVER]}"
    )
    document = terminal.answers(f"money show {SAVER}")
    assert (document["queued"], document["available"], document["wallet"]) == (
        [],
        50_000_000_000,
        200_000_000_000,
    )
    shown = terminal.shows("money limits")
    assert "outflow limit 100000 tUSD in 1 h; now 100000 tUSD can be withdrawn at once" in shown
    assert "above it a withdrawal waits 1 d in the queue allowance 50 tUSD of each" in shown


def test_money__a_debt__is_paid_by_what_comes_in(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    market = terminal.market
    terminal.does(SAVER, "money faucet --amount 100")
    terminal.does(SAVER, "money deposit --amount 10")
    meter = f"meter register {SAVER} --key local:12 --region home --power 10kW --holder {SAVER}"
    terminal.does("safe:local:1,local:2", meter)
    # The first readings of the first billed day come at its end: 200 kWh, all at once.
    market.go_to(MONDAY + DAY + 2)
    terminal.does("local:12", "meter submit --import 0 --time 2024-01-02T00:00")
    terminal.says("meter sign --import 200 --time 2024-01-03T00:00 --account local:12")
    market.go_to(MONDAY + 2 * DAY + 2)
    terminal.does(STRANGER, f"meter submit-with-consent readings.json --holder {SAVER}")
    market.go_to(MONDAY + 3 * DAY)
    terminal.does(STRANGER, f"day close {SAVER} --through 2024-01-02")
    debt = terminal.answers(f"money show {SAVER}")["debt"]
    assert debt == 60_000_000
    assert terminal.shows(f"money show {SAVER}").endswith("it blocks buying and withdrawing")
    assert terminal.does(SAVER, "money repay --amount 20") == (
        "Paid 20 tUSD; 40 tUSD of debt left; approved exactly 20 tUSD for it"
    )
    assert terminal.does(SAVER, "money deposit --amount 50") == (
        f"Deposited 50 tUSD, of which 40 tUSD paid a debt: {WHO[SAVER]} can use 10 tUSD"
    )


def test_token__list_and_energy_credits_from_hand_to_hand(terminal: Terminal) -> None:
    market = terminal.market
    market.do(market.settlement.address, market.energy_token, "mint", address(SAVER), 5_000)
    assert terminal.does(SAVER, f"token send {FRIEND} --amount 1.5") == (
        f"Sent 1.5 kWh of energy credits to {WHO[FRIEND]}"
    )
    assert terminal.refuses(f"token send {FRIEND} --amount 4 --account {SAVER}") == (
        f"EnergyToken: the balance of the sender is too small (sender {WHO[SAVER]}, balance"
        " 3.5 kWh, needed 4 kWh)"
    )
    money, energy, carbon, votes = terminal.answers("token list")
    assert money == {
        "kind": "money",
        "address": market.dollar.address,
        "name": "Test Dollar",
        "symbol": "tUSD",
        "decimals": 6,
        "supply": 0,
    }
    assert (energy["symbol"], energy["decimals"], energy["supply"]) == ("KWH", 3, 5000)
    assert (carbon["kind"], carbon["supply"]) == ("carbon credits", 0)
    assert (votes["symbol"], votes["supply"]) == ("GGT", str(10**24))
    shown = terminal.shows("token list")
    assert f"energy credits KWH 3 5 {market.energy_token.address}" in shown
    assert terminal.fits("token list")


def test_money__interrupted_while_it_waits__names_what_was_sent(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as stopped:
        # No node gives the receipt, and Ctrl-C comes while the command waits for it.
        stopped.setattr(Broadcaster, "_fetch_receipts", lambda _: 0)
        stopped.setattr("time.sleep", interrupt)
        terminal.market.node.rpc("evm_setAutomine", False)
        found = terminal.fails(f"money faucet --amount 1 --account {SAVER}", code=130)
    assert found["error"] == "TransactionPendingError"
    (transaction,) = found["arguments"]["transactions"]
    assert f"look for transaction {transaction} before sending it again" in found["message"]
    terminal.market.node.mine()
    assert terminal.answers(f"transaction show {transaction}")["succeeded"] is True


def test_statement__of_a_backend_that_is_not_there__says_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    # What it shows of one is tested in front of the pages (test_home.py).
    closed = f"http://127.0.0.1:{free_port()}"
    assert main(f"day statement {closed} 2024-01 --account {SAVER}".split()) != 0
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "does not answer" in err
