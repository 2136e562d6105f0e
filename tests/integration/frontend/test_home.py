"""A home in a browser: figures are the chain's, and what its people sign happens."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, cast

import pytest
from playwright.sync_api import Route, expect

from energy_grid.chain.accounts import Account
from energy_grid.cli.main import main
from energy_grid.domain.units import format_money
from tests.integration.frontend.conftest import Site
from tests.support.browser import PHONE
from tests.support.market import DAY, MONDAY, actor
from tests.support.papers import text_of
from tests.support.relaying import Relaying

_TUESDAY = MONDAY // DAY + 1
# Import and export of a day's hours, Wh.
_FLOWS = [(400, 0)] * 10 + [(0, 3000)] * 4 + [(300, 50)] * 10
_DAY = "2024-01-02"


@dataclass
class Home:
    """Somebody with a meter."""

    site: Site
    account: Account

    def figures(self) -> dict[str, int]:
        """What the chain says of its balances."""
        settlement, who = self.site.api.exchange.grid.settlement, self.account.address
        return {
            "balance": settlement.balance_of(who),
            "wallet": self.site.api.exchange.grid.money.balance_of(who),
            "credits": settlement.credits_of(who),
        }

    def go(self, path: str = "/home") -> None:
        """Open a page, signed in."""
        self.site.go("/home")
        self.site.sign_in()
        self.site.page.locator("#who data").wait_for()
        if path != "/home":
            self.site.go(path)

    def measure(self, *flows: tuple[int, int]) -> None:
        """Its meter's next hours are read by the chain."""
        market = self.site.api.exchange.market
        market.measure(actor(f"meter of {self.account.address}"), *flows)
        self.site.api.live()


@pytest.fixture
def home(site: Site) -> Home:
    """A house of which Tuesday is closed, on Wednesday."""
    market, key = site.api.exchange.market, actor("house with panels")
    market.deposit(key, 20_000_000)
    market.give_money(key, 500_000_000)
    meter = market.register_meter(key)
    market.do(key, market.settlement, "setKeeps", True)
    for hour, flow in enumerate(_FLOWS, start=1):
        market.go_to(MONDAY + DAY + hour * 3600 + 60)
        market.measure(meter, flow)
    market.go_to(MONDAY + 2 * DAY + 2 * 3600)
    market.close(_TUESDAY, key)
    site.api.live()
    account = Account(bytes(key.key))
    site.give_wallet(account)
    return Home(site, account)


def test_home__of_nobody__says_what_it_would_show(site: Site) -> None:
    site.go("/home")
    expect(site.page.get_by_role("heading", name="Your home")).to_be_visible()
    assert site.values("main") == []


def test_home__every_figure__is_the_chains(home: Home) -> None:
    home.go()
    site, page = home.site, home.site.page
    for name, value in home.figures().items():
        assert site.values(f"#{name}") == [str(value)]
    days = site.api.get(f"/accounts/{home.account.address}/days", home.account).json()["items"]
    day = days[0]
    rows = site.page.locator("#days tbody tr")
    expect(rows).to_have_count(len(days))
    assert day["day"] == _DAY
    assert day["credits_kept_wh"] > 0, day
    expect(page.locator("#day h2")).to_contain_text("2 Jan 2024")
    assert site.values("#flow-grid") == [str(day["from_grid_wh"]), str(day["fed_in_wh"])]
    bank = [str(day["credits_drawn_wh"]), str(day["credits_kept_wh"])]
    assert site.values("#flow-bank") == bank
    assert site.values("#bill") == [str(abs(int(day["money_thousandths"])))]
    hours = [str(each) for flow in _FLOWS for each in flow]
    assert site.values("#slots tbody") == hours
    prices = site.api.get("/prices?from=2024-01-02T00:00:00Z&to=2024-01-03T00:00:00Z").json()
    alone = sum(
        (used - fed) * each["buy_per_kwh" if used > fed else "feed_in_per_kwh"]
        for (used, fed), each in zip(_FLOWS, prices["grid"], strict=True)
    )
    assert site.values("#alone") == [str(alone)]
    expect(page.locator("#slots canvas")).to_be_visible()
    expect(page.locator("#day .tag")).to_have_count(0)


