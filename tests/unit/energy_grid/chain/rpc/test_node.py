"""The connection to a node, without one: answers are made up here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from energy_grid.chain.rpc.node import (
    Node,
    RpcError,
    block_parameter,
    call_parameter,
)
from energy_grid.errors import ChainError, NodeUnreachableError

SECRET = "https://someone:password@rpc.example.org/v2/SECRETKEY"
Answer = Callable[..., Any]


def _node(monkeypatch: pytest.MonkeyPatch, answer: Answer, **options: Any) -> Node:
    node = Node("http://127.0.0.1:1", **options)
    monkeypatch.setattr(node._provider, "make_request", answer)
    monkeypatch.setattr(node._provider, "make_batch_request", answer)
    return node


@pytest.mark.parametrize(
    ("code", "message", "data", "revert"),
    [
        (3, "execution reverted", "0x0102", b"\1\2"),
        (3, "execution reverted", {"data": "0x0102"}, b"\1\2"),
        (-32015, "VM execution error", "Reverted 0x0102", b"\1\2"),
        (3, "execution reverted", None, b""),
        (-32000, "execution reverted", None, b""),
        (-32000, "header not found", None, None),
        (-32000, "strange", "no hex at all", None),
        (-32000, "strange", "0xzz", None),
    ],
)
def test_rpc_error__revert__as_nodes_word_it(
    code: int, message: str, data: object, revert: bytes | None
) -> None:
    error = RpcError("eth_call", code, message, data)
    assert error.revert == revert
    assert str(error) == f"eth_call: {message}"


def test_rpc__error__is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    node = _node(monkeypatch, lambda *_: {"error": {"code": -32601, "message": "Method not found"}})
    with pytest.raises(RpcError, match="eth_nonsense: Method not found") as failure:
        node.rpc("eth_nonsense")
    assert failure.value.code == -32601


def test_rpc_batch__errors__stand_among_the_results(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [{"result": "0x1"}, {"error": {"code": 3, "message": "execution reverted"}}]
    node = _node(monkeypatch, lambda _: answers)
    first, second = node.rpc_batch([("eth_chainId", []), ("eth_call", [{"to": "0x1"}])])
    assert first == "0x1"
    assert isinstance(second, RpcError)
    assert node.rpc_batch([]) == []


@pytest.mark.parametrize(
    "answers", [[{"result": "0x1"}], {"error": {"code": -32600, "message": "batch too large"}}, []]
)
def test_rpc_batch__not_an_answer_to_each__is_refused(
    monkeypatch: pytest.MonkeyPatch, answers: Any
) -> None:
    node = _node(monkeypatch, lambda _: answers)
    with pytest.raises(RpcError, match="2 requests, no answer to each"):
        node.rpc_batch([("eth_chainId", []), ("eth_chainId", [])])


@pytest.mark.parametrize(
    "trouble",
    [
        requests.ConnectionError("refused by SECRETKEY"),
        requests.Timeout("SECRETKEY"),
        requests.HTTPError("502 SECRETKEY"),
        ValueError("no JSON: SECRETKEY"),
    ],
)
def test_trouble__node_unreachable__without_the_access_key(
    monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    node = Node(SECRET)

    def fail(*_: Any) -> Any:
        raise trouble

    monkeypatch.setattr(node._provider, "make_request", fail)
    with pytest.raises(
        NodeUnreachableError, match=r"no node answers at rpc\.example\.org"
    ) as error:
        node.rpc("eth_chainId")
    for text in (str(error.value), repr(node)):
        assert "SECRETKEY" not in text
        assert "password" not in text


def _http_error(status: int, body: bytes) -> requests.HTTPError:
    response = requests.Response()
    response.status_code, response._content = status, body
    return requests.HTTPError(response=response)


_TOO_MUCH = (
    b'{"jsonrpc": "2.0", "id": 1, "error": {"code": -32600, "message": "10 blocks at most"}}'
)


@pytest.mark.parametrize("status", [400, 413])
def test_rpc__refused_by_http_with_an_error_in_it__is_that_error(
    monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    def fail(*_: Any) -> Any:
        raise _http_error(status, _TOO_MUCH)

    node = _node(monkeypatch, fail)
    with pytest.raises(RpcError, match="eth_getLogs: 10 blocks at most") as refusal:
        node.rpc("eth_getLogs", {})
    assert refusal.value.code == -32600
    with pytest.raises(RpcError, match="10 blocks at most"):
        node.rpc_batch([("eth_getLogs", [{}])])


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (429, _TOO_MUCH),
        (502, _TOO_MUCH),
        (400, b"<html>"),
        (400, b"[]"),
        (400, b'{"error": "SECRETKEY"}'),
    ],
)
def test_rpc__refused_by_http_in_another_way__is_no_answer(
    monkeypatch: pytest.MonkeyPatch, status: int, body: bytes
) -> None:
    def fail(*_: Any) -> Any:
        raise _http_error(status, body)

    with pytest.raises(NodeUnreachableError, match=r"no node answers at .* \(HTTPError\)"):
        _node(monkeypatch, fail).rpc("eth_getLogs", {})


def test_chain_id__is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def answer(method: str, _: Any) -> Any:
        asked.append(method)
        return {"result": "0xf6"}

    node = _node(monkeypatch, answer)
    assert (node.chain_id, node.chain_id) == (246, 246)
    assert asked == ["eth_chainId"]


def test_block__missing__is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    node = _node(monkeypatch, lambda *_: {"result": None})
    with pytest.raises(ChainError, match="there is no block 7"):
        node.block(7)


def test_observers__are_told_of_refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, bytes, bytes | None]] = []
    error = {"error": {"code": 3, "message": "execution reverted", "data": "0x99"}}
    node = _node(monkeypatch, lambda *_: error, observers=[lambda *told: seen.append(told)])
    with pytest.raises(RpcError):
        node.call("0xAB", b"\1\2\3\4\5")
    assert seen == [("0xab", b"\1\2\3\4", b"\x99")]


def test_parameters__as_the_protocol_wants_them() -> None:
    assert block_parameter(255) == "0xff"
    assert block_parameter("pending") == "pending"
    assert block_parameter("0x" + "ab" * 32) == {"blockHash": "0x" + "ab" * 32}
    assert call_parameter("0x1", b"\1") == {"to": "0x1", "data": "0x01"}
    full = call_parameter("0x1", b"", sender="0x2", value=16)
    assert full == {"to": "0x1", "data": "0x", "from": "0x2", "value": "0x10"}


def test_proxies__are_looked_for_only_beyond_this_machine() -> None:
    assert not Node("http://localhost:8545")._session.trust_env
    assert Node("https://rpc.example.org")._session.trust_env
