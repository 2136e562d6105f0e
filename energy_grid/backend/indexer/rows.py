"""Rows of the store, made of logs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table

from energy_grid.backend.store.details import details
from energy_grid.backend.store.events import EVENTS, SHARES
from energy_grid.chain.abi import checksum
from energy_grid.chain.rpc.log_ranges import RawLog
from energy_grid.errors import ChainError, EnergyGridError

__all__ = ["Emitters", "Rows", "UnknownEventError", "rows_of"]

# Of each contract by its address, such as logs have it, the name.
Emitters = Mapping[str, str]
_DIVIDED = "energy_asset_nft_fractionalized"


class UnknownEventError(EnergyGridError):
    """A contract of the market has emitted what this version of the package does not know."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows by their tables.

    Attributes:
        shares: the addresses of contracts of shares that the events name.
    """

    by_table: Mapping[Table, Sequence[Mapping[str, Any]]]
    shares: frozenset[str]


def rows_of(logs: Iterable[RawLog], emitters: Emitters, times: Mapping[int, int]) -> Rows:
    """The rows of logs.

    Args:
        times: of the blocks, in Unix seconds.

    Raises:
        UnknownEventError: a log is of no event of its contract.
        ChainError: a log is of no contract of the market, or is not as its event is.
    """
    found: dict[Table, list[Mapping[str, Any]]] = defaultdict(list)
    shares = set()
    for log in logs:
        address, topics = (
            log["address"].lower(),
            [bytes.fromhex(each[2:]) for each in log["topics"]],
        )
        contract = emitters.get(address)
        if contract is None:
            raise ChainError(
                f"the node answered with a log of {checksum(address)}, which was not asked for:"
                " ask another node"
            )
        known = EVENTS[contract].get(topics[0]) if topics else None
        if known is None:
            raise UnknownEventError(
                f"{contract} at {checksum(address)} has emitted an event in block"
                f" {int(log['blockNumber'], 16)} that this version does not know:"
                " run the version that the market was deployed with"
            )
        values = known.event.decode(topics, bytes.fromhex(log["data"][2:]))
        block = int(log["blockNumber"], 16)
        place = {"block": block, "log_index": int(log["logIndex"], 16), "time": times[block]}
        row = {**place, "transaction_hash": log["transactionHash"], **known.row(values)}
        if contract == SHARES:
            row["address"] = checksum(address)
        found[known.table].append(row)
        for table, more in details(known.table.name, values):
            found[table].append({**place, **more})
        if known.table.name == _DIVIDED:
            shares.add(values["shares"].lower())
    return Rows(found, frozenset(shares))
