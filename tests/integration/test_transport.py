"""HTTP to a node: a small server here gives each answer that nodes give."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any

import pytest

from energy_grid.chain.rpc.node import Node, RpcError
from energy_grid.chain.rpc.transport import HttpTransport
from energy_grid.errors import ChainError, NodeUnreachableError

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


@contextmanager
def writing(*pieces: bytes, last: bytes = b"") -> Iterator[str]:
    """The address of a server that writes these pieces as its answer, then the last one every 20 ms
    until nobody reads it any more."""
    stopped = threading.Event()

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            self.connection.recv(2**16)
            with suppress(OSError):
                for piece in pieces:
                    self.wfile.write(piece)
                while last and not stopped.wait(0.02):
                    self.wfile.write(last)

    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            stopped.set()
            server.shutdown()
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
        assert node.rpc_batch([("eth_getBalance", ["0x", "latest"])] * 3) == ["0x0", "0x1", "0x2"]
        assert len(server.connections) == 1
        assert server.paths == ["/v2/key?a=b"] * 2
        assert server.bodies[1][0] | {"id": 0} == {
            "jsonrpc": "2.0",
            "id": 0,
            "method": "eth_getBalance",
            "params": ["0x", "latest"],
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


@pytest.mark.parametrize("start", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\n\r\n["])
def test_rpc__an_answer_that_never_ends__ends_in_time(start: bytes) -> None:
    with (
        writing(start, last=b" ") as url,
        Node(url, timeout=0.2) as node,
        pytest.raises(NodeUnreachableError, match="TimeoutError"),
    ):
        node.rpc("eth_chainId")


@pytest.mark.parametrize(
    "answer",
    [
        b"Content-Length: 1000000000000\r\n\r\n",
        b"\r\n" + b" " * 2000,
        b"Transfer-Encoding: chunked\r\n\r\n-1\r\n" + b" " * 2000,
        b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\n \r\n" * 400,
    ],
)
def test_rpc__a_larger_answer_than_any_node_gives__is_not_read(
    answer: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("energy_grid.chain.rpc.transport._MAX_BYTES", 1000)
    with (
        writing(b"HTTP/1.1 200 OK\r\n" + answer, last=b" ") as url,
        Node(url, timeout=10) as node,
        pytest.raises(NodeUnreachableError, match="AnswerTooLargeError"),
    ):
        node.rpc("eth_chainId")


def test_rpc__a_part_that_claims_a_terabyte__takes_no_memory_for_it() -> None:
    start = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffff\r\n"
    with (
        writing(start) as url,
        Node(url) as node,
        pytest.raises(NodeUnreachableError, match="IncompleteRead"),
    ):
        node.rpc("eth_chainId")


def test_rpc__half_an_answer__is_none() -> None:
    with (
        writing(b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"result": "0x1"}') as url,
        Node(url) as node,
        pytest.raises(NodeUnreachableError, match="IncompleteRead"),
    ):
        node.rpc("eth_chainId")


def test_rpc__without_a_length__is_read_to_its_end() -> None:
    with writing(b'HTTP/1.1 200 OK\r\n\r\n{"result": "0x1"}') as url, Node(url) as node:
        assert (node.rpc("eth_chainId"), node.rpc("eth_chainId")) == ("0x1", "0x1")


LOG = {
    "address": "0x" + "1" * 40,
    "topics": [],
    "data": "0x",
    "blockNumber": "0x1",
    "blockHash": "0x02",
    "transactionHash": "0x03",
    "logIndex": "0x0",
}


@pytest.mark.parametrize(
    ("method", "result"),
    [
        ("eth_chainId", None),
        ("eth_chainId", 1),
        ("eth_chainId", "1"),
        ("eth_chainId", "0x"),
        ("eth_getBalance", "0xzz"),
        # Python prints no number of some thousand digits.
        pytest.param("eth_getBalance", "0x" + "f" * 5000, id="5000 digits"),
        ("eth_call", None),
        ("eth_call", "0x0"),
        ("eth_feeHistory", None),
        ("eth_feeHistory", {"baseFeePerGas": [None]}),
        ("eth_getBlockByNumber", []),
        ("eth_getBlockByNumber", {"number": "0x1"}),
        ("eth_getLogs", None),
        ("eth_getLogs", [None]),
        ("eth_getLogs", [LOG | {"blockNumber": None}]),
        ("eth_getLogs", [LOG | {"topics": [1]}]),
        ("eth_getLogs", [LOG | {"address": "0x01"}]),
        ("eth_getTransactionByHash", {"from": "0x" + "1" * 40}),
        ("eth_getTransactionReceipt", {"logs": []}),
        ("debug_traceTransaction", None),
    ],
)
def test_rpc__a_result_of_another_form__is_one_clear_error(method: str, result: Any) -> None:
    def answer(body: Any) -> tuple[int, bytes]:
        single = {"id": 1, "result": result}
        bodies = [single | {"id": each["id"]} for each in body] if isinstance(body, list) else None
        return 200, json.dumps(bodies or single).encode()

    with serving(answer) as server, Node(server.url) as node:
        clear = rf"127\.0\.0\.1:\d+ \({method} gives "
        with pytest.raises(NodeUnreachableError, match=clear):
            node.rpc(method)
        with pytest.raises(NodeUnreachableError, match=clear):
            node.rpc_batch([(method, [])])


def test_block__null__is_one_clear_error() -> None:
    with serving(lambda _: (200, b'{"result": null}')) as server, Node(server.url) as node:
        with pytest.raises(ChainError, match="there is no block latest"):
            _ = node.time
        with pytest.raises(ChainError, match="there is no block safe"):
            node.number_of("safe")


def test_logs__whole__are_read() -> None:
    answer = json.dumps({"result": [LOG]}).encode()
    with serving(lambda _: (200, answer)) as server, Node(server.url) as node:
        assert node.logs("0x01") == [LOG]


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
