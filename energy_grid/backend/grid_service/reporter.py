"""A reporter: submits what its source says to the open round of an oracle, once in a while.

    long enough ago?  --yes-->  just answered?  --no-->  source  -->  simulated -->  sent
                                      |                     |             |
                                 a spare today       silent: said, and tried again

The oracle takes the median of a quorum. So a reporter that lies, or is silent, changes nothing as
long as the others are a majority of the quorum, and as many as it. A report counts for half of the
oracle's maximum age. Where a round waits for others, the next report replaces the former one: so
the answer is as new as can be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Generic, TypeVar

from energy_grid.backend.grid_service.places import SourceError
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.journal import resumed
from energy_grid.chain.accounts import Account
from energy_grid.chain.contract import Call
from energy_grid.chain.multicall import next_time
from energy_grid.client import EnergyGrid
from energy_grid.contracts.median_oracle import MedianOracle
from energy_grid.domain.units import format_duration
from energy_grid.errors import ContractError

__all__ = ["Reporter", "oracle_reporter"]

Value = TypeVar("Value")

_POLL_SECONDS = 5.0
# What closes a round of the grid leaves GridManagement 1,500,000 for prices. None knows that it
# will close one: others may come before it, after its gas would have been estimated.
_ROUND_GAS = 2_000_000


class Reporter(Generic[Value]):
    """Reports to one feed of one oracle; a `Service`.

    Args:
        market: of this reporter alone; its sender is exchanged for one with a journal in the
            database.
        who: has the role REPORTER, calls by itself, and is no other service's account.
        name: of the role; another one for each reporter of a store.
        feed: a region, or ``""``.
        source: gives the value at a time, in Unix seconds; what it raises as a `SourceError` keeps
            the reporter silent.
        submit: makes the call of a round's number and a value.
        every: seconds between two reports; at most half of the oracle's maximum age, better less.
    """

    def __init__(
        self,
        market: EnergyGrid,
        database: Database,
        who: Account,
        *,
        name: str,
        oracle: MedianOracle,
        feed: str,
        source: Callable[[int], Value],
        submit: Callable[[int, Value], Call],
        every: int = 1800,
    ) -> None:
        self.name = name
        self._market, self._database, self._who = market, database, who
        self._oracle, self._feed = oracle, feed
        self._source, self._submit, self._every = source, submit, every
        self._reports = self._failures = 0
        self._last = self._now = 0
        self._trouble = ""

    def step(self) -> float:
        """Report if it is time.

        Raises:
            FundsMissingError, TransactionPendingError, OtherLeaderError, NodeUnreachableError,
            DatabaseGoneError: take the step again after a while.
        """
        market = self._market
        resumed(market, self._database, self.name, self._who)
        self._now = next_time(market.node)
        self._last = self._oracle.last_report_of(self._who.address)
        number = self._oracle.open_round_of(self._feed)
        if self._is_early(number):
            return _POLL_SECONDS
        try:
            call = self._submit(number, self._source(self._now))
            self._oracle.simulate(call, self._who.address)
            market.sender.send(self._who, replace(call, gas=_ROUND_GAS))
        except (SourceError, ContractError) as error:
            # Such as a value that no oracle takes, or a round that another report has just closed.
            self._failures += 1
            self._trouble = f", silent: {error}"
        else:
            self._reports += 1
            self._last, self._trouble = self._now, ""
        return _POLL_SECONDS

    def _is_early(self, number: int) -> bool:
        if self._now < self._last + self._every:
            return True
        # Who comes after the quorum would make the next answer as old as its own report.
        closed = self._oracle.get_round(self._feed, number - 1).updated_at if number > 1 else 0
        return self._now < closed + self._every // 2

    def describe(self) -> str:
        """When it reported, and why not since."""
        age = format_duration(max(self._now - self._last, 0))
        last = f"reported {age} ago" if self._last else "has not reported yet"
        return f"{last}{self._trouble}"

    def metrics(self) -> Mapping[str, float]:
        """Reports and failures since the start, and the age of the last report."""
        return {
            "reports_total": self._reports,
            "failures_total": self._failures,
            "report_age_seconds": max(self._now - self._last, 0) if self._last else 0,
        }


# Of each oracle: itself, and what makes the call of a region, by a round's number and a value.
_ORACLES: Mapping[str, Callable[[EnergyGrid, str], tuple[MedianOracle, Callable[..., Call]]]] = {
    "price": lambda market, _: (market.price_oracle, market.price_oracle.submit_price),
    "weather": lambda market, region: (
        market.weather_oracle,
        partial(market.weather_oracle.submit_weather, region),
    ),
    "grid": lambda market, region: (
        market.grid_oracle,
        partial(market.grid_oracle.submit_grid_state, region),
    ),
}


def oracle_reporter(
    oracle: str,
    market: EnergyGrid,
    database: Database,
    who: Account,
    source: Callable[[int], Any],
    *,
    region: str = "",
    name: str = "",
    every: int = 1800,
) -> Reporter[Any]:
    """Reports a wholesale price of a kWh, the weather of a region, or the state of its grid.

    Args:
        oracle: ``price``, ``weather`` or ``grid``.
        source: gives the price in the oracle's units, a `Weather` or a `GridState`.
        region: of price there is none.
        name: by default that of the oracle, and ``_reporter``.
    """
    found, submit = _ORACLES[oracle](market, region)
    return Reporter(
        market,
        database,
        who,
        name=name or f"{oracle}_reporter",
        oracle=found,
        feed=region,
        source=source,
        submit=submit,
        every=every,
    )
