"""GridManagement: the grid's side of the market (contracts/interfaces/IGridManagement.sol).

Capacities, limits and rates in Wh per slot, prices in money per kWh. Regions are plain text here.
"""

from __future__ import annotations

from collections.abc import Iterable

from energy_grid.chain.contract import Call, structure, to_bytes32
from energy_grid.chain.rpc.node import BlockId
from energy_grid.contracts.access import Managed
from energy_grid.contracts.grid_records import MarketPrice
from energy_grid.contracts.records import (
    ConsumerInfo,
    GridStatus,
    Metrics,
    ProducerInfo,
    StorageInfo,
)
from energy_grid.domain.enums import EmergencyProtocol, EnergyType, GridCondition

__all__ = ["GridManagement"]


class GridManagement(Managed):
    """The wrapper of GridManagement.

    Who is not registered, or not active, is refused with GridManagement_NotRegistered or
    GridManagement_Inactive; an amount of zero with GridManagement_ZeroAmount.
    """

    NAME = "GridManagement"

    # Participants

    def register_producer(self, capacity: int, energy_type: EnergyType) -> Call:
        """Register the sender as a producer with reputation 100.

        Raises: GridManagement_AlreadyRegistered, GridManagement_ZeroAmount.
        """
        return self.prepare("registerProducer", capacity, energy_type)

    def register_consumer(self, limit: int) -> Call:
        """Register the sender as a consumer.

        Raises: GridManagement_AlreadyRegistered, GridManagement_ZeroAmount.
        """
        return self.prepare("registerConsumer", limit)

    def register_storage(self, capacity: int, charge_rate: int, discharge_rate: int) -> Call:
        """Register the sender's storage, empty.

        Raises: GridManagement_AlreadyRegistered, GridManagement_ZeroAmount.
        """
        return self.prepare("registerStorage", capacity, charge_rate, discharge_rate)

    def report_production(self, amount: int) -> Call:
        """Declare the sender's production of the running slot; replaces an earlier report.

        Raises: GridManagement_AboveLimit, GridManagement_InsufficientEnergy.
        """
        return self.prepare("reportProduction", amount)

    def consume_energy(self, amount: int) -> Call:
        """Buy from the grid at the dynamic price, out of the sender's Settlement balance.

        Raises: GridManagement_AboveLimit, GridManagement_InsufficientEnergy,
            Settlement_InsufficientBalance.
        """
        return self.prepare("consumeEnergy", amount)

    def charge_storage(self, amount: int) -> Call:
        """Charge the sender's storage out of what is available.

        Raises: GridManagement_AboveLimit, GridManagement_StorageBounds,
            GridManagement_InsufficientEnergy.
        """
        return self.prepare("chargeStorage", amount)

    def discharge_storage(self, amount: int) -> Call:
        """Discharge the sender's storage.

        Raises: GridManagement_AboveLimit, GridManagement_StorageBounds.
        """
        return self.prepare("dischargeStorage", amount)

    # Anyone

    def add_consumer_balance(self, consumer: str, amount: int) -> Call:
        """Pay 1 to 1,000,000 whole units of the token (allowed to Settlement) for a consumer.

        Raises: GridManagement_BadTopUp.
        """
        return self.prepare("addConsumerBalance", consumer, amount)

    def record_slot_price(self) -> Call:
        """Record the grid price of the running slot, unless it is recorded; gives it."""
        return self.prepare("recordSlotPrice")

    # Grid authority

    def set_base_price(self, new_price: int) -> Call:
        """Set the base price, above 0. Role: GRID_AUTHORITY.

        Metered deficits are charged by it from the next slot on.
        Raises: GridManagement_BadParameter.
        """
        return self.prepare("setBasePrice", new_price)

    def toggle_emergency_mode(self) -> Call:
        """Turn emergency pricing on or off. Role: GRID_AUTHORITY."""
        return self.prepare("toggleEmergencyMode")

    def implement_emergency_protocol(self, region: str, protocol: EmergencyProtocol) -> Call:
        """Put a protocol into force in a region; NONE ends it. Role: GRID_AUTHORITY."""
        return self.prepare("implementEmergencyProtocol", to_bytes32(region), protocol)

    def update_grid_status(self, condition: GridCondition) -> Call:
        """Say how the grid is. Role: GRID_AUTHORITY."""
        return self.prepare("updateGridStatus", condition)

    def record_metrics(
        self, *, production: int, consumption: int, peak_load: int, efficiency: int
    ) -> Call:
        """Record metrics, efficiency in basis points; gives their number. Role: GRID_AUTHORITY.

        Raises: GridManagement_BadEfficiency.
        """
        return self.prepare("recordMetrics", production, consumption, peak_load, efficiency)

    def update_producer_reputation(self, producer: str, new_score: int) -> Call:
        """Set a reputation, 0 to 100. Role: GRID_AUTHORITY.

        Raises: GridManagement_BadScore.
        """
        return self.prepare("updateProducerReputation", producer, new_score)

    def deactivate_participant(self, target: str, is_producer: bool) -> Call:
        """End new SELL orders of a producer or BUY orders of a consumer. Role: GRID_AUTHORITY."""
        return self.prepare("deactivateParticipant", target, is_producer)

    def reactivate_participant(self, target: str, is_producer: bool) -> Call:
        """Undo `deactivate_participant`. Role: GRID_AUTHORITY.

        Raises: GridManagement_AlreadyActive.
        """
        return self.prepare("reactivateParticipant", target, is_producer)

    def note_failed_delivery(self, seller: str) -> Call:
        """Lower a reputation by one. Settlement only: GridManagement_OnlySettlement."""
        return self.prepare("noteFailedDelivery", seller)

    def set_region_emergency(self, region: str, on: bool) -> Call:
        """Put a region into emergency mode, or end it. StabilityMaintenance only:
        GridManagement_OnlyStability."""
        return self.prepare("setRegionEmergency", to_bytes32(region), on)

    # Views

    def get_producer_info(
        self, producer: str, *, block_identifier: BlockId = "latest"
    ) -> ProducerInfo:
        """A producer."""
        values = self.call("getProducerInfo", producer, block_identifier=block_identifier)
        return structure(ProducerInfo, values)

    def get_consumer_info(
        self, consumer: str, *, block_identifier: BlockId = "latest"
    ) -> ConsumerInfo:
        """A consumer."""
        values = self.call("getConsumerInfo", consumer, block_identifier=block_identifier)
        return structure(ConsumerInfo, values)

    def get_storage_info(self, owner: str, *, block_identifier: BlockId = "latest") -> StorageInfo:
        """A storage."""
        values = self.call("getStorageInfo", owner, block_identifier=block_identifier)
        return structure(StorageInfo, values)

    def get_grid_status(self, *, block_identifier: BlockId = "latest") -> GridStatus:
        """The grid now."""
        return structure(GridStatus, self.call("getGridStatus", block_identifier=block_identifier))

    def get_dynamic_price(self, *, block_identifier: BlockId = "latest") -> int:
        """The price of grid energy now."""
        return self._number("getDynamicPrice", block_identifier=block_identifier)

    def get_metrics(self, metrics_id: int, *, block_identifier: BlockId = "latest") -> Metrics:
        """Recorded metrics. Raises: GridManagement_NoSuchMetrics."""
        values = self.call("getMetrics", metrics_id, block_identifier=block_identifier)
        return structure(Metrics, values)

    def get_energy_production(self, producer: str, *, block_identifier: BlockId = "latest") -> int:
        """Wh that a producer's meters have metered in its life."""
        return self._number("getEnergyProduction", producer, block_identifier=block_identifier)

    def is_storage(self, account: str, *, block_identifier: BlockId = "latest") -> bool:
        """Whether an account has registered a storage."""
        return bool(self.call("isStorage", account, block_identifier=block_identifier))

    def is_active_participant(self, account: str, *, block_identifier: BlockId = "latest") -> bool:
        """Whether an account is registered and active, as producer or consumer."""
        return bool(self.call("isActiveParticipant", account, block_identifier=block_identifier))

    def price_of(self, slot: int, *, block_identifier: BlockId = "latest") -> int:
        """The grid price of a slot: what closing it charges."""
        return self._number("priceOf", slot, block_identifier=block_identifier)

    def prices_of(self, slots: Iterable[int], *, block_identifier: BlockId = "latest") -> list[int]:
        """`price_of` many slots in few round trips."""
        one_each = ([slot] for slot in slots)
        return self.call_many("priceOf", one_each, block_identifier=block_identifier)

    def base_price_of(self, slot: int, *, block_identifier: BlockId = "latest") -> int:
        """The base price in force when a slot began, or now for slots to come."""
        return self._number("basePriceOf", slot, block_identifier=block_identifier)

    def get_market_price(self, region: str, *, block_identifier: BlockId = "latest") -> MarketPrice:
        """What a kWh should cost in a region now, and why; what is charged is `price_of`."""
        word = to_bytes32(region)
        values = self.call("getMarketPrice", word, block_identifier=block_identifier)
        return structure(MarketPrice, values)

    def capacity_of(self, energy_type: EnergyType, *, block_identifier: BlockId = "latest") -> int:
        """Wh per slot of the active producers of a type."""
        return self._number("capacityOf", energy_type, block_identifier=block_identifier)

    def is_region_in_emergency(self, region: str, *, block_identifier: BlockId = "latest") -> bool:
        """Whether a region is in emergency mode, or has a protocol in force."""
        word = to_bytes32(region)
        return bool(self.call("isRegionInEmergency", word, block_identifier=block_identifier))

    def emergency_protocol_of(
        self, region: str, *, block_identifier: BlockId = "latest"
    ) -> EmergencyProtocol:
        """The protocol in force in a region."""
        word = to_bytes32(region)
        return EmergencyProtocol(
            self.call("emergencyProtocolOf", word, block_identifier=block_identifier)
        )

    # Fixed at deployment

    def settlement(self) -> str:
        """Address of Settlement."""
        return str(self.call("SETTLEMENT"))

    def meter(self) -> str:
        """Address of SmartMeter."""
        return str(self.call("METER"))

    def stability(self) -> str:
        """Address of StabilityMaintenance."""
        return str(self.call("STABILITY"))

    def price_oracle(self) -> str:
        """Address of PriceOracle."""
        return str(self.call("PRICE_ORACLE"))

    def weather_oracle(self) -> str:
        """Address of WeatherOracle."""
        return str(self.call("WEATHER_ORACLE"))

    def grid_oracle(self) -> str:
        """Address of GridOracle."""
        return str(self.call("GRID_ORACLE"))

    def slot_length(self) -> int:
        """Seconds of a slot."""
        return self._number("SLOT_LENGTH")
