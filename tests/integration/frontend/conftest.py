"""The pages in a browser, in front of a market on a test chain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect

from energy_grid.backend.store.database import Database
from energy_grid.chain.accounts import Account
from energy_grid.serve.http import serving
from tests.integration.backend.api.conftest import Api, api, callbacks, exchange, taxes
from tests.support.brokers import free_port
from tests.support.browser import WIDE, BrowserWallet, browsing, give_wallet
from tests.support.databases import new_database

__all__ = ["Site", "api", "callbacks", "exchange", "taxes", "window"]

# A busy machine takes seconds for what is a moment's work.
_PATIENCE_MS = 20_000


# While it is open an event loop runs in this thread: no longer than this module's tests, for those
# of others run their own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=_PATIENCE_MS)
    with browsing() as found:
        yield found


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database.open(new_database("sqlite", tmp_path))
    yield opened
    opened.close()


@pytest.fixture
def origin() -> str:
    return f"http://127.0.0.1:{free_port()}"


@dataclass(frozen=True, slots=True)
class Site:
    """The pages at an address, and a browser's window."""

    address: str
    api: Api
    page: Page
    errors: list[str]

    def go(self, path: str) -> None:
        """Open a page."""
        self.page.goto(self.address + path)

    def give_wallet(self, account: Account, chain_id: int = 31337) -> BrowserWallet:
        """Let the window find a wallet, from the next page on."""
        return give_wallet(self.page, account, self.api.exchange.market.node, chain_id)

    def sign_in(self) -> None:
        """Sign in on the page that is open, with the wallet."""
        self.page.locator("#who").get_by_role("button", name="Sign in").click()
        self.page.get_by_role("button", name="Test wallet").click()

    def values(self, selector: str) -> list[str]:
        """What the figures in the elements are exactly."""
        figures = self.page.locator(f"{selector} data")
        return [each.get_attribute("value") or "" for each in figures.all()]


@pytest.fixture
def site(api: Api, origin: str, browser: Browser) -> Iterator[Site]:
    """Whatever a page's program fails at, or the browser blocks, fails the test."""
    app, port = cast(FastAPI, api.client.app), int(origin.rpartition(":")[2])
    errors: list[str] = []
    with serving(app, "127.0.0.1", port) as address:
        yield Site(address, api, _opened(browser, errors), errors)
        for context in browser.contexts:
            context.close()
    assert errors == []


def window(site: Site) -> Site:
    """The same pages as somebody else sees them, in a browser of their own."""
    browser = site.page.context.browser
    assert browser is not None
    return Site(site.address, site.api, _opened(browser, site.errors), site.errors)


def _opened(browser: Browser, errors: list[str]) -> Page:
    context = browser.new_context(
        viewport=cast(Any, WIDE), locale="en-GB", timezone_id="Europe/Berlin"
    )
    context.set_default_timeout(_PATIENCE_MS)
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    # What the API refuses is an answer; all else that the browser complains of is a fault.
    page.on(
        "console",
        lambda line: (
            errors.append(line.text)
            if line.type == "error" and not line.text.startswith("Failed to load resource")
            else None
        ),
    )
    return page
