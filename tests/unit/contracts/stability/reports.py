"""What operators report of a region's stability, in short, and what the contract says of it then.

Frequency in centihertz, voltage in percent of nominal; the region is NORTH by default.
"""

from __future__ import annotations

from typing import Any

from eth_account.signers.local import LocalAccount

from energy_grid.chain.contract import structure
from energy_grid.contracts.stability_maintenance import (
    AutomatedResponse,
    CriticalEvent,
    StabilityReport,
)
from energy_grid.domain.enums import Trigger
from tests.support.market import Market, Receipt, actor
from tests.unit.contracts.operators.operators import NORTH, verified_operator

__all__ = [
    "BASE",
    "CRITICAL",
    "FINE",
    "MAX_AGE",
    "configure",
    "critical_event",
    "current",
    "in_emergency",
    "logged",
    "prices",
    "report",
    "resolve",
    "responses",
    "trigger",
    "voice",
]

# The buy price that the market is deployed with.
BASE = 300_000
# How long an emergency lasts that nobody renews.
MAX_AGE = 7200
# Frequency and voltage of a region that is well, and of one that is not at all.
FINE = (5000, 100)
CRITICAL = (4700, 100)


def report(
    market: Market,
    operator: LocalAccount,
    frequency: int = 5000,
    voltage: int = 100,
    phase_angle: int = 0,
    *,
    region: bytes = NORTH,
) -> Receipt:
    return market.do(
        *(operator, market.stability, "reportStabilityMetrics"),
        *(region, frequency, voltage, phase_angle),
    )


def trigger(
    market: Market,
    operator: LocalAccount,
    frequency: int,
    voltage: int,
    severity: int,
    *,
    region: bytes = NORTH,
) -> Receipt:
    return market.do(
        *(operator, market.stability, "triggerStabilityResponse"),
        *(region, frequency, voltage, severity),
    )


def voice(market: Market, region: bytes = NORTH, name: str = "second") -> LocalAccount:
    """Another operator's voice for a critical event, which waits for one more; it is no report."""
    operator = actor(name)
    if not market.operators.call("isVerifiedOperator", operator.address):
        verified_operator(market, name, region=region.decode().rstrip("\0"))
    trigger(market, operator, *CRITICAL, 3, region=region)
    return operator


def configure(
    market: Market,
    operator: LocalAccount,
    condition: Trigger | int,
    action_type: int,
    adjustment: int = 50,
    priority: int = 1,
) -> Receipt:
    return market.do(
        *(operator, market.stability, "configureAutomatedResponse"),
        *(condition, action_type, adjustment, priority),
    )


def resolve(market: Market, operator: LocalAccount, event: int) -> Receipt:
    return market.do(operator, market.stability, "resolveCriticalEvent", event)


def current(market: Market, region: bytes = NORTH) -> StabilityReport:
    return structure(StabilityReport, market.stability.call("getCurrentStability", region))


def critical_event(market: Market, event: int) -> CriticalEvent:
    return structure(CriticalEvent, market.stability.call("getCriticalEvent", event))


def responses(market: Market, region: bytes = NORTH) -> list[AutomatedResponse]:
    found = market.stability.call("getAutomatedResponses", region)
    return [structure(AutomatedResponse, one) for one in found]


def in_emergency(market: Market, region: bytes = NORTH) -> tuple[bool, bool]:
    """As StabilityMaintenance says, and as GridManagement does."""
    return (
        market.stability.call("isInEmergency", region),
        market.grid.call("isRegionInEmergency", region),
    )


def prices(market: Market, region: bytes = NORTH) -> tuple[int, bool]:
    """The price of the slot that follows, and whether the region is in an emergency."""
    slot = market.slot(market.now) + 1
    price = market.grid.call("priceOf(bytes32,uint256)", region, slot)
    return price, market.grid.call("getGridStatus(bytes32)", region)[7]


def logged(market: Market, receipt: Receipt, event: str) -> list[dict[str, Any]]:
    """The contract's events of one name, by the names of their values."""
    return [dict(one.arguments) for one in market.events(receipt, market.stability, event)]
