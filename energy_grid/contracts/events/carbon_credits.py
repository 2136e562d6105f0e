"""Events of CarbonCredits.

What clean production avoids, as an ERC-20 with 6 decimals (EIP-2612): one token is 1 t CO2e, one
base unit 1 g. Credits come from metered production alone: a slot, once it is final, earns its Wh
times the emission factor that was in force in it, once. Wh times g/kWh are milligrams; what is less
than a gram stays to the producer's account for the next time, so however slots are put together,
they earn the same. Who retires credits uses them up, for a beneficiary and a reason, in a numbered
record. A clean producer is one whom the registrar has registered here and who is, in
GridManagement, an active producer of any energy type but NATURAL_GAS and no storage: what a storage
gives back was produced elsewhere. Invariants: totalIssued == totalSupply + totalRetired; milligrams
credited <= Wh produced x factor.

Made by `ape run export_abis` from the contracts: change those, not this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from energy_grid.chain.event_log import EventLog

__all__ = [
    "CarbonCredits_Approval",
    "CarbonCredits_AuthorityUpdated",
    "CarbonCredits_CarbonCreditsIssued",
    "CarbonCredits_CarbonCreditsRetired",
    "CarbonCredits_CleanProducerDeregistered",
    "CarbonCredits_CleanProducerRegistered",
    "CarbonCredits_EIP712DomainChanged",
    "CarbonCredits_EmissionFactorSet",
    "CarbonCredits_Transfer",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CarbonCredits_Approval(EventLog):
    """Emitted when the allowance of a ``spender`` for an ``owner`` is set by a call to
    `approve`. ``value`` is the new allowance.

    ``Approval(address indexed owner, address indexed spender, uint256 value)``
    """

    contract: ClassVar[str] = "CarbonCredits"
    event: ClassVar[str] = "Approval"

    owner: str
    spender: str
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CarbonCredits_AuthorityUpdated(EventLog):
    """Authority that manages this contract was updated.

    ``AuthorityUpdated(address authority)``
    """

    contract: ClassVar[str] = "CarbonCredits"
    event: ClassVar[str] = "AuthorityUpdated"

    authority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CarbonCredits_CarbonCreditsIssued(EventLog):
    """A producer got ``grams`` of credits (g CO2e) for ``energy`` Wh metered in so many
    ``slots``.

    ``CarbonCreditsIssued(address indexed producer, uint256 slots, uint256 energy, uint256
    grams)``
    """

    contract: ClassVar[str] = "CarbonCredits"
    event: ClassVar[str] = "CarbonCreditsIssued"

    producer: str
    slots: int
    energy: int
    grams: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CarbonCredits_CarbonCreditsRetired(EventLog):
    """An account used up ``amount`` of its credits (g CO2e) for a beneficiary and a reason.

    ``CarbonCreditsRetired(uint256 indexed id, address indexed account, address indexed
    beneficiary, uint256 amount, string reason)``
    """

    contract: ClassVar[str] = "CarbonCredits"
    event: ClassVar[str] = "CarbonCreditsRetired"

    id: int
    account: str
    beneficiary: str
    amount: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CarbonCredits_CleanProducerDeregistered(EventLog):
    """The producer's slots earn credits until ``until_slot``, which does not count any more.

    ``CleanProducerDeregistered(address indexed producer, uint256 untilSlot)``
    """

    contract: ClassVar[str] = "CarbonCredits"
    event: ClassVar[str] = "CleanProducerDeregistered"

    producer: str
    until_slot: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CarbonCredits_CleanProducerRegistered(EventLog):
    """The producer's slots earn credits from ``from_slot`` on.

    ``CleanProducerRegistered(address indexed producer, uint256 fromSlot)``
    """

    contract: ClassVar[str] = "CarbonCredits"
    event: ClassVar[str] = "CleanProducerRegistered"

    producer: str
    from_slot: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CarbonCredits_EIP712DomainChanged(EventLog):
    """MAY be emitted to signal that the domain could have changed.

    ``EIP712DomainChanged()``
    """

    contract: ClassVar[str] = "CarbonCredits"
    event: ClassVar[str] = "EIP712DomainChanged"


@dataclass(frozen=True, slots=True, kw_only=True)
class CarbonCredits_EmissionFactorSet(EventLog):
    """In g CO2e per kWh, from this slot on.

    ``EmissionFactorSet(uint256 indexed fromSlot, uint256 gramsPerKwh)``
    """

    contract: ClassVar[str] = "CarbonCredits"
    event: ClassVar[str] = "EmissionFactorSet"

    from_slot: int
    grams_per_kwh: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CarbonCredits_Transfer(EventLog):
    """Emitted when ``value`` tokens are moved from one account (``from_``) to another (``to``).
    Note that ``value`` may be zero.

    ``Transfer(address indexed from, address indexed to, uint256 value)``
    """

    contract: ClassVar[str] = "CarbonCredits"
    event: ClassVar[str] = "Transfer"

    from_: str
    to: str
    value: int
