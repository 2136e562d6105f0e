"""Dry runs: what would be sent, by whom it would be signed, and what the chain says of it.

That a dry run foretells what is sent, and changes nothing, every test of a command shows that uses
`Terminal.does`.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from energy_grid.chain.roles import Role
from energy_grid.chain.rpc.node import Node
from energy_grid.chain.tx.policy import Policy
from tests.integration.terminal import (
    AUTHORITY,
    OPERATOR,
    STRANGER,
    Terminal,
    address,
)

REGISTER = "operator register 'Village Grid' village --capacity 2MW"
POOR = "0x" + "1" * 40


def test_dry_run__of_an_account__says_all_of_the_call(terminal: Terminal) -> None:
    contract = terminal.market.operators.address
    found = terminal.plans(OPERATOR, REGISTER)
    (planned,) = found["transactions"]
    (unsigned,), gas = planned.pop("unsigned")["params"], planned.pop("gas")
    assert planned == {
        "contract": "GridOperatorVerification",
        "function": "registerOperator(string,bytes32,uint256)",
        "arguments": {
            "name": "Village Grid",
            "region": "0x" + b"village".ljust(32, b"\0").hex(),
            "capacity": 2000,
        },
        "to": contract,
        "value": 0,
        "data": unsigned["data"],
        "role": None,
        "outcome": "succeeds",
        "why": None,
    }
    assert found["signatures"] == {"needed": 1, "of": [address(OPERATOR)], "safe_nonce": None}
    assert (found["dry_run"], found["has_more"], found["sender"]) == (
        True,
        False,
        address(OPERATOR),
    )
    node = terminal.market.node
    assert (unsigned["chainId"], unsigned["to"]) == (hex(node.chain_id), contract)
    assert int(unsigned["nonce"], 16) == node.nonce(address(OPERATOR))
    assert int(unsigned["gas"], 16) == gas * 3 // 2
    shown = terminal.shows(f"{REGISTER} --account {OPERATOR} --dry-run")
    assert f"call data 0x{unsigned['data'][2:10]}… (164 bytes); --json prints all signed" in shown
    for part in (
        "Nothing is sent: this is a dry run. 1 GridOperatorVerification.registerOperator(string,",
        f"to {contract} name 'Village Grid' region 'village' capacity 2000 kW call data 0x",
        f"signed by {address(OPERATOR)} now would succeed, with {gas:,} gas",
    ):
        assert part in shown
    assert "role" not in shown


def test_dry_run__of_the_safe__says_which_owners_and_the_role(operated: Terminal) -> None:
    safe = operated.market.roles[Role.GRID_AUTHORITY]
    owners = [address(f"local:{number}") for number in (20, 21, 22)]
    for who in (AUTHORITY, "safe:authority", f"safe:{address('local:22')}"):
        found = operated.plans(who, f"operator score {OPERATOR} 70")
        (planned,) = found["transactions"]
        assert found["sender"] == safe
        assert found["signatures"] == {"needed": 2, "of": owners, "safe_nonce": 2}
        assert planned["role"] == {
            "name": "GRID_AUTHORITY",
            "held_by": [safe, operated.market.roles[Role.ADMIN]],
        }
        assert (planned["outcome"], planned["unsigned"]) == ("succeeds", None)
    shown = operated.shows(f"operator score {OPERATOR} 70 --account safe:authority --dry-run")
    assert f"signed by 2 owners of the Safe {safe} (nonce 2): {', '.join(owners)}" in shown
    assert f"needs role GRID_AUTHORITY, held by {safe} (the authority's Safe), " in shown
    stranger = operated.refuses(
        f"operator score {OPERATOR} 70 --account safe:{STRANGER} --dry-run", code=2
    )
    assert stranger.startswith(f"no Safe of this market has the owner {address(STRANGER)}: ")


def test_dry_run__refused__says_why_and_exits_with_1(operated: Terminal) -> None:
    command = f"operator score {OPERATOR} 70"
    found = operated.plans(STRANGER, command, code=1)
    (planned,) = found["transactions"]
    assert (planned["outcome"], planned["gas"], planned["unsigned"]) == ("reverts", None, None)
    assert planned["why"].endswith(
        "it is for the role GRID_AUTHORITY (the authority's Safe: --account safe:OWNER,OWNER)"
    )
    code, out, err = operated._run(f"{command} --account {STRANGER} --dry-run")
    assert (code, err) == (1, "")
    assert f"now would revert: {planned['why']}" in " ".join(out.split())
    # Before anything would be sent, a refusal is that of the command itself.
    assert operated.refuses(f"govern vote 1 for --account {STRANGER} --dry-run") == (
        "there is no proposal 1: nothing has been proposed"
    )


def test_dry_run__of_an_address_whose_key_is_elsewhere(terminal: Terminal) -> None:
    found = terminal.plans(POOR, REGISTER, code=1)
    (planned,) = found["transactions"]
    assert planned["gas"] > 0
    assert planned["why"].startswith(f"{POOR} has 0 ETH, and this can take up to 0.0")
    terminal.market.node.set_balance(POOR, 10**20)
    assert terminal.plans(POOR, REGISTER)["sender"] == POOR
    assert terminal.refuses(f"{REGISTER} --account {POOR}", code=2) == (
        f"{POOR} is an address without its key: --dry-run --json prints what to sign, and"
        " energy-grid send sends it"
    )


def test_dry_run__of_a_keystore__asks_for_no_password(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("getpass.getpass", lambda _: pytest.fail("a password was asked for"))
    file = tmp_path / "key.json"
    file.write_text(json.dumps({"address": address(OPERATOR)[2:].lower()}))
    assert terminal.plans(str(file), REGISTER)["sender"] == address(OPERATOR)


def test_dry_run__node_that_suggests_a_fortune__offers_no_more_than_is_ever_sent(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever signs elsewhere signs these fees."""
    ask = Node.rpc
    fortune = {"eth_maxPriorityFeePerGas": hex(10**15)}
    monkeypatch.setattr(
        Node, "rpc", lambda node, method, *how: fortune.get(method) or ask(node, method, *how)
    )
    (planned,) = terminal.plans(OPERATOR, REGISTER)["transactions"]
    most = hex(Policy().max_fee)
    (unsigned,) = planned["unsigned"]["params"]
    assert (unsigned["maxFeePerGas"], unsigned["maxPriorityFeePerGas"]) == (most, most)


