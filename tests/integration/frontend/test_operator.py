"""The operator's page in a browser: from the announcement of an event to its payment."""

from __future__ import annotations

from datetime import datetime

import pytest
from playwright.sync_api import expect

from energy_grid.chain.accounts import Account
from energy_grid.chain.roles import Role
from tests.integration.frontend.conftest import Site
from tests.support.market import HOME, actor

_KEY = actor("operator of the home region")
_HOUSE = actor("a house that uses less")
_DOLLAR = 10**6


@pytest.fixture
def operator(site: Site) -> Account:
    """Verified, with money, and with a wallet in the window."""
    market = site.api.exchange.market
    market.give_money(_KEY, 100 * _DOLLAR)
    market.do(_KEY, market.operators, "registerOperator", "Home Grid", HOME, 900)
    authority = market.roles[Role.GRID_AUTHORITY]
    market.do(authority, market.operators, "verifyOperator", _KEY.address)
    market.do(authority, market.demand_response, "registerGridOperator", _KEY.address)
    market.do(_HOUSE, market.demand_response, "registerConsumer", _HOUSE.address)
    site.api.live()
    account = Account(bytes(_KEY.key))
    site.give_wallet(account)
    return account


def _open(site: Site) -> None:
    site.go("/operator")
    if site.page.locator("#who data").count() == 0:
        site.sign_in()
        site.page.locator("#who data").wait_for()


def test_operator__of_everybody__shows_the_grid_and_no_forms(site: Site) -> None:
    site.go("/operator")
    (home,) = site.api.get("/grid/status").json()["regions"]
    assert site.values("#region-1")[0] == str(home["buy_per_kwh"])
    expect(site.page.locator("main form")).to_have_count(0)
    expect(site.page.locator("#events")).to_contain_text("Nobody was asked to use less yet.")


def test_event__is_announced_shown_and_paid(site: Site, operator: Account) -> None:
    market, page = site.api.exchange.market, site.page
    _open(site)
    page.get_by_label("Less, in kW").fill("5")
    page.get_by_label("Paid for each kW").fill("1,50")
    page.get_by_label("Slots of 60 minutes").fill("1")
    page.get_by_role("button", name="Sign and announce").click()
    said = page.locator("#said")
    expect(said).to_have_text("Done: the event is announced.")
    site.api.live()
    (event,) = site.api.get("/demand-response/events").json()["items"]
    assert (event["target_reduction_kw"], event["reward_per_kw"]) == (5, "1500000")
    assert event["operator"] == operator.address
    state = page.locator("#event-1 td:nth-child(7) data")
    expect(state).to_have_attribute("value", "AHEAD")
    assert site.values("#event-1")[:3] == ["5000", "1500000", event["budget"]]
    market.go_to(_seconds(event["ends_at"]) + 1)
    # Baseline and use in W, the register before and behind in Wh.
    market.do(
        _KEY, market.demand_response, "verifyReduction", 1, _HOUSE.address, 5000, 2000, 0, 2000
    )
    site.api.live()
    expect(state).to_have_attribute("value", "VERIFYING")
    page.get_by_role("button", name="Complete").click()
    expect(said).to_contain_text("DemandResponse")
    market.go_to(_seconds(event["ends_at"]) + 30 * 86_400)
    _open(site)
    page.get_by_role("button", name="Complete").click()
    expect(said).to_have_text("Done: its rewards are fixed.")
    site.api.live()
    expect(state).to_have_attribute("value", "COMPLETED")
    page.get_by_role("button", name="Pay the rewards").click()
    expect(said).to_have_text("Done: who took part is paid.")
    assert market.dollar.call("balanceOf", _HOUSE.address) == 3 * 1_500_000


def test_balancing__is_opened_by_the_operator(site: Site, operator: Account) -> None:
    market = site.api.exchange.market
    market.do(_KEY, market.balancing, "setRegionCapacity", HOME, 500, 100, 50)
    _open(site)
    page = site.page
    page.get_by_label("What", exact=True).select_option("more generation")
    page.get_by_label("Power in kW").fill("40")
    page.get_by_role("button", name="Sign and open").click()
    expect(page.locator("#said")).to_have_text("Done: the action is open.")
    (home,) = site.api.get("/grid/status").json()["regions"]
    assert home["open_actions"] == 1


def _seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())
