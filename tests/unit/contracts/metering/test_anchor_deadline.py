"""SmartMeter.anchorDeadline: the last second at which a slot can be anchored.

That it is the last one: test_anchor_readings.py, with an odd grace time there, too.
"""

from __future__ import annotations

import pytest

from tests.support.market import MONDAY, Market

HOUR = 3600
SLOT = MONDAY // HOUR
MOST = 2**256 - 1


@pytest.mark.parametrize("slot", [0, 1, SLOT, SLOT + 1, 2**32, 2**64, MOST // HOUR - 2])
def test_anchor_deadline__of_any_slot__half_a_grace_after_its_end(
    market: Market, slot: int
) -> None:
    deadline = market.meters.call("anchorDeadline", slot)

    assert deadline == (slot + 1) * HOUR + HOUR // 2


@pytest.mark.parametrize("slot", [0, SLOT, 4 * SLOT])
def test_anchor_deadline__quarter_hours__half_a_grace_after_each(
    quarter_hours: Market, slot: int
) -> None:
    deadline = quarter_hours.meters.call("anchorDeadline", slot)

    assert deadline == (slot + 1) * 900 + quarter_hours.grace // 2


@pytest.mark.parametrize("slot", [MOST // HOUR, MOST - 1, MOST])
def test_anchor_deadline__beyond_all_time__never(market: Market, slot: int) -> None:
    assert market.meters.call("anchorDeadline", slot) == MOST
