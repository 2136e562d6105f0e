"""Reports of load, in short, and what the contract keeps of them. Power in kW."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from eth_account.signers.local import LocalAccount

from energy_grid.domain.grid_levels import LoadStatus
from tests.model.grid_levels import load_percentage, load_status
from tests.support.market import Market, Receipt
from tests.unit.contracts.operators.operators import NORTH

__all__ = [
    "HISTORY",
    "Report",
    "current_load",
    "history",
    "logged",
    "report",
    "report_many",
]

# Reports of a region that are kept: a week of hours.
HISTORY = 168


@dataclass(frozen=True)
class Report:
    """A report as it is expected; percentage and status follow from the rest."""

    capacity: int
    demand: int
    timestamp: int

    @property
    def percentage(self) -> int:
        return load_percentage(self.demand, self.capacity)

    @property
    def status(self) -> LoadStatus:
        return load_status(self.percentage)

    @property
    def on_chain(self) -> tuple[int, ...]:
        """The fields of the chain's struct, in its order."""
        return self.capacity, self.demand, self.percentage, self.timestamp, self.status


def report(
    market: Market, operator: LocalAccount, capacity: int, demand: int, region: bytes = NORTH
) -> Receipt:
    return market.do(operator, market.load, "reportLoad", region, capacity, demand)


def report_many(
    market: Market, operator: LocalAccount, first: int, last: int, capacity: int = 1000
) -> list[Report]:
    """Reports of the demands `first` to `last`, newest first."""
    made = []
    for demand in range(first, last + 1):
        receipt = report(market, operator, capacity, demand)
        made.append(Report(capacity, demand, receipt.time))
    return made[::-1]


def current_load(market: Market, region: bytes = NORTH) -> tuple[int, ...]:
    return tuple(market.load.call("getCurrentLoad", region))


def history(
    market: Market, offset: int, limit: int, region: bytes = NORTH
) -> list[tuple[int, ...]]:
    found = market.load.call("getLoadHistory", region, offset, limit)
    return [tuple(one) for one in found]


def logged(market: Market, receipt: Receipt) -> list[tuple[str, dict[str, Any]]]:
    """Every event of the contract in a transaction, in order, by name."""
    events = market.load.events(receipt.logs)
    return [(event.event, dict(event.arguments)) for event in events]
