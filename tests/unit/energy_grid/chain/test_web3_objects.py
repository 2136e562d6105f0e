"""web3.py's objects in and out, with a provider that answers by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import requests
from hexbytes import HexBytes
from web3 import AsyncWeb3, Web3
from web3.datastructures import AttributeDict
from web3.middleware import PythonicMiddleware, Web3Middleware
from web3.providers import AsyncHTTPProvider, BaseProvider, HTTPProvider, JSONBaseProvider

from energy_grid.chain.abi import load
from energy_grid.chain.contract import Contract
from energy_grid.chain.rpc.node import Node, RpcError
from energy_grid.chain.rpc.transport import plain
from energy_grid.chain.web3_objects import node_through, web3_contract, web3_of, web3_receipt
from energy_grid.errors import ChainError, InputError, NodeUnreachableError
from tests.support.fake_chain import deposit

ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
HASH = "0x" + "7" * 64
LOG = deposit(5, 70, emitter=ADDRESS.lower()) | {
    "blockNumber": "0x10",
    "blockHash": HASH,
    "transactionHash": HASH,
    "transactionIndex": "0x2",
    "logIndex": "0x3",
    "removed": False,
}
RECEIPT = {
    "transactionHash": HASH,
    "transactionIndex": "0x2",
    "blockHash": HASH,
    "blockNumber": "0x10",
    "from": ADDRESS.lower(),
    "to": ADDRESS.lower(),
    "contractAddress": None,
    "cumulativeGasUsed": "0x5208",
    "gasUsed": "0x5208",
    "effectiveGasPrice": "0x3b9aca00",
    "logs": [LOG],
    "logsBloom": "0x00",
    "status": "0x1",
    "type": "0x2",
}
ANSWERS: dict[str, Any] = {
    "eth_chainId": "0x7a69",
    "eth_blockNumber": "0x10",
    "eth_getTransactionReceipt": RECEIPT,
    "eth_getLogs": [LOG],
}


class Single(BaseProvider):
    """A provider without batches."""

    def __init__(self) -> None:
        super().__init__()
        self.methods: list[str] = []

    def make_request(self, method: Any, params: Any) -> Any:
        self.methods.append(method)
        if method in ANSWERS:
            return {"jsonrpc": "2.0", "id": 1, "result": ANSWERS[method]}
        error = {"code": -32601, "message": "Method not found", "data": "0x0102"}
        return {"jsonrpc": "2.0", "id": 1, "error": error}


class Batching(JSONBaseProvider):
    """A provider that has batches."""

    def __init__(self) -> None:
        super().__init__()
        self.single = Single()
        self.batches: list[list[str]] = []

    def make_request(self, method: Any, params: Any) -> Any:
        return self.single.make_request(method, params)

    def make_batch_request(self, requests: Sequence[Any]) -> Any:
        self.batches.append([method for method, _ in requests])
        return [self.single.make_request(method, params) for method, params in requests]


class Blocks(Web3Middleware):
    """A middleware of the user's own: every number of a block is one higher."""

    def response_processor(self, method: Any, response: Any) -> Any:
        if method == "eth_blockNumber":
            return {**response, "result": hex(int(response["result"], 16) + 1)}
        return response


@pytest.mark.parametrize("provider", [Single(), Batching()])
def test_node__through_a_provider__singles_batches_and_errors(provider: BaseProvider) -> None:
    node = node_through(provider)
    assert (node.chain_id, node.block_number) == (31337, 16)
    receipt, error = node.rpc_batch([("eth_getTransactionReceipt", [HASH]), ("eth_nonsense", [])])
    assert receipt == RECEIPT
    assert type(receipt) is dict
    assert isinstance(error, RpcError)
    assert (error.code, error.message, error.data) == (-32601, "Method not found", "0x0102")
    with pytest.raises(RpcError, match="eth_nonsense: Method not found"):
        node.rpc("eth_nonsense")


def test_node__through_a_provider_with_batches__sends_them_as_such() -> None:
    provider = Batching()
    node_through(provider).rpc_batch([("eth_chainId", []), ("eth_blockNumber", [])])
    assert provider.batches == [["eth_chainId", "eth_blockNumber"]]


@pytest.mark.parametrize("provider", [Single(), Batching()])
def test_node__through_a_web3__runs_its_middleware(provider: BaseProvider) -> None:
    w3 = Web3(provider)
    w3.middleware_onion.add(Blocks)
    node = node_through(w3)
    assert node.block_number == w3.eth.block_number == 17
    assert node.rpc_batch([("eth_blockNumber", [])]) == ["0x11"]
    assert web3_of(node) is w3


