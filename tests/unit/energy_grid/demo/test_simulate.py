"""``energy-grid simulate`` as people use it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from energy_grid.cli.main import main
from energy_grid.demo.settlement_gas import settlement_gas

Output = pytest.CaptureFixture[str]
DAY = ("--day", "2016-07-06", "--slot", "3600")


def simulated(capsys: Output, *arguments: str) -> dict[str, Any]:
    assert main(["simulate", *arguments, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_simulate__day_of_the_village__is_shown_and_as_json(capsys: Output) -> None:
    found = simulated(capsys, *DAY)
    assert (found["from"], found["until"]) == ("2016-07-06 00:00:00 UTC", "2016-07-07 00:00:00 UTC")
    assert (found["days"], found["shared_price"], len(found["households"])) == (1, 190_000, 92)
    for name in ("bill", "grid_alone", "from_grid_wh", "fed_in_wh", "used_wh", "generated_wh"):
        assert found[name] == sum(each[name] for each in found["households"])
    assert found["gas_per_household_and_day"] == settlement_gas(92, 3600) == 19_802 + 1_011

    assert main(["simulate", *DAY]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    for text in (
        "92 households, 19 with panels, 8 with a battery",
        f"bills {found['bill'] / 10**6:.2f}; with the grid alone",
        "20,813 per household and day",
        "LV2.101 Load 16 panels, battery",
        "below kWh used, made by panels,",
    ):
        assert text in shown


def test_simulate__what_a_community_can_choose__changes_what_it_should(capsys: Output) -> None:
    plain = simulated(capsys, *DAY)
    generous = simulated(capsys, *DAY, "--theta", "100")
    assert generous["shared_price"] == 300_000
    assert generous["shared_wh"] == plain["shared_wh"]
    assert generous["households"][0]["bill"] == generous["households"][0]["grid_alone"]
    static = simulated(capsys, *DAY, "--key", "static")
    assert (static["key"], static["shared_wh"] < plain["shared_wh"]) == ("static", True)
    sunny = simulated(capsys, *DAY, "--panels", "50", "--batteries", "40", "--battery", "8")
    owned = [(each["panels"], each["battery"]) for each in sunny["households"]]
    assert (sum(has for has, _ in owned), sum(has for _, has in owned)) == (46, 37)
    assert sunny["from_grid_wh"] < plain["from_grid_wh"]
    assert sunny["left_in_batteries_wh"] > 0
    dear = simulated(capsys, *DAY, "--time-of-use", "18-22=2", "--time-of-use", "7-9=1.25")
    assert dear["factors"][6:9] == [10_000, 12_500, 12_500]
    assert dear["factors"][17:23] == [10_000, *[20_000] * 4, 10_000]
    assert dear["bill"] > plain["bill"]
    costly = simulated(capsys, *DAY, "--grid-price", "0.4", "--network-fee", "0.02")
    assert (costly["grid_price"], costly["network_fee"]) == (400_000, 20_000)
    assert simulated(capsys, *DAY, "--feed-in", "0")["grid_alone"] > plain["grid_alone"]


def test_simulate__own_file__is_simulated_and_drawn(capsys: Output, tmp_path: Path) -> None:
    file, picture = tmp_path / "street.csv", tmp_path / "street.svg"
    file.write_text(
        "time,household,consumption_wh,production_wh\n"
        "2024-06-01T12:00,giver,0,1000\n2024-06-01T12:00,taker,1500,0\n"
    )
    found = simulated(capsys, str(file), "--picture", str(picture))
    assert [each["bill"] for each in found["households"]] == [-190_000, 340_000]
    assert [each["grid_alone"] for each in found["households"]] == [-80_000, 450_000]
    assert "<svg" in picture.read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--week", "spring"], "no week 'spring'"),
        (["--day", "2016-01-01"], "no data for 2016-01-01"),
        (["--day", "2016-07-06", "--week", "summer"], "choose one of them"),
        (["homes.csv", "--week", "summer"], "leave out the file"),
        (["--slot", "60"], "a slot has 900 or 3600 seconds"),
        (["--key", "fair"], "write dynamic or static"),
        (["--picture", "a.txt"], "ends with .png, .svg, .pdf"),
        (["--time-of-use", "evening"], "write hours and a factor"),
        (["--time-of-use", "20-17=2"], "hours go from 0 to 24"),
        (["--time-of-use", "17-25=2"], "hours go from 0 to 24"),
        (["--time-of-use", "17-20=0.5"], "a factor is 1 to 6.5"),
        (["--time-of-use", "17-20=2", "--time-of-use", "19-21=2"], "another one has some"),
        (["--panels", "101"], "101 is not from 0 to 100"),
    ],
)
def test_simulate__wrong_input__is_one_line(
    arguments: list[str], message: str, capsys: Output
) -> None:
    assert main(["simulate", *arguments]) == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1


def test_simulate__nothing_to_copy__says_what_to_add(capsys: Output, tmp_path: Path) -> None:
    file = tmp_path / "street.csv"
    file.write_text("time,household,consumption_wh\n2024-06-01T12:00,a,5\n")
    assert main(["simulate", str(file), "--batteries", "100"]) == 2
    assert "say how large with --battery" in capsys.readouterr().err
    assert main(["simulate", str(file), "--picture", f"{file}/x.png"]) == 2
    assert "Not a directory" in capsys.readouterr().err
