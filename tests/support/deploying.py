"""Running the deployment scripts as a user does, each in a process of its own.

These are forks of one that has imported Ape, which takes longer than most scripts do.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.artifacts import ROOT

__all__ = ["Done", "Script", "killed_when", "run_script", "started", "wait_until"]

_SECONDS = 180.0
_PROCESSES = multiprocessing.get_context("forkserver")
# Nothing here has read a setting of Ape's, so that each fork has its own.
_PROCESSES.set_forkserver_preload(
    [
        *("ape.api", "ape.cli", "ape_ethereum.provider", "ape_foundry.provider", "ape_run._cli"),
        *("ape_solidity", "energy_grid.client"),
    ]
)


@dataclass(frozen=True)
class Done:
    """A script that has ended: its exit code, and what it printed, stderr included."""

    returncode: int
    stdout: str


class Script:
    """`ape run` with these arguments, which begins at once."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        descriptor, name = tempfile.mkstemp(suffix=".log")
        os.close(descriptor)
        self._output = Path(name)
        self._process = _PROCESSES.Process(target=_run, args=(arguments, environment, name))
        self._process.start()

    @property
    def is_running(self) -> bool:
        return self._process.is_alive()

    def wait(self, seconds: float = _SECONDS) -> Done:
        """Raises TimeoutError if it has not ended by then."""
        self._process.join(seconds)
        if self._process.exitcode is None:
            raise TimeoutError(f"it still runs, and has printed: {self.printed}")
        return Done(self._process.exitcode, self.printed)

    @property
    def printed(self) -> str:
        return self._output.read_text()

    def end(self) -> None:
        """`kill -9`, if it still runs."""
        self._process.kill()
        self._process.join()
        self._process.close()
        self._output.unlink()


def _run(arguments: Sequence[str], environment: Mapping[str, str], output: str) -> None:
    """In the process of a script."""
    file = os.open(output, os.O_WRONLY | os.O_APPEND)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    sys.argv = ["ape", "run", *arguments]
    from ape._cli import cli

    cli()


def run_script(
    script: str, network: str, file: Path, *options: str, environment: Mapping[str, str] = {}
) -> Done:
    """`ape run <script with its arguments>` to its end."""
    with started(network, file, *options, script=script, environment=environment) as running:
        return running.wait()


@contextmanager
def started(
    network: str,
    file: Path,
    *options: str,
    script: str = "deploy",
    environment: Mapping[str, str] = {},
) -> Iterator[Script]:
    """`ape run <script>` while it runs; killed at the end of the block."""
    inherited = {name: value for name, value in os.environ.items() if "ENERGY_GRID" not in name}
    running = Script(
        [*script.split(), "--network", network, "--deployment-file", str(file), *options],
        {"APE_DATA_FOLDER": str(ROOT / ".ape"), **inherited, **environment},
    )
    try:
        yield running
    finally:
        running.end()


def killed_when(
    sent: str,
    network: str,
    file: Path,
    mine: Callable[[], None],
    *options: str,
    arrived: Callable[[str], bool] = lambda _: True,
) -> str:
    """Run `ape run deploy`, mining for it, until the transaction of a contract or a step is
    written in its journal, which is before it is sent, and has `arrived`; then `kill -9`. Gives
    that transaction's hash."""
    with started(network, file, *options) as running:
        deadline = time.monotonic() + _SECONDS
        while (found := _sent(file).get(sent)) is None:
            if not running.is_running or time.monotonic() > deadline:
                raise AssertionError(f"it ended before {sent}: {running.printed}")
            mine()
            time.sleep(0.01)
        wait_until(lambda: arrived(found))
        return found


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + _SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _sent(file: Path) -> dict[str, str | None]:
    """Hashes in the journal by contract and step."""
    journal: dict[str, Any] = {"contracts": {}, "steps": {}}
    path = file.with_suffix(".partial.json")
    if path.exists():
        journal = json.loads(path.read_text())
    contracts = {name: entry["transaction"] for name, entry in journal["contracts"].items()}
    return contracts | journal["steps"]
