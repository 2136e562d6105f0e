"""The completions that shells get, and how they are printed."""

from __future__ import annotations

import io
import sys

import pytest
from rich.text import Text

from energy_grid.chain.networks import NETWORKS
from energy_grid.cli.answers import facts, table
from energy_grid.cli.console import console
from energy_grid.cli.main import main

Output = pytest.CaptureFixture[str]
ASKING = "_ENERGY_GRID_COMPLETE"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion__has_a_script_for_each_shell(
    shell: str, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    monkeypatch.setenv(ASKING, f"source_{shell}")
    with pytest.raises(SystemExit) as ended:
        main([])
    assert ended.value.code == 0
    script = capsys.readouterr().out
    assert f"{ASKING}=complete_{shell}" in script
    assert "energy-grid" in script


def _completed(shell: str, line: str, monkeypatch: pytest.MonkeyPatch, capsys: Output) -> str:
    monkeypatch.setenv(ASKING, f"complete_{shell}")
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(len(line.split(" ")) - 1))
    monkeypatch.setenv("_TYPER_COMPLETE_ARGS", line)
    monkeypatch.setenv("_TYPER_COMPLETE_FISH_ACTION", "get-args")
    with pytest.raises(SystemExit):
        main([])
    return capsys.readouterr().out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("energy-grid ord", ["order"]),
        ("energy-grid order s", ["sign", "show", "state"]),
        ("energy-grid order sign b", ["buy"]),
        ("energy-grid grid status --netw", ["--network"]),
        ("energy-grid grid status --network v", ["volta"]),
        ("energy-grid operator verify --dry", ["--dry-run"]),
    ],
)
def test_completion__offers_what_can_come_next(
    shell: str, line: str, words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    output = _completed(shell, line, monkeypatch, capsys)
    assert all(word in output for word in words)
    for other in {"order", "buy", "sell", "sign", *NETWORKS} - set(words):
        assert f'"{other}"' not in output
        assert other not in output.splitlines()


class _Screen(io.StringIO):
    """A terminal that remembers what is written on it."""

    def isatty(self) -> bool:
        return True


def _shown(monkeypatch: pytest.MonkeyPatch, screen: io.StringIO) -> str:
    monkeypatch.setattr(sys, "stdout", screen)
    console().print(Text("ok", style="green"), facts({"name": "value"}))
    return screen.getvalue()


def test_console__colours__only_on_a_terminal_and_not_with_no_color(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    green = "\x1b[32m"
    assert green in _shown(monkeypatch, _Screen())
    assert "\x1b" not in _shown(monkeypatch, io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert green not in _shown(monkeypatch, _Screen())


def test_console__in_a_pipe__is_two_hundred_columns_wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    pipe = io.StringIO()
    monkeypatch.setattr(sys, "stdout", pipe)
    console().print(table(("a", "b", ">c"), [("0x" + "1" * 40, "word " * 50, "5")]))
    console().print(facts({"data": "0x" + "1" * 500}))
    lines = pipe.getvalue().splitlines()
    assert max(map(len, lines)) == 200
    monkeypatch.setenv("COLUMNS", "60")
    narrow = io.StringIO()
    monkeypatch.setattr(sys, "stdout", narrow)
    console().print(table(("a", "b"), [("word " * 30, "word " * 30)]))
    assert max(map(len, narrow.getvalue().splitlines())) <= 60


@pytest.mark.parametrize(("width", "parts"), [(66, 1), (65, 2), (44, 3), (33, 5)])
def test_table__in_a_narrow_terminal__cuts_addresses_alone(
    monkeypatch: pytest.MonkeyPatch, width: int, parts: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    screen = io.StringIO()
    monkeypatch.setattr(sys, "stdout", screen)
    row = ("0x" + "a" * 40, "4294967296", "2026-11-22 12:00")
    console().print(table(("by", ">trade", "from"), [row, ("none", "1", "never")]))
    assert max(map(len, screen.getvalue().splitlines())) <= width
    words = screen.getvalue().split()
    address = [each for each in words if "aaa" in each]
    assert (len(address), "".join(address)) == (parts, row[0])
    assert {"4294967296", "2026-11-22", "12:00", "never"} <= set(words)


@pytest.mark.parametrize(("width", "parts"), [(74, 1), (73, 2), (40, 3)])
def test_table__in_a_narrow_terminal__cuts_hashes_into_equal_lines(
    monkeypatch: pytest.MonkeyPatch, width: int, parts: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    screen = io.StringIO()
    monkeypatch.setattr(sys, "stdout", screen)
    value = "0x" + "b" * 64
    console().print(table((">batch", "transaction"), [("1", value)]))
    found = [each for each in screen.getvalue().split() if "bbb" in each]
    assert {len(each) for each in found} == {66 // parts}
    assert "".join(found) == value
