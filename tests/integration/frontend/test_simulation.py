"""What if: figures of the page are those of the simulation, with and without its program."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from energy_grid.demo.community import new_battery, parse_recording, village
from energy_grid.demo.settlement_gas import settlement_gas
from energy_grid.domain.simulation import Simulation, Terms
from tests.integration.frontend.conftest import Site

CHOSEN = "week=winter&grid_price=0.4&feed_in=0.1&theta=25&key=static&panels=50&batteries=25"
DEAR = "dear_from=17&dear_to=20&factor=1.5"


def figures(found: Simulation) -> list[str]:
    total, used = found.total, found.used_wh
    exact = (found.bill, found.grid_alone, found.grid_alone - found.bill, found.terms.prices.shared)
    return [
        *map(str, exact),
        f"{used - total.from_grid}/{used}",
        f"{used - found.imported_wh}/{used}",
        *map(str, (total.taken, found.stored_wh, settlement_gas(92, 900))),
    ]


def test_simulation__as_it_is__is_the_village_s_summer_week(site: Site) -> None:
    site.go("/simulate")
    terms = Terms(grid_price=300_000, feed_in=80_000, network_fee=0, theta=5000)
    found = village("summer").simulate(terms)
    assert site.values("#outcome") == figures(found)
    expect(site.page.locator("canvas")).to_have_count(1)
    rows = site.page.locator("table.homes tbody tr")
    expect(rows).to_have_count(92)
    site.page.get_by_text("Bill by bill").first.click()
    plain = next(home for home in found.homes if not home.meter.has_panels)
    saved = plain.grid_alone - plain.bill
    assert site.values("table.homes tbody tr:first-child")[:3] == [
        str(each) for each in (plain.grid_alone, plain.bill, saved)
    ]


def test_simulation__chosen_terms__are_in_its_form_and_figures(site: Site) -> None:
    site.go("/simulate")
    page = site.page
    page.get_by_label("Week").select_option("winter")
    page.get_by_label("Grid price, tUSD").fill("0.4")
    page.get_by_label("Feed-in, tUSD").fill("0.1")
    page.get_by_label("Price among neighbours (").fill("25")
    page.get_by_label("Sharing").select_option("static")
    page.get_by_label("Homes with panels").select_option("50")
    page.get_by_label("Homes with a battery").select_option("25")
    page.get_by_label("Dear hours cost").fill("1.5")
    page.get_by_label("to", exact=True).fill("20")
    page.get_by_role("button", name="Simulate", exact=True).click()
    page.wait_for_url("**/simulate?week=winter*")
    terms = Terms(
        grid_price=400_000,
        feed_in=100_000,
        network_fee=0,
        theta=2500,
        is_static=True,
        factors=(10_000,) * 17 + (15_000,) * 3 + (10_000,) * 4,
    )
    found = village("winter").simulate(terms, panels=50, batteries=25)
    assert site.values("#outcome") == figures(found)
    expect(page.get_by_label("Homes with panels")).to_have_value("50")
    answer = site.page.request.get(f"{site.address}/simulate?{CHOSEN}&{DEAR}")
    assert f'value="{found.bill}"' in answer.text()


@pytest.mark.parametrize(
    ("query", "status"),
    [("theta=101", 422), ("panels=33", 422), ("grid_price=cheap", 422), ("factor=9", 422)],
)
def test_simulation__what_nobody_can_choose__is_a_problem(
    query: str, status: int, site: Site
) -> None:
    assert site.page.request.get(f"{site.address}/simulate?{query}").status == status


def test_simulation__feed_in_above_the_grid_price__says_what_to_do(site: Site) -> None:
    site.go("/simulate?feed_in=0.5")
    expect(site.page.locator("main")).to_contain_text("choose a lower feed-in")
    assert site.values("#outcome") == []


def test_simulation__of_a_street_s_own_file__is_that_of_its_rows(
    site: Site, tmp_path: Path
) -> None:
    rows = [
        f"2024-06-01T{hour:02}:00,{name},{400 + 10 * hour},{sun if 8 <= hour < 18 else ''}"
        for hour in range(24)
        for name, sun in (("Elm Street 4", 1500), ("Elm Street 6", 0))
    ]
    text = "\n".join(["time,household,consumption_wh,production_wh", *rows])
    (tmp_path / "street.csv").write_text(text)
    site.go("/simulate")
    site.page.get_by_label("Price among neighbours (").fill("25")
    site.page.get_by_label("Homes with a battery").select_option("50")
    site.page.get_by_label("Your own street").set_input_files(tmp_path / "street.csv")
    site.page.get_by_role("button", name="Simulate your street").click()
    expect(site.page.locator("#said")).to_have_text(
        "Done: below is your street, under the terms above."
    )
    terms = Terms(grid_price=300_000, feed_in=80_000, network_fee=0, theta=2500)
    battery = new_battery(10_000)
    found = parse_recording(text).simulate(terms, batteries=50, battery=battery)
    assert site.values("#outcome")[:-1] == figures(found)[:-1]
    expect(site.page.locator("canvas")).to_have_count(1)
    expect(site.page.locator("table.homes tbody tr")).to_have_count(2)


def test_simulation__of_a_file_that_is_none__says_which_row(site: Site, tmp_path: Path) -> None:
    (tmp_path / "street.csv").write_text("time,household,consumption_wh\n2024-06-01T00:00,A,much")
    site.go("/simulate")
    before = site.values("#outcome")
    site.page.get_by_label("Your own street").set_input_files(tmp_path / "street.csv")
    site.page.get_by_role("button", name="Simulate your street").click()
    expect(site.page.locator("#said")).to_contain_text("row 2")
    expect(site.page.locator("#said")).to_contain_text("mend that row")
    assert site.values("#outcome") == before
