"""What operations cost on an Anvil, compared with the committed figures to the last unit of gas.

Gas is the receipt's, 21,000 and calldata included. Keys, times and amounts are fixed, so figures
are exact. After a deliberate change: `pytest --update-snapshots`, and commit the difference. Days
that close are measured in test_settlement_gas.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from energy_grid.chain.rpc.anvil import Anvil
from tests.model.market import DAY
from tests.support.core.gas_chain import GasChain
from tests.gas.core_suite import START, GasSuite

pytestmark = pytest.mark.anvil

_SNAPSHOT = Path(__file__).with_name("gas.json")


def test_gas__every_operation__costs_what_is_committed(pytestconfig: pytest.Config) -> None:
    with Anvil(timestamp=START - DAY, mining=False, gas_limit=60_000_000) as node:
        figures = GasSuite(GasChain(node, START)).measure()
    if pytestconfig.getoption("--update-snapshots"):
        _SNAPSHOT.write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n")
    committed = json.loads(_SNAPSHOT.read_text())
    drift = {
        name: f"{committed.get(name)} -> {figures.get(name)}"
        for name in sorted(committed.keys() | figures.keys())
        if committed.get(name) != figures.get(name)
    }
    assert not drift, f"other figures than committed: {drift}"
