"""The market at a glance, for everybody."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from energy_grid.backend.api.routes import batches, directory, market
from energy_grid.frontend.site import Looks, page

__all__ = ["ROUTER"]

ROUTER = APIRouter()
_BATCHES, _PERIODS = 8, 6


@ROUTER.get("/")
def overview(look: Looks) -> HTMLResponse:
    """What energy costs now and tomorrow, what was traded, and who is there."""
    info = market.market(look)
    now = info.head.chain_time
    midnight = now.replace(hour=0, minute=0, second=0)
    prices = market.prices(look, midnight, midnight + timedelta(days=2))
    running = [each for each in prices.grid if each.start <= now]
    return page(
        look,
        "market.html",
        info=info,
        now=now,
        running=running[-1] if running else None,
        prices=prices,
        periods=market.periods(look, limit=_PERIODS),
        batches=batches.batches(look, limit=_BATCHES).items,
        communities=directory.communities(look).items,
    )
