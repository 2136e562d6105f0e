"""Events of PriceOracle.

What a kWh costs outside of this market (a wholesale price), in whole money units with `decimals`
digits, as a Chainlink feed. `latestRoundData` gives the newest ANSWERED round with its true
`updatedAt` and refuses a feed without one (MedianOracle_NoAnswer); `getRoundData` refuses rounds
that are not ANSWERED (MedianOracle_NoSuchRound). Prices are above 0 and below 2^96, `decimals` is
24 at most. A jump beyond MAX_DEVIATION_BPS of the value it is compared with is held; until it is
confirmed, `latestRoundData` goes on giving the answer before it.

Made by `ape run export_abis` from the contracts: change those, not this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from energy_grid.chain.event_log import EventLog

__all__ = [
    "PriceOracle_AuthorityUpdated",
    "PriceOracle_ReportSubmitted",
    "PriceOracle_RoundAbandoned",
    "PriceOracle_RoundAnswered",
    "PriceOracle_RoundHeld",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceOracle_AuthorityUpdated(EventLog):
    """Authority that manages this contract was updated.

    ``AuthorityUpdated(address authority)``
    """

    contract: ClassVar[str] = "PriceOracle"
    event: ClassVar[str] = "AuthorityUpdated"

    authority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceOracle_ReportSubmitted(EventLog):
    """A reporter submitted its ``values`` to a round, by quantity in the order of the oracle.

    ``ReportSubmitted(bytes32 indexed feed, uint256 indexed round, address indexed reporter,
    int256[] values)``
    """

    contract: ClassVar[str] = "PriceOracle"
    event: ClassVar[str] = "ReportSubmitted"

    feed: bytes
    round: int
    reporter: str
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceOracle_RoundAbandoned(EventLog):
    """A round found no quorum in time and was given up.

    ``RoundAbandoned(bytes32 indexed feed, uint256 indexed round)``
    """

    contract: ClassVar[str] = "PriceOracle"
    event: ClassVar[str] = "RoundAbandoned"

    feed: bytes
    round: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceOracle_RoundAnswered(EventLog):
    """A round closed within the deviation limit, or was confirmed.

    ``RoundAnswered(bytes32 indexed feed, uint256 indexed round, int256[] values)``
    """

    contract: ClassVar[str] = "PriceOracle"
    event: ClassVar[str] = "RoundAnswered"

    feed: bytes
    round: int
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceOracle_RoundHeld(EventLog):
    """A round closed beyond the deviation limit: its medians wait for the next round or
    `confirmRound`.

    ``RoundHeld(bytes32 indexed feed, uint256 indexed round, int256[] values)``
    """

    contract: ClassVar[str] = "PriceOracle"
    event: ClassVar[str] = "RoundHeld"

    feed: bytes
    round: int
    values: tuple[int, ...]
