"""What the API answers when something is wrong: problems (RFC 9457) that say what to do next."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from energy_grid.api.models import Problem
from energy_grid.backend.api.headers import SAFE
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

__all__ = ["PROBLEMS", "ProblemError", "add_handlers", "answer_of", "problem"]

_LOG = logging.getLogger(__name__)
_KIND = "urn:energy-grid:problem:"
_CONTENT_TYPE = "application/problem+json"
_AGAIN_SECONDS = "2"
_BIG = 2**53
# Of names in requests, where they are named.
_LONGEST = 100
_RETRY_AFTER = {
    "Retry-After": {
        "schema": {"type": "integer"},
        "description": "Ask again after so many seconds.",
    }
}

PROBLEMS: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": Problem, "description": "What is wrong with the request, and what to do."},
    "5XX": {"model": Problem, "description": "The backend cannot answer now."},
    "429": {
        "model": Problem,
        "description": "This address has asked too often.",
        "headers": _RETRY_AFTER,
    },
    "503": {
        "model": Problem,
        "description": "The chain or the database does not answer the backend.",
        "headers": _RETRY_AFTER,
    },
}
"""What every path can answer besides."""


class ProblemError(EnergyGridError):
    """A request that cannot be done.

    Attributes:
        status: of HTTP.
        name: the last part of the problem's type, such as ``order-rejected``.
        next: what to do now.
        field: the part of the request that is wrong.
        after: seconds until it can be asked again; 0: that does not help.
    """

    def __init__(
        self,
        status: int,
        name: str,
        detail: str,
        *,
        next: str = "",
        field: str = "",
        after: int = 0,
    ) -> None:
        self.status, self.name, self.next, self.field = status, name, next, field
        self.after = after
        super().__init__(detail)


def problem(
    status: int,
    name: str,
    detail: str,
    *,
    headers: dict[str, str] | None = None,
    **rest: Any,
) -> Response:
    """The answer that tells a problem; ``rest`` are other fields of `Problem`."""
    found = Problem(
        type=_KIND + name,
        title=name.replace("-", " ").capitalize(),
        status=status,
        detail=detail,
        **{key: value or None for key, value in rest.items()},
    )
    # In ASCII: what was sent can have half a character, which has no bytes.
    return Response(
        json.dumps(found.model_dump(exclude_none=True)),
        status_code=status,
        headers=headers,
        media_type=_CONTENT_TYPE,
    )


def answer_of(error: ProblemError) -> Response:
    """The answer to a request that cannot be done."""
    after = str(error.after) if error.after else None
    if error.status == HTTPStatus.SERVICE_UNAVAILABLE:
        after = after or _AGAIN_SECONDS
    headers = {"Retry-After": after} if after else None
    return problem(
        *(error.status, error.name, str(error)),
        headers=headers,
        next=error.next,
        field=error.field,
    )


def add_handlers(
    app: FastAPI,
    described: str = "/openapi.json",
    listed: str = "/docs",
    invalid_status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY,
) -> None:
    """Let an application answer every error as a problem.

    Args:
        described: where it says what can be sent.
        listed: where it says which paths there are.
        invalid_status: of a request that is not what is described.
    """

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        # Without it the body is text to FastAPI, and no part of it is found.
        has_kind = "json" in request.headers.get("content-type", "json")
        what = f"what {described} describes" if has_kind else "content-type: application/json"
        is_no_json = first["type"] == "json_invalid"
        return problem(
            invalid_status,
            "invalid-request",
            f"no JSON: {first['ctx']['error']}" if is_no_json else _sentence(first["msg"]),
            field="body" if is_no_json else _field(first["loc"]),
            next=f"send {what}",
        )

    @app.exception_handler(ProblemError)
    def refused(request: Request, error: ProblemError) -> Response:
        return answer_of(error)

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> Response:
        status = HTTPStatus(error.status_code)
        name = status.phrase.lower().replace(" ", "-").replace("'", "")
        details = {
            HTTPStatus.NOT_FOUND: "there is no such path",
            HTTPStatus.METHOD_NOT_ALLOWED: f"this path has no {request.method[:_LONGEST]}",
        }
        known = f"{listed} lists what there is" if status in details else ""
        headers = dict(error.headers or {})
        detail = details.get(status, f"{error.detail}")
        return problem(status, name, detail, headers=headers, next=known)

    @app.exception_handler(EnergyGridError)
    def own(request: Request, error: EnergyGridError) -> Response:
        return _of_package(error)

    @app.exception_handler(Exception)
    def unknown(request: Request, error: Exception) -> Response:
        _LOG.error("%s %s", request.method, request.url.path, exc_info=error)
        detail = "the backend has an error: its operator finds it in the log"
        # No middleware sees this answer.
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        return problem(status, "internal-error", detail, headers=SAFE)


def _of_package(error: EnergyGridError) -> Response:
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
    found = ".".join(str(each) for each in places[1:]) or str(places[0])
    return found if len(found) <= _LONGEST else f"{found[:_LONGEST]}..."


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return f"0x{value.hex()}"
    if isinstance(value, bool) or not isinstance(value, int):
        return str(value)
    return value if -_BIG <= value <= _BIG else str(value)