def test_home__of_a_day_that_is_not_closed__is_marked_so(home: Home) -> None:
    market = home.site.api.exchange.market
    market.go_to(MONDAY + 2 * DAY + 6 * 3600)
    home.measure((500, 0), (100, 20))
    home.go()
    expect(home.site.page.locator("#day .tag")).to_contain_text("provisional")
    assert home.site.values("#flow-connection") == ["600", "20"]
    assert home.site.values("#alone") == []


def test_home__day_that_cannot_be__says_so(home: Home) -> None:
    home.go("/home?day=2999-01-01")
    expect(home.site.page.locator("main")).to_contain_text("There is nothing of 2999-01-01")


def test_home__pays_in_chooses_and_withdraws(home: Home) -> None:
    # Who is silent cannot withdraw.
    home.measure((500, 0), (100, 20))
    home.go()
    page, before = home.site.page, home.figures()
    said = page.locator("#said")
    page.get_by_label("Sum in").first.fill("250,50")
    page.get_by_role("button", name="Sign and pay in").click()
    expect(said).to_have_text("Done: it is in the market.")
    assert home.figures()["balance"] == before["balance"] + 250_500_000
    balance = page.locator("#balance data")
    expect(balance).to_have_attribute("value", str(before["balance"] + 250_500_000))
    assert page.get_by_label("kept in the bank").is_checked()
    page.get_by_label("fed in: the grid").check()
    page.get_by_role("button", name="Sign and set it").click()
    expect(said).to_have_text("Done: your preference holds from tomorrow on.")
    found = home.site.api.get(f"/accounts/{home.account.address}", home.account).json()
    assert found["keeps_surplus"] is False
    page.get_by_label("Sum in").last.fill("1")
    page.get_by_role("button", name="Sign and withdraw").click()
    expect(said).to_have_text("Done: it left the market for your wallet.")
    after = home.figures()
    assert after["wallet"] == before["wallet"] - 250_500_000 + 1_000_000
    expect(balance).to_have_attribute("value", str(after["balance"]))


def test_home__more_than_there_is__says_so_and_changes_nothing(home: Home) -> None:
    home.measure((500, 0), (100, 20))
    home.go()
    before = home.figures()
    page = home.site.page
    page.get_by_label("Sum in").last.fill("9999")
    page.get_by_role("button", name="Sign and withdraw").click()
    expect(page.locator("#said")).to_contain_text("needed 9999 tUSD")
    assert home.figures() == before


def test_closed_days__on_a_phone__show_their_money(home: Home) -> None:
    home.site.page.set_viewport_size(cast(Any, PHONE))
    home.go()
    for path, table in (("/home", "#days"), ("/home/statement", "#statement")):
        home.site.go(path)
        money = home.site.page.locator(f"{table} tbody tr").first.locator("td").nth(1)
        expect(money).to_contain_text("tUSD")
        box = money.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= PHONE["width"]


def test_statement__has_the_months_days_and_their_sum(home: Home) -> None:
    home.go("/home/statement")
    path = f"/statements/{home.account.address}/2024-01"
    found = home.site.api.get(path, home.account).json()
    names = (
        *("money_thousandths", "shared_taken_wh", "shared_given_wh", "traded_wh"),
        *("credits_drawn_wh", "credits_kept_wh", "from_grid_wh", "fed_in_wh"),
    )
    wanted = [str(each[name]) for each in (*found["days"], found["sum"]) for name in names]
    assert home.site.values("#statement") == wanted
    with home.site.page.expect_download() as download:
        home.site.page.get_by_role("button", name="CSV").last.click()
    lines = download.value.path().read_text().splitlines()
    assert [line[:10] for line in lines[1:]] == [each["day"] for each in found["days"]]