def test_node__middleware_that_makes_python_values__reads_the_same() -> None:
    w3 = Web3(Single())
    w3.middleware_onion.add(PythonicMiddleware)
    node = node_through(w3)
    assert node.chain_id == 31337
    found = node.rpc("eth_getTransactionReceipt", HASH)
    assert {**found, "from": found["from"].lower(), "to": found["to"].lower()} | {
        "logs": [LOG]
    } == RECEIPT
    contract = Contract(node, ADDRESS, "Settlement")
    assert contract.events(found["logs"]) == contract.events([LOG])


@pytest.mark.parametrize(
    "trouble", [requests.ConnectionError("SECRETKEY"), ConnectionRefusedError("SECRETKEY")]
)
def test_node__provider_without_an_answer__is_unreachable(
    trouble: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = HTTPProvider("https://me:password@rpc.example.org/v2/SECRETKEY")

    def fail(*_: Any) -> Any:
        raise trouble

    monkeypatch.setattr(provider, "make_request", fail)
    node = node_through(provider)
    with pytest.raises(
        NodeUnreachableError, match=r"no node answers at rpc\.example\.org"
    ) as error:
        node.rpc("eth_chainId")
    assert "SECRETKEY" not in str(error.value)
    assert repr(node) == "Node(rpc.example.org)"


def test_node__provider_whose_http_error_holds_one_of_the_node__gives_that(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    provider, response = HTTPProvider("http://127.0.0.1:1"), requests.Response()
    response.status_code = 413
    response._content = b'{"id": 1, "error": {"code": -32600, "message": "10 blocks at most"}}'

    def fail(*_: Any) -> Any:
        raise requests.HTTPError(response=response)

    monkeypatch.setattr(provider, "make_request", fail)
    with pytest.raises(RpcError, match="10 blocks at most"):
        node_through(provider).rpc("eth_getLogs", {})


@pytest.mark.parametrize(
    "place", [AsyncWeb3(AsyncHTTPProvider("http://127.0.0.1:1")), AsyncHTTPProvider(), None]
)
def test_node__through_something_else__is_rejected(place: Any) -> None:
    with pytest.raises(InputError, match="cannot be used here: pass a Web3 or its provider"):
        node_through(place)


def test_web3__of_a_plain_node__has_its_address() -> None:
    w3 = web3_of(Node("http://127.0.0.1:1"))
    assert isinstance(w3.provider, HTTPProvider)
    assert w3.provider.endpoint_uri == "http://127.0.0.1:1"


def test_receipt__is_that_of_web3() -> None:
    receipt = web3_receipt(RECEIPT)
    assert isinstance(receipt, AttributeDict)
    assert receipt == Web3(Single()).eth.get_transaction_receipt(HexBytes(HASH))
    assert (receipt["blockNumber"], receipt["transactionHash"]) == (16, HexBytes(HASH))
    assert receipt["logs"][0]["address"] == ADDRESS


def test_contract__has_the_shipped_abi_and_decodes_as_ours() -> None:
    node = node_through(Single())
    ours = Contract(node, ADDRESS, "Settlement")
    theirs = web3_contract(web3_of(node), ours)
    assert theirs.address == ADDRESS
    receipt = web3_receipt(RECEIPT)
    (event,) = theirs.events.Deposited().process_receipt(receipt)
    (ours_of_web3,) = ours.events(receipt["logs"])
    assert ours_of_web3 == ours.events([LOG])[0]
    assert event["args"]["amount"] == ours_of_web3["amount"] == 70
    function = load("Settlement").function("balanceOf")
    assert theirs.encode_abi("balanceOf", [ADDRESS]) == "0x" + function.encode([ADDRESS]).hex()


def test_plain__is_what_the_protocol_has() -> None:
    value = AttributeDict({"id": 1, "result": AttributeDict({"a": (HexBytes("0x01"), True, None)})})
    assert plain(value) == {"id": 1, "result": {"a": ["0x01", True, None]}}
    assert plain({"gas": 21_000, "ratio": 0.5}) == {"gas": "0x5208", "ratio": 0.5}


def test_answer__without_a_transaction__is_an_error() -> None:
    with pytest.raises(ChainError):
        node_through(Single()).block(7)
