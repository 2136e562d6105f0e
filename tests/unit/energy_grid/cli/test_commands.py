"""What all commands of the grid suite have in common, and what they refuse without a chain."""

from __future__ import annotations

import io
import json
import shlex
from pathlib import Path

import pytest

from energy_grid.cli.answers import (
    as_document,
    facts,
    listed,
    numbered,
    stacked,
    table,
    word,
    yes_or_no,
)
from energy_grid.cli.console import console
from energy_grid.cli.main import main
from energy_grid.cli.orders import _nonces
from energy_grid.cli.session import newest
from energy_grid.client import EnergyGrid
from energy_grid.contracts.energy_asset_nft import MaintenanceRecord
from energy_grid.contracts.load_monitoring import LoadReport
from energy_grid.domain.balancing import ActionType
from energy_grid.domain.grid_levels import LoadStatus
from energy_grid.errors import InputError
from scripts._docs.commands import commands
from tests.support.artifacts import ROOT

Output = pytest.CaptureFixture[str]
GROUPS = {
    *("order", "batch", "audit-batch", "offer", "asset", "carbon"),
    *("operator", "grid", "dr", "oracle", "govern", "safe", "send"),
    *("market", "wallet", "money", "token", "participant", "meter", "slot", "book"),
    *("trade", "role", "transaction", "community", "tariff", "day", "credit"),
}
SIGNING = {
    *(("meter", each) for each in ("draft", "draft-exchange", "draft-rotation")),
    *(("meter", each) for each in ("sign", "sign-consent")),
    ("community", "sign-join"),
    ("day", "statement"),
    *(("order", each) for each in ("prefer", "sign")),
    ("safe", "sign"),
}
# They ask a backend, and no chain.
WITHOUT_CHAIN = {
    ("day", "statement"),
    ("meter", "prove"),
    *(("dr", "ven", each) for each in ("create", "list", "revoke")),
}
NOBODY = "0x" + "1" * 40


COMMANDS = {path: each for path, each in commands().items() if path[0] in GROUPS}


def test_commands__are_all_tried_on_a_chain() -> None:
    assert {path[0] for path in COMMANDS} == GROUPS
    tried = "".join(file.read_text() for file in ROOT.glob("tests/integration/test_cli_*.py"))
    words = [" ".join(path) for path in COMMANDS]
    assert [each for each in words if f"{each} " not in tried and f'{each}"' not in tried] == []


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_command__says_what_it_does_and_has_the_common_options(
    path: tuple[str, ...], capsys: Output
) -> None:
    assert main([*path, "--help"]) == 0
    output = capsys.readouterr().out
    options = {option for each in COMMANDS[path].params for option in each.opts}
    assert ({"--network", "--rpc", "--deployment"} <= options) is (path not in WITHOUT_CHAIN)
    # What is signed is not sent.
    sends = "--account" in options or path == ("send",)
    assert ("--dry-run" in options) is (sends and path not in SIGNING)
    words = " ".join(output.split())
    assert ("Who signs: a keystore file" in words) is (path in SIGNING)
    assert ("The sender: a keystore file" in words) is (sends and path not in {*SIGNING, ("send",)})
    assert "--json" in options or path in {("safe", "sign"), *WITHOUT_CHAIN}
    assert str(COMMANDS[path].short_help).endswith(".")
    for each in COMMANDS[path].params:
        assert each.help, each.name
    # Numbers of enums are nobody's business.
    assert "<0|" not in output


