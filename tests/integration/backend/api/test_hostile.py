"""What attackers send to the paths of the API: nothing fails, nothing is told, nothing is done."""

from __future__ import annotations

import json
import logging
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest
from fastapi import APIRouter
from sqlalchemy import func, select
from starlette.testclient import TestClient

from energy_grid.backend.api.application import make_application
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.metadata import METADATA
from energy_grid.chain.rpc.transport import HttpTransport
from energy_grid.errors import ChainError
from energy_grid.market.order_file import document_of
from tests.integration.backend.api.conftest import ORIGIN, Api, sign
from tests.integration.exchange import BUY, SELL

on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

JSON = {"Content-Type": "application/json"}
DEEP = "[" * 100_000 + "]" * 100_000
MARKUP = "<script>alert(1)</script>"
INJECTED = (
    "' OR 1=1 --",
    "1; DROP TABLE sessions; --",
    "1) UNION SELECT token_hash FROM sessions --",
    '" OR ""="',
    "%00",
    "%ff%fe",
    "%C2%B2",
    "%ED%A0%80",
    "../../../etc/passwd",
    "..%2f..%2f..%2fetc%2fpasswd",
    "9" * 30,
    "9223372036854775808",
    "-1",
    "NaN",
    "1e400",
    "${jndi:ldap://127.0.0.1/}",
    "{{7*7}}",
    MARKUP,
)


@pytest.fixture
def account(api: Api) -> str:
    return api.exchange.traders[0].address


def sent(api: Api, path: str, content: str | bytes) -> Any:
    return api.client.post(f"/api/v1{path}", content=content, headers=JSON)


@on_sqlite
@pytest.mark.parametrize(
    "value",
    [
        *("NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1.5", "true", "null", '""', "[]"),
        *(
            "9" * 79,
            f"-{'9' * 79}",
            "9" * 4_000,
            "9" * 200_000,
            f'"{"9" * 79}"',
            f'"{"9" * 9_999}"',
        ),
        *(
            '"\\ud800"',
            '"\\u0000"',
            '"0x"',
            '{"a": 1}',
            DEEP,
            '{"a":' * 50_000,
            '"' + "x" * 250_000,
        ),
    ],
    ids=lambda value: f"{value[:12]} {len(value)}",
)
def test_value__that_no_field_holds__is_a_problem(api: Api, account: str, value: str) -> None:
    start = "2024-01-01T02:00:00Z"
    order = document_of(api.exchange.order(0, BUY, 1_000), api.exchange.grid.trading_domain)
    bodies: dict[str, dict[str, Any]] = {
        "/orders": order,
        "/quote": {
            "account": account,
            "side": "BUY",
            "amount_wh": 1,
            "price_per_kwh": 1,
            "period": "HOURLY",
            "start": start,
        },
        "/calls": {
            "from": account,
            "contract": "Settlement",
            "function": "withdraw",
            "arguments": ["1", account],
            "value": "0",
        },
        "/grid/balance": {
            "operator": account,
            "region": "home",
            "action": "SHED_LOAD",
            "target_kw": 1,
            "priority": 1,
        },
        "/permits": {"account": account, "amount": "1"},
        "/session/challenge": {"account": account},
        "/session": {"message": "x", "signature": "0x12"},
    }
    # Of these any text is one, and some are not signed.
    any_text = {"message", "contract", "function", "byContract", "format", "region"}
    mark = "MARK"
    for path, body in bodies.items():
        places: list[dict[str, Any]] = [{**body, name: mark} for name in body]
        if path == "/calls":
            places += [{**body, "arguments": [mark, account]}, {**body, "arguments": ["1", mark]}]
        for document in places:
            name = next(each for each, found in document.items() if mark in str(found))
            answer = sent(api, path, json.dumps(document).replace(f'"{mark}"', value))
            assert answer.status_code < 500, (path, name)
            if name not in any_text and not (name == "value" and value == "null"):
                assert answer.status_code in (400, 401, 409, 413, 422), (path, name, answer.text)
            assert answer.headers["content-type"].startswith("application/"), path
            assert len(answer.content) < 300_000


