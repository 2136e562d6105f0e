"""What is printed of a day."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from energy_grid.cli.numbers import kwh
from energy_grid.demo.calendar import Phase
from energy_grid.demo.charts import energy_chart, load_chart, surplus_chart
from energy_grid.demo.day_report import DayReport
from energy_grid.demo.names import coins
from energy_grid.demo.progress import ProgressBar, ProgressLines, progress_for
from energy_grid.demo.report.files import ReportFiles
from energy_grid.demo.report.notes import event_note, feeder_note, reward_note, summary
from energy_grid.demo.show import show
from tests.support.days import TARIFF, day_report, plan_of

SUMMER, WINTER = date(2016, 7, 6), date(2016, 12, 2)
FILES = ReportFiles(page=Path("r/page"), picture=Path("r/picture"), numbers=Path("r/numbers"))
ESCAPE = "\x1b["


def printed(report: DayReport, *, width: int = 100, terminal: bool = False) -> str:
    out = io.StringIO()
    console = Console(
        file=out,
        width=width,
        highlight=False,
        force_terminal=terminal,
        color_system="standard" if terminal else None,
    )
    show(report, FILES, 12.3, console)
    return out.getvalue()


def _at(hour: int, width: int) -> int:
    """The column of the middle of an hour in a chart with labels of two characters."""
    return 3 + round((hour + 0.5) / 24 * (width - 5))


@pytest.mark.parametrize("width", [80, 90, 100, 160])
@pytest.mark.parametrize("day", [SUMMER, WINTER])
def test_show__any_width__shows_every_number_whole(day: date, width: int) -> None:
    report = day_report(day, 12)
    text = printed(report, width=width)
    assert "…" not in text
    assert all(len(line) <= width for line in text.splitlines())
    for row in report.households:
        assert coins(row.bill.bill, report.currency) in text
        assert kwh(row.bill.from_grid) in text


def test_show__day__says_it_all() -> None:
    text = printed(day_report(SUMMER))
    for word in (
        "A neighbourhood shares its energy: Wednesday, 6 July 2016",
        "92 households, 19 with panels, 8 with a battery. Bills in cash -29.17 tUSD, with grid and"
        " feed-in alone -7.00: 22.18 tUSD saved. In the bank: 68.70 kWh as energy credits, worth"
        " 5.50 tUSD when they are used or redeemed: no cash, and in no bill. Shared 125.45 kWh",
        "from the grid 81.62 kWh instead of 208.79: self-sufficiency 67 % instead of 16 %.",
        "32.5 + 65",
        "less each slot's surplus for the feed-in tariff of 0.08. Shared energy costs 0.19.",
        "Bills above grid alone: 9. The energy credits kept are worth no less than the difference:"
        " 33 (6.50 kWh, worth 0.52 tUSD), 34 (",
        "traded ahead, kWh",
        "A gateway has read all meters. It has stored and published the day's leaves (days/",
        "one call has settled the day for 92 of 92 accounts together. In each slot, what some",
        "19 households trade an hour of the morning ahead: by signed orders from the readings",
        "9 households keep what sharing leaves",
        "A household and day: all that was sent on the day or because of it, by whomever",
        "The check",
        "6,624 slots",
        "30 November 6 July 2016 2016",
        "bills in cash, tUSD 72.68 -32.92 with the grid alone, tUSD 95.23 -5.24",
        "The rating of 12 kW is made up",
        "first reported HIGH (83 %) at 19:00 and CRITICAL (100 %) at 20:00",
        "In 12 of 24 slots power flows back into the grid, at most 110.13 kW at 09:00.",
        "losses are 27.19 kWh, voltages lie between 104.9 % (LV2.101 Bus 42) and 106.2 % (LV2.101"
        " Bus 46) of the rated one, and the fullest cable carries 28 % of what it can (LV2.101 Line"
        " 53). No limit breaks (voltages: 90 to 110 %).",
        "Demand response from 19:00 to 22:00, the hours of the highest load on the evening before."
        " The operator announces it at 18:00. 20 households take part: each one draws 30 % less",
        "reported as 12 of 12 kW (CRITICAL). Without the event it would be 13.45 kW, reported as"
        " 14 of 12 kW",
        "on the 2 similar days before, on average: the leaves of all these days prove",
        "Rewards go to 1 of 20 households: the largest load reduction is verified, if it is 50 W",
        "A dip of the frequency, made up: at 14:00 the operator reports 49.42 Hz (ALERT)",
        "5 kW of reserve (completed)",
        "Three facts are made up: a plant costs 1,500 tUSD per kW of peak power",
        "Its household retires the certificates of what it used itself: a kWh of them earns carbon"
        " credits of 380 g CO2e, 0.24 kg for the day.",
        "The plant of household 54, the largest one, has 100 shares: 80 for the owner and 10 for"
        " each of 2 neighbours. Its household earned 23.12 tUSD on the day with what it shared, fed"
        " in and sold. The owner pays this out of its settlement account to the shares",
        "The owner retires 0.05 kg of its carbon credits for the holders: plant 54 on 2016-07-06.",
        "r/page",
        "SimBench",
        "ODbL",
    ):
        assert word in " ".join(text.split()), word


def test_show__sharing_only__says_that_nobody_pays_more() -> None:
    text = " ".join(printed(day_report(SUMMER, sharing_only=True)).split())
    bills = "Bills in cash -34.67 tUSD, with grid and feed-in alone -7.00: 27.67 tUSD saved. Shared"
    assert bills in text
    assert "No household pays more than with grid and feed-in alone." in text
    assert "Nobody trades ahead and nobody keeps energy credits on this day" in text


@pytest.mark.parametrize(
    ("households", "output", "unsaid"),
    [
        (
            [1, 2],
            ["there is no plant, and there are no carbon credits"],
            ["has 100 shares", "made up: a plant"],
        ),
        (
            [54],
            ["0.24 kg for the day", "No plant has shares: there is no neighbour to share it with"],
            ["for the owner"],
        ),
        (
            [54, 13],
            ["90 for the owner and 10 for one neighbour."],
            ["10 for each of"],
        ),
    ],
    ids=["no panels", "panels alone", "two"],
)
def test_plants__small_neighbourhood__says_what_there_is_not(
    households: list[int], output: list[str], unsaid: list[str]
) -> None:
    text = " ".join(printed(day_report(SUMMER, households)).split())
    for word in output:
        assert word in text
    for word in unsaid:
        assert word not in text


def test_sharing_note__nothing_earned__there_is_no_revenue() -> None:
    report = day_report(WINTER, [33, 1, 2])
    assert report.plants.shared is not None
    text = " ".join(printed(report).split())
    assert "It earned nothing on this day, so there is no revenue." in text
    assert "received" not in text


def test_plants__terminal_of_any_width__shows_what_everybody_received() -> None:
    report = day_report(SUMMER, None)
    assert report.plants.shared is not None
    for width in (80, 120):
        text = printed(report, width=width)
        for row in report.plants.plants:
            assert kwh(row.amounts.produced) in text
        for holder in report.plants.shared.holders:
            assert coins(holder.received, report.currency) in text
        assert "…" not in text


def test_summary__one_household__is_singular() -> None:
    assert summary(day_report(SUMMER, [54])).startswith("1 household, 1 with panels")


def test_event_note__nobody_can_take_part__says_so_in_one_line() -> None:
    report = day_report(SUMMER, [54])
    text = " ".join(printed(report).split())
    assert "No demand-response event: no household without panels" in text
    assert "The load reduction of a household" not in text
    assert reward_note(report) == ""


def test_event_note__one_household__is_singular() -> None:
    report = day_report(SUMMER, [30])
    assert "1 household takes part: each one draws 30 % less" in event_note(report)
    assert "Rewards go to 1 of 1 household:" in reward_note(report)
    assert "coarse for so few households" in feeder_note(report)


def test_reward_note__nothing_counts__all_goes_back() -> None:
    note = reward_note(day_report(SUMMER, [1]))
    assert "Rewards go to 0 of 1 household:" in note
    assert "0.00 are paid to wallets, which is in no bill above, and 3.00 go back" in note


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2016, 7, 4), "no two similar days before in the data"),
        (date(2016, 7, 5), "no two similar days before in the data"),
        (date(2016, 7, 8), "on the 3 similar days before, on average"),
    ],
)
def test_reward_note__baseline__says_its_days(day: date, words: str) -> None:
    assert words in reward_note(day_report(day, 40))


@pytest.mark.parametrize("width", [80, 100])
def test_load_chart__event__is_on_top_of_the_load(width: int) -> None:
    _legend, *lines, _, _ = load_chart(day_report(SUMMER, None), width, color=False).splitlines()
    hours = {
        hour: "".join(line[_at(hour, width)] for line in reversed(lines[1:]))
        for hour in (9, 18, 20)
    }
    assert "x" in hours[20]
    assert "█" in hours[20]
    assert "x" not in hours[18]
    assert not set(hours[9]) & {"x", "█"}


@pytest.mark.parametrize("width", [80, 100])
@pytest.mark.parametrize("day", [SUMMER, WINTER])
def test_charts__every_slot__is_a_stack_of_its_parts(day: date, width: int) -> None:
    report = day_report(day)
    deficits = [
        (("█", slot.shared), ("o", slot.sold), ("+", slot.drawn), ("x", slot.from_grid))
        for slot in report.slots
    ]
    surplus = [
        (("█", slot.shared), ("o", slot.sold), ("+", slot.kept), ("~", slot.fed_in))
        for slot in report.slots
    ]
    for chart, stacks in ((energy_chart, deficits), (surplus_chart, surplus)):
        _, _, plot = chart(report, width, color=False).partition("┐\n")
        *lines, _, _ = plot.splitlines()
        label, _, top = lines[0].partition("┤")
        rows = [line[len(label) + 1 : -1] for line in reversed(lines)]
        wh_per_row = int(label) * 1000 / (len(rows) - 1)
        for at, parts in enumerate(stacks):
            middle = round((at + 0.5) / 24 * (len(top) - 2))
            drawn = "".join(row[middle] for row in rows).rstrip()
            height, expected = 0, ""
            for mark, wh in parts:
                height += wh
                # A line that two parts share is the lower one's.
                marks = round(height / wh_per_row) + 1 if wh else 0
                expected = expected.ljust(marks, mark)
            assert drawn == expected, at


def test_show__no_terminal__has_no_escapes() -> None:
    assert ESCAPE not in printed(day_report(SUMMER, 5))


def test_show__terminal__has_colours_unless_they_are_not_wanted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    report = day_report(SUMMER, 5)
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[32m" in printed(report, terminal=True)
    monkeypatch.setenv("NO_COLOR", "1")
    text = printed(report, terminal=True)
    assert not any(f"{ESCAPE}{code}m" in text for code in (31, 32, 33, 34))
    assert "38;5" not in text


def test_charts__nothing_to_stack__say_so() -> None:
    assert surplus_chart(day_report(SUMMER, [1, 2]), 80, color=False) == (
        "Surplus by use, kWh per slot: none"
    )


@pytest.mark.parametrize("slot_seconds", [900, 3600])
def test_line_watcher__whole_day__prints_few_lines(slot_seconds: int) -> None:
    out = io.StringIO()
    progress = progress_for(Console(file=out, width=100))
    assert type(progress) is ProgressLines
    plan = plan_of(SUMMER, 3, slot_seconds=slot_seconds).trading(tariff=TARIFF)
    progress.begin(plan)
    for step in plan.steps:
        progress.step(step)
    progress.end()
    lines = out.getvalue().splitlines()
    assert len(lines) == 7
    count = len(plan.slots)
    assert lines[1] == f"  until 04:00: {count // 6} of {count} slots read"
    assert lines[-1].startswith("  until 00:00")


def test_bar_watcher__day_breaks_off__the_bar_is_gone() -> None:
    out = io.StringIO()
    progress = progress_for(Console(file=out, width=100, force_terminal=True))
    assert isinstance(progress, ProgressBar)
    plan = plan_of(SUMMER, 3).trading(tariff=TARIFF)
    progress.begin(plan)
    progress.step(next(step for step in plan.steps if step.phase is Phase.TRADE))
    progress.end()
    assert "08:55 signed orders" in out.getvalue()
    # The line is erased and the cursor shown again.
    assert out.getvalue().endswith("\x1b[1A\x1b[2K")
