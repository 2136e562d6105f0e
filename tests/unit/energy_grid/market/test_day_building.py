"""Leaves of a day from registers at its slots' bounds."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from energy_grid.domain.day_leaves import Absent, Measured, Registers, check_chain
from energy_grid.domain.leaf_errors import LeavesError, MissingPowerError
from energy_grid.market.day_building import BuiltDay, build_leaves

SLOTS, HOUR = 24, 3600
TOP = 2**48
RATED = {7: 10_000, 9: 10_000}


def bounds(start: Registers, imported: int, exported: int) -> dict[int, Registers]:
    """Registers that rise by the same every hour."""
    return {
        bound: Registers(
            (start.imported + imported * bound) % TOP, (start.exported + exported * bound) % TOP
        )
        for bound in range(SLOTS + 1)
    }


def built(
    read: Mapping[int, Mapping[int, Registers]],
    members: tuple[int, ...] = (7, 9),
    before: Mapping[int, Registers] | None = None,
) -> BuiltDay:
    return build_leaves(HOUR, members, read, RATED, before or {})


def test_build__all_read__in_the_order_of_accounts_with_nets() -> None:
    start = Registers(TOP - 5, 3)
    found = built({9: bounds(Registers(0, 0), 0, 40), 7: bounds(start, 10, 0)})
    assert found.absent == {}
    assert found.leaves.leaves == (
        Measured(number=7, first=start, last=Registers(235, 3)),
        Measured(number=9, first=Registers(0, 0), last=Registers(0, 960)),
    )
    assert found.leaves.nets.tolist() == [[-10] * SLOTS, [40] * SLOTS]


@pytest.mark.parametrize("bound", [0, 11, SLOTS])
def test_build__a_bound_is_missing__absent(bound: int) -> None:
    read = bounds(Registers(0, 0), 1, 2)
    del read[bound]
    found = built({7: read})
    assert found.leaves.leaves == (Absent(number=7), Absent(number=9))
    assert found.absent == {
        7: "1 of 25 readings are missing",
        9: "25 of 25 readings are missing",
    }
    assert not found.leaves.nets.any()


@pytest.mark.parametrize(
    ("hourly", "why"),
    [
        ((10_001, 0), "the net of slot 0 is -10001 Wh, its meter allows 10000"),
        ((0, 10_001), "the net of slot 0 is 10001 Wh, its meter allows 10000"),
        ((6_000, 6_000), "its registers rise by 288000 Wh, its meter allows 240000"),
        ((TOP - 2**31, 0), "its registers fall in slot 0"),
    ],
)
def test_build__more_than_the_meter_allows__absent(hourly: tuple[int, int], why: str) -> None:
    found = built({7: bounds(Registers(0, 0), *hourly), 9: bounds(Registers(0, 0), 1, 0)})
    assert found.absent == {7: why}
    assert found.leaves.leaves[0] == Absent(number=7)
    assert found.leaves.nets.tolist() == [[0] * SLOTS, [-1] * SLOTS]


def test_build__after_a_day__goes_on_from_it() -> None:
    monday = built({each: bounds(Registers(0, 0), 1, 2) for each in (7, 9)})
    ends = monday.leaves.last_registers()
    left = built({9: bounds(ends[9], 1, 0)}, (9,), ends)
    assert left.absent == {}
    assert left.leaves.leaves == (
        Absent(number=7, first=ends[7]),
        Measured(number=9, first=ends[9], last=Registers(48, 48), continues=True),
    )
    check_chain(monday.leaves, left.leaves)


def test_build__other_registers_than_the_day_before__absent() -> None:
    before = {7: Registers(5, 0)}
    found = built({7: bounds(Registers(6, 0), 1, 0)}, (7,), before)
    assert found.absent == {7: "its registers do not go on from the day before"}
    assert found.leaves.leaves == (Absent(number=7, first=Registers(5, 0)),)


def test_build__without_members_or_power__is_refused() -> None:
    with pytest.raises(LeavesError, match="from 1 to 256 leaves, not 0"):
        built({}, ())
    with pytest.raises(MissingPowerError) as refusal:
        built({8: bounds(Registers(0, 0), 1, 0)}, (8,))
    assert refusal.value.number == 8
