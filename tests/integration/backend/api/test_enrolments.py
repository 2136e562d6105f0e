"""Enrolment: from the registrar's file over the household and its device into the market."""

from __future__ import annotations

from typing import Any

import pytest
from eth_account.messages import encode_typed_data

from energy_grid.backend.api import enrolling
from energy_grid.chain.accounts import Account
from energy_grid.chain.contract import Call
from energy_grid.chain.contract_wallets import is_signed
from energy_grid.domain.hashing import keccak
from tests.integration.backend.api.conftest import Api
from tests.integration.backend.api.enrolling import agree, prove
from tests.support.market import actor

_FIRST, _SECOND = Account.local(1), Account.local(2)
_DEVICE, _OTHER_DEVICE = (Account(bytes(actor(name).key)) for name in ("device", "other device"))
_HEAD = "name,meter,region,power_kw\n"
_LINE = f"Elm Street 4,{_DEVICE.address},home,5\n"
_FREE = 10_000_000


def _invite(api: Api, text: str = _HEAD + _LINE) -> Any:
    found = api.post("/enrolments", {"csv": text}, _FIRST)
    assert found.status_code == 201, found.text
    return found.json()


def _accepted(api: Api, place: int = 0, text: str = _HEAD + _LINE) -> Any:
    (invited,) = _invite(api, text)
    holder = api.exchange.traders[place]
    return api.post(f"/enrolments/{invited['id']}/acceptance", None, holder).json()


def _all(api: Api) -> Any:
    return api.get("/enrolments", _FIRST).json()


def test_household__is_invited_proven_agreed_and_registered__by_the_safe(api: Api) -> None:
    grid, holder = api.exchange.grid, api.exchange.traders[0]
    (invited,) = _invite(api)
    assert (invited["name"], invited["meter"]) == ("Elm Street 4", _DEVICE.address)
    assert (invited["state"], invited["account"]) == ("INVITED", None)
    assert invited["rated_power_w"] == 5000
    assert invited["security"] == str(grid.meters.security_for(5000))
    path = f"/enrolments/{invited['id']}"
    accepted = api.post(f"{path}/acceptance", None, holder).json()
    assert (accepted["state"], accepted["account"]) == ("ACCEPTED", holder.address)
    proven = prove(api, accepted, _DEVICE).json()
    assert (proven["state"], proven["import_wh"], proven["export_wh"]) == ("PROVEN", 1500, 20)
    agreed = agree(api, proven, holder).json()
    assert agreed["state"] == "AGREED"
    (ready,) = _all(api)
    assert ready["reverts"] is None
    call = {
        "contract": "SmartMeter",
        "function": "registerMeter",
        "arguments": ready["registration"],
    }
    made = api.post("/safes/registrar/transactions", {"calls": [call]}, _FIRST).json()
    assert made["reverts"] is None
    assert f"account {holder.address}" in made["effects"][0]
    found = encode_typed_data(full_message=made["typed_data"])
    digest = keccak(b"\x19" + found.version + found.header + found.body)
    signature = {"signature": f"0x{_FIRST.sign(digest).long.hex()}"}
    api.post(f"/safes/registrar/transactions/{made['hash']}/signatures", signature, _FIRST)
    sent = api.post(f"/safes/registrar/transactions/{made['hash']}/execution", None, _SECOND).json()
    api.exchange.market.node.set_balance(_SECOND.address, 10**21)
    data = bytes.fromhex(sent["data"][2:])
    grid.sender.send(_SECOND, Call(contract="Safe", function="", to=sent["to"], data=data))
    api.live()
    # Who else finds the link does not learn which account lives there.
    other = api.exchange.traders[1]
    for who, status in ((holder, 200), (_FIRST, 200), (None, 404), (other, 404)):
        answer = api.get(path, who)
        assert answer.status_code == status
        page = api.client.get(path.replace("/enrolments", "/enrol"))
        assert page.status_code == 404
    assert api.get(path, holder).json()["state"] == "REGISTERED"
    known = grid.meters.get_meter(_DEVICE.address)
    assert (known.account, known.rated_power, known.settlement) == (holder.address, 5000, True)
    balances = api.get(f"/accounts/{holder.address}", holder).json()
    assert int(balances["available"]) == _FREE - int(invited["security"])
    late = prove(api, accepted, _DEVICE)
    assert late.status_code == 409
    assert late.json()["detail"] == "its meter is registered"
    again = api.post("/enrolments", {"csv": _HEAD + _LINE}, _FIRST)
    assert "a meter of the market already" in again.json()["detail"]


