"""The web application: all paths of the API, what protects them, and what monitoring asks for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import APIRouter, FastAPI
from starlette.middleware.cors import CORSMiddleware

from energy_grid.backend.api.description import describe
from energy_grid.backend.api.etags import ETags
from energy_grid.backend.api.headers import Headers
from energy_grid.backend.api.limits import Limits, Open, Rate, Streams
from energy_grid.backend.api.problems import PROBLEMS, add_handlers
from energy_grid.backend.api.routes import (
    accounts,
    analytics,
    batches,
    calls,
    certificates,
    directory,
    enrolments,
    exports,
    forecasts,
    grid,
    households,
    market,
    meters,
    orders,
    relay,
    safe,
    session,
    simulations,
    statements,
    stream,
    trades,
    vens,
)
from energy_grid.backend.api.shared import Shared
from energy_grid.backend.api.streams import Tail
from energy_grid.backend.api.visit import Backend
from energy_grid.backend.api.vtn.application import PREFIX, make_vtn

__all__ = ["make_application"]

_ROUTERS = (
    *(session.ROUTER, market.ROUTER, orders.ROUTER, trades.ROUTER, batches.ROUTER),
    *(
        accounts.ROUTER,
        statements.ROUTER,
        households.ROUTER,
        meters.ROUTER,
        exports.ROUTER,
        grid.ROUTER,
        certificates.ROUTER,
    ),
    *(
        directory.ROUTER,
        analytics.ROUTER,
        forecasts.ROUTER,
        calls.ROUTER,
        relay.ROUTER,
        safe.ROUTER,
    ),
    *(enrolments.ROUTER, simulations.ROUTER, vens.ROUTER, stream.ROUTER),
)
_ABOUT = """\
What programs, wallets and devices ask a running market.

Energy is in Wh, power in W. Money and prices are whole numbers of the coin's smallest unit, which
`GET /api/v1/market` names; money is text, since it can be above 2^53. Times have a zone. What is
wrong is told as a problem (RFC 9457) that says what to do next.
"""


def make_application(
    backend: Callable[[], Backend],
    monitoring: APIRouter,
    *,
    origins: Sequence[str] = (),
    per_minute: int = 0,
    streams: int = 0,
    shared_seconds: float = 0,
    is_open: bool = True,
) -> FastAPI:
    """The application.

    Args:
        backend: gives what paths answer from.

            Raises:
                ProblemError: it is not ready.
        monitoring: paths for the operator of this process.
        origins: of pages that may read answers.
        per_minute: so many requests an address, or an account, may make; 0: no limit.
        streams: so many an address, or an account, may have open; 0: no limit.
        shared_seconds: as old as an answer may be that everybody is given; 0: each is made anew.
        is_open: whether this process answers more than monitoring.
    """
    tail = Tail(lambda: backend().database)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await tail.close()

    app = FastAPI(
        lifespan=lifespan,
        title="energy-grid",
        version=version("energy-grid"),
        description=_ABOUT,
        responses=PROBLEMS,
        redoc_url=None,
        # A page of our own lists them: FastAPI's has programs of others, which could use the wallet
        # and the session of whoever reads it.
        docs_url=None,
        openapi_url="/openapi.json" if is_open else None,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.backend, app.state.tail = backend, tail
    app.state.rate, app.state.open = Rate(per_minute), Streams(streams)
    describe(app)
    add_handlers(app)
    app.include_router(monitoring)
    if is_open:
        for router in _ROUTERS:
            app.include_router(router, prefix="/api/v1")
        app.mount(PREFIX, make_vtn(backend, app.state.rate))
    app.add_middleware(Limits, rate=app.state.rate)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=list(origins),
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=[
            *("Authorization", "Content-Type", "Idempotency-Key"),
            *("If-None-Match", "Last-Event-ID"),
        ],
        expose_headers=["ETag", "Retry-After"],
    )
    app.add_middleware(ETags)
    app.add_middleware(Headers)
    app.add_middleware(Shared, seconds=shared_seconds, rate=app.state.rate)
    app.add_middleware(Open)
    return app
