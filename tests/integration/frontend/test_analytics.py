"""Analytics in a browser: figures are the interface's, and can be taken along."""

from __future__ import annotations

import csv
from typing import Any

import pytest
from playwright.sync_api import expect
from pyarrow import parquet

from tests.integration.backend.api.analysing import SPAN, Street, summed, traded_street
from tests.integration.backend.api.conftest import Api
from tests.integration.backend.api.test_analytics import closed
from tests.integration.frontend.conftest import Site
from tests.support.market import DAY, MONDAY

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
        f"0/{used}",
        *(str(day[name]) for name in ("shared_taken_wh", "from_grid_wh", "fed_in_wh")),
        day["money_thousandths"],
    ]
    names = ("shared_taken_wh", "credits_drawn_wh", "from_grid_wh", "fed_in_wh")
    assert site.values("#days") == [str(day[name]) for name in names]
    page = site.page
    expect(page.locator("section").first.locator("canvas")).to_have_count(2)
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
    assert site.values("#sums")[1] == "700/700"


def test_analytics__without_closed_days__says_what_to_do(site: Site) -> None:
    site.go("/analytics")
    expect(site.page.locator("main")).to_contain_text("Choose other days")


def test_analytics__of_what_is_not_mine__asks_to_sign_in(site: Site) -> None:
    site.go(f"/analytics?of=me&{_RANGE}")
    expect(site.page.locator("main")).to_contain_text("Only its account may see this")


@pytest.fixture
def street(api: Api) -> Street:
    found = traded_street(api)
    summed(api)
    return found


def _shown(site: Site, selector: str, rows: list[Any], *names: str) -> None:
    """A table says what the interface does, row by row."""
    expected = [str(each[name]) for each in rows for name in names]
    assert site.values(selector) == expected != []


def _total(rows: list[Any], name: str) -> str:
    return str(sum(int(each[name]) for each in rows))


def _off(rows: list[Any]) -> str:
    return str(int(_total(rows, "earned_thousandths")) - int(_total(rows, "spent_thousandths")))


def test_every_figure__is_the_interfaces(site: Site, street: Street) -> None:
    site.go(f"/analytics?{SPAN}")
    matching, imbalance = street.get("matching"), street.get("imbalance")
    names = ("import_wh", "export_wh", "matched_wh")
    _shown(site, "#hours", matching["hours"], "hour", *names)
    _shown(site, "#covered", matching["days"], "import_wh", "matched_wh")
    taken, given, met = (_total(matching["days"], name) for name in names)
    assert site.values("#matched") == [f"{met}/{taken}", taken, given]
    _shown(site, "#deviations", imbalance, "short_wh", "long_wh")
    assert site.values("#off") == [
        *(_total(imbalance, name) for name in ("bought_wh", "sold_wh")),
        _off(imbalance),
        *(_total(imbalance, name) for name in ("short_wh", "long_wh", "money_thousandths")),
    ]
    assert site.values("#off-money") == [imbalance[0]["money_thousandths"], _off(imbalance)]
    emissions = street.get("emissions")
    _shown(site, "#emitted", emissions, "milligrams")
    assert site.values("#mass") == [_total(emissions, "milligrams")]
    welfare = street.get("welfare")
    _shown(site, "#welfare", welfare, "welfare_thousandths", "optimum_thousandths")
    gained = [_total(welfare, each) for each in ("welfare_thousandths", "optimum_thousandths")]
    assert site.values("#gained")[:2] == ["/".join(gained), gained[0]]
    gas = street.get("gas")
    purposes = ("batches", "settlement", "readings", "relay", "grid")
    _shown(site, "#used", gas, *purposes)
    spent = [_total(gas, each) for each in purposes]
    homes = int(_total(gas, "households"))
    assert site.values("#spent") == [str(sum(map(int, spent)) // homes), *spent]
    expect(site.page.locator("#spent")).to_contain_text("All services, by home and day")
    expect(site.page.locator("#spent + p")).to_contain_text("no oracles")


def test_groups__are_chosen_by_name(site: Site, street: Street) -> None:
    site.go(f"/analytics?{SPAN}")
    page = site.page
    for option, query in (("region home", "&region=home"), ("community 1", "&community=1")):
        page.get_by_label("Of", exact=True).select_option(option)
        page.get_by_role("button", name="Show").click()
        page.wait_for_url(f"**of={1 if 'y' in option else 'in%3Ahome'}*")
        days = street.get("days", query)
        assert site.values("#sums")[-3] == _total(days, "from_grid_wh")
        _shown(site, "#hours td:nth-child(2)", street.get("matching", query)["hours"], "import_wh")
    expect(page.locator("main")).to_contain_text("the others are too few")
    page.get_by_role("link", name="a week").click()
    page.wait_for_url("**from=2024-01-25*")


def test_files__of_all_and_of_my_home__are_those_of_the_interface(
    site: Site, street: Street
) -> None:
    mine = street.traders[0]
    site.give_wallet(mine)
    site.go(f"/analytics?{SPAN}")
    page = site.page
    expect(page.get_by_role("link", name="Parquet")).to_have_count(10)
    site.sign_in()
    page.locator("#who data").wait_for()
    for query, role in (("", "link"), (f"&account={mine.address}", "button")):
        page.goto(f"{site.address}/analytics?of={'me' if query else 'all'}&{SPAN}")
        files = page.locator("figure", has=page.locator("#deviations"))
        with page.expect_download() as download:
            files.get_by_role(role, name="Parquet").click()
        rows = parquet.read_table(download.value.path()).to_pylist()
        found = street.get("imbalance", query, mine)
        assert [each["short_wh"] for each in rows] == [each["short_wh"] for each in found] != []
    picture = page.locator("figure", has=page.locator("#hours"))
    with page.expect_download() as download:
        picture.get_by_role("button", name="PNG").click()
    assert download.value.path().read_bytes().startswith(b"\x89PNG")


def test_empty_parts__say_the_next_step(site: Site) -> None:
    site.go("/analytics?from=2023-01-01&to=2023-12-31")
    texts = [each.inner_text() for each in site.page.locator("main p.panel").all()]
    assert len(texts) == 7
    assert all("Choose" in each for each in texts)
    site.go("/analytics?from=2020-01-01&to=2023-12-31")
    expect(site.page.locator("main")).to_contain_text("at most 400 days")


def test_prices__by_how_long_they_held__fall(site: Site) -> None:
    market = site.api.exchange.market
    market.go_to(MONDAY + 5 * 3600)
    first = market.now // 3600 + 1
    market.do(market.grid.address, market.tariffs, "writeFactors", 1, first, first + 2, 15_000)
    market.go_to(MONDAY + DAY + 3600)
    site.api.live()
    span = "from=2024-01-01&to=2024-01-01"
    site.go(f"/analytics?{span}")
    found = site.values("#prices")
    levels = site.api.get(f"/analytics/prices?{span}").json()
    assert found[1::2] == [str(each["buy_per_kwh"]) for each in levels]
    assert found[0::2] == ["2", "24"]
    assert int(found[1]) > int(found[3])
