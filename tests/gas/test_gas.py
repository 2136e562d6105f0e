"""What operations cost, compared with the committed figures to the last unit of gas.

Gas is the receipt's, 21,000 included, in the steady state: balances are not zero, and it is the
second call of its kind. Accounts, times and amounts are fixed, so the figures are exact. After a
deliberate change: `pytest tests/gas --update-snapshots`, and commit the difference.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from energy_grid.demo.settlement_gas import FILE
from tests.bench.floors import measure_floors
from tests.gas.community_suite import MEMBERS
from tests.gas.parts import measure_parts, parts_table
from tests.gas.street import HOUR, QUARTER
from tests.gas.suites import LIMITS, MISSED, gas_chain, measure_everything
from tests.support.artifacts import ROOT, artifact
from tests.support.coverage import product_contracts

# By the rules that are newest, and without what one transaction leaves warm for the next.
pytestmark = pytest.mark.anvil

_PAGE = ROOT / "docs" / "gas.md"
# Name, gas, and where there are more columns, the floor.
_ROW = re.compile(r"^\| ([^|]+?) \| ([\d,]+) \|(?: ([^|]+?) \|)?", re.MULTILINE)
_PARTS = re.compile(r"^\| Gas of a member \|.*?\n(?=\n)", re.MULTILINE | re.DOTALL)
_RUNS = re.compile(r"optimizer on, [\d,]+ runs")
# A thousand bytes below what a chain takes, for what is found later.
_MAX_SIZE = 24_576 - 1_000


def test_gas__every_operation__costs_what_is_committed(
    snapshots: Path, pytestconfig: pytest.Config
) -> None:
    figures = measure_everything()
    assert_committed(figures, snapshots / "gas.json", pytestconfig)
    assert {name for name, limit in LIMITS.items() if figures[name] > limit} == MISSED


def test_floors__every_minimal_contract__costs_what_is_committed(
    snapshots: Path, pytestconfig: pytest.Config
) -> None:
    with gas_chain() as chain:
        floors = measure_floors(chain)
    assert_committed(floors, snapshots / "floors.json", pytestconfig)
    figures = json.loads((snapshots / "gas.json").read_text())
    assert floors.keys() >= LIMITS.keys()
    below = {name: floor for name, floor in floors.items() if floor > figures[name]}
    assert not below, f"no floor: {below}"


def test_parts__traced_days_of_a_community__are_the_committed_ones(
    snapshots: Path, pytestconfig: pytest.Config
) -> None:
    found: dict[str, dict[str, int]] = {}
    for slot in (HOUR, QUARTER):
        with gas_chain() as chain:
            found.update(measure_parts(chain, slot))
    assert_committed(found, snapshots / "parts.json", pytestconfig)
    figures = json.loads((snapshots / "gas.json").read_text())
    for name, parts in found.items():
        assert sum(parts.values()) // MEMBERS == figures[f"{name}, each of {MEMBERS}"]
        assert min(parts.values()) > 0


def test_sizes__every_contract__is_as_large_as_committed(
    snapshots: Path, pytestconfig: pytest.Config
) -> None:
    sizes = {name: artifact(name).runtime_size for name in product_contracts()}
    assert max(sizes.values()) <= _MAX_SIZE
    assert_committed(sizes, snapshots / "sizes.json", pytestconfig)


def assert_committed(found: dict[str, Any], path: Path, config: pytest.Config) -> None:
    if config.getoption("--update-snapshots"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(found, indent=2, sort_keys=True) + "\n")
    committed = json.loads(path.read_text())
    drift = {
        name: f"{committed.get(name)} -> {found.get(name)}"
        for name in sorted(committed.keys() | found.keys())
        if committed.get(name) != found.get(name)
    }
    assert not drift, f"other figures than committed: {drift}"


def test_settlement_gas__figures_that_the_package_tells__are_the_committed_ones(
    snapshots: Path, pytestconfig: pytest.Config
) -> None:
    figures = json.loads((snapshots / "gas.json").read_text())
    told = json.loads(FILE.read_text())
    assert_committed({name: figures[name] for name in told}, Path(str(FILE)), pytestconfig)


def test_gas_page__every_figure__is_the_committed_one(
    snapshots: Path, pytestconfig: pytest.Config
) -> None:
    figures = json.loads((snapshots / "gas.json").read_text())
    floors = json.loads((snapshots / "floors.json").read_text())
    parts = parts_table(json.loads((snapshots / "parts.json").read_text()))
    page = _PAGE.read_text()
    # Its rows are no operations.
    (table,) = _PARTS.findall(page)
    before, after = (
        _ROW.sub(lambda row: written(row, figures, floors), part) for part in page.split(table)
    )
    expected = before + parts + after
    runs = yaml.safe_load((ROOT / "ape-config.yaml").read_text())["solidity"]["optimization_runs"]
    expected = _RUNS.sub(f"optimizer on, {runs:,} runs", expected)
    assert _RUNS.search(page)
    if pytestconfig.getoption("--update-snapshots"):
        _PAGE.write_text(expected)
        page = expected
    assert page == expected
    assert {row[0] for row in _ROW.findall(before + after)} == figures.keys()


def written(row: re.Match[str], figures: dict[str, int], floors: dict[str, int]) -> str:
    """A row of the page with the committed figures."""
    name, _, floor = row.groups()
    if floor is None:
        return f"| {name} | {figures[name]:,} |"
    return f"| {name} | {figures[name]:,} | {f'{floors[name]:,}' if name in floors else '-'} |"
