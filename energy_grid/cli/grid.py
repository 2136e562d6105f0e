"""``energy-grid grid``: the grid as a whole, its prices, and emergencies."""

from __future__ import annotations

from typing import Annotated, Any

from energy_grid.cli.answers import Answer, facts, stacked, table, word, yes_or_no
from energy_grid.cli.balance import balance, capacity
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.load import load
from energy_grid.cli.options import Region, choice
from energy_grid.cli.session import Planned, Session, View
from energy_grid.cli.stability import stability
from energy_grid.domain.enums import EmergencyProtocol
from energy_grid.domain.units import format_decimal, format_wh

__all__ = ["grid"]

grid = CommandGroup("grid")
for part in (load, capacity, balance, stability):
    grid.add(part)

_BPS_DECIMALS, _PERCENT_DECIMALS = 4, 2


@grid.shows("status")
def status(view: View) -> Answer:
    """Show the grid in the current slot."""
    now = view.market.grid.get_grid_status()
    rows = {
        "condition": word(now.condition),
        "emergency": yes_or_no(now.emergency),
        "price": view.price(now.price),
        "capacity": f"{format_wh(now.capacity)} per slot",
        "production": format_wh(now.production),
        "load": format_wh(now.load),
        "available": format_wh(now.available),
        "utilization": f"{format_decimal(now.utilization, _PERCENT_DECIMALS)} %",
    }
    return Answer(document=now, shown=facts(rows))


@grid.shows("price")
def price(view: View, region: Region) -> Answer:
    """Show the suggested price of a kWh in a region now, and its factors."""
    found = view.market.grid.get_market_price(region)
    old, neutral = "oracle not fresh: base price of the grid", "oracle not fresh: no influence"
    rows = [
        (
            "base",
            view.price(found.smoothed_base),
            "wholesale price, smoothed" if found.is_price_fresh else old,
        ),
        (
            "demand",
            _factor(found.demand_factor),
            "demand against supply" if found.is_grid_fresh else neutral,
        ),
        (
            "supply",
            _factor(found.supply_factor),
            "sun and wind" if found.is_weather_fresh else neutral,
        ),
        ("time", _factor(found.time_factor), "time of day, UTC"),
        (
            "stability",
            _factor(found.stability_factor),
            "frequency and voltage" if found.is_grid_fresh else neutral,
        ),
        ("price", view.price(found.price), "base x weighted mean; the charged price: grid status"),
    ]
    return Answer(document=found, shown=table((region, ">value", "from"), rows))


@grid.shows("emergency")
def emergency(view: View, region: Region) -> Answer:
    """Show the emergency state of a region, and its cause."""
    on = view.market.grid.is_region_in_emergency(region)
    protocol = view.market.grid.emergency_protocol_of(region)
    critical = view.market.stability.is_in_emergency(region)
    pricing = view.market.grid.get_grid_status().emergency
    shown = facts(
        {
            "emergency": yes_or_no(on),
            "protocol": word(protocol),
            "critical event": "open" if critical else "none open",
        }
    )
    note = f"Emergency pricing of the whole grid is {'on' if pricing else 'off'}."
    document = {
        "region": region,
        "emergency": on,
        "protocol": protocol,
        "critical_event_open": critical,
        "emergency_pricing": pricing,
    }
    return Answer(document=document, shown=stacked(shown, note))


@grid.does("protocol")
def protocol(
    session: Session,
    region: Region,
    chosen: Annotated[EmergencyProtocol, choice(EmergencyProtocol, "PROTOCOL")],
) -> Planned[Any]:
    """Activate an emergency protocol in a region; none ends it (grid authority)."""

    def message(_: Any) -> str:
        if chosen is EmergencyProtocol.NONE:
            return f"Ended the emergency protocol of {region}"
        return f"Activated {word(chosen)} in {region}"

    return session.plan(session.market.grid.implement_emergency_protocol(region, chosen), message)


def _factor(basis_points: int) -> str:
    return f"x {format_decimal(basis_points, _BPS_DECIMALS)}"
