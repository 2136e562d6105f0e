"""JSON-RPC to a node: single requests and batches.

`Node` works with any node; `DevNode` adds what only Anvil can do. Times are Unix seconds,
balances and fees wei. A method that asks the node raises `NodeUnreachableError` if none answers
and `RpcError` if it answers with an error.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, Self

from energy_grid.chain.rpc.answers import is_well_formed
from energy_grid.chain.rpc.hooks import Hook, run_hooks
from energy_grid.chain.rpc.transport import HttpTransport, Request, Transport
from energy_grid.errors import ChainError, NodeUnreachableError

__all__ = ["BlockId", "DevNode", "Hook", "Node", "Request", "RpcError"]

# A block's number, its hash, or "latest", "pending", "safe", "finalized", "earliest".
BlockId = int | str

_TIMEOUT_SECONDS = 60.0
_HASH_CHARACTERS = 66
_TRIES, _PAUSE_SECONDS = 1000, 0.01


class RpcError(ChainError):
    """The node answered with an error.

    Attributes:
        code: of JSON-RPC; 3 is a revert.
        data: what came with it; for a revert, the bytes the contract returned.
    """

    def __init__(self, method: str, code: int, message: str, data: object = None) -> None:
        self.method, self.code, self.message, self.data = method, code, message, data
        super().__init__(method, code, message, data)

    def __str__(self) -> str:
        return f"{self.method}: {self.message}"

    @property
    def revert(self) -> bytes | None:
        """The bytes a reverting contract returned, None if this is no revert."""
        data: object = self.data.get("data") if isinstance(self.data, dict) else self.data
        if isinstance(data, str):
            # Some nodes write "Reverted 0x...".
            start = data.find("0x")
            try:
                return bytes.fromhex(data[start + 2 :]) if start >= 0 else None
            except ValueError:
                return None
        return b"" if self.code == 3 or "revert" in self.message.lower() else None


class Node:
    """A connection to one node.

    Args:
        place: http(s) address, of which only the host is ever shown; or another transport.
        timeout: seconds that one request over HTTP may take.
        hooks: called with every contract call and transaction, and the revert data of each.

    Raises:
        InputError: the address is none.
    """

    def __init__(
        self,
        place: str | Transport,
        *,
        timeout: float = _TIMEOUT_SECONDS,
        hooks: Iterable[Hook] = (),
    ) -> None:
        self.transport = HttpTransport(place, timeout) if isinstance(place, str) else place
        self.hooks = list(hooks)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.transport.host})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        """The node's address."""
        return self.transport.url

    def close(self) -> None:
        """Close the connections."""
        self.transport.close()

    def rpc(self, method: str, *params: Any) -> Any:
        """The result of one request."""
        result = self._result((method, params), self.transport.single(method, params))
        if isinstance(result, RpcError):
            raise result
        return result

    def rpc_batch(self, calls: Sequence[Request]) -> list[Any]:
        """The results of many requests in one round trip, in their order.

        The result of a request that the node answers with an error is that `RpcError`.
        """
        if not calls:
            return []
        answers = self.transport.batch(calls)
        if not isinstance(answers, list) or len(answers) != len(calls):
            error = answers.get("error") if isinstance(answers, dict) else None
            message = f"{len(calls)} requests, no answer to each: {error or answers!s:.200}"
            raise RpcError("batch", -32603, message)
        return [self._result(*pair) for pair in zip(calls, answers, strict=True)]

    @cached_property
    def chain_id(self) -> int:
        """The chain's number; asked for once."""
        return int(self.rpc("eth_chainId"), 16)

    @property
    def block_number(self) -> int:
        """Number of the newest block."""
        return int(self.rpc("eth_blockNumber"), 16)

    @property
    def time(self) -> int:
        """Time of the newest block."""
        return int(self.block()["timestamp"], 16)

    def block(self, block: BlockId = "latest") -> dict[str, Any]:
        """A block as the node gives it, with the hashes of its transactions.

        Raises:
            ChainError: there is no such block.
        """
        by_hash = isinstance(block, str) and len(block) == _HASH_CHARACTERS
        found: dict[str, Any] | None = (
            self.rpc("eth_getBlockByHash", block, False)
            if by_hash
            else self.rpc("eth_getBlockByNumber", block_parameter(block), False)
        )
        if found is None:
            raise ChainError(f"there is no block {block}")
        return found

    def number_of(self, block: BlockId) -> int:
        """The number of a block.

        Raises:
            ChainError: there is no such block.
        """
        return block if isinstance(block, int) else int(self.block(block)["number"], 16)

    def balance(self, address: str, block: BlockId = "latest") -> int:
        """Native money of an address."""
        return int(self.rpc("eth_getBalance", address, block_parameter(block)), 16)

    def nonce(self, address: str, block: BlockId = "latest") -> int:
        """How many transactions an address has sent."""
        return int(self.rpc("eth_getTransactionCount", address, block_parameter(block)), 16)

    def code(self, address: str, block: BlockId = "latest") -> bytes:
        """The code at an address, empty where there is no contract."""
        return bytes.fromhex(self.rpc("eth_getCode", address, block_parameter(block))[2:])

    def call(
        self,
        to: str,
        data: bytes,
        *,
        sender: str | None = None,
        value: int = 0,
        gas: int | None = None,
        block: BlockId = "latest",
    ) -> bytes:
        """What a contract returns; changes nothing. By default the node sets its gas.

        Raises:
            RpcError: it reverted; `RpcError.revert` is what it returned.
        """
        request = call_parameter(to, data, sender=sender, value=value)
        if gas is not None:
            request["gas"] = hex(gas)
        return bytes.fromhex(self.rpc("eth_call", request, block_parameter(block))[2:])

    def logs(
        self,
        address: str | Sequence[str],
        topics: Sequence[Any] = (),
        *,
        from_block: BlockId = 0,
        to_block: BlockId = "latest",
    ) -> list[dict[str, Any]]:
        """Logs of contracts as the node gives them."""
        query = {
            "address": address,
            "topics": list(topics),
            "fromBlock": block_parameter(from_block),
            "toBlock": block_parameter(to_block),
        }
        found: list[dict[str, Any]] = self.rpc("eth_getLogs", query)
        return found

    def _result(self, request: Request, answer: Any) -> Any:
        error, result = (answer.get(name) for name in ("error", "result"))
        if error is None:
            if not is_well_formed(request[0], result):
                gives = f"{request[0]} gives {json.dumps(result, default=str):.100}"
                raise NodeUnreachableError(f"no node answers at {self.transport.host} ({gives})")
            run_hooks(self.hooks, request, result, None)
            return result
        if not isinstance(error, dict):
            error = {"message": str(error)}
        failure = RpcError(
            request[0], error.get("code", 0), str(error.get("message", "")), error.get("data")
        )
        run_hooks(self.hooks, request, None, failure.revert)
        return failure


