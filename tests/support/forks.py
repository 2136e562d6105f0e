"""Running the project's programs as a user does, each in a process of its own.

These are forks of one that has imported what the programs need, which takes longer than most of
what tests let them do.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["PROGRAMS", "Done", "Fork"]

_SECONDS = 180.0
_PROCESSES = multiprocessing.get_context("forkserver")
# Nothing here has read a setting of Ape's, so that each fork has its own.
_PROCESSES.set_forkserver_preload(
    [
        *("ape.api", "ape.cli", "ape_ethereum.provider", "ape_foundry.provider", "ape_run._cli"),
        *("ape_solidity", "energy_grid.client", "energy_grid.cli.main"),
        "energy_grid.serve.roles",
    ]
)


@dataclass(frozen=True)
class Done:
    """A program that has ended: its exit code, and what it printed."""

    returncode: int
    stdout: str
    stderr: str


class Fork:
    """A program with its arguments, which begins at once.

    Args:
        words: the program, one of `PROGRAMS`, and its arguments.
        folder: where it runs.
        merged: what it prints to stderr comes with the rest, in its order.
    """

    def __init__(
        self,
        words: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        *,
        merged: bool = False,
    ) -> None:
        self._is_ended = False
        self._outputs = tempfile.TemporaryDirectory()
        self._process = _PROCESSES.Process(
            target=_run, args=(words, dict(environment), folder, self._outputs.name, merged)
        )
        self._process.start()

    @property
    def is_running(self) -> bool:
        return self._process.is_alive()

    @property
    def pid(self) -> int:
        """The number of its process."""
        assert self._process.pid is not None
        return self._process.pid

    def wait(self, seconds: float = _SECONDS) -> Done:
        """Raises TimeoutError if it has not ended by then."""
        self._process.join(seconds)
        if self._process.exitcode is None:
            raise TimeoutError(f"it still runs, and has printed: {self.printed('stdout')}")
        return Done(self._process.exitcode, self.printed("stdout"), self.printed("stderr"))

    def printed(self, stream: str) -> str:
        path = Path(self._outputs.name, stream)
        return path.read_text() if path.exists() else ""

    def end(self) -> None:
        """`kill -9`, if it still runs."""
        if self._is_ended:
            return
        self._is_ended = True
        self._process.kill()
        self._process.join()
        self._process.close()
        self._outputs.cleanup()


def _ape() -> None:
    from ape._cli import cli

    cli()


def _energy_grid() -> None:
    from energy_grid.cli.main import app

    app()


def _roles() -> None:
    from tests.support.roles import main

    main()


PROGRAMS: Mapping[str, Callable[[], None]] = {
    "ape": _ape,
    "energy-grid": _energy_grid,
    "roles": _roles,
}


def _run(
    words: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    outputs: str,
    merged: bool,
) -> None:
    """In the process of a program."""
    for descriptor, name in ((1, "stdout"), (2, "stdout" if merged else "stderr")):
        path = Path(outputs, name)
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND), descriptor)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = [*words]
    PROGRAMS[words[0]]()
