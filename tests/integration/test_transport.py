"""HTTP to a node: a small server here gives each answer that nodes give."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from energy_grid.chain.rpc.node import Node, RpcError
from energy_grid.chain.rpc.transport import HttpTransport
from energy_grid.errors import NodeUnreachableError

TOO_MUCH = b'{"jsonrpc": "2.0", "id": 1, "error": {"code": -32600, "message": "10 blocks at most"}}'


@dataclass
class Server:
    """What the server answers, and what it was sent.

    Attributes:
        answer: gives status and body for what was posted.
        bodies, paths, headers: of the requests.
        connections: the client's addresses, one for each connection.
        hangs_up: whether it closes the connection behind each answer without announcing it.
    """

    answer: Callable[[Any], tuple[int, bytes]]
    url: str = ""
    bodies: list[Any] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    headers: list[Any] = field(default_factory=list)
    connections: list[Any] = field(default_factory=list)
    hangs_up: bool = False
    hung_up: threading.Event = field(default_factory=threading.Event)


@contextmanager
def serving(answer: Callable[[Any], tuple[int, bytes]]) -> Iterator[Server]:
    """The server on a port of this machine."""
    server = Server(answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            server.connections.append(self.client_address)

        def finish(self) -> None:
            super().finish()
            self.connection.close()
            server.hung_up.set()

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.bodies.append(body)
            server.paths.append(self.path)
            server.headers.append(self.headers)
            status, content = server.answer(body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            with suppress(BrokenPipeError):
                self.wfile.write(content)
            self.close_connection = server.hangs_up

        def log_message(self, *_: Any) -> None:
            """Silence."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.daemon_threads = True
        server.url = f"http://127.0.0.1:{http.server_port}"
        thread = threading.Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()


def number(body: Any) -> tuple[int, bytes]:
    """The answer 0x1 to each request, those of a batch in the wrong order."""
    answers = [
        {"jsonrpc": "2.0", "id": one["id"], "result": hex(at)}
        for at, one in enumerate(body if isinstance(body, list) else [body])
    ]
    return 200, json.dumps(answers[::-1] if isinstance(body, list) else answers[0]).encode()


def test_requests__one_connection__answers_in_order() -> None:
    with serving(number) as server, Node(f"{server.url}/v2/key?a=b") as node:
        assert node.rpc("eth_chainId") == "0x0"
        assert node.rpc_batch([("eth_call", [{}, "latest"])] * 3) == ["0x0", "0x1", "0x2"]
        assert len(server.connections) == 1
        assert server.paths == ["/v2/key?a=b"] * 2
        assert server.bodies[1][0] | {"id": 0} == {
            "jsonrpc": "2.0",
            "id": 0,
            "method": "eth_call",
            "params": [{}, "latest"],
        }


