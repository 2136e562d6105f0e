"""The oracles: medians of several reporters (contracts/interfaces/IMedianOracle.sol).

A feed is a region, plain text here, or `PRICE_FEED`, the only one of PriceOracle. Rounds of a feed
are numbered from 1. Units are those of `Weather`, `GridState`, and money per kWh with the
decimals of PriceOracle.
"""

from __future__ import annotations

from dataclasses import astuple

from energy_grid.chain.contract import Call, structure, to_bytes32
from energy_grid.chain.rpc.node import BlockId
from energy_grid.contracts.access import Managed
from energy_grid.contracts.grid_records import GridState, Round, RoundData, Weather

__all__ = ["PRICE_FEED", "GridOracle", "MedianOracle", "PriceOracle", "WeatherOracle"]

PRICE_FEED = ""


class MedianOracle(Managed):
    """What the wrappers of the oracles share.

    A submission is refused with MedianOracle_WrongRound, MedianOracle_AlreadySubmitted or
    MedianOracle_OutOfBounds.
    """

    # Guardian

    def confirm_round(self, feed: str, round_id: int) -> Call:
        """Make a held round the answer. Role: GUARDIAN.

        Raises: MedianOracle_NotHeld, MedianOracle_NoSuchRound.
        """
        return self.prepare("confirmRound", to_bytes32(feed), round_id)

    # Views

    def open_round_of(self, feed: str, *, block_identifier: BlockId = "latest") -> int:
        """The round that the next submission must name."""
        return self._number("openRoundOf", to_bytes32(feed), block_identifier=block_identifier)

    def get_round(self, feed: str, round_id: int, *, block_identifier: BlockId = "latest") -> Round:
        """A round. Raises: MedianOracle_NoSuchRound."""
        word = to_bytes32(feed)
        values = self.call("getRound", word, round_id, block_identifier=block_identifier)
        return structure(Round, values)

    def latest_round_of(self, feed: str, *, block_identifier: BlockId = "latest") -> Round:
        """The newest answered round, fresh or not. Raises: MedianOracle_NoAnswer."""
        word = to_bytes32(feed)
        values = self.call("latestRoundOf", word, block_identifier=block_identifier)
        return structure(Round, values)

    def is_fresh(self, feed: str, *, block_identifier: BlockId = "latest") -> bool:
        """Whether the newest closed round is answered, and not older than `max_age`."""
        return bool(self.call("isFresh", to_bytes32(feed), block_identifier=block_identifier))

    def has_submitted(
        self, feed: str, round_id: int, reporter: str, *, block_identifier: BlockId = "latest"
    ) -> bool:
        """Whether a reporter has submitted to a round."""
        word = to_bytes32(feed)
        return bool(
            self.call("hasSubmitted", word, round_id, reporter, block_identifier=block_identifier)
        )

    def last_report_of(self, reporter: str, *, block_identifier: BlockId = "latest") -> int:
        """Unix seconds of a reporter's last submission to any feed, 0 if there was none."""
        return self._number("lastReportOf", reporter, block_identifier=block_identifier)

    # Fixed at deployment

    def quorum(self) -> int:
        """Submissions that close a round."""
        return self._number("QUORUM")

    def max_age(self) -> int:
        """Seconds after which an answer is no longer fresh, and an open round given up."""
        return self._number("MAX_AGE")


class PriceOracle(MedianOracle):
    """The wrapper of PriceOracle: what a kWh costs outside of this market."""

    NAME = "PriceOracle"

    def submit_price(self, round_id: int, price: int) -> Call:
        """Submit a price above 0 to the open round. Role: REPORTER."""
        return self.prepare("submitPrice", round_id, price)

    def smoothed_price(self, *, block_identifier: BlockId = "latest") -> tuple[bool, int]:
        """(fresh, price): each answer moves it by an eighth; 0 before the first."""
        fresh, price = self.call("smoothedPrice", block_identifier=block_identifier)
        return fresh, price

    def get_round_data(self, round_id: int, *, block_identifier: BlockId = "latest") -> RoundData:
        """An answered round, as Chainlink gives it. Raises: MedianOracle_NoSuchRound."""
        values = self.call("getRoundData", round_id, block_identifier=block_identifier)
        return structure(RoundData, values)

    def latest_round_data(self, *, block_identifier: BlockId = "latest") -> RoundData:
        """The newest answered round, as Chainlink gives it. Raises: MedianOracle_NoAnswer."""
        values = self.call("latestRoundData", block_identifier=block_identifier)
        return structure(RoundData, values)

    # Fixed at deployment

    def decimals(self) -> int:
        """Digits of a price after the point."""
        return self._number("decimals")

    def description(self) -> str:
        """What the feed is of."""
        return str(self.call("description"))

    def version(self) -> int:
        """Of the feed's interface."""
        return self._number("version")

    def max_deviation_bps(self) -> int:
        """Basis points of a jump that is held."""
        return self._number("MAX_DEVIATION_BPS")


class WeatherOracle(MedianOracle):
    """The wrapper of WeatherOracle: the weather of each region."""

    NAME = "WeatherOracle"

    def submit_weather(self, region: str, round_id: int, weather: Weather) -> Call:
        """Submit a region's weather to its open round. Role: REPORTER."""
        return self.prepare("submitWeather", to_bytes32(region), round_id, astuple(weather))

    def get_weather(self, region: str, *, block_identifier: BlockId = "latest") -> Weather:
        """The weather now. Raises: MedianOracle_NoAnswer, MedianOracle_Stale, MedianOracle_Held."""
        word = to_bytes32(region)
        return structure(Weather, self.call("getWeather", word, block_identifier=block_identifier))

    def try_weather(
        self, region: str, *, block_identifier: BlockId = "latest"
    ) -> tuple[bool, Weather]:
        """(fresh, weather), nothing but zeros where it is not fresh."""
        word = to_bytes32(region)
        fresh, values = self.call("tryWeather", word, block_identifier=block_identifier)
        return fresh, structure(Weather, values)


class GridOracle(MedianOracle):
    """The wrapper of GridOracle: the state of each region's grid."""

    NAME = "GridOracle"

    def submit_grid_state(self, region: str, round_id: int, state: GridState) -> Call:
        """Submit the state of a region's grid to its open round. Role: REPORTER."""
        return self.prepare("submitGridState", to_bytes32(region), round_id, astuple(state))

    def get_grid_state(self, region: str, *, block_identifier: BlockId = "latest") -> GridState:
        """The state now. Raises: MedianOracle_NoAnswer, MedianOracle_Stale, MedianOracle_Held."""
        word = to_bytes32(region)
        values = self.call("getGridState", word, block_identifier=block_identifier)
        return structure(GridState, values)

    def try_grid_state(
        self, region: str, *, block_identifier: BlockId = "latest"
    ) -> tuple[bool, GridState]:
        """(fresh, state), nothing but zeros where it is not fresh."""
        word = to_bytes32(region)
        fresh, values = self.call("tryGridState", word, block_identifier=block_identifier)
        return fresh, structure(GridState, values)
