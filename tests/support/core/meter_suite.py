"""SmartMeter on a chain, with a double of what it calls; devices that sign, holders that agree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eth_utils.crypto import keccak

from energy_grid.chain.accounts import Account, Signature
from energy_grid.domain.grid_levels import BANDS
from tests.support.core.chain import CHAIN_ID, Chain, Deployed

__all__ = [
    "COMMUNITIES",
    "COMMUNITY_DAYS",
    "DAY",
    "FORWARDER",
    "HOME",
    "LIMIT",
    "REFUSALS_OF",
    "REGISTRAR",
    "START",
    "Meters",
    "Reading",
    "domain_of",
    "struct_hash",
]

DAY = 86_400
START = 20_000 * DAY + 43_217
"""A day's noon, some seconds into a slot."""
REGISTRAR = "0x" + 40 * "1"
FORWARDER = "0x" + 40 * "f"
COMMUNITIES = "0x" + 40 * "2"
COMMUNITY_DAYS = "0x" + 40 * "3"
"""Played: the tests call in their names."""
HOME = b"home".ljust(32, b"\0")
LIMIT = 2**40
"""Of signatures, when it does not matter."""

REFUSALS_OF = {
    "NoMeter": ("Detached", "InactiveMeter"),
    "NotNewer": ("NotNewer", "Replayed", "Conflicting", "InactiveMeter"),
    "Implausible": ("ImplausibleEnergy",),
}
"""What the contract says where the model has one name."""

Reading = tuple[int, int, int, int, int]
_READING = (
    "MeterReading(address meter,uint256 timestamp,uint256 consumption,uint256 production,"
    "uint256 gridFrequency,uint256 voltage)"
)
_REGISTRATION = (
    "MeterRegistration(address meter,address account,bytes32 region,uint256 ratedPower,"
    "bool settlement,uint256 consumption,uint256 production,uint256 deadline)"
)
_EXCHANGE = (
    "MeterExchange(address meter,address newKey,uint256 ratedPower,uint256 finalConsumption,"
    "uint256 finalProduction,uint256 consumption,uint256 production,uint256 deadline)"
)
_ROTATION = "MeterKeyRotation(address meter,address newKey)"
_CONSENT = "SkippedReadings(address meter,uint256 timestamp,uint256 deadline)"
_DOMAIN = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"


