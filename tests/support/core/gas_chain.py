"""The same face on an Anvil, where gas is what a receipt says: cold words, 21,000 and calldata."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from energy_grid.chain.rpc.node import DevNode, RpcError
from tests.support.core.chain import Chain

__all__ = ["GasChain"]

_GAS, _GAS_TOGETHER = hex(29_900_000), hex(600_000)


class GasChain(Chain):
    """A chain on an Anvil that somebody else starts and stops."""

    def __init__(self, node: DevNode, now: int) -> None:
        self.node = node
        node.rpc("anvil_autoImpersonateAccount", True)
        node.rpc("anvil_setBlockTimestampInterval", 1)
        node.rpc("evm_setAutomine", False)
        self._funded: set[str] = set()
        self._waiting: list[str] | None = None
        super().__init__(now)

    def set_time(self, now: int) -> None:
        """The time of the next block; later ones are a second apart."""
        super().set_time(now)
        self.node.rpc("evm_setNextBlockTimestamp", now)
        self.node.rpc("evm_mine")

    def _create(self, code: bytes) -> str:
        receipt = self._mined({"from": self.deployer, "data": "0x" + code.hex()})
        return str(receipt["contractAddress"])

    @contextmanager
    def together(self) -> Iterator[None]:
        """Calls inside are mined together: they answer nothing, and none may revert."""
        names: list[str] = []
        self._waiting = names
        yield
        self._waiting = None
        receipts: list[Any] = [None]
        while None in receipts:
            self.node.rpc("evm_mine")
            self._now += 1
            requests = [("eth_getTransactionReceipt", [name]) for name in names]
            receipts = self.node.rpc_batch(requests)
        assert all(int(receipt["status"], 16) for receipt in receipts)

    def send(self, sender: str, to: str, data: bytes, *, static: bool = False) -> bytes:
        request = {"from": sender, "to": to, "data": "0x" + data.hex()}
        if self._waiting is not None:
            self._fund(sender)
            request["gas"] = _GAS_TOGETHER
            self._waiting.append(self.node.rpc("eth_sendTransaction", request))
            return bytes(32)
        try:
            answer = self.node.rpc("eth_call", {**request, "gas": _GAS}, "latest")
        except RpcError as error:
            if not isinstance(error.data, str):
                raise
            raise self._refusal(bytes.fromhex(error.data[2:])) from None
        if not static:
            receipt = self._mined(request)
            self.gas = int(receipt["gasUsed"], 16)
        return bytes.fromhex(answer[2:])

    def _mined(self, request: dict[str, Any]) -> Any:
        self._fund(request["from"])
        name = self.node.rpc("eth_sendTransaction", {**request, "gas": _GAS})
        self.node.rpc("evm_mine")
        receipt = self.node.rpc("eth_getTransactionReceipt", name)
        assert int(receipt["status"], 16) == 1, request["data"][:10]
        self._now += 1
        return receipt

    def _fund(self, sender: str) -> None:
        if sender not in self._funded:
            self.node.rpc("anvil_setBalance", sender, hex(10**24))
            self._funded.add(sender)

    def snapshot(self) -> Any:
        return self.node.rpc("evm_snapshot"), self._now, self.number, self._nonce

    def revert(self, mark: Any) -> None:
        name, now, self.number, self._nonce = mark
        self.node.rpc("evm_revert", name)
        self._now = now
