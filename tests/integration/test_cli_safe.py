"""The commands of the Safe on a deployed market: together at once, or apart through a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from energy_grid.chain.contract import Contract
from energy_grid.chain.roles import Role
from energy_grid.chain.tx.multisig import Operation, SafeTransaction
from energy_grid.chain.tx.safe_file import SafeFile
from tests.integration.terminal import OPERATOR, STRANGER, Terminal, address

FIRST, SECOND, THIRD = "local:20", "local:21", "local:22"
NAME = "safe-0.json"
PROTOCOL = "grid protocol village islanding"
CARRIED = "GridManagement.implementEmergencyProtocol("


@pytest.fixture
def drafted(terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal, and a call that one owner has signed, in the file of its name."""
    monkeypatch.chdir(tmp_path)
    output = terminal.drafts(f"safe:{FIRST}", PROTOCOL)
    assert output == (
        f"Nothing is sent: {NAME} has 1 of 2 signatures; another owner signs with energy-grid"
        f" safe sign {NAME} --account WHO"
    )
    return terminal


def _change(**values: Any) -> None:
    document = json.loads(Path(NAME).read_text())
    Path(NAME).write_text(json.dumps({**document, **values}))


def _protocol(terminal: Terminal) -> str:
    return str(terminal.answers("grid emergency village")["protocol"])


def test_show__owners_signatures_and_roles(terminal: Terminal) -> None:
    safe = terminal.market.roles[Role.GRID_AUTHORITY]
    found = terminal.answers("safe show")
    assert {each["name"]: each["roles"] for each in found} == {
        "authority": ["GRID_AUTHORITY"],
        "registrar": ["METER_REGISTRAR", "REGISTRAR"],
        "treasury": ["TREASURY"],
        "guardian": ["GUARDIAN"],
    }
    assert found[0] == {
        "name": "authority",
        "safe": safe,
        "owners": [address(who) for who in (FIRST, SECOND, THIRD)],
        "threshold": 2,
        "nonce": 0,
        "roles": ["GRID_AUTHORITY"],
    }
    shown = terminal.shows("safe show")
    assert f"name authority safe {safe} signatures 2 of 3 owners {address(FIRST)}, " in shown
    assert "roles METER_REGISTRAR, REGISTRAR" in shown


def test_together__two_owners_act_at_once(terminal: Terminal) -> None:
    terminal.does(f"safe:{SECOND},{THIRD}", PROTOCOL)
    assert _protocol(terminal) == "ISLANDING"
    assert [each["nonce"] for each in terminal.answers("safe show")] == [1, 0, 0, 0]


def test_together__a_safe_by_its_name__is_that_one(terminal: Terminal) -> None:
    terminal.does(f"safe:authority,{SECOND},{THIRD}", PROTOCOL)
    assert _protocol(terminal) == "ISLANDING"
    nobody = terminal.refuses(f"{PROTOCOL} --account safe:{STRANGER}", code=2)
    assert nobody.startswith(f"no Safe of this market has the owner {address(STRANGER)}: ")
    other = terminal.refuses(f"{PROTOCOL} --account safe:treasury,{SECOND},{THIRD}", code=2)
    assert other == (
        f"{address(SECOND)} is no owner of the Safe {terminal.market.roles[Role.TREASURY]}"
    )
    assert terminal.refuses(f"{PROTOCOL} --account safe:treasury", code=2) == (
        "name owners of the Safe who sign, such as safe:treasury,local:1,local:2"
    )
    assert terminal.refuses(f"{PROTOCOL} --account safe --dry-run", code=2).startswith(
        "there are several Safes (authority, registrar, treasury, guardian): name one, such as"
    )


def test_together__another_safe_than_the_roles__is_refused_and_told_which(
    terminal: Terminal,
) -> None:
    refused = terminal.refuses(f"{PROTOCOL} --account safe:local:1,local:2")
    assert refused.endswith(
        "it is for the role GRID_AUTHORITY (the authority's Safe: --account safe:OWNER,OWNER)"
    )


def test_together__others_than_owners__are_refused(terminal: Terminal) -> None:
    safe = terminal.market.roles[Role.GRID_AUTHORITY]
    stranger = terminal.refuses(f"{PROTOCOL} --account safe:{FIRST},{STRANGER}", code=2)
    assert stranger == f"{address(STRANGER)} is no owner of the Safe {safe}"
    twice = terminal.refuses(f"{PROTOCOL} --account safe:{FIRST},{FIRST}", code=2)
    assert twice == f"{address(FIRST)} is named twice, and signs once"


