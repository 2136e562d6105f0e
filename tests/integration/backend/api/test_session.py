"""Signing in: what counts, and what an attacker tries."""

from __future__ import annotations

import re

import pytest

from energy_grid.backend.api import sessions
from energy_grid.chain.accounts import Account
from tests.integration.backend.api.conftest import ORIGIN, Api, sign

ALICE, BOB = Account.local(10), Account.local(11)


def challenge(api: Api, **headers: str) -> str:
    answer = api.client.post(
        "/api/v1/session/challenge", json={"account": ALICE.address}, headers=headers
    )
    assert answer.status_code == 200, answer.text
    return str(answer.json()["message"])


def sign_in(api: Api, message: str, who: Account = ALICE, **headers: str) -> tuple[int, str]:
    document = {"message": message, "signature": sign(who, message)}
    answer = api.client.post("/api/v1/session", json=document, headers=headers)
    return answer.status_code, str(answer.json().get("detail", ""))


def test_session__of_a_signed_challenge__lasts_until_it_is_ended(api: Api) -> None:
    message = challenge(api)
    assert message.startswith("grid.example wants you to sign in with your Ethereum account:\n")
    token = api.sign_in(ALICE)
    headers = {"Authorization": f"Bearer {token}"}
    assert api.client.get("/api/v1/orders", headers=headers).status_code == 200
    assert api.client.delete("/api/v1/session", headers=headers).status_code == 204
    assert api.client.get("/api/v1/orders", headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("pattern", "other", "detail"),
    [
        ("grid.example wants", "evil.example wants", "the message is for evil.example"),
        (
            "URI: https://grid.example",
            "URI: https://evil.example",
            "signs nobody in for https://ev",
        ),
        ("Chain ID: [0-9]+", "Chain ID: 1", "the message is for chain 1"),
        ("Nonce: .*", "Nonce: 0123456789abcdef", "the message was used already, or is too old"),
        ("Version: 1", "Version: 9", "this is no message to sign in with"),
    ],
)
def test_session__of_another_message__is_refused(
    api: Api, pattern: str, other: str, detail: str
) -> None:
    message = re.sub(pattern, other, challenge(api))
    status, found = sign_in(api, message)
    assert status == 401
    assert detail in found


def test_session__signed_by_another__is_refused(api: Api) -> None:
    message = challenge(api)
    status, detail = sign_in(api, message, BOB)
    assert (status, detail) == (401, f"{ALICE.address} has not signed this message")
    document = {"message": message, "signature": "0x12"}
    assert api.client.post("/api/v1/session", json=document).status_code == 401
    assert sign_in(api, message)[0] == 201


def test_session__of_a_message_once_used__is_refused(api: Api) -> None:
    message = challenge(api)
    assert sign_in(api, message)[0] == 201
    assert sign_in(api, message) == (401, "the message was used already, or is too old")


def test_session__of_an_old_message__is_refused(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    message = challenge(api)
    now = sessions.time.time()
    monkeypatch.setattr(sessions.time, "time", lambda: now + 301)
    assert sign_in(api, message) == (401, "the message was used already, or is too old")


def test_session__of_one_page__is_none_of_another(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign = {"Origin": "https://evil.example"}
    asked = api.client.post(
        "/api/v1/session/challenge", json={"account": ALICE.address}, headers=foreign
    )
    assert asked.status_code == 401
    assert sign_in(api, challenge(api), **foreign)[0] == 401
    token = api.sign_in(ALICE)
    mine = {"Authorization": f"Bearer {token}"}
    assert api.client.get("/api/v1/orders", headers=mine | {"Origin": ORIGIN}).status_code == 200
    assert api.client.get("/api/v1/orders", headers=mine | foreign).status_code == 401
    now = sessions.time.time()
    monkeypatch.setattr(sessions.time, "time", lambda: now + 3601)
    assert api.client.get("/api/v1/orders", headers=mine).status_code == 401


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiIweDAifQ.",
        "' OR 1=1 --",
        "a" * 5000,
    ],
)
def test_session__with_a_forged_token__is_none(api: Api, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    assert api.client.get("/api/v1/orders", headers=headers).status_code == 401


def test_session__in_the_store__is_worth_nothing(api: Api) -> None:
    token = api.sign_in(ALICE)
    with api.database.reading() as connection:
        (row,) = connection.execute(sessions.select(sessions.SESSIONS)).all()
    assert token not in map(str, row)
    headers = {"Authorization": f"Bearer {row.token_hash}"}
    assert api.client.get("/api/v1/orders", headers=headers).status_code == 401


def test_pages__of_other_origins__cannot_read_answers(api: Api) -> None:
    def allowed(origin: str) -> str | None:
        answer = api.client.get("/api/v1/trades", headers={"Origin": origin})
        return answer.headers.get("access-control-allow-origin")

    assert (allowed(ORIGIN), allowed("https://evil.example")) == (ORIGIN, None)
    asked = api.client.options(
        "/api/v1/orders",
        headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"},
    )
    assert "access-control-allow-origin" not in asked.headers
    assert "set-cookie" not in api.post("/session/challenge", {"account": ALICE.address}).headers


def test_cookie__of_pages_behind_a_proxy__is_sent_over_tls_alone(api: Api) -> None:
    headers = {"Authorization": f"Bearer {api.sign_in(ALICE)}", "Origin": ORIGIN}
    opened = api.client.post("/pages/session", headers=headers)
    assert "; Secure" in opened.headers["set-cookie"]
