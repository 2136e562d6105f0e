"""Market prices: what the oracles say, what `tests.model.pricing` makes of it, the reporters
of the market's own oracles, and a grid whose oracles return given values.

Money per kWh, factors in basis points, weather and grid state in the units of the oracles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from energy_grid.chain.contract import Contract, structure
from energy_grid.chain.roles import Role
from energy_grid.contracts.grid_management import MarketPrice
from energy_grid.domain.enums import EnergyType
from tests.model import pricing
from tests.support.market import Market, Receipt, actor
from tests.support.stacks import give_role

__all__ = [
    "NORTH",
    "OracleAnswers",
    "OracleMarket",
    "enrol_reporters",
    "expected_price",
    "market_price",
    "report_grid",
    "report_price",
    "report_weather",
]

NORTH = b"NORTH".ljust(32, b"\0")
_PAR = 10_000
# As many as make a quorum.
_REPORTERS = ("reporter 1", "reporter 2", "reporter 3")


@dataclass(frozen=True, slots=True, kw_only=True)
class OracleAnswers:
    """What the oracles say; by default something that moves every factor."""

    is_price_fresh: bool = True
    smoothed: int = 250_000
    decimals: int = 6
    is_weather_fresh: bool = True
    irradiance: int = 700
    temperature: int = 1_500
    wind_speed: int = 650
    cloud_cover: int = 2_500
    is_grid_fresh: bool = True
    demand: int = 5_000
    supply: int = 4_000
    frequency: int = 4_997
    voltage: int = 98

    @property
    def struct(self) -> tuple[Any, ...]:
        """As the double's `tell` takes it."""
        return (
            *(self.is_price_fresh, self.smoothed, self.decimals),
            *(self.is_weather_fresh, self.weather),
            *(self.is_grid_fresh, self.grid_state),
        )

    @property
    def weather(self) -> tuple[int, int, int, int]:
        return (self.irradiance, self.temperature, self.wind_speed, self.cloud_cover)

    @property
    def grid_state(self) -> tuple[int, int, int, int]:
        return (self.demand, self.supply, self.frequency, self.voltage)


@dataclass(frozen=True, slots=True)
class OracleMarket:
    """A market whose grid has a double for its oracles."""

    market: Market
    double: Contract

    @classmethod
    def deploy(cls, market: Market, tariff: int, *, token_decimals: int = 6) -> OracleMarket:
        """Beside the market's own grid, at this base price."""
        nobody = actor("nobody").address
        double = market.deploy("OracleDouble")
        settlement = market.settlement.address
        if token_decimals != 6:
            # The double's decimals are a token's here: that is all that the grid asks it.
            token = market.deploy("OracleDouble")
            answers = OracleAnswers(decimals=token_decimals).struct
            market.do(actor("weather"), token, "tell", answers)
            settlement = market.deploy(
                "Settlement",
                *(market.access.address, token.address, (nobody,) * 5),
                *((3600, 3600, 3600, 3600, 0), 0),
            ).address
        grid = market.deploy(
            "GridManagement",
            *(market.access.address, settlement, market.meters.address),
            (nobody, double.address, double.address, double.address),
            tariff,
        )
        contracts = {**market.contracts, "GridManagement": grid}
        return cls(replace(market, contracts=contracts), double)

    def set_answers(self, answers: OracleAnswers, *, at: int | None = None) -> Receipt:
        """From now on, the oracles say this."""
        market = self.market if at is None else self.market.at(at)
        return market.do(actor("weather"), self.double, "tell", answers.struct)


def market_price(market: Market, region: bytes = NORTH) -> MarketPrice:
    return structure(MarketPrice, market.grid.call("getMarketPrice", region))


def expected_price(
    tariff: int,
    answers: OracleAnswers,
    *,
    at: int,
    capacities: Sequence[int] = (),
    token_decimals: int = 6,
) -> MarketPrice:
    """What the domain makes of it; capacities are in the order of EnergyType, 0 where missing."""
    by_type = dict.fromkeys(EnergyType, 0) | dict(zip(EnergyType, capacities, strict=False))
    solar, wind = by_type.pop(EnergyType.SOLAR), by_type.pop(EnergyType.WIND)
    base, demand, supply, stability = tariff, _PAR, _PAR, _PAR
    if answers.is_price_fresh:
        base = pricing.smoothed_base(
            *(tariff, answers.smoothed),
            token_decimals=token_decimals,
            oracle_decimals=answers.decimals,
        )
    if answers.is_weather_fresh:
        supply = pricing.supply_factor(
            solar=solar,
            wind=wind,
            others=sum(by_type.values()),
            irradiance=answers.irradiance,
            temperature=answers.temperature,
            wind_speed=answers.wind_speed,
        )
    if answers.is_grid_fresh:
        demand = pricing.demand_factor(answers.demand, answers.supply)
        stability = pricing.stability_factor(answers.frequency, answers.voltage)
    time = pricing.time_factor(at)
    return MarketPrice(
        price=pricing.market_price(
            base, demand=demand, supply=supply, time=time, stability=stability
        ),
        smoothed_base=base,
        demand_factor=demand,
        supply_factor=supply,
        time_factor=time,
        stability_factor=stability,
        is_price_fresh=answers.is_price_fresh,
        is_weather_fresh=answers.is_weather_fresh,
        is_grid_fresh=answers.is_grid_fresh,
    )


def enrol_reporters(market: Market) -> None:
    """As many as the market's own oracles need for a round."""
    for name in _REPORTERS:
        give_role(market, Role.REPORTER, actor(name).address)


def report_price(market: Market, price: int) -> Receipt:
    """A round of the price oracle; what closed it."""
    number = market.price_oracle.call("openRoundOf", bytes(32))
    return _report(market, market.price_oracle, "submitPrice", number, price)


def report_weather(market: Market, answers: OracleAnswers, region: bytes = NORTH) -> Receipt:
    """A round of the weather oracle; what closed it."""
    number = market.weather_oracle.call("openRoundOf", region)
    call = ("submitWeather", region, number, answers.weather)
    return _report(market, market.weather_oracle, *call)


def report_grid(market: Market, answers: OracleAnswers, region: bytes = NORTH) -> Receipt:
    """A round of the grid oracle; what closed it."""
    number = market.grid_oracle.call("openRoundOf", region)
    call = ("submitGridState", region, number, answers.grid_state)
    return _report(market, market.grid_oracle, *call)


def _report(market: Market, oracle: Contract, function: str, *arguments: Any) -> Receipt:
    *_, last = [market.do(actor(name), oracle, function, *arguments) for name in _REPORTERS]
    return last
