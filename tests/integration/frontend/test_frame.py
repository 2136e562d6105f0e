"""What all pages have: a sign-in, languages, problems, headers, and no need of a program."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any, cast

import pytest
from playwright.sync_api import Browser, Route, expect
from sqlalchemy import delete

from energy_grid.backend.store.sessions import SESSIONS
from tests.integration.backend.api.conftest import Api
from tests.integration.conftest import BUYER
from tests.integration.exchange import BUY, SELL
from tests.integration.frontend.conftest import Site
from tests.support.browser import PHONE


def test_sign_in__with_a_wallet__shows_the_account_until_it_signs_out(site: Site) -> None:
    wallet = site.give_wallet(BUYER)
    site.go("/")
    site.sign_in()
    who = site.page.locator("#who data")
    expect(who).to_have_attribute("value", BUYER.address)
    assert wallet.asked == ["eth_requestAccounts", "eth_chainId", "personal_sign"]
    (cookie,) = site.page.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    site.page.get_by_role("button", name="Sign out").click()
    expect(site.page.get_by_role("button", name="Sign in")).to_be_visible()
    assert site.page.context.cookies() == []
    kept = "Object.keys(sessionStorage).length + Object.keys(localStorage).length"
    assert site.page.evaluate(kept) == 0
    # The token is worth nothing any more, wherever it went.
    site.page.context.add_cookies([cookie])
    site.go("/")
    expect(site.page.get_by_role("button", name="Sign in")).to_be_visible()


def test_sign_in__refused_in_the_wallet__says_that_nothing_has_changed(site: Site) -> None:
    wallet = site.give_wallet(BUYER)
    wallet.refuses = True
    site.go("/")
    site.sign_in()
    alert = site.page.get_by_role("alert")
    expect(alert).to_have_text("Your wallet has not signed: nothing has changed.")
    wallet.refuses = False
    site.page.get_by_role("button", name="Test wallet").click()
    expect(site.page.locator("#who data")).to_have_attribute("value", BUYER.address)


def test_sign_in__wallet_on_another_chain__switches_with_a_button(site: Site) -> None:
    wallet = site.give_wallet(BUYER, chain_id=1)
    site.go("/")
    site.sign_in()
    expect(site.page.get_by_role("alert")).to_have_text("Your wallet is on another chain.")
    assert "personal_sign" not in wallet.asked
    site.page.get_by_role("button", name="Switch to the market's chain").click()
    expect(site.page.locator("#who data")).to_have_attribute("value", BUYER.address)
    assert wallet.chain_id == 31337


def test_sign_in__without_a_wallet__offers_a_throwaway_one_on_a_local_chain(site: Site) -> None:
    site.go("/")
    site.page.get_by_role("button", name="Sign in").click()
    expect(site.page.locator("#wallets")).to_contain_text("This browser has no wallet.")
    site.page.get_by_role("button", name="Use a throwaway wallet").click()
    first = site.page.locator("#who data")
    expect(first).to_have_attribute("value", re.compile("^0x[0-9a-fA-F]{40}$"))
    account = first.get_attribute("value")
    site.page.get_by_role("button", name="Sign out").click()
    # The same browser keeps the same one.
    site.page.get_by_role("button", name="Sign in").click()
    site.page.get_by_role("button", name="Use a throwaway wallet").click()
    expect(first).to_have_attribute("value", account or "")


def test_language__of_the_browser_or_chosen__is_spoken(site: Site, browser: Browser) -> None:
    context = browser.new_context(locale="de-AT")
    page = context.new_page()
    page.goto(site.address)
    expect(page.locator("h1")).to_have_text("Der Markt jetzt")
    assert page.locator("html").get_attribute("lang") == "de"
    page.get_by_role("link", name="English").click()
    expect(page.locator("h1")).to_have_text("The market now")
    page.goto(f"{site.address}/nowhere")
    expect(page.locator("h1")).to_have_text("Not found")
    context.close()


def test_language__link_to_elsewhere__stays_here(api: Api) -> None:
    for place in ("https://evil.example", "//evil.example", "/\\evil.example"):
        answer = api.client.get("/language/de", params={"to": place}, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert api.client.get("/language/xx").status_code == 404


def test_problem__of_a_page__is_a_page(api: Api) -> None:
    page = {"Accept": "text/html"}
    found = api.client.get("/nowhere", headers=page)
    assert (found.status_code, found.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "<h1>Not found</h1>" in found.text
    assert api.client.get("/nowhere").headers["content-type"] == "application/problem+json"
    of_api = api.client.get("/api/v1/nowhere", headers=page)
    assert of_api.headers["content-type"] == "application/problem+json"
    wrong = api.client.post("/", headers=page)
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET")


def test_headers__of_pages__let_nothing_foreign_in(api: Api) -> None:
    answer = api.client.get("/")
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["cache-control"] == "no-cache"
    # Markup has neither program nor style in it.
    assert (
        re.search(r"<script(?!( type=\"module\")? src=)|<style| style=| on[a-z]+=", answer.text)
        is None
    )


def test_page_for_programs__lists_every_path_and_has_no_program_of_others(api: Api) -> None:
    answer = api.client.get("/docs")
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert re.findall(r"(?:src|href)=\"(?:https?:)?//", answer.text) == []
    described = api.client.get("/openapi.json").json()["paths"]
    for path, methods in described.items():
        for method in methods:
            assert f"<code>{method.upper()} {path}</code>" in answer.text
    assert api.client.get("/docs/oauth2-redirect").status_code == 404


def test_cookie__of_pages__opens_no_door_of_the_api(api: Api, origin: str) -> None:
    token = api.sign_in(BUYER)
    opened = api.client.post("/pages/session", headers={"Authorization": f"Bearer {token}"})
    assert opened.status_code == 204
    assert BUYER.address in api.client.get("/").text
    assert api.client.get("/").headers["cache-control"] == "no-store"
    assert api.client.get(f"/api/v1/accounts/{BUYER.address}").status_code == 401
    assert api.client.post("/pages/session").status_code == 401
    # Whatever else listens at this host, at another port, is sent it by browsers.
    stolen = api.client.cookies["energy_grid_session"]
    for named in ({}, {"Origin": origin}, {"Origin": "pages"}):
        headers = {"Authorization": f"Bearer {stolen}", **named}
        assert api.client.get("/api/v1/orders", headers=headers).status_code == 401
        assert api.client.post("/pages/session", headers=headers).status_code == 401
    api.client.delete("/pages/session")
    assert BUYER.address not in api.client.get("/").text
    api.client.cookies["energy_grid_session"] = stolen
    assert BUYER.address not in api.client.get("/").text
    # Nor is the session's token a name of it, and it ends what was opened by it.
    api.client.cookies["energy_grid_session"] = token
    assert BUYER.address not in api.client.get("/").text
    headers = {"Authorization": f"Bearer {token}"}
    api.client.post("/pages/session", headers=headers)
    api.client.delete("/api/v1/session", headers=headers)
    api.client.cookies["energy_grid_session"] = stolen
    assert BUYER.address not in api.client.get("/").text


@pytest.mark.parametrize("path", ["/built/0/main.js", "/built/0/style.css"])
def test_built_file__of_another_version__is_not_kept(api: Api, path: str) -> None:
    answer = api.client.get(path)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    name = path.rpartition("/")[2]
    (current,) = re.findall(rf"/built/[0-9a-f]{{12}}/{re.escape(name)}", api.client.get("/").text)
    assert "immutable" in api.client.get(current).headers["cache-control"]
    assert api.client.get("/built/0/nothing.js").status_code == 404


def test_page__without_a_program__is_read_all_the_same(site: Site, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(site.address)
    expect(page.locator("figure table").first).to_be_visible()
    expect(page.locator("figure .plot").first).to_be_hidden()
    expect(page.get_by_role("button", name="Sign in")).to_be_hidden()
    context.close()


def test_menu__on_a_phone__is_whole(site: Site) -> None:
    site.page.set_viewport_size(cast(Any, PHONE))
    site.go("/")
    menu = site.page.locator("nav ul")
    assert menu.evaluate("menu => menu.scrollWidth <= menu.clientWidth")


def test_session__that_is_over__says_so_and_does_nothing(site: Site) -> None:
    house, page = site.api.exchange.traders[0], site.page
    site.give_wallet(house)
    site.go("/home")
    site.sign_in()
    page.locator("#who data").wait_for()
    with site.api.database.writing() as connection:
        connection.execute(delete(SESSIONS))
    before = site.api.exchange.grid.money.balance_of(house.address)
    page.get_by_role("button", name="Get").click()
    expect(page.locator("#said")).to_contain_text("Your session is over, and nothing was done")
    assert site.api.exchange.grid.money.balance_of(house.address) == before
    page.reload()
    expect(page.locator("#who").get_by_role("button", name="Sign in")).to_be_visible()
    expect(page.locator("#balances")).to_have_count(0)


@pytest.mark.parametrize("lose", [Route.abort, partial(Route.fulfill, status=503)])
def test_line__that_is_lost__is_told_until_it_is_back(
    site: Site, lose: Callable[[Route], None]
) -> None:
    page = site.page
    page.route("**/api/v1/stream*", lambda route: lose(route))
    site.go("/")
    expect(page.locator("#lost")).to_be_visible()
    page.unroute("**/api/v1/stream*")
    expect(page.locator("#lost")).to_be_hidden(timeout=10_000)


def trade(site: Site) -> None:
    """A buyer and a seller find each other."""
    for trader, side in ((0, BUY), (1, SELL)):
        site.api.place(site.api.exchange.order(trader, side, 700))
    site.api.live()


def test_block__that_is_void__takes_back_what_it_showed(site: Site) -> None:
    exchange, page = site.api.exchange, site.page
    before = exchange.market.node.block_number
    trade(site)
    site.go("/")
    expect(page.locator("#traded tbody tr")).to_have_count(1)
    page.evaluate("window.isTheSame = true")
    depth = exchange.market.node.block_number - before
    exchange.market.node.rpc("anvil_reorg", depth, [])
    exchange.market.node.mine()
    while not site.api.indexer.step():
        pass
    expect(page.locator("#traded")).to_contain_text("Nothing was traded yet.")
    assert page.evaluate("window.isTheSame")


@pytest.mark.parametrize("remembered", [True, False])
def test_block__known_before_the_page_listens__is_shown(site: Site, remembered: bool) -> None:
    def trade_first(line: Route) -> None:
        trade(site)
        if remembered:
            line.continue_()
        else:
            line.fulfill(status=410, json={"type": "too-old"})

    site.page.route("**/api/v1/stream*", trade_first, times=1)
    site.go("/")
    expect(site.page.locator("#traded tbody tr")).to_have_count(1)
