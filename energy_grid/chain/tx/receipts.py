"""Receipts, and the reasons of the transactions that failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from energy_grid.chain.abi import checksum
from energy_grid.chain.reverts import decode_revert
from energy_grid.chain.rpc.node import Node, RpcError, call_parameter
from energy_grid.chain.tx.pending import PendingTransaction
from energy_grid.chain.web3_objects import web3_receipt
from energy_grid.errors import ChainError, NodeUnreachableError, TransactionFailedError

if TYPE_CHECKING:
    from web3.types import TxReceipt

__all__ = ["Receipt", "receipts_of"]

_TRACER = {"tracer": "callTracer", "tracerConfig": {"onlyTopCall": True}}
_BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A mined transaction.

    Attributes:
        transaction: its hash.
        contract, function: what it called.
        gas_price: wei per gas that was paid.
        created: address of the contract it created, if any.
        raw: the receipt as the node gives it.
        error: why it failed; None if it did not.
    """

    transaction: str
    sender: str
    contract: str
    function: str
    block: int
    index: int
    gas_used: int
    gas_price: int
    created: str | None
    raw: Mapping[str, Any] = field(repr=False)
    error: ChainError | None

    @property
    def logs(self) -> Sequence[Mapping[str, Any]]:
        """The logs as the node gives them; wrappers decode them (`Contract.events`)."""
        logs: Sequence[Mapping[str, Any]] = self.raw["logs"]
        return logs

    @property
    def web3(self) -> TxReceipt:
        """The receipt as web3.py gives it: an `AttributeDict` with numbers and `HexBytes`."""
        return web3_receipt(self.raw)

    @property
    def ok(self) -> bool:
        """Whether it did what it was to do."""
        return self.error is None

    def require(self) -> Receipt:
        """Itself, if it did not fail.

        Raises:
            ContractError: the contract reverted.
            TransactionFailedError: it failed in another way.
        """
        if self.error is not None:
            raise self.error
        return self


def receipts_of(node: Node, pending: Sequence[PendingTransaction]) -> list[Receipt]:
    """The receipts of mined transactions, with the reasons of those that failed."""
    failed = [entry for entry in pending if _mined(entry)["status"] == "0x0"]
    reasons = dict(zip(map(id, failed), _reasons(node, failed), strict=True))
    return [_receipt(entry, reasons.get(id(entry))) for entry in pending]


def _mined(entry: PendingTransaction) -> Mapping[str, Any]:
    if entry.receipt is None:
        raise TransactionFailedError(f"{entry} has no receipt")
    return entry.receipt


def _receipt(entry: PendingTransaction, error: ChainError | None) -> Receipt:
    mined = _mined(entry)
    created = mined.get("contractAddress")
    return Receipt(
        transaction=mined["transactionHash"],
        sender=entry.sender,
        contract=entry.call.contract,
        function=entry.call.function,
        block=int(mined["blockNumber"], 16),
        index=int(mined["transactionIndex"], 16),
        gas_used=int(mined["gasUsed"], 16),
        gas_price=int(mined["effectiveGasPrice"], 16),
        created=checksum(created) if created else None,
        raw=mined,
        error=error,
    )


def _reasons(node: Node, pending: Sequence[PendingTransaction]) -> list[ChainError]:
    requests = [
        ("debug_traceTransaction", [_mined(entry)["transactionHash"], _TRACER]) for entry in pending
    ]
    traces: list[Any] = []
    try:
        for first in range(0, len(requests), _BATCH):
            traces += node.rpc_batch(requests[first : first + _BATCH])
        return [_reason(node, *pair) for pair in zip(pending, traces, strict=True)]
    except (NodeUnreachableError, RpcError) as error:
        # That they failed is known, and so are the receipts of the others.
        return [TransactionFailedError(f"{entry} failed: {error}") for entry in pending]


def _reason(node: Node, entry: PendingTransaction, trace: Any) -> ChainError:
    if isinstance(trace, RpcError):
        return _replayed(node, entry)
    reason = str(trace.get("error", ""))
    if "revert" not in reason.lower():
        return TransactionFailedError(f"{entry} failed: {reason or 'the node gives no reason'}")
    return decode_revert(bytes.fromhex((trace.get("output") or "0x")[2:]), entry.call.contract)


def _replayed(node: Node, entry: PendingTransaction) -> ChainError:
    """The reason by calling again what failed, on the state before its block.

    For nodes that keep no traces. Transactions before it in its block are left out, so that the
    call may even succeed.
    """
    call, block = entry.call, int(_mined(entry)["blockNumber"], 16) - 1
    request = call_parameter(call.to, call.data, sender=entry.sender, value=call.value)
    request["gas"] = hex(entry.latest.transaction.gas)
    try:
        node.rpc("eth_call", request, hex(block))
    except RpcError as error:
        revert = error.revert
        if revert is not None:
            return decode_revert(revert, call.contract)
    return TransactionFailedError(f"{entry} failed, and the node gives no reason")
