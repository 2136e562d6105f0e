"""Types commands at a deployed market and reads what they print."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from energy_grid.adapters.chain.accounts import Account
from energy_grid.entrypoints.cli.main import main
from tests.support.market import Market

__all__ = [
    "AUTHORITY",
    "GUARDIAN",
    "OPERATOR",
    "REGISTRAR",
    "REPORTERS",
    "STRANGER",
    "Terminal",
    "address",
]

# Two of its three owners sign for the Safe; which two makes no difference.
AUTHORITY, GUARDIAN = "safe:local:1,local:2", "safe:local:3,local:1"
REGISTRAR = "safe:local:2,local:3"
OPERATOR, STRANGER = "local:10", "local:15"
REPORTERS = ("local:4", "local:12", "local:13")


def address(who: str) -> str:
    """The address of ``local:N``."""
    return Account.local(int(who.removeprefix("local:"))).address


@dataclass
class Terminal:
    """A terminal in front of a market."""

    market: Market
    file: Path
    capsys: pytest.CaptureFixture[str]

    def does(self, who: str, command: str) -> str:
        """The line of a command that sends."""
        code, out, err = self._run(f"{command} --account {who}")
        assert (code, err) == (0, "")
        assert out.count("\n") == 1
        line, _, transactions = out.strip().rpartition(" (transaction")
        assert "0x" in transactions
        return line

    def says(self, command: str) -> str:
        """The line of a command that sends nothing."""
        code, out, err = self._run(command)
        assert (code, err) == (0, "")
        assert out.count("\n") == 1
        return out.strip()

    def shows(self, command: str) -> str:
        """What a command prints for people, its words one space apart."""
        code, out, err = self._run(command)
        assert (code, err) == (0, "")
        return " ".join(out.split())

    def tells(self, command: str) -> Any:
        """What a command prints for programs."""
        code, out, err = self._run(f"{command} --json")
        assert (code, err) == (0, "")
        return json.loads(out)

    def fits(self, command: str, width: int = 100) -> bool:
        """Whether no line that a command prints for people is wider, trailing spaces aside."""
        code, out, err = self._run(command)
        assert (code, err) == (0, "")
        return max(len(line.rstrip()) for line in out.splitlines()) <= width

    def refuses(self, command: str, code: int = 1) -> str:
        """The line on standard error of a command that fails, without the program's name."""
        found, out, err = self._run(command)
        assert (found, out) == (code, "")
        assert err.startswith("energy-grid: ")
        assert err.count("\n") == 1
        return err.strip().removeprefix("energy-grid: ")

    def _run(self, command: str) -> tuple[int, str, str]:
        places = ("--rpc", self.market.node.url, "--deployment", str(self.file))
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("COLUMNS", "200")  # no cell of a table is broken into two lines
            code = main([*shlex.split(command), *places])
        return code, *self.capsys.readouterr()
