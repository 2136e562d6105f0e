"""SmartMeter: meters and their readings (see contracts/interfaces/ISmartMeter.sol).

Energy in Wh since the meter's previous reading, power in W, frequency in centihertz, voltage in
decivolts. Regions are plain text here, at most 32 ASCII characters.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple

from energy_grid.chain.contract import Call, regional, structure, to_bytes32
from energy_grid.chain.rpc.node import BlockId
from energy_grid.contracts.gateways import GatewayReadings
from energy_grid.contracts.records import MeterInfo, MeterReading, SignedReading

__all__ = ["SmartMeter"]

_LATEST = "getLatestReading()"
_LATEST_OF = "getLatestReading(address)"
_PRODUCTION = "getDailyProduction()"
_PRODUCTION_OF = "getDailyProduction(address,uint256)"
_CONSUMPTION = "getDailyConsumption()"
_CONSUMPTION_OF = "getDailyConsumption(address,uint256)"


class SmartMeter(GatewayReadings):
    """The wrapper of SmartMeter.

    A reading can be refused with SmartMeter_UnknownMeter, _InactiveMeter, _NotNewer, _Replayed,
    _Conflicting, _TooSoon, _FromFuture, _TooOld, _ImplausibleEnergy, _ImplausibleFrequency,
    _ImplausibleVoltage.
    """

    NAME = "SmartMeter"

    def submit_reading(self, reading: MeterReading) -> Call:
        """Record a reading of the sender, which is the meter."""
        return self.prepare("submitReading", astuple(reading))

    def submit_signed_readings(self, readings: Sequence[SignedReading]) -> Call:
        """Record readings that their meters have signed: all or, if one is refused, none.

        One that a later reading of its meter has overtaken is passed over (ReadingSkipped).
        Raises: SmartMeter_WrongSignature, and what `SmartMeter` says of all readings.
        """
        values = [(one.meter, astuple(one.reading), one.r, one.vs) for one in readings]
        return self.prepare("submitSignedReadings", values)

    # Meter registrar

    def register_meter(
        self, meter: str, account: str, region: str, rated_power: int, signature: bytes
    ) -> Call:
        """Register a meter; gives its number. Role: METER_REGISTRAR.

        ``signature`` is the meter's own (`signing.sign_registration`).
        Raises: SmartMeter_AlreadyRegistered, SmartMeter_ZeroAccount, SmartMeter_TooManyMeters,
            SmartMeter_ReadByGateway, SmartMeter_WrongSignature, SmartMeter_BadParameter.
        """
        return self.prepare(
            "registerMeter", meter, account, to_bytes32(region), rated_power, signature
        )

    def set_meter_account(self, meter: str, account: str) -> Call:
        """Give a meter to another account from its next reading on. Role: METER_REGISTRAR.

        Raises: SmartMeter_UnknownMeter, SmartMeter_ZeroAccount, SmartMeter_TooManyMeters,
            SmartMeter_ReadByGateway.
        """
        return self.prepare("setMeterAccount", meter, account)

    def rotate_meter_key(self, meter: str, new_key: str, signature: bytes) -> Call:
        """Replace a meter's key; the old one fails at once. Role: METER_REGISTRAR.

        ``signature`` is the new key's (`signing.sign_rotation`).
        Raises: SmartMeter_UnknownMeter, SmartMeter_AlreadyRegistered, SmartMeter_WrongSignature.
        """
        return self.prepare("rotateMeterKey", meter, new_key, signature)

    def deactivate_meter(self, meter: str) -> Call:
        """Refuse a meter's readings for good. Role: METER_REGISTRAR.

        Raises: SmartMeter_UnknownMeter, SmartMeter_InactiveMeter.
        """
        return self.prepare("deactivateMeter", meter)

    # Views

    def get_latest_reading(
        self, meter: str, *, block_identifier: BlockId = "latest"
    ) -> MeterReading:
        """A meter's latest reading. Raises: SmartMeter_UnknownMeter."""
        return structure(
            MeterReading, self.call(_LATEST_OF, meter, block_identifier=block_identifier)
        )

    def own_latest_reading(
        self, sender: str, *, block_identifier: BlockId = "latest"
    ) -> MeterReading:
        """As `get_latest_reading`, in the form that a meter asks of itself."""
        values = self.call(_LATEST, block_identifier=block_identifier, sender=sender)
        return structure(MeterReading, values)

    def get_daily_production(
        self, meter: str, day: int, *, block_identifier: BlockId = "latest"
    ) -> int:
        """Wh of a UTC day, counted in days since 1970."""
        return self._number(_PRODUCTION_OF, meter, day, block_identifier=block_identifier)

    def own_daily_production(self, sender: str, *, block_identifier: BlockId = "latest") -> int:
        """Wh of the current day, in the form that a meter asks of itself."""
        return int(self.call(_PRODUCTION, block_identifier=block_identifier, sender=sender))

    def get_daily_consumption(
        self, meter: str, day: int, *, block_identifier: BlockId = "latest"
    ) -> int:
        """Wh of a UTC day, counted in days since 1970."""
        return self._number(_CONSUMPTION_OF, meter, day, block_identifier=block_identifier)

    def own_daily_consumption(self, sender: str, *, block_identifier: BlockId = "latest") -> int:
        """Wh of the current day, in the form that a meter asks of itself."""
        return int(self.call(_CONSUMPTION, block_identifier=block_identifier, sender=sender))

    def get_meter(self, meter: str, *, block_identifier: BlockId = "latest") -> MeterInfo:
        """What is known of a meter; number 0 if it is not registered."""
        values = self.call("getMeter", meter, block_identifier=block_identifier)
        return regional(MeterInfo, values)

    def get_meters(self, account: str, *, block_identifier: BlockId = "latest") -> tuple[str, ...]:
        """The meters of an account, by their present keys."""
        return tuple(self.call("getMeters", account, block_identifier=block_identifier))

    def meters_in(self, account: str, region: str, *, block_identifier: BlockId = "latest") -> int:
        """How many meters of an account are in a region."""
        word = to_bytes32(region)
        return self._number("metersIn", account, word, block_identifier=block_identifier)

    def meter_set_of(
        self, account: str, *, block_identifier: BlockId = "latest"
    ) -> tuple[int, int]:
        """(how many meters an account has, Unix time at which it last got or lost one)."""
        count, changed_at = self.call("meterSetOf", account, block_identifier=block_identifier)
        return count, changed_at

    def get_lifetime(
        self, account: str, *, block_identifier: BlockId = "latest"
    ) -> tuple[int, int]:
        """(produced, consumed) Wh of an account: of all its meters ever, and all slots proven."""
        produced, consumed = self.call("getLifetime", account, block_identifier=block_identifier)
        return produced, consumed

    def lifetimes(
        self, accounts: Iterable[str], *, block_identifier: BlockId = "latest"
    ) -> list[tuple[int, int]]:
        """`get_lifetime` of many accounts in few round trips."""
        one_each = ([account] for account in accounts)
        return self.call_many("getLifetime", one_each, block_identifier=block_identifier)

    def meter_at(self, number: int, *, block_identifier: BlockId = "latest") -> str:
        """The present key of a meter, or its last one; the zero address where there is none."""
        return str(self.call("meterAt", number, block_identifier=block_identifier))

    def meters_at(
        self, numbers: Iterable[int], *, block_identifier: BlockId = "latest"
    ) -> list[str]:
        """`meter_at` many numbers in few round trips."""
        one_each = ([number] for number in numbers)
        return self.call_many("meterAt", one_each, block_identifier=block_identifier)

    def meter_count(self, *, block_identifier: BlockId = "latest") -> int:
        """How many meters were ever registered."""
        return self._number("meterCount", block_identifier=block_identifier)

    # Fixed at deployment

    def settlement(self) -> str:
        """Address of Settlement."""
        return str(self.call("SETTLEMENT"))

    def slot_length(self) -> int:
        """Seconds of a slot."""
        return self._number("SLOT_LENGTH")

    def grace(self) -> int:
        """Seconds in which readings come in after a slot's end."""
        return self._number("GRACE")

    def min_interval(self) -> int:
        """Seconds that two readings of a meter are at least apart."""
        return self._number("MIN_INTERVAL")

    def nominal_voltage(self) -> int:
        """Decivolts."""
        return self._number("NOMINAL_VOLTAGE")
