"""Events of SmartMeter.

Meters and their readings. A meter is known by the address of its key; rotating the key keeps its
history. Consumption and production are Wh since the meter's previous reading. A reading belongs to
the slot, and the day, of `timestamp - 1`: one taken at exactly 11:00:00 completes the hour
10:00-11:00. Settlement counts these, with energy or without (`metersReadAtEnd`): after one nothing
drawn before can still be counted later. An account is read either by meters of its own or, where
there are a million of them, by a **gateway**: it anchors one Merkle root for all its accounts in a
slot, and only the slots that somebody settles are proven. The tree is in OpenZeppelin's standard
form (sorted pairs, leaves hashed twice), one leaf an account: (address account, uint256 slot,
uint256 produced, uint256 consumed, bytes32 salt) The salt is secret until the leaf is proven, so
that nobody can guess a household's energy from the chain. What is anchored is fixed; a proof may
come at any time after, and before the slot is final if the energy is to be sold. slot: |-- delivery
--|-- anchors, half a grace time --|-- proofs, to be sold --|-- final, ... gateway: unknown
--register--> registered --contradicts itself--> suspended --replace--> registered

Made by `ape run export_abis` from the contracts: change those, not this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from energy_grid.chain.event_log import EventLog

__all__ = [
    "SmartMeter_AuthorityUpdated",
    "SmartMeter_EIP712DomainChanged",
    "SmartMeter_GatewayAssigned",
    "SmartMeter_GatewayRegistered",
    "SmartMeter_GatewayReplaced",
    "SmartMeter_GatewaySuspended",
    "SmartMeter_MeterAccountSet",
    "SmartMeter_MeterDeactivated",
    "SmartMeter_MeterKeyRotated",
    "SmartMeter_MeterRegistered",
    "SmartMeter_PowerQualityAlert",
    "SmartMeter_ReadingRecorded",
    "SmartMeter_ReadingSkipped",
    "SmartMeter_ReadingsAnchored",
    "SmartMeter_SlotProven",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class SmartMeter_AuthorityUpdated(EventLog):
    """Authority that manages this contract was updated.

    ``AuthorityUpdated(address authority)``
    """

    contract: ClassVar[str] = "SmartMeter"
    event: ClassVar[str] = "AuthorityUpdated"

    authority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SmartMeter_EIP712DomainChanged(EventLog):
    """MAY be emitted to signal that the domain could have changed.

    ``EIP712DomainChanged()``
    """

    contract: ClassVar[str] = "SmartMeter"
    event: ClassVar[str] = "EIP712DomainChanged"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmartMeter_GatewayAssigned(EventLog):
    """The account is read by this gateway from ``slot`` on; by meters of its own if it is 0.

    ``GatewayAssigned(address indexed account, uint256 indexed gateway, uint256 slot, uint256
    ratedPower)``
    """

    contract: ClassVar[str] = "SmartMeter"
    event: ClassVar[str] = "GatewayAssigned"

    account: str
    gateway: int
    slot: int
    rated_power: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SmartMeter_GatewayRegistered(EventLog):
    """A gateway was registered with this key.

    ``GatewayRegistered(uint256 indexed gateway, address indexed key)``
    """

    contract: ClassVar[str] = "SmartMeter"
    event: ClassVar[str] = "GatewayRegistered"

    gateway: int
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SmartMeter_GatewayReplaced(EventLog):
    """A gateway has another key.

    ``GatewayReplaced(uint256 indexed gateway, address indexed from, address indexed to)``
    """

    contract: ClassVar[str] = "SmartMeter"
    event: ClassVar[str] = "GatewayReplaced"

    gateway: int
    from_: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SmartMeter_GatewaySuspended(EventLog):
    """The gateway has anchored two readings of one account in one slot; its key is no gateway's
    any more.

    ``GatewaySuspended(uint256 indexed gateway, address indexed key, address indexed account,
    uint256 slot)``
    """

    contract: ClassVar[str] = "SmartMeter"
    event: ClassVar[str] = "GatewaySuspended"

    gateway: int
    key: str
    account: str
    slot: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SmartMeter_MeterAccountSet(EventLog):
    """A meter counts for another account from its next reading on.

    ``MeterAccountSet(address indexed meter, address indexed from, address indexed to)``
    """

    contract: ClassVar[str] = "SmartMeter"
    event: ClassVar[str] = "MeterAccountSet"

    meter: str
    from_: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SmartMeter_MeterDeactivated(EventLog):
    """A meter's readings are refused for good.

    ``MeterDeactivated(address indexed meter)``
    """

    contract: ClassVar[str] = "SmartMeter"
    event: ClassVar[str] = "MeterDeactivated"

    meter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SmartMeter_MeterKeyRotated(EventLog):
    """The meter of this number has another key.

    ``MeterKeyRotated(address indexed from, address indexed to, uint256 number)``
    """

    contract: ClassVar[str] = "SmartMeter"
    event: ClassVar[str] = "MeterKeyRotated"

    from_: str
    to: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SmartMeter_MeterRegistered(EventLog):
    """A meter got its ``number``; ``rated_power`` is in W.

    ``MeterRegistered(address indexed meter, address indexed account, bytes32 indexed region,
    uint256 number, uint256 ratedPower)``
    """

    contract: ClassVar[str] = "SmartMeter"
    event: ClassVar[str] = "MeterRegistered"

    meter: str
    account: str
    region: bytes
    number: int
    rated_power: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SmartMeter_PowerQualityAlert(EventLog):
    """Frequency outside 49.50-50.50 Hz or voltage outside 95-105 % of nominal. The reading is
    stored all the same.

    ``PowerQualityAlert(address indexed meter, uint256 timestamp, uint256 gridFrequency,
    uint256 voltage)``
    """

    contract: ClassVar[str] = "SmartMeter"
    event: ClassVar[str] = "PowerQualityAlert"

    meter: str
    timestamp: int
    grid_frequency: int
    voltage: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SmartMeter_ReadingRecorded(EventLog):
    """A reading was recorded: energy in Wh since the reading before, frequency in centihertz,
    voltage in decivolts; ``timestamp`` is in Unix seconds.

    ``ReadingRecorded(address indexed meter, uint256 indexed slot, uint256 timestamp, uint256
    consumption, uint256 production, uint256 gridFrequency, uint256 voltage)``
    """

    contract: ClassVar[str] = "SmartMeter"
    event: ClassVar[str] = "ReadingRecorded"

    meter: str
    slot: int
    timestamp: int
    consumption: int
    production: int
    grid_frequency: int
    voltage: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SmartMeter_ReadingSkipped(EventLog):
    """A signed reading was passed over. Where it is of the same time as the latest one and says
    something else, it is ``conflicting``: the meter, or whoever holds its key, contradicts
    itself.

    ``ReadingSkipped(address indexed meter, uint256 timestamp, bool conflicting)``
    """

    contract: ClassVar[str] = "SmartMeter"
    event: ClassVar[str] = "ReadingSkipped"

    meter: str
    timestamp: int
    conflicting: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SmartMeter_ReadingsAnchored(EventLog):
    """The readings of ``count`` accounts in a slot are fixed.

    ``ReadingsAnchored(uint256 indexed gateway, uint256 indexed slot, bytes32 root, uint256
    count)``
    """

    contract: ClassVar[str] = "SmartMeter"
    event: ClassVar[str] = "ReadingsAnchored"

    gateway: int
    slot: int
    root: bytes
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SmartMeter_SlotProven(EventLog):
    """The account's slot is counted; as nothing, if its gateway contradicted itself.

    ``SlotProven(address indexed account, uint256 indexed slot, uint256 produced, uint256
    consumed)``
    """

    contract: ClassVar[str] = "SmartMeter"
    event: ClassVar[str] = "SlotProven"

    account: str
    slot: int
    produced: int
    consumed: int
