"""The pages as an application on a phone: what shows without a line, and what is left behind."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import delete

from energy_grid.backend.store.sessions import SESSIONS
from tests.integration.backend.api.conftest import Api
from tests.integration.frontend.conftest import Site
from tests.support.browser import WALLET, give_wallet

_KEPT = """async () => {
  const found = []
  for (const name of await caches.keys())
    for (const { url } of await (await caches.open(name)).keys()) found.push(new URL(url).pathname)
  return found.filter((each) => !each.startsWith("/built/")).sort()
}"""

# Programs of parts come after the page: until they have, a line that is cut is one in the middle.
_COMPLETE = """async (names) => {
  const all = () => performance.getEntriesByType("resource")
  const found = (name) => all().find((each) => each.name.includes(name))
  for (const name of names) {
    while (!found(name)) await new Promise(requestAnimationFrame)
    await import(found(name).name)
  }
}"""


@pytest.fixture
def followed(site: Site) -> Site:
    """Pages whose worker has taken over."""
    site.give_wallet(site.api.exchange.traders[0])
    site.go("/")
    site.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    # From the next page on.
    site.go("/")
    assert site.page.evaluate("navigator.serviceWorker.controller !== null")
    return site


def _cut(site: Site) -> None:
    site.page.context.set_offline(True)


def test_pages__without_a_line__are_as_they_were_last_seen(followed: Site) -> None:
    page = followed.page
    followed.sign_in()
    page.locator("#who data").wait_for()
    followed.go("/home")
    page.evaluate(_COMPLETE, ["/home-", "/live-"])
    before = followed.values("#balances")
    assert len(before) > 2
    _cut(followed)
    followed.go("/home")
    assert followed.values("#balances") == before
    expect(page.locator("#offline")).to_be_visible()
    seen = page.locator("#offline time").get_attribute("datetime") or ""
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z", seen)
    followed.go("/trade/batches")
    expect(page.locator("h1")).to_have_text("No line to the market")
    page.context.set_offline(False)
    followed.go("/home")
    expect(page.locator("#offline")).to_be_hidden()


def test_sign_out__leaves_nothing_of_the_account(followed: Site) -> None:
    page = followed.page
    followed.go("/trade")
    followed.sign_in()
    page.locator("#who data").wait_for()
    followed.go("/home")
    assert "/home" in page.evaluate(_KEPT)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    assert page.evaluate(_KEPT) == ["/", "/offline", "/trade"]
    _cut(followed)
    followed.go("/home")
    expect(page.locator("h1")).to_have_text("No line to the market")


def test_session__that_is_over__leaves_nothing_either(followed: Site) -> None:
    page = followed.page
    followed.sign_in()
    page.locator("#who data").wait_for()
    followed.go("/home")
    # The browser does not know, and still sends its cookie.
    with followed.api.database.writing() as connection:
        connection.execute(delete(SESSIONS))
    followed.go("/")
    assert page.evaluate(_KEPT) == ["/", "/offline"]
    assert followed.api.exchange.traders[0].address not in str(page.evaluate("caches.keys()"))


def test_sign_in__of_another__leaves_nothing_of_the_one_before(followed: Site) -> None:
    page, other = followed.page, followed.page.context.new_page()
    other.goto(followed.address)
    followed.sign_in()
    page.locator("#who data").wait_for()
    followed.go("/home")
    assert "/home" in page.evaluate(_KEPT)
    exchange = followed.api.exchange
    give_wallet(other, exchange.traders[1], exchange.market.node, 31337)
    # Wallets can come while a page is open.
    other.evaluate(WALLET)
    other.get_by_role("button", name="Sign in").click()
    other.get_by_role("button", name="Test wallet").click()
    other.locator("#who data").wait_for()
    assert "/home" not in page.evaluate(_KEPT)


def test_sign_out__without_a_line__leaves_nothing_of_the_account(followed: Site) -> None:
    page = followed.page
    followed.sign_in()
    page.locator("#who data").wait_for()
    followed.go("/home")
    page.evaluate(_COMPLETE, ["/home-", "/live-"])
    _cut(followed)
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("#said")).to_be_visible()
    assert "/home" not in page.evaluate(_KEPT)
    assert page.evaluate("sessionStorage.length") == 0


def test_application__can_be_installed(api: Api) -> None:
    found = api.client.get("/manifest.webmanifest")
    assert found.headers["content-type"] == "application/manifest+json"
    manifest = found.json()
    assert manifest["display"] == "standalone"
    assert api.client.get(manifest["start_url"]).status_code == 200
    for icon in manifest["icons"]:
        answer = api.client.get(icon["src"])
        assert answer.headers["content-type"] == "image/png"
        width = int.from_bytes(answer.content[16:20], "big")
        assert icon["sizes"] == f"{width}x{width}"
    worker = api.client.get("/worker.js")
    assert worker.headers["cache-control"] == "no-cache"
