"""Calls that are only tried, and transactions that are signed elsewhere.

A wallet sends what `as_request` gives. A key that only signs takes its single parameter, as
``eth_account`` does; `Sender.send_signed` takes the bytes that come back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from energy_grid.chain.contract import Call
from energy_grid.chain.reverts import from_rpc
from energy_grid.chain.rpc.node import Node, RpcError, call_parameter
from energy_grid.chain.tx.fees import PRICE_REQUESTS, GasPrice, with_room
from energy_grid.chain.tx.transactions import Transaction
from energy_grid.errors import ChainError

__all__ = ["as_request", "estimated_gas", "gas_of", "unsigned"]


def estimated_gas(node: Node, sender: str, calls: Sequence[Call]) -> list[int | ChainError]:
    """The gas of each call by itself as the chain is now, or why it would revert."""
    requests = [
        (
            "eth_estimateGas",
            [call_parameter(each.to, each.data, sender=sender, value=each.value)],
        )
        for each in calls
    ]
    return [
        from_rpc(answer, call.contract) if isinstance(answer, RpcError) else int(answer, 16)
        for call, answer in zip(calls, node.rpc_batch(requests), strict=True)
    ]


def gas_of(node: Node, sender: str, call: Call) -> int:
    """The gas of a call as the chain is now; nothing changes.

    Raises:
        ContractError: it would revert.
    """
    (found,) = estimated_gas(node, sender, [call])
    if isinstance(found, ChainError):
        raise found
    return found


def unsigned(
    node: Node, sender: str, call: Call, gas: int, *, max_fee: int, ahead: int = 0
) -> Transaction:
    """The transaction that carries out a call, with the nonce and the fees that a `Sender` takes.

    Args:
        gas: what it uses, as far as that is known; it gets more.
        max_fee: the fee limit, whatever the node suggests (`Policy.max_fee`).
        ahead: how many of the sender's transactions are to come before it.
    """
    history, tip = (node.rpc(method, *parameters) for method, parameters in PRICE_REQUESTS)
    price = GasPrice.suggested(history, tip).at_most(max_fee)
    return Transaction(
        chain_id=node.chain_id,
        nonce=node.nonce(sender, "pending") + ahead,
        tip=price.tip,
        max_fee=price.max_fee,
        gas=call.gas or with_room(gas),
        to=call.to,
        value=call.value,
        data=call.data,
    )


def as_request(transaction: Transaction, sender: str) -> dict[str, Any]:
    """A transaction as the JSON-RPC request by which the sender's wallet sends it; numbers in
    hexadecimal digits."""
    parameter = {
        "from": sender,
        "type": "0x2",
        "chainId": hex(transaction.chain_id),
        "nonce": hex(transaction.nonce),
        "to": transaction.to,
        "value": hex(transaction.value),
        "data": f"0x{transaction.data.hex()}",
        "gas": hex(transaction.gas),
        "maxFeePerGas": hex(transaction.max_fee),
        "maxPriorityFeePerGas": hex(transaction.tip),
    }
    return {"jsonrpc": "2.0", "id": 1, "method": "eth_sendTransaction", "params": [parameter]}
