"""Events of GridManagement.

The grid's side of the market: who takes part, what is declared to be produced and drawn in the
running slot, what grid energy costs, emergencies, metrics and reputations. Capacities, limits and
rates are Wh per slot. `load` is what is being drawn (consumption and charging); `available` is what
production and discharging leave: `production + discharged - load`. Charging lowers `available` and
raises `load`; were it to lower the load, energy would get cheaper as demand rises. Production,
load, charging and discharging are totals of the running slot: they start at 0 with each slot. The
first operation of a slot (reportProduction, consumeEnergy, chargeStorage, dischargeStorage,
recordSlotPrice) records its price; so does, before it takes effect, whatever changes the capacity
(registering, deactivating, reactivating a producer) or starts or ends an emergency. Amounts in Wh
are at most 2^64 - 1. Declared amounts set prices and limits here; what is sold, billed and credited
rests on meters alone (SmartMeter).

Made by `ape run export_abis` from the contracts: change those, not this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from energy_grid.chain.event_log import EventLog
from energy_grid.domain.enums import EmergencyProtocol, EnergyType, GridCondition

__all__ = [
    "GridManagement_AuthorityUpdated",
    "GridManagement_BasePriceSet",
    "GridManagement_ConsumerRegistered",
    "GridManagement_EmergencyModeSet",
    "GridManagement_EmergencyProtocolSet",
    "GridManagement_EnergyConsumed",
    "GridManagement_GridConditionSet",
    "GridManagement_MetricsRecorded",
    "GridManagement_ParticipantActiveSet",
    "GridManagement_ProducerRegistered",
    "GridManagement_ProductionReported",
    "GridManagement_RegionEmergencySet",
    "GridManagement_ReputationSet",
    "GridManagement_SlotPriceRecorded",
    "GridManagement_StorageCharged",
    "GridManagement_StorageDischarged",
    "GridManagement_StorageRegistered",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class GridManagement_AuthorityUpdated(EventLog):
    """Authority that manages this contract was updated.

    ``AuthorityUpdated(address authority)``
    """

    contract: ClassVar[str] = "GridManagement"
    event: ClassVar[str] = "AuthorityUpdated"

    authority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GridManagement_BasePriceSet(EventLog):
    """The base price is ``price`` (money per kWh) from now on.

    ``BasePriceSet(uint256 price)``
    """

    contract: ClassVar[str] = "GridManagement"
    event: ClassVar[str] = "BasePriceSet"

    price: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GridManagement_ConsumerRegistered(EventLog):
    """An account was registered as a consumer of at most ``consumption_limit`` Wh per slot.

    ``ConsumerRegistered(address indexed consumer, uint256 consumptionLimit)``
    """

    contract: ClassVar[str] = "GridManagement"
    event: ClassVar[str] = "ConsumerRegistered"

    consumer: str
    consumption_limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GridManagement_EmergencyModeSet(EventLog):
    """By hand: protocols in force are an emergency whatever this says.

    ``EmergencyModeSet(bool on)``
    """

    contract: ClassVar[str] = "GridManagement"
    event: ClassVar[str] = "EmergencyModeSet"

    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GridManagement_EmergencyProtocolSet(EventLog):
    """A protocol came into force in a region, or ended it with NONE.

    ``EmergencyProtocolSet(bytes32 indexed region, enum IGridManagement.EmergencyProtocol
    protocol)``
    """

    contract: ClassVar[str] = "GridManagement"
    event: ClassVar[str] = "EmergencyProtocolSet"

    region: bytes
    protocol: EmergencyProtocol


@dataclass(frozen=True, slots=True, kw_only=True)
class GridManagement_EnergyConsumed(EventLog):
    """A consumer bought ``amount`` Wh from the grid for ``cost`` (money).

    ``EnergyConsumed(address indexed consumer, uint256 indexed slot, uint256 amount, uint256
    cost)``
    """

    contract: ClassVar[str] = "GridManagement"
    event: ClassVar[str] = "EnergyConsumed"

    consumer: str
    slot: int
    amount: int
    cost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GridManagement_GridConditionSet(EventLog):
    """The grid authority has set the condition of the grid.

    ``GridConditionSet(enum IGridManagement.GridCondition condition)``
    """

    contract: ClassVar[str] = "GridManagement"
    event: ClassVar[str] = "GridConditionSet"

    condition: GridCondition


@dataclass(frozen=True, slots=True, kw_only=True)
class GridManagement_MetricsRecorded(EventLog):
    """Metrics were recorded: energy in Wh, efficiency in basis points.

    ``MetricsRecorded(uint256 indexed id, uint256 production, uint256 consumption, uint256
    peakLoad, uint256 efficiency)``
    """

    contract: ClassVar[str] = "GridManagement"
    event: ClassVar[str] = "MetricsRecorded"

    id: int
    production: int
    consumption: int
    peak_load: int
    efficiency: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GridManagement_ParticipantActiveSet(EventLog):
    """The grid authority deactivated or reactivated a participant, as a producer or as a
    consumer.

    ``ParticipantActiveSet(address indexed participant, bool isProducer, bool active)``
    """

    contract: ClassVar[str] = "GridManagement"
    event: ClassVar[str] = "ParticipantActiveSet"

    participant: str
    is_producer: bool
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GridManagement_ProducerRegistered(EventLog):
    """An account was registered as a producer of ``capacity`` Wh per slot.

    ``ProducerRegistered(address indexed producer, uint256 capacity, enum
    IGridManagement.EnergyType energyType)``
    """

    contract: ClassVar[str] = "GridManagement"
    event: ClassVar[str] = "ProducerRegistered"

    producer: str
    capacity: int
    energy_type: EnergyType


@dataclass(frozen=True, slots=True, kw_only=True)
class GridManagement_ProductionReported(EventLog):
    """A producer declared ``amount`` Wh of production for a slot.

    ``ProductionReported(address indexed producer, uint256 indexed slot, uint256 amount)``
    """

    contract: ClassVar[str] = "GridManagement"
    event: ClassVar[str] = "ProductionReported"

    producer: str
    slot: int
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GridManagement_RegionEmergencySet(EventLog):
    """By StabilityMaintenance, besides any protocol.

    ``RegionEmergencySet(bytes32 indexed region, bool on)``
    """

    contract: ClassVar[str] = "GridManagement"
    event: ClassVar[str] = "RegionEmergencySet"

    region: bytes
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GridManagement_ReputationSet(EventLog):
    """A producer's reputation (0 to 100) changed.

    ``ReputationSet(address indexed producer, uint256 reputation)``
    """

    contract: ClassVar[str] = "GridManagement"
    event: ClassVar[str] = "ReputationSet"

    producer: str
    reputation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GridManagement_SlotPriceRecorded(EventLog):
    """The grid price of a slot is fixed: ``price`` in money per kWh.

    ``SlotPriceRecorded(uint256 indexed slot, uint256 price)``
    """

    contract: ClassVar[str] = "GridManagement"
    event: ClassVar[str] = "SlotPriceRecorded"

    slot: int
    price: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GridManagement_StorageCharged(EventLog):
    """A storage took ``amount`` Wh from the grid; it now holds ``stored`` Wh.

    ``StorageCharged(address indexed owner, uint256 indexed slot, uint256 amount, uint256
    stored)``
    """

    contract: ClassVar[str] = "GridManagement"
    event: ClassVar[str] = "StorageCharged"

    owner: str
    slot: int
    amount: int
    stored: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GridManagement_StorageDischarged(EventLog):
    """A storage gave ``amount`` Wh to the grid; it now holds ``stored`` Wh.

    ``StorageDischarged(address indexed owner, uint256 indexed slot, uint256 amount, uint256
    stored)``
    """

    contract: ClassVar[str] = "GridManagement"
    event: ClassVar[str] = "StorageDischarged"

    owner: str
    slot: int
    amount: int
    stored: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GridManagement_StorageRegistered(EventLog):
    """A storage of ``capacity`` Wh was registered, with rates in Wh per slot.

    ``StorageRegistered(address indexed owner, uint256 capacity, uint256 chargeRate, uint256
    dischargeRate)``
    """

    contract: ClassVar[str] = "GridManagement"
    event: ClassVar[str] = "StorageRegistered"

    owner: str
    capacity: int
    charge_rate: int
    discharge_rate: int