def test_invitation__is_the_first_account_s_that_takes_it(api: Api) -> None:
    accepted, other = _accepted(api), api.exchange.traders[1]
    path = f"/enrolments/{accepted['id']}/acceptance"
    assert api.post(path, None, api.exchange.traders[0]).json() == accepted
    answer = api.post(path, None, other)
    assert answer.status_code == 409
    assert "ask your operator" in answer.json()["next"]
    assert api.post(path).status_code == 401


def test_proof__is_the_device_s__of_the_account_that_has_accepted(api: Api) -> None:
    (invited,) = _invite(api)
    body = {"account": api.exchange.traders[0].address}
    assert prove(api, {**invited, **body}, _DEVICE).status_code == 409
    api.post(f"/enrolments/{invited['id']}/acceptance", None, api.exchange.traders[0])
    enrolment = {**invited, **body}
    for answer in (
        prove(api, enrolment, _OTHER_DEVICE),
        prove(api, enrolment, _DEVICE, account=api.exchange.traders[1].address),
        prove(api, enrolment, _DEVICE, rated_power=4000),
    ):
        assert answer.status_code == 422
        assert answer.json()["field"] == "proof"
    now = api.exchange.grid.node.time
    for deadline in (now - 10, now + 31 * 86_400):
        answer = prove(api, enrolment, _DEVICE, deadline=deadline)
        assert answer.status_code == 422
        assert answer.json()["field"] == "deadline"
    assert api.get(f"/enrolments/{invited['id']}").json()["state"] == "ACCEPTED"


def test_consent__to_something_else__is_void(api: Api) -> None:
    holder = api.exchange.traders[0]
    accepted = _accepted(api)
    path = f"/enrolments/{accepted['id']}"
    early = api.post(f"{path}/consent", {"consent": "0x" + "00" * 65})
    assert early.status_code == 409
    proven = prove(api, accepted, _DEVICE, deadline=api.exchange.grid.node.time + 1000).json()
    assert agree(api, proven, api.exchange.traders[1]).json()["field"] == "consent"
    deadline = int(api.exchange.grid.node.time + 2000)
    proven = prove(api, accepted, _DEVICE, deadline=deadline).json()
    agreed = agree(api, proven, holder).json()
    assert agreed["state"] == "AGREED"
    # The same proof again takes nothing away; another one does.
    assert prove(api, accepted, _DEVICE, deadline=deadline).json() == agreed
    assert (
        prove(api, accepted, _DEVICE, deadline=deadline, consumption=1600).json()["state"]
        == "PROVEN"
    )
    # Behind its deadline the device has to prove itself anew.
    api.exchange.market.go_to(deadline + 1)
    assert api.get(path).json()["state"] == "ACCEPTED"
    late = agree(api, proven, holder)
    assert late.status_code == 409
    assert "device" in late.json()["detail"]


def test_registration__that_the_account_cannot_pay__says_so_to_the_registrar(api: Api) -> None:
    holder = api.exchange.traders[0]
    grid = api.exchange.grid
    proven = prove(api, _accepted(api), _DEVICE).json()
    agree(api, proven, holder)
    api.exchange.market.do(
        holder.address, api.exchange.market.settlement, "withdraw", _FREE, holder.address
    )
    (found,) = _all(api)
    assert found["state"] == "AGREED"
    assert "tUSD" in found["reverts"]
    assert "insufficient balance" in found["reverts"]
    assert grid.meters.get_meter(_DEVICE.address).number == 0


