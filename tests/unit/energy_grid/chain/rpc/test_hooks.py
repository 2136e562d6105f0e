"""What hooks are called with."""

from __future__ import annotations

from typing import Any

import pytest

from energy_grid.chain.accounts import Account
from energy_grid.chain.rpc.hooks import run_hooks
from energy_grid.chain.tx.transactions import Transaction, sign_transaction

TO = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
CALLED = (TO.lower(), b"\1\2\3\4")


def _raw(to: str) -> str:
    transaction = Transaction(
        chain_id=1, nonce=0, tip=1, max_fee=2, gas=21_000, to=to, value=0, data=b"\1\2\3\4\5"
    )
    return "0x" + sign_transaction(transaction, Account(b"\7" * 32)).raw.hex()


def _hook_calls(
    method: str, params: list[Any], result: Any, revert: bytes | None = None
) -> list[Any]:
    calls: list[Any] = []
    run_hooks([lambda *call: calls.append(call)], (method, params), result, revert)
    return calls


@pytest.mark.parametrize("method", ["eth_call", "eth_estimateGas", "eth_sendTransaction"])
def test_call__address_and_selector(method: str) -> None:
    request = [{"to": TO, "data": "0x0102030405"}, "latest"]
    assert _hook_calls(method, request, "0x") == [(*CALLED, None)]
    assert _hook_calls(method, request, None, b"\x99") == [(*CALLED, b"\x99")]


def test_raw_transaction__address_and_selector() -> None:
    assert _hook_calls("eth_sendRawTransaction", [_raw(TO)], "0x") == [(*CALLED, None)]


def test_trace__gives_why_it_failed() -> None:
    trace = {"to": TO, "input": "0x0102030405", "output": "0x99", "error": "execution reverted"}
    assert _hook_calls("debug_traceTransaction", ["0x"], trace) == [(*CALLED, b"\x99")]
    good = {"to": TO, "input": "0x0102030405", "output": "0x99"}
    assert _hook_calls("debug_traceTransaction", ["0x"], good) == [(*CALLED, None)]


@pytest.mark.parametrize(
    ("method", "params", "result"),
    [
        ("eth_chainId", [], "0x1"),
        ("eth_call", [{"data": "0x01"}, "latest"], "0x"),
        ("eth_sendRawTransaction", [_raw("")], "0x"),
        ("debug_traceTransaction", ["0x"], None),
    ],
)
def test_anything_else__runs_no_hook(method: str, params: list[Any], result: Any) -> None:
    assert _hook_calls(method, params, result) == []
