"""Histories of users: three formats, and one clear line for what is wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from energy_grid.backend.analytics.history import read_history, write_history
from energy_grid.backend.analytics.series import Kind
from energy_grid.backend.analytics.weather import read_weather
from energy_grid.errors import InputError

# 2026-03-02T00:00Z
HOUR = 20_514 * 24
GREEN_BUTTON = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:e="http://naesb.org/espi">
 <entry><link rel="self" href="/MeterReading/1"/>
  <link rel="related" href="/ReadingType/1"/><content><e:MeterReading/></content></entry>
 <entry><link rel="self" href="/ReadingType/1"/><content><e:ReadingType>
  <e:flowDirection>{direction}</e:flowDirection>
  <e:powerOfTenMultiplier>{power}</e:powerOfTenMultiplier><e:uom>{unit}</e:uom>
 </e:ReadingType></content></entry>
 <entry><link rel="self" href="/MeterReading/1/IntervalBlock/1"/>
  <link rel="up" href="/MeterReading/1/IntervalBlock"/><content><e:IntervalBlock>
  <e:IntervalReading><e:timePeriod><e:duration>1800</e:duration><e:start>1772409600</e:start>
  </e:timePeriod><e:value>{value}</e:value></e:IntervalReading>
  <e:IntervalReading><e:timePeriod><e:duration>1800</e:duration><e:start>1772411400</e:start>
  </e:timePeriod><e:value>5</e:value></e:IntervalReading>
 </e:IntervalBlock></content></entry>
</feed>
"""


def _file(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_csv__quarters_of_an_hour__sums_of_whole_hours(tmp_path: Path) -> None:
    rows = [f"2026-03-02T0{m // 60}:{m % 60:02}Z,10,1" for m in range(0, 105, 15)]
    file = _file(tmp_path, "a.csv", "\n".join(["start_utc,load_wh,production_wh", *rows]))
    found = read_history(file)
    assert found[Kind.LOAD][0] == HOUR
    # The second hour lacks a quarter.
    np.testing.assert_array_equal(found[Kind.LOAD][1], [40, np.nan])
    np.testing.assert_array_equal(found[Kind.PRODUCTION][1], [4, np.nan])


def test_csv__written_and_read__the_same(tmp_path: Path) -> None:
    history = {
        Kind.LOAD: (HOUR, np.array([1.0, np.nan, 2.5])),
        Kind.PRODUCTION: (HOUR + 1, np.array([3.0])),
    }
    write_history(tmp_path / "a.csv", history)
    found = read_history(tmp_path / "a.csv")
    np.testing.assert_array_equal(found[Kind.LOAD][1], history[Kind.LOAD][1])
    assert found[Kind.PRODUCTION][0] == HOUR + 1


def test_parquet__hours__as_csv(tmp_path: Path) -> None:
    columns = {"start_utc": ["2026-03-02T00:00Z", "2026-03-02T01:00Z"], "load_wh": [7, 8]}
    parquet.write_table(pa.table(columns), tmp_path / "a.parquet")
    first, wh = read_history(tmp_path / "a.parquet")[Kind.LOAD]
    assert (first, [*wh]) == (HOUR, [7, 8])


def test_csv__large_numbers__keep_each_wh(tmp_path: Path) -> None:
    write_history(tmp_path / "a.csv", {Kind.LOAD: (HOUR, np.array([12_345_678.5, 1e12]))})
    assert [*read_history(tmp_path / "a.csv")[Kind.LOAD][1]] == [12_345_678.5, 1e12]


def test_parquet__more_rows_than_a_csv_can_have__is_refused_unread(tmp_path: Path) -> None:
    rows = pa.table({"load_wh": np.zeros(5_000_001)})
    parquet.write_table(rows, tmp_path / "a.parquet", compression="zstd")
    assert (tmp_path / "a.parquet").stat().st_size < 100_000
    with pytest.raises(InputError, match="more than 5,000,000 rows: split it"):
        read_history(tmp_path / "a.parquet")


@pytest.mark.parametrize(
    "starts", [pa.array([2**62], pa.timestamp("us")), pa.array([0], pa.timestamp("us", tz="A/B"))]
)
def test_parquet__time_that_nobody_has__one_line(tmp_path: Path, starts: pa.Array) -> None:
    parquet.write_table(pa.table({"start_utc": starts, "load_wh": [1]}), tmp_path / "a.parquet")
    with pytest.raises(InputError, match="is no Parquet: "):
        read_history(tmp_path / "a.parquet")


def test_green_button__document_type_in_another_encoding__is_refused(tmp_path: Path) -> None:
    text = GREEN_BUTTON.format(direction=1, power=0, unit=72, value="&wh;")
    typed = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE feed [<!ENTITY wh "77">]>'
    file = tmp_path / "a.xml"
    file.write_bytes((typed + text.partition("?>")[2]).encode("utf-16"))
    with pytest.raises(InputError, match="has a document type: Green Button has none"):
        read_history(file)


@pytest.mark.parametrize(("direction", "kind"), [("1", Kind.LOAD), ("19", Kind.PRODUCTION)])
def test_green_button__by_direction__in_wh(tmp_path: Path, direction: str, kind: Kind) -> None:
    text = GREEN_BUTTON.format(direction=direction, power="3", unit="72", value="2")
    found = read_history(_file(tmp_path, "a.xml", text))
    assert [*found] == [kind]
    assert (found[kind][0], [*found[kind][1]]) == (HOUR, [7000])


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("a.csv", "time,load_wh\n1,2\n", "row 1: the columns start_utc, and load_wh or"),
        ("a.csv", "start_utc,load_wh\nnoon,2\n", "row 2, column start_utc: 'noon' is no time"),
        ("a.csv", f"start_utc,load_wh\n{'x' * 99},2\n", "start_utc: 'x{40}' is no time"),
        ("a.csv", "start_utc,load_wh\n2026-03-02,-2\n", "row 2, column load_wh: '-2' is no number"),
        ("a.csv", "start_utc,load_wh\n2026-03-02,nan\n", "row 2, column load_wh: 'nan'"),
        (
            "a.csv",
            "start_utc,load_wh\n2026-03-02,2\n2026-03-01,2\n",
            "row 3, column start_utc: it is not after",
        ),
        ("a.csv", "", "has no readings"),
        ("a.csv", "start_utc,load_wh\n0001-01-01,2\n2026-03-01,2\n", "spans more than 20 years"),
        ("a.txt", "", r"\.txt: use \.csv, \.parquet or \.xml"),
        ("a.parquet", "no", "is no Parquet"),
        ("a.xml", "<feed>", "row 1, column 6: it is no XML"),
        ("a.xml", "<!DOCTYPE a><a/>", "has a document type"),
        ("a.xml", '<?xml version="1.0" encoding="none"?><a/>', "is no XML: unknown encoding"),
        (
            "a.xml",
            GREEN_BUTTON.format(direction=1, power=0, unit=38, value=1),
            "IntervalBlock 1: its unit .* is 38",
        ),
        (
            "a.xml",
            GREEN_BUTTON.format(direction=1, power="x", unit=72, value=1),
            "powerOfTenMultiplier 'x'",
        ),
        (
            "a.xml",
            GREEN_BUTTON.format(direction=1, power=0, unit=72, value="much"),
            "IntervalBlock 1, IntervalReading 1: start, duration and value",
        ),
        (
            "a.xml",
            GREEN_BUTTON.format(direction=1, power=9, unit=72, value=10**400),
            "IntervalReading 1: .* from 0 to 1,000,000,000,000 Wh",
        ),
        (
            "a.xml",
            GREEN_BUTTON.format(direction=1, power=0, unit=72, value=1).replace(
                ">1772", ">17720000000000"
            ),
            "times before 1970 or after 2105",
        ),
        ("a.csv", "start_utc,load_wh\n2026-03-02,1e13\n", "'1e13' is no number from 0 to 1,000"),
        ("a.csv", "start_utc,load_wh\n0001-01-01T00:00+01:00,2\n", "times before 1970"),
    ],
)
def test_bad_file__any_format__one_line(tmp_path: Path, name: str, text: str, why: str) -> None:
    file = _file(tmp_path, name, text)
    with pytest.raises(InputError, match=why) as found:
        read_history(file)
    assert "\n" not in str(found.value)


