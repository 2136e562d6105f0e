"""What it costs to start: of the command and of the SDK, compared with a bare interpreter.

    python -m tests.bench.startup

Processor seconds of whole processes, user and system together, the median of a few turns of each,
taken in turn with a process that does nothing but start.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from energy_grid.chain.rpc.anvil import Anvil
from tests.support.chain import deployed_files

__all__ = ["StartupRow", "measure_startup"]

TURNS = 10
_COMMAND = str(Path(sys.executable).with_name("energy-grid"))
_BARE = (sys.executable, "-c", "import json, decimal, http.client")


@dataclass(frozen=True, slots=True, kw_only=True)
class StartupRow:
    """Processor seconds of a process, and of one that imports some of the standard library."""

    name: str
    seconds: float
    bare: float

    @property
    def ratio(self) -> float:
        """How many bare starts it costs."""
        return self.seconds / self.bare


def measure_startup(turns: int = TURNS) -> list[StartupRow]:
    """Of the help, of the SDK's import, and of a command that reads the chain."""
    files = deployed_files(3600)
    with Anvil(accounts=20) as node:
        node.rpc("anvil_loadState", files.state.read_text())
        place = ("--rpc", node.url, "--deployment", str(files.deployment))
        return [
            _row("energy-grid --help", (_COMMAND, "--help"), turns),
            _row(
                "import energy_grid.client",
                (sys.executable, "-c", "import energy_grid.client"),
                turns,
            ),
            _row("energy-grid book list", (_COMMAND, "book", "list", *place), turns),
        ]


def _row(name: str, command: Sequence[str], turns: int) -> StartupRow:
    # The first turn may have to compile.
    found = [(_cost(command), _cost(_BARE)) for _ in range(turns + 1)][1:]
    return StartupRow(
        name=name,
        seconds=median(cost for cost, _ in found),
        bare=median(bare for _, bare in found),
    )


def _cost(command: Sequence[str]) -> float:
    """Processor seconds of a process."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=_environment())
    _, code, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(code)
    assert process.returncode == 0, command
    return used.ru_utime + used.ru_stime


def _environment() -> dict[str, str]:
    """As of a user, whose interpreter keeps what it has compiled."""
    return {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}


def main() -> None:
    """Measure, and print a table."""
    for row in measure_startup():
        print(f"{row.name:28} {row.seconds:6.2f} s {row.ratio:6.1f} bare starts")


if __name__ == "__main__":
    main()
