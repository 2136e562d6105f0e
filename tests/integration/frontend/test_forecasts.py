"""Forecasts in a browser: a household's own, the feeder's, and how far they were off."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from energy_grid.backend.store.forecasts import FORECAST_ERRORS
from tests.integration.backend.api.test_forecasts import get, street
from tests.integration.frontend.conftest import Site

__all__ = ["street"]

_SPAN = "from=2024-01-01&to=2024-01-31"
pytestmark = pytest.mark.usefixtures("street")


def test_home__shows_the_next_hours_beside_what_was_measured(site: Site) -> None:
    holder = site.api.exchange.traders[1]
    site.give_wallet(holder)
    site.go("/home")
    site.sign_in()
    page = site.page
    expect(page.locator("#ahead canvas")).to_have_count(1)
    (load,) = get(site.api, f"account={holder.address}", holder)
    rows = page.locator("#ahead tbody tr")
    # A day before the origin, and 48 hours from it.
    expect(rows).to_have_count(72)
    first = load["hours"][0]
    names = ("low_wh", "high_wh", "median_wh")
    measured = load["measured"][24]["wh"]
    expected = [*(str(first[name]) for name in names), str(measured)]
    assert site.values("#ahead tbody tr:nth-child(25)") == expected
    assert site.values("#ahead tbody tr:nth-child(1)") == [str(load["measured"][0]["wh"])]
    expect(page.locator("#ahead")).to_contain_text("by the days before.")


def test_operator__sees_what_the_feeder_is_to_carry(site: Site) -> None:
    site.go("/operator")
    expect(site.page.locator("#ahead-1 canvas")).to_have_count(2)
    # Whose meters hang nowhere on these cables carry nothing: what is left are the iron's losses.
    expect(site.page.locator("#carried-1 canvas")).to_have_count(2)
    assert len(site.values("#carried-1 dl")) == 4


def test_analytics__shows_how_far_forecasts_were_off(site: Site) -> None:
    load, production = get(site.api, _SPAN, path="/drift")
    site.go(f"/analytics?{_SPAN}")
    for what, day in (("load", load), ("production", production)):
        off = [f"{day[name]}/{day['came_wh']}" for name in ("missed_wh", "baseline_missed_wh")]
        assert site.values(f"#off-{what}") == off
        rows = [str(day[name]) for name in ("missed_wh", "baseline_missed_wh")]
        assert site.values(f"#drift-{what}") == rows


# Of each text that a chart writes on the right of its place: how far left it begins.
_BEGINNINGS = """
window.beginnings = []
const write = CanvasRenderingContext2D.prototype.fillText
CanvasRenderingContext2D.prototype.fillText = function (text, x, ...more) {
  if (this.textAlign === "right") window.beginnings.push(x - this.measureText(text).width)
  return write.call(this, text, x, ...more)
}
"""


def test_axis__of_figures_that_are_nearly_the_same__has_all_their_digits(site: Site) -> None:
    errors = {"missed_wh": 297_680, "yesterday_wh": 297_681}
    errors |= {"last_week_wh": 297_681, "mean_wh": 297_681}
    with site.api.database.writing() as connection:
        connection.execute(update(FORECAST_ERRORS).values(errors))
    site.page.add_init_script(_BEGINNINGS)
    site.go(f"/analytics?{_SPAN}")
    site.page.locator("figure:has(#drift-production) canvas").wait_for()
    beginnings = site.page.evaluate("window.beginnings")
    assert min(beginnings) >= 0
