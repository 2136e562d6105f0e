"""`energy-grid serve` in a process of its own, and what it says."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from tests.support.deploying import wait_until
from tests.support.forks import Fork

__all__ = ["address_of", "metric", "says", "serving", "unexplained"]


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[Fork]:
    """`energy-grid serve` with its data in a folder, until the end of the block."""
    words = ["energy-grid", "serve", "--folder", str(folder), "--port", "0", *options]
    running = Fork(words, dict(os.environ), folder.parent, merged=True)
    try:
        yield running
    finally:
        running.end()


def says(running: Fork, text: str) -> Callable[[], bool]:
    return lambda: text in running.printed("stdout") or not running.is_running


def address_of(running: Fork) -> str:
    wait_until(says(running, "/metrics"))
    (address,) = re.findall(r"(http://[0-9.:]+)/metrics", running.printed("stdout"))
    return str(address)


def unexplained(running: Fork) -> list[str]:
    """The metrics whose help is no sentence."""
    with urlopen(f"{address_of(running)}/metrics", timeout=10) as answer:
        found = re.findall(r"^# HELP energy_grid_(\S+) (.+)$", answer.read().decode(), re.MULTILINE)
    return [name for name, words in found if name != "up" and not words.endswith(".")]


def metric(running: Fork, name: str) -> float:
    with urlopen(f"{address_of(running)}/metrics", timeout=10) as answer:
        (value,) = re.findall(rf"^energy_grid_{name} (.+)$", answer.read().decode(), re.MULTILINE)
    return float(value)
