"""What if: what a community would pay, before there is one; off chain, with the demo's village."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from energy_grid.backend.api.simulating import simulated
from energy_grid.demo.settlement_gas import settlement_gas
from energy_grid.domain.costs import FACTOR_ONE
from energy_grid.domain.simulation import HomeResult, Simulation, Terms
from energy_grid.domain.units import parse_decimal, parse_price
from energy_grid.frontend.site import Looks, page

__all__ = ["ROUTER"]

ROUTER = APIRouter(prefix="/simulate")
_SHARES = ("as-is", "0", "25", "50", "75", "100")
_HOUR, _HOURS, _FACTOR_DECIMALS, _BPS_OF_PERCENT = 3600, 24, 4, 100

_Price = Annotated[str, Query(pattern="^[0-9]{1,2}([.][0-9]{1,4})?$")]
_Share = Annotated[Literal["as-is", "0", "25", "50", "75", "100"], Query()]


@ROUTER.get("")
def simulate(
    look: Looks,
    week: Literal["summer", "winter"] = "summer",
    grid_price: _Price = "0.30",
    feed_in: _Price = "0.08",
    theta: Annotated[int, Query(ge=0, le=100)] = 50,
    key: Literal["dynamic", "static"] = "dynamic",
    panels: _Share = "as-is",
    batteries: _Share = "as-is",
    dear_from: Annotated[int, Query(ge=0, le=23)] = 17,
    dear_to: Annotated[int, Query(ge=0, le=24)] = 21,
    factor: Annotated[str, Query(pattern="^([12]([.][0-9]{1,2})?|3)$")] = "1",
) -> HTMLResponse:
    """The village's week under these terms, and with the grid alone."""
    decimals = look.backend.market.coin.decimals
    prices = [parse_price(text, decimals) for text in (grid_price, feed_in)]
    found = None
    if prices[1] <= prices[0]:
        dear = parse_decimal(factor, _FACTOR_DECIMALS, "a factor")
        terms = Terms(
            grid_price=prices[0],
            feed_in=prices[1],
            network_fee=0,
            theta=theta * _BPS_OF_PERCENT,
            is_static=key == "static",
            factors=tuple(
                dear if dear_from <= hour < dear_to else FACTOR_ONE for hour in range(_HOURS)
            ),
        )
        found = simulated(
            look.asker, week, terms, panels=_percent(panels), batteries=_percent(batteries)
        )
    return page(
        look,
        "simulation.html",
        chosen={
            "week": week,
            "grid_price": grid_price,
            "feed_in": feed_in,
            "theta": theta,
            "key": key,
            "panels": panels,
            "batteries": batteries,
            "dear_from": dear_from,
            "dear_to": dear_to,
            "factor": factor,
        },
        shares=_SHARES,
        found=found,
        hours=found and _hours(found),
        groups=found and _groups(found),
        gas=found and settlement_gas(len(found.homes), found.slot_seconds),
    )


def _percent(share: str) -> int | None:
    return None if share == _SHARES[0] else int(share)


def _hours(found: Simulation) -> list[tuple[int, int, int, int]]:
    """Of the average day, hour by hour: Wh shared, from the grid, and fed in."""
    sums = [[0, 0, 0] for _ in range(_HOURS)]
    for slot, flows in zip(found.slots, found.by_slot, strict=True):
        row = sums[slot * found.slot_seconds // _HOUR % _HOURS]
        for place, wh in enumerate((flows.taken, flows.from_grid, flows.fed_in)):
            row[place] += wh
    days = found.days
    return [(hour, a // days, b // days, c // days) for hour, (a, b, c) in enumerate(sums)]


def _groups(found: Simulation) -> list[tuple[bool, list[HomeResult]]]:
    """Homes without panels, and with panels, if there are such."""
    parts = [
        (has, [home for home in found.homes if home.meter.has_panels is has])
        for has in (False, True)
    ]
    return [(has, homes) for has, homes in parts if homes]
