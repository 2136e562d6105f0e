"""The queue of the Safe: what its owners are asked to sign, and what becomes of it."""

from __future__ import annotations

from typing import Any

import pytest
from eth_account.messages import encode_typed_data

from energy_grid.chain.accounts import Account
from energy_grid.chain.contract import Call
from energy_grid.domain.enums import StopLevel
from energy_grid.domain.hashing import keccak
from tests.integration.backend.api.conftest import Api

_FIRST, _SECOND, _THIRD = (Account.local(number) for number in (26, 27, 28))
_STRANGER = Account.local(10)
_PAUSE = {"contract": "Settlement", "function": "pause", "arguments": []}
_RESUME = {"contract": "Settlement", "function": "unpause", "arguments": []}


def _propose(api: Api, *calls: dict[str, Any]) -> Any:
    found = api.post("/safes/guardian/transactions", {"calls": list(calls)}, _FIRST)
    assert found.status_code == 201, found.text
    return found.json()


def _sign(who: Account, transaction: Any) -> str:
    """As a wallet does, of what it is shown alone."""
    found = encode_typed_data(full_message=transaction["typed_data"])
    digest = keccak(b"\x19" + found.version + found.header + found.body)
    assert f"0x{digest.hex()}" == transaction["hash"]
    return f"0x{who.sign(digest).long.hex()}"


def _add(api: Api, who: Account, transaction: Any, signature: str | None = None) -> Any:
    path = f"/safes/guardian/transactions/{transaction['hash']}/signatures"
    return api.post(path, {"signature": signature or _sign(who, transaction)}, who)


def _send(api: Api, who: Account, transaction: Any) -> Any:
    return api.post(f"/safes/guardian/transactions/{transaction['hash']}/execution", None, who)


def _carry_out(api: Api, who: Account, document: Any) -> None:
    call = Call(
        contract=document["contract"],
        function=document["function"],
        to=document["to"],
        data=bytes.fromhex(document["data"][2:]),
    )
    api.exchange.market.node.set_balance(who.address, 10**21)
    api.exchange.grid.sender.send(who, call)


def test_safe__is_shown_to_everybody(api: Api) -> None:
    safes = {each["name"]: each for each in api.get("/safes").json()}
    assert [*safes] == ["authority", "registrar", "treasury", "guardian"]
    found, safe = safes["registrar"], api.exchange.grid.require_safe("registrar")
    assert found["safe"] == safe.address
    assert found["owners"] == list(safe.get_owners())
    assert (found["threshold"], found["nonce"]) == (2, safe.nonce())
    assert found["roles"] == ["METER_REGISTRAR", "REGISTRAR"]


def test_transaction__is_proposed_signed_and_sent__by_two_owners(api: Api) -> None:
    settlement = api.exchange.grid.settlement
    made = _propose(api, _PAUSE)
    assert made["effects"] == ["pause Settlement"]
    assert (made["signed_by"], made["missing"], made["reverts"]) == ([], 1, None)
    assert (made["is_next"], made["proposer"]) == (True, _FIRST.address)
    early = _send(api, _THIRD, made)
    assert early.status_code == 409
    assert early.json()["detail"] == "1 more must sign it"
    signed = _add(api, _FIRST, made).json()
    assert (signed["signed_by"], signed["missing"]) == ([_FIRST.address], 0)
    alone = _send(api, _FIRST, made)
    assert alone.json()["detail"] == "1 more must sign it", "it counts once"
    _carry_out(api, _THIRD, _send(api, _THIRD, made).json())
    assert settlement.stop_level() == StopLevel.PAUSED
    assert api.get("/safes/guardian/transactions", _SECOND).json() == []
    assert _send(api, _THIRD, made).status_code == 409


def test_transaction__signed_by_all__is_sent_with_as_many_as_must(api: Api) -> None:
    made = _propose(api, _PAUSE)
    for who in (_FIRST, _SECOND, _THIRD):
        last = _add(api, who, made).json()
    assert sorted(last["signed_by"]) == sorted(w.address for w in (_FIRST, _SECOND, _THIRD))
    _carry_out(api, _SECOND, _send(api, _SECOND, made).json())
    assert api.exchange.grid.settlement.stop_level() == StopLevel.PAUSED


def test_transactions__are_tried__each_by_itself_and_whole(api: Api) -> None:
    first = _propose(api, _PAUSE, _RESUME)
    second = _propose(api, _PAUSE, _PAUSE)
    assert first["effects"] == ["pause Settlement", "resume Settlement"]
    assert (first["operation"], first["reverts"]) == ("DELEGATE_CALL", None)
    assert "PAUSED" in second["reverts"]
    assert (second["nonce"], second["is_next"]) == (first["nonce"] + 1, False)
    _add(api, _FIRST, second)
    answer = _send(api, _THIRD, second)
    assert answer.status_code == 409
    assert "nonce" in answer.json()["detail"]
    listed = api.get("/safes/guardian/transactions", _THIRD).json()
    assert [each["hash"] for each in listed] == [first["hash"], second["hash"]]


def test_signature__of_something_else__is_refused(api: Api) -> None:
    first, second = _propose(api, _PAUSE), _propose(api, _PAUSE)
    for wrong in (_sign(_FIRST, second), _sign(_STRANGER, first), "0x" + "00" * 65):
        answer = _add(api, _FIRST, first, wrong)
        assert answer.status_code == 422
        assert answer.json()["field"] == "signature"
    # Some wallets count the parity from 0, others from 27.
    signature = _sign(_FIRST, first)
    parity = int(signature[-2:], 16) - 27
    found = _add(api, _SECOND, first, f"{signature[:-2]}{parity:02x}").json()
    assert found["signed_by"] == [_FIRST.address]
    assert _add(api, _FIRST, first).json()["signed_by"] == [_FIRST.address]


