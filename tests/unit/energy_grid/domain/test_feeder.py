"""Feeders: trees of cables, and what flows in them."""

from __future__ import annotations

import random

import pytest

from energy_grid.demo import simbench
from energy_grid.domain.feeder import Bus, Feeder
from energy_grid.errors import InputError
from energy_grid.market.feeders import load_cables
from tests.support.feeders import STREET, cable


def buses(*names: str) -> list[Bus]:
    return [Bus(name=name, longitude=0, latitude=0) for name in names]


def test_feeder__is_ordered_from_its_transformer() -> None:
    ends = [(each.upper, each.lower) for each in STREET.feeder.lines]
    assert ends == [("station", "A"), ("A", "B"), ("A", "C")]


def test_flows__are_what_hangs_behind() -> None:
    found = STREET.feeder.flows({"B": 4000, "C": -1500, "A": 500})
    assert found == {"station": 3000, "A": 3000, "B": 4000, "C": -1500}
    assert STREET.feeder.flows({}) == dict.fromkeys(STREET.feeder.buses, 0)


def test_places__have_a_row_for_each_branch() -> None:
    assert STREET.feeder.places() == {
        "station": (0, 0),
        "A": (1, 0),
        "B": (2, 0),
        "C": (2, 1),
    }


@pytest.mark.parametrize(
    ("station", "lines", "why"),
    [
        ("X", [cable("S", "A")], "the transformer stands at 'X'"),
        ("S", [cable("S", "X")], "leads to 'X', which is no bus"),
        ("S", [], "no line leads from the transformer to 'A'"),
        ("S", [cable("S", "A"), cable("A", "S")], "no tree"),
    ],
)
def test_feeder__that_is_no_tree__is_refused(station: str, lines: list, why: str) -> None:  # type: ignore[type-arg]
    with pytest.raises(InputError, match=why):
        Feeder.of(station, 1, buses("S", "A"), lines)


def test_flows__of_the_demo_s_feeder__add_up_at_every_bus() -> None:
    feeder = load_cables(simbench.FOLDER)
    assert (len(feeder.buses), len(feeder.lines), feeder.rating_w) == (96, 95, 250_000)
    # 270 A at 400 V in three phases.
    assert feeder.lines[0].rating_w == 187_061
    draw = random.Random(1)
    drawn = {name: draw.randrange(-9000, 9000) for name in feeder.buses}
    through = feeder.flows(drawn)
    assert through[feeder.station] == sum(drawn.values())
    for name in feeder.buses:
        behind = sum(through[each.lower] for each in feeder.lines if each.upper == name)
        assert through[name] == behind + drawn[name]
    places = feeder.places()
    assert {*places} == {*feeder.buses}
    assert len({*places.values()}) == len(places)
    for each in feeder.lines:
        assert places[each.lower][0] == places[each.upper][0] + 1
