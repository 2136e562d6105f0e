"""The page about a million meters is what the committed gas and bytes give, and adds up."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.bench.calldata import measure_calldata
from tests.bench.scale import Scenario, designs, dollars_a_year, limits, page
from tests.support.artifacts import ROOT
from tests.support.market import Market

_PAGE = ROOT / "docs" / "scale.md"
Figures = tuple[dict[str, int], dict[str, dict[str, int]]]


@pytest.fixture
def figures(snapshots: Path) -> Figures:
    """The committed gas and bytes."""
    gas, sizes = (json.loads((snapshots / f"{name}.json").read_text()) for name in ("gas", "bytes"))
    return gas, sizes


def test_calldata__every_call__has_the_committed_bytes(
    market: Market, snapshots: Path, pytestconfig: pytest.Config
) -> None:
    found = {name: asdict(one) for name, one in measure_calldata(market).items()}
    path = snapshots / "bytes.json"
    if pytestconfig.getoption("--update-snapshots"):
        path.write_text(json.dumps(found, indent=2) + "\n")
    committed = json.loads(path.read_text())
    assert found.keys() == committed.keys()
    for name, one in found.items():
        # Zlibs differ a little from each other.
        compressed = one.pop("compressed")
        assert compressed == pytest.approx(committed[name].pop("compressed"), rel=0.03)
        assert one == committed[name], name


def test_scale_page__committed_figures__is_up_to_date(
    figures: Figures, pytestconfig: pytest.Config
) -> None:
    expected = page(Scenario(), *figures)
    if pytestconfig.getoption("--update-snapshots"):
        _PAGE.write_text(expected)
    assert _PAGE.read_text() == expected


def test_designs__by_hand__totals(figures: Figures) -> None:
    gas, sizes = figures
    everything, batches = designs(Scenario(meters=1_000, orders=200), gas, sizes)
    fresh = gas["submitReading, first of a slot"] - gas["submitReading, same slot"]
    assert everything.total("gas") == (
        1_000 * (gas["submitSignedReadings, each of 100"] + fresh)
        + 100 * (gas["createOrder BUY"] + gas["createOrder SELL"])
        + 100 * gas["matchOrders, both filled"]
        + 100 * gas["settleMany, each of 100, one delivered slot"]
    )
    assert batches.total("gas") == (
        1_000 * (gas["submitSignedReadings, each of 100"] + fresh)
        + 100 * gas["settleBatch, each of 100"]
        + 100 * gas["settleMany, each of 100, one delivered slot"]
    )
    assert everything.transactions == 10 + 200 + 100 + 1
    assert batches.transactions == 10 + 1 + 1
    assert batches.total("rows") == 1_000 + 100 + 4 * 100
    assert batches.total("kept") == 2 * 100


def test_limits_and_costs__twice_the_market__twice_the_share_and_the_same_household(
    figures: Figures,
) -> None:
    one, two = Scenario(), Scenario(meters=2_000_000, orders=400_000)
    for small, large in zip(designs(one, *figures), designs(two, *figures), strict=True):
        for name, share in limits(small).items():
            assert limits(large)[name] == pytest.approx(2 * share)
        costs = dollars_a_year(small, one, "usual")
        assert dollars_a_year(large, two, "usual") == pytest.approx(costs)
