"""What a stream tells, and to whom.

Everybody hears what concerns everybody: blocks, batches, prices, the grid, communities and votes.
What an account does or has is told to it alone, although the chain shows it to who looks there:
this backend does not make that easier.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from energy_grid.api.models import Topic
from energy_grid.backend.store.news import Event

__all__ = ["TOPICS", "concerns", "topic_of"]

TOPICS: tuple[Topic, ...] = get_args(Topic)

# What everybody hears: contracts and their events.
_PUBLIC: Mapping[Topic, Mapping[str, str]] = {
    "batch": {"EnergyTrading": "BatchSettled"},
    "price": {
        "Tariffs": "CreditValueSet FactorsWritten RegionAdded TariffSet",
        "PriceOracle": "RoundAnswered",
    },
    "grid": {
        "WeatherOracle": "RoundAnswered",
        "GridOracle": "RoundAnswered",
        "LoadMonitoring": "LoadReported LoadStatusChanged",
        "BalancingCoordination": "BalancingActionClosed BalancingActionOpened RegionCapacitySet",
        "StabilityMaintenance": "CriticalEventOpened CriticalEventResolved StabilityLevelChanged"
        " StabilityReported",
        "GridManagement": "EmergencyModeSet EmergencyProtocolSet GridConditionSet MetricsRecorded"
        " RegionEmergencySet",
        "DemandResponse": "EventCancelled EventCompleted EventScheduled EventStarted ProgramClosed"
        " ProgramCreated",
    },
    "community": {"Communities": "CommunityCreated ThetaSet", "CommunityDays": "DayAnchored"},
    "governance": {
        "GridGovernor": "ProposalCanceled ProposalCreated ProposalExecuted ProposalExtended"
        " ProposalQueued"
    },
}
_TOPIC_OF = {
    (contract, name): topic
    for topic, contracts in _PUBLIC.items()
    for contract, names in contracts.items()
    for name in names.split()
}


def topic_of(event: Event) -> Topic:
    """The topic of an event: ``account`` if it concerns accounts alone."""
    return _TOPIC_OF.get((event.contract, event.name), "account")


def concerns(event: Event, account: str, number: int | None, meters: frozenset[str]) -> bool:
    """Whether an event that is not for everybody names an account.

    Args:
        number: of its settlement account; None: it has none.
        meters: their addresses, past ones too.
    """
    values: Mapping[str, Any] = event.values
    return (
        account in values.values()
        or (number is not None and values.get("number") == number)
        or values.get("meter") in meters
    )
