"""The values of custom errors as text with their units.

Money is formatted in coins where the `Coin` is known, else in base units.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from energy_grid.domain.quantities import Coin
from energy_grid.domain.units import (
    format_carbon,
    format_day,
    format_decimal,
    format_duration,
    format_hertz,
    format_money,
    format_time,
    format_volts,
    format_wh,
)

__all__ = ["UNITS", "quantity"]

_HUNDREDTHS, _FACTOR_DECIMALS, _VOTE_DECIMALS = 2, 4, 18
# As a slot and as a day: a meter that is not detached.
_NO_END, _NO_END_DAY = 2**32 - 1, 2**16 - 1


class _Money:
    """The unit of money, or of a price per kWh or per share: known with the coin."""

    def __init__(self, per: str = "") -> None:
        self.per = per

    def __call__(self, value: int) -> str:
        return f"{value} base units{self.per}"

    def in_coins(self, value: int, coin: Coin) -> str:
        return f"{format_money(value, coin.decimals, coin.symbol)}{self.per}"


def _base_units(value: int) -> str:
    return f"{value} base units"


def _kw(value: int) -> str:
    return f"{value} kW"


def _w(value: int) -> str:
    return f"{value} W"


def _percent(value: int) -> str:
    return f"{value} %"


def _grams_per_kwh(value: int) -> str:
    return f"{value} g/kWh"


def _votes(value: int) -> str:
    return f"{format_decimal(value, _VOTE_DECIMALS)} votes"


def _shares(value: int) -> str:
    return f"{value} share" if value == 1 else f"{value} shares"


def _wei(value: int) -> str:
    return f"{value} wei"


def _hundredth_percent(value: int) -> str:
    return f"{format_decimal(value, _HUNDREDTHS)} %"


def _factor(value: int) -> str:
    return format_decimal(value, _FACTOR_DECIMALS)


def _hertz(value: int) -> str:
    return format_hertz(value) if value >= 0 else f"{format_decimal(value, _HUNDREDTHS)} Hz"


def _metered_to(slot: int) -> str:
    return "none: its meter is not detached" if slot == _NO_END else str(slot)


def _metered_until(day: int) -> str:
    return "none: its meter is not detached" if day == _NO_END_DAY else format_day(day)


_money, _price, _per_share = _Money(), _Money("/kWh"), _Money(" per share")
_wh = format_wh

# Name of a quantity in an error -> how its values are formatted.
_MEASURED: Mapping[str, Callable[[int], str]] = {
    "demand": _kw,
    "supply": _kw,
    "frequency": _hertz,
    "voltage": _percent,
    "irradiance": lambda value: f"{value} W/m2",
    "temperature": lambda value: f"{format_decimal(value, _HUNDREDTHS)} degrees C",
    "windSpeed": lambda value: f"{format_decimal(value, _HUNDREDTHS)} m/s",
    "cloudCover": _hundredth_percent,
    "capacity": _kw,
    "ratedPower": _w,
    "value": _money,
    "duration": format_duration,
    "lifetime": format_duration,
    "commissionedAt": format_time,
}
_MEASURING = ("quantity", "name")
# ERC-20's own errors do not name the token: the token of each contract.
_TOKENS: Mapping[str, Callable[[int], str]] = {
    "TestDollar": _money,
    "Settlement": _money,
    "DemandResponse": _money,
    "AssetShares": _shares,
    "CarbonCredits": format_carbon,
    "EnergyToken": _wh,
    "PeerToPeerTrading": _wh,
    "GovernanceToken": _votes,
}
_OF_TOKEN = {
    "ERC20InsufficientAllowance": ("allowance", "needed"),
    "ERC20InsufficientBalance": ("balance", "needed"),
}
# Error -> its values, by name, with their formats.
UNITS: Mapping[str, Mapping[str, Callable[[int], str]]] = {
    "AccessManagedRequiredDelay": {"delay": format_duration},
    "AssetShares_BuyoutOver": {"ends_at": format_time},
    "AssetShares_BuyoutRunning": {"ends_at": format_time},
    "AssetShares_PriceTooLow": {"price_per_share": _per_share, "minimum": _per_share},
    "AssetShares_SharesAccepted": {"movable": _shares, "amount": _shares},
    "AssetShares_Underpaid": {"received": _money, "due": _money},
    "BalancingCoordination_AboveAvailable": {"target": _kw, "available": _kw},
    "BalancingCoordination_BadCapacity": {
        "max_generation": _kw,
        "current_generation": _kw,
        "reserve": _kw,
    },
    "BalancingCoordination_Committed": {"committed": _kw, "possible": _kw},
    "BalancingCoordination_NotDue": {"deadline": format_time},
    "BalancingCoordination_PastDeadline": {"deadline": format_time},
    "StabilityMaintenance_LoadNotCritical": {"demand": _kw, "supply": _kw},
    "CarbonCredits_FactorTooHigh": {"grams_per_kwh": _grams_per_kwh, "maximum": _grams_per_kwh},
    "CarbonCredits_DayNotClean": {"day": format_day},
    "Communities_CoefficientAbove": {"bps": _hundredth_percent, "highest": _hundredth_percent},
    "Communities_CoefficientPending": {"cursor": format_day, "from_day": format_day},
    "Communities_CoefficientsFull": {"others": _hundredth_percent, "bps": _hundredth_percent},
    "Communities_Expired": {"deadline": format_time},
    "Communities_Full": {"day": format_day},
    "Communities_InDebt": {"debt": _money},
    "Communities_OtherOffer": {"bps": _hundredth_percent, "offered": _hundredth_percent},
    "Communities_ThetaAbove": {"theta": _hundredth_percent, "highest": _hundredth_percent},
    "Communities_WithinHorizon": {"day": format_day, "first_day": format_day},
    "ERC1155InsufficientBalance": {"balance": _wh, "needed": _wh},
    "CertificateMarket_AboveLimit": {"paid": _base_units, "max_paid": _base_units},
    "EnergyCertificates_Contradicted": {"net": _wh, "settled": _wh},
    "EnergyCertificates_CorrectedTooMuch": {"wh": _wh, "issued": _wh},
    "EnergyCertificates_FromFuture": {"timestamp": format_time, "time": format_time},
    "EnergyCertificates_ImplausibleEnergy": {"energy": _wh, "maximum": _wh},
    "EnergyCertificates_NotBoundary": {"timestamp": format_time},
    "EnergyCertificates_NotConsumed": {"wh": _wh, "free": _wh},
    "EnergyCertificates_RegisterDecreased": {"imported": _wh, "exported": _wh},
    "EnergyCertificates_Skipped": {"open_from": format_time},
    "CommunityDays_Challengeable": {"day": format_day, "open_from": format_time},
    "CommunityDays_Skipped": {"open_from": format_time},
    "CommunityDays_ClosedTogether": {"day": format_day},
    "CommunityDays_Contradicted": {"day": format_day},
    "CommunityDays_DayNotFinal": {"day": format_day},
    "CommunityDays_DayNotOver": {"day": format_day, "today": format_day},
    "CommunityDays_DaysOpen": {"cursor": format_day},
    "CommunityDays_NotAnchored": {"day": format_day},
    "CommunityDays_NotClosedTogether": {"day": format_day},
    "CommunityDays_NotHandedOver": {"day": format_day},
    "CommunityDays_NotNewest": {"settled_to": format_day},
    "CommunityDays_OtherRegisters": {"imported": _wh, "exported": _wh},
    "CommunityDays_RegistersNotContinued": {"day": format_day},
    "CommunityDays_Settled": {"day": format_day},
    "DemandEnrolments_Bound": {"until": format_time},
    "DemandEnrolments_NotAccepted": {
        "committed": _w,
        "max_committed": _w,
        "fee_bps": _hundredth_percent,
        "min_fee_bps": _hundredth_percent,
    },
    "DemandEnrolments_Overlapping": {"start_time": format_time, "until": format_time},
    "DemandResponse_AboveCommitment": {"reduction": _w, "committed": _w},
    "DemandResponse_AlreadyStarted": {"start_time": format_time},
    "DemandResponse_BudgetExceeded": {"needed": _money, "left": _money},
    "DemandResponse_Committed": {"end_time": format_time},
    "DemandResponse_EscrowShort": {"received": _money, "budget": _money},
    "DemandResponse_ProgramEnded": {"end_time": format_time},
    "DemandResponse_TooEarly": {"from": format_time},
    "DemandResponse_Unread": {"from": format_time},
    "ERC20ExceededCap": {"increased_supply": _votes, "cap": _votes},
    "ERC20ExceededSafeSupply": {"increased_supply": _votes, "cap": _votes},
    "ERC20InvalidCap": {"cap": _votes},
    "ERC2612ExpiredSignature": {"deadline": format_time},
    "ERC5805FutureLookup": {"timepoint": format_time, "clock": format_time},
    "ERC2771ForwarderExpiredRequest": {"deadline": format_time},
    "ERC2771ForwarderMismatchedValue": {"requested_value": _wei, "msg_value": _wei},
    "EnergyAccounts_DayBegun": {"day": format_day},
    "EnergyAccounts_DeclaredTooMuch": {"wh": _wh, "declared": _wh},
    "EnergyAccounts_HasMeter": {"to_slot": _metered_to},
    "EnergyAccounts_MembershipPending": {"cursor": format_day, "from_day": format_day},
    "EnergyAccounts_PowerTooHigh": {"wh": _wh, "highest": _wh},
    "EnergyAccounts_RegistersMissing": {"open_from": format_time},
    "EnergyAccounts_TooLong": {"extra": format_duration, "highest": format_duration},
    "EnergyAssetNFT_BadDays": {"from_day": format_day, "to_day": format_day},
    "EnergyAssetNFT_BadPermission": {"until": format_time, "time": format_time},
    "EnergyTrading_BeyondHorizon": {"end": format_time, "latest": format_time},
    "EnergyTrading_Expired": {"expiry": format_time, "time": format_time},
    "EnergyTrading_ExpiryInPast": {"expiry": format_time, "time": format_time},
    "EnergyTrading_GateClosed": {"start": format_time, "time": format_time},
    "EnergyTrading_InvalidAmount": {"amount": _wh, "lower": _wh, "higher": _wh},
    "EnergyTrading_MisalignedPeriod": {"start": format_time},
    "EnergyTrading_NotCrossing": {"buy_price": _price, "sell_price": _price},
    "EnergyTrading_PriceTooHigh": {"price": _price, "highest": _price},
    "EnergyTrading_RateLimited": {"next_order_at": format_time},
    "EventExpired": {"deadline": format_time},
    "GovernorInsufficientProposerVotes": {"votes": _votes, "threshold": _votes},
    "GovernorInvalidVotingPeriod": {"voting_period": format_duration},
    "GovernorPreventLateQuorumVoteExtensionTooLarge": {
        "new_vote_extension": format_duration,
        "max_vote_extension": format_duration,
    },
    "GridManagement_AboveLimit": {"amount": _wh, "left": _wh},
    "GridManagement_BadEfficiency": {"efficiency": _percent},
    "GridManagement_BadTopUp": {"amount": _wh, "minimum": _wh, "maximum": _wh},
    "GridManagement_AboveMeter": {"registered": _wh, "metered": _wh},
    "GridManagement_ReviewedToday": {"day": format_day},
    "GridManagement_StorageBounds": {"amount": _wh, "possible": _wh},
    "InsufficientBalance": {"balance": _wei, "needed": _wei},
    "InsufficientReduction": {"reduction": _w, "minimum": _w},
    "InvalidMeterReading": {
        "meter_reading_start": _wh,
        "meter_reading_end": _wh,
        "actual": _w,
    },
    "MedianOracle_Stale": {"updated_at": format_time, "max_age": format_duration},
    "PeerToPeerTrading_AboveLimit": {"paid": _money, "max_paid": _money},
    "PeerToPeerTrading_AboveRemaining": {"amount": _wh, "remaining": _wh},
    "RewardDistributionFailed": {"amount": _money},
    "Settlement_AboveOutflow": {"available": _money, "amount": _money},
    "Settlement_CollectAbove": {"available": _money, "amount": _money},
    "Settlement_CreditsFull": {"room": _wh, "wh": _wh},
    "Settlement_CreditsMissing": {"available": _wh, "wh": _wh},
    "Settlement_DaysOpen": {"day": format_day, "end_day": _metered_until},
    "Settlement_GridAccountShort": {"available": _money, "needed": _money},
    "Settlement_InDebt": {"debt": _money},
    "Settlement_InsufficientBalance": {"available": _money, "needed": _money},
    "Settlement_LengtheningTooLong": {"seconds": format_duration, "maximum": format_duration},
    "Settlement_KeepsPending": {"day": format_day, "keeps_from": format_day},
    "Settlement_NothingToClose": {"day": format_day},
    "Settlement_PriceAbove": {"price": _price, "max_price": _price},
    "Settlement_TokenTookMore": {"amount": _money, "taken": _money},
    "Settlement_TooMuchMoney": {"holdings": _money, "maximum": _money},
    "Settlement_Unbalanced": {"bought": _wh, "sold": _wh},
    "Settlement_WithdrawalNotDue": {"executable_at": format_time},
    "SmartMeter_Conflicting": {"timestamp": format_time},
    "SmartMeter_Detached": {"timestamp": format_time, "end": format_time},
    "SmartMeter_Expired": {"deadline": format_time, "time": format_time},
    "SmartMeter_FromFuture": {"timestamp": format_time, "time": format_time},
    "SmartMeter_ImplausibleEnergy": {"energy": _wh, "maximum": _wh},
    "SmartMeter_ImplausibleQuality": {"grid_frequency": _hertz, "voltage": format_volts},
    "SmartMeter_NotNewer": {"timestamp": format_time, "latest": format_time},
    "SmartMeter_PowerAbove": {"rated_power": _w, "highest": _w},
    "SmartMeter_NotBoundary": {"timestamp": format_time},
    "SmartMeter_ReadByGateway": {"timestamp": format_time},
    "SmartMeter_Replayed": {"timestamp": format_time},
    "SmartMeter_RegisterDecreased": {
        "consumption": _wh,
        "production": _wh,
        "last_consumption": _wh,
        "last_production": _wh,
    },
    "SmartMeter_RegisterTooLarge": {"consumption": _wh, "production": _wh},
    "SmartMeter_Skipped": {"timestamp": format_time, "due": format_time, "open_from": format_time},
    "SmartMeter_TooSoon": {"timestamp": format_time, "earliest": format_time},
    "StabilityMaintenance_BadAdjustment": {"adjustment": _kw},
    "StabilityMaintenance_NothingToRespondTo": {"frequency": format_hertz, "voltage": _percent},
    "Tariffs_BuyAbove": {"buy": _price, "ceiling": _price},
    "Tariffs_CreditValueRises": {"value": _price, "last": _price},
    "Tariffs_FactorBelowOne": {"max_factor": _factor},
    "Tariffs_FeeAbove": {"fee": _price, "ceiling": _price},
    "Tariffs_FeedInAbove": {"feed_in": _price, "network_fee": _price, "buy": _price},
    "Tariffs_FeedInBelowCredit": {"feed_in": _price, "credit_value": _price},
    "Tariffs_WithinHorizon": {"day": format_day, "first": format_day},
    "TestDollar_AboveLimit": {"amount": _money, "maximum": _money},
    "TimelockInsufficientDelay": {"delay": format_duration, "min_delay": format_duration},
    "VotesExpiredSignature": {"expiry": format_time},
}


def quantity(error: str, name: str, value: int, *, coin: Coin | None = None, **about: Any) -> str:
    """A number of an error, with its unit if it has one.

    Args:
        coin: of the settlement token, where it is known.
        about: ``contract`` that reverts, and the error's ``arguments``.
    """
    unit = _unit(error, name, about.get("contract", ""), about.get("arguments", {}))
    if isinstance(unit, _Money) and coin is not None:
        return unit.in_coins(value, coin)
    return unit(value)


def _unit(
    error: str, name: str, contract: str, arguments: Mapping[str, Any]
) -> Callable[[int], str]:
    if name in _OF_TOKEN.get(error, ()):
        return _TOKENS.get(contract, str)
    known = UNITS.get(error, {}).get(name)
    if known is not None:
        return known
    for key in _MEASURING:
        what = arguments.get(key)
        if isinstance(what, bytes) and name in ("value", "minimum", "maximum"):
            return _MEASURED.get(what.rstrip(b"\0").decode("ascii", "replace"), str)
    return str
