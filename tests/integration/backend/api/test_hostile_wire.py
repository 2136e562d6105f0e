"""What strangers send to a server that listens: too much, too slowly, and under other names."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

import pytest
from fastapi import APIRouter
from starlette.testclient import TestClient

from energy_grid.backend.api import limits
from energy_grid.backend.api.application import make_application
from energy_grid.backend.api.problems import ProblemError
from energy_grid.backend.api.visit import Backend
from energy_grid.serve import http
from energy_grid.serve.http import serving

POST = "POST /api/v1/calls HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
LIST = "GET /api/v1/trades{query} HTTP/1.1\r\nHost: x\r\n"
# As much as may be sent, and what is above that.
MOST = 256 * 1024
MORE = MOST + 1


def nothing() -> Backend:
    """A request that was read is answered with this."""
    raise ProblemError(503, "starting", "not yet")


@contextmanager
def server(per_minute: int = 0, proxies: Sequence[str] = ()) -> Iterator[int]:
    """A server with all paths and nothing behind them; its port."""
    app = make_application(nothing, APIRouter(), per_minute=per_minute)
    with serving(app, "127.0.0.1", 0, proxies) as address:
        yield int(address.rpartition(":")[2])


@pytest.fixture
def port() -> Iterator[int]:
    with server() as found:
        yield found


def told(port: int, *parts: str | bytes, hangs_up: bool = False) -> bytes:
    """All that a server answers until it, or else the client, hangs up."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        for part in parts:
            try:
                connection.sendall(part if isinstance(part, bytes) else part.encode())
            except OSError:
                # The server has heard enough.
                break
        if hangs_up:
            connection.shutdown(socket.SHUT_WR)
        found = b""
        try:
            while some := connection.recv(65_536):
                found += some
        except ConnectionError:
            pass
        return found


def status(answer: bytes) -> int:
    """Of the first answer."""
    return int(answer.split(b" ", 2)[1])


def chunked(body: bytes, of: int = 16_384) -> bytes:
    parts = (body[at : at + of] for at in range(0, len(body), of))
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def test_body__up_to_the_limit__is_read_and_above_refused(port: int) -> None:
    end = "Connection: close\r\n"
    for size, expected in ((MOST, 503), (MORE, 413)):
        body = b'"' + b"x" * (size - 2) + b'"'
        head = f"{POST}{end}Content-Length: {size}\r\n\r\n"
        # Who reads no answer before all is sent loses one that comes at once.
        assert status(told(port, head, body if size == MOST else b"")) == expected
        head = f"{POST}{end}Transfer-Encoding: chunked\r\n\r\n"
        answer = told(port, head, chunked(body))
        assert status(answer) == expected
        problem = json.loads(answer.partition(b"\r\n\r\n")[2])
        if expected == 413:
            assert problem["type"].endswith(":request-entity-too-large")
            assert problem["detail"] == "a request has at most 262144 bytes"


def test_body__declared_and_never_sent__is_refused_at_once(port: int) -> None:
    answer = told(port, f"{POST}Content-Length: {10**15}\r\n\r\n", hangs_up=True)
    assert status(answer) == 413


@pytest.mark.parametrize(
    "lengths",
    [
        "Content-Length: -5\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: 5, 6\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        f"Content-Length: {'9' * 5_000}\r\n",
        "Content-Length: \u0665\r\n",
        "Transfer-Encoding: gzip\r\n",
        "Transfer-Encoding: chunked, chunked\r\n",
    ],
)
def test_length__that_is_none__is_a_bad_request(port: int, lengths: str) -> None:
    answer = told(port, f"{POST}{lengths}\r\n[[]]x", hangs_up=True)
    assert status(answer) in (400, 413, 501)


def test_length__that_lies__shifts_no_request_into_anothers_answer(port: int) -> None:
    # Too short: what is left over is no request.
    answer = told(port, f"{POST}Content-Length: 2\r\n\r\n", b"{}" + b"x" * 1_000 + b"\r\n\r\n")
    assert answer.count(b"HTTP/1.1 ") == 2
    assert b"HTTP/1.1 400" in answer
    # Too long: what never comes is not waited for once the client has gone.
    answer = told(port, f"{POST}Content-Length: 9\r\n\r\n", b"{}", hangs_up=True)
    assert b"HTTP/1.1 2" not in answer
    # Both: proxies could take one, and we the other.
    both = f"{POST}Content-Length: 40\r\nTransfer-Encoding: chunked\r\n\r\n"
    hidden = b"0\r\n\r\nGET /docs HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = told(port, both, hidden)
    assert (status(answer), answer.count(b"HTTP/1.1 ")) == (400, 1)


def test_body__that_comes_too_slowly__is_given_up(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "_SECONDS", 0.2)
    answer = told(port, f"{POST}Connection: close\r\nContent-Length: 20\r\n\r\n", b"{")
    assert status(answer) == 408
    assert b"application/problem+json" in answer


def test_head__that_comes_too_slowly__ends_the_connection(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "_HEAD_SECONDS", 0.2)
    assert told(port, "") == b""
    assert told(port, "GET /openapi.json HTTP/1.1\r\nHost:") == b""
    # Neither does the second one of a connection wait for ever.
    whole = f"{LIST.format(query='')}\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(whole.encode())
        answer = b""
        while not answer.endswith(b"}"):
            answer += connection.recv(65_536)
        assert status(answer) == 503
        connection.sendall(b"GET /api")
        assert connection.recv(1) == b""


