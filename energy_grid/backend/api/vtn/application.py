"""The application that VENs ask."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from http import HTTPStatus
from importlib.metadata import version
from urllib.parse import parse_qsl, unquote_plus

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from pydantic.alias_generators import to_camel
from starlette.concurrency import run_in_threadpool

from energy_grid.backend.api.description import describe_problems
from energy_grid.backend.api.limits import Rate
from energy_grid.backend.api.problems import PROBLEMS, add_handlers, problem
from energy_grid.backend.api.visit import Backend
from energy_grid.backend.api.vtn import objects, signals
from energy_grid.backend.api.vtn.asking import SCOPES
from energy_grid.backend.grid_service.openadr.callbacks import CallbackError
from energy_grid.backend.grid_service.openadr.clients import TOKEN_SECONDS
from energy_grid.backend.grid_service.openadr.door import UnknownObjectError
from energy_grid.backend.grid_service.openadr.models import (
    AuthServer,
    Notifiers,
    Token,
    TokenError,
)
from energy_grid.backend.grid_service.openadr.objects import NameTakenError, TooMuchError
from energy_grid.backend.grid_service.openadr.opting import OptError

__all__ = ["PREFIX", "make_vtn"]

PREFIX = "/openadr3/3.1.0"
"""Where VENs find it."""
_ABOUT = """\
OpenADR 3.1 for programs that control loads (VENs). Programs and events are those of the market's
chain. An account makes credentials for its VEN with `POST /api/v1/accounts/{account}/vens`.
"""
_FORM = "application/x-www-form-urlencoded"
_CREDENTIALS = {
    "requestBody": {
        "required": True,
        "content": {
            _FORM: {
                "schema": {
                    "type": "object",
                    "required": ["grant_type", "client_id", "client_secret"],
                    "properties": {
                        "grant_type": {"type": "string", "enum": ["client_credentials"]},
                        "client_id": {"type": "string"},
                        "client_secret": {"type": "string"},
                        "scope": {"type": "string"},
                    },
                }
            }
        },
    }
}
_ROUTER = APIRouter()


def make_vtn(backend: Callable[[], Backend], rate: Rate) -> FastAPI:
    """The application, to be mounted at `PREFIX`.

    Args:
        backend: gives what paths answer from.
        rate: counts the requests of accounts.
    """
    described = f"{PREFIX}/openapi.json"
    vtn = FastAPI(
        title="energy-grid: OpenADR",
        version=version("energy-grid"),
        description=_ABOUT,
        responses=PROBLEMS,
        redoc_url=None,
        docs_url=None,
        generate_unique_id_function=lambda route: to_camel(route.name),
    )
    vtn.state.backend, vtn.state.rate = backend, rate
    describe_problems(vtn)
    add_handlers(vtn, described, described, HTTPStatus.BAD_REQUEST)
    _add_handlers(vtn)
    for router in (_ROUTER, signals.ROUTER, objects.ROUTER):
        vtn.include_router(router)
    return vtn


def _add_handlers(vtn: FastAPI) -> None:
    for kind, status in (
        (CallbackError, HTTPStatus.BAD_REQUEST),
        (UnknownObjectError, HTTPStatus.NOT_FOUND),
        (NameTakenError, HTTPStatus.CONFLICT),
        (TooMuchError, HTTPStatus.CONFLICT),
        (OptError, HTTPStatus.CONFLICT),
    ):
        vtn.add_exception_handler(kind, _refusing(status))


def _refusing(status: HTTPStatus) -> Callable[[Request, Exception], Response]:
    def refused(request: Request, error: Exception) -> Response:
        return problem(status, "not-possible", str(error))

    return refused


@_ROUTER.get("/auth/server", tags=["Auth"])
def get_auth_server_info(request: Request) -> AuthServer:
    """Where tokens are given out."""
    return AuthServer(tokenURL=str(request.url_for("fetch_token")))


@_ROUTER.post(
    "/auth/token",
    tags=["Auth"],
    response_model=Token,
    responses={400: {"model": TokenError}, 401: {"model": TokenError}},
    openapi_extra=_CREDENTIALS,
)
async def fetch_token(request: Request) -> Response:
    """A token for credentials (OAuth 2.0, client credentials), worth something for an hour."""
    body = (await request.body()).decode(errors="replace")
    given = dict(parse_qsl(body))
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _FORM:
        return _no_token("invalid_request", f"send the credentials as {_FORM}")
    if given.get("grant_type") != "client_credentials":
        return _no_token("unsupported_grant_type", "the grant_type is client_credentials")
    client, secret = _basic(request) or (given.get("client_id"), given.get("client_secret"))
    if not client or not secret:
        return _no_token("invalid_request", "client_id and client_secret are needed")
    clients = request.app.state.backend().vens.clients
    token = await run_in_threadpool(clients.token, client, secret)
    if token is None:
        return _no_token("invalid_client", "there are no such credentials, or they were revoked")
    content = Token(access_token=token, expires_in=TOKEN_SECONDS, scope=" ".join(SCOPES))
    return JSONResponse(content.model_dump())


def _basic(request: Request) -> tuple[str, str] | None:
    """Credentials in the head of a request, as OAuth 2.0 prefers them."""
    kind, _, text = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        client, _, secret = base64.b64decode(text, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    return unquote_plus(client), unquote_plus(secret)


def _no_token(error: str, why: str) -> Response:
    is_unknown = error == "invalid_client"
    status = HTTPStatus.UNAUTHORIZED if is_unknown else HTTPStatus.BAD_REQUEST
    content = TokenError.model_validate({"error": error, "error_description": why})
    headers = {"WWW-Authenticate": "Basic"} if is_unknown else None
    return JSONResponse(content.model_dump(), status, headers)


@_ROUTER.get("/notifiers", tags=["notifiers"])
def list_all_notifiers() -> Notifiers:
    """How VENs are told of changes: over webhooks alone."""
    return Notifiers()
