"""What ``energy-grid simulate`` and the HTTP interface tell of a simulated community."""

from __future__ import annotations

from typing import Any

from energy_grid.demo.settlement_gas import settlement_gas
from energy_grid.domain.simulation import Simulation
from energy_grid.domain.units import format_time

__all__ = ["KEYS", "document"]

KEYS = ("dynamic", "static")
"""Of sharing."""
_BPS = 10_000


def document(found: Simulation) -> dict[str, Any]:
    """The outcome as JSON has it: Wh, base units of money, base units per kWh."""
    total, terms = found.total, found.terms
    return {
        "from": format_time(found.slots[0] * found.slot_seconds),
        "until": format_time((found.slots[-1] + 1) * found.slot_seconds),
        "slot_seconds": found.slot_seconds,
        "days": found.days,
        "grid_price": terms.grid_price,
        "factors": list(terms.factors),
        "feed_in": terms.feed_in,
        "network_fee": terms.network_fee,
        "shared_price": terms.prices.shared,
        "theta": terms.theta,
        "key": KEYS[terms.is_static],
        "used_wh": found.used_wh,
        "generated_wh": found.generated_wh,
        "lost_in_batteries_wh": found.lost_wh,
        "left_in_batteries_wh": found.stored_wh,
        "shared_wh": total.taken,
        "from_grid_wh": total.from_grid,
        "fed_in_wh": total.fed_in,
        "from_grid_alone_wh": found.imported_wh,
        "fed_in_alone_wh": found.exported_wh,
        "self_sufficiency_bps": _of_use(found, total.from_grid),
        "self_sufficiency_alone_bps": _of_use(found, found.imported_wh),
        "bill": found.bill,
        "grid_alone": found.grid_alone,
        "gas_per_household_and_day": settlement_gas(len(found.homes), found.slot_seconds),
        "households": [
            {
                "name": home.meter.name,
                "panels": home.meter.has_panels,
                "battery": home.meter.has_battery,
                "used_wh": home.meter.used_wh,
                "generated_wh": home.meter.generated_wh,
                "left_in_battery_wh": home.meter.stored_wh,
                "taken_wh": home.flows.taken,
                "given_wh": home.flows.given,
                "from_grid_wh": home.flows.from_grid,
                "fed_in_wh": home.flows.fed_in,
                "from_grid_alone_wh": home.imported_wh,
                "fed_in_alone_wh": home.exported_wh,
                "bill": home.bill,
                "grid_alone": home.grid_alone,
            }
            for home in found.homes
        ],
    }


def _of_use(found: Simulation, from_grid_wh: int) -> int | None:
    """The part of what was used that the grid did not bring; None: nothing was used."""
    used = found.used_wh
    return (used - from_grid_wh) * _BPS // used if used else None
