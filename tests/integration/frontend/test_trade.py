"""Trading in a browser: figures are the book's, orders are the wallet's."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.integration.exchange import BUY, PRICE, SELL
from tests.integration.frontend.conftest import Site
from tests.support.market import DAY, MONDAY


def test_book__is_shown_as_it_is(site: Site) -> None:
    exchange = site.api.exchange
    for trader, side, wh, price in (
        (0, BUY, 700, 260_000),
        (1, BUY, 300, 200_000),
        (2, SELL, 500, 250_000),
    ):
        assert site.api.place(exchange.order(trader, side, wh, price)).status_code == 201
    start = site.api.get("/periods").json()[1]["start"]
    book = site.api.get(f"/periods/HOURLY/{start}/book").json()
    site.go(f"/trade/HOURLY/{start}")
    assert site.values("#price") == [str(book["clearing_price_per_kwh"])]
    assert site.values("#volume") == ["500"]
    assert site.values("#book tbody tr") == [
        *("0", "1000", "0"),
        *("200000", "1000", "0"),
        *("250000", "700", "500"),
        *("260000", "700", "500"),
        *("286001", "0", "500"),
    ]
    expect(site.page.locator("#book canvas")).to_be_visible()


def test_order__quoted_and_signed__is_followed_until_it_is_paid(site: Site) -> None:
    exchange = site.api.exchange
    buyer = exchange.traders[0]
    wallet = site.give_wallet(buyer)
    start = site.api.get("/periods").json()[1]["start"]
    site.go(f"/trade/HOURLY/{start}")
    site.sign_in()
    page = site.page
    page.get_by_label("Energy in kWh").fill("0.7")
    page.get_by_label("Limit in").fill("0,25")
    page.get_by_role("button", name="What would it bring?").click()
    wanted = {"account": buyer.address, "side": "BUY", "amount_wh": 700, "price_per_kwh": PRICE}
    quote = site.api.post("/quote", {**wanted, "period": "HOURLY", "start": start}).json()
    for name in ("at_limit", "grid_alone", "reserved", "fills_now_wh"):
        figure = page.locator(f"[data-of={name}] data")
        expect(figure).to_have_attribute("value", str(quote[name]))
    wallet.refuses = True
    page.get_by_role("button", name="Sign and place it").click()
    expect(page.locator("#said")).to_have_text("User rejected the request.")
    assert site.api.get("/orders", buyer).json()["items"] == []
    wallet.refuses = False
    page.get_by_role("button", name="Sign and place it").click()
    state = page.locator("#orders tbody data").last
    expect(state).to_have_attribute("value", "RECEIVED")
    (placed,) = site.api.get("/orders", buyer).json()["items"]
    assert (placed["amount_wh"], placed["price_per_kwh"]) == (700, PRICE)
    assert site.api.place(exchange.order(1, SELL, 700)).status_code == 201
    site.api.live()
    expect(state).to_have_attribute("value", "MATCHED")
    market = exchange.market
    market.node.set_time(MONDAY + 2 * DAY)
    for trader in exchange.traders[:2]:
        close = exchange.grid.settlement.close_through([trader.address], MONDAY // DAY)
        exchange.grid.plan(trader, close).execute()
    site.api.live()
    expect(state).to_have_attribute("value", "SETTLED")
    (batch,) = site.api.get("/batches").json()["items"]
    site.go(f"/trade/batches/{batch['id']}")
    page.get_by_role("button", name="Clear it again").click()
    expect(page.locator("[data-of=is_optimal]")).to_have_text("yes")


def test_order__withdrawn__is_shown_so(site: Site) -> None:
    exchange = site.api.exchange
    site.give_wallet(exchange.traders[0])
    assert site.api.place(exchange.order(0, BUY, 700)).status_code == 201
    site.go("/trade")
    site.sign_in()
    site.page.get_by_role("button", name="Withdraw it").click()
    expect(site.page.locator("#orders tbody data").last).to_have_attribute("value", "CANCELLED")
    (order,) = site.api.get("/orders", exchange.traders[0]).json()["items"]
    assert order["state"] == "CANCELLED"


def test_order__nobody_could_pay__says_what_is_missing(site: Site) -> None:
    site.give_wallet(site.api.exchange.traders[0])
    site.go("/trade")
    site.sign_in()
    page = site.page
    page.get_by_label("Energy in kWh").fill("9000000")
    page.get_by_label("Limit in").fill("1")
    page.get_by_role("button", name="What would it bring?").click()
    expect(page.locator("#said")).to_be_visible()
    expect(page.get_by_role("button", name="Sign and place it")).to_be_hidden()
