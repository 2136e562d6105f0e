"""The values of calls and events with their units, as people read them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from energy_grid.chain.roles import Role
from energy_grid.domain.account_words import day_result, reading
from energy_grid.domain.grid_levels import Band
from energy_grid.domain.order_refusals import order_name
from energy_grid.domain.units import (
    format_carbon,
    format_day,
    format_decimal,
    format_duration,
    format_hertz,
    format_volts,
    format_wh,
)
from energy_grid.market.figures import Figures

if TYPE_CHECKING:
    from energy_grid.chain.abi import Function
    from energy_grid.chain.contract import EventLog

__all__ = ["event_values", "named_values", "plain_value", "raw_bytes", "units_of"]

Unit = Callable[[Figures, int], str]

_HUNDREDTHS, _FACTOR_DECIMALS = 2, 4
_MOST_PERCENT = 1_000
# What callers write for "no limit". Of 18 decimals, the first is an amount like any other: 18.4.
_LONG = 2**64 - 1
_UNLIMITED = (_LONG, 2**128 - 1, 2**256 - 1)
_WORD, _SELECTOR = 32, 4
# Parts of a signature: nobody looks one up, as a hash is.
_SIGNATURES = ("r", "s", "vs")
_SHOWN = 3
_ADDRESS = re.compile("0x[0-9a-fA-F]{40}")


def _of(unit: str) -> Unit:
    return lambda _, value: f"{value} {unit}"


def _hundredths(unit: str) -> Unit:
    return lambda _, value: f"{format_decimal(value, _HUNDREDTHS)} {unit}"


_KW, _W, _WEI, _PERCENT = _of("kW"), _of("W"), _of("wei"), _of("%")
_MONEY, _PRICE, _RATE, _VOTES = Figures.money, Figures.price, Figures.rate, Figures.votes
_EXACT, _TOKENS = Figures.exact_money, Figures.tokens


def _wh(_: Figures, value: int) -> str:
    return format_wh(value)


def _grams(_: Figures, value: int) -> str:
    return format_carbon(value)


def _time(figures: Figures, value: int) -> str:
    return figures.time(value) if value else "0"


def _day(_: Figures, value: int) -> str:
    return format_day(value)


def _duration(_: Figures, value: int) -> str:
    return format_duration(value)


def _hertz(_: Figures, value: int) -> str:
    return format_hertz(value)


def _bound(_: Figures, value: int) -> str:
    # Of the frequency or, far below any, of the voltage.
    return f"{value} %" if value <= _MOST_PERCENT else format_hertz(value)


def _volt(_: Figures, value: int) -> str:
    return format_volts(value)


def _factor(_: Figures, value: int) -> str:
    return format_decimal(value, _FACTOR_DECIMALS)


def _reading(figures: Figures, value: int) -> str:
    found = reading(value)
    return (
        f"import {format_wh(found.consumption)}, export {format_wh(found.production)} at"
        f" {figures.time(found.timestamp)}"
    )


def _closed(figures: Figures, value: int) -> str:
    found = day_result(value, 0)
    return (
        f"money {figures.exact_money(found.money)}, net {format_wh(found.net)},"
        f" position {format_wh(found.position)}, deemed {format_wh(found.deemed)}"
    )


def _flows(_: Figures, value: int) -> str:
    found = day_result(0, value)
    names = ("taken", "given", "drawn", "kept", "from_grid", "fed_in")
    return ", ".join(
        f"{each.replace('_', ' ')} {format_wh(getattr(found, each))}" for each in names
    )


def _order(_: Figures, value: int) -> str:
    return order_name(value).removeprefix("order ")


def _role(_: Figures, value: int) -> str:
    return Role(value).name if value in {*Role} else str(value)


def _report(figures: Figures, value: int) -> str:
    return f"{format_decimal(value, figures.market.price_oracle.decimals())} per kWh"


# By the name of the value, in whatever contract.
_ANYWHERE: Mapping[str, Unit] = {
    **dict.fromkeys(
        (
            *("commissioned_at", "deadline", "end_time", "ends_at", "eta_seconds"),
            *("executable_at", "expiry", "since", "start", "start_time", "timestamp", "until"),
            *("vote_end", "vote_start", "when", "extended_deadline"),
        ),
        _time,
    ),
    **dict.fromkeys(
        (
            *("delay", "duration", "execution_delay", "lifetime", "max_age", "new_delay"),
            *("new_duration", "new_max_age"),
            *("new_voting_delay", "new_voting_period", "old_duration", "old_voting_delay"),
            *("old_voting_period", "seconds", "new_vote_extension", "old_vote_extension"),
        ),
        _duration,
    ),
    "fee_bps": _hundredths("%"),
    "role_id": _role,
}
# By the contract, and the name of the value of a function or an event, also within a struct.
_UNITS: Mapping[str, Mapping[str, Unit]] = {
    "AssetShares": {
        **dict.fromkeys(("amount", "value"), _of("shares")),
        "price_per_share": _TOKENS,
    },
    "BalancingCoordination": dict.fromkeys(
        ("target", "max_generation", "current_generation", "reserve", "reserve_capacity"), _KW
    ),
    "CarbonCredits": {
        "amount": _grams,
        "energy": _wh,
        "grams": _grams,
        "value": _grams,
        "grams_per_kwh": _of("g CO2e per kWh"),
        **dict.fromkeys(("from_day", "until_day"), _day),
    },
    "CertificateMarket": {
        **dict.fromkeys(("price", "paid", "max_paid", "value"), _TOKENS),
        **dict.fromkeys(("amount", "remaining"), _of("Wh or g")),
        **dict.fromkeys(("values", "wh"), _wh),
        "grams": _grams,
    },
    "EnergyCertificates": {
        "day": _day,
        **dict.fromkeys(("wh", "withdrawn", "owed", "value", "values"), _wh),
        **dict.fromkeys(("consumption", "production"), _wh),
        "grid_frequency": _hertz,
        "voltage": _volt,
    },
    "DemandResponse": {
        **dict.fromkeys(("target_reduction", "target_reduction_kw"), _KW),
        **dict.fromkeys(("incentive_rate", "reward_per_kw"), _RATE),
        **dict.fromkeys(("amount", "budget", "refunded", "reward", "rewards"), _TOKENS),
        **dict.fromkeys(("committed", "actual", "baseline", "reduction"), _W),
        **dict.fromkeys(("actual_w", "baseline_w", "reduction_w", "total_reduction_w"), _W),
        "minimum_w": _W,
        **dict.fromkeys(("meter_start", "meter_end"), _wh),
        "measured_from": _time,
        "ramp": _duration,
    },
    "DemandEnrolments": {"committed": _W},
    "ERC20Permit": {"amount": _TOKENS, "value": _TOKENS},
    "EnergyAssetNFT": {"amount": _of("shares"), "capacity": _W, "value": _TOKENS},
    "EnergyToken": {"amount": _wh, "value": _wh},
    "EnergyTrading": {
        **dict.fromkeys(("amount", "remaining"), _wh),
        "price": _PRICE,
        **dict.fromkeys(("buy_id", "order_id", "sell_id"), _order),
    },
    "GovernanceToken": dict.fromkeys(("amount", "new_votes", "previous_votes", "value"), _VOTES),
    "GridGovernor": {
        **dict.fromkeys(("new_proposal_threshold", "old_proposal_threshold", "weight"), _VOTES),
        **dict.fromkeys(("value", "values"), _WEI),
    },
    "GridManagement": {
        **dict.fromkeys(("amount", "capacity", "consumption_limit", "limit", "stored"), _wh),
        **dict.fromkeys(("charge_rate", "discharge_rate"), _wh),
        **dict.fromkeys(("max_price", "new_price", "price"), _PRICE),
        "cost": _MONEY,
        "day": _day,
    },
    "GridOperatorVerification": {"capacity": _KW},
    "GridOracle": {"demand": _KW, "supply": _KW, "frequency": _hertz, "voltage": _PERCENT},
    "LoadMonitoring": {"capacity": _KW, "demand": _KW, "percentage": _PERCENT},
    "PeerToPeerTrading": {
        **dict.fromkeys(("amount", "remaining", "returned"), _wh),
        **dict.fromkeys(("max_paid", "paid"), _MONEY),
        "price": _PRICE,
    },
    "PriceOracle": {"price": _report},
    "Safe": {"value": _WEI},
    "Settlement": {
        "amount": _MONEY,
        "limit": _MONEY,
        **dict.fromkeys(("cost", "debt", "fees", "grid_fee", "grid_revenue"), _EXACT),
        **dict.fromkeys(("money", "paid", "protocol_fee"), _EXACT),
        "day": _day,
        "max_price": _PRICE,
        "rated_power": _W,
        "price": _PRICE,
        "closed": _closed,
        "flows": _flows,
        "wh": _wh,
    },
    "EnergyAccounts": {
        **dict.fromkeys(("day", "from_day"), _day),
        "extra": _duration,
        "money": _EXACT,
        "rated_power": _W,
        **dict.fromkeys(("exported", "imported", "net", "wh"), _wh),
    },
    "ERC2771Forwarder": {"value": _WEI},
    "Communities": {"day": _day, **dict.fromkeys(("bps", "theta"), _hundredths("%"))},
    "CommunityDays": {
        "day": _day,
        **dict.fromkeys(("consumption", "exported", "imported", "production"), _wh),
        "grid_frequency": _hertz,
        "voltage": _volt,
        # Accounts, and what their days brought: `energy-grid day show` shows it.
        "words": lambda _, value: hex(value),
    },
    "GridBands": {
        "nominal_frequency": _hertz,
        **dict.fromkeys(("nominal_voltage", "voltage"), _volt),
        **dict.fromkeys(Band._fields, _bound),
    },
    "Tariffs": {
        "day": _day,
        **dict.fromkeys(("buy", "feed_in", "network_fee", "protocol_fee", "value"), _PRICE),
        **dict.fromkeys(("factor", "max_factor"), _factor),
        "price": _PRICE,
    },
    "SmartMeter": {
        "rated_power": _W,
        **dict.fromkeys(("production", "consumption"), _wh),
        **dict.fromkeys(("final_production", "final_consumption"), _wh),
        "end_day": _day,
        "reading": _reading,
        "grid_frequency": _hertz,
        "voltage": _volt,
    },
    "StabilityMaintenance": {
        "adjustment": _KW,
        "frequency": _hertz,
        "phase_angle": _of("degrees"),
        "voltage": _PERCENT,
    },
    "TimelockController": {"value": _WEI, "values": _WEI},
    "TestDollar": {"amount": _TOKENS, "value": _TOKENS},
    "WeatherOracle": {
        "irradiance": _of("W/m2"),
        "temperature": _hundredths("degrees C"),
        "wind_speed": _hundredths("m/s"),
        "cloud_cover": _hundredths("%"),
    },
}
# Where a name has another unit than elsewhere in its contract.
_OTHER_UNITS: Mapping[str, Mapping[str, Unit]] = {
    "DebtIncurred": {"amount": _EXACT},
    "DebtRepaid": {"amount": _EXACT},
    "RefundWithdrawn": {"amount": _TOKENS},
    "ReceivablePaid": {"amount": _EXACT},
    "ReceivableQueued": {"amount": _EXACT},
    "RevenueClaimed": {"amount": _TOKENS},
    "RevenueReceived": {"amount": _TOKENS, "total": _TOKENS},
    "SecurityReleased": {"amount": _EXACT},
    "addConsumerBalance": {"amount": _MONEY},
    "payOnTheSpot": {"amount": _wh, "price": _PRICE},
}


def units_of(contract: str, name: str) -> Mapping[str, Unit]:
    """How the numbers of a function or an event are written, by their names; others are plain."""
    return {**_ANYWHERE, **_UNITS.get(contract, {}), **_OTHER_UNITS.get(name, {})}


def named_values(
    figures: Figures, contract: str, function: Function, data: bytes
) -> dict[str, str]:
    """The values of a call by their names.

    Args:
        data: of the call, with the selector.

    Raises:
        ChainError: the data is of another function.
    """
    units = units_of(contract, function.name)
    values = function.inputs.named(function.inputs.decode(data[_SELECTOR:]))
    return {name: _written(figures, units, name, value) for name, value in values.items()}


def event_values(figures: Figures, event: EventLog) -> dict[str, str]:
    """The values of an event by their names."""
    units = units_of(event.contract, event.event)
    return {name: _written(figures, units, name, value) for name, value in event.arguments.items()}


def raw_bytes(data: bytes) -> str:
    """``"0x8456cb59"``; of more than a word, ``"0x8456cb59… (132 bytes)"``."""
    if len(data) <= _SELECTOR + _WORD:
        return f"0x{data.hex()}"
    return f"0x{data[:_SELECTOR].hex()}… ({len(data):,} bytes)"


def plain_value(value: Any) -> str:
    """One value of a call; text in quotes, so that it cannot be read as several values."""
    if isinstance(value, IntEnum):
        return value.name
    if isinstance(value, Mapping):
        return f"({', '.join(f'{name} {plain_value(each)}' for name, each in value.items())})"
    if isinstance(value, tuple | list):
        return f"({', '.join(map(plain_value, value))})"
    if isinstance(value, bytes):
        text = value.rstrip(b"\0")
        if len(value) == _WORD and text and text.isascii() and text.decode().isprintable():
            return repr(text.decode())
        return f"0x{value.hex()}"
    return repr(value) if isinstance(value, str) and not _ADDRESS.fullmatch(value) else str(value)


def _written(figures: Figures, units: Mapping[str, Unit], name: str, value: Any) -> str:
    if is_dataclass(value) and not isinstance(value, type):
        value = {each.name: getattr(value, each.name) for each in fields(value)}
    if isinstance(value, Mapping):
        inner = (f"{key} {_written(figures, units, key, each)}" for key, each in value.items())
        return f"({', '.join(inner)})"
    if isinstance(value, tuple | list):
        shown = [_written(figures, units, name, each) for each in value[:_SHOWN]]
        more = [f"… {len(value):,} in all"] if len(value) > _SHOWN else []
        return f"({', '.join([*shown, *more])})"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, bytes) and (len(value) > _WORD or name in _SIGNATURES):
        return raw_bytes(value) if len(value) > _WORD else f"0x{value[:_SELECTOR].hex()}…"
    if isinstance(value, int) and not isinstance(value, IntEnum):
        unit = units.get(name)
        if value in _UNLIMITED and not (value == _LONG and unit in (_VOTES, _WEI)):
            return "no limit"
        return unit(figures, value) if unit else str(value)
    return plain_value(value)
