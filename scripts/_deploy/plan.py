"""Which contracts make up the market, and what their constructors are given.

Settlement and its modules point at each other and cannot be changed afterwards, so each must know
addresses of contracts that are not there yet. An address follows from the deployer and its nonce:
the whole group is planned first, and deployed with exactly the nonces of the plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from energy_grid.chain.abi import load
from energy_grid.chain.roles import Role
from energy_grid.domain.grid_levels import Band, Bands
from scripts._deploy.limits import BAND_BOUNDS
from scripts._deploy.role_assignments import TOKEN
from scripts._deploy.settings import Settings

__all__ = [
    "COMPILED",
    "GROUP",
    "HOME_REGION",
    "MANAGED",
    "SAFE_CONTRACTS",
    "SAFE_PROXY",
    "STANDALONE",
    "TEST_DOLLAR",
    "TOKEN_PROBE",
    "constructor_arguments",
    "default_bands",
    "votes_of",
]

TEST_DOLLAR = "TestDollar"
HOME_REGION = "home"
# In the order of deployment: what a contract reads in its constructor comes before it.
# What a Safe is made with; deployed where a role is the Safe's.
SAFE_CONTRACTS = (
    "Safe",
    "SafeProxyFactory",
    "CompatibilityFallbackHandler",
    "MultiSendCallOnly",
)
STANDALONE = ("AccessManager", TEST_DOLLAR, "ERC2771Forwarder", *SAFE_CONTRACTS)
GROUP = (
    # The slot length of the others is that of Tariffs.
    "Tariffs",
    # SmartMeter reads the default of it when it is made.
    "GridBands",
    "EnergyAccounts",
    "Settlement",
    "EnergyToken",
    "Communities",
    "GridManagement",
    "EnergyTrading",
    "SmartMeter",
    "CommunityDays",
    "GridOperatorVerification",
    "LoadMonitoring",
    "BalancingCoordination",
    "StabilityMaintenance",
    # DemandResponse reads the smallest reduction of it when it is made.
    "DemandBaselines",
    "DemandEnrolments",
    "DemandResponse",
    "PriceOracle",
    "WeatherOracle",
    "GridOracle",
    "PeerToPeerTrading",
    "EnergyAssetNFT",
    "AssetShares",
    "EnergyCertificates",
    "CarbonCredits",
    "CertificateMarket",
    # The governor reads the token's clock when it is made, so the token is there before.
    "GovernanceToken",
    "TimelockController",
    "GridGovernor",
)
# The Safe itself comes from the factory, not from a transaction of the plan.
SAFE_PROXY = "SafeProxy"
# Its code is lent to a holder of the token, to try a transfer; it is never deployed.
TOKEN_PROBE = "TokenProbe"
COMPILED = (*STANDALONE, *GROUP, SAFE_PROXY)
# Those with functions that only a role may call.
MANAGED = (
    "Tariffs",
    "GridBands",
    "EnergyAccounts",
    "EnergyTrading",
    "GridManagement",
    "Settlement",
    "SmartMeter",
    "CommunityDays",
    "GridOperatorVerification",
    "DemandResponse",
    "PriceOracle",
    "WeatherOracle",
    "GridOracle",
    "PeerToPeerTrading",
    "EnergyAssetNFT",
    "EnergyCertificates",
    "CarbonCredits",
    "CertificateMarket",
    "GovernanceToken",
)
_TARIFF = ("buyPrice", "feedIn", "networkFee", "protocolFee", "maxFactor")
_ZERO = "0x" + 40 * "0"


def constructor_arguments(
    settings: Settings, deployer: str, addresses: Mapping[str, str]
) -> dict[str, list[Any]]:
    """The constructor arguments of every contract, structs as lists.

    Args:
        addresses: where each contract is or will be.
    """
    values = settings.parameters
    manager, settlement = addresses["AccessManager"], addresses["Settlement"]
    operators = addresses["GridOperatorVerification"]
    token = settings.token or addresses[TEST_DOLLAR]
    governor = addresses["GridGovernor"]
    oracle = [values["oracleQuorum"], values["oracleMaxAge"]]
    energy, tariffs = addresses["EnergyAccounts"], addresses["Tariffs"]
    meter, communities = addresses["SmartMeter"], addresses["Communities"]
    days = addresses["CommunityDays"]
    forwarder = addresses["ERC2771Forwarder"]
    return {
        "AccessManager": [deployer],
        TEST_DOLLAR: [forwarder],
        "ERC2771Forwarder": ["EnergyGrid Forwarder"],
        "Tariffs": [
            manager,
            addresses["GridManagement"],
            [
                values["slotLength"],
                values["oracleMaxAge"],
                *(values[name] for name in ("maxBuy", "maxNetworkFee", "maxProtocolFee")),
            ],
            HOME_REGION,
            [values[name] for name in _TARIFF],
            values["creditValue"],
        ],
        "GridBands": [manager, tariffs, default_bands(values)],
        "EnergyAccounts": [
            manager,
            [settlement, meter, communities, days, tariffs],
            values["grace"],
        ],
        "Settlement": [
            manager,
            token,
            [
                addresses["EnergyTrading"],
                addresses["PeerToPeerTrading"],
                meter,
                days,
                addresses["GridManagement"],
                energy,
                tariffs,
                addresses["EnergyToken"],
                forwarder,
            ],
            _numbers("Settlement", values),
            values["outflowLimit"],
        ],
        "EnergyToken": [settlement],
        "Communities": [[settlement, energy, tariffs, meter, forwarder]],
        "GridManagement": [
            manager,
            [
                forwarder,
                settlement,
                tariffs,
                meter,
                addresses["StabilityMaintenance"],
                addresses["PriceOracle"],
                addresses["WeatherOracle"],
                addresses["GridOracle"],
                addresses["GridBands"],
            ],
        ],
        "EnergyTrading": [
            manager,
            forwarder,
            tariffs,
            settlement,
            _numbers("EnergyTrading", values),
        ],
        "SmartMeter": [
            manager,
            [forwarder, tariffs, addresses["GridBands"], settlement, energy, communities, days],
            [values[name] for name in ("minReadingInterval", "securityPerKw", "maxRatedPower")],
        ],
        "CommunityDays": [
            manager,
            [settlement, energy, communities, meter, tariffs],
            values["challengeSeconds"],
            values["deadlineSeconds"],
        ],
        "GridOperatorVerification": [manager, addresses["BalancingCoordination"]],
        "LoadMonitoring": [operators],
        "BalancingCoordination": [
            operators,
            addresses["LoadMonitoring"],
            addresses["StabilityMaintenance"],
            values["actionLifetime"],
        ],
        "StabilityMaintenance": [
            operators,
            addresses["BalancingCoordination"],
            addresses["GridManagement"],
        ],
        "DemandBaselines": [[settlement], _numbers("DemandBaselines", values)],
        "DemandEnrolments": [addresses["DemandResponse"], forwarder],
        "DemandResponse": [
            manager,
            token,
            [
                *(operators, addresses["DemandBaselines"]),
                *(addresses["DemandEnrolments"], forwarder),
            ],
            _numbers("DemandResponse", values),
        ],
        "PriceOracle": [manager, oracle, settings.decimals, values["priceDeviationBps"]],
        "WeatherOracle": [manager, oracle],
        "GridOracle": [manager, oracle, addresses["GridManagement"]],
        "PeerToPeerTrading": [manager, settlement, forwarder],
        "EnergyAssetNFT": [manager, meter, addresses["AssetShares"]],
        "AssetShares": [addresses["EnergyAssetNFT"], token],
        "EnergyCertificates": [manager, settlement, forwarder],
        "CarbonCredits": [
            *(manager, addresses["EnergyCertificates"], values["emissionFactor"], forwarder)
        ],
        "CertificateMarket": [
            *(manager, addresses["EnergyCertificates"], addresses["CarbonCredits"], forwarder)
        ],
        "GovernanceToken": [
            manager,
            values["governanceCap"] * TOKEN,
            *votes_of(settings),
        ],
        # Proposers, who also cancel; executors; no administrator but the timelock itself.
        # A guardian cancels at the governor, which knows what is queued.
        "TimelockController": [values["timelockDelay"], [governor], [governor], _ZERO],
        "GridGovernor": [
            addresses["GovernanceToken"],
            addresses["TimelockController"],
            manager,
            Role.GUARDIAN,
            values["votingDelay"],
            values["votingPeriod"],
            values["voteExtension"],
            values["proposalThreshold"] * TOKEN,
            values["quorumPercent"],
        ],
        **{name: [] for name in SAFE_CONTRACTS},
    }


def default_bands(values: Mapping[str, int]) -> Bands:
    """The bands of regions that have none of their own, as parameters name them."""
    bounds = [
        Band(*(values[f"{quantity}{name}"] for name in BAND_BOUNDS))
        for quantity in ("frequency", "voltage")
    ]
    return Bands(values["nominalFrequency"], values["nominalVoltage"], *bounds)


def _numbers(contract: str, values: Mapping[str, int]) -> list[int]:
    """The parameters of a contract, in the order of its struct of that name."""
    (constructor,) = (each for each in load(contract).entries if each["type"] == "constructor")
    (struct,) = (each for each in constructor["inputs"] if each["name"] == "parameters")
    return [values[each["name"]] for each in struct["components"]]


def votes_of(settings: Settings) -> list[list[Any]]:
    """The first holders of the governance token, and their base units of it."""
    voters = settings.voters
    return [[voter.address for voter in voters], [voter.tokens * TOKEN for voter in voters]]
