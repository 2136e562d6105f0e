"""The values of calls with their units, as people read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from energy_grid.chain.roles import Role
from energy_grid.cli.answers import plain_value
from energy_grid.cli.session import View
from energy_grid.cli.times import format_time
from energy_grid.domain.units import (
    format_carbon,
    format_decimal,
    format_duration,
    format_hertz,
    format_wh,
)

if TYPE_CHECKING:
    from energy_grid.chain.abi import Function

__all__ = ["named_values", "raw_bytes", "units_of"]

Unit = Callable[[View, int], str]

_HUNDREDTHS, _VOLT_DECIMALS = 2, 1
# What callers write for "no limit".
_UNLIMITED = (2**64 - 1, 2**128 - 1, 2**256 - 1)
_WORD, _SELECTOR = 32, 4
_SHOWN = 3


def _of(unit: str) -> Unit:
    return lambda _, value: f"{value} {unit}"


def _hundredths(unit: str) -> Unit:
    return lambda _, value: f"{format_decimal(value, _HUNDREDTHS)} {unit}"


_KW, _W, _WEI, _PERCENT = _of("kW"), _of("W"), _of("wei"), _of("%")
_MONEY, _PRICE, _RATE, _VOTES = View.money, View.price, View.rate, View.votes


def _wh(_: View, value: int) -> str:
    return format_wh(value)


def _grams(_: View, value: int) -> str:
    return format_carbon(value)


def _time(_: View, value: int) -> str:
    return format_time(value) if value else "0"


def _duration(_: View, value: int) -> str:
    return format_duration(value)


def _hertz(_: View, value: int) -> str:
    return format_hertz(value)


def _role(_: View, value: int) -> str:
    return Role(value).name if value in {*Role} else str(value)


def _report(view: View, value: int) -> str:
    return f"{format_decimal(value, view.market.price_oracle.decimals())} per kWh"


# By the name of the value, in whatever contract.
_ANYWHERE: Mapping[str, Unit] = {
    **dict.fromkeys(
        ("commissioned_at", "deadline", "expiry", "start", "timestamp", "until", "when"), _time
    ),
    **dict.fromkeys(
        (
            *("delay", "duration", "execution_delay", "lifetime", "new_delay"),
            *("new_voting_delay", "new_voting_period", "seconds"),
        ),
        _duration,
    ),
    "role_id": _role,
}
# By the contract, and the name of the value, also of one within a struct.
_UNITS: Mapping[str, Mapping[str, Unit]] = {
    "AssetShares": {
        **dict.fromkeys(("amount", "value"), _of("shares")),
        "price_per_share": _MONEY,
    },
    "BalancingCoordination": dict.fromkeys(
        ("target", "max_generation", "current_generation", "reserve_capacity"), _KW
    ),
    "CarbonCredits": {
        "amount": _grams,
        "value": _grams,
        "grams_per_kwh": _of("g CO2e per kWh"),
    },
    "DemandResponse": {
        **dict.fromkeys(("target_reduction", "target_reduction_kw"), _KW),
        **dict.fromkeys(("incentive_rate", "reward_per_kw"), _RATE),
        **dict.fromkeys(("committed", "actual", "baseline"), _W),
        **dict.fromkeys(("meter_start", "meter_end"), _wh),
    },
    "ERC20Permit": {"amount": _MONEY, "value": _MONEY},
    "EnergyAssetNFT": {"capacity": _W, "value": _MONEY},
    "EnergyToken": {"amount": _wh, "value": _wh},
    "EnergyTrading": {"amount": _wh, "price": _PRICE},
    "GovernanceToken": {"amount": _VOTES, "value": _VOTES},
    "GridGovernor": {"new_proposal_threshold": _VOTES, "value": _WEI, "values": _WEI},
    "GridManagement": {
        **dict.fromkeys(("amount", "capacity", "limit", "charge_rate", "discharge_rate"), _wh),
        "new_price": _PRICE,
    },
    "GridOperatorVerification": {"capacity": _KW},
    "GridOracle": {"demand": _KW, "supply": _KW, "frequency": _hertz, "voltage": _PERCENT},
    "LoadMonitoring": {"capacity": _KW, "demand": _KW},
    "PeerToPeerTrading": {"amount": _wh, "price": _PRICE, "max_paid": _MONEY},
    "PriceOracle": {"price": _report},
    "Safe": {"value": _WEI},
    "Settlement": {
        "amount": _MONEY,
        "limit": _MONEY,
        "grid_fee_per_kwh": _PRICE,
        "protocol_fee_bps": _hundredths("%"),
    },
    "SmartMeter": {
        "rated_power": _W,
        **dict.fromkeys(("produced", "consumed", "production", "consumption"), _wh),
        "grid_frequency": _hertz,
        "voltage": lambda _, value: f"{format_decimal(value, _VOLT_DECIMALS)} V",
    },
    "StabilityMaintenance": {
        "adjustment": _KW,
        "frequency": _hertz,
        "phase_angle": _of("degrees"),
        "voltage": _PERCENT,
    },
    "TimelockController": {"value": _WEI, "values": _WEI},
    "TestDollar": {"amount": _MONEY, "value": _MONEY},
    "WeatherOracle": {
        "irradiance": _of("W/m2"),
        "temperature": _hundredths("degrees C"),
        "wind_speed": _hundredths("m/s"),
        "cloud_cover": _hundredths("%"),
    },
}
# Where a name has another unit than elsewhere in its contract.
_OTHER_UNITS: Mapping[str, Mapping[str, Unit]] = {
    "addConsumerBalance": {"amount": _MONEY},
    "buyFromGrid": {"amount": _wh, "cost": _MONEY},
    "payOnTheSpot": {"amount": _wh, "price": _PRICE},
    "recordMetered": {"produced": _wh, "consumed": _wh},
    "recordProven": {"produced": _wh, "consumed": _wh},
}


def units_of(contract: str, function: str) -> Mapping[str, Unit]:
    """How the numbers of a call are written, by their names; others have no unit."""
    return {**_ANYWHERE, **_UNITS.get(contract, {}), **_OTHER_UNITS.get(function, {})}


def named_values(view: View, contract: str, function: Function, data: bytes) -> dict[str, str]:
    """The values of a call by their names.

    Args:
        data: of the call, with the selector.

    Raises:
        ChainError: the data is of another function.
    """
    units = units_of(contract, function.name)
    values = function.inputs.named(function.inputs.decode(data[_SELECTOR:]))
    return {name: _written(view, units, name, value) for name, value in values.items()}


def raw_bytes(data: bytes) -> str:
    """``"0x8456cb59"``; of more than a word, ``"0x8456cb59… (132 bytes)"``."""
    if len(data) <= _SELECTOR + _WORD:
        return f"0x{data.hex()}"
    return f"0x{data[:_SELECTOR].hex()}… ({len(data):,} bytes)"


def _written(view: View, units: Mapping[str, Unit], name: str, value: Any) -> str:
    if isinstance(value, Mapping):
        inner = (f"{key} {_written(view, units, key, each)}" for key, each in value.items())
        return f"({', '.join(inner)})"
    if isinstance(value, tuple | list):
        shown = [_written(view, units, name, each) for each in value[:_SHOWN]]
        more = [f"… {len(value):,} in all"] if len(value) > _SHOWN else []
        return f"({', '.join([*shown, *more])})"
    if isinstance(value, bytes) and len(value) > _WORD:
        return raw_bytes(value)
    if isinstance(value, int) and not isinstance(value, (bool, IntEnum)):
        if value in _UNLIMITED:
            return "no limit"
        return units[name](view, value) if name in units else str(value)
    return plain_value(value)
