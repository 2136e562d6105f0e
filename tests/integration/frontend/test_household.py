"""What a household is told and asked in a browser, and what it does about it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from eth_account.signers.local import LocalAccount
from playwright.sync_api import expect

from energy_grid.chain.accounts import Account
from energy_grid.chain.roles import Role
from tests.integration.frontend.conftest import Site
from tests.support.browser import BrowserWallet
from tests.support.market import DAY, HOME, MONDAY, Market, actor
from tests.unit.contracts.assets.operations import divide, mint
from tests.unit.contracts.demand_response.scheme import RATE, Scheme, open_scheme

_HOUR = 3600
_CLAIMED = "Done: it is in your wallet."


@dataclass
class Household:
    """Somebody with a meter, whose wallet is in the window."""

    site: Site
    key: LocalAccount
    wallet: BrowserWallet

    @property
    def market(self) -> Market:
        return self.site.api.exchange.market

    def go(self, path: str = "/home") -> None:
        """Open a page, signed in."""
        self.site.go(path)
        if self.site.page.locator("#who data").count() == 0:
            self.site.sign_in()
            self.site.page.locator("#who data").wait_for()

    def does(self, button: str, said: str) -> None:
        """Click a button, and be told that it is done."""
        self.site.page.get_by_role("button", name=button).click()
        expect(self.site.page.locator("#said")).to_have_text(said)

    def money(self) -> int:
        """In its wallet."""
        return int(self.market.dollar.call("balanceOf", self.key.address))


@pytest.fixture
def house(site: Site) -> Household:
    key = actor("household")
    market = site.api.exchange.market
    market.register_meter(key)
    site.api.live()
    return Household(site, key, site.give_wallet(Account(bytes(key.key))))


@pytest.fixture
def scheme(house: Household) -> Scheme:
    """Demand response with an operator of the house's region."""
    scheme = open_scheme(house.market)
    scheme.operator = scheme.registered("operator of the home region", HOME)
    return scheme


def test_program__is_joined_left_and_joined_again_by_one_click(
    house: Household, scheme: Scheme
) -> None:
    page = house.site.page
    program = scheme.create(region=HOME)
    house.site.api.live()
    house.go()
    offer = page.locator(f"#program-{program}")
    expect(offer).to_contain_text("Evening peak")
    assert house.site.values(f"#program-{program}")[0] == str(RATE)
    page.get_by_label("Less than usual, in kW").fill("1,5")
    house.wallet.asked.clear()
    house.does("Sign and join", "Done: you are in it.")
    assert house.wallet.asked.count("eth_sendTransaction") == 1
    assert scheme.participant(program, house.key).committed == 1500
    house.site.api.live()
    house.does("Sign and leave", "Done: you have left it. What you earned stays yours.")
    assert scheme.participant(program, house.key).committed == 0
    house.site.api.live()
    page.get_by_label("Less than usual, in kW").fill("2")
    house.wallet.asked.clear()
    house.does("Sign and join", "Done: you are in it.")
    assert house.wallet.asked.count("eth_sendTransaction") == 1
    assert scheme.participant(program, house.key).committed == 2000


def test_event__is_shown_from_the_invitation_to_the_payment(
    house: Household, scheme: Scheme
) -> None:
    market, page, meter = house.market, house.site.page, actor(f"meter of {house.key.address}")
    # From Tuesday on it uses 3 kW; of each day the hour from one to two is read in time.
    for day in range(1, 10):
        market.go_to(MONDAY + day * DAY + 2 * _HOUR + 60)
        market.measure(meter, *[(3000, 0)] * (2 if day == 1 else 24))
    market.go_to(MONDAY + 10 * DAY + 60)
    first = scheme.start()
    house.site.api.live()
    house.go()
    # It counts in what is announced from then on.
    house.does("Sign and take part", "Done: you take part.")
    scheme.do(scheme.operator, "cancelEvent", first)
    event = scheme.start()
    house.site.api.live()
    house.go()
    state = page.locator(f"#event-{event} .tag data")
    expect(page.locator("#notices")).to_contain_text("The grid asks you to use less from")
    expect(state).to_have_attribute("value", "AHEAD")
    scheme.go_to_end(event)
    market.go_to(market.now + 60)
    market.measure(meter, *[(3000, 0)] * 23, (500, 0))
    market.go_to(market.now + _HOUR + 60)
    house.site.api.live()
    house.go()
    expect(state).to_have_attribute("value", "VERIFYING")
    house.does("Show it by my meter", "Done: your meter has shown it.")
    house.site.api.live()
    less = page.locator(f"#event-{event} .facts div:nth-child(2) data")
    expect(less).to_have_attribute("value", "2500")
    expect(page.get_by_role("button", name="Show it by my meter")).to_have_count(0)
    scheme.complete(event)
    house.site.api.live()
    expect(state).to_have_attribute("value", "COMPLETED")
    reward = RATE * 2500 // 1000
    assert house.site.values(f"#event-{event} .facts")[2] == str(reward)
    before = house.money()
    house.does("Claim it", _CLAIMED)
    assert house.money() == before + reward
    house.site.api.live()
    expect(state).to_have_attribute("value", "PAID")


