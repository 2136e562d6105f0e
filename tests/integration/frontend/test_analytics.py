"""Analytics in a browser: figures are the interface's, and can be taken along."""

from __future__ import annotations

import csv

import pytest
from playwright.sync_api import expect

from tests.integration.backend.api.test_analytics import closed
from tests.integration.frontend.conftest import Site

__all__ = ["closed"]

_RANGE = "from=2024-01-01&to=2024-01-31"


@pytest.mark.usefixtures("closed")
def test_analytics__of_everybody__is_the_sum_of_days(site: Site) -> None:
    (day,) = site.api.get(f"/analytics/days?{_RANGE}").json()
    site.go(f"/analytics?{_RANGE}")
    used = day["bought_wh"] + day["from_grid_wh"] + day["shared_taken_wh"] + day["credits_drawn_wh"]
    made = day["sold_wh"] + day["fed_in_wh"] + day["shared_given_wh"] + day["credits_kept_wh"]
    assert site.values("#sums") == [
        "1",
        f"{used - day['from_grid_wh']}/{used}",
        f"{made - day['fed_in_wh']}/{made}",
        *(str(day[name]) for name in ("shared_taken_wh", "from_grid_wh", "fed_in_wh")),
        day["money_thousandths"],
    ]
    names = ("shared_taken_wh", "credits_drawn_wh", "from_grid_wh", "fed_in_wh")
    assert site.values("#days") == [str(day[name]) for name in names]
    page = site.page
    expect(page.locator("canvas")).to_have_count(3)
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").first.click()
    with open(download.value.path(), newline="") as file:
        rows = list(csv.reader(file))
    assert rows[1] == ["2024-01-01", *(str(day[name]) for name in names)]


@pytest.mark.usefixtures("closed")
def test_analytics__of_my_home__is_mine(site: Site) -> None:
    buyer = site.api.exchange.traders[0]
    site.give_wallet(buyer)
    site.go(f"/analytics?{_RANGE}")
    site.sign_in()
    site.page.get_by_label("Of", exact=True).select_option("my home")
    site.page.get_by_role("button", name="Show").click()
    site.page.wait_for_url("**/analytics?of=me*")
    (day,) = site.api.get(f"/accounts/{buyer.address}/days", buyer).json()["items"]
    assert site.values("#money") == [day["money_thousandths"]]
    assert site.values("#sufficiency") == ["700/700"]


def test_analytics__without_closed_days__says_what_to_do(site: Site) -> None:
    site.go("/analytics")
    expect(site.page.locator("main")).to_contain_text("Choose other days")


def test_analytics__of_what_is_not_mine__asks_to_sign_in(site: Site) -> None:
    site.go(f"/analytics?of=me&{_RANGE}")
    expect(site.page.locator("main")).to_contain_text("only its account may see this")


@pytest.mark.usefixtures("closed")
def test_prices__by_how_long_they_held__fall(site: Site) -> None:
    site.go("/analytics?from=2024-01-01&to=2024-01-01")
    prices = [int(each) for each in site.values("#prices td:last-child")]
    assert len(prices) == 24
    assert prices == sorted(prices, reverse=True)
    grid = site.api.get("/prices?from=2024-01-01T00:00:00Z&to=2024-01-02T00:00:00Z").json()["grid"]
    assert sorted(prices) == sorted(each["buy_per_kwh"] for each in grid)