@on_sqlite
def test_body__that_is_no_json__is_a_problem(api: Api) -> None:
    for content in (
        *(b"", b"\xff\xfe", b"\xef\xbb\xbf{}", b'{"account": "\xff"}', b"\x00" * 100, b"[" * 9),
        *(DEEP.encode(), b'{"a":' * 40_000, b"9" * 200_000, b"{" + b'"a":1,' * 9_999 + b'"a":1}'),
        *(b"null", b"NaN", b'"x"', b"[1]", b'{"\\ud800": 1}', b'{"%s": 1}' % (b"x" * 200_000)),
        "{}".encode("utf-16"),
    ):
        for path in ("/orders", "/calls", "/session"):
            answer = sent(api, path, content)
            assert answer.status_code in (400, 413, 422), (path, content[:20], answer.text)
            assert answer.headers["content-type"] == "application/problem+json"
            assert len(answer.content) < 1_000
            assert json.loads(answer.content)["status"] == answer.status_code
    found = sent(api, "/session/challenge", b'{"account": "0x').json()
    assert (found["field"], found["detail"][:9]) == ("body", "no JSON: ")
    for kind in ("text/plain", "application/xml", "multipart/form-data; boundary=x", "x"):
        answer = api.client.post(
            "/api/v1/session/challenge", content="{}", headers={"Content-Type": kind}
        )
        assert answer.status_code == 422, kind


@on_sqlite
def test_key__twice__counts_once_as_its_last(api: Api, account: str) -> None:
    other = api.exchange.traders[1].address
    answer = sent(api, "/session/challenge", f'{{"account": "{other}", "account": "{account}"}}')
    assert account in answer.json()["message"]
    assert other not in answer.json()["message"]


def counts(database: Database) -> dict[str, int]:
    with database.reading() as connection:
        return {
            name: connection.scalar(select(func.count()).select_from(table)) or 0
            for name, table in METADATA.tables.items()
            if name != "challenges"
        }


def test_injected_words__in_every_parameter__change_and_tell_nothing(
    api: Api, account: str
) -> None:
    order = api.place(api.exchange.order(0, BUY, 1_000)).json()["id"]
    api.place(api.exchange.order(1, SELL, 1_000))
    api.live()
    other = api.exchange.traders[2]
    headers = api._headers(other)
    paths = api.client.get("/openapi.json").json()["paths"]
    before = counts(api.database)
    asked = 0
    for path, methods in paths.items():
        for method, operation in methods.items():
            if path.endswith("/stream") or operation["operationId"] == "sign_out":
                continue
            for parameter in operation.get("parameters", ()):
                for word in INJECTED:
                    answer = _asked_with(api, method, path, operation, parameter, word, headers)
                    asked += 1
                    where = method, path, parameter["name"], word
                    assert answer.status_code < 500, (*where, answer.text)
                    assert order not in answer.text, where
                    assert "root:" not in answer.text, where
                    assert answer.headers["x-content-type-options"] == "nosniff", where
    assert asked > 500
    assert counts(api.database) == before


def _asked_with(
    api: Api,
    method: str,
    path: str,
    operation: dict[str, Any],
    parameter: dict[str, Any],
    word: str,
    headers: dict[str, str],
) -> Any:
    fill = {"kind": "HOURLY", "start": "2024-01-01T02:00:00Z", "id": "1"}
    fill |= {"account": api.exchange.traders[2].address, "table": "trades"}
    needed = {"from": fill["start"], "to": "2024-01-01T03:00:00Z"}
    needed |= {"month": "2024-01", "day": "2024-01-01"}
    queries = {
        each["name"]: needed[each["name"]]
        for each in operation["parameters"]
        if each["in"] == "query" and each["required"]
    }
    sent_headers = dict(headers)
    if parameter["in"] == "path":
        fill[parameter["name"]] = word.replace("/", "%2f")
    elif parameter["in"] == "query":
        queries[parameter["name"]] = word.replace("&", "%26").replace("#", "%23")
    else:
        sent_headers[parameter["name"]] = word
    for name, value in fill.items():
        path = path.replace(f"{{{name}}}", value)
    query = "&".join(f"{name}={value}" for name, value in queries.items())
    return api.client.request(method, f"{path}?{query}", headers=sent_headers)