def test_requests__threads__each_gets_its_own_answer() -> None:
    def echo(body: Any) -> tuple[int, bytes]:
        return 200, json.dumps({"id": body["id"], "result": body["params"][0]}).encode()

    with serving(echo) as server, Node(server.url) as node:
        found: list[tuple[int, int]] = []

        def ask(first: int) -> None:
            found.extend((at, node.rpc("echo", at)) for at in range(first, first + 50))

        threads = [threading.Thread(target=ask, args=(first,)) for first in (0, 1000, 2000)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 150
        assert all(asked == answered for asked, answered in found)
        assert len(server.connections) <= 3


def test_connection__closed_by_the_node__is_opened_again() -> None:
    with serving(number) as server, Node(server.url) as node:
        server.hangs_up = True
        node.rpc("eth_chainId")
        assert server.hung_up.wait(10)
        assert node.rpc("eth_chainId") == "0x0"
        assert len(server.connections) == 2


def test_password__is_sent_as_a_header_and_not_shown() -> None:
    with serving(number) as server:
        url = server.url.replace("//", "//someone:p%40ss@")
        with Node(url) as node:
            node.rpc("eth_chainId")
            assert server.headers[0]["Authorization"] == "Basic c29tZW9uZTpwQHNz"
            assert "p%40ss" not in repr(node)


def test_proxy__beyond_this_machine_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(number) as server:
        monkeypatch.setenv("http_proxy", server.url.replace("//", "//me:secret@"))
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        with Node("http://rpc.example.org:8545/key") as node:
            assert node.rpc("eth_chainId") == "0x0"
        assert server.paths == ["http://rpc.example.org:8545/key"]
        assert server.headers[0]["Proxy-Authorization"] == "Basic bWU6c2VjcmV0"
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
        with Node(server.url) as node:
            assert node.rpc("eth_chainId") == "0x0"
        monkeypatch.setenv("no_proxy", "example.org")
        with (
            Node("http://rpc.example.org.invalid:8545") as node,
            pytest.raises(NodeUnreachableError, match="ConnectionRefusedError"),
        ):
            node.rpc("eth_chainId")


@pytest.mark.parametrize("status", [400, 413])
def test_rpc__error_in_a_bad_request__is_that_error(status: int) -> None:
    with serving(lambda _: (status, TOO_MUCH)) as server, Node(server.url) as node:
        with pytest.raises(RpcError, match="eth_getLogs: 10 blocks at most") as refusal:
            node.rpc("eth_getLogs", {})
        assert refusal.value.code == -32600
        with pytest.raises(RpcError, match="10 blocks at most"):
            node.rpc_batch([("eth_getLogs", [{}])])


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (429, TOO_MUCH, "HTTP 429"),
        (502, TOO_MUCH, "HTTP 502"),
        (301, b"", "HTTP 301"),
        (400, b"<html>", "HTTP 400"),
        (400, b"[]", "HTTP 400"),
        (400, b'{"error": "SECRETKEY"}', "HTTP 400"),
        (200, b"<html>SECRETKEY", "no JSON"),
        (200, b"[]", "no JSON-RPC"),
        pytest.param(200, b"[" * 10**5, "no JSON", id="deep"),
    ],
)
def test_rpc__other_answers__count_as_none(status: int, body: bytes, reason: str) -> None:
    with serving(lambda _: (status, body)) as server, Node(f"{server.url}/SECRETKEY") as node:
        with pytest.raises(NodeUnreachableError, match=rf"127\.0\.0\.1:\d+ \({reason}\)") as error:
            node.rpc("eth_chainId")
        assert "SECRETKEY" not in str(error.value)


def test_rpc__no_answer_in_time__is_none() -> None:
    late = threading.Event()

    def wait(body: Any) -> tuple[int, bytes]:
        late.wait(10)
        return number(body)

    with serving(wait) as server, Node(server.url, timeout=0.1) as node:
        with pytest.raises(NodeUnreachableError, match="TimeoutError"):
            node.rpc("eth_chainId")
        late.set()


def test_rpc__nobody_listens__is_unreachable() -> None:
    with pytest.raises(NodeUnreachableError, match=r"127\.0\.0\.1:1 \(ConnectionRefusedError\)"):
        Node("http://127.0.0.1:1").rpc("eth_chainId")


def test_rpc_batch__ids_that_are_no_numbers__answer_nothing() -> None:
    answers = b'[{"id": [], "result": "0x1"}, {"id": {}, "result": "0x1"}]'
    with (
        serving(lambda _: (200, answers)) as server,
        Node(server.url) as node,
        pytest.raises(RpcError, match="2 requests, no answer to each"),
    ):
        node.rpc_batch([("eth_chainId", []), ("eth_chainId", [])])


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/SECRET\u00e9", "http://a..b/SECRET"])
def test_rpc__what_http_cannot_carry__is_unreachable(url: str) -> None:
    with pytest.raises(NodeUnreachableError) as error:
        Node(url).rpc("eth_chainId")
    assert "SECRET" not in str(error.value)


def test_certificates__that_are_not_there__are_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    with pytest.raises(NodeUnreachableError, match="FileNotFoundError"):
        Node("https://127.0.0.1:1").rpc("eth_chainId")


def test_port__not_named__is_that_of_the_scheme() -> None:
    # The last part of the address would pass for a port.
    connection = HttpTransport("http://[::1]", 1)._opened()
    assert (connection.host, connection.port) == ("::1", 80)


def test_proxy__without_a_scheme__is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(number) as server:
        monkeypatch.setenv("http_proxy", server.url.removeprefix("http://"))
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        with Node("http://rpc.example.org:8545") as node:
            assert node.rpc("eth_chainId") == "0x0"
