"""What the API answers when something is wrong: problems (RFC 9457) that say what to do next."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from energy_grid.api.models import Problem
from energy_grid.backend.relay_service.door import RelayQuotaError
from energy_grid.backend.store.database import DatabaseGoneError
from energy_grid.backend.trading_engine.door import TooManyOrdersError
from energy_grid.errors import (
    ChainError,
    ContractError,
    DomainError,
    EnergyGridError,
    InputError,
)

__all__ = ["PROBLEMS", "ProblemError", "add_handlers", "problem"]

_LOG = logging.getLogger(__name__)
_KIND = "urn:energy-grid:problem:"
_AGAIN_SECONDS = "2"
_BIG = 2**53

PROBLEMS: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": Problem, "description": "What is wrong with the request, and what to do."},
    "5XX": {"model": Problem, "description": "The backend cannot answer now."},
}
"""What every path can answer besides."""


class ProblemError(EnergyGridError):
    """A request that cannot be done.

    Attributes:
        status: of HTTP.
        name: the last part of the problem's type, such as ``order-rejected``.
        next: what to do now.
        field: the part of the request that is wrong.
    """

    def __init__(
        self, status: int, name: str, detail: str, *, next: str = "", field: str = ""
    ) -> None:
        self.status, self.name, self.next, self.field = status, name, next, field
        super().__init__(detail)


def problem(
    status: int,
    name: str,
    detail: str,
    *,
    headers: dict[str, str] | None = None,
    **rest: Any,
) -> JSONResponse:
    """The answer that tells a problem; ``rest`` are other fields of `Problem`."""
    found = Problem(
        type=_KIND + name,
        title=name.replace("-", " ").capitalize(),
        status=status,
        detail=detail,
        **{key: value or None for key, value in rest.items()},
    )
    return JSONResponse(
        found.model_dump(exclude_none=True),
        status_code=status,
        headers=headers,
        media_type="application/problem+json",
    )


def add_handlers(app: FastAPI) -> None:
    """Let an application answer every error as a problem."""

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        return problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "invalid-request",
            _sentence(first["msg"]),
            field=_field(first["loc"]),
            next="send what /openapi.json describes",
        )

    @app.exception_handler(ProblemError)
    def refused(request: Request, error: ProblemError) -> JSONResponse:
        return problem(error.status, error.name, str(error), next=error.next, field=error.field)

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> JSONResponse:
        status = HTTPStatus(error.status_code)
        name = status.phrase.lower().replace(" ", "-").replace("'", "")
        unknown = "there is no such path: /docs lists those that there are"
        detail = unknown if status == HTTPStatus.NOT_FOUND else f"{error.detail}"
        headers = dict(error.headers or {})
        return problem(status, name, detail, headers=headers)

    @app.exception_handler(EnergyGridError)
    def own(request: Request, error: EnergyGridError) -> JSONResponse:
        return _of_package(error)

    @app.exception_handler(Exception)
    def unknown(request: Request, error: Exception) -> JSONResponse:
        _LOG.error("%s %s", request.method, request.url.path, exc_info=error)
        detail = "the backend has an error: its operator finds it in the log"
        return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal-error", detail)


def _of_package(error: EnergyGridError) -> JSONResponse:
    if isinstance(error, ContractError):
        return problem(
            HTTPStatus.CONFLICT,
            "would-revert",
            str(error),
            error=error.name,
            values={name: _plain(value) for name, value in error.arguments.items()},
        )
    if isinstance(error, ChainError | DatabaseGoneError):
        what = "the chain" if isinstance(error, ChainError) else "the database"
        # The message can have the address of a node, and that a key.
        return problem(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "not-available",
            f"{what} does not answer the backend",
            next="ask again in some seconds",
            headers={"Retry-After": _AGAIN_SECONDS},
        )
    if isinstance(error, RelayQuotaError):
        return problem(
            HTTPStatus.TOO_MANY_REQUESTS,
            "relay-quota",
            str(error),
            next=f"try again in {error.seconds} s, or send the call yourself",
            headers={"Retry-After": str(error.seconds)},
        )
    if isinstance(error, TooManyOrdersError):
        return problem(HTTPStatus.TOO_MANY_REQUESTS, "too-many-orders", str(error))
    if isinstance(error, InputError | DomainError):
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-request", str(error))
    return problem(HTTPStatus.CONFLICT, "not-possible", str(error))


def _sentence(message: str) -> str:
    return message.removeprefix("Value error, ")


def _field(places: Sequence[int | str]) -> str:
    # What FastAPI calls the parts of a request is no part of the names in it.
    return ".".join(str(each) for each in places[1:]) or str(places[0])


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return f"0x{value.hex()}"
    if isinstance(value, bool) or not isinstance(value, int):
        return str(value)
    return value if -_BIG <= value <= _BIG else str(value)
