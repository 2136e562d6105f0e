"""The roles of the market's AccessManager, and what each may call.

The only place that says so: the deployment wires from it, the check after a deployment compares
the chain with it, and callers name roles by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType

__all__ = ["DELAYED", "PERMISSIONS", "SAFES", "Role", "functions_of"]


class Role(IntEnum):
    """A role, with its number in the AccessManager."""

    ADMIN = 0
    """Governance: grants every other role, and may call what no other role may."""
    GRID_AUTHORITY = 1
    """Sets tariffs, confirms participants, verifies operators, judges reputations."""
    GUARDIAN = 2
    """Pauses, postpones a large withdrawal, and cancels a queued proposal within its delay; cannot
    move money."""
    REPORTER = 3
    """Report measurements and prices from outside to the oracles."""
    METER_REGISTRAR = 4
    """Registers meters and rotates their keys."""
    KEEPER = 5
    """Sends batches of signed and on-chain orders, within what their traders have signed."""
    REGISTRAR = 6
    """Registers assets and their meters, clean producers, and devices that earn certificates."""
    TREASURY = 7
    """Collects fees and the revenue of grid energy."""
    METER_GATEWAY = 8
    """Anchors the days of communities that name it as their gateway."""


SAFES = ("authority", "registrar", "treasury", "guardian")
"""Names of the Safes that a deployment may make, so that no two keys hold more than one of them."""

DELAYED = frozenset({Role.TREASURY})
"""Roles whose calls are scheduled first and wait `roleDelay`, in which everybody can leave and a
guardian can stop them: they move money, without the holder's consent and without other notice."""

_STOP = ("pause", "unpause")

# Role -> contract -> names of its restricted functions (every overload of a name is meant).
PERMISSIONS: Mapping[Role, Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        Role.ADMIN: {
            "EnergyTrading": ("shutdown",),
            "PeerToPeerTrading": ("shutdown",),
            "DemandResponse": ("shutdown",),
            "EnergyAssetNFT": ("shutdown",),
            "CertificateMarket": ("shutdown",),
            "Settlement": ("shutdown", "setOutflowLimit"),
            "CarbonCredits": ("setEmissionFactor",),
            "GovernanceToken": ("mint",),
            "PriceOracle": ("setParameters",),
            "WeatherOracle": ("setParameters",),
            "GridOracle": ("setParameters",),
        },
        Role.GRID_AUTHORITY: {
            "GridManagement": (
                "setBasePrice",
                "toggleEmergencyMode",
                "implementEmergencyProtocol",
                "updateGridStatus",
                "recordMetrics",
                "updateProducerReputation",
                "confirmParticipant",
                "deactivateParticipant",
                "reactivateParticipant",
            ),
            "Tariffs": ("addRegion", "setTariff", "setCreditValue"),
            "GridBands": ("setBands",),
            "GridOperatorVerification": (
                "verifyOperator",
                "revokeOperator",
                "setOperatorAuthorization",
                "setOperatorScore",
            ),
            "DemandResponse": ("registerGridOperator",),
        },
        Role.GUARDIAN: {
            "EnergyTrading": _STOP,
            "Settlement": (*_STOP, "lengthenWithdrawal"),
            "EnergyAccounts": ("prolong",),
            "PeerToPeerTrading": _STOP,
            "DemandResponse": _STOP,
            "EnergyAssetNFT": _STOP,
            "CertificateMarket": _STOP,
            "PriceOracle": ("confirmRound",),
            "WeatherOracle": ("confirmRound",),
            "GridOracle": ("confirmRound",),
        },
        Role.REPORTER: {
            "PriceOracle": ("submitPrice",),
            "WeatherOracle": ("submitWeather",),
            "GridOracle": ("submitGridState",),
        },
        Role.METER_REGISTRAR: {
            "SmartMeter": (
                "registerMeter",
                "exchangeMeter",
                "rotateMeterKey",
                "deactivateMeter",
            ),
        },
        Role.KEEPER: {"EnergyTrading": ("settleBatch",)},
        Role.REGISTRAR: {
            "EnergyAssetNFT": ("mint", "linkMeter", "unlinkMeter"),
            "EnergyCertificates": ("registerDevice", "deregisterDevice", "correct"),
            "CarbonCredits": ("registerCleanEnergyProducer", "deregisterCleanEnergyProducer"),
        },
        Role.TREASURY: {"Settlement": ("collect",)},
        Role.METER_GATEWAY: {"CommunityDays": ("anchor",)},
    }
)


def functions_of(contract: str) -> dict[str, Role]:
    """The restricted functions of a contract, by name, each with the role that may call it."""
    return {
        name: role for role, targets in PERMISSIONS.items() for name in targets.get(contract, ())
    }
