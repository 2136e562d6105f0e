"""Receipts, and reasons of failures from nodes that keep traces and nodes that do not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from energy_grid.chain.abi import load
from energy_grid.chain.accounts import Account
from energy_grid.chain.contract import Call
from energy_grid.chain.rpc.node import Node, Request, RpcError
from energy_grid.chain.tx.pending import PendingTransaction
from energy_grid.chain.tx.receipts import receipts_of
from energy_grid.chain.tx.transactions import Transaction, sign_transaction
from energy_grid.contracts.errors import Settlement_ZeroAmount
from energy_grid.errors import ChainError, TransactionFailedError

ACCOUNT = Account(b"\7" * 32)
(ZERO_AMOUNT,) = (
    each.selector
    for each in load("Settlement").errors.values()
    if each.name == "Settlement_ZeroAmount"
)


class TracingNode(Node):
    """Answers traces and calls as configured."""

    def __init__(self, trace: Any = None, call: RpcError | str = "0x") -> None:
        super().__init__("http://127.0.0.1:1")
        self._trace = trace
        self._call = call
        self.called: list[Request] = []

    def rpc_batch(self, calls: Sequence[Request]) -> list[Any]:
        none = RpcError("debug_traceTransaction", -32601, "Method not found")
        return [self._trace or none for _ in calls]

    def rpc(self, method: str, *params: Any) -> Any:
        self.called.append((method, params))
        if isinstance(self._call, RpcError):
            raise self._call
        return self._call


def _entry(status: str) -> PendingTransaction:
    transaction = Transaction(
        chain_id=1, nonce=0, tip=1, max_fee=2, gas=50_000, to=ACCOUNT.address, value=0, data=b"\1"
    )
    call = Call(contract="Settlement", function="deposit(uint256)", to=ACCOUNT.address, data=b"\1")
    signed = sign_transaction(transaction, ACCOUNT)
    receipt = {
        "status": status,
        "transactionHash": signed.hash,
        "blockNumber": "0x10",
        "transactionIndex": "0x1",
        "gasUsed": "0x5208",
        "effectiveGasPrice": "0x2",
        "contractAddress": None,
        "logs": [],
    }
    return PendingTransaction(
        sender=ACCOUNT.address,
        nonce=0,
        call=call,
        account=ACCOUNT,
        attempts=[signed],
        receipt=receipt,
    )


def _failure(node: Node) -> ChainError | None:
    good, bad = receipts_of(node, [_entry("0x1"), _entry("0x0")])
    assert good.ok
    assert not bad.ok
    with pytest.raises(ChainError):
        bad.require()
    return bad.error


def test_success__asks_for_no_reasons() -> None:
    (receipt,) = receipts_of(TracingNode(), [_entry("0x1")])
    assert (receipt.block, receipt.index, receipt.gas_used) == (16, 1, 21_000)
    assert receipt.require() is receipt


def test_failure__by_its_trace() -> None:
    trace = {"error": "execution reverted", "output": "0x" + ZERO_AMOUNT.hex()}
    assert isinstance(_failure(TracingNode(trace)), Settlement_ZeroAmount)


def test_failure__out_of_gas__is_no_refusal() -> None:
    error = _failure(TracingNode({"error": "out of gas"}))
    assert isinstance(error, TransactionFailedError)
    assert str(error).endswith("failed: out of gas")


def test_failure__without_traces__by_calling_again_on_the_block_before() -> None:
    refusal = RpcError("eth_call", 3, "execution reverted", "0x" + ZERO_AMOUNT.hex())
    node = TracingNode(call=refusal)
    assert isinstance(_failure(node), Settlement_ZeroAmount)
    ((method, (request, block)),) = node.called
    assert (method, block) == ("eth_call", "0xf")
    assert (request["from"], request["gas"]) == (ACCOUNT.address, hex(50_000))


@pytest.mark.parametrize("call", ["0x", RpcError("eth_call", -32000, "missing trie node")])
def test_failure__that_does_not_happen_again__stays_unexplained(call: RpcError | str) -> None:
    error = _failure(TracingNode(call=call))
    assert isinstance(error, TransactionFailedError)
    assert str(error).endswith("the node gives no reason")


def test_no_receipt__is_an_error() -> None:
    entry = _entry("0x1")
    entry.receipt = None
    with pytest.raises(TransactionFailedError, match="has no receipt"):
        receipts_of(TracingNode(), [entry])
