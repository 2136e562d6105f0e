"""Files of feeders: what is wrong with them is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from energy_grid.errors import InputError
from energy_grid.market.feeders import load_feeder

_METER = "0x" + "aB" * 20
FILES = {
    "buses.csv": "bus,longitude,latitude\nupper,0,0\nS,11,53\nA,11.1,53\n",
    "lines.csv": "line,from_bus,to_bus,length_km,max_a,type\none,S,A,0.0125,100,NAYY\n",
    "transformers.csv": "lower_bus,rated_mva,lower_kv\nS,0.25,0.4\n",
    "meters.csv": f"meter,bus\n{_METER},A\n",
}
ELECTRIC = {
    "buses.csv": "bus,rated_kv,setpoint_pu,min_pu,max_pu,longitude,latitude\n"
    "upper,20,1.02,0.9,1.1,0,0\nS,0.4,,0.9,1.1,11,53\nA,0.4,,0.9,1.1,11.1,53\n",
    "lines.csv": "line,from_bus,to_bus,length_km,r_ohm_per_km,x_ohm_per_km,b_us_per_km,max_a\n"
    "one,S,A,0.5,0.2,0.08,260,100\n",
    "transformers.csv": "upper_bus,lower_bus,rated_mva,upper_kv,lower_kv,phase_shift_degrees,"
    "short_circuit_percent,copper_loss_kw,iron_loss_kw,no_load_current_percent,tap_position,"
    "tap_step_percent,tap_neutral\nupper,S,0.25,20,0.4,150,6,3.3,0.88,0.35,-1,2.5,0\n",
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


def test_feeder__of_files_with_resistances__can_be_computed(tmp_path: Path) -> None:
    assert load_feeder(write(tmp_path, {})).grid is None
    grid = load_feeder(write(tmp_path, ELECTRIC)).grid
    assert grid is not None
    (cable,) = grid.cables
    assert (cable.r_ohm, cable.x_ohm, cable.b_siemens) == (0.1, 0.04, pytest.approx(0.00013))
    assert (grid.station, [each.name for each in grid.buses]) == ("S", ["S", "A"])
    of = grid.transformer
    assert (of.clock, of.tap_position, of.tap_step, of.source_pu) == (5, -1, 0.025, 1.02)


@pytest.mark.parametrize(
    ("name", "old", "new", "why"),
    [
        ("buses.csv", "upper,20", "above,20", "lacks 'upper', the transformer's upper bus"),
        ("buses.csv", "min_pu", "least", "buses.csv of the feeder has no column min_pu"),
        ("buses.csv", "1.02", "", "setpoint_pu '' is no number"),
        ("lines.csv", "0.2,", "low,", "r_ohm_per_km 'low' is no number"),
        ("transformers.csv", "3.3", "Inf", "copper_loss_kw 'Inf' is no number"),
    ],
)
def test_feeder__of_wrong_electric_files__names_what_is_wrong(
    tmp_path: Path, name: str, old: str, new: str, why: str
) -> None:
    changed = {**ELECTRIC, name: ELECTRIC[name].replace(old, new)}
    with pytest.raises(InputError, match=why):
        load_feeder(write(tmp_path, changed))
