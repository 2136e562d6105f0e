"""Certificates on the home page: what a household has of them, and what it does with its wallet."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from energy_grid.chain.accounts import Account
from tests.integration.frontend.conftest import Site, window
from tests.support.certifying import CertifiedStreet
from tests.support.market import actor
from tests.support.relaying import Relaying


@pytest.fixture
def street(site: Site) -> CertifiedStreet:
    """Of Tuesday's first two hours, certificates are issued."""
    street = CertifiedStreet(site.api.exchange.market, actor("producer"), actor("consumer"))
    street.live((2_000, 500, 900), (3_000, 800, 700))
    site.api.live()
    return street


def go(site: Site) -> None:
    """Open the page, signed in."""
    site.go("/home")
    if site.page.locator("#who data").count() == 0:
        site.sign_in()
        site.page.locator("#who data").wait_for()


def does(site: Site, button: str, said: str) -> None:
    """Click a button, and be told how it went."""
    site.page.get_by_role("button", name=button, exact=True).click()
    expect(site.page.locator("#said")).to_have_text(said)
    site.api.live()


def held(street: CertifiedStreet, hour: int) -> int:
    """By the consumer."""
    contract = street.market.certificates
    return int(contract.call("balanceOf", street.consumer.address, street.id_of(hour)))


def test_certificates__of_who_has_none__are_not_there(site: Site, street: CertifiedStreet) -> None:
    site.give_wallet(Account(bytes(street.consumer.key)))
    go(site)
    expect(site.page.locator("#days")).to_be_visible()
    assert site.page.locator("#certificates, #certificates-for-sale").count() == 0


def test_certificates__of_a_producer__are_shown_and_retired_once(
    site: Site, street: CertifiedStreet
) -> None:
    site.give_wallet(Account(bytes(street.producer.key)))
    go(site)
    assert site.values("#certificates .facts")[1:4] == ["5000", "5000", "0"]
    does(site, "Retire", "Done: they are retired for what you used.")
    assert street.market.certificates.call("totalRetired") == 1_300
    expect(site.page.locator("#certificates-retired data")).to_have_attribute("value", "1300")
    does(
        site,
        "Retire",
        "You used nothing in the hours of these certificates that is not matched yet, or your day"
        " is not read yet.",
    )


def test_certificates__offered_bought_retired_and_withdrawn(
    site: Site, street: CertifiedStreet
) -> None:
    site.give_wallet(Account(bytes(street.producer.key)))
    go(site)
    page = site.page
    page.get_by_text("Offer certificates for money").click()
    page.locator("#certificates-amount").fill("4.5")
    page.locator("#certificates-price").fill("0,02")
    does(site, "Sign and offer", "Done: your offer is there.")
    shop = street.market.contracts["CertificateMarket"]
    terms = (street.first, street.first + 23)
    offer = shop.call("offerOf", 1)
    assert (*offer[1:4], offer[4], offer[5]) == (street.device, *terms, 4_500, 20_000)

    street.market.give_money(street.consumer, 1_000_000)
    buyer = window(site)
    buyer.give_wallet(Account(bytes(street.consumer.key)))
    go(buyer)
    form = buyer.page.locator("#for-sale-1")
    expect(form.get_by_label("Energy in kWh")).to_have_value("4.5")
    form.get_by_label("Energy in kWh").fill("2,5")
    does(buyer, "Sign and buy", "Done: the certificates are yours.")
    assert (held(street, 0), held(street, 1)) == (2_000, 500)
    go(buyer)
    does(buyer, "Retire", "Done: they are retired for what you used.")
    assert (held(street, 0), held(street, 1)) == (1_100, 0)

    go(site)
    expect(page.locator("#offered-1")).to_contain_text("2.00 kWh")
    does(site, "Withdraw the offer", "Done: nobody can buy it any more.")
    assert shop.call("offerOf", 1)[4] == 0


def test_certificates__bought_without_any_coin_for_gas__are_relayed(
    site: Site, street: CertifiedStreet
) -> None:
    exchange, buyer = site.api.exchange, Account.create()
    relay = Relaying(exchange.market, exchange.grid, site.api.database).service()
    street.offer(4_000, 20_000)
    street.market.give_money(buyer.address, 1_000_000)
    # What is left of the coin that it got for gas.
    exchange.market.node.set_balance(buyer.address, 0)
    site.api.live()
    site.give_wallet(buyer)
    go(site)
    said, done = site.page.locator("#said"), "Done: the certificates are yours."
    site.page.get_by_role("button", name="Sign and buy").click()
    for _ in range(200):
        relay.step()
        site.page.wait_for_timeout(50)
        if said.text_content() == done:
            break
    expect(said).to_have_text(done)
    contract = exchange.grid.certificates
    assert contract.balance_of(buyer.address, street.id_of(0)) == 2_000
    assert contract.balance_of(buyer.address, street.id_of(1)) == 2_000
    assert exchange.market.node.balance(buyer.address) == 0


def test_certificates__of_strangers_who_have_none__hide_no_offer(
    site: Site, street: CertifiedStreet
) -> None:
    street.offer(4_000, 20_000)
    market, stranger = street.market, actor("stranger")
    terms = (street.device, street.first, street.first + 23, 1, 1, market.dollar.address)
    for _ in range(20):
        market.do(stranger, market.contracts["CertificateMarket"], "offerCertificates", *terms)
    site.api.live()
    site.give_wallet(Account(bytes(street.consumer.key)))
    go(site)
    expect(site.page.locator("#certificates-for-sale article")).to_have_count(1)
    expect(site.page.locator("#for-sale-1")).to_be_visible()


def test_certificates__more_than_the_seller_has__are_not_bought(
    site: Site, street: CertifiedStreet
) -> None:
    street.offer(4_000, 20_000, hours=1)
    site.api.live()
    site.give_wallet(Account(bytes(street.consumer.key)))
    go(site)
    site.page.locator("#for-sale-1").get_by_label("Energy in kWh").fill("3")
    does(
        site,
        "Sign and buy",
        "The seller has less than that for one purchase: buy a part, and more later.",
    )