def test_statement__line_by_line__adds_up_as_it_is_shown(home: Home) -> None:
    home.go("/home/statement")
    found = home.site.api.get(f"/statements/{home.account.address}/2024-01", home.account).json()
    rows = home.site.page.locator("#part-lines tr:has(td)")
    exact = [each.locator("data").last.get_attribute("value") for each in rows.all()]
    lines = [each["money_thousandths"] for each in found["lines"]]
    assert (exact[: len(lines)], exact[-1]) == (lines, found["money_thousandths"])
    shown = rows.locator("td:last-child").all_inner_texts()
    cents = [round(100 * float(each.partition(" ")[0].replace(",", ""))) for each in shown]
    assert sum(cents[:-1]) == cents[-1]
    assert round(int(found["money_thousandths"]) / 10**7) == cents[-1]


def test_statement__as_pdf__has_its_words_and_figures(home: Home) -> None:
    home.go("/home/statement")
    with home.site.page.expect_download() as download:
        home.site.page.get_by_role("link", name="PDF").click()
    content = download.value.path().read_bytes()
    assert content.startswith(b"%PDF")
    found = text_of(content)
    for each in home.site.page.locator("#part-lines td").all_inner_texts():
        assert each in found
    assert home.account.address in found


def test_statement__in_a_terminal__is_the_same(
    home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME_KEY", f"0x{home.account._key.secret.hex()}")
    found = home.site.api.get(f"/statements/{home.account.address}/2024-01", home.account).json()
    typed = f"day statement {home.site.address} 2024-01 --account env:HOME_KEY"
    assert main([*typed.split(), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == found
    assert main(typed.split()) == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert head == f"not issued yet: {home.account.address}, 2024-01"
    own, moved = len(found["lines"]), len(found["transfers"])
    assert len(rows) == own + 1 + moved + 1
    assert rows[own].split() == [
        *("through", "the", "account"),
        *format_money(int(found["money_thousandths"]), 9, "tUSD").split(),
    ]
    assert main([*typed.split(), "--of", "community:1"]) != 0
    assert "there is no such statement" in capsys.readouterr().err


def test_newcomer__without_any_coin__gets_a_running_preference(site: Site) -> None:
    exchange, house = site.api.exchange, Account.create()
    relay = Relaying(exchange.market, exchange.grid, site.api.database).service()
    site.give_wallet(house)
    site.go("/home")
    site.sign_in()
    page, said = site.page, site.page.locator("#said")
    clicks = (
        ("Get", "Done: they are in your wallet."),
        ("Sign and pay in", "Done: it is in the market."),
        ("Sign and set it", "Done: your preference holds from tomorrow on."),
    )
    for name, done in clicks:
        if name == "Sign and pay in":
            page.get_by_label("Sum in").first.fill("100")
        if name == "Sign and set it":
            page.get_by_label("fed in: the grid").check()
        page.get_by_role("button", name=name).click()
        for _ in range(200):
            relay.step()
            page.wait_for_timeout(50)
            if said.text_content() == done:
                break
        expect(said).to_have_text(done)
    assert exchange.grid.settlement.balance_of(house.address) == 100_000_000
    assert exchange.market.node.balance(house.address) == 0


@pytest.mark.parametrize("program", ["main.js", "home-*.js"])
def test_form__sent_before_its_program_came__does_its_work_then(site: Site, program: str) -> None:
    account, page = site.api.exchange.traders[0], site.page
    site.give_wallet(account)
    # Tests hold back what a page asks for, and not what its worker does.
    page.add_init_script("delete Navigator.prototype.serviceWorker")
    site.go("/")
    site.sign_in()
    page.locator("#who data").wait_for()
    held: list[Route] = []
    page.route(f"**/{program}", lambda route: held.append(route))
    page.goto(f"{site.address}/home", wait_until="commit")
    before = site.api.exchange.grid.settlement.balance_of(account.address)
    page.locator("#deposit").fill("1.5")
    page.get_by_role("button", name="Sign and pay in").click()
    expect(page.locator("#said")).to_be_hidden()
    held[0].continue_()
    expect(page.locator("#said")).to_have_text("Done: it is in the market.")
    after = site.api.exchange.grid.settlement.balance_of(account.address)
    assert (after - before, page.url) == (1_500_000, f"{site.address}/home")
