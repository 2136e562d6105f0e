"""Many views of contracts in one round trip."""

from __future__ import annotations

from typing import Any

from energy_grid.chain.contract import Contract
from energy_grid.chain.rpc.node import DevNode, call_parameter

__all__ = ["Views"]


class Views:
    """Questions that are collected, and then asked at once."""

    def __init__(self, node: DevNode) -> None:
        self._node = node
        self._calls: list[tuple[Contract, Any, bytes]] = []

    def add(self, contract: Contract, function: str, *arguments: Any) -> None:
        found = contract.abi.function(function)
        self._calls.append((contract, found, found.encode(arguments)))

    def all(self) -> list[Any]:
        """The answers, in the order of the questions."""
        requests = [
            ("eth_call", [call_parameter(contract.address, data), "latest"])
            for contract, _, data in self._calls
        ]
        answers = self._node.rpc_batch(requests)
        return [
            found.decode(bytes.fromhex(answer[2:]))
            for (_, found, _), answer in zip(self._calls, answers, strict=True)
        ]