@pytest.mark.parametrize(
    "group",
    ["operator", "grid", "grid load", "dr event", "asset shares", "carbon", "govern propose"],
)
def test_group__without_a_command__shows_them(group: str, capsys: Output) -> None:
    assert main(shlex.split(group)) == 0
    captured = capsys.readouterr()
    assert "Commands:" in captured.out
    assert captured.err == ""


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("operator", "No such command 'x': energy-grid operator --help lists the commands"),
        (f"operator verify {NOBODY}", "Missing option '--account'"),
        ("operator register A village --capacity 1kg --account local:1", "'1kg' is not a power"),
        ("operator score 0x1 ten --account local:1", "'ten' is not a whole number from 0 to 100"),
        ("grid load report village --capacity 5 --demand -1 --account local:1", "'--demand'"),
        ("grid load show ''", "'' is not a region: write a name of 1 to 32 ASCII characters"),
        (f"grid load show {'v' * 33}", "is not a region"),
        ("grid load show d\u00f6rflein", "is not a region"),
        (
            "grid load show village --rpc localhost:8545",
            "write a URL that begins with http:// or https://",
        ),
        ("grid status --network goerli", "name one of local, sepolia, base_sepolia, volta"),
        ("grid load history village --limit 0", "'--limit': 0 is not from 1 to 100"),
        ("grid load history village --limit 101", "'--limit': 101 is not from 1 to 100"),
        (f"operator score {NOBODY} 101 --account local:2", "'SCORE': 101 is not from 0 to 100"),
        (
            "grid balance open village shed --target 5 --account local:1",
            "'shed' is not one of increase-generation, decrease-generation, shed-load,"
            " restore-load, reserve-activation",
        ),
        (
            "grid stability report village --frequency 50,1 --voltage 99 --account local:1",
            "'--frequency': '50,1' is not a frequency in Hz",
        ),
        (
            "grid stability respond village --frequency 50 --voltage 99 --severity bad"
            " --account local:1",
            "'bad' is not one of normal, alert, emergency, critical",
        ),
        (
            "grid stability configure low-voltage shed-load --adjust 5 --priority 6"
            " --account local:1",
            "'--priority': 6 is not from 1 to 5",
        ),
        (f"dr event show {'9' * 79}", "is not a whole number from 0 on"),
        ("dr event start --target 5 --duration 2 --account local:1", "'2' is not a duration"),
        (f"dr baseline {NOBODY} --from now --to then", "'now' is not a time"),
        (
            f"operator verify {NOBODY} --account {'7' * 64}",
            "do not type a key on a command line: use env:NAME or a keystore file",
        ),
        (f"operator verify {NOBODY} --account env:NOTHING", "set the variable NOTHING"),
        (
            f"operator verify {NOBODY} --account safe:local:1,local:x",
            "'local:x' is not an account: write local:0, local:1",
        ),
        (f"operator verify {NOBODY} --account safe:", "'safe:' must name owners of a Safe"),
        ("govern vote 0 for --account local:1", "'PROPOSAL': 0 is not from 1 on"),
        ("govern vote 1 maybe --account local:1", "'maybe' is not one of against, for, abstain"),
        ("oracle show tides", "'tides' is not one of price, weather, grid"),
        (
            "order sign rent --amount 1 --price 1 --account local:1",
            "'rent' is not one of buy, sell",
        ),
        (
            "order sign buy --amount 1 --price 1 --period monthly --account local:1",
            "'monthly' is not one of hourly, daily, weekly, quarter-hourly",
        ),
        (
            "order sign buy --amount 1 --price 1 --nonce 1099511627776 --account local:1",
            "'--nonce': 1099511627776 is not from 0 to 1099511627775",
        ),
        ("order cancel x --account local:1", "'x' is not a nonce: write numbers such as 4,7-9"),
        ("order cancel --below 0 --account local:1", "'--below': 0 is not from 1 to 1099511627775"),
        (
            f"order state {NOBODY} 5-3",
            "'5-3' is not a range of nonces: the largest is 1099511627775",
        ),
        ("offer create --amount 1,5 --price 1 --account local:1", "'1,5' is not an energy in kWh"),
        ("offer accept one --account local:1", "'one' is not a whole number from 0 on"),
        ("asset service 1 maybe --account local:1", "'maybe' is neither on nor off"),
        ("asset show 0", "'ASSET': 0 is not from 1 on"),
        ("asset history 1 --from 1.1.2024", "'1.1.2024' is not a day: write one such as 2024"),
        ("asset shares show roof", "'roof' is neither an asset's number nor the address of its"),
        (
            "asset share 1 --shares 1 --name A --symbol B --account local:1",
            "'--shares': 1 is not from 3 to 1000000000000",
        ),
        (f"asset permit 1 {NOBODY} owner --account local:1", "'owner' is not one of none, viewer,"),
        ("carbon retire --amount 1lb --reason x --account local:1", "'1lb' is not a mass of CO2e"),
        ("carbon issue --retirement 0 --account local:1", "'--retirement': 0 is not from 1 on"),
        (
            "certificates retire 1 --day 1.1.2024 --account local:1",
            "'1.1.2024' is not a day: write one",
        ),
        ("credit keep maybe --account local:1", "'maybe' is neither on nor off"),
        ("community join 0 --account local:1", "'COMMUNITY': 0 is not from 1 on"),
        ("community theta 1 half --account local:1", "'half' is not"),
        ("day close local:1 --through now --account local:1", "'now' is not a day: write one such"),
        ("tariff schedule home --max-factor x --account local:1", "'x' is not a factor"),
        (
            f"asset mint {NOBODY} Roof village --type solar --capacity 1kWh --cost 1"
            " --commissioned 2024-01-01 --account local:1",
            "'1kWh' is not a power in W",
        ),
        ("carbon factor set 2001 --account local:1", "'GRAMS': 2001 is not from 0 to 2000"),
    ],
)
def test_command__wrong_words__one_line_and_2_and_no_node_asked(
    command: str, says: str, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EnergyGrid, "connect", lambda *_: pytest.fail("a node was asked"))
    words = shlex.split(command)
    assert main(words + (["x"] if words == ["operator"] else [])) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("energy-grid: ")
    assert captured.err.count("\n") == 1
    assert says in captured.err


