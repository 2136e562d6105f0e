"""The operator's page in a browser: from the announcement of an event to its payment."""

from __future__ import annotations

from datetime import datetime

import pytest
from playwright.sync_api import expect

from energy_grid.backend.grid_service.twin import TwinKeeper
from energy_grid.chain.accounts import Account
from energy_grid.chain.roles import Role
from tests.integration.backend.api.test_feeder import show
from tests.integration.backend.api.test_grid import make_critical
from tests.integration.conftest import OWNERS
from tests.integration.frontend.conftest import Site
from tests.support.feeders import DEVICES, STREET
from tests.support.market import HOME, MONDAY, actor

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
    market.do(authority, market.operators, "setOperatorScore", _KEY.address, 100)
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


def test_region__of_a_low_load__shows_hertz_and_warns_of_nothing(
    site: Site, operator: Account
) -> None:
    market = site.api.exchange.market
    market.do(_KEY, market.load, "reportLoad", HOME, 900, 90)
    market.do(_KEY, market.stability, "reportStabilityMetrics", HOME, 4998, 101, 0)
    site.go("/operator")
    region = site.page.locator("#region-1")
    expect(region).to_contain_text("49.98 Hz (normal: 49.50 to 50.50 Hz)")
    expect(region).to_contain_text("10 %")
    expect(region.locator(".bad")).to_have_count(0)
    market.do(_KEY, market.stability, "reportStabilityMetrics", HOME, 5000, 106, 0)
    site.go("/operator")
    expect(region.locator(".bad")).to_have_text("alert")


def test_region__in_emergency__says_who_said_so_and_until_when(site: Site) -> None:
    (first,) = make_critical(site.api, "one")
    site.go("/operator")
    region = site.page.locator("#region-1")
    expect(region).to_contain_text("says that the grid is critical. It becomes an emergency if")
    (second,) = make_critical(site.api, "two")
    site.go("/operator")
    expect(region).to_contain_text("In emergency until")
    expect(region).to_contain_text("Critical event 1 since")
    for operator in (first, second):
        expect(region).to_contain_text(operator.address[:6])


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


def _register_devices(site: Site) -> None:
    """Give each bus of the street its device, and let three slots pass."""
    exchange, market = site.api.exchange, site.api.exchange.market
    registrar = exchange.grid.acting_safe(OWNERS)
    for owner in OWNERS:
        market.node.set_balance(owner.address, 10**21)
    for holder, device in zip(exchange.traders, DEVICES.values(), strict=False):
        exchange.fund(holder.address, 100_000_000)
        exchange.grid.register_meter(
            registrar, device, holder, region="home", rated_power=20_000
        ).execute()
    market.go_to(MONDAY + 3 * 3600 + 1)
    site.api.live()


def _seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def test_feeder__is_drawn_and_its_alarms_are_known(site: Site, operator: Account) -> None:
    _register_devices(site)
    page = site.page
    for bus, import_wh, export_wh in (("A", 0, 9000), ("B", 4000, 0), ("C", 0, 4000)):
        show(site.api, bus, 2, 0)
        show(site.api, bus, 3, import_wh, export_wh)
    _open(site)
    state = site.api.get("/grid/feeder", operator).json()
    assert site.values("#feeder-1 .facts") == ["-9000", "9000/8000", "3", "3"]
    expect(page.locator("#feeder-1 .facts")).to_contain_text("back into the grid")
    page.locator("#feeder-1 summary").click()
    found = {
        row.locator("td").first.inner_text(): row.locator("data").first.get_attribute("value")
        for row in page.locator("#feeder-1 details tbody tr").all()
    }
    assert found == {each["line"]: str(each["power_w"]) for each in state["lines"]}
    # Both pictures show every cable; what is too much, and what goes back, is told apart.
    for picture in page.locator("#feeder-1 figure").all():
        drawn = [each.get_attribute("class") for each in picture.locator("line").all()]
        assert drawn == ["near reverse", "over", "well reverse"]
    alarms = page.locator("#alarms-1 tbody tr")
    expect(alarms).to_have_count(2)
    expect(alarms.first).to_contain_text("The transformer carries more than it can")
    alarms.first.get_by_role("button", name="I know").click()
    expect(page.locator("#said")).to_have_text("Done: it is noted that you know.")
    expect(alarms.first).to_contain_text("known to")
    expect(page.locator("#twin-1")).to_have_count(0)
    TwinKeeper(site.api.database, {"home": STREET}, 3600).step()
    site.go("/operator")
    (flow,) = site.api.get("/grid/feeder/flows", operator).json()
    names = ("lowest_bps", "highest_bps", "cable_bps", "transformer_bps")
    shares = [str(flow[name] / 10_000) for name in names]
    assert site.values("#twin-1 .facts") == [*shares, str(flow["losses_w"])]
    expect(page.locator("#twin-1")).to_contain_text("out of bounds")
    # Keys of a local chain are public knowledge, and so is what its meters show; nobody else acts.
    page.context.clear_cookies()
    site.go("/operator")
    expect(page.locator("#feeder-1")).to_be_visible()
    expect(page.get_by_role("button", name="I know")).to_have_count(0)


def test_alarms__of_many__are_folded_and_stay_unfolded(site: Site, operator: Account) -> None:
    _register_devices(site)
    for bus in DEVICES:
        show(site.api, bus, 2, 0)
        show(site.api, bus, 3, 12_000, volts=1_500)
    _open(site)
    alarms, more = site.page.locator("#alarms-1 tbody").first, site.page.locator("#more-alarms-1")
    expect(alarms.locator("tr")).to_have_count(5)
    more.locator("summary").click()
    expect(more.locator("tbody tr")).to_have_count(2)
    more.get_by_role("button", name="I know").first.click()
    # The page has made this part anew: what was unfolded still is.
    expect(more).to_contain_text("known to")
    expect(more.locator("tbody tr").first).to_be_visible()


def test_feeder__of_another_chain__is_its_operators_alone(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("energy_grid.frontend.pages.operator.LOCAL_CHAINS", ())
    site.give_wallet(site.api.exchange.traders[0])
    _open(site)
    expect(site.page.locator("#region-1")).to_be_visible()
    expect(site.page.locator("#feeder-1")).to_have_count(0)
    expect(site.page.locator("#alarms-1")).to_have_count(0)


def test_feeder__of_another_chain__is_shown_to_its_operator(
    site: Site, operator: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("energy_grid.frontend.pages.operator.LOCAL_CHAINS", ())
    _open(site)
    expect(site.page.locator("#alarms-1")).to_contain_text("No limit is broken.")