def test_apart__signed_by_another_and_sent_by_anybody(drafted: Terminal) -> None:
    reviewed = drafted.shows(f"safe review {NAME}")
    assert reviewed.startswith(f"call {CARRIED}")
    assert f"signed by {address(FIRST)} next 1 more must sign" in reviewed
    assert _protocol(drafted) == "NONE"
    signed = drafted.says(f"safe sign {NAME} --account {THIRD}")
    assert signed.startswith(f"Signed as {address(THIRD)}: {CARRIED}")
    assert signed.endswith(f"enough have signed: energy-grid safe send {NAME} --account WHO")
    found = drafted.answers(f"safe review {NAME}")
    assert (found["missing"], found["nonce"]) == (0, 0)
    assert found["signed_by"] == [address(FIRST), address(THIRD)]
    sent = drafted.does(STRANGER, f"safe send {NAME}")
    assert sent.startswith(f"The Safe executed: {CARRIED}")
    assert _protocol(drafted) == "ISLANDING"
    again = drafted.refuses(f"safe send {NAME} --account {STRANGER}", code=2)
    assert again == (
        f"{NAME} is for the nonce 0, and the Safe's next is 1: this call or another one with"
        " its nonce was executed"
    )


def test_apart__what_a_call_says__is_for_people(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A struct, a region, and a name that looks as if more values came behind it."""
    monkeypatch.chdir(tmp_path)
    terminal.drafts(
        "safe:local:1",
        f"asset mint {STRANGER} 'R 7), 1' NORTH --type solar --capacity 5kW --cost 12000"
        " --commissioned 2020-01-01",
    )
    assert terminal.shows(f"safe review {NAME}").startswith(
        f"call EnergyAssetNFT.mint(to {address(STRANGER)}, terms (kind SOLAR, capacity 5000 W,"
        " region 'NORTH', commissioned_at 2020-01-01 00:00:00 UTC, value 12000 tUSD, lifetime"
        " 7300 d, name 'R 7), 1'))"
    )


def test_apart__words_beside_the_call__are_nobodys(drafted: Terminal) -> None:
    """The call tells what was executed, whatever else the file contains."""
    drafted.says(f"safe sign {NAME} --account {THIRD}")
    _change(contract="GridManagement", function="setBasePrice(uint256)")
    (sent,) = drafted.answers(f"safe send {NAME} --account {STRANGER}")["transactions"]
    assert (sent["contract"], sent["function"].partition("(")[0]) == ("Safe", "execTransaction")
    assert "EmergencyProtocolSet" in {each["event"] for each in sent["events"]}


def test_apart__all_three_sign__is_sent(drafted: Terminal) -> None:
    for who in (SECOND, THIRD):
        drafted.says(f"safe sign {NAME} --account {who}")
    drafted.does(FIRST, f"safe send {NAME}")
    assert _protocol(drafted) == "ISLANDING"


def test_apart__too_few_or_other_signatures__are_refused(drafted: Terminal) -> None:
    safe = drafted.market.roles[Role.GRID_AUTHORITY]
    few = drafted.refuses(f"safe send {NAME} --account {FIRST}", code=2)
    assert few == f"1 more must sign: energy-grid safe sign {NAME} --account WHO"
    stranger = drafted.refuses(f"safe sign {NAME} --account {STRANGER}", code=2)
    assert stranger == f"{address(STRANGER)} is not an owner of the Safe {safe}"
    twice = drafted.refuses(f"safe sign {NAME} --account {FIRST}", code=2)
    assert twice == f"{address(FIRST)} has signed {NAME} already"
    whole = drafted.refuses(f"safe sign {NAME} --account safe:{FIRST},{SECOND}", code=2)
    assert whole == "the Safe has no key and cannot do this: name an account with --account"
    other = drafted.refuses(f"{PROTOCOL} --account safe:{SECOND}", code=2)
    assert other == f"{NAME} is there: sign or send it first, or delete it if it is not wanted"


@pytest.mark.parametrize(
    "change",
    [
        {"data": "0x" + "00" * 4},
        {"to": "0x" + "1" * 40},
        {"value": 1},
        {"nonce": 1},
        {"chainId": 1},
        {"safe": "0x" + "1" * 40},
    ],
    ids=str,
)
def test_apart__a_file_that_was_changed__is_refused(
    drafted: Terminal, change: dict[str, Any]
) -> None:
    _change(**change)
    for command in (
        f"safe review {NAME}",
        f"safe sign {NAME} --account {SECOND}",
        f"safe send {NAME} --account {SECOND}",
    ):
        assert drafted.refuses(command, code=2) == (
            f"{NAME}: the signature of {address(FIRST)} is of something else: the file was changed"
        )


def test_apart__a_number_without_end__is_refused(drafted: Terminal) -> None:
    _change(value=float("inf"))
    output = drafted.refuses(f"safe review {NAME}", code=2)
    assert output.startswith(f"{NAME} is no call of a Safe to be signed")


@pytest.mark.parametrize("signature", ["0x", "0x" + "11" * 65, "0x" + "ff" * 65, "0x" + "00" * 65])
def test_apart__a_signature_that_is_none__is_refused(drafted: Terminal, signature: str) -> None:
    _change(signatures={address(FIRST): signature})
    assert "the file was changed" in drafted.refuses(f"safe review {NAME}", code=2)


def test_apart__of_another_safe_or_chain_or_nonce__is_refused(drafted: Terminal) -> None:
    safe, nobody = drafted.market.roles[Role.GRID_AUTHORITY], "0x" + "1" * 40
    _change(signatures={}, safe=nobody)
    assert drafted.refuses(f"safe review {NAME}", code=2) == (
        f"{NAME} is for the Safe {nobody} on chain 31337, which is none of this market on chain"
        " 31337: name the network that it was written for"
    )
    _change(safe=safe, chainId=1)
    assert "on chain 1, which is none of" in drafted.refuses(f"safe review {NAME}", code=2)
    _change(chainId=31337, nonce=5)
    assert "is for the nonce 5, and the Safe's next is 0" in drafted.refuses(
        f"safe review {NAME}", code=2
    )


def test_apart__signed_by_who_is_no_owner_any_more__is_refused(drafted: Terminal) -> None:
    safe, market = drafted.market.roles[Role.GRID_AUTHORITY], drafted.market
    drafted.says(f"safe sign {NAME} --account {SECOND}")
    # The Safe's own list of owners begins with this mark.
    swap = ("0x" + "1".rjust(40, "0"), address(FIRST), address(STRANGER))
    market.do(safe, Contract(market.node, safe, "Safe"), "swapOwner", *swap)
    assert drafted.refuses(f"safe send {NAME} --account {STRANGER}", code=2) == (
        f"{NAME}: {address(FIRST)} has signed, but is not an owner of the Safe"
    )


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, f"cannot read {NAME}"),
        ("no JSON", f"{NAME} is no JSON"),
        pytest.param(" " * 2**21 + "{}", f"{NAME} is larger than {2**21} bytes", id="large"),
        ("[]", f"{NAME} is no call of a Safe to be signed"),
        ("{}", f"{NAME} is no call of a Safe to be signed"),
        ('{"format": 2}', f"{NAME} has format 2, not 1"),
        pytest.param("[" * 10**5, f"{NAME} is no JSON", id="deep"),
    ],
)
def test_apart__something_else_than_such_a_file__is_refused(
    terminal: Terminal,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: str | None,
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    if content is not None:
        Path(NAME).write_text(content)
    assert terminal.refuses(f"safe review {NAME}", code=2).startswith(says)


def test_apart__what_the_contract_would_refuse__is_not_written(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    refused = terminal.refuses(f"operator verify {OPERATOR} --account safe:{FIRST}")
    assert refused.startswith("GridOperatorVerification: ")
    role = terminal.refuses(f"carbon factor set 400 --account safe:{FIRST}")
    assert "may not do this: it is for the role ADMIN, which governance has" in role
    assert list(tmp_path.glob("safe-*")) == []


def test_apart__a_call_that_needs_an_approval__is_one_transaction_of_the_safe(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    terminal.does(f"safe:{FIRST},{SECOND}", "money faucet --amount 3")
    terminal.drafts(f"safe:{FIRST}", "money deposit --amount 3")
    reviewed = terminal.shows("safe review safe-1.json")
    assert reviewed.startswith("call 1 TestDollar.approve(")
    assert "call 2 Settlement.depositFor(" in reviewed
    assert [each.name for each in tmp_path.glob("safe-*")] == ["safe-1.json"]


def test_review__of_shortened_values__says_where_all_are(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    safe, data = terminal.market.roles[Role.GRID_AUTHORITY], bytes(range(100))
    call = SafeTransaction(to=safe, value=0, data=data, operation=Operation.CALL, nonce=0)
    SafeFile(chain_id=31337, safe=safe, transaction=call).save(Path(NAME))
    reviewed = terminal.shows(f"safe review {NAME}")
    assert reviewed.startswith("call send 0x00010203… (100 bytes) to Safe")
    assert "call data shortened above; --json prints all of it" in reviewed
    assert terminal.answers(f"safe review {NAME}")["data"] == f"0x{data.hex()}"