def test_csv__an_hour_twice__is_named(tmp_path: Path) -> None:
    text = GREEN_BUTTON.format(direction=1, power=0, unit=72, value=1)
    file = _file(tmp_path, "a.xml", text.replace(">1800<", ">3600<").replace("411400", "409600"))
    with pytest.raises(InputError, match=r"the hour from 2026-03-02T00:00Z on more than once"):
        read_history(file)


def test_csv__rows_of_a_day__need_hours(tmp_path: Path) -> None:
    file = _file(tmp_path, "a.csv", "start_utc,load_wh\n2026-03-01,2\n2026-03-02,2\n")
    with pytest.raises(InputError, match=r"2026-03-01T00:00:00Z is longer .* hour: 86400 s"):
        read_history(file)


def test_missing_file__any__says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read"):
        read_history(tmp_path / "none.csv")
    with pytest.raises(InputError, match="cannot read"):
        read_weather(tmp_path / "none.csv")


def test_weather__a_file__by_hour(tmp_path: Path) -> None:
    file = _file(tmp_path, "w.csv", "start_utc,irradiance\n2026-03-02T01:00Z,350\n")
    assert read_weather(file) == {HOUR + 1: 350}
    file = _file(tmp_path, "w.csv", "start_utc,irradiance\n2026-03-02T01:30Z,350\n")
    with pytest.raises(InputError, match=r"row 2, column start_utc: .* is not the begin of"):
        read_weather(file)
    file = _file(tmp_path, "w.csv", "time\n1\n")
    with pytest.raises(InputError, match="row 1: the columns start_utc and irradiance"):
        read_weather(file)
