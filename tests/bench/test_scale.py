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
    hours, quarters, traded = designs(Scenario(meters=1_000, trades=200), gas, sizes)
    reading = {
        word: gas[f"submitSignedReadings, each of 100, {word} in a community"]
        for word in ("first of a day", "fresh word", "used word")
    }
    in_hours = reading["first of a day"] + 2 * reading["fresh word"] + 21 * reading["used word"]
    assert hours.total("gas") == pytest.approx(
        1_000 * (in_hours + gas["closeThrough, 24 slots in a community, each of 50"])
    )
    assert traded.total("gas") == pytest.approx(
        quarters.total("gas")
        + 200 * gas["settleBatch, each of 100, quarter hour, fresh words, and of the day's money"]
        + 1_000 * gas["closeThrough, 96 slots in a community, all traded, each of 50"]
        - 1_000 * gas["closeThrough, 96 slots in a community, each of 50"]
    )
    assert hours.transactions == 240 + 20
    assert traded.transactions == 960 + 2 + 20
    assert hours.total("words") == pytest.approx(1_000 * (3 + 1 + 0.06))
    assert traded.total("rows") == 96_000 + 200 + 1_000
    assert traded.total("kept") == 2 * 200


def test_limits_and_costs__twice_the_market__twice_the_share_and_the_same_household(
    figures: Figures,
) -> None:
    one, two = Scenario(), Scenario(meters=2_000_000, trades=4_800_000)
    for small, large in zip(designs(one, *figures), designs(two, *figures), strict=True):
        for name, share in limits(small).items():
            assert limits(large)[name] == pytest.approx(2 * share)
        costs = dollars_a_year(small, one, "usual")
        assert dollars_a_year(large, two, "usual") == pytest.approx(costs)