def test_shares__and_credits__are_shown_and_revenue_is_claimed(house: Household) -> None:
    market, page, other = house.market, house.site.page, actor("other holder")
    shares = divide(market, house.key, mint(market, house.key), 100)
    market.do(house.key, shares, "transfer", other.address, 40)
    market.give_money(other, 2_000_000)
    market.do(other, market.dollar, "transfer", shares.address, 1_000_000)
    house.site.api.live()
    house.go()
    assert house.site.values("#shares") == ["1", "12500", "60/100", "600000"]
    expect(page.locator("#carbon")).to_have_count(0)
    link = page.get_by_role("link", name="Your shares have earned 0.60 tUSD: claim it.")
    assert link.get_attribute("href") == "#shares"
    before = house.money()
    house.does("Claim it", _CLAIMED)
    assert house.money() == before + 600_000
    house.site.api.live()
    expect(page.locator("#shares .facts div:nth-child(3) data")).to_have_attribute("value", "0")
    expect(link).to_have_count(0)


def test_withdrawal__that_waits__is_sent_when_its_time_has_come(house: Household) -> None:
    market, page = house.market, house.site.page
    key = house.key
    market.deposit(key, 10_000)
    market.do(market.roles[Role.ADMIN], market.settlement, "setOutflowLimit", 1_000)
    before = house.money()
    market.do(key, market.settlement, "withdraw", 4_000, key.address)
    market.do(key, market.settlement, "withdraw", 5_000, key.address)
    house.site.api.live()
    house.go()
    waiting = page.locator("#withdrawals .waiting")
    expect(waiting).to_have_count(2)
    expect(page.get_by_role("button", name="Have it sent")).to_have_count(0)
    waiting.filter(has=page.locator("data[value='4000000']")).get_by_role("button").click()
    expect(page.locator("#said")).to_have_text("Done: it is in the market again.")
    market.go_to(market.now + 10 * DAY)
    house.site.api.live()
    expect(waiting).to_have_count(1)
    house.does("Have it sent", "Done: it left the market for your wallet.")
    assert house.money() == before + 5_000
    house.site.api.live()
    expect(waiting).to_have_count(0)


def test_notices__are_counted_until_they_were_seen_and_forgotten_with_the_session(
    house: Household,
) -> None:
    market, page = house.market, house.site.page
    market.go_to(MONDAY + 6 * _HOUR)
    house.site.api.live()
    house.go("/trade")
    badge = page.locator("#unread")
    expect(badge.locator("data")).to_have_attribute("value", "1")
    house.go()
    (silent,) = page.locator("#notices li").all()
    expect(silent).to_contain_text("Your meter 1 shows nothing.")
    expect(silent.get_by_text("new")).to_be_visible()
    expect(badge).to_be_hidden()
    # What comes while one looks is marked, and read.
    market.deposit(house.key, 10_000)
    market.do(market.roles[Role.ADMIN], market.settlement, "setOutflowLimit", 1_000)
    market.do(house.key, market.settlement, "withdraw", 5_000, house.key.address)
    house.site.api.live()
    expect(page.locator("#notices li.unread")).to_have_count(2)
    house.go("/trade")
    page.wait_for_load_state("networkidle")
    expect(badge).to_be_hidden()
    house.go()
    expect(page.locator("#notices li")).to_have_count(2)
    expect(page.locator("#notices li.unread")).to_have_count(0)
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign in").wait_for()
    kept = "Object.keys(sessionStorage).length + Object.keys(localStorage).length"
    assert page.evaluate(kept) == 0
