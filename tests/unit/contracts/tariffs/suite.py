"""What the tests of Tariffs share."""

from __future__ import annotations

from tests.model.market import Tariff
from tests.support.core.tariff_suite import name

__all__ = ["FIRST", "NOWHERE", "STRANGER"]

FIRST = Tariff(buy=300_000, feed_in=80_000, network_fee=50_000, protocol_fee=1_000)
STRANGER = "0x" + 40 * "5"
NOWHERE = name("nowhere")
