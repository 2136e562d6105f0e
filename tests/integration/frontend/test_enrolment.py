"""Enrolment in a browser: a street from the registrar's file into the market, by the Safe."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from energy_grid.chain.accounts import Account
from energy_grid.chain.roles import Role
from energy_grid.cli.main import main
from tests.integration.backend.api.enrolling import enrol
from tests.integration.frontend.conftest import Site, window
from tests.support.market import actor

_FIRST, _SECOND = Account.local(1), Account.local(2)
_DEVICE = "local:41"
_HOLDER = Account(bytes(actor("holder of Elm Street 4").key))
_HEAD = "name,meter,region,power_kw\n"
# What people enter is text, wherever it appears.
_NAME = "Elm Street 4 <b>left</b>"


def _file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "street.csv"
    path.write_text(text)
    return path


def _line() -> str:
    return f"{_NAME},{Account.local(41).address},home,5\n"


def _enter(site: Site, path: str) -> None:
    site.go(path)
    site.sign_in()
    site.page.locator("#who data").wait_for()


def test_street__of_nobody__explains_itself(site: Site) -> None:
    site.go("/enrol")
    expect(site.page.locator("main")).to_contain_text("Who registers meters invites households")
    expect(site.page.locator("main form")).to_have_count(0)
    site.go(f"/enrol/{'0' * 32}")
    expect(site.page.locator("h1")).to_have_text("Not found")


def test_street__with_a_wrong_line__names_it(site: Site, tmp_path: Path) -> None:
    site.give_wallet(_FIRST)
    _enter(site, "/enrol")
    site.page.get_by_label("or its text").fill(f"{_HEAD}Elm Street 4,0x12,home,5")
    site.page.get_by_role("button", name="Invite").click()
    expect(site.page.locator("#said")).to_contain_text("line 2: '0x12' is no address")
    expect(site.page.locator("#households")).to_contain_text("Nobody is invited yet.")
    # What was typed is still there.
    expect(site.page.get_by_label("or its text")).to_have_value(re.compile("Elm Street 4"))


def test_household__from_the_invitation_into_the_market(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    market, grid = site.api.exchange.market, site.api.exchange.grid
    for owner in (_FIRST, _SECOND):
        market.node.set_balance(owner.address, 10**21)
    # The registrar invites.
    site.give_wallet(_FIRST)
    _enter(site, "/enrol")
    site.page.get_by_label("A table (CSV)").set_input_files(_file(tmp_path, _HEAD + _line()))
    site.page.get_by_role("button", name="Invite").click()
    expect(site.page.locator("#said")).to_have_text("Done: give each household its link.")
    row = site.page.locator("#households tbody tr")
    expect(row.locator("td").first).to_have_text(_NAME)
    invitation = site.address + str(row.get_by_role("link").get_attribute("href"))
    # The household accepts.
    home = window(site)
    home.give_wallet(_HOLDER)
    market.node.set_balance(_HOLDER.address, 10**18)
    market.give_money(actor("holder of Elm Street 4"), 100_000_000)
    _enter(home, invitation.removeprefix(site.address))
    step = home.page.locator("#steps li[aria-current=step]")
    expect(step).to_contain_text("You accept the invitation")
    step.get_by_role("button", name="Accept").click()
    expect(step).to_contain_text("Your device proves that it is there")
    # Its device proves itself, from a terminal.
    typed = f"meter prove {invitation} --key {_DEVICE} --import 1.5 --export 0.25"
    assert main(typed.split()) == 0
    said = capsys.readouterr().out
    assert f"signed for the account {_HOLDER.address}, with 1.5 kWh imported" in said
    home.page.reload()
    step.get_by_role("button", name="Sign and agree").click()
    expect(step).to_contain_text("The operator registers your meter")
    # It cannot be registered without the deposit: both sides see that.
    security = grid.meters.security_for(5000)
    expect(home.page.locator("#free data")).to_have_attribute("value", "0")
    site.page.reload()
    expect(row.locator("data").first).to_have_attribute("value", "AGREED")
    expect(row).to_contain_text("insufficient balance")
    expect(site.page.get_by_role("button", name="Propose")).to_have_count(0)
    home.page.get_by_label("Sum in tUSD").fill("20")
    home.page.get_by_role("button", name="Sign and pay in").click()
    expect(home.page.locator("#said")).to_have_text("Done: it is in the market.")
    expect(home.page.locator("#free")).to_contain_text("It is there")
    # The owners of the Safe register it: one proposes, reads and signs it, another one sends.
    site.page.reload()
    site.page.get_by_role("button", name="Propose to the registrar's Safe: register 1").click()
    site.page.wait_for_url("**/administration")
    waiting = site.page.locator("article[id^=safe-]")
    expect(waiting).to_contain_text(f"account {_HOLDER.address}")
    expect(waiting).to_contain_text("Tried now, it works. Signed by 0 of 2.")
    waiting.get_by_role("button", name="Sign", exact=True).click()
    expect(waiting).to_contain_text("Signed by 1 of 2.")
    expect(waiting.get_by_role("button", name="Send")).to_have_count(0)
    other = window(site)
    other.give_wallet(_SECOND)
    _enter(other, "/administration")
    other.page.get_by_role("button", name="Send: that is your signature").click()
    expect(other.page.locator("#said")).to_have_text("Done: the Safe has carried it out.")
    expect(other.page.locator("#safe-registrar")).to_contain_text("Nothing waits for you.")
    site.api.live()
    known = grid.meters.get_meter(Account.local(41).address)
    assert (known.account, known.rated_power) == (_HOLDER.address, 5000)
    balances = site.api.get(f"/accounts/{_HOLDER.address}", _HOLDER).json()
    assert int(balances["available"]) == 20_000_000 - security
    home.page.reload()
    expect(home.page.locator("#steps")).to_contain_text("It is in the market.")
    site.go("/enrol")
    expect(row.locator("data").first).to_have_attribute("value", "REGISTERED")
    row.get_by_role("button", name="Clear").click()
    expect(site.page.locator("#households")).to_contain_text("Nobody is invited yet.")


def test_street__where_an_account_registers__is_registered_by_its_wallet(site: Site) -> None:
    market, grid = site.api.exchange.market, site.api.exchange.grid
    governance, registrar = market.roles[Role.ADMIN], Account.local(16)
    for call, *values in (
        ("grantRole", Role.METER_REGISTRAR, registrar.address, 0),
        ("revokeRole", Role.METER_REGISTRAR, grid.require_safe("registrar").address),
    ):
        market.do(governance, market.access, call, *values)
    market.node.set_balance(registrar.address, 10**21)
    names = ("one", "two")
    devices = [Account(bytes(actor(f"device {name}").key)) for name in names]
    lines = [f"{name},{each.address},home,5\n" for name, each in zip(names, devices, strict=True)]
    sent = site.api.post("/enrolments", {"csv": _HEAD + "".join(lines)}, registrar).json()
    for trader, device, each in zip(site.api.exchange.traders, devices, sent, strict=False):
        enrol(site.api, each["id"], trader, device)
    site.give_wallet(registrar)
    _enter(site, "/enrol")
    site.page.get_by_role("button", name="Register 2").click()
    expect(site.page.locator("#said")).to_have_text("Done: they are in the market.")
    for trader, device in zip(site.api.exchange.traders, devices, strict=False):
        assert grid.meters.get_meter(device.address).account == trader.address
    owner = site.api.post("/enrolments", {"csv": _HEAD + _line()}, _FIRST)
    assert owner.status_code == 403


def test_invitation__that_another_account_has_taken__says_so(site: Site) -> None:
    sent = site.api.post("/enrolments", {"csv": _HEAD + _line()}, _FIRST).json()
    path = f"/enrolments/{sent[0]['id']}"
    site.api.post(f"{path}/acceptance", None, site.api.exchange.traders[0])
    site.give_wallet(_HOLDER)
    _enter(site, f"/enrol/{sent[0]['id']}")
    expect(site.page.locator("#steps")).to_contain_text("ask your operator for another invitation")
    expect(site.page.get_by_role("button", name="Accept")).to_have_count(0)
    invitation = f"{site.address}/enrol/{sent[0]['id']}"
    assert main(["meter", "prove", invitation, "--key", "local:42"]) == 2
    assert main(["meter", "prove", site.address, "--key", _DEVICE]) == 2
