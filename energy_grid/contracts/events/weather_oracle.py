"""Events of WeatherOracle.

The weather of each region. quantity unit range held beyond a jump of irradiance W/m2 on the
horizontal 0 - 1500 600 temperature hundredths of a degree C -8000 - 6000 1000 windSpeed hundredths
of a m/s 0 - 10000 1500 cloudCover basis points of the sky 0 - 10000 never

Made by `ape run export_abis` from the contracts: change those, not this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from energy_grid.chain.event_log import EventLog

__all__ = [
    "WeatherOracle_AuthorityUpdated",
    "WeatherOracle_ReportSubmitted",
    "WeatherOracle_RoundAbandoned",
    "WeatherOracle_RoundAnswered",
    "WeatherOracle_RoundHeld",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeatherOracle_AuthorityUpdated(EventLog):
    """Authority that manages this contract was updated.

    ``AuthorityUpdated(address authority)``
    """

    contract: ClassVar[str] = "WeatherOracle"
    event: ClassVar[str] = "AuthorityUpdated"

    authority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WeatherOracle_ReportSubmitted(EventLog):
    """A reporter submitted its ``values`` to a round, by quantity in the order of the oracle.

    ``ReportSubmitted(bytes32 indexed feed, uint256 indexed round, address indexed reporter,
    int256[] values)``
    """

    contract: ClassVar[str] = "WeatherOracle"
    event: ClassVar[str] = "ReportSubmitted"

    feed: bytes
    round: int
    reporter: str
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeatherOracle_RoundAbandoned(EventLog):
    """A round found no quorum in time and was given up.

    ``RoundAbandoned(bytes32 indexed feed, uint256 indexed round)``
    """

    contract: ClassVar[str] = "WeatherOracle"
    event: ClassVar[str] = "RoundAbandoned"

    feed: bytes
    round: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WeatherOracle_RoundAnswered(EventLog):
    """A round closed within the deviation limit, or was confirmed.

    ``RoundAnswered(bytes32 indexed feed, uint256 indexed round, int256[] values)``
    """

    contract: ClassVar[str] = "WeatherOracle"
    event: ClassVar[str] = "RoundAnswered"

    feed: bytes
    round: int
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeatherOracle_RoundHeld(EventLog):
    """A round closed beyond the deviation limit: its medians wait for the next round or
    `confirmRound`.

    ``RoundHeld(bytes32 indexed feed, uint256 indexed round, int256[] values)``
    """

    contract: ClassVar[str] = "WeatherOracle"
    event: ClassVar[str] = "RoundHeld"

    feed: bytes
    round: int
    values: tuple[int, ...]
