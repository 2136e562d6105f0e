"""The relay over HTTP: what it takes, what it refuses, and what it tells."""

from __future__ import annotations

from typing import Any

import pytest

from energy_grid.chain.abi import load
from energy_grid.chain.accounts import Account
from energy_grid.chain.contract import Call
from energy_grid.market.relays import SignedCall
from tests.integration.backend.api.conftest import Api
from tests.support.market import DAY
from tests.support.relaying import DOLLAR, HOUSES, Relaying, document_of

HOUSE, OTHER = HOUSES[:2]


@pytest.fixture
def relaying(api: Api) -> Relaying:
    return Relaying(api.exchange.market, api.exchange.grid, api.database)


def sent(api: Api, signed: SignedCall, **changes: Any) -> Any:
    """The answer to a call, or to one that was changed on its way."""
    return api.post("/relay", document_of(signed) | changes)


def refused(api: Api, signed: SignedCall, status: int = 422, **changes: Any) -> str:
    """Why a call is not taken."""
    answer = sent(api, signed, **changes)
    assert answer.status_code == status, answer.text
    return str(answer.json()["detail"])


def permit(relaying: Relaying, house: Account, spender: str) -> SignedCall:
    approval = relaying.grid.money.approve(spender, 20 * DOLLAR)
    (signed,) = relaying.grid.sign_calls(house, [approval])
    return signed


def test_household_without_coin__permits_and_deposits(api: Api, relaying: Relaying) -> None:
    grid = relaying.grid
    calls = [
        grid.money.approve(grid.settlement.address, 20 * DOLLAR),
        grid.settlement.deposit(20 * DOLLAR),
    ]
    signed = grid.sign_calls(HOUSE, calls)
    assert [each.is_permit for each in signed] == [True, False]
    answers = [sent(api, each) for each in signed]
    assert [each.status_code for each in answers] == [202, 202]
    paths = [f"/relay/{each.json()['id']}" for each in answers]
    told = api.get(paths[1]).json()
    assert (told["state"], told["transaction"], told["detail"]) == ("RECEIVED", None, None)
    relaying.run()
    for path in paths:
        told = api.get(path).json()
        assert (told["state"], told["detail"]) == ("DONE", None)
        assert int(relaying.market.node.receipt(told["transaction"])["status"], 16) == 1
    assert relaying.held(HOUSE) == 20
    assert grid.node.balance(HOUSE.address) == 0
    # The same once more is the same.
    assert sent(api, signed[1]).json() == told
    assert api.get(f"/relay/0x{'0' * 64}").status_code == 404


def test_failure__is_told_with_the_error_of_the_contract(api: Api, relaying: Relaying) -> None:
    service = relaying.service()
    sent(api, relaying.deposit(HOUSE))
    relaying.run(service)
    name = sent(api, relaying.withdraw(HOUSE, 20)).json()["id"]
    market = relaying.market
    service.before_sending = lambda: market.do(
        HOUSE.address, market.settlement, "withdraw", DOLLAR, HOUSE.address
    )
    relaying.run(service)
    told = api.get(f"/relay/{name}").json()
    assert told["state"] == "FAILED"
    assert told["detail"].startswith("Settlement: insufficient balance")
    assert told["transaction"] is not None


def test_call__that_would_revert_now__is_refused_with_its_error(
    api: Api, relaying: Relaying
) -> None:
    sent(api, relaying.deposit(HOUSE))
    relaying.run()
    problem = sent(api, relaying.withdraw(HOUSE, 21)).json()
    assert (problem["status"], problem["error"]) == (409, "Settlement_InsufficientBalance")
    starving = relaying.withdraw(HOUSE, 1, gas=30_000)
    assert refused(api, starving) == (
        "the call fails, which is no refusal of its contract: sign it with up to 3000000 gas"
    )
    assert relaying.states() == ["DONE"]