def test_dry_run__with_an_approval_before_it__shows_both(operated: Terminal) -> None:
    terminal = operated
    terminal.does(AUTHORITY, f"dr register-operator {OPERATOR}")
    terminal.market.give_money(address(OPERATOR), 5_000_000)
    command = "dr program create Evening village --target 2kW --rate 1 --duration 2h"
    found = terminal.plans(OPERATOR, command)
    approval, call = found["transactions"]
    assert (approval["function"], approval["outcome"]) == ("approve(address,uint256)", "succeeds")
    assert approval["arguments"] == {
        "spender": terminal.market.demand_response.address,
        "value": 2_000_000,
    }
    assert (call["contract"], call["outcome"]) == ("DemandResponse", "untried")
    assert call["why"] == "it needs the call before it"
    assert call["unsigned"] is None
    terminal.does(OPERATOR, command)


def test_dry_run__waiting__leaves_the_clock_alone(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    terminal.does("local:5", "govern propose base-price 0.31 --because dearer")
    time = terminal.market.node.time
    found = terminal.plans("local:5", "govern vote 1 for --wait")
    (planned,) = found["transactions"]
    assert planned["why"].startswith("the clock must first be at 2024-01-0")
    assert (planned["outcome"], terminal.market.node.time) == ("untried", time)
    found = terminal.plans("local:5", "govern vote 1 for", code=1)
    assert (
        "proposal 1 cannot be voted on now: voting begins after" in found["transactions"][0]["why"]
    )


def test_dry_run__drafts_no_file(
    operated: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    command = f"operator score {OPERATOR} 70"
    operated.plans("safe:local:20", command)
    assert list(tmp_path.glob("safe-*")) == []
    operated.drafts("safe:local:20", command)
    (file,) = tmp_path.glob("safe-*")
    operated.says(f"safe sign {file.name} --account local:21")
    (planned,) = operated.plans(STRANGER, f"safe send {file.name}")["transactions"]
    assert (planned["contract"], planned["to"]) == (
        "Safe",
        operated.market.roles[Role.GRID_AUTHORITY],
    )
    assert planned["arguments"]["to"] == operated.market.operators.address


def test_dry_run__of_nothing_to_send__says_so(terminal: Terminal, tmp_path: Path) -> None:
    orders = tmp_path / "orders.json"
    orders.write_text("[]")
    command = f"batch send {orders} --period daily --start 2024-01-02 --set x.jsonl"
    found = terminal.plans("local:7", command)
    assert (found["transactions"], found["message"]) == ([], "Nothing trades of 0 orders")
    assert terminal.says(f"{command} --account local:7 --dry-run") == (
        "Nothing would be sent: Nothing trades of 0 orders"
    )


def test_json__of_what_was_sent(operated: Terminal) -> None:
    found = operated.answers(f"operator score {OPERATOR} 70 --account {AUTHORITY}")
    assert (
        found["message"]
        == f"Scored Village Grid ({address(OPERATOR)}), village 70 of 100: level operate"
    )
    assert (found["files"], found["failures"]) == ([], [])
    (sent,) = found["transactions"]
    receipt = operated.market.node.rpc("eth_getTransactionReceipt", sent["transaction"])
    assert sent["gas_used"] == int(receipt["gasUsed"], 16)
    assert (sent["sender"], sent["function"]) == (
        address("local:20"),
        "setOperatorScore(address,uint256)",
    )
    (scored,) = [each for each in sent["events"] if each["contract"] == "GridOperatorVerification"]
    assert scored["arguments"]["score"] == 70


def test_json__of_what_was_drafted__names_the_file(
    operated: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = operated.answers(f"operator score {OPERATOR} 70 --account safe:local:20", code=3)
    assert (found["files"], found["transactions"]) == (["safe-2.json"], [])
    assert found["message"].startswith("Nothing is sent: safe-2.json has 1 of 2 signatures")


@pytest.mark.parametrize(
    ("command", "values"),
    [
        (
            "book place buy --amount 1.5 --price 0.3 --until 2024-01-01T00:30",
            "amount 1.5 kWh price 0.3 tUSD/kWh expiry 2024-01-01 00:30:00 UTC order_type BUY",
        ),
        ("money faucet --amount 2.5", "amount 2.5 tUSD"),
        (
            "dr event verify-from-meter 1 local:11",
            f"event_id 1 consumer {address('local:11')}",
        ),
        (
            "meter submit --import 1 --export 0.25 --voltage 231",
            "production 0.25 kWh, grid_frequency 50.00 Hz, voltage 231 V)",
        ),
        (
            "grid stability report village --frequency 47.4 --voltage 97 --phase -3",
            "region 'village' frequency 47.40 Hz voltage 97 % phase_angle -3 degrees",
        ),
        (
            "oracle submit weather village --irradiance 500 --temperature -3.5 --wind 4.2"
            " --clouds 25",
            "weather (irradiance 500 W/m2, temperature -3.5 degrees C, wind_speed 4.2 m/s,"
            " cloud_cover 25 %)",
        ),
        ("order cancel 1-200", "nonces (1, 2, 3, … 200 in all)"),
        ("carbon send local:11 --amount 1.5", "amount 1.5 kg CO2e"),
    ],
)
def test_dry_run__values_have_their_units(operated: Terminal, command: str, values: str) -> None:
    code, out, err = operated._run(f"{command} --account {OPERATOR} --dry-run")
    shown = " ".join(out.split())
    assert (code in (0, 1), err) == (True, "")
    assert values in shown
    # What is exact is for programs.
    found = operated.plans(OPERATOR, command, code)["transactions"]
    assert all(each["data"].startswith("0x") and "…" not in str(each) for each in found)


def test_dry_run__of_what_a_safe_executes__says_the_calls_in_it(
    operated: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    operated.does(AUTHORITY, "money faucet --amount 3")
    operated.drafts("safe:local:20", "money deposit --amount 3")
    (file,) = tmp_path.glob("safe-*")
    operated.says(f"safe sign {file.name} --account local:21")
    send = f"safe send {file.name} --account {STRANGER} --dry-run"
    safe, settlement = (
        operated.market.roles[Role.GRID_AUTHORITY],
        operated.market.settlement.address,
    )
    shown = operated.shows(send)
    assert (
        f"call TestDollar.approve(spender {settlement}, value 3 tUSD);"
        f" Settlement.depositFor(account {safe}, amount 3 tUSD) to {safe} (the authority's Safe)"
    ) in shown
    assert "signatures 0x" in shown
    assert "… (130 bytes) call data 0x6a761202… (" in shown
    assert max(map(len, shown.split())) < len("0x") + 2 * 65
    (planned,) = operated.plans(STRANGER, f"safe send {file.name}")["transactions"]
    assert len(planned["arguments"]["signatures"]) == 2 + 2 * 130
