"""Dynamic prices: what the buy price is multiplied with, by the market's state.

The same as the library MarketPricing of the contracts, to the last unit; sources and reasons for
each formula are there.

Factors and yields are basis points: a factor of 10000 leaves the price as it is, a yield of 10000
is the full capacity. Integers only; every division rounds down, and none is of a negative number,
where Python and the chain would differ. All functions raise DomainError for amounts and prices
below 0, and for factors and measurements out of their bounds.
"""

from __future__ import annotations

from energy_grid.domain.units import integer, natural
from energy_grid.errors import DomainError

__all__ = [
    "BPS",
    "EMERGENCY_FACTOR",
    "MAX_FACTOR",
    "MIN_FACTOR",
    "demand_factor",
    "history_factor",
    "load_factor",
    "price_factor",
    "solar_yield",
    "stability_factor",
    "supply_factor",
    "time_factor",
    "wind_yield",
]

BPS = 10_000

EMERGENCY_FACTOR = 3

MIN_FACTOR = BPS // 2
MAX_FACTOR = 2 * BPS

_MAX_LOAD_FACTOR = _MAX_SUPPLY_FACTOR = BPS + BPS // 2
_DEMAND_WEIGHT = _SUPPLY_WEIGHT = 3_000
_TIME_WEIGHT = _STABILITY_WEIGHT = 2_000

# fmt: off
_PERCENT_BY_HOUR = (
    80, 80, 80, 80, 80, 80, 105, 115, 115, 100, 100, 90,
    90, 90, 90, 100, 105, 130, 130, 130, 130, 110, 100, 90,
)
# fmt: on

# Hundredths of a m/s.
_CUT_IN, _RATED, _CUT_OUT = 300, 1_200, 2_500

# Centihertz, and percent.
_NOMINAL_VOLTAGE = 100
_PER_CENTIHERTZ, _PER_VOLTAGE_PERCENT = 100, 200

_HOUR = 3600


def price_factor(
    *, load: int, history: int, demand: int, supply: int, time: int, stability: int
) -> int:
    """The factor of the buy price in the slots that follow, before an emergency and before the
    tariff's limit: never below 10000, whatever the market's state."""
    weighted = (
        _DEMAND_WEIGHT * _factor("demand factor", demand)
        + _SUPPLY_WEIGHT * _factor("supply factor", supply)
        + _TIME_WEIGHT * _factor("time factor", time)
        + _STABILITY_WEIGHT * _factor("stability factor", stability)
    )
    loaded = _within("load factor", load, BPS, _MAX_LOAD_FACTOR)
    return max(BPS, loaded * _factor("history factor", history) * weighted // BPS**3)


def load_factor(demand: int, supply: int) -> int:
    """Up to one and a half: the load as a share of twice what the region can draw, where that is
    known; both in kW."""
    if natural("supply", supply) * natural("demand", demand) == 0:
        return BPS
    return BPS + BPS * min(demand, supply) // (2 * supply)


def history_factor(buy: int, smoothed: int, *, token_decimals: int, oracle_decimals: int) -> int:
    """The moving average of the price oracle over the tariff's buy price.

    Args:
        buy: money per kWh.
        smoothed: per kWh, with ``oracle_decimals``.
    """
    token_unit: int = 10 ** natural("decimals", token_decimals)
    oracle_unit: int = 10 ** natural("decimals", oracle_decimals)
    converted = BPS * natural("smoothed price", smoothed) * token_unit
    if natural("buy price", buy) == 0:
        return BPS
    return _clamp(converted // (oracle_unit * buy))


def demand_factor(demand: int, supply: int) -> int:
    """Demand over what the region can draw, both in kW; 0 is not known."""
    asked = natural("demand", demand)
    return _clamp(BPS * asked // supply) if natural("supply", supply) else BPS


def supply_factor(
    *, solar: int, wind: int, others: int, irradiance: int, temperature: int, wind_speed: int
) -> int:
    """What the weather lets expect of the capacity: 15000 of nothing, 5000 of all of it.

    Args:
        solar, wind, others: active capacity of these producers in Wh per slot.
        irradiance: W/m2. temperature: hundredths of a degree C. wind_speed: hundredths of a m/s.
    """
    capacity = natural("solar", solar) + natural("wind", wind) + natural("others", others)
    of_sun, of_wind = solar_yield(irradiance, temperature), wind_yield(wind_speed)
    if capacity == 0:
        return BPS
    return _MAX_SUPPLY_FACTOR - (solar * of_sun + wind * of_wind + others * BPS) // capacity


def time_factor(timestamp: int) -> int:
    """By the hour of the day in UTC; ``timestamp`` in Unix seconds."""
    return _PERCENT_BY_HOUR[natural("timestamp", timestamp) // _HOUR % 24] * (BPS // 100)


def stability_factor(frequency: int, nominal: int, voltage: int) -> int:
    """Dearer below the nominal frequency and voltage, cheaper above.

    Args:
        frequency: centihertz.
        nominal: centihertz.
        voltage: percent of nominal.
    """
    below = nominal - _within("frequency", frequency, 4_500, 6_600)
    under = _NOMINAL_VOLTAGE - _within("voltage", voltage, 50, 150)
    return _clamp(BPS + _PER_CENTIHERTZ * below + _PER_VOLTAGE_PERCENT * under)


def solar_yield(irradiance: int, temperature: int) -> int:
    """Share of their capacity that solar panels give.

    Args:
        irradiance: W/m2.
        temperature: of the air, hundredths of a degree C.
    """
    sun = _within("irradiance", irradiance, 0, 1_500)
    heat = 8 * _within("temperature", temperature, -8_000, 6_000) + 25 * sun - 20_000
    derating = max(0, heat) // 20
    return min(BPS, 10 * sun * (BPS - derating) // BPS)


def wind_yield(wind_speed: int) -> int:
    """Share of their capacity that wind turbines give; ``wind_speed`` in hundredths of a m/s."""
    speed = _within("wind speed", wind_speed, 0, 10_000)
    if speed < _CUT_IN or speed > _CUT_OUT:
        return 0
    if speed >= _RATED:
        return BPS
    return BPS * (speed**3 - _CUT_IN**3) // (_RATED**3 - _CUT_IN**3)


def _factor(name: str, value: int) -> int:
    return _within(name, value, MIN_FACTOR, MAX_FACTOR)


def _clamp(factor: int) -> int:
    return max(MIN_FACTOR, min(factor, MAX_FACTOR))


def _within(name: str, value: int, lowest: int, highest: int) -> int:
    number = integer(name, value)
    if not lowest <= number <= highest:
        raise DomainError(f"{name} must be from {lowest} to {highest}, not {number}")
    return number
