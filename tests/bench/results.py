"""What a run of the benches has found."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from energy_grid.chain.rpc.anvil import find_anvil
from tests.bench.clearing import ClearingRow
from tests.bench.gateway_days import GatewayRow
from tests.bench.indexing import IndexingRow
from tests.bench.metering import MeteringRow
from tests.bench.pages import PaintRow
from tests.bench.readings import SignedReadings
from tests.bench.sending import SendingRow
from tests.bench.startup import StartupRow
from tests.bench.trades import TradesRow
from tests.bench.web import ReadRow, StreamRow

__all__ = ["Machine", "Results", "this_machine"]

_CPU_INFO = Path("/proc/cpuinfo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Where and when it was measured, with what."""

    day: str
    processor: str
    cores: int
    python: str
    numpy: str
    anvil: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """All tables; gas by operation."""

    machine: Machine
    gas: Mapping[str, int]
    floors: Mapping[str, int]
    clearing: Sequence[ClearingRow]
    trades: Sequence[TradesRow]
    sending: Sequence[SendingRow]
    signed_readings: SignedReadings
    gateway_days: Sequence[GatewayRow]
    indexing: Sequence[IndexingRow]
    metering: Sequence[MeteringRow]
    reads: Sequence[ReadRow]
    stream: StreamRow
    paints: Sequence[PaintRow]
    startup: Sequence[StartupRow]


def this_machine() -> Machine:
    """The machine that runs this, today."""
    answer = subprocess.run([find_anvil(), "--version"], capture_output=True, text=True)
    return Machine(
        day=datetime.now(UTC).date().isoformat(),
        processor=_processor(),
        cores=os.cpu_count() or 1,
        python=platform.python_version(),
        numpy=version("numpy"),
        anvil=" ".join(re.findall(r"anvil Version: ([\d.]+)", answer.stdout)),
    )


def _processor() -> str:
    if _CPU_INFO.exists():
        names = re.findall(r"^model name\s*: (.+)$", _CPU_INFO.read_text(), re.MULTILINE)
        if names:
            return str(names[0])
    return platform.processor() or platform.machine()
