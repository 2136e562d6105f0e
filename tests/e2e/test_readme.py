"""The README's Python example, run as it stands there against a market of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from energy_grid.adapters.chain.anvil import Anvil
from tests.support.artifacts import ROOT
from tests.support.deploying import run_script


def test_readme__python_example__runs_and_prints_the_order(tmp_path: Path) -> None:
    example = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert example is not None
    deployment = tmp_path / "local.json"
    with Anvil(accounts=20) as node:
        deployed = run_script("deploy", f"ethereum:local:{node.url}", deployment)
        assert deployed.returncode == 0, deployed.stdout
        program = example[1].replace("http://127.0.0.1:8545", node.url)
        program = program.replace("deployments/local.json", str(deployment))
        assert program.count(node.url) == program.count(str(deployment)) == 1
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=False
        )
    assert (done.returncode, done.stderr) == (0, "")
    # 1.5 kWh at 0.25 a kWh are locked.
    assert re.search(r"OrderRecord\(.*amount=1500.*\) 375000$", done.stdout.strip())


@pytest.mark.parametrize(
    "link", re.findall(r"\]\((?!http)([^)#]+)\)", (ROOT / "README.md").read_text())
)
def test_readme__link__leads_somewhere(link: str) -> None:
    assert (ROOT / link).exists()
