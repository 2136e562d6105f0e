"""The residents of the demo: a household with a wallet and meters, all drawn from the seed.

These keys are public knowledge, like everything drawn from a seed: they are for a local chain with
test money. They are never shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from energy_grid.chain.accounts import Account
from energy_grid.demo.profiles import Household
from energy_grid.demo.seeded_random import draw_bytes

__all__ = ["Resident", "residents"]

# A house connection of 3 x 63 A at 230 V.
_CONNECTION_W = 43_470


@dataclass(frozen=True, slots=True, kw_only=True)
class Resident:
    """A household, its account, and the keys in its meters.

    Attributes:
        meter: at the grid connection.
        plant_meter: the sub-meter of its panels; of no use to who has none.
    """

    household: Household
    wallet: Account
    meter: Account
    plant_meter: Account

    @property
    def rated_power(self) -> int:
        """The most that its meter can see in either direction, in W."""
        battery_w = self.household.battery.power_w if self.household.battery else 0
        return max(_CONNECTION_W, self.household.pv_peak_w + battery_w)


def residents(households: Sequence[Household], seed: int) -> tuple[Resident, ...]:
    """All residents, in the order of the households."""
    return tuple(
        Resident(
            household=household,
            wallet=Account(draw_bytes(seed, "wallet", household.number)),
            meter=Account(draw_bytes(seed, "meter", household.number)),
            plant_meter=Account(draw_bytes(seed, "plant meter", household.number)),
        )
        for household in households
    )