def test_command__without_a_deployment_or_a_node__one_line_and_1(
    capsys: Output, tmp_path: Path
) -> None:
    file = tmp_path / "local.json"
    assert main(["grid", "status", "--deployment", str(file)]) == 1
    assert capsys.readouterr().err == (
        f"energy-grid: there is no deployment file {file}: deploy the market with ape run deploy"
        " --network ethereum:local:http://127.0.0.1:8545, or name its file with --deployment\n"
    )
    file.write_text("{}")
    assert main(["grid", "status", "--deployment", str(file)]) == 1
    assert "is no deployment file" in capsys.readouterr().err


def test_command__places_and_sender__can_come_from_the_environment(
    capsys: Output, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = []
    monkeypatch.setattr(EnergyGrid, "connect", lambda *places: asked.append(places) or _fail())
    monkeypatch.setenv("ENERGY_GRID_RPC", "http://127.0.0.1:1")
    monkeypatch.setenv("ENERGY_GRID_DEPLOYMENT", str(tmp_path / "x.json"))
    monkeypatch.setenv("ENERGY_GRID_ACCOUNT", "local:1")
    for command in (["grid", "status"], ["operator", "verify", NOBODY]):
        with pytest.raises(RuntimeError, match="asked"):
            main(command)
    assert asked == [("http://127.0.0.1:1", tmp_path / "x.json")] * 2


def _fail() -> None:
    raise RuntimeError("asked")


def test_as_document__names_enums_and_writes_large_integers_as_strings() -> None:
    report = LoadReport(
        capacity=2**53 + 1, demand=2**53, percentage=0, timestamp=1, status=LoadStatus.HIGH
    )
    document = as_document({"list": [report], "kind": ActionType.SHED_LOAD, "none": None})
    assert json.loads(json.dumps(document)) == {
        "list": [
            {
                "capacity": "9007199254740993",
                "demand": 9007199254740992,
                "percentage": 0,
                "timestamp": 1,
                "timestamp_iso": "1970-01-01T00:00:01Z",
                "status": "HIGH",
            }
        ],
        "kind": "SHED_LOAD",
        "none": None,
    }


def test_as_document__times_that_are_none__have_no_iso_form() -> None:
    assert as_document({"settled_at": 0, "expiry": 2**64, "start": None, "end": "noon"}) == {
        "settled_at": 0,
        "settled_at_iso": None,
        "expiry": str(2**64),
        "expiry_iso": None,
        "start": None,
        "start_iso": None,
        "end": "noon",
    }


def test_as_document__has_bytes_as_digits_and_numbers_of_records() -> None:
    record = MaintenanceRecord(author=NOBODY, time=1, document_hash=b"\x0f" * 32, note="new")
    (document,) = numbered("index", [(7, record)])
    assert document == {
        "index": 7,
        "author": NOBODY,
        "time": 1,
        "time_iso": "1970-01-01T00:00:01Z",
        "document_hash": "0x" + "0f" * 32,
        "note": "new",
    }


@pytest.mark.parametrize(
    ("text", "nonces"),
    [
        ("7", [7]),
        ("9,7-8,7", [7, 8, 9]),
        (f"{2**40 - 1}", [2**40 - 1]),
        ("0-999", list(range(1000))),
    ],
)
def test_nonces__are_numbers_and_ranges_each_once(text: str, nonces: list[int]) -> None:
    assert _nonces(text) == nonces


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is not a nonce"),
        ("1,", "is not a nonce"),
        ("1-2-3", "is not a nonce"),
        ("-1", "is not a nonce"),
        ("\u0661", "is not a nonce"),
        ("9" * 5000, "is not a nonce"),
        ("5-4", "is not a range of nonces"),
        (f"{2**40}", "is not a range of nonces"),
        ("0-1000", "more than 1000 nonces"),
        ("0-499,600-1100", "more than 1000 nonces"),
    ],
)
def test_nonces__anything_else_and_too_many__are_refused(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        _nonces(text)


@pytest.mark.parametrize(
    ("count", "limit", "numbers"), [(5, 2, [5, 4]), (2, 5, [2, 1]), (0, 5, []), (1, 1, [1])]
)
def test_newest__counts_down_from_the_last(count: int, limit: int, numbers: list[int]) -> None:
    assert list(newest(count, limit)) == numbers


def test_names__that_look_like_markup_or_move_the_cursor__are_text() -> None:
    name = "[/x] [bold]Grid :smile: \x1b[2J\u202e"
    out = io.StringIO()
    found = console()
    found.file = out
    shown = stacked(facts({"name": name}), table((name,), [(name,)]), f"one\n{name}")
    found.print(shown)
    found.print(f"one\n{name}")
    assert out.getvalue().count("[/x] [bold]Grid :smile: \ufffd[2J\ufffd") == 5
    assert out.getvalue().count("one\n[/x]") == 2
    assert "\x1b" not in out.getvalue()


def test_words__are_those_that_people_type() -> None:
    assert word(ActionType.SHED_LOAD) == "shed-load"
    assert (yes_or_no(True), yes_or_no(False)) == ("yes", "no")
    assert listed(("a",), [], "Nothing.") == "Nothing."
