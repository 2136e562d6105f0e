"""The contracts point at each other, and answer with the numbers asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from energy_grid.chain.abi import snake_case
from energy_grid.errors import DeploymentError
from scripts._deploy.check.chain import Chain
from scripts._deploy.plan import GROUP, MANAGED, default_bands

__all__ = ["check"]

# Contract, view, and the contract at which it must point.
_POINTERS = (
    ("Settlement", "energyToken", "EnergyToken"),
    ("Settlement", "tradingModule", "EnergyTrading"),
    ("Settlement", "spotModule", "PeerToPeerTrading"),
    ("Settlement", "meterModule", "SmartMeter"),
    ("Settlement", "daysModule", "CommunityDays"),
    ("Settlement", "gridModule", "GridManagement"),
    ("Settlement", "ENERGY", "EnergyAccounts"),
    ("Settlement", "TARIFFS", "Tariffs"),
    ("EnergyToken", "SETTLEMENT", "Settlement"),
    ("Tariffs", "GRID", "GridManagement"),
    ("SmartMeter", "TARIFFS", "Tariffs"),
    ("SmartMeter", "ENERGY", "EnergyAccounts"),
    ("SmartMeter", "COMMUNITIES", "Communities"),
    ("SmartMeter", "COMMUNITY_DAYS", "CommunityDays"),
    ("EnergyTrading", "SETTLEMENT", "Settlement"),
    ("SmartMeter", "SETTLEMENT", "Settlement"),
    ("GridManagement", "SETTLEMENT", "Settlement"),
    ("GridManagement", "METER", "SmartMeter"),
    ("GridManagement", "STABILITY", "StabilityMaintenance"),
    ("GridManagement", "PRICE_ORACLE", "PriceOracle"),
    ("GridManagement", "WEATHER_ORACLE", "WeatherOracle"),
    ("GridManagement", "GRID_ORACLE", "GridOracle"),
    ("GridManagement", "BANDS", "GridBands"),
    ("SmartMeter", "BANDS", "GridBands"),
    ("GridBands", "TARIFFS", "Tariffs"),
    ("GridOperatorVerification", "BALANCING", "BalancingCoordination"),
    ("LoadMonitoring", "OPERATORS", "GridOperatorVerification"),
    ("BalancingCoordination", "OPERATORS", "GridOperatorVerification"),
    ("BalancingCoordination", "LOAD", "LoadMonitoring"),
    ("BalancingCoordination", "STABILITY", "StabilityMaintenance"),
    ("StabilityMaintenance", "OPERATORS", "GridOperatorVerification"),
    ("StabilityMaintenance", "BALANCING", "BalancingCoordination"),
    ("StabilityMaintenance", "GRID", "GridManagement"),
    ("DemandResponse", "OPERATORS", "GridOperatorVerification"),
    ("DemandResponse", "BASELINES", "DemandBaselines"),
    ("DemandResponse", "ENROLMENTS", "DemandEnrolments"),
    ("DemandBaselines", "SETTLEMENT", "Settlement"),
    ("DemandBaselines", "ENERGY", "EnergyAccounts"),
    ("DemandEnrolments", "RESPONSE", "DemandResponse"),
    ("PeerToPeerTrading", "SETTLEMENT", "Settlement"),
    ("PeerToPeerTrading", "GRID", "GridManagement"),
    ("PeerToPeerTrading", "ENERGY_TOKEN", "EnergyToken"),
    ("EnergyAssetNFT", "METER", "SmartMeter"),
    ("EnergyAssetNFT", "SHARES", "AssetShares"),
    ("AssetShares", "ASSETS", "EnergyAssetNFT"),
    ("EnergyCertificates", "SETTLEMENT", "Settlement"),
    ("EnergyCertificates", "ENERGY", "EnergyAccounts"),
    ("EnergyCertificates", "METER", "SmartMeter"),
    ("EnergyCertificates", "GRID", "GridManagement"),
    ("CertificateMarket", "CERTIFICATES", "EnergyCertificates"),
    ("CertificateMarket", "CREDITS", "CarbonCredits"),
    ("CarbonCredits", "CERTIFICATES", "EnergyCertificates"),
    ("CarbonCredits", "GRID", "GridManagement"),
)
# Views of parameters that nobody can change are called as these, in capitals; but for some.
_VIEWS = {
    "challengeSeconds": "CHALLENGE",
    "deadlineSeconds": "DEADLINE",
    "maxRatedPower": "MAX_POWER",
    "minReadingInterval": "MIN_INTERVAL",
    "oracleMaxAge": "MAX_AGE",
    "priceDeviationBps": "MAX_DEVIATION_BPS",
}


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
    yield "GridBands", "defaultBands", default_bands(chain.deployment.parameters)
    for contract in MANAGED:
        yield contract, "authority", chain.address("AccessManager")
    for contract, view, target in _POINTERS:
        yield contract, view, chain.address(target)
    for parameter, value in chain.deployment.parameters.items():
        view = _VIEWS.get(parameter, snake_case(parameter).upper())
        for contract in GROUP:
            if any(each.name == view for each in chain.abi(contract).functions.values()):
                yield contract, view, value
