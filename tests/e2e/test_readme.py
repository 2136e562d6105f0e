"""The README's examples, run as they stand there against a market of its own."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from energy_grid.adapters.chain.anvil import Anvil
from tests.support.artifacts import ROOT
from tests.support.deploying import run_script


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A node's URL, and the file of the market deployed there."""
    deployment = tmp_path_factory.mktemp("readme") / "local.json"
    with Anvil(accounts=20) as node:
        deployed = run_script("deploy", f"ethereum:local:{node.url}", deployment)
        assert deployed.returncode == 0, deployed.stdout
        yield node.url, deployment


@pytest.fixture(scope="module")
def example(market: tuple[str, Path]) -> subprocess.CompletedProcess[str]:
    """The Python example, run: the commands after it spend what it deposits."""
    url, deployment = market
    example = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert example is not None
    program = example[1].replace("http://127.0.0.1:8545", url)
    program = program.replace("deployments/local.json", str(deployment))
    assert program.count(url) == program.count(str(deployment)) == 1
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )


def test_readme__python_example__runs_and_prints_the_order(
    example: subprocess.CompletedProcess[str],
) -> None:
    assert (example.returncode, example.stderr) == (0, "")
    # 1.5 kWh at 0.25 a kWh are locked.
    assert re.search(r"OrderRecord\(.*amount=1500.*\) 375000$", example.stdout.strip())


@pytest.mark.usefixtures("example")
def test_readme__commands__run_one_after_the_other(
    market: tuple[str, Path], tmp_path: Path
) -> None:
    url, deployment = market
    commands = re.findall(r"^energy-grid (.*)$", (ROOT / "README.md").read_text(), re.MULTILINE)
    environment = {
        "ENERGY_GRID_RPC": url,
        "ENERGY_GRID_DEPLOYMENT": str(deployment),
        "COLUMNS": "120",  # no cell of a table is broken into two lines
    }
    program = Path(sys.executable).with_name("energy-grid")
    printed = {}
    for command in commands:
        done = subprocess.run(
            [program, *shlex.split(command, comments=True)],
            env={**os.environ, **environment},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, ""), command
        printed[command.partition("#")[0].strip()] = done.stdout
    assert len(commands) > 5
    # The dip has opened an action of what was configured.
    assert re.search(r"reserve-activation\s+20 kW", printed["grid balance list NORTH"])


@pytest.mark.parametrize(
    "link", re.findall(r"\]\((?!http)([^)#]+)\)", (ROOT / "README.md").read_text())
)
def test_readme__link__leads_somewhere(link: str) -> None:
    assert (ROOT / link).exists()
