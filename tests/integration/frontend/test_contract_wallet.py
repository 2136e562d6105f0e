"""A Safe as a household's wallet: what it does in a browser is proposed, and happens when two of
its owners have confirmed it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from energy_grid.chain.accounts import Account
from tests.integration.exchange import PRICE, SELL
from tests.integration.frontend.conftest import Site
from tests.support.browser import SafeWallet, announce
from tests.support.safes import deploy_safe

_OWNERS = [Account.local(number) for number in (6, 7, 8)]
_PROPOSED = "Proposed: it happens when the owners of your wallet have confirmed it"


@pytest.fixture
def wallet(site: Site) -> SafeWallet:
    """Of a Safe of two out of three with money, and without any coin of the chain."""
    market = site.api.exchange.market
    for owner in _OWNERS:
        market.node.set_balance(owner.address, 10**21)
    owners = [owner.address for owner in _OWNERS]
    safe, multi_send = deploy_safe(market.node, owners, 2, confirming=True)
    market.do(Account.local(9).address, market.dollar, "faucet", 500_000_000)
    market.do(Account.local(9).address, market.dollar, "transfer", safe.address, 500_000_000)
    wallet = SafeWallet(
        account=_OWNERS[0],
        node=market.node,
        chain_id=31337,
        safe=safe,
        owners=_OWNERS[:2],
        multi_send=multi_send,
    )
    announce(site.page, wallet)
    return wallet


def _enter(site: Site, wallet: SafeWallet, path: str) -> None:
    site.go(path)
    if site.page.locator("#who data").count() == 0:
        site.sign_in()
    who = site.page.locator("#who data")
    expect(who).to_have_attribute("value", wallet.safe.address)


def test_safe__pays_in_chooses_and_withdraws_by_proposals(
    site: Site, wallet: SafeWallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    grid, page, who = site.api.exchange.grid, site.page, wallet.safe.address
    # As where the coin was there before the market.
    others = {name: it for name, it in grid.deployment.contracts.items() if name != "TestDollar"}
    monkeypatch.setattr(grid, "deployment", replace(grid.deployment, contracts=others))
    _enter(site, wallet, "/home")
    expect(page.locator("#contract")).to_be_visible()
    page.get_by_label("Sum in").first.fill("501")
    page.get_by_role("button", name="Sign and pay in").click()
    said = page.locator("#said")
    expect(said).to_have_text("That is more than is in your wallet.")
    assert wallet.waiting == []

    page.get_by_label("Sum in").first.fill("300")
    page.get_by_role("button", name="Sign and pay in").click()
    expect(said).to_contain_text(_PROPOSED)
    assert [each.to for each in wallet.waiting] == [grid.money.address, grid.settlement.address]
    assert grid.settlement.balance_of(who) == 0
    wallet.confirm()
    wallet.confirm()
    site.api.live()
    balance = page.locator("#balance data")
    expect(balance).to_have_attribute("value", "300000000")

    page.get_by_label("kept in the bank").check()
    page.get_by_role("button", name="Sign and set it").click()
    expect(said).to_contain_text(_PROPOSED)
    wallet.confirm()
    assert grid.settlement.keeps_at(grid.settlement.account_of(who).number, 10**6)

    page.get_by_label("Sum in").last.fill("9999")
    page.get_by_role("button", name="Sign and withdraw").click()
    expect(said).to_contain_text("needed 9999 tUSD")
    page.get_by_label("Sum in").last.fill("50")
    page.get_by_role("button", name="Sign and withdraw").click()
    expect(said).to_contain_text(_PROPOSED)
    wallet.confirm()
    site.api.live()
    expect(balance).to_have_attribute("value", "250000000")
    assert grid.money.balance_of(who) == 250_000_000
    # No receipt is waited for: none comes.
    assert "eth_getTransactionReceipt" not in wallet.asked


def test_safe__trades_with_an_order_that_it_confirms(site: Site, wallet: SafeWallet) -> None:
    exchange, page = site.api.exchange, site.page
    exchange.market.do(Account.local(9).address, exchange.market.dollar, "faucet", 100_000_000)
    for call in (
        exchange.grid.money.approve(exchange.grid.settlement.address, 100_000_000),
        exchange.grid.settlement.deposit(100_000_000),
    ):
        wallet.waiting.append(call)
        wallet.confirm()
    site.api.live()
    start = site.api.get("/periods").json()[1]["start"]
    _enter(site, wallet, f"/trade/HOURLY/{start}")
    page.get_by_label("Energy in kWh").fill("0.7")
    page.get_by_label("Limit in").fill("0,25")
    page.get_by_role("button", name="What would it bring?").click()
    page.get_by_role("button", name="Sign and place it").click()
    state = page.locator("#orders tbody data").last
    expect(state).to_have_attribute("value", "RECEIVED")
    assert site.api.place(exchange.order(1, SELL, 700)).status_code == 201
    site.api.live()
    expect(state).to_have_attribute("value", "MATCHED")
    (trade,) = site.api.get("/trades").json()["items"]
    assert (trade["amount_wh"], trade["price_per_kwh"]) == (700, PRICE)
    site.go("/home")
    expect(page.locator("#notices")).to_contain_text("You bought 0.70 kWh")