@on_sqlite
def test_cursor__that_nobody_was_given__is_a_problem(api: Api) -> None:
    from energy_grid.backend.api.pages import _text

    trader = api.exchange.traders[0]
    for values in (
        *(["1"], ["1", "2", "3"], ["x", "0x"], ["1", "\x00"], ["1", "\ud800"], ["1e9", "0x"]),
        *(["9" * 79, "0x"], ["9223372036854775808", "0x"], [" 1", "0x"], ["NaN", "0x"]),
    ):
        answer = api.get(f"/orders?cursor={_text(values)}", trader)
        assert (answer.status_code, answer.json()["field"]) == (422, "cursor"), values
    for text in ("e30", "bnVsbA", "WzFd", "W1tdXQ", "Infinity", "%ff", "=", "W" * 400):
        answer = api.get(f"/orders?cursor={text}", trader)
        assert (answer.status_code, answer.json()["field"]) == (422, "cursor"), text
    wide = [str(10**78), "-1e5", "1.0", "Infinity", ""]
    for number in wide:
        assert api.get(f"/trades?cursor={_text([number])}").status_code == 422, number
    assert api.get(f"/trades?cursor={_text([str(10**77)])}").status_code == 200


@on_sqlite
def test_book__at_the_ends_of_time__is_one_or_a_problem(api: Api) -> None:
    for start, expected in (
        ("1970-01-01T00:00:00Z", 200),
        ("9998-12-31T23:00:00Z", 200),
        ("1969-12-31T23:00:00Z", 422),
        ("9999-12-31T23:59:59-12:00", 422),
        ("0001-01-01T00:00:00+14:00", 422),
        ("1e400", 422),
    ):
        answer = api.get(f"/periods/HOURLY/{start.replace('+', '%2b')}/book")
        assert answer.status_code == expected, (start, answer.text)


@on_sqlite
def test_trades__come_in_pages(api: Api) -> None:
    for _ in range(3):
        api.place(api.exchange.order(0, BUY, 100))
        api.place(api.exchange.order(1, SELL, 100))
        api.live()
    whole = [each["id"] for each in api.get("/trades").json()["items"]]
    found, cursor = [], ""
    while cursor is not None:
        page = api.get(f"/trades?limit=1{cursor and f'&cursor={cursor}'}").json()
        found += [each["id"] for each in page["items"]]
        cursor = page["next"]
    assert found == whole
    assert len(found) >= 3


@on_sqlite
def test_stream__from_an_id_of_other_digits__is_a_problem(api: Api) -> None:
    for word in ("%C2%B2", "%D9%A1", "1.%C2%B2", "+1", "1_0", "1.", "9" * 19):
        assert api.get(f"/stream?since={word}").status_code == 422, word


def test_sign_in__played_again_at_once__counts_once(api: Api) -> None:
    who = api.exchange.traders[0]
    message = api.post("/session/challenge", {"account": who.address}).json()["message"]
    signed = {"message": message, "signature": sign(who, message)}
    with ThreadPoolExecutor(8) as pool:
        codes = [*pool.map(lambda _: api.post("/session", signed).status_code, range(8))]
    assert sorted(codes) == [201, *[401] * 7]


@on_sqlite
@pytest.mark.parametrize(
    "token",
    [
        # {"alg": "none"} and {"alg": "HS256"}, for the account and for the first one there is.
        "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiJhZG1pbiJ9.",
        "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiJhZG1pbiJ9",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZG1pbiJ9.AAAA",
        *("null", "undefined", "0", "*", "%", "_" * 43, "\x7f", "ÿ" * 43),
    ],
)
def test_token__of_no_session__opens_nothing(api: Api, account: str, token: str) -> None:
    api.sign_in(api.exchange.traders[0])
    for kind in ("Bearer", "bearer", "BEARER "):
        headers = {"Authorization": f"{kind} {token}".encode("latin-1")}
        for path in ("/orders", f"/accounts/{account}", "/stream", "/trades?mine=true"):
            assert api.client.get(f"/api/v1{path}", headers=headers).status_code == 401
    for headers in (
        {"Authorization": f"Basic {token}".encode("latin-1")},
        {"Cookie": f"session={token}".encode("latin-1")},
        {"X-API-Key": token.encode("latin-1")},
    ):
        assert api.client.get("/api/v1/orders", headers=headers).status_code == 401


