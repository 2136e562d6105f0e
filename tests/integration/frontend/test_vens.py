"""Credentials of programs that speak OpenADR: made and revoked on the page, and on a terminal."""

from __future__ import annotations

import json
import shlex
from http import HTTPStatus
from typing import Any

import httpx
import openadr3
import pytest
from playwright.sync_api import expect

from energy_grid.backend.api.vtn.application import PREFIX
from energy_grid.chain.accounts import Account
from energy_grid.cli.main import main
from tests.integration.frontend.conftest import Site
from tests.integration.terminal import wallet
from tests.support.browser import PHONE

_WHO = "local:40"


@pytest.fixture
def house(site: Site) -> Account:
    """With a meter."""
    site.api.exchange.market.register_meter(wallet(_WHO))
    site.api.live()
    return Account.local(40)


def is_known(site: Site, client: str, secret: str) -> bool:
    """Whether a program that others wrote gets a token."""
    try:
        return bool(openadr3.fetch_token(site.address + PREFIX, client, secret))
    except httpx.HTTPStatusError as error:
        return error.response.status_code != HTTPStatus.UNAUTHORIZED


@pytest.mark.parametrize("size", [None, PHONE])
def test_page__makes_and_revokes_credentials__and_shows_the_secret_once(
    site: Site, house: Account, size: Any
) -> None:
    page = site.page
    if size is not None:
        page.set_viewport_size(size)
    site.give_wallet(house)
    site.go("/home")
    site.sign_in()
    vens = page.locator("#vens")
    vens.get_by_label("What you call the program").fill("Heat pump <b>")
    vens.get_by_label("It may say no to an event").check()
    vens.get_by_role("button", name="Make credentials").click()
    expect(page.locator("#said")).to_have_text("Done: the program has credentials.")
    made = vens.locator("#ven-made")
    expect(made).to_be_visible()
    address, client, secret = (each.inner_text() for each in made.locator("code").all())
    assert address == site.address + PREFIX
    assert is_known(site, client, secret)
    own = vens.locator("#vens-own article")
    expect(own).to_contain_text("Heat pump <b>")
    expect(own).to_contain_text("May say no to events")
    expect(own).to_contain_text("yes")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.reload()
    expect(made).to_be_hidden()
    assert secret not in page.content()
    own.get_by_role("button", name="Revoke").click()
    done = "Done: this program can do nothing for you any more."
    expect(page.locator("#said")).to_have_text(done)
    expect(own).to_have_count(0)
    assert not is_known(site, client, secret)


def test_page__of_an_account_without_a_meter__offers_no_credentials(site: Site) -> None:
    site.give_wallet(Account.local(41))
    site.go("/home")
    site.sign_in()
    expect(site.page.locator("#meters")).to_be_visible()
    expect(site.page.locator("#vens")).to_have_count(0)


def test_terminal__makes_lists_and_revokes_credentials(
    site: Site, house: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    def says(typed: str) -> str:
        assert main(shlex.split(f"{typed} --key {_WHO}")) == 0
        return capsys.readouterr().out.strip()

    listed = f"dr ven list {site.address}"
    assert says(listed) == "No program has credentials."
    first, *rest = says(f"dr ven create {site.address} 'Heat pump' --may-opt").splitlines()
    assert first == (
        f"Made credentials of Heat pump for {house.address}; the secret is shown this once"
    )
    client, secret = (line.split()[-1] for line in rest)
    assert is_known(site, client, secret)
    assert says(listed).startswith(f"{client}  Heat pump, may opt, since 20")
    (kept,) = json.loads(says(f"{listed} --json"))
    assert (kept["client_id"], kept["name"], kept["may_opt"]) == (client, "Heat pump", True)
    made = json.loads(says(f"dr ven create {site.address} Charger --json"))
    assert is_known(site, made["client_id"], made["client_secret"])
    revoked = says(f"dr ven revoke {site.address} {made['client_id']} --json")
    assert json.loads(revoked) == {"revoked": made["client_id"]}
    assert says(f"dr ven revoke {site.address} {client}") == f"Revoked {client} of {house.address}"
    assert not is_known(site, client, secret)
    assert main(["dr", "ven", "revoke", site.address, client, "--key", _WHO]) == 1
    assert "ven" in capsys.readouterr().err
