"""``energy-grid grid``: the grid as a whole, its prices, and emergencies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from energy_grid.cli.answers import Answer, as_document, facts, stacked, table, word, yes_or_no
from energy_grid.cli.balance import balance, capacity
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.grid_account import grid_account
from energy_grid.cli.load import load
from energy_grid.cli.options import Region, choice
from energy_grid.cli.session import Planned, Session, View
from energy_grid.cli.stability import stability
from energy_grid.cli.times import format_time
from energy_grid.domain.enums import EmergencyProtocol
from energy_grid.domain.units import format_decimal, format_wh

if TYPE_CHECKING:
    from energy_grid.contracts.tariffs import Limits

__all__ = ["grid"]

grid = CommandGroup("grid")
for part in (grid_account, load, capacity, balance, stability):
    grid.add(part)

_BPS_DECIMALS, _PERCENT_DECIMALS = 4, 2


@grid.shows("status")
def status(view: View) -> Answer:
    """Show the home region's grid in the current slot."""
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
    """Show the price of a deficit in a region now, and what makes the next slots' prices."""
    found = view.market.grid.get_market_price(region)
    neutral = "oracle not fresh: no influence"
    rows = [
        ("base", view.price(found.base_price), "buy price of today's tariff"),
        ("factor", _factor(found.factor), "in force in the running slot"),
        ("price", view.price(found.price), "base x factor: charged for a deficit"),
        ("load", _factor(found.load_factor), "load" if found.is_grid_fresh else neutral),
        (
            "history",
            _factor(found.history_factor),
            "wholesale price, smoothed" if found.is_price_fresh else neutral,
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
        ("next factor", _factor(found.next_factor), "load x history x mean of the others"),
    ]
    return Answer(document=found, shown=table((region, ">value", "from"), rows))


@grid.shows("emergency")
def emergency(view: View, region: Region) -> Answer:
    """Show the emergency state of a region, its cause, and what it limits."""
    on = view.market.grid.is_region_in_emergency(region)
    until = view.market.grid.emergency_until(region)
    protocol = view.market.grid.emergency_protocol_of(region)
    critical = view.market.stability.is_in_emergency(region)
    limits = view.market.tariffs.limits_of(view.market.tariffs.find_region(region))
    shown = facts(
        {
            "emergency": yes_or_no(on),
            "protocol": word(protocol),
            "critical event": "open" if critical else "none open",
            "orders": _closed(limits),
            "border": "closed" if limits.islanded else "open",
            "consumption": f"up to {_share(limits.draw_share)} of the limit",
            "production": f"up to {_share(limits.production_share)} of the capacity",
        }
    )
    note = (
        f"It triples the dynamic factor, up to the tariff's, and ends at {format_time(until)}"
        " unless it is renewed."
        if on
        else "Prices are those of the tariff and its dynamic factor."
    )
    document = {
        "region": region,
        "emergency": on,
        "protocol": protocol,
        "critical_event_open": critical,
        "until": until,
        "limits": as_document(limits),
    }
    return Answer(document=document, shown=stacked(shown, note))


def _closed(limits: Limits) -> str:
    """The sides that are closed for periods that begin in the protocol's time."""
    closed = [
        name
        for name, is_closed in (("BUY", limits.buying_closed), ("SELL", limits.selling_closed))
        if is_closed
    ]
    if not closed:
        return "open"
    return f"{' and '.join(closed)} closed for periods before {format_time(limits.until)}"


def _share(basis_points: int) -> str:
    return f"{format_decimal(basis_points, _PERCENT_DECIMALS)} %"


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
