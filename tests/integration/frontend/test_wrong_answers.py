"""What wallets are asked to sign is what the page says, whatever is answered and when."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from eth_account.messages import encode_typed_data
from playwright.sync_api import Route, expect

from energy_grid.chain.accounts import Account
from energy_grid.domain.hashing import keccak
from tests.integration.backend.api.enrolling import enrol, prove
from tests.integration.frontend.conftest import Site, window
from tests.support.browser import BrowserWallet
from tests.support.market import actor

_OWNER, _GUARDIAN = Account.local(1), Account.local(26)
_DEVICE, _OTHER_DEVICE = (Account(bytes(actor(name).key)) for name in ("device", "other device"))
_HEAD = "name,meter,region,power_kw\n"
_THIEF = "0x" + "66" * 20
_SIGNED = {"eth_signTypedData_v4", "eth_sendTransaction", "personal_sign"}
_ODD = "The market's answer is not what this page says"


def _enter(site: Site, who: Account, path: str, coin: int = 10**21) -> BrowserWallet:
    """Sign in; what the wallet was asked for until then is forgotten."""
    site.api.exchange.market.node.set_balance(who.address, coin)
    wallet = site.give_wallet(who)
    site.go(path)
    site.sign_in()
    site.page.locator("#who data").wait_for()
    site.page.unroute_all()
    wallet.asked.clear()
    return wallet


def _lie(site: Site, path: str, change: Callable[[Any], None]) -> None:
    """Change what the API answers."""

    def answer(route: Route) -> None:
        found = route.fetch()
        content = found.json()
        change(content)
        route.fulfill(response=found, body=json.dumps(content))

    site.page.route(path, answer)


def _refused(site: Site, wallet: BrowserWallet) -> None:
    expect(site.page.locator("#said")).to_contain_text(_ODD)
    assert _SIGNED.isdisjoint(wallet.asked)


def _set(*path: str | int, to: Any) -> Callable[[Any], None]:
    def change(content: Any) -> None:
        *way, last = path
        for each in way:
            content = content[each]
        content[last] = to

    return change


def _pay_thief(content: Any) -> None:
    content["data"] = content["data"].replace(content["from"][2:].lower(), _THIEF[2:])


@pytest.mark.parametrize(
    "change",
    [
        _set("to", to=_THIEF),
        _set("value", to=str(10**18)),
        _set("from", to=_THIEF),
        _set("data", to="0xa9059cbb" + "0" * 128),
        _pay_thief,
    ],
)
def test_call__to_another_or_of_other_values__is_not_sent(
    site: Site, change: Callable[[Any], None]
) -> None:
    wallet = _enter(site, site.api.exchange.traders[0], "/home")
    _lie(site, "**/api/v1/calls", change)
    site.page.locator("#withdraw").fill("1")
    site.page.get_by_role("button", name="Sign and withdraw").click()
    _refused(site, wallet)


@pytest.mark.parametrize(
    "change",
    [
        _set("relay_typed_data", "message", "to", to=_THIEF),
        _set("relay_typed_data", "message", "data", to="0x"),
        _set("relay_typed_data", "message", "value", to=1),
        _set("relay_typed_data", "domain", "chainId", to=1),
    ],
)
def test_relayed_call__that_is_another_one__is_not_signed(
    site: Site, change: Callable[[Any], None]
) -> None:
    wallet = _enter(site, site.api.exchange.traders[0], "/home", coin=0)
    _lie(site, "**/api/v1/calls", change)
    site.page.locator("#withdraw").fill("1")
    site.page.get_by_role("button", name="Sign and withdraw").click()
    _refused(site, wallet)


def _decoy(content: Any) -> None:
    """What the page looks for is beside what is signed."""
    typed = content["typed_data"]
    typed["types"]["Permit"] = [{"name": "taker", "type": "address"}]
    typed["message"]["taker"] = _THIEF


@pytest.mark.parametrize(
    "change",
    [
        _set("typed_data", "message", "spender", to=_THIEF),
        _set("typed_data", "message", "value", to=str(2**255)),
        _set("typed_data", "domain", "chainId", to=1),
        _set("typed_data", "primaryType", to="EIP712Domain"),
        _decoy,
    ],
)
def test_permit__of_more_or_for_others__is_not_signed(
    site: Site, change: Callable[[Any], None]
) -> None:
    wallet = _enter(site, site.api.exchange.traders[0], "/home")
    _lie(site, "**/api/v1/permits", change)
    site.page.locator("#deposit").fill("1")
    site.page.get_by_role("button", name="Sign and pay in").click()
    _refused(site, wallet)


@pytest.mark.parametrize(
    ("name", "value"), [("amountWh", 700_000), ("pricePerKwh", 999_999), ("side", "SELL")]
)
def test_order__of_other_terms__is_not_signed(site: Site, name: str, value: Any) -> None:
    wallet = _enter(site, site.api.exchange.traders[0], "/trade")
    _lie(site, "**/api/v1/quote", _set("typed_data", "message", name, to=value))
    site.page.get_by_label("Energy in kWh").fill("0.7")
    site.page.get_by_label("Limit in").fill("0.25")
    site.page.get_by_role("button", name="What would it bring?").click()
    site.page.get_by_role("button", name="Sign and place it").click()
    _refused(site, wallet)


def test_quote__of_what_was_in_the_form_before__is_not_shown(site: Site) -> None:
    _enter(site, site.api.exchange.traders[0], "/trade")
    held: list[Route] = []
    site.page.route("**/api/v1/quote", lambda route: held.append(route))
    site.page.get_by_label("Energy in kWh").fill("70")
    site.page.get_by_label("Limit in").fill("0.25")
    site.page.get_by_role("button", name="What would it bring?").click()
    while not held:
        site.page.wait_for_timeout(20)
    site.page.get_by_label("Energy in kWh").fill("0.7")
    with site.page.expect_response("**/api/v1/quote"):
        held[0].continue_()
    site.page.wait_for_timeout(100)
    expect(site.page.get_by_role("button", name="Sign and place it")).to_be_hidden()


def test_sign_in__with_something_else_than_a_sign_in__is_not_signed(site: Site) -> None:
    wallet = site.give_wallet(site.api.exchange.traders[0])
    site.go("/")
    _lie(site, "**/api/v1/session/challenge", _set("message", to="\x12" * 32))
    site.sign_in()
    expect(site.page.get_by_role("alert")).to_contain_text(_ODD)
    assert _SIGNED.isdisjoint(wallet.asked)


def test_safe__data_of_another_hash__is_not_signed(site: Site) -> None:
    call = {"contract": "Settlement", "function": "pause", "arguments": []}
    site.api.post("/safes/guardian/transactions", {"calls": [call]}, _GUARDIAN)
    wallet = _enter(site, _GUARDIAN, "/administration")
    _lie(
        site,
        "**/api/v1/safes/guardian/transactions",
        _set(0, "typed_data", "message", "to", to=_THIEF),
    )
    site.page.get_by_role("button", name="Sign", exact=True).click()
    _refused(site, wallet)


# The second is approveHash of a Safe.
@pytest.mark.parametrize(
    "change", [_set("to", to=_THIEF), _set("data", to="0xd4d9bdcd" + "00" * 32)]
)
def test_safe__another_call_than_its_execution__is_not_sent(
    site: Site, change: Callable[[Any], None]
) -> None:
    call = {"contract": "Settlement", "function": "pause", "arguments": []}
    made = site.api.post("/safes/guardian/transactions", {"calls": [call]}, _GUARDIAN).json()
    found = encode_typed_data(full_message=made["typed_data"])
    digest = keccak(b"\x19" + found.version + found.header + found.body)
    other = Account.local(27)
    signature = {"signature": f"0x{other.sign(digest).long.hex()}"}
    site.api.post(f"/safes/guardian/transactions/{made['hash']}/signatures", signature, other)
    wallet = _enter(site, _GUARDIAN, "/administration")
    _lie(site, "**/execution", change)
    site.page.get_by_role("button", name="Send: that is your signature").click()
    _refused(site, wallet)


def test_wallet__that_has_left_the_chain__is_asked_to_come_back(site: Site) -> None:
    wallet = _enter(site, site.api.exchange.traders[0], "/home")
    wallet.chain_id = 1
    site.page.locator("#withdraw").fill("1")
    site.page.get_by_role("button", name="Sign and withdraw").click()
    expect(site.page.locator("#said")).to_have_text("Done: it left the market for your wallet.")
    steps = ("wallet_switchEthereumChain", "eth_sendTransaction")
    asked = [wallet.asked.index(each) for each in steps]
    assert asked == sorted(asked)


def test_sum__finer_than_the_coin__is_not_taken_for_a_larger_one(site: Site) -> None:
    wallet = _enter(site, site.api.exchange.traders[0], "/home")
    # As a coin with two digits has it.
    site.page.evaluate("document.querySelector('[data-act=withdraw]').dataset.decimals = 2")
    site.page.locator("#withdraw").fill("1.234")
    site.page.get_by_role("button", name="Sign and withdraw").click()
    expect(site.page.locator("#said")).to_contain_text("finer than the smallest unit")
    assert _SIGNED.isdisjoint(wallet.asked)


def _invited(site: Site, *devices: Account) -> Any:
    lines = [f"Elm Street {at},{each.address},home,5\n" for at, each in enumerate(devices)]
    return site.api.post("/enrolments", {"csv": _HEAD + "".join(lines)}, _OWNER).json()


def test_consent__is_to_what_the_page_shows__not_to_what_came_later(site: Site) -> None:
    (invited,) = _invited(site, _DEVICE)
    holder = site.api.exchange.traders[0]
    accepted = site.api.post(f"/enrolments/{invited['id']}/acceptance", None, holder).json()
    prove(site.api, accepted, _DEVICE)
    _enter(site, holder, f"/enrol/{invited['id']}")
    expect(site.page.locator("#steps")).to_contain_text("1.50 kWh taken from the street")
    # Whoever has the device's key lets it have counted less: the household would pay the rest.
    prove(site.api, accepted, _DEVICE, consumption=0)
    site.page.get_by_role("button", name="Sign and agree").click()
    expect(site.page.locator("#said")).to_contain_text("has not signed this")
    assert site.api.get(f"/enrolments/{invited['id']}").json()["state"] == "PROVEN"


def test_street__is_registered_as_it_is_shown__and_signed_where_the_owner_reads_it(
    site: Site,
) -> None:
    first, second = _invited(site, _DEVICE, _OTHER_DEVICE)
    one, other = site.api.exchange.traders[:2]
    enrol(site.api, first["id"], one, _DEVICE)
    wallet = _enter(site, _OWNER, "/enrol")
    # Somebody is ready behind the registrar's back.
    enrol(site.api, second["id"], other, _OTHER_DEVICE)
    site.page.get_by_role("button", name="Propose to the registrar's Safe: register 1").click()
    site.page.wait_for_url("**/administration")
    waiting = site.page.locator("article[id^=safe-]")
    expect(waiting).to_contain_text(one.address)
    expect(waiting).not_to_contain_text(other.address)
    assert _SIGNED.isdisjoint(wallet.asked)


def test_account__that_people_compare__is_shown_whole(site: Site) -> None:
    (invited,) = _invited(site, _DEVICE)
    holder = site.api.exchange.traders[0]
    path = f"/enrol/{invited['id']}"
    _enter(site, holder, path)
    expect(site.page.locator("#steps")).to_contain_text(holder.address)
    site.page.get_by_role("button", name="Accept").click()
    expect(site.page.locator("#steps")).to_contain_text(f"The account {holder.address} has")
    expect(site.page.locator("dl").first).to_contain_text(_DEVICE.address)
    registrar = window(site)
    _enter(registrar, _OWNER, "/enrol")
    expect(registrar.page.locator("#households")).to_contain_text(holder.address)


def test_tab__of_another_sign_in__does_nothing_for_the_one_it_shows(site: Site) -> None:
    """Two accounts in two tabs: what a page shows is the newer one's."""
    (invited,) = _invited(site, _DEVICE)
    one, other = site.api.exchange.traders[:2]
    _enter(site, one, "/")
    # The other tab signs in.
    cookie = site.page.context.cookies()[0]
    token = site.api._headers(other)["Authorization"]
    found = site.api.client.post("/pages/session", headers={"Authorization": token})
    value = found.headers["set-cookie"].partition("=")[2].partition(";")[0]
    site.page.context.add_cookies([{**cookie, "value": value}])  # type: ignore[list-item]
    site.go(f"/enrol/{invited['id']}")
    expect(site.page.locator("#steps")).to_contain_text(other.address[-4:])
    site.page.get_by_role("button", name="Accept").click()
    expect(site.page.locator("#said")).to_contain_text("of another sign-in")
    assert site.api.get(f"/enrolments/{invited['id']}").json()["account"] is None
