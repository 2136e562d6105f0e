"""The units of what refusals tell, so that a person need not look them up.

Only what is the same everywhere has a unit here: money is told in base units, since how many make
a coin is up to the token.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from energy_grid.domain.units import format_day, format_hertz, format_time

__all__ = ["UNITS", "quantity"]


def _kw(value: int) -> str:
    return f"{value} kW"


def _w(value: int) -> str:
    return f"{value} W"


def _wh(value: int) -> str:
    return f"{value} Wh"


def _percent(value: int) -> str:
    return f"{value} %"


def _grams_per_kwh(value: int) -> str:
    return f"{value} g/kWh"


def _seconds(value: int) -> str:
    return f"{value} s"


# Error -> its values, by name, with how they are told.
UNITS: Mapping[str, Mapping[str, Callable[[int], str]]] = {
    "AssetShares_BuyoutOver": {"ends_at": format_time},
    "AssetShares_BuyoutRunning": {"ends_at": format_time},
    "BalancingCoordination_AboveAvailable": {"target": _kw, "available": _kw},
    "BalancingCoordination_BadCapacity": {
        "max_generation": _kw,
        "current_generation": _kw,
        "reserve": _kw,
    },
    "BalancingCoordination_Committed": {"committed": _kw, "possible": _kw},
    "BalancingCoordination_NotDue": {"deadline": format_time},
    "BalancingCoordination_PastDeadline": {"deadline": format_time},
    "CarbonCredits_FactorTooHigh": {"grams_per_kwh": _grams_per_kwh, "maximum": _grams_per_kwh},
    "CarbonCredits_SlotNotFinal": {"final_at": format_time},
    "DemandResponse_AboveCommitment": {"reduction": _w, "committed": _w},
    "DemandResponse_AlreadyStarted": {"start_time": format_time},
    "DemandResponse_BaselineTooLow": {"baseline": _w, "metered": _w},
    "DemandResponse_ProgramEnded": {"end_time": format_time},
    "DemandResponse_TooEarly": {"from": format_time},
    "EnergyTrading_Dust": {"amount": _wh},
    "EnergyTrading_Expired": {"expiry": format_time, "time": format_time},
    "EnergyTrading_ExpiryInPast": {"expiry": format_time, "time": format_time},
    "EnergyTrading_GateClosed": {"end": format_time, "time": format_time},
    "EnergyTrading_MisalignedPeriod": {"start": format_time},
    "EnergyTrading_RateLimited": {"next_order_at": format_time},
    "EnergyAssetNFT_BadDays": {"from_day": format_day, "to_day": format_day},
    "EnergyAssetNFT_BadPermission": {"until": format_time, "time": format_time},
    "EventExpired": {"deadline": format_time},
    "GridManagement_AboveLimit": {"amount": _wh, "left": _wh},
    "GridManagement_InsufficientEnergy": {"amount": _wh, "available": _wh},
    "GridManagement_StorageBounds": {"amount": _wh, "possible": _wh},
    "InsufficientReduction": {"reduction": _w, "minimum": _w},
    "InvalidMeterReading": {
        "meter_reading_start": _wh,
        "meter_reading_end": _wh,
        "actual": _w,
    },
    "MedianOracle_Stale": {"updated_at": format_time, "max_age": _seconds},
    "PeerToPeerTrading_AboveRemaining": {"amount": _wh, "remaining": _wh},
    "Settlement_SlotNotClosable": {"closable_at": format_time},
    "Settlement_WithdrawalNotDue": {"executable_at": format_time},
    "SmartMeter_AnchorTooLate": {"deadline": format_time},
    "SmartMeter_Conflicting": {"timestamp": format_time},
    "SmartMeter_FromFuture": {"timestamp": format_time, "time": format_time},
    "SmartMeter_ImplausibleEnergy": {"energy": _wh, "maximum": _wh},
    "SmartMeter_NotNewer": {"timestamp": format_time, "latest": format_time},
    "SmartMeter_Replayed": {"timestamp": format_time},
    "SmartMeter_SlotNotOver": {"over": format_time},
    "SmartMeter_TooOld": {"timestamp": format_time, "slot_final_at": format_time},
    "SmartMeter_TooSoon": {"timestamp": format_time, "earliest": format_time},
    "StabilityMaintenance_BadAdjustment": {"adjustment": _kw},
    "StabilityMaintenance_NothingToRespondTo": {"frequency": format_hertz, "voltage": _percent},
}


def quantity(error: str, name: str, value: int) -> str:
    """A number of an error, with its unit if it has one."""
    return UNITS.get(error, {}).get(name, str)(value)