def test_file__of_a_spreadsheet__is_read_as_it_is(api: Api) -> None:
    text = (
        "\ufeffName;Meter;Region;Power_kW;Sub_meter\r\n"
        f'"Elm Street 4; left";{_DEVICE.address.lower()};home;4,6;\r\n'
        f"Elm Street 5;{_OTHER_DEVICE.address};home;3;ja\r\n"
    )
    first, second = _invite(api, text)
    assert (first["name"], first["rated_power_w"]) == ("Elm Street 4; left", 4600)
    assert (first["is_settlement"], first["meter"]) == (True, _DEVICE.address)
    assert (second["is_settlement"], second["security"]) == (False, "0")
    assert [each["name"] for each in _all(api)] == ["Elm Street 4; left", "Elm Street 5"]
    again = api.post("/enrolments", {"csv": _HEAD + _LINE}, _FIRST)
    assert again.status_code == 409
    assert again.json()["field"] == "csv"
    api.client.delete(f"/api/v1/enrolments/{first['id']}", headers=api._headers(_FIRST))
    assert len(_invite(api)) == 1


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("", "the first line names the columns name, meter, region, power_kw"),
        ("name,meter\n", "the first line names the columns"),
        (_HEAD, "there is no household in it"),
        (_HEAD + _LINE + _LINE, "line 3: 0x"),
        (f"{_HEAD}a,b\n", "line 2 has not as many values"),
        (f"{_HEAD}{_LINE[:-1]},x\n", "line 2 has not as many values"),
        (f"{_HEAD},{_DEVICE.address},home,5\n", "a name has 1 to 100"),
        (f"{_HEAD}a\x00,{_DEVICE.address},home,5\n", "line"),
        (f"{_HEAD}a,0x12,home,5\n", "'0x12' is no address"),
        (f"{_HEAD}a,{_DEVICE.address},moon,5\n", "'moon' is no region of the market: home"),
        (f"{_HEAD}a,{_DEVICE.address},home,many\n", "line 2: 'many' is not a power in kW"),
        (f"{_HEAD}a,{_DEVICE.address},home,0\n", "a power is above 0 kW"),
        (f"{_HEAD}a,{_DEVICE.address},home,-3\n", "line 2"),
        (f"{_HEAD}a,{_DEVICE.address},home,99999999999999999999\n", "kW at most"),
        (f"{_HEAD}a\rb,{_DEVICE.address},home,5\n", "line 2 has not as many values"),
        (
            f"{_HEAD[:-1]},sub_meter\na,{_DEVICE.address},home,5,perhaps\n",
            "sub_meter is yes or no",
        ),
        (_HEAD + "".join(f"a,0x{n:040x},home,5\n" for n in range(1, 203)), "one too many"),
    ],
)
def test_file__with_a_wrong_line__invites_nobody(api: Api, text: str, detail: str) -> None:
    answer = api.post("/enrolments", {"csv": text}, _FIRST)
    assert answer.status_code == 422, answer.text
    assert detail in answer.json()["detail"]
    assert _all(api) == []


def test_file__of_an_old_spreadsheet__has_lines(api: Api) -> None:
    (found,) = _invite(api, (_HEAD + _LINE).replace("\n", "\r"))
    assert found["meter"] == _DEVICE.address


def test_consent__while_another_proof_comes__does_not_count(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    accepted = _accepted(api)
    proven = prove(api, accepted, _DEVICE).json()

    def meanwhile(*values: Any, **names: Any) -> bool:
        assert prove(api, accepted, _DEVICE, consumption=0).status_code == 200
        return is_signed(*values, **names)

    monkeypatch.setattr(enrolling, "is_signed", meanwhile)
    assert agree(api, proven, api.exchange.traders[0]).json()["state"] == "PROVEN"


def test_list__is_for_the_registrar_alone(api: Api) -> None:
    (invited,) = _invite(api)
    for who, status in ((None, 401), (api.exchange.traders[0], 403)):
        assert api.get("/enrolments", who).status_code == status
        assert api.post("/enrolments", {"csv": _HEAD + _LINE}, who).status_code == status
        path = f"/api/v1/enrolments/{invited['id']}"
        assert api.client.delete(path, headers=api._headers(who)).status_code == status
    unknown = "0" * 32
    assert api.get(f"/enrolments/{unknown}").status_code == 404
    assert len(_all(api)) == 1
