"""The demo's report in a browser: its charts, on a phone, without any other file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from playwright.sync_api import Browser, expect

from energy_grid.demo.report.curves import curves
from energy_grid.demo.report.files import write_report
from tests.support.browser import PHONE
from tests.support.days import day_report


def test_report__on_a_phone__draws_its_charts_and_tells_values(
    browser: Browser, tmp_path: Path
) -> None:
    report = day_report(date(2016, 7, 6), 12)
    files = write_report(report, tmp_path)
    context = browser.new_context(viewport=PHONE, locale="en-GB", timezone_id="Asia/Tokyo")
    page, errors, asked = context.new_page(), [], []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(files.page.as_uri())
    known = curves(report)
    expect(page.locator("figure.chart .u-wrap")).to_have_count(len(known))
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    at = next(place for place, each in enumerate(known) if each.title == "Surplus by use")
    figure = page.locator("figure.chart").nth(at)
    over = figure.locator(".u-over")
    over.scroll_into_view_if_needed()
    box = over.bounding_box()
    assert box is not None
    # The hours are the market's, not the reader's.
    over.hover(position={"x": box["width"] * 12 / 23, "y": box["height"] / 2})
    legend = figure.locator(".u-legend .u-value")
    expect(legend.first).to_have_text("12:00")
    noon = report.slots[12]
    expect(legend.nth(1)).to_have_text(f"{noon.exported / 1000:g}")
    assert (errors, asked) == ([], [files.page.as_uri()])
    context.close()
