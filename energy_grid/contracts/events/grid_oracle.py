"""Events of GridOracle.

The state of each region's grid. quantity unit range held beyond a jump of demand kW 0 - 2^64 - 1
half of the value before, or 100 kW if that is more supply kW 0 - 2^64 - 1 as demand frequency
centihertz 4500 - 5500 100 voltage percent of nominal 50 - 150 15 'The value before' is the value
that a new one is compared with; half of it is rounded down.

Made by `ape run export_abis` from the contracts: change those, not this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from energy_grid.chain.event_log import EventLog

__all__ = [
    "GridOracle_AuthorityUpdated",
    "GridOracle_ReportSubmitted",
    "GridOracle_RoundAbandoned",
    "GridOracle_RoundAnswered",
    "GridOracle_RoundHeld",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class GridOracle_AuthorityUpdated(EventLog):
    """Authority that manages this contract was updated.

    ``AuthorityUpdated(address authority)``
    """

    contract: ClassVar[str] = "GridOracle"
    event: ClassVar[str] = "AuthorityUpdated"

    authority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GridOracle_ReportSubmitted(EventLog):
    """A reporter submitted its ``values`` to a round, by quantity in the order of the oracle.

    ``ReportSubmitted(bytes32 indexed feed, uint256 indexed round, address indexed reporter,
    int256[] values)``
    """

    contract: ClassVar[str] = "GridOracle"
    event: ClassVar[str] = "ReportSubmitted"

    feed: bytes
    round: int
    reporter: str
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GridOracle_RoundAbandoned(EventLog):
    """A round found no quorum in time and was given up.

    ``RoundAbandoned(bytes32 indexed feed, uint256 indexed round)``
    """

    contract: ClassVar[str] = "GridOracle"
    event: ClassVar[str] = "RoundAbandoned"

    feed: bytes
    round: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GridOracle_RoundAnswered(EventLog):
    """A round closed within the deviation limit, or was confirmed.

    ``RoundAnswered(bytes32 indexed feed, uint256 indexed round, int256[] values)``
    """

    contract: ClassVar[str] = "GridOracle"
    event: ClassVar[str] = "RoundAnswered"

    feed: bytes
    round: int
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GridOracle_RoundHeld(EventLog):
    """A round closed beyond the deviation limit: its medians wait for the next round or
    `confirmRound`.

    ``RoundHeld(bytes32 indexed feed, uint256 indexed round, int256[] values)``
    """

    contract: ClassVar[str] = "GridOracle"
    event: ClassVar[str] = "RoundHeld"

    feed: bytes
    round: int
    values: tuple[int, ...]