def test_calls__that_only_cost_money__are_refused(api: Api, relaying: Relaying) -> None:
    grid = relaying.grid
    outside = "of this kind cannot be relayed: only calls that change something in the contracts"
    settlement = grid.settlement
    count = load("Settlement").function("accountCount").encode([])
    for call in (
        grid.energy_token.transfer(OTHER.address, 1),
        # A deployment, a view, and a function that there is not.
        Call(contract="", function="", to="0x" + "0" * 40, data=b"\x60"),
        Call(contract="", function="", to=settlement.address, data=count),
        Call(contract="", function="", to=settlement.address, data=b"1234"),
        Call(contract="", function="", to=settlement.address, data=b""),
    ):
        assert outside in refused(api, relaying.signed(HOUSE, call))
    withdrawal = relaying.withdraw(HOUSE, 1)
    assert outside in refused(api, withdrawal, value=1)
    many = grid.trading.cancel_signed([*range(130)])
    assert refused(api, relaying.signed(HOUSE, many)) == (
        "a relayed call has at most 4096 bytes: make several"
    )
    greedy = relaying.withdraw(HOUSE, 1, gas=3_000_001)
    assert refused(api, greedy) == (
        "a relayed call may take 3000000 gas at most: sign it with less"
    )
    assert relaying.rows() == []


def test_signature__of_another_call_or_account__is_refused(api: Api, relaying: Relaying) -> None:
    signed = relaying.deposit(HOUSE)
    not_signed = f"{HOUSE.address} has not signed this call with the nonce"
    assert refused(api, signed, nonce=1) == f"{not_signed} 1"
    assert refused(api, signed, gas=2_999_999) == f"{not_signed} 0"
    assert refused(api, signed, **{"from": OTHER.address}) == (
        f"{OTHER.address} has not signed this call with the nonce 0"
    )
    assert "65 bytes" in refused(api, signed, signature="0x12")
    assert refused(api, signed, nonce=-1) == "a whole number from 0 to 2^256 - 1 is needed"


def test_deadline__over_or_far_away__is_refused(api: Api, relaying: Relaying) -> None:
    now = relaying.market.now
    over = relaying.withdraw(HOUSE, 1, deadline=now)
    assert refused(api, over) == "the deadline of the call is over: sign it again"
    far = relaying.withdraw(HOUSE, 1, deadline=now + 8 * DAY)
    assert refused(api, far) == (
        "the deadline of the call is more than 7 days away: sign a nearer one"
    )


def test_nonce__used_or_taken_or_too_high__says_which_one(api: Api, relaying: Relaying) -> None:
    first = relaying.deposit(HOUSE)
    name = sent(api, first).json()["id"]
    other = relaying.deposit(HOUSE, 5)
    assert refused(api, other, 409) == f"another call waits with the nonce 0: {name}"
    assert refused(api, relaying.withdraw(HOUSE, 1, nonce=2), 409) == (
        "send the call with the nonce 1 first"
    )
    relaying.run()
    assert refused(api, other, 409) == (
        "the nonce 0 is used, perhaps for this very call, which anybody can send: look before you"
        " sign it with the nonce 1"
    )


def test_permit__of_others_or_for_others__is_refused(api: Api, relaying: Relaying) -> None:
    grid = relaying.grid
    good = permit(relaying, HOUSE, grid.settlement.address)
    assert refused(api, permit(relaying, HOUSE, OTHER.address)) == (
        f"{OTHER.address} is no contract of this market: its permit is not relayed"
    )
    owner = "a permit is sent with its owner as from, its own deadline, and no value or gas"
    for changes in (
        {"from": OTHER.address},
        {"deadline": good.request.deadline + 1},
        {"gas": 1},
        {"value": 1},
    ):
        assert refused(api, good, **changes) == owner
    data = document_of(good)["data"]
    for wrong in ("0x", "0x12345678", f"{data}00", f"{data[:-64]}"):
        assert refused(api, good, data=wrong).startswith("the data are no permit(")
    assert refused(api, good, 409, nonce=1) == "send the call with the nonce 0 first"
    forged = data[:-2] + ("00" if data[-2:] != "00" else "01")
    problem = sent(api, good, data=forged).json()
    assert (problem["status"], problem["error"]) == (409, "ERC2612InvalidSigner")
    assert relaying.rows() == []


def test_quota__says_when_to_try_again(api: Api, relaying: Relaying) -> None:
    sent(api, relaying.deposit(HOUSE))
    for nonce in range(1, 8):
        assert sent(api, relaying.withdraw(HOUSE, 1, nonce=nonce)).status_code == 202
    answer = sent(api, relaying.withdraw(HOUSE, 1, nonce=8))
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert answer.json()["type"] == "urn:energy-grid:problem:relay-quota"
    assert answer.json()["detail"] == (
        f"8 calls of {HOUSE.address} wait, as many as may: send this one when some are done"
    )
    # Another account does not wait for it.
    assert sent(api, relaying.deposit(OTHER)).status_code == 202
