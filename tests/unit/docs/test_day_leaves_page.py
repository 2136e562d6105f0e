"""The day in docs/concepts/day_leaves.md: its bytes, hashes and program are the package's."""

from __future__ import annotations

import re
from typing import Any

import pytest

from energy_grid.domain.day_leaves import DayLeaves, Measured, decode_leaves, register_hash
from energy_grid.domain.merkle import leaf_tree
from scripts._docs.pages import DOCS

PAGE = (DOCS / "concepts/day_leaves.md").read_text()
EXAMPLE, PYTHON = (
    re.split(r"\n## ", PAGE.partition(f"\n## {heading}\n")[2])[0]
    for heading in ("An example", "In Python")
)
DAY = 20_000


@pytest.fixture(scope="module")
def day() -> DayLeaves:
    """The bytes of the page: what stands before the first gap of each line."""
    block = EXAMPLE.partition("```text\n")[2].partition("```")[0]
    digits = "".join(re.split(r" {2,}", line)[0] for line in block.splitlines())
    data = bytes.fromhex(digits)
    assert f"the {len(data)} bytes" in EXAMPLE
    return decode_leaves(data, 3600)


def rows(columns: int) -> list[list[str]]:
    """Those of the table with so many columns, without its head."""
    lines = (line[2:-2].split(" | ") for line in EXAMPLE.splitlines() if line.startswith("| "))
    return [line for line in lines if len(line) == columns][1:]


def test_page__bytes__are_those_of_its_table(day: DayLeaves) -> None:
    table = [[int(cell.replace(",", "")) for cell in row] for row in rows(7)]
    found = []
    for leaf, nets in zip(day.leaves, day.nets.tolist(), strict=True):
        assert isinstance(leaf, Measured)
        assert not leaf.continues
        found.append([leaf.number, *leaf.first, nets[12], nets[19], *leaf.last])
        assert sum(map(bool, nets)) == 2
    assert found == table


def test_page__hashes__are_those_of_its_bytes(day: DayLeaves) -> None:
    tree = leaf_tree(day.records())
    registers = register_hash(DAY, day.last_registers())
    hashes = [*tree.nodes, tree.root, registers]
    assert [row[1] for row in rows(2)] == [f"`0x{each.hex()}`" for each in hashes]
    assert tree.nodes[0] < tree.nodes[1]


def test_page__program__builds_the_same_day(day: DayLeaves) -> None:
    names: dict[str, Any] = {}
    exec(PYTHON.partition("```python\n")[2].partition("```")[0], names)
    assert names["day"].encode() == day.encode()
    assert names["root"] == leaf_tree(day.records()).root