@on_sqlite
def test_token__that_was_revoked_or_in_a_query__opens_nothing(api: Api) -> None:
    token = api.sign_in(api.exchange.traders[0])
    mine = {"Authorization": f"Bearer {token}"}
    for query in (f"?token={token}", f"?access_token={token}", f"?authorization=Bearer%20{token}"):
        assert api.client.get(f"/api/v1/orders{query}").status_code == 401
    for origin in ("https://evil.example", "null", f"{ORIGIN}.evil.example", f"{ORIGIN}/", ""):
        answer = api.client.get("/api/v1/orders", headers={**mine, "Origin": origin})
        assert answer.status_code == 401, origin
    assert api.client.get("/api/v1/orders", headers=mine).status_code == 200
    assert api.client.delete("/api/v1/session", headers=mine).status_code == 204
    assert api.client.get("/api/v1/orders", headers=mine).status_code == 401
    assert api.client.delete("/api/v1/session", headers=mine).status_code == 401


@on_sqlite
def test_pages__of_other_origins__are_allowed_nothing(api: Api) -> None:
    for origin in ("https://evil.example", "null", f"{ORIGIN}.evil.example", ORIGIN.upper()):
        for method in ("GET", "POST", "DELETE"):
            asked = {"Origin": origin, "Access-Control-Request-Method": method}
            answer = api.client.options("/api/v1/orders", headers=asked)
            assert answer.status_code == 400
            assert "access-control-allow-origin" not in answer.headers
        answer = api.client.get("/api/v1/trades", headers={"Origin": origin})
        assert not [name for name in answer.headers if name.startswith("access-control-allow")]
    asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
    asked |= {"Access-Control-Request-Headers": "authorization,content-type,idempotency-key"}
    answer = api.client.options("/api/v1/orders", headers=asked)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, ORIGIN)
    for name, value in (
        ("Access-Control-Request-Method", "PUT"),
        ("Access-Control-Request-Headers", "x-secret"),
    ):
        refused = api.client.options("/api/v1/orders", headers={**asked, name: value})
        assert refused.status_code == 400
    for each in (answer, api.client.get("/api/v1/trades", headers={"Origin": ORIGIN})):
        assert "access-control-allow-credentials" not in each.headers
        assert "Origin" in each.headers["vary"]


@on_sqlite
def test_answers__of_accounts__are_kept_by_nobody(api: Api, account: str) -> None:
    trader = api.exchange.traders[0]
    for path in ("/orders", f"/accounts/{account}", "/trades", "/market"):
        mine, all_of_it = api.get(path, trader), api.get(path)
        assert mine.headers["cache-control"] == "no-store", path
        assert "Authorization" in all_of_it.headers["vary"], path
        assert "public" not in all_of_it.headers["cache-control"], path
    answer = api.post("/session/challenge", {"account": account})
    assert answer.headers["cache-control"] == "no-store"


@on_sqlite
def test_account__that_asks_too_often__waits_wherever_it_asks_from(api: Api) -> None:
    backend = api.client.app.state.backend()  # type: ignore[attr-defined]
    app = make_application(lambda: backend, APIRouter(), origins=[ORIGIN], per_minute=3)
    tokens = [api.sign_in(api.exchange.traders[0]) for _ in range(2)]

    def answer_of(at: int, token: str) -> Any:
        client = TestClient(app, raise_server_exceptions=False, client=(f"10.0.0.{at}", 1))
        return client.get("/api/v1/orders", headers={"Authorization": f"Bearer {token}"})

    answers = [answer_of(at, tokens[at % 2]) for at in range(4)]
    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 61
    other = answer_of(9, api.sign_in(api.exchange.traders[1]))
    assert other.status_code == 200


