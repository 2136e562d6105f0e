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
from energy_grid.demo.report.document import as_document
from energy_grid.demo.report.files import make_folder, write_report
from energy_grid.demo.sender import Operation
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
    assert (width, height) == (1680, 3148 if report.plants.plants else 2590)
    parser = Balanced()
    parser.feed(files.page.read_text(encoding="utf-8"))
    assert parser.open == []
    assert parser.fetched == []
    # Heads and foot, households, operations, statements; the same of the event.
    rows = 3 + len(report.households) + len(report.gas) + len(report.check)
    if report.feeder.event is not None:
        rows += 2 + len(report.feeder.event.participants)
    plants = report.plants
    if plants.plants:
        rows += 2 + len(plants.plants)
    if plants.shared is not None and plants.shared.revenue:
        rows += 2 + len(plants.shared.holders)
    if plants.spot.sold:
        rows += 2 + len(plants.spot.dealt)
    assert parser.rows == rows
    assert json.loads(files.numbers.read_text()) == as_document(report)


def test_write_report__same_day_twice__gives_the_same_files(tmp_path: Path) -> None:
    report = day_report(SUMMER, 3)
    once, again = (write_report(report, make(tmp_path / name)) for name in ("a", "b"))
    assert once.page.read_bytes() == again.page.read_bytes()
    assert once.picture.read_bytes() == again.picture.read_bytes()


def test_as_document__every_household__balances() -> None:
    document = as_document(day_report(SUMMER, 12))
    assert document["format"] == 1
    for row in document["households"]:
        energy_in = row["produced"] + row["bought"] + row["fromGrid"]
        assert energy_in == row["consumed"] + row["sold"] + row["banked"]
    assert sum(row["bill"] for row in document["households"]) == document["total"]["bill"]
    assert [use["perTradedKwh"] is None for use in document["gas"]] == [True, False, False]


def test_as_document__event__is_paid_for_as_its_households_are() -> None:
    feeder = as_document(day_report(SUMMER, 12))["feeder"]
    event = feeder["event"]
    assert event["paid"] == sum(row["reward"] for row in event["participants"]) > 0
    assert (
        event["paid"] + event["refunded"]
        == event["budget"]
        == (event["targetKw"] * event["rewardPerKw"])
    )
    assert [row["status"] for row in feeder["loads"]].count("LOW") >= 10
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


def test_as_document__plants__add_up_to_credits_revenue_and_the_spot_market() -> None:
    document = as_document(day_report(SUMMER, None))
    plants, shared, spot = document["plants"], document["sharedPlant"], document["spot"]
    for row in plants:
        parts = row["used"] + row["sold"] + row["soldOnSpot"] + row["banked"]
        assert parts == row["produced"]
        assert row["clean"] == (row["credits"] > 0)
        assert row["value"] // 10 <= row["bookValue"] <= row["value"]
    assert document["carbon"]["issued"] == sum(row["credits"] for row in plants)
    assert document["carbon"]["retired"] == shared["retired"] > 0
    assert sum(row["soldOnSpot"] for row in plants) == spot["sold"]
    assert sum(row["sold"] for row in spot["offers"]) == spot["sold"]
    received = sum(row["received"] for row in shared["holders"])
    assert received + shared["left"] == shared["revenue"]
    (owned,) = (row for row in plants if row["number"] == shared["owner"])
    assert owned["sales"] == shared["revenue"]
    assert sum(row["shares"] for row in shared["holders"]) == shared["shares"] == 100
    (trade,) = (row for row in spot["offers"] if row["buyer"] is not None)
    assert (trade["status"], trade["sold"]) == ("COMPLETED", trade["offered"])


def test_as_document__bought_energy_credits__is_not_the_plants() -> None:
    document = as_document(day_report(date(2016, 12, 1), None))
    (trade,) = (row for row in document["spot"]["offers"] if row["buyer"] is not None)
    (buyer,) = (row for row in document["plants"] if row["number"] == trade["buyer"])
    assert 0 < buyer["used"] == buyer["produced"] < trade["sold"]
    for row in document["plants"]:
        parts = row["used"] + row["sold"] + row["soldOnSpot"] + row["banked"]
        assert parts == row["produced"]


def test_as_document__nobody_has_panels__there_are_no_plants() -> None:
    document = as_document(day_report(SUMMER, [1, 2]))
    assert (document["plants"], document["sharedPlant"]) == ([], None)
    assert document["carbon"] == {"gramsPerKwh": None, "issued": 0, "retired": 0}
    assert document["spot"] == {"sold": 0, "paid": 0, "buyers": 0, "offers": []}


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
    use = GasUse(operation=Operation.PLACE, transactions=1, items=1, total=5, highest=5)
    document = as_document(replace(day_report(SUMMER, [1, 2]), gas=(use,)))
    assert document["gas"][0]["operation"] == "place order"
