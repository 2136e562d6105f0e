"""Pages of documentation, run as a reader runs them: all commands and Python blocks, in order.

Blocks of a page by the words behind their fence:

    sh          commands, run one after the other; each must succeed and say nothing on stderr
    sh refused  one command that must be refused; what it says on stderr counts as its output
    sh setup    done by the fixtures of the test: passed over here
    python      run in one interpreter for the whole page
    text        what the block above it prints, but for what differs from day to day (`masked`)

Any other block is passed over. The address of the node and of the deployment file are those of the
market that is given.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.support.artifacts import ROOT
from tests.support.brokers import free_port
from tests.support.deploying import wait_until
from tests.support.forks import PROGRAMS, Done, Fork

__all__ = ["NODE", "Block", "Reader", "blocks_of", "masked"]

NODE, DEPLOYMENT = "http://127.0.0.1:8545", "deployments/local.json"
_BACKEND = "http://127.0.0.1:8000"
_BLOCK = re.compile(r"^```(\w+)?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# What a reader sees differently: hashes and addresses of what is new, what gas cost, and the
# minutes of times that are no full hours. docs/tutorials/index.md says so.
_VOLATILE = (
    (re.compile(r"0x[0-9a-f]{8,}…?"), "0x…"),
    (re.compile(r"[\d,]+ gas\b"), "… gas"),
    (re.compile(r"\d+\.\d{12,}"), "…"),
    (re.compile(r"\b(\d\d):(?!00(:00)?(?![:\d]))\d\d(:\d\d)?\b"), r"\1:mm"),
)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, the words behind that, its text, and where that begins."""

    language: str
    words: str
    text: str
    start: int


def blocks_of(page: str) -> list[Block]:
    """The fenced blocks of a page."""
    return [
        Block(found[1] or "", found[2].strip(), found[3], found.start(3))
        for found in _BLOCK.finditer(page)
    ]


def masked(output: str) -> str:
    """What is left of an output when all is taken out that differs from day to day."""
    for pattern, put in _VOLATILE:
        output = pattern.sub(put, output)
    return "\n".join(line.rstrip() for line in output.rstrip().split("\n"))


class Reader:
    """Somebody who types what a page says, in a folder of its own.

    Args:
        url, deployment: of the market.
    """

    def __init__(self, url: str, deployment: Path, folder: Path) -> None:
        self._url, self._backend = url, _BACKEND
        self._deployment = str(deployment)
        self._folder = folder
        self._names: dict[str, Any] = {"__name__": "__main__"}
        inherited = {key: value for key, value in os.environ.items() if "ENERGY_GRID" not in key}
        self._environment = {
            **inherited,
            "ENERGY_GRID_RPC": url,
            "ENERGY_GRID_DEPLOYMENT": self._deployment,
            "PATH": f"{Path(sys.executable).parent}:{ROOT}/.tools/bin:{os.environ['PATH']}",
            "APE_DATA_FOLDER": str(ROOT / ".ape"),
            "COLUMNS": "120",
        }

    @contextlib.contextmanager
    def serving(self, setup: list[str]) -> Iterator[None]:
        """What a page runs in a second terminal, if it does, until the end of the block."""
        found = [line for line in setup if line.startswith("energy-grid serve ")]
        with contextlib.ExitStack() as ends:
            for line in found:
                port = free_port()
                words = shlex.split(self._placed(line))
                roles = [name for word, name in pairwise(words) if word == "--role"]
                words += ["--port", str(port)]
                running = Fork(words, self._environment, self._folder, merged=True)
                ends.callback(running.end)
                wait_until(partial(_runs, running, roles))
                self._backend = f"http://127.0.0.1:{port}"
            yield

    def run(self, page: str) -> list[tuple[Block, str]]:
        """Do all that a page says; gives each block that shows an output, with what it was."""
        shown = []
        printed = ""
        for block in blocks_of(page):
            if block.language == "text":
                shown.append((block, printed))
            printed = self._done(block)
        return shown

    def _done(self, block: Block) -> str:
        if block.language == "sh" and block.words != "setup":
            commands = re.sub(r"\\\n\s*", "", block.text).splitlines()
            refused = block.words == "refused"
            return "".join(self._typed(each, refused) for each in commands if each.strip())
        if block.language == "python":
            return self._interpreted(block.text)
        return ""

    def _typed(self, command: str, refused: bool) -> str:
        # Ape's scripts are the checkout's, and get the deployment file by an option.
        of_ape = command.startswith("ape run ")
        if of_ape:
            command += f" --deployment-file {DEPLOYMENT}"
        done = self._ended(self._placed(command), ROOT if of_ape else self._folder)
        if refused:
            assert done.returncode in (1, 2), f"{command}\n{done.stdout}"
            return done.stderr
        assert (done.returncode, done.stderr) == (0, ""), f"{command}\n{done.stderr}"
        return self._as_shown(done.stdout)

    def _ended(self, command: str, folder: Path) -> Done | subprocess.CompletedProcess[str]:
        """A command's process: a fork, if the command needs nothing of a shell but its quotes."""
        words = shlex.split(command)
        if words[0] not in PROGRAMS or re.search(r"[|&;<>$`*~]", command):
            shell = ["bash", "-c", command]
            return subprocess.run(
                shell,
                env=self._environment,
                cwd=folder,
                capture_output=True,
                text=True,
                check=False,
            )
        fork = Fork(words, self._environment, folder)
        try:
            return fork.wait()
        finally:
            fork.end()

    def _as_shown(self, output: str) -> str:
        """An output as where the deployment file is in a checkout."""
        folder = Path(self._deployment).parent
        places = map(re.escape, (str(folder), os.path.relpath(folder, ROOT)))
        # In one pass: either may be a part of the other.
        return re.sub(f"(?:{'|'.join(places)})/", "deployments/", output)

    def _interpreted(self, program: str) -> str:
        output = io.StringIO()
        before = Path.cwd()
        os.chdir(self._folder)
        try:
            with contextlib.redirect_stdout(output):
                exec(compile(self._placed(program), "tutorial", "exec"), self._names)
        finally:
            os.chdir(before)
        return output.getvalue()

    def _placed(self, text: str) -> str:
        text = text.replace(NODE, self._url).replace(_BACKEND, self._backend)
        return text.replace(DEPLOYMENT, self._deployment)


def _runs(running: Fork, roles: list[str]) -> bool:
    printed = running.printed("stdout")
    return all(f"{each}: running" in printed for each in roles) or not running.is_running