def test_drop__forgets_it_with_its_signatures(api: Api) -> None:
    made = _propose(api, _PAUSE)
    _add(api, _FIRST, made)
    path, headers = f"/api/v1/safes/guardian/transactions/{made['hash']}", api._headers(_SECOND)
    assert api.client.delete(path, headers=headers).status_code == 204
    assert api.get("/safes/guardian/transactions", _FIRST).json() == []
    assert api.client.delete(path, headers=headers).status_code == 404


def test_drop__in_front_of_others__leaves_them_a_way(api: Api) -> None:
    first, second = _propose(api, _PAUSE), _propose(api, _PAUSE, _RESUME)
    path, headers = f"/api/v1/safes/guardian/transactions/{first['hash']}", api._headers(_SECOND)
    api.client.delete(path, headers=headers)
    instead = _propose(api, _RESUME)
    assert (instead["nonce"], instead["is_next"]) == (first["nonce"], True)
    assert _propose(api, _PAUSE)["nonce"] == second["nonce"] + 1


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("calls", "field"),
    [
        ([], "calls"),
        ([{**_PAUSE, "function": "nothing"}], "calls.0.function"),
        ([_PAUSE, {**_PAUSE, "arguments": ["1"]}], "calls.1.arguments"),
        ([{**_PAUSE, "function": "owner", "contract": "Nobody"}], "calls.0.function"),
    ],
)
def test_propose__what_is_no_call__names_the_field(api: Api, calls: Any, field: str) -> None:
    answer = api.post("/safes/guardian/transactions", {"calls": calls}, _FIRST)
    assert answer.status_code == 422
    assert answer.json()["field"] == field


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_queue__has_an_end_for_each_owner(api: Api) -> None:
    for _ in range(20):
        last = _propose(api, _PAUSE)
    answer = api.post("/safes/guardian/transactions", {"calls": [_PAUSE]}, _FIRST)
    assert answer.status_code == 409
    assert answer.json()["detail"] == "20 transactions of yours wait already"
    # Nobody keeps the others from stopping the market.
    assert api.post("/safes/guardian/transactions", {"calls": [_PAUSE]}, _SECOND).status_code == 201
    path, headers = f"/api/v1/safes/guardian/transactions/{last['hash']}", api._headers(_FIRST)
    assert api.client.delete(path, headers=headers).status_code == 204
    assert _propose(api, _PAUSE)["nonce"] == last["nonce"]


def test_queue__is_for_owners_alone(api: Api) -> None:
    made = _propose(api, _PAUSE)
    for who, status in ((None, 401), (_STRANGER, 403)):
        assert api.get("/safes/guardian/transactions", who).status_code == status
        assert (
            api.post("/safes/guardian/transactions", {"calls": [_PAUSE]}, who).status_code == status
        )
        path = f"/safes/guardian/transactions/{made['hash']}"
        body = {"signature": _sign(_FIRST, made)}
        assert api.post(f"{path}/signatures", body, who).status_code == status
        assert api.post(f"{path}/execution", None, who).status_code == status
    assert api.get("/safes/guardian/transactions", _FIRST).json()[0]["signed_by"] == []


def test_safes__have_queues_of_their_own(api: Api) -> None:
    """An owner of one sees nothing of another, and the same call has another hash there."""
    made = _propose(api, _PAUSE)
    registrar = Account.local(1)
    assert api.get("/safes/guardian/transactions", registrar).status_code == 403
    path = f"/safes/guardian/transactions/{made['hash']}"
    assert api.post(f"{path}/execution", None, registrar).status_code == 403
    other = f"/safes/registrar/transactions/{made['hash']}/execution"
    assert api.post(other, None, registrar).status_code == 404
    assert api.get("/safes/registrar/transactions", registrar).json() == []
    other = api.post("/safes/registrar/transactions", {"calls": [_PAUSE]}, registrar).json()
    assert (other["nonce"], other["hash"] != made["hash"]) == (0, True)
    assert "lacks the role" in other["reverts"]
    nobody = api.get("/safes/bank/transactions", registrar)
    assert nobody.status_code == 404
    assert "it has authority, registrar, treasury, guardian" in nobody.json()["detail"]


def test_payout__that_has_to_wait__is_proposed_as_an_announcement(api: Api) -> None:
    grid, first, second = api.exchange.grid, Account.local(23), Account.local(24)
    grid.plan(_STRANGER, grid.money.faucet(50)).execute()
    grid.plan(_STRANGER, grid.money.approve(grid.settlement.address, 50)).execute()
    grid.plan(_STRANGER, grid.settlement.fund_grid(50)).execute()
    arguments = ["20", _STRANGER.address]
    collect = {"contract": "Settlement", "function": "collect", "arguments": arguments}

    def propose() -> Any:
        return api.post("/safes/treasury/transactions", {"calls": [collect]}, first)

    for word in ("schedule: pay ", "pay "):
        made = propose().json()
        assert made["effects"][0].startswith(word), made["effects"]
        path = f"/safes/treasury/transactions/{made['hash']}"
        api.post(f"{path}/signatures", {"signature": _sign(first, made)}, first)
        _carry_out(api, second, api.post(f"{path}/execution", None, second).json())
        if word != "pay ":
            early = propose()
            assert early.status_code == 409
            assert "is scheduled and can be made from" in early.json()["detail"]
            api.exchange.market.go_to(api.exchange.market.now + 90_001)
    assert grid.settlement.grid_account().cash == 30_000
