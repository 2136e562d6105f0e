"""Receipts, and the reasons of the transactions that failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from energy_grid.chain.abi import checksum
from energy_grid.chain.reverts import decode_revert
from energy_grid.chain.rpc.node import Node, RpcError, call_parameter
from energy_grid.chain.tx.pending import Flight
from energy_grid.errors import ChainError, TransactionFailedError

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
        logs: as the node gives them; wrappers decode them (`Contract.events`).
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
    logs: Sequence[Mapping[str, Any]] = field(repr=False)
    error: ChainError | None

    @property
    def ok(self) -> bool:
        """Whether it did what it was to do."""
        return self.error is None

    def require(self) -> Receipt:
        """Itself, if it did not fail.

        Raises:
            ContractError: the contract refused.
            TransactionFailedError: it failed in another way.
        """
        if self.error is not None:
            raise self.error
        return self


def receipts_of(node: Node, flights: Sequence[Flight]) -> list[Receipt]:
    """The receipts of mined flights, with the reasons of those that failed."""
    failed = [flight for flight in flights if _mined(flight)["status"] == "0x0"]
    reasons = dict(zip(map(id, failed), _reasons(node, failed), strict=True))
    return [_receipt(flight, reasons.get(id(flight))) for flight in flights]


def _mined(flight: Flight) -> Mapping[str, Any]:
    if flight.receipt is None:
        raise TransactionFailedError(f"{flight} has no receipt")
    return flight.receipt


def _receipt(flight: Flight, error: ChainError | None) -> Receipt:
    mined = _mined(flight)
    created = mined.get("contractAddress")
    return Receipt(
        transaction=mined["transactionHash"],
        sender=flight.sender,
        contract=flight.call.contract,
        function=flight.call.function,
        block=int(mined["blockNumber"], 16),
        index=int(mined["transactionIndex"], 16),
        gas_used=int(mined["gasUsed"], 16),
        gas_price=int(mined["effectiveGasPrice"], 16),
        created=checksum(created) if created else None,
        logs=mined["logs"],
        error=error,
    )


def _reasons(node: Node, flights: Sequence[Flight]) -> list[ChainError]:
    requests = [
        ("debug_traceTransaction", [_mined(flight)["transactionHash"], _TRACER])
        for flight in flights
    ]
    traces: list[Any] = []
    for first in range(0, len(requests), _BATCH):
        traces += node.rpc_batch(requests[first : first + _BATCH])
    return [_reason(node, *pair) for pair in zip(flights, traces, strict=True)]


def _reason(node: Node, flight: Flight, trace: Any) -> ChainError:
    if isinstance(trace, RpcError):
        return _replayed(node, flight)
    said = str(trace.get("error", ""))
    if "revert" not in said.lower():
        return TransactionFailedError(f"{flight} failed: {said or 'the node does not say why'}")
    return decode_revert(bytes.fromhex((trace.get("output") or "0x")[2:]), flight.call.contract)


def _replayed(node: Node, flight: Flight) -> ChainError:
    """The reason by calling again what failed, on the state before its block.

    For nodes that keep no traces. Transactions before it in its block are left out, so that the
    call may even succeed.
    """
    call, block = flight.call, int(_mined(flight)["blockNumber"], 16) - 1
    request = call_parameter(call.to, call.data, sender=flight.sender, value=call.value)
    request["gas"] = hex(flight.latest.transaction.gas)
    try:
        node.rpc("eth_call", request, hex(block))
    except RpcError as error:
        revert = error.revert
        if revert is not None:
            return decode_revert(revert, call.contract)
    return TransactionFailedError(f"{flight} failed, and the node cannot say why")