class DevNode(Node):
    """A connection to an Anvil, whose clock, state and mining can be set."""

    def snapshot(self) -> str:
        """Remember the state; the name to `revert` to, once."""
        name: str = self.rpc("evm_snapshot")
        return name

    def revert(self, snapshot: str) -> None:
        """Go back to a snapshot.

        Raises:
            ChainError: there is no such snapshot, or it was used before.
        """
        if not self.rpc("evm_revert", snapshot):
            raise ChainError(f"there is no snapshot {snapshot}")

    def mine(self, blocks: int = 1) -> None:
        """Mine what is pending, then empty blocks up to the number asked for."""
        self.rpc("anvil_mine", hex(blocks))

    def set_next_time(self, timestamp: int) -> None:
        """The time of the block mined next; it must be later than the newest block's."""
        self.rpc("evm_setNextBlockTimestamp", timestamp)

    def set_clock(self, timestamp: int) -> None:
        """Let time go on from then; no block is mined."""
        self.rpc("evm_setTime", timestamp)

    def set_time(self, timestamp: int) -> None:
        """Mine a block at a time later than the newest block's."""
        self.rpc("evm_mine", {"timestamp": hex(timestamp)})

    def set_automine(self, on: bool) -> None:
        """Whether every transaction is mined at once."""
        self.rpc("evm_setAutomine", on)

    def set_interval(self, seconds: float) -> None:
        """Mine every so many seconds; 0 ends it."""
        self.rpc("evm_setIntervalMining", seconds)

    def set_balance(self, address: str, wei: int) -> None:
        """Give an address native money."""
        self.rpc("anvil_setBalance", address, hex(wei))

    def send_as(self, sender: str, to: str, data: bytes, *, value: int = 0) -> str:
        """Send a transaction of any address, without its key; gives the transaction's hash.

        The address goes on being able to: were that taken back before the transaction is mined,
        which is a moment later, the one of a contract would never be.
        """
        self.rpc("anvil_impersonateAccount", sender)
        request = call_parameter(to, data, sender=sender, value=value)
        sent: str = self.rpc("eth_sendTransaction", request)
        return sent

    def execute_as(self, sender: str, to: str, data: bytes, *, value: int = 0) -> dict[str, Any]:
        """As `send_as` on a chain that mines at once; gives the receipt, in the same round trip.

        Raises:
            RpcError: the transaction was not taken, or not mined within 30 s.
        """
        request = call_parameter(to, data, sender=sender, value=value)
        _, receipt = self.rpc_batch(
            [("anvil_impersonateAccount", [sender]), ("eth_sendTransactionSync", [request])]
        )
        if isinstance(receipt, RpcError):
            raise receipt
        found: dict[str, Any] = receipt
        return found

    def receipt(self, transaction: str) -> dict[str, Any]:
        """The receipt of a transaction, as the node gives it.

        A node that mines at once may answer the sender a moment before it has mined.
        Raises:
            ChainError: it is not mined, seconds later.
        """
        for _ in range(_TRIES):
            found: dict[str, Any] | None = self.rpc("eth_getTransactionReceipt", transaction)
            if found is not None:
                return found
            time.sleep(_PAUSE_SECONDS)
        raise ChainError(f"{transaction} is not mined")


def call_parameter(
    to: str, data: bytes, *, sender: str | None = None, value: int = 0
) -> dict[str, str]:
    """The object that ``eth_call`` and its relatives take."""
    request = {"to": to, "data": "0x" + data.hex()}
    if sender is not None:
        request["from"] = sender
    if value:
        request["value"] = hex(value)
    return request


def block_parameter(block: BlockId) -> str | dict[str, str]:
    """A block as JSON-RPC wants it (EIP-1898 for hashes)."""
    if isinstance(block, int):
        return hex(block)
    return {"blockHash": block} if len(block) == _HASH_CHARACTERS else block
