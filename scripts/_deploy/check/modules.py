"""The contracts point at each other, and answer with the numbers asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from energy_grid.errors import DeploymentError
from scripts._deploy.check.chain import Chain
from scripts._deploy.plan import MANAGED

__all__ = ["check"]

# Contract, view, and the contract at which it must point.
_POINTERS = (
    ("Settlement", "energyToken", "EnergyToken"),
    ("Settlement", "tradingModule", "EnergyTrading"),
    ("Settlement", "spotModule", "PeerToPeerTrading"),
    ("Settlement", "meterModule", "SmartMeter"),
    ("Settlement", "gridModule", "GridManagement"),
    ("EnergyToken", "SETTLEMENT", "Settlement"),
    ("EnergyTrading", "SETTLEMENT", "Settlement"),
    ("SmartMeter", "SETTLEMENT", "Settlement"),
    ("GridManagement", "SETTLEMENT", "Settlement"),
    ("GridManagement", "METER", "SmartMeter"),
    ("GridManagement", "STABILITY", "StabilityMaintenance"),
    ("GridManagement", "PRICE_ORACLE", "PriceOracle"),
    ("GridManagement", "WEATHER_ORACLE", "WeatherOracle"),
    ("GridManagement", "GRID_ORACLE", "GridOracle"),
    ("GridOperatorVerification", "BALANCING", "BalancingCoordination"),
    ("LoadMonitoring", "OPERATORS", "GridOperatorVerification"),
    ("BalancingCoordination", "OPERATORS", "GridOperatorVerification"),
    ("BalancingCoordination", "LOAD", "LoadMonitoring"),
    ("BalancingCoordination", "STABILITY", "StabilityMaintenance"),
    ("StabilityMaintenance", "OPERATORS", "GridOperatorVerification"),
    ("StabilityMaintenance", "BALANCING", "BalancingCoordination"),
    ("StabilityMaintenance", "GRID", "GridManagement"),
    ("DemandResponse", "OPERATORS", "GridOperatorVerification"),
    ("DemandResponse", "METER", "SmartMeter"),
    ("DemandResponse", "SETTLEMENT", "Settlement"),
    ("PeerToPeerTrading", "SETTLEMENT", "Settlement"),
    ("PeerToPeerTrading", "GRID", "GridManagement"),
    ("PeerToPeerTrading", "ENERGY_TOKEN", "EnergyToken"),
    ("EnergyAssetNFT", "METER", "SmartMeter"),
    ("EnergyAssetNFT", "SHARES", "AssetShares"),
    ("AssetShares", "ASSETS", "EnergyAssetNFT"),
    ("CarbonCredits", "SETTLEMENT", "Settlement"),
    ("CarbonCredits", "GRID", "GridManagement"),
)
# Contract, view, and the parameter that it must equal; only what nobody can change.
_NUMBERS = (
    ("Settlement", "SLOT_LENGTH", "slotLength"),
    ("Settlement", "GRACE", "grace"),
    ("Settlement", "OUTFLOW_WINDOW", "outflowWindow"),
    ("Settlement", "WITHDRAWAL_DELAY", "withdrawalDelay"),
    ("Settlement", "MAX_GRID_FEE_PER_KWH", "maxGridFeePerKwh"),
    ("EnergyTrading", "COLLATERAL_PER_KWH", "collateralPerKwh"),
    ("EnergyTrading", "ORDER_BURST", "orderBurst"),
    ("EnergyTrading", "ORDER_REFILL", "orderRefill"),
    ("SmartMeter", "MIN_INTERVAL", "minReadingInterval"),
    ("SmartMeter", "NOMINAL_VOLTAGE", "nominalVoltage"),
    ("SmartMeter", "SLOT_LENGTH", "slotLength"),
    ("SmartMeter", "GRACE", "grace"),
    ("GridManagement", "SLOT_LENGTH", "slotLength"),
    ("BalancingCoordination", "ACTION_LIFETIME", "actionLifetime"),
    ("DemandResponse", "VERIFICATION_TIME", "verificationTime"),
    ("DemandResponse", "MIN_REDUCTION", "minReduction"),
    ("DemandResponse", "BASELINE_DAYS", "baselineDays"),
    ("DemandResponse", "BASELINE_HIGHEST", "baselineHighest"),
    ("PriceOracle", "QUORUM", "oracleQuorum"),
    ("PriceOracle", "MAX_AGE", "oracleMaxAge"),
    ("PriceOracle", "MAX_DEVIATION_BPS", "priceDeviationBps"),
    ("WeatherOracle", "QUORUM", "oracleQuorum"),
    ("WeatherOracle", "MAX_AGE", "oracleMaxAge"),
    ("GridOracle", "QUORUM", "oracleQuorum"),
    ("GridOracle", "MAX_AGE", "oracleMaxAge"),
)


def check(chain: Chain) -> str:
    """Ask every contract.

    Raises:
        DeploymentError: one answers with something else.
    """
    expected = list(_expected(chain))
    for contract, view, wanted in expected:
        found = chain.read(contract, view)
        if found != wanted:
            raise DeploymentError(f"{contract}.{view} is {found}, not {wanted}")
    return f"{len(expected)} pointers and parameters"


def _expected(chain: Chain) -> Iterator[tuple[str, str, Any]]:
    yield "Settlement", "settlementToken", chain.deployment.token
    yield "DemandResponse", "REWARD_TOKEN", chain.deployment.token
    yield "AssetShares", "MONEY", chain.deployment.token
    for contract in MANAGED:
        yield contract, "authority", chain.address("AccessManager")
    for contract, view, target in _POINTERS:
        yield contract, view, chain.address(target)
    for contract, view, parameter in _NUMBERS:
        yield contract, view, chain.deployment.parameters[parameter]
