"""What the contracts of the grid suite know and say: the second part of `ports`.

Grid power in kW, a consumer's in W; frequency in centihertz (5000 is 50.00 Hz), voltage in percent
of nominal, phase angle in degrees; times in Unix seconds; factors in basis points (10000 leaves a
price as it is). Enums are numbered as on the chain, fields are in the order of the chain's structs,
and regions are plain text.
"""

from __future__ import annotations

from dataclasses import dataclass

from energy_grid.domain.balancing import ActionStatus, ActionType
from energy_grid.domain.demand_response import EventStatus
from energy_grid.domain.enums import (
    OperatorStatus,
    ParticipationStatus,
    ProgramStatus,
    ProgramType,
    Trigger,
)
from energy_grid.domain.grid_levels import LoadStatus, StabilityLevel
from energy_grid.domain.oracles import RoundStatus

__all__ = [
    "AutomatedResponse",
    "BalancingAction",
    "CriticalEvent",
    "DemandResponseEvent",
    "GridState",
    "LoadReport",
    "MarketPrice",
    "Operator",
    "ParticipationRecord",
    "Program",
    "ProgramParticipant",
    "RegionCapacity",
    "Round",
    "RoundData",
    "StabilityReport",
    "Weather",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketPrice:
    """What a kWh should cost in a region now, and why: money per kWh, factors in basis points.

    Where an oracle is not fresh, its factors are 10000 and the base is the grid's base price.
    """

    price: int
    smoothed_base: int
    demand_factor: int
    supply_factor: int
    time_factor: int
    stability_factor: int
    is_price_fresh: bool
    is_weather_fresh: bool
    is_grid_fresh: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """A grid operator: capacity in kW, score 0 to 100, ``authorized`` if verified, not suspended.

    Status NONE, and zeros, where none is registered.
    """

    name: str
    region: str
    capacity: int
    score: int
    registered_at: int
    status: OperatorStatus
    authorized: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadReport:
    """A region's load in kW, and in percent of its capacity."""

    capacity: int
    demand: int
    percentage: int
    timestamp: int
    status: LoadStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionCapacity:
    """What a region has and runs, and what load it has shed, in kW."""

    max_generation: int
    current_generation: int
    reserve: int
    shed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BalancingAction:
    """An action of ``target`` kW; priority 1 is the most urgent of 5, ``deadline`` inclusive."""

    id: int
    region: str
    operator: str
    action_type: ActionType
    status: ActionStatus
    priority: int
    automated: bool
    target: int
    created_at: int
    deadline: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StabilityReport:
    """A measurement: centihertz, percent of nominal, degrees."""

    frequency: int
    voltage: int
    phase_angle: int
    timestamp: int
    level: StabilityLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class AutomatedResponse:
    """What a report opens by itself: ``adjustment`` kW; ``action_id`` is its last action or 0."""

    trigger: Trigger
    action_type: ActionType
    adjustment: int
    priority: int
    action_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CriticalEvent:
    """A critical event; while it is open, ``resolved_by`` is the zero address."""

    id: int
    region: str
    operator: str
    frequency: int
    voltage: int
    opened_at: int
    resolved_by: str
    resolved_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A demand-response program: target in kW, rate in money per kW, ``committed`` in W.

    It takes participants and reports before ``end_time``; ``spent`` of the budget is earned or
    given to events.
    """

    name: str
    program_type: ProgramType
    region: str
    operator: str
    target_reduction_kw: int
    incentive_rate: int
    start_time: int
    end_time: int
    committed: int
    participants: int
    budget: int
    spent: int
    status: ProgramStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramParticipant:
    """A consumer's part in a program: W, 0 committed for who is no participant; money."""

    committed: int
    reduction: int
    earned: int
    claimed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandResponseEvent:
    """An event: target in kW, reward in money per kW, reductions in W, ``end_time`` exclusive.

    ``program_id`` is 0 for an event of its own; it can be verified up to ``verifiable_until``.
    ``metered_reduction_w`` is the part of the total that meters have found.
    """

    event_id: int
    program_id: int
    grid_operator: str
    region: str
    target_reduction_kw: int
    reward_per_kw: int
    start_time: int
    end_time: int
    verifiable_until: int
    status: EventStatus
    total_participants: int
    total_reduction_w: int
    metered_reduction_w: int
    budget: int
    paid: int
    refunded: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipationRecord:
    """A consumer's part in an event: average W over it, registers in Wh, reward in money.

    Both registers are 0 where the meters decided.
    """

    participation_id: int
    event_id: int
    consumer: str
    baseline_usage_w: int
    actual_usage_w: int
    reduction_w: int
    reward_amount: int
    meter_reading_start: int
    meter_reading_end: int
    verified_at: int
    status: ParticipationStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """A round of an oracle: medians by quantity, none before it closes; one held has them, too."""

    id: int
    values: tuple[int, ...]
    started_at: int
    updated_at: int
    submissions: int
    status: RoundStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundData:
    """A price as Chainlink's feeds give it."""

    id: int
    answer: int
    started_at: int
    updated_at: int
    answered_in_round: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """W/m2 on the horizontal, hundredths of a degree Celsius and of a m/s, basis points of sky."""

    irradiance: int
    temperature: int
    wind_speed: int
    cloud_cover: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GridState:
    """A region's grid: kW, kW, centihertz, percent of nominal."""

    demand: int
    supply: int
    frequency: int
    voltage: int
