"""All pages, beside the API in one application."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Path, Query, Request
from fastapi.responses import FileResponse, JSONResponse, RedirectResponse, Response

from energy_grid.backend.api.visit import Visitor, not_found
from energy_grid.frontend.pages import (
    administration,
    analytics,
    enrolment,
    home,
    market,
    operator,
    simulation,
    statements,
    trade,
)
from energy_grid.frontend.site import (
    BUILT,
    LANGUAGE_COOKIE,
    SESSION_COOKIE,
    Looks,
    page,
    plain,
    version,
)
from energy_grid.frontend.words import LANGUAGES

__all__ = ["add_pages"]

_ROUTERS = (
    *(
        market.ROUTER,
        home.ROUTER,
        statements.ROUTER,
        trade.ROUTER,
        analytics.ROUTER,
        operator.ROUTER,
    ),
    *(enrolment.ROUTER, administration.ROUTER, simulation.ROUTER),
)
_FOREVER = "public, max-age=31536000, immutable"
_ICONS = (192, 512)
_YEAR_SECONDS = 365 * 86_400
_FRAME = APIRouter(include_in_schema=False)


def add_pages(
    app: FastAPI, roles: Callable[[], Mapping[str, str]] = dict, explorer: str = ""
) -> None:
    """Let an application of the API show pages, too; errors are pages for whoever reads pages.

    Args:
        roles: the state of each role of this process now.
        explorer: the address of a block explorer; empty: there is none.
    """
    app.state.roles, app.state.explorer = roles, explorer
    app.include_router(_FRAME)
    for router in _ROUTERS:
        app.include_router(router, include_in_schema=False)
    for kind, handler in list(app.exception_handlers.items()):
        app.exception_handlers[kind] = _shown(handler)


@_FRAME.get("/built/{of}/{name}")
def built(of: str, name: Annotated[str, Path(pattern="^[A-Za-z0-9_-]+[.][a-z]+$")]) -> Response:
    """What pages load: programs, the style, pictures."""
    file = BUILT / name
    if not file.is_file():
        raise not_found("file")
    # An old page may ask for what was built before: it gets what there is, and keeps it not.
    keep = _FOREVER if of == version() else "no-store"
    return FileResponse(str(file), headers={"Cache-Control": keep})


@_FRAME.get("/worker.js")
def worker() -> Response:
    """The program that keeps pages readable without a line; at the top, since it sees to all."""
    # It reads pages for the browser.
    policy = "default-src 'none'; connect-src 'self'"
    headers = {"Cache-Control": "no-cache", "Content-Security-Policy": policy}
    return FileResponse(str(BUILT / "worker.js"), headers=headers)


@_FRAME.get("/docs")
def programs(look: Looks) -> Response:
    """What programs can ask for."""
    found = look.request.app.openapi()["paths"]
    paths = [
        (method.upper(), path, operation["description"].partition("\n\n")[0])
        for path, methods in found.items()
        for method, operation in methods.items()
    ]
    return page(look, "programs.html", paths=paths)


@_FRAME.get("/offline")
def offline(request: Request) -> Response:
    """What a browser without a line shows of a page that it does not have."""
    return plain(request, "offline.html")


@_FRAME.get("/manifest.webmanifest")
def manifest() -> Response:
    """What makes the pages an application on a phone."""
    icons = [
        {"src": f"/built/{version()}/icon-{size}.png", "sizes": f"{size}x{size}"} for size in _ICONS
    ]
    found = {
        "name": "energy-grid",
        "short_name": "energy-grid",
        "start_url": "/home",
        "display": "standalone",
        "background_color": "#fbfaf7",
        "theme_color": "#ffffff",
        "icons": [{**each, "type": "image/png", "purpose": "any maskable"} for each in icons],
    }
    return JSONResponse(found, media_type="application/manifest+json")


@_FRAME.get("/language/{code}")
def choose_language(code: str, to: Annotated[str, Query(max_length=500)] = "/") -> Response:
    """Show pages in another language from now on."""
    if code not in LANGUAGES:
        raise not_found("language")
    place = to if to.startswith("/") and not to.startswith(("//", "/\\")) else "/"
    answer = RedirectResponse(place, HTTPStatus.SEE_OTHER)
    answer.set_cookie(LANGUAGE_COOKIE, code, max_age=_YEAR_SECONDS, httponly=True, samesite="lax")
    return answer


@_FRAME.post("/pages/session", status_code=HTTPStatus.NO_CONTENT)
def open_pages(request: Request, visit: Visitor) -> Response:
    """Let pages show what belongs to the account whose token comes in the header."""
    visit.require_account()
    assert visit.token is not None
    answer = Response(status_code=HTTPStatus.NO_CONTENT)
    # A proxy may speak plainly with this process; browsers say what they see.
    place = visit.origin or str(request.base_url)
    answer.set_cookie(
        SESSION_COOKIE,
        visit.backend.sessions.open_pages(visit.token),
        httponly=True,
        samesite="strict",
        secure=place.startswith("https:"),
    )
    return answer


@_FRAME.delete("/pages/session", status_code=HTTPStatus.NO_CONTENT)
def close_pages(look: Looks) -> Response:
    """Show it no more, and leave nothing of it in the browser."""
    if look.token is not None:
        look.backend.sessions.revoke(look.token)
    answer = Response(status_code=HTTPStatus.NO_CONTENT)
    answer.delete_cookie(SESSION_COOKIE, httponly=True, samesite="strict")
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


def _shown(handler: Callable[..., Any]) -> Callable[..., Any]:
    """A handler whose problems are pages for browsers that go to one."""

    def shown(request: Request, error: Exception) -> Response:
        answer: Response = handler(request, error)
        is_page = "text/html" in request.headers.get("accept", "")
        if not is_page or request.url.path.startswith("/api/"):
            return answer
        problem = json.loads(bytes(answer.body))
        found = plain(request, "problem.html", status=answer.status_code, problem=problem)
        for name in ("retry-after", "allow"):
            if name in answer.headers:
                found.headers[name] = answer.headers[name]
        return found

    return shown