def test_head__of_any_size__is_bounded(port: int) -> None:
    end = "Connection: close\r\n\r\n"
    long = "x" * 100_000
    assert status(told(port, LIST.format(query=f"?cursor={long}"), end)) == 400
    assert status(told(port, LIST.format(query=""), f"X-Long: {long}\r\n", end)) == 400
    many = "".join(f"X-{at}: 1\r\n" for at in range(20_000))
    assert status(told(port, LIST.format(query=""), many, end)) == 400
    query = "?" + "&".join(f"state=OPEN&n{at}=1" for at in range(500))
    assert status(told(port, LIST.format(query=query), end)) == 503


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_method__of_a_header__counts_for_nothing(port: int, name: str) -> None:
    answer = told(
        port,
        "POST /api/v1/trades HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n",
        f"{name}: GET\r\n\r\n",
    )
    assert status(answer) == 405
    assert b"allow: GET" in answer
    assert b"this path has no POST" in answer
    assert b"/docs lists what there is" in answer


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PUT", "PATCH", "PROPFIND", "HEAD"])
def test_method__that_no_path_has__is_refused(port: int, method: str) -> None:
    answer = told(port, f"{method} /api/v1/orders HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert status(answer) in (400, 405)
    assert b"Host: x" not in answer


def asked(port: int, *headers: str) -> bytes:
    lines = "".join(f"{each}\r\n" for each in (*headers, "Connection: close"))
    return told(port, LIST.format(query=""), lines, "\r\n")


def test_address__that_asks_too_often__waits(port: int) -> None:
    with server(per_minute=3) as limited:
        codes = [status(asked(limited, f"X-Forwarded-For: 10.0.0.{at}")) for at in range(4)]
        answer = asked(limited, "Forwarded: for=10.0.0.9", "X-Real-IP: 10.0.0.9")
    assert codes == [503, 503, 503, 429]
    assert status(answer) == 429
    (wait,) = [line for line in answer.split(b"\r\n") if line.startswith(b"retry-after: ")]
    assert 1 <= int(wait.split()[1]) <= 61
    assert b"x-content-type-options: nosniff" in answer


def test_address__that_a_named_proxy_says__is_counted() -> None:
    with server(per_minute=1, proxies=["127.0.0.1"]) as behind:
        codes = [status(asked(behind, f"X-Forwarded-For: 10.0.0.{at}")) for at in (1, 1, 2)]
        # Whatever clients put in front of what the proxy adds counts for nothing.
        forged = status(asked(behind, "X-Forwarded-For: 10.9.9.9, 10.0.0.1"))
    assert codes == [503, 429, 503]
    assert forged == 429
    with server(per_minute=1, proxies=["10.1.1.1"]) as elsewhere:
        codes = [status(asked(elsewhere, f"X-Forwarded-For: 10.0.0.{at}")) for at in (1, 2)]
    assert codes == [503, 429]


def test_address__with_too_many_open__leaves_room_for_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "_MOST_OPEN", 2)
    with server(proxies=["127.0.0.1"]) as crowded, ExitStack() as connections:
        for _ in range(2):
            opened = socket.create_connection(("127.0.0.1", crowded), timeout=20)
            connections.enter_context(opened)
            # What never comes to its end.
            opened.sendall(f"{POST}X-Forwarded-For: 10.0.0.1\r\nContent-Length: 9\r\n\r\n".encode())
        codes: list[int] = []
        while 429 not in codes[-1:]:
            codes.append(status(asked(crowded, "X-Forwarded-For: 10.0.0.1")))
            assert len(codes) < 100
        assert status(asked(crowded, "X-Forwarded-For: 10.0.0.2")) == 503
        answer = asked(crowded, "X-Forwarded-For: 10.0.0.1")
        assert b"x-content-type-options: nosniff" in answer
        opened.close()
        while 503 not in codes[-1:]:
            codes.append(status(asked(crowded, "X-Forwarded-For: 10.0.0.1")))
            assert len(codes) < 1000


def test_address__of_one_customers_network__is_one() -> None:
    app = make_application(nothing, APIRouter(), per_minute=1)

    def status_of(address: str) -> int:
        client = TestClient(app, raise_server_exceptions=False, client=(address, 1))
        return int(client.get("/api/v1/trades").status_code)

    found = [status_of(f"2001:db8:0:{net}::{at}") for net, at in ((1, 1), (1, 2), (2, 1))]
    assert found == [503, 429, 503]


def test_answers__are_sent_at_once() -> None:
    # asyncio lets only sockets send at once that are said to be TCP: else each answer takes 40 ms.
    opened = http._listening("127.0.0.1", 0)
    assert opened.proto == socket.IPPROTO_TCP
    opened.close()


def test_every_answer__says_how_it_may_be_used(port: int) -> None:
    for path, cache, policy in (
        ("/api/v1/trades", b"no-cache", b"default-src 'none'; frame-ancestors 'none'"),
        ("/nothing", b"no-cache", b"default-src 'none'; frame-ancestors 'none'"),
    ):
        answer = told(port, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").lower()
        assert b"x-content-type-options: nosniff" in answer
        assert b"referrer-policy: no-referrer" in answer
        assert b"content-security-policy: " + policy in answer
        assert b"cache-control: " + cache in answer
        assert b"vary: origin, authorization" in answer
        assert b"set-cookie" not in answer
        assert b"server: " not in answer
    assert b"cache-control: no-store" in asked(port, "Authorization: Bearer x").lower()
