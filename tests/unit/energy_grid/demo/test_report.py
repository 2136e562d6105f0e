"""The report's files."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import matplotlib.image
import pytest

from energy_grid.demo.gas import GasUse
from energy_grid.demo.report.curves import curves
from energy_grid.demo.report.document import as_document
from energy_grid.demo.report.files import make_folder, write_report
from energy_grid.demo.sender import Operation
from energy_grid.domain.enums import Reason
from energy_grid.errors import InputError
from tests.support.days import day_report

SUMMER, WINTER = date(2016, 7, 6), date(2016, 12, 2)
# HTML lets these stand alone.
VOID = {"meta", "br"}


class Balanced(HTMLParser):
    """Fails on a tag that is not closed in its turn, notes what is fetched from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []
        self.rows = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.rows += tag == "tr"
        if tag not in VOID:
            self.open.append(tag)
        self.fetched += [
            value or ""
            for name, value in attrs
            if name in ("src", "href", "xlink:href") and not (value or "").startswith("#")
        ]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize(
    ("day", "households", "slot_seconds"),
    [(SUMMER, None, 3600), (WINTER, 12, 900), (SUMMER, [1, 2], 3600), (SUMMER, [54], 3600)],
)
def test_write_report__any_day__writes_a_page_a_picture_and_numbers(
    day: date, households: int | list[int] | None, slot_seconds: int, tmp_path: Path
) -> None:
    report = day_report(day, households, slot_seconds=slot_seconds)
    files = write_report(report, tmp_path)
    height, width, _ = matplotlib.image.imread(files.picture).shape
    assert (width, height) == (1680, 3601 if report.plants.plants else 3043)
    parser = Balanced()
    parser.feed(files.page.read_text(encoding="utf-8"))
    assert parser.open == []
    assert parser.fetched == []
    # Heads and feet, households, five lines of the community, operations, parts of the day,
    # statements; the same of the event.
    rows = 2 + len(report.households) + 1 + 5 + 2 + len(report.gas) + len(report.check)
    rows += 2 + len(report.gas_of_parts)
    rows += sum(1 + len(curve.along) for curve in curves(report))
    # A winter and a summer day in eight lines.
    rows += 9
    if report.feeder.event is not None:
        rows += 2 + len(report.feeder.event.participants)
    plants = report.plants
    if plants.plants:
        rows += 2 + len(plants.plants)
    if plants.shared is not None and plants.shared.revenue:
        rows += 2 + len(plants.shared.holders)
    assert parser.rows == rows
    assert json.loads(files.numbers.read_text()) == as_document(report)


def test_write_report__same_day_twice__gives_the_same_files(tmp_path: Path) -> None:
    report = day_report(SUMMER, 3)
    once, again = (write_report(report, make(tmp_path / name)) for name in ("a", "b"))
    assert once.page.read_bytes() == again.page.read_bytes()
    assert once.picture.read_bytes() == again.picture.read_bytes()


def test_as_document__every_household__balances() -> None:
    document = as_document(day_report(SUMMER, 12))
    assert document["format"] == 4
    for row in document["households"]:
        gains = row["exported"] + row["bought"] + row["taken"] + row["drawn"] + row["fromGrid"]
        assert gains == row["imported"] + row["sold"] + row["given"] + row["kept"] + row["fedIn"]
        assert row["difference"] == row["gridAlone"] - row["bill"]
        assert ("reason" in row) == (row["difference"] < 0)
    assert sum("reason" in row for row in document["households"]) == 1
    # Each is rounded up to whole units.
    rounding = sum(row["bill"] for row in document["households"]) - document["total"]["bill"]
    assert 0 <= rounding < 12
    gas = [(use["part"], use["perHousehold"]) for use in document["gas"]]
    assert gas == [(None, None), ("settling", 5_000), ("settling", 75_000), ("trades", 25_000)]
    assert document["gasPerHousehold"] == sum(document["gasOfParts"].values()) == 105_000
    assert [row["passedOver"] for row in document["households"]] == [None] * 12
    (*_, day) = document["days"]
    assert (day["day"], day["closed"], day["passedOver"]) == ("2016-07-06", 12, 0)
    assert day["leaves"] == f"days/{day['root'].removeprefix('0x')}/leaves.bin"


