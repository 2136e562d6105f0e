"""Files of feeders: what is wrong with them is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from energy_grid.backend.grid_service.feeders import load_feeder
from energy_grid.errors import InputError

_METER = "0x" + "aB" * 20
FILES = {
    "buses.csv": "bus,longitude,latitude\nupper,0,0\nS,11,53\nA,11.1,53\n",
    "lines.csv": "line,from_bus,to_bus,length_km,max_a,type\none,S,A,0.0125,100,NAYY\n",
    "transformers.csv": "lower_bus,rated_mva,lower_kv\nS,0.25,0.4\n",
    "meters.csv": f"meter,bus\n{_METER},A\n",
}


def write(folder: Path, changes: dict[str, str]) -> Path:
    for name, text in {**FILES, **changes}.items():
        (folder / name).write_text(text)
    return folder


def test_feeder__of_files__has_its_cables_and_meters(tmp_path: Path) -> None:
    found = load_feeder(write(tmp_path, {}))
    (line,) = found.feeder.lines
    assert (line.length_m, line.rating_w, found.feeder.rating_w) == (12, 69_282, 250_000)
    assert {*found.feeder.buses} == {"S", "A"}
    ((meter, bus),) = found.meters.items()
    assert (meter.lower(), bus) == (_METER.lower(), "A")


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("meters.csv", f"meter,bus\n{_METER},upper\n", "'upper' is no bus"),
        ("meters.csv", f"meter,bus\n{_METER}\n", "line 2: a value is missing"),
        ("lines.csv", "line,from_bus\n", "has no column to_bus"),
        ("lines.csv", FILES["lines.csv"].replace("100", "many"), "'many' is no number"),
        ("lines.csv", FILES["lines.csv"].replace("100", "NaN"), "'NaN' is no number"),
        ("transformers.csv", FILES["transformers.csv"] * 2, "has 3 transformers"),
        ("transformers.csv", "lower_bus,rated_mva,lower_kv\n", "has 0 transformers"),
    ],
)
def test_feeder__of_wrong_files__names_what_is_wrong(
    tmp_path: Path, name: str, text: str, why: str
) -> None:
    with pytest.raises(InputError, match=why):
        load_feeder(write(tmp_path, {name: text}))


def test_feeder__of_no_folder__says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot read transformers\.csv"):
        load_feeder(tmp_path / "nowhere")
