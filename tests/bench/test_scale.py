"""The page about a million meters is what the committed gas and bytes give, and adds up."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.bench.calldata import measure_calldata
from tests.bench.scale import FEES, Scenario, designs, dollars_a_year, limits, page, sections
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
    _, quarters, hours, days, traded = designs(Scenario(meters=1_000, trades=200), gas, sizes)
    reading = {
        word: gas[f"submitSignedReadings, each of 100, {word} in a community"]
        for word in ("first of a day", "fresh word", "used word")
    }
    read = reading["first of a day"] + 11 * reading["fresh word"] + 84 * reading["used word"]
    closed = gas["closeThrough, 96 slots in a community, each of 50"]
    assert quarters.total("gas") == pytest.approx(1_000 * (read + closed))
    anchors = 10 * gas["anchor, a community's day"]
    for design, slots in (hours, 24), (days, 96):
        each = gas[f"settleDay, {slots} slots, each of 100"]
        assert design.total("gas") == pytest.approx(anchors + 1_000 * each)
        settled = sizes[f"settleDay, 100 members, {slots} slots"]["compressed"] + 110
        anchored = sizes["anchor"]["compressed"] + 110
        assert design.total("size") == pytest.approx(10 * (settled + anchored))
    pair = gas["settleBatch, each of 100, quarter hour, fresh words, and of the day's money"]
    all_traded = gas["settleDay, 96 slots, all traded, each of 100"]
    assert traded.total("gas") == pytest.approx(anchors + 1_000 * all_traded + 200 * pair)
    assert quarters.transactions == 960 + 20
    assert traded.transactions == 10 + 10 + 2
    assert quarters.total("words") == pytest.approx(1_000 * (12 + 1 + 0.24))
    assert traded.total("words") == pytest.approx(10 * 3 + 200 * 3.5)
    assert quarters.total("rows") == 96_000 + 1_000
    assert traded.total("rows") == 10 + 1_000 + 200


def test_first_edition__its_own_page__same_costs(figures: Figures) -> None:
    first = designs(Scenario(), *figures)[0]
    costs = [sum(dollars_a_year(first, Scenario(), level)) for level in FEES]
    assert [round(cost, 2) for cost in costs] == [6.90, 27.62, 140.23]
    assert limits(first)["Base's gas target"] == pytest.approx(0.36, abs=0.005)
    assert first.transactions == 24 * 12_000


def test_sections__a_member_dearer_or_longer__fewer(figures: Figures) -> None:
    gas, sizes = figures
    name = "96 slots, all traded"
    # 1,008 members of 130 bytes need 78 more than 131,072 less the envelope.
    sizes["settleDay, 100 members, 96 slots"]["all"] = 13_000
    dearer = {**gas, f"settleDay, {name}, each of 100": 2**24 // 100}
    assert sections(dearer, sizes)[name] == (100, 1_007)
    assert f"fewer fit with {name}: 100" in page(Scenario(), dearer, sizes)
    cheaper = {**gas, f"settleDay, {name}, each of 100": 2**24 // 200}
    assert "so many always fit" in page(Scenario(), cheaper, sizes)


def test_limits_and_costs__twice_the_market__twice_the_share_and_the_same_household(
    figures: Figures,
) -> None:
    one, two = Scenario(), Scenario(meters=2_000_000, trades=4_800_000)
    for small, large in zip(designs(one, *figures), designs(two, *figures), strict=True):
        for name, share in limits(small).items():
            assert limits(large)[name] == pytest.approx(2 * share)
        costs = dollars_a_year(small, one, "usual")
        assert dollars_a_year(large, two, "usual") == pytest.approx(costs)