def test_as_document__member_passed_over__is_told_why() -> None:
    report = day_report(SUMMER, 12)
    (first, *rest) = report.households
    changed = replace(report, households=(replace(first, passed_over=Reason.SEALED), *rest))
    assert as_document(changed)["households"][0]["passedOver"] == "SEALED"


def test_as_document__community__has_the_totals() -> None:
    document = as_document(day_report(SUMMER, sharing_only=True))
    total, found = document["total"], document["community"]
    assert document["sharingOnly"]
    assert (total["bill"], total["gridAlone"]) == (-34_670_280, -6_998_020)
    assert found["shared"] == total["taken"]
    assert (found["grid"], found["gridAlone"]) == (total["fromGrid"], total["imported"])
    assert (found["fedIn"], found["fedInAlone"]) == (total["fedIn"], total["exported"])
    assert (found["selfSufficiencyAlone"], found["selfSufficiency"]) == (16, 66)


def test_as_document__event__is_paid_for_as_its_households_are() -> None:
    feeder = as_document(day_report(SUMMER, 12))["feeder"]
    event = feeder["event"]
    assert event["paid"] == sum(row["reward"] for row in event["participants"]) > 0
    assert (
        event["paid"] + event["refunded"]
        == event["budget"]
        == (event["targetKw"] * event["rewardPerKw"])
    )
    assert [row["kw"] for row in feeder["loads"]][:17] == [1] * 17
    assert (feeder["loads"][-1]["kw"], feeder["loads"][-1]["percent"]) == (1, 50)
    (dip, after), (action,) = feeder["frequencies"], feeder["actions"]
    assert (dip["centihertz"], dip["level"], after["level"]) == (4942, "ALERT", "NORMAL")
    assert (action["type"], action["automated"], action["status"]) == (
        "RESERVE_ACTIVATION",
        True,
        "COMPLETED",
    )


def test_as_document__nobody_can_take_part__there_is_no_event() -> None:
    assert as_document(day_report(SUMMER, [54]))["feeder"]["event"] is None


def test_as_document__plants__add_up_to_credits_and_revenue() -> None:
    document = as_document(day_report(SUMMER))
    plants, shared = document["plants"], document["sharedPlant"]
    homes = {row["number"]: row for row in document["households"]}
    for row in plants:
        home = homes[row["number"]]
        assert row["given"] + row["kept"] + row["other"] == home["exported"]
        assert row["used"] == max(row["produced"] - home["exported"], 0)
        grams = row["used"] * 380 // 1000
        assert row["carbonCredits"] == (grams if row["number"] == shared["owner"] else 0)
        assert row["value"] // 10 <= row["bookValue"] <= row["value"]
    assert document["carbon"]["issued"] == sum(row["carbonCredits"] for row in plants)
    assert document["carbon"]["retired"] == shared["retired"] > 0
    received = sum(row["received"] for row in shared["holders"])
    assert received + shared["left"] == shared["revenue"] > 0
    assert sum(row["shares"] for row in shared["holders"]) == shared["shares"] == 100


def test_as_document__nobody_has_panels__there_are_no_plants() -> None:
    document = as_document(day_report(SUMMER, [1, 2]))
    assert (document["plants"], document["sharedPlant"]) == ([], None)
    assert document["carbon"] == {"gramsPerKwh": None, "issued": 0, "retired": 0}


def test_make_folder__impossible__is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for folder in (file, file / "deeper"):
        with pytest.raises(InputError, match="--report"):
            make_folder(folder)


def make(folder: Path) -> Path:
    make_folder(folder)
    return folder


def test_as_document__operations__have_the_names_that_the_table_shows() -> None:
    use = GasUse(operation=Operation.TRADE, transactions=1, items=1, total=5, highest=5)
    document = as_document(replace(day_report(SUMMER, [1, 2]), gas=(use,)))
    assert document["gas"][0]["operation"] == "trade signed orders"
