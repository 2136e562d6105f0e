"""Running the deployment scripts as a user does, each in a process of its own."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from energy_grid.chain.rpc.node import DevNode
from tests.support.artifacts import ROOT
from tests.support.forks import Done, Fork

__all__ = ["killed_when", "run_script", "started", "wait_until"]

_SECONDS = 180.0


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
) -> Iterator[Fork]:
    """`ape run <script>` while it runs; killed at the end of the block."""
    inherited = {name: value for name, value in os.environ.items() if "ENERGY_GRID" not in name}
    options = ("--network", network, "--deployment-file", str(file), *options)
    running = Fork(
        ["ape", "run", *script.split(), *options],
        {"APE_DATA_FOLDER": str(ROOT / ".ape"), **inherited, **environment},
        ROOT,
        merged=True,
    )
    try:
        yield running
    finally:
        running.end()


def killed_when(
    sent: str,
    node: DevNode,
    network: str,
    file: Path,
    *options: str,
    arrived: Callable[[str], bool] = lambda _: True,
) -> str:
    """Run `ape run deploy`, mining for it, until the transaction of a contract or a step is
    written in its journal, which is before it is sent, and has `arrived`; then `kill -9`. Gives
    that transaction's hash, which has not been mined."""
    with started(network, file, *options) as running:
        deadline = time.monotonic() + _SECONDS
        while True:
            # Looked up before the journal: the next is sent when this one has been mined.
            waits = int(node.rpc("txpool_status")["pending"], 16)
            if (found := _sent(file).get(sent)) is not None:
                break
            if not running.is_running or time.monotonic() > deadline:
                raise AssertionError(f"it ended before {sent}: {running.wait()}")
            if waits:
                node.mine()
            time.sleep(0.01)
        wait_until(lambda: arrived(found))
        return found


def wait_until(condition: Callable[[], bool], seconds: float = _SECONDS) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + seconds
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
