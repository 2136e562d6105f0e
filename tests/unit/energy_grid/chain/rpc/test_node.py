"""The connection to a node, without one: answers are made up here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from energy_grid.chain.rpc.node import (
    Node,
    Request,
    RpcError,
    block_parameter,
    call_parameter,
)
from energy_grid.errors import ChainError, InputError

SECRET = "https://someone:password@rpc.example.org/v2/SECRETKEY"


class _Answers:
    """A transport that always gives the same answer."""

    url = host = "nowhere"

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.requests: list[Request] = []

    def single(self, method: str, params: Sequence[Any]) -> Any:
        self.requests.append((method, params))
        return self.answer

    def batch(self, requests: Sequence[Request]) -> Any:
        self.requests += requests
        return self.answer

    def close(self) -> None:
        """Nothing is open."""


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


def test_rpc__error__is_raised() -> None:
    node = Node(_Answers({"error": {"code": -32601, "message": "Method not found"}}))
    with pytest.raises(RpcError, match="eth_nonsense: Method not found") as failure:
        node.rpc("eth_nonsense")
    assert failure.value.code == -32601


def test_rpc_batch__errors__stand_among_the_results() -> None:
    answers = [{"result": "0x1"}, {"error": {"code": 3, "message": "execution reverted"}}]
    node = Node(_Answers(answers))
    first, second = node.rpc_batch([("eth_chainId", []), ("eth_call", [{"to": "0x1"}])])
    assert first == "0x1"
    assert isinstance(second, RpcError)
    assert node.rpc_batch([]) == []


@pytest.mark.parametrize(
    "answers", [[{"result": "0x1"}], {"error": {"code": -32600, "message": "batch too large"}}, []]
)
def test_rpc_batch__not_an_answer_to_each__is_refused(answers: Any) -> None:
    node = Node(_Answers(answers))
    with pytest.raises(RpcError, match="2 requests, no answer to each"):
        node.rpc_batch([("eth_chainId", []), ("eth_chainId", [])])


def test_address__shows_the_host_alone() -> None:
    assert repr(Node(SECRET)) == "Node(rpc.example.org)"


@pytest.mark.parametrize("url", ["", "localhost", "ftp://rpc.example.org", "http://", "http://a:b"])
def test_address__of_no_node__is_rejected(url: str) -> None:
    with pytest.raises(InputError, match="the address of a node"):
        Node(url)


@pytest.mark.parametrize(
    "url", ["http://[::1", "http://me:SECRET@ho\u2100st", "http://me:SECRET@[z]"]
)
def test_address__that_python_cannot_split__is_not_shown(url: str) -> None:
    with pytest.raises(InputError, match="the address of a node") as error:
        Node(url)
    assert "SECRET" not in str(error.value)
    assert error.value.__suppress_context__


def test_rpc__an_error_that_is_no_object__is_an_error() -> None:
    with pytest.raises(RpcError, match="eth_chainId: rate limit"):
        Node(_Answers({"error": "rate limit"})).rpc("eth_chainId")


def test_chain_id__is_asked_once() -> None:
    answers = _Answers({"result": "0xf6"})
    node = Node(answers)
    assert (node.chain_id, node.chain_id) == (246, 246)
    assert answers.requests == [("eth_chainId", ())]


def test_block__missing__is_an_error() -> None:
    node = Node(_Answers({"result": None}))
    with pytest.raises(ChainError, match="there is no block 7"):
        node.block(7)


def test_hooks__get_the_revert_data() -> None:
    seen: list[tuple[str, bytes, bytes | None]] = []
    error = {"error": {"code": 3, "message": "execution reverted", "data": "0x99"}}
    node = Node(_Answers(error), hooks=[lambda *call: seen.append(call)])
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
