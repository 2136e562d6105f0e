"""CarbonCredits: what clean production avoids (contracts/interfaces/ICarbonCredits.sol).

Amounts in g CO2e, emission factors in g CO2e per kWh, energy in Wh.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from energy_grid.chain.contract import Call, structure
from energy_grid.chain.rpc.node import BlockId
from energy_grid.contracts.access import Managed
from energy_grid.contracts.asset_records import CleanProducer, Retirement
from energy_grid.contracts.tokens import Token

__all__ = ["CarbonCredits"]


class CarbonCredits(Token, Managed):
    """The wrapper of CarbonCredits: an ERC-20 with 6 decimals, one base unit is 1 g."""

    NAME = "CarbonCredits"

    # Registrar

    def register_clean_energy_producer(self, producer: str) -> Call:
        """Let a producer's slots count from the next one on. Role: REGISTRAR.

        Raises: CarbonCredits_NotProducer, CarbonCredits_InactiveProducer,
            CarbonCredits_UncleanProducer, CarbonCredits_IsStorage,
            CarbonCredits_AlreadyRegistered.
        """
        return self.prepare("registerCleanEnergyProducer", producer)

    def deregister_clean_energy_producer(self, producer: str) -> Call:
        """End that: slots before the running one still count. Role: REGISTRAR.

        Raises: CarbonCredits_NotRegistered.
        """
        return self.prepare("deregisterCleanEnergyProducer", producer)

    # Governance

    def set_emission_factor(self, grams_per_kwh: int) -> Call:
        """Set what a clean kWh avoids from the next slot on. Role: governance.

        Raises: CarbonCredits_FactorTooHigh.
        """
        return self.prepare("setEmissionFactor", grams_per_kwh)

    # Anyone

    def issue_carbon_credits(self, producer: str, slots: Sequence[int]) -> Call:
        """Issue a producer's credits of final slots to it; gives the grams.

        Raises: CarbonCredits_SlotNotFinal, CarbonCredits_SlotNotClean,
            CarbonCredits_NothingToIssue, and as `register_clean_energy_producer`.
        """
        return self.prepare("issueCarbonCredits", producer, list(slots))

    # Holders

    def transfer_carbon_credits(self, to: str, amount: int) -> Call:
        """As `transfer`, by the name of the source document."""
        return self.prepare("transferCarbonCredits", to, amount)

    def retire(self, amount: int, beneficiary: str, reason: str) -> Call:
        """Use up the sender's credits for somebody; gives the number of the record.

        Raises: CarbonCredits_ZeroAmount, CarbonCredits_ZeroBeneficiary, CarbonCredits_BadReason,
            ERC20InsufficientBalance.
        """
        return self.prepare("retire", amount, beneficiary, reason)

    # Views

    def get_carbon_credits_balance(
        self, account: str, *, block_identifier: BlockId = "latest"
    ) -> int:
        """As `balance_of`, by the name of the source document."""
        return self._number("getCarbonCreditsBalance", account, block_identifier=block_identifier)

    def is_clean_energy_producer(
        self, account: str, *, block_identifier: BlockId = "latest"
    ) -> bool:
        """Whether an account is registered here, and still active and clean in GridManagement."""
        return bool(self.call("isCleanEnergyProducer", account, block_identifier=block_identifier))

    def clean_producer(
        self, account: str, *, block_identifier: BlockId = "latest"
    ) -> CleanProducer:
        """The slots of a producer that count."""
        values = self.call("cleanProducer", account, block_identifier=block_identifier)
        return structure(CleanProducer, values)

    def is_credited(
        self, producer: str, slot: int, *, block_identifier: BlockId = "latest"
    ) -> bool:
        """Whether a slot of a producer was credited."""
        return bool(self.call("isCredited", producer, slot, block_identifier=block_identifier))

    def are_credited(
        self, producer: str, slots: Iterable[int], *, block_identifier: BlockId = "latest"
    ) -> list[bool]:
        """`is_credited` for many slots in few round trips."""
        pairs = ((producer, slot) for slot in slots)
        return self.call_many("isCredited", pairs, block_identifier=block_identifier)

    def emission_factor_of(self, slot: int, *, block_identifier: BlockId = "latest") -> int:
        """What a clean kWh avoids in a slot; for slots to come, as it is known now."""
        return self._number("emissionFactorOf", slot, block_identifier=block_identifier)

    def emission_factor_count(self, *, block_identifier: BlockId = "latest") -> int:
        """How often the factor was set."""
        return self._number("emissionFactorCount", block_identifier=block_identifier)

    def emission_factor_at(
        self, index: int, *, block_identifier: BlockId = "latest"
    ) -> tuple[int, int]:
        """(the first slot of a factor, the factor), by the index, from 0."""
        from_slot, grams = self.call("emissionFactorAt", index, block_identifier=block_identifier)
        return from_slot, grams

    def total_issued(self, *, block_identifier: BlockId = "latest") -> int:
        """Grams ever issued."""
        return self._number("totalIssued", block_identifier=block_identifier)

    def total_retired(self, *, block_identifier: BlockId = "latest") -> int:
        """Grams ever retired."""
        return self._number("totalRetired", block_identifier=block_identifier)

    def retired_for(self, beneficiary: str, *, block_identifier: BlockId = "latest") -> int:
        """Grams retired for somebody."""
        return self._number("retiredFor", beneficiary, block_identifier=block_identifier)

    def retirement(self, number: int, *, block_identifier: BlockId = "latest") -> Retirement:
        """A retirement. Raises: CarbonCredits_NoSuchRetirement."""
        values = self.call("retirement", number, block_identifier=block_identifier)
        return structure(Retirement, values)

    def retirements(
        self, numbers: Iterable[int], *, block_identifier: BlockId = "latest"
    ) -> list[Retirement]:
        """`retirement` of many in few round trips."""
        one_each = ([number] for number in numbers)
        found = self.call_many("retirement", one_each, block_identifier=block_identifier)
        return [structure(Retirement, values) for values in found]

    def retirement_count(self, *, block_identifier: BlockId = "latest") -> int:
        """Retirements are numbered from 1 to this."""
        return self._number("retirementCount", block_identifier=block_identifier)

    # Fixed at deployment

    def settlement(self) -> str:
        """Address of Settlement."""
        return str(self.call("SETTLEMENT"))

    def grid(self) -> str:
        """Address of GridManagement."""
        return str(self.call("GRID"))
