"""The command's edges: help, version, refusals, interruptions."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from energy_grid import __version__
from energy_grid.cli.groups import GROUPS
from energy_grid.cli.main import group, main
from energy_grid.demo import run
from energy_grid.errors import DeploymentError, EnergyGridError, InputError
from tests.support.days import day_report

Output = pytest.CaptureFixture[str]
_SLOW = ("eth_abi", "eth_account", "matplotlib", "numpy", "plotext", "requests", "web3")


def test_main__version__is_the_package_s(capsys: Output) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"energy-grid {__version__}\n"


def test_main__nothing__shows_the_commands(capsys: Output) -> None:
    assert main([]) == 0
    assert "demo Share one day" in " ".join(capsys.readouterr().out.split())


def test_main__help_of_demo__names_every_option(capsys: Output) -> None:
    assert main(["demo", "--help"]) == 0
    output = capsys.readouterr().out
    for option in ("--day", "--households", "--seed", "--slot", "--report", "--json"):
        assert option in output
    for promise in ("one alone: 34,", "files are written too"):
        assert promise in " ".join(output.split())


@pytest.mark.parametrize(
    "arguments",
    [
        ["demo", "--day", "2016-01-12"],
        ["demo", "--households", "x"],
        ["demo", "--slot", "60"],
        ["demo", "--slot", "x"],
        ["demo", "--seed", "x"],
        ["demo", "--report", __file__],
        ["demo", "--report", f"{__file__}/deeper"],
        ["demo", "--colour"],
        ["demo", "extra"],
        ["dmeo"],
    ],
)
def test_main__wrong_arguments__one_line_and_2_and_nothing_started(
    arguments: list[str], capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "run_demo", lambda *_: pytest.fail("the demo was started"))
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("energy-grid: ")
    assert captured.err.count("\n") == 1
    assert "integer" not in captured.err


@pytest.mark.parametrize(
    "arguments",
    [
        "key show {}",
        "wallet show local:1 --network {}",
        "wallet show local:1 --rpc {}",
        "money deposit --amount 5 --account {}",
        "money deposit --amount 5 --account '{}'",
        "money deposit --amount 5 --account env:{}",
        "money deposit --amount 5 --account local:{}",
        "money deposit --amount 5 --account safe:{},local:1",
        "money deposit --amount 5 --account {}, --dry-run",
        "order cancel {} --account local:1",
        "grid status {}",
    ],
)
def test_main__a_key_in_the_wrong_place__is_not_repeated(arguments: str, capsys: Output) -> None:
    """Not even the most of it: who knows three quarters of a key finds the rest."""
    assert main(arguments.format("0x" + "7" * 64).split()) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "7" * 21 not in err


KEY, HASH, PROPOSAL = "ab" * 32, "0x" + "cd" * 32, "7" * 77


@pytest.mark.parametrize(
    ("error", "says"),
    [
        # What was typed can be a key, whatever kind of error repeats it, also in part.
        (EnergyGridError(f"no 0x{KEY}"), "no …"),
        (EnergyGridError(f"no {KEY.upper()[:50]}"), "no …"),
        (InputError(f"no 0x{KEY}"), "no …"),
        (InputError(f"no {KEY[:41]}"), "no …"),
        # A file that was typed can have a key as well.
        (InputError(f"no {HASH}"), "no …"),
        # Public: it came from the chain, or the chain knows it, or it is no key.
        (EnergyGridError(f"no {HASH}"), f"no {HASH}"),
        (InputError(f"no {HASH}", public=[HASH]), f"no {HASH}"),
        (InputError(f"no {HASH}, 0x{KEY}", public=[HASH]), f"no {HASH}, …"),
        (EnergyGridError(f"no {PROPOSAL}"), f"no {PROPOSAL}"),
        (InputError(f"no {PROPOSAL}"), f"no {PROPOSAL}"),
    ],
)
@pytest.mark.parametrize("json_option", [(), ("--json",)])
def test_main__what_can_be_a_key__is_printed_only_if_it_is_public(
    error: EnergyGridError,
    says: str,
    json_option: tuple[str, ...],
    capsys: Output,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("energy_grid.cli.main.command_tree", lambda: raising(error))
    main(["batch", "show", f"0x{KEY}", "--of", PROPOSAL, *json_option])
    err = capsys.readouterr().err
    assert (json.loads(err)["message"] if json_option else err) == (
        says if json_option else f"energy-grid: {says}\n"
    )


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (DeploymentError("no contracts\nhere"), 1, "energy-grid: no contracts here\n"),
        (EnergyGridError("broken"), 1, "energy-grid: broken\n"),
        (KeyboardInterrupt(), 130, "energy-grid: stopped; no process is left running\n"),
    ],
)
def test_main__failure__one_line_and_its_code(
    error: BaseException,
    code: int,
    says: str,
    capsys: Output,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(run, "run_demo", raising(error))
    assert main(["demo", "--report", str(tmp_path)]) == code
    assert capsys.readouterr().err == says


def test_main__failed_check__shows_everything_and_fails_with_the_statement(
    capsys: Output, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from dataclasses import replace

    from energy_grid.demo.config import DEFAULT_DAY

    report = day_report(DEFAULT_DAY, 3)
    wrong = replace(report.check[1], holds=False, numbers="4 and 5")
    broken = replace(report, check=(report.check[0], wrong, *report.check[2:]))
    monkeypatch.setattr(run, "run_demo", lambda *_: broken)
    assert main(["demo", "--report", str(tmp_path)]) == 1
    captured = capsys.readouterr()
    assert f"NO {wrong.claim}  4 and 5" in captured.out
    assert captured.err == f"energy-grid: the check failed: {wrong.claim} (4 and 5)\n"
    assert (tmp_path / "report.html").is_file()


def raising(error: BaseException) -> Callable[..., Any]:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize("name", GROUPS)
def test_group__that_is_imported__is_called_and_summed_up_as_the_list_says(name: str) -> None:
    found = group(name)
    assert found.name == name
    assert found.get_short_help_str(limit=200) == GROUPS[name].summary


@pytest.mark.parametrize(
    ("arguments", "groups"),
    [([], []), (["--version"], []), (["grid", "--help"], ["grid"]), (["demo", "--help"], ["demo"])],
)
def test_main__a_command__imports_no_other_one_and_nothing_that_speaks_to_a_chain(
    arguments: list[str], groups: list[str]
) -> None:
    code = f"""
import sys
from energy_grid.cli.groups import GROUPS
from energy_grid.cli.groups import GROUPS
from energy_grid.cli.main import group, main

main({arguments})
found = [name for name, entry in GROUPS.items() if f"energy_grid.{{entry.module}}" in sys.modules]
print(found, [each for each in {_SLOW} if each in sys.modules], file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == f"{groups} []\n"
