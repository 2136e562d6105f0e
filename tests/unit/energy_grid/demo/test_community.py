"""A user's own file becomes a community, or one line that says what to mend."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from energy_grid.demo import simbench
from energy_grid.demo.community import read_recording, village
from energy_grid.domain.simulation import Terms, meter
from energy_grid.errors import InputError

HEADER = "time,household,consumption_wh,production_wh\n"
TERMS = Terms(grid_price=300_000, feed_in=80_000, network_fee=0, theta=5000)


def written(folder: Path, text: str) -> Path:
    file = folder / "homes.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_read_recording__rows_in_any_order__are_homes_with_their_intervals(tmp_path: Path) -> None:
    found = read_recording(
        written(
            tmp_path,
            "Household,Time,production_wh,consumption_wh\n"
            + "A,2024-01-01T01:00+01:00,7,1\n"
            + "\n"
            + "B,2024-01-01 00:15,,3\n"
            + "A,2024-01-01T00:15,8,2\n"
            + "B,2024-01-01 00:00,0,4\n",
        )
    )
    assert (found.seconds, found.begin, found.lead) == (900, 1_704_067_200, 0)
    assert [(each.name, each.generation_wh, each.load_wh) for each in found.homes] == [
        ("A", [7, 8], [1, 2]),
        ("B", [0, 0], [4, 3]),
    ]


def test_read_recording__hours_without_production__are_hours(tmp_path: Path) -> None:
    rows = "".join(f"2024-01-01T{hour:02}:00,A,{hour}\n" for hour in range(24))
    found = read_recording(written(tmp_path, f"time,household,consumption_wh\n{rows}"))
    assert found.seconds == 3600
    assert found.homes[0].load_wh == list(range(24))
    assert found.simulate(TERMS).bill == 300 * sum(range(24))
    with pytest.raises(InputError, match="slots of 900 s: the data are intervals of 3600 s"):
        found.simulate(TERMS, slot_seconds=900)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "row 1: there is no column time; the first row names the columns time, household"),
        ("time,household\n", "row 1: there is no column consumption_wh"),
        (HEADER.replace(",", ";"), "no column time; the first row names the columns time, hous"),
        ("hour,household\n", "consumption_wh, production_wh, with commas between them"),
        (HEADER, "has no rows below its first"),
        (f"{HEADER}2024-01-01T00:00,A\n", "row 2: it has 2 columns, fewer than the first"),
        (f"{HEADER}yesterday,A,1,0\n", "row 2, column time: 'yesterday' is not a time"),
        (f"{HEADER}2024-01-01T00:07,A,1,0\n", "row 2, column time: 2024-01-01T00:07 begins no"),
        (f"{HEADER}2024-01-01T00:00,,1,0\n", "row 2, column household: write a name"),
        (f"{HEADER}2024-01-01T00:00,A,1.5,0\n", "row 2, column consumption_wh: '1.5' is not a wh"),
        (f"{HEADER}2024-01-01T00:00,A,1,-3\n", "row 2, column production_wh: '-3' is not a whole"),
        (f"{HEADER}2024-01-01T00:00,A,10000001,0\n", "number of Wh from 0 to 10000000"),
        (
            f"{HEADER}2024-01-01T00:00,A,1,0\n2024-01-01T00:00,A,1,0\n",
            "row 3, column time: 2024-01-01 00:00:00 UTC of A again",
        ),
        (
            f"{HEADER}2024-01-01T00:00,A,1,0\n2024-01-01T02:00,A,1,0\n",
            "the first two are 2024-01-01 00:00:00 UTC and 2024-01-01 02:00:00 UTC; intervals are",
        ),
        (
            f"{HEADER}2024-01-01T00:30,A,1,0\n2024-01-01T01:30,A,1,0\n",
            "the first two are 2024-01-01 00:30:00 UTC and 2024-01-01 01:30:00 UTC; intervals are",
        ),
        (
            f"{HEADER}2024-01-01T00:00,A,1,0\n2024-01-01T00:15,A,1,0\n2024-01-01T00:45,A,1,0\n",
            "row 4, column time: 2024-01-01 00:45:00 UTC of A before 2024-01-01 00:30:00 UTC is th",
        ),
        (
            f"{HEADER}2024-01-01T00:00,A,1,0\n2024-01-01T00:15,A,1,0\n2024-01-01T00:00,B,1,0\n",
            "column time: B has no row of 2024-01-01 00:15:00 UTC",
        ),
        (
            f"{HEADER}2024-01-01T00:00,A,1,0\n2024-01-01T00:00,B,1,0\n2024-01-01T01:00,B,1,0\n",
            "column time: B has a row of 2024-01-01 01:00:00 UTC",
        ),
        (
            HEADER + "".join(f"2024-01-01T00:00,{at},1,0\n" for at in range(161)),
            "row 162, column household: '160' is one more than the 160",
        ),
    ],
)
def test_read_recording__bad_file__is_one_line_with_row_and_column(
    text: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as caught:
        read_recording(written(tmp_path, text))
    assert message in str(caught.value)
    assert "homes.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_read_recording__no_file_or_no_text__says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Name a CSV with the columns time"):
        read_recording(tmp_path / "none.csv")
    (tmp_path / "picture.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="is no text in UTF-8"):
        read_recording(tmp_path / "picture.csv")


def test_village__day__is_metered_as_the_demo_meters_it() -> None:
    day = date(2016, 7, 6)
    found = village("summer", day)
    meters = [meter(each, seconds=900, slot_seconds=3600, first=found.lead) for each in found.homes]
    demo = simbench.load("summer").slots(day, 3600)
    assert [list(each.nets_wh) for each in meters] == [list(each.nets_wh) for each in demo]


def test_village__week__is_its_seven_days() -> None:
    found = village("winter").simulate(TERMS, slot_seconds=3600)
    assert (len(found.homes), found.days, len(found.slots)) == (92, 7, 168)
    assert found.bill < found.grid_alone
    assert [each.meter.name for each in found.homes if each.bill > each.grid_alone] == []
    energy = found.generated_wh - found.used_wh - found.lost_wh - found.stored_wh
    assert energy == found.total.net == found.exported_wh - found.imported_wh
