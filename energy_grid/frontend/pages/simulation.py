"""What if: what a community would pay, before there is one; off chain, with the demo's village or
with a street's own readings, of which nothing is kept."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from energy_grid.api.values import MAX_TABLE
from energy_grid.backend.api.simulating import read_csv, refusal, simulated
from energy_grid.demo.community import Recording, new_battery
from energy_grid.demo.settlement_gas import settlement_gas
from energy_grid.domain.costs import FACTOR_ONE
from energy_grid.domain.simulation import HomeResult, Simulation, Terms
from energy_grid.domain.units import parse_decimal, parse_price
from energy_grid.errors import DomainError, InputError
from energy_grid.frontend.site import Look, Looks, page

__all__ = ["ROUTER"]

ROUTER = APIRouter(prefix="/simulate")
_SHARES = ("as-is", "0", "25", "50", "75", "100")
_HOUR, _HOURS, _FACTOR_DECIMALS, _BPS_OF_PERCENT = 3600, 24, 4, 100
# A file has no battery to copy.
_BATTERY = new_battery(10_000)

_Price = Annotated[str, Field(pattern="^[0-9]{1,2}([.][0-9]{1,4})?$")]
_Share = Literal["as-is", "0", "25", "50", "75", "100"]


class _Chosen(BaseModel):
    """What the form says."""

    week: Literal["summer", "winter"] = "summer"
    grid_price: _Price = "0.30"
    feed_in: _Price = "0.08"
    theta: Annotated[int, Field(ge=0, le=100)] = 50
    key: Literal["dynamic", "static"] = "dynamic"
    panels: _Share = "as-is"
    batteries: _Share = "as-is"
    dear_from: Annotated[int, Field(ge=0, le=23)] = 17
    dear_to: Annotated[int, Field(ge=0, le=24)] = 21
    factor: Annotated[str, Field(pattern="^([12]([.][0-9]{1,2})?|3)$")] = "1"


class _Street(_Chosen):
    """The same, and readings of a street."""

    csv: Annotated[str, Field(max_length=MAX_TABLE)]


@ROUTER.get("")
def simulate(look: Looks, chosen: Annotated[_Chosen, Query()]) -> HTMLResponse:
    """The village's week under these terms, and with the grid alone."""
    return _simulated(look, chosen, chosen.week)


@ROUTER.post("")
def simulate_street(look: Looks, chosen: _Street) -> HTMLResponse:
    """The same page of a street."""
    return _simulated(look, chosen, read_csv(chosen.csv))


def _simulated(look: Look, chosen: _Chosen, source: str | Recording) -> HTMLResponse:
    decimals = look.backend.market.coin.decimals
    prices = [parse_price(text, decimals) for text in (chosen.grid_price, chosen.feed_in)]
    found = None
    if prices[1] <= prices[0]:
        dear = parse_decimal(chosen.factor, _FACTOR_DECIMALS, "a factor")
        dear_hours = range(chosen.dear_from, chosen.dear_to)
        terms = Terms(
            grid_price=prices[0],
            feed_in=prices[1],
            network_fee=0,
            theta=chosen.theta * _BPS_OF_PERCENT,
            is_static=chosen.key == "static",
            factors=tuple(dear if hour in dear_hours else FACTOR_ONE for hour in range(_HOURS)),
        )
        try:
            found = simulated(
                look.asker,
                source,
                terms,
                panels=_percent(chosen.panels),
                batteries=_percent(chosen.batteries),
                battery=None if isinstance(source, str) else _BATTERY,
            )
        except (InputError, DomainError) as error:
            raise refusal(f"{error}", "csv", "change the file, or what you chose") from None
    return page(
        look,
        "simulation.html",
        chosen=chosen,
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