def _word(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    number = int(value, 16) if isinstance(value, str) else int(value)
    return number.to_bytes(32, "big")


def struct_hash(kind: str, values: Sequence[Any]) -> bytes:
    """The EIP-712 hash of a struct of single words."""
    return keccak(keccak(text=kind) + b"".join(map(_word, values)))


def domain_of(name: str, contract: str, *, version: str = "1", chain: int = CHAIN_ID) -> bytes:
    """The EIP-712 domain of a contract, hashed."""
    values = keccak(text=name), keccak(text=version), chain, contract
    return struct_hash(_DOMAIN, values)


class Meters:
    """The contract, its double, and keys by number."""

    def __init__(
        self,
        *,
        slot: int = 900,
        min_interval: int = 60,
        security: int = 1_500,
        max_power: int = 2**31 - 1,
        chain: Chain | None = None,
        core: Sequence[Deployed] | None = None,
        authority: Deployed | None = None,
        meters: Deployed | None = None,
    ) -> None:
        self.chain = chain or Chain(START)
        self.slot = slot
        self.manager = authority or self.chain.deploy("AccessManager", REGISTRAR)
        if core is None:
            core = [self.chain.deploy("MarketDouble", slot)] * 3
        tariffs, self.double, energy = core
        self.meters = meters or self._deploy(tariffs, energy, (min_interval, security, max_power))
        self.domain = domain_of("EnergyGrid SmartMeter", self.meters.address)

    def _deploy(self, tariffs: Deployed, energy: Deployed, rules: tuple[int, int, int]) -> Deployed:
        authority = self.manager.address
        self.bands = self.chain.deploy("GridBands", authority, tariffs.address, BANDS["default"])
        modules = tariffs.address, self.bands.address, self.double.address, energy.address
        return self.chain.deploy(
            *("SmartMeter", authority, (FORWARDER, *modules, COMMUNITIES, COMMUNITY_DAYS), rules)
        )

    @property
    def now(self) -> int:
        """Unix seconds."""
        return self.chain.now

    def signed(self, key: Account, kind: str, values: Sequence[Any]) -> Signature:
        """A signature of a typed message."""
        return key.sign(keccak(b"\x19\x01" + self.domain + struct_hash(kind, values)))

    # Registration

    def registration(self, device: Account, holder: str, **changes: Any) -> tuple[Any, ...]:
        """What a settlement meter of 10 kW is registered with, unless said otherwise."""
        fields = {
            "meter": device.address,
            "account": holder,
            "region": HOME,
            "ratedPower": 10_000,
            "settlement": True,
            "consumption": 5_000,
            "production": 700,
            "deadline": LIMIT,
        }
        return tuple({**fields, **changes}.values())

    def register(
        self, device: Account, holder: Account, *, by: str = REGISTRAR, **changes: Any
    ) -> int:
        """Register a meter, with both signatures."""
        registration = self.registration(device, holder.address, **changes)
        proof = self.signed(device, _REGISTRATION, registration).long
        consent = self.signed(holder, _REGISTRATION, registration).long
        return int(self.meters.registerMeter(registration, proof, consent, by=by))

    def registration_proof(self, key: Account, registration: Sequence[Any]) -> bytes:
        """Of a device, or a holder."""
        return self.signed(key, _REGISTRATION, registration).long

    def registration_hash(self, registration: Sequence[Any]) -> bytes:
        """Its struct hash."""
        return struct_hash(_REGISTRATION, registration)

    def exchange_proof(self, key: Account, exchange: Sequence[Any]) -> bytes:
        """Of a device, or a holder."""
        return self.signed(key, _EXCHANGE, exchange).long

    def exchange_hash(self, exchange: Sequence[Any]) -> bytes:
        """Its struct hash."""
        return struct_hash(_EXCHANGE, exchange)

    def exchange(
        self,
        old: Account,
        new: Account,
        final: tuple[int, int],
        initial: tuple[int, int],
        *,
        rated: int = 10_000,
        consent: Account | None = None,
    ) -> None:
        """Another device, agreed by the old one unless said otherwise."""
        exchange = (old.address, new.address, rated, *final, *initial, LIMIT)
        proof = self.exchange_proof(new, exchange)
        agreed = self.exchange_proof(consent or old, exchange)
        self.meters.exchangeMeter(exchange, proof, agreed, by=REGISTRAR)

    def rotation_proof(self, key: Account, old: str, new: str | None = None) -> bytes:
        """Of the new key, or of who agrees to it."""
        return self.signed(key, _ROTATION, (old, new or key.address)).long

    def rotation_hash(self, old: str, new: str) -> bytes:
        """Its struct hash."""
        return struct_hash(_ROTATION, (old, new))

    # Readings

    def reading(
        self, time: int, registers: tuple[int, int], frequency: int = 5_000, voltage: int = 2_300
    ) -> Reading:
        """A MeterReading; registers are import and export."""
        return (time, *registers, frequency, voltage)

    def sign_reading(
        self, device: Account, reading: Reading, *, key: Account | None = None
    ) -> tuple[Any, ...]:
        """A SignedReading, by the device's key unless said otherwise."""
        signature = self.signed(key or device, _READING, (device.address, *reading))
        return device.address, reading, *signature.compact

    def read(self, device: Account, time: int, registers: tuple[int, int]) -> None:
        """The device submits a reading itself."""
        self.meters.submitReading(self.reading(time, registers), by=device.address)

    def read_many(self, *signed: tuple[Any, ...], by: str | None = None) -> None:
        """A batch of signed readings."""
        self.meters.submitSignedReadings(list(signed), by=by)

    def consent_to_skip(self, holder: Account, device: str, time: int, deadline: int) -> bytes:
        """The holder's signature."""
        return self.signed(holder, _CONSENT, (device, time, deadline)).long

    def told(self, *events: str) -> list[tuple[Any, ...]]:
        """What the last call told the double, as event names and values."""
        return [
            (event, *values.values())
            for address, event, values in self.chain.logs
            if address.lower() == self.double.address.lower()
            if not events or event in events
        ]

    def events(self) -> list[str]:
        """Names of the contract's events of the last call."""
        return [
            event
            for address, event, _ in self.chain.logs
            if address.lower() == self.meters.address.lower()
        ]
