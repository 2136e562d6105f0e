"""Everybody can use every page: by axe's rules, by keyboard, on a phone, in the dark."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.sync_api import Browser, Page

from energy_grid.chain.accounts import Account
from tests.integration.backend.api.analysing import SPAN, summed, traded_street
from tests.integration.exchange import BUY, SELL
from tests.integration.frontend.conftest import Site
from tests.support.browser import PHONE, WIDE

AXE = Path(__file__).resolve().parents[3] / "node_modules/axe-core/axe.min.js"
PAGES = (
    *("/", "/home", "/analytics", "/simulate", "/operator"),
    *("/trade", "/trade/batches", "/trade/batches/1", "/trade/spot", "/nowhere"),
    *("/enrol", "/administration", "/docs"),
)
# WCAG 2.2, levels A and AA.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def found_by_axe(page: Page) -> list[str]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("rules => axe.run({runOnly: rules})", RULES)
    return [
        f"{rule['id']}: {node['html']}" for rule in found["violations"] for node in rule["nodes"]
    ]


def trade(site: Site) -> None:
    exchange = site.api.exchange
    for trader, side in ((0, BUY), (1, SELL)):
        assert site.api.place(exchange.order(trader, side, 700)).status_code == 201
    site.api.live()
    assert site.api.place(exchange.order(0, BUY, 400)).status_code == 201


# Colours do not depend on the width: each scheme and each width once.
EVERYWHERE = pytest.mark.parametrize(
    ("size", "scheme"), [(WIDE, "light"), (PHONE, "dark")], ids=["wide-light", "phone-dark"]
)


@EVERYWHERE
def test_pages__for_everybody(site: Site, browser: Browser, scheme: Any, size: Any) -> None:
    trade(site)
    site.give_wallet(site.api.exchange.traders[0])
    page, errors = site.page, []
    page.set_viewport_size(cast(Any, size))
    page.emulate_media(color_scheme=scheme)
    for is_signed_in in (False, True):
        for path in PAGES:
            page.goto(
                site.address + path, wait_until="networkidle" if path == "/nowhere" else "load"
            )
            page.wait_for_timeout(50)
            errors += [f"{path}: {each}" for each in found_by_axe(page)]
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > size["width"]:
                errors.append(f"{path} is {wide} wide")
        if not is_signed_in:
            site.go("/")
            site.page.locator("#who").get_by_role("button", name="Sign in").click()
            errors += found_by_axe(page)
            site.page.get_by_role("button", name="Test wallet").click()
            site.page.locator("#who data").wait_for()
    assert errors == []


@EVERYWHERE
def test_pages_of_registrars__for_everybody(site: Site, scheme: Any, size: Any) -> None:
    owner, page = Account.local(1), site.page
    lines = [f"Elm Street {n},{Account.local(40 + n).address},home,10" for n in range(3)]
    csv = "\n".join(["name,meter,region,power_kw", *lines])
    invited = site.api.post("/enrolments", {"csv": csv}, owner).json()
    site.api.post(f"/enrolments/{invited[0]['id']}/acceptance", None, owner)
    pause = {"contract": "Settlement", "function": "pause", "arguments": []}
    for calls in ([pause], [pause, pause]):
        site.api.post("/safes/registrar/transactions", {"calls": calls}, owner)
    site.give_wallet(owner)
    page.set_viewport_size(cast(Any, size))
    page.emulate_media(color_scheme=scheme)
    site.go("/enrol")
    site.sign_in()
    page.locator("#who data").wait_for()
    errors = []
    for path in ("/enrol", "/administration", *(f"/enrol/{each['id']}" for each in invited[:2])):
        page.goto(site.address + path)
        errors += [f"{path}: {each}" for each in found_by_axe(page)]
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > size["width"]:
            errors.append(f"{path} is {wide} wide")
    assert errors == []


def test_analytics_with_figures__for_everybody(site: Site) -> None:
    traded_street(site.api)
    summed(site.api)
    page, errors = site.page, []
    for size, scheme in product((WIDE, PHONE), ("light", "dark")):
        page.set_viewport_size(cast(Any, size))
        page.emulate_media(color_scheme=cast(Any, scheme))
        site.go(f"/analytics?{SPAN}")
        page.locator("canvas").nth(9).wait_for()
        # All figures of a chart are behind a button.
        page.get_by_role("button", name="Figures").first.click()
        errors += [f"{scheme}: {each}" for each in found_by_axe(page)]
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > size["width"]:
            errors.append(f"it is {wide} wide")
    assert errors == []


def test_keyboard_alone__reaches_the_content_and_signs_in(site: Site) -> None:
    site.give_wallet(site.api.exchange.traders[0])
    site.go("/")
    page = site.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "To the content"
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.do") == "sign-in":
            break
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Test wallet").press("Enter")
    page.locator("#who data").wait_for()


def test_first_page__stays_where_it_is(site: Site) -> None:
    """Nothing moves while a page comes (Web Vitals); how soon it comes, `make bench` measures."""
    trade(site)
    site.give_wallet(site.api.exchange.traders[0])
    for path in ("/", "/trade", "/home"):
        site.go(path)
        if path == "/home":
            site.sign_in()
            site.page.locator("#notices").wait_for()
            site.go(path)
        site.page.wait_for_timeout(500)
        shift = site.page.evaluate(
            """async () => {
              const shifts = await new Promise((done) => {
                const watch = new PerformanceObserver((list) => done(list.getEntries()))
                watch.observe({ type: "layout-shift", buffered: true })
                setTimeout(() => done([]), 300)
              })
              const what = (at) => `${at.node?.nodeName} ${at.node?.className ?? ''}`
              return shifts.map((each) => [each.value, each.sources.map(what).join()])
            }"""
        )
        assert sum(value for value, _ in shift) < 0.01, (path, shift)
