"""The spot market in a browser: energy from the bank is offered, bought and taken back."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from energy_grid.chain.accounts import Account
from energy_grid.chain.roles import Role
from tests.integration.frontend.conftest import Site, window


@pytest.fixture
def traders(site: Site) -> tuple[Account, Account]:
    """A producer with 5 kWh as tokens, and a consumer with money."""
    exchange = site.api.exchange
    market, (seller, buyer, *_) = exchange.market, exchange.traders
    market.do(seller.address, market.grid, "registerProducer", 10_000, 0)
    market.do(buyer.address, market.grid, "registerConsumer", 10_000)
    authority = market.roles[Role.GRID_AUTHORITY]
    for who, is_producer in ((seller, True), (buyer, False)):
        market.do(authority, market.grid, "confirmParticipant", who.address, is_producer)
    market.do(market.settlement.address, market.energy_token, "mint", seller.address, 5_000)
    return seller, buyer


def _enter(site: Site, who: Account) -> None:
    site.give_wallet(who)
    site.go("/trade/spot")
    site.sign_in()
    site.page.locator("#who data").wait_for()


def test_offer__is_made_bought_and_taken_back(site: Site, traders: tuple[Account, Account]) -> None:
    grid, (seller, buyer) = site.api.exchange.grid, traders
    page, said = site.page, site.page.locator("#said")
    _enter(site, seller)
    expect(page.locator("#offers")).to_contain_text("Nobody offers any energy now.")
    assert site.values("#tokens") == ["5000"]
    for amount, price in (("2,5", "0.30"), ("1", "0.4")):
        page.get_by_label("Energy in kWh").fill(amount)
        page.get_by_label("Price in tUSD a kWh").fill(price)
        page.get_by_role("button", name="Sign and offer").click()
        expect(said).to_have_text("Done: your offer is there.")
        expect(page.get_by_label("Energy in kWh")).to_have_value("")
    assert site.values("#offer-1") == [seller.address, "2500", "300000", "750000"]
    other = window(site)
    _enter(other, buyer)
    before = grid.settlement.balance_of(buyer.address)
    other.page.locator("#offer-1").get_by_role("button", name="Buy all of it").click()
    expect(other.page.locator("#said")).to_have_text("Done: the energy is yours.")
    expect(other.page.locator("#offer-1")).to_have_count(0)
    assert grid.settlement.balance_of(buyer.address) == before - 750_000
    assert grid.energy_token.balance_of(buyer.address) == 2500
    page.reload()
    page.locator("#offer-2").get_by_role("button", name="Withdraw").click()
    expect(said).to_have_text("Done: what was left is yours again.")
    expect(page.locator("#offers")).to_contain_text("Nobody offers any energy now.")
    assert grid.energy_token.balance_of(seller.address) == 2500


def test_offer__of_nobody_who_is_confirmed__says_why(site: Site) -> None:
    stranger = site.api.exchange.traders[2]
    _enter(site, stranger)
    site.page.get_by_label("Energy in kWh").fill("1")
    site.page.get_by_label("Price in tUSD a kWh").fill("0.1")
    site.page.get_by_role("button", name="Sign and offer").click()
    expect(site.page.locator("#said")).to_contain_text("PeerToPeerTrading")
    assert site.api.exchange.grid.spot.offer_count() == 0
