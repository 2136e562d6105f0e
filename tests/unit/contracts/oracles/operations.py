"""What reporters and the guardian do at the oracles, in short, and what the oracles say then.

Values are a quantity's units, in the order of the oracle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eth_account.signers.local import LocalAccount

from energy_grid.chain.contract import Contract, structure
from energy_grid.chain.roles import Role
from energy_grid.contracts.median_oracle import Round
from tests.model.oracles import GRID, WEATHER, Quantity, price_quantity
from tests.support.market import Market, Receipt

__all__ = [
    "GRID_ORACLE",
    "MAX_AGE",
    "NORTH",
    "ORACLES",
    "PRICE_FEED",
    "PRICE_ORACLE",
    "QUORUM",
    "SOUTH",
    "WEATHER_ORACLE",
    "Oracle",
    "all_submit",
    "answer",
    "confirm",
    "fresh",
    "logged",
    "open_round",
    "round_of",
    "submit",
    "word",
]


def word(text: str) -> bytes:
    """A bytes32 of this text."""
    return text.encode().ljust(32, b"\0")


# What the market is deployed with: reporters, seconds, and a fifth.
QUORUM = 3
MAX_AGE = 7200
_DEVIATION_BPS = 2000

PRICE_FEED = bytes(32)
NORTH = word("NORTH")
SOUTH = word("SOUTH")


@dataclass(frozen=True)
class Oracle:
    """One of the three: how it is called, and values that it takes.

    Attributes:
        usual: an ordinary answer; `jump`: one that is held after it.
    """

    name: str
    function: str
    feed: bytes
    quantities: tuple[Quantity, ...]
    usual: tuple[int, ...]
    jump: tuple[int, ...]

    def at(self, market: Market) -> Contract:
        return market.contracts[self.name]

    def arguments(self, number: int, values: Sequence[int]) -> tuple[Any, ...]:
        """Of its submitting function."""
        if self.name == "PriceOracle":
            return (number, *values)
        return (self.feed, number, tuple(values))

    def with_value(self, index: int, value: int) -> tuple[int, ...]:
        """The usual values but for one."""
        return (*self.usual[:index], value, *self.usual[index + 1 :])

    def __str__(self) -> str:
        return self.name


PRICE_ORACLE = Oracle(
    name="PriceOracle",
    function="submitPrice",
    feed=PRICE_FEED,
    quantities=(price_quantity(_DEVIATION_BPS),),
    usual=(100_000,),
    jump=(150_000,),
)
WEATHER_ORACLE = Oracle(
    name="WeatherOracle",
    function="submitWeather",
    feed=NORTH,
    quantities=WEATHER,
    usual=(700, -150, 2000, 5000),
    jump=(700, 900, 2000, 5000),
)
GRID_ORACLE = Oracle(
    name="GridOracle",
    function="submitGridState",
    feed=NORTH,
    quantities=GRID,
    usual=(1000, 2000, 5000, 100),
    jump=(1000, 2000, 4890, 100),
)
ORACLES = (PRICE_ORACLE, WEATHER_ORACLE, GRID_ORACLE)


def submit(
    market: Market,
    oracle: Oracle,
    reporter: LocalAccount | str,
    number: int,
    values: Sequence[int],
    *,
    contract: Contract | None = None,
) -> Receipt:
    """One reporter's submission to a round."""
    arguments = oracle.arguments(number, values)
    return market.do(reporter, contract or oracle.at(market), oracle.function, *arguments)


def all_submit(
    market: Market,
    oracle: Oracle,
    reporters: Sequence[LocalAccount],
    *output: Sequence[int],
    contract: Contract | None = None,
) -> Receipt:
    """These values, one reporter each, to the open round; the last submission's receipt."""
    number = open_round(market, oracle, contract=contract)
    receipts = [
        submit(market, oracle, reporter, number, values, contract=contract)
        for reporter, values in zip(reporters, output, strict=False)
    ]
    return receipts[-1]


def answer(
    market: Market, oracle: Oracle, reporters: Sequence[LocalAccount], values: Sequence[int]
) -> Receipt:
    """A round in which as many as needed say the same."""
    return all_submit(market, oracle, reporters, *([values] * QUORUM))


def confirm(
    market: Market, oracle: Oracle, number: int, *, by: LocalAccount | str | None = None
) -> Receipt:
    """By the guardian by default."""
    sender = by or market.roles[Role.GUARDIAN]
    return market.do(sender, oracle.at(market), "confirmRound", oracle.feed, number)


def open_round(market: Market, oracle: Oracle, *, contract: Contract | None = None) -> int:
    return int((contract or oracle.at(market)).call("openRoundOf", oracle.feed))


def round_of(market: Market, oracle: Oracle, number: int) -> Round:
    return structure(Round, oracle.at(market).call("getRound", oracle.feed, number))


def fresh(market: Market, oracle: Oracle) -> bool:
    return bool(oracle.at(market).call("isFresh", oracle.feed))


def logged(market: Market, receipt: Receipt, oracle: Oracle, event: str) -> list[dict[str, Any]]:
    """An oracle's events of one name, by the names of their values."""
    return [dict(one.arguments) for one in market.events(receipt, oracle.at(market), event)]
