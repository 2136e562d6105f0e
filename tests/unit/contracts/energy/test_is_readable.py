"""EnergyAccounts.isReadable."""

from __future__ import annotations

import pytest

from tests.support.core.energy_suite import DAY, EnergyWorld
from tests.unit.contracts.energy.suite import BY_GATEWAY, STRANGER, playing_communities

_D = 96


@pytest.mark.parametrize(
    ("cursor", "slots", "is_readable"),
    [
        (2, (-1, 1), False),
        (2, (0, 2 * _D), True),
        (2, (2 * _D - 1, 2 * _D + 1), True),
        (2, (2 * _D, 3 * _D), True),
        (2, (3 * _D - 1, 3 * _D + 1), False),
        (3, (3 * _D - 1, 3 * _D + 1), False),
        (3, (3 * _D, 3 * _D + 1), False),
        (3, (4 * _D - 1, 4 * _D + 1), False),
        (3, (4 * _D, 4 * _D + 1), True),
        (3, (2 * _D, 4 * _D + 1), False),
        (4, (3 * _D, 4 * _D), True),
        (4, (2 * _D, 4 * _D + 1), True),
    ],
    ids=[
        *("settled", "closed alone", "over the cursor", "to the gateway's day"),
        *("into it", "from closed days into it", "its first slot", "out of it", "after it"),
        *("over it", "it is closed alone", "over it when it is closed alone"),
    ],
)
def test_is_readable__around_days_of_a_gateway(
    world: EnergyWorld, cursor: int, slots: tuple[int, int], is_readable: bool
) -> None:
    """Settled before day 0; day 3 is the gateway's; a day has 96 slots."""
    energy, settlement, zeroth = playing_communities(world), world.settlement, world.today
    settlement.setCursor(1, zeroth)
    settlement.setWord(1, BY_GATEWAY)
    world.chain.set_time((zeroth + 2) * DAY + 900)
    world.close_numbers([1], zeroth)
    settlement.setWord(1, 0)
    world.close_numbers([1], zeroth + 1)
    energy.setCommunity(1, 5, zeroth + 3, True, by=STRANGER)
    if cursor > 2:
        settlement.setCursor(1, zeroth + 3)
        energy.setCommunity(1, 0, zeroth + 4, False, by=STRANGER)
        settlement.setCursor(1, zeroth + cursor)
    first, end = (zeroth * _D + slot for slot in slots)
    assert energy.isReadable(1, first, end) == is_readable