@pytest.fixture
def listener() -> Iterator[tuple[str, list[Any]]]:
    """Somebody who waits to be called; their address, and who has called."""
    called: list[Any] = []
    with socket.create_server(("127.0.0.1", 0)) as opened:
        opened.settimeout(0.1)
        is_over = threading.Event()

        def wait() -> None:
            while not is_over.is_set():
                try:
                    called.append(opened.accept())
                except TimeoutError:
                    continue

        thread = threading.Thread(target=wait)
        thread.start()
        yield f"http://127.0.0.1:{opened.getsockname()[1]}", called
        is_over.set()
        thread.join()
        for connection, _ in called:
            connection.close()


@on_sqlite
def test_addresses__that_a_request_names__are_never_called(
    api: Api, listener: tuple[str, list[Any]], account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, called = listener
    reached: list[Any] = []
    connect = socket.socket.connect

    def noted(self: socket.socket, address: Any) -> None:
        reached.append(address)
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", noted)
    who = api.exchange.traders[0]
    message = api.post("/session/challenge", {"account": account}).json()["message"]
    for changed in (
        message.replace("URI: https://grid.example", f"URI: {url}"),
        f"{message}\nResources:\n- {url}/secret",
        message.replace("grid.example wants", f"{url[7:]} wants"),
        # A contract wallet: only the node is asked, and only about the chain.
        message.replace(account, api.exchange.grid.settlement.address),
    ):
        api.post("/session", {"message": changed, "signature": sign(who, changed)})
    headers = {"Origin": url, "Referer": url, "X-Forwarded-Host": url[7:], "Host": url[7:]}
    for path in ("/market", f"/grid/demand?region={url}", f"/trades?cursor={url}"):
        api.client.get(f"/api/v1{path}", headers=headers)
    order = document_of(api.exchange.order(0, BUY, 1_000), api.exchange.grid.trading_domain)
    api.post("/orders", order | {"byContract": True, "trader": api.exchange.grid.trading.address})
    api.post(
        "/calls",
        {"from": account, "contract": url, "function": url, "arguments": [url], "value": "0"},
    )
    assert called == []
    node = int(api.exchange.grid.node.url.rpartition(":")[2])
    assert {address[1] for address in reached if isinstance(address, tuple)} <= {node}


@on_sqlite
def test_markup__is_never_a_page(api: Api, account: str) -> None:
    call = {"from": account, "contract": MARKUP, "function": MARKUP, "arguments": []}
    for answer in (
        api.post("/calls", call),
        api.get(f"/grid/demand?region={MARKUP[:32]}"),
        api.client.get(f"/{MARKUP}"),
        api.post("/calls", {MARKUP: 1}),
    ):
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")


@on_sqlite
def test_connections__that_are_all_in_use__are_no_error_of_the_server(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = api.database.engine.pool
    monkeypatch.setattr(pool, "_timeout", 0.05)
    with ExitStack() as held:
        for _ in range(15):
            held.enter_context(api.database.reading())
        answer = api.get("/trades")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert api.get("/trades").status_code == 200


@on_sqlite
def test_errors__tell_and_log_nothing_that_is_secret(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    trader = api.exchange.traders[0]
    order = document_of(api.exchange.order(0, BUY, 1_000), api.exchange.grid.trading_domain)
    api.post("/orders", order)
    assert api.get("/orders", trader).status_code == 200
    token = api.tokens[trader.address]
    secrets = [token, str(order["signature"])[2:40]]
    texts = []

    def fail(*_: Any, **__: Any) -> Any:
        raise ChainError("no node answers at https://node.example/v2/KEY")

    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("nobody expected this")

    for error in (fail, broken):
        with monkeypatch.context() as patched:
            patched.setattr(HttpTransport, "single", error)
            patched.setattr(HttpTransport, "batch", error)
            texts += [api.get(path, trader).text for path in ("/market", "/grid/status")]
    with monkeypatch.context() as patched:
        patched.setattr(type(api.database), "reading", broken)
        answer = api.get("/orders", trader)
        texts.append(answer.text)
        assert answer.status_code == 500
        assert answer.headers["x-content-type-options"] == "nosniff"
    for each in (*texts, caplog.text):
        assert "KEY" not in each
        for secret in secrets:
            assert secret not in each
    assert "Traceback" not in "".join(texts)
    assert "nobody expected" not in "".join(texts)
