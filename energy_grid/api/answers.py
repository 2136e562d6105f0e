"""What comes back: answers, problems, events, and when to ask again. Pure: nothing is sent here."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, TypeVar, get_args

from httpx2 import Response, ServerSentEvent
from pydantic import TypeAdapter, ValidationError

from energy_grid.api.errors import ApiError, ApiProblemError, ApiUnreachableError
from energy_grid.api.models import (
    Alive,
    ChainEvent,
    NewBlock,
    OrderChange,
    Problem,
    Topic,
    Void,
)
from energy_grid.api.requests import HttpRequest, StreamEvent

__all__ = ["Listening", "answer_of", "wait_after"]

Result = TypeVar("Result")

_ATTEMPTS = 4
_FAILURES = 8
_LONGEST_WAIT = 60
_FIRST_WAIT = 0.5
_AGAIN = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
_CONTENTS: dict[str, TypeAdapter[Any]] = {
    "block": TypeAdapter(NewBlock),
    "order": TypeAdapter(OrderChange),
    "void": TypeAdapter(Void),
    "alive": TypeAdapter(Alive),
}
_CONTENTS |= {topic: TypeAdapter(ChainEvent) for topic in get_args(Topic) if topic not in _CONTENTS}


def wait_after(request: HttpRequest[Any], answer: Response, attempt: int) -> int | None:
    """Seconds after which to send a request again; None: not at all.

    It is sent again if that is safe, and if the answer says when, within a minute.

    Args:
        attempt: how often it was sent, from 1.
    """
    if not request.is_repeatable or answer.status_code not in _AGAIN or attempt >= _ATTEMPTS:
        return None
    seconds = _retry_after(answer)
    return seconds if seconds is not None and seconds <= _LONGEST_WAIT else None


def answer_of(request: HttpRequest[Result], answer: Response) -> Result:
    """What an answer says.

    Raises:
        ApiProblemError: it is a problem.
        ApiUnreachableError: it is none of this interface.
    """
    if not answer.is_success:
        raise _error_of(answer)
    try:
        return request.read(answer.content)
    except (ValidationError, UnicodeDecodeError):
        raise _foreign(answer) from None


class Listening:
    """How far a listener is: it goes on behind the last event, and gives up after eight failures
    without one.

    Attributes:
        last_id: of the last event that was told.
    """

    def __init__(self) -> None:
        self.last_id: str | None = None
        self._failures = 0

    @property
    def headers(self) -> dict[str, str]:
        """From where on the stream is to tell."""
        return {} if self.last_id is None else {"Last-Event-ID": self.last_id}

    def take(self, sent: ServerSentEvent) -> StreamEvent | None:
        """The event that was sent; None if it tells nothing, or what only later versions know.

        Raises:
            ApiUnreachableError: it is none of this interface.
        """
        self._failures, self.last_id = 0, sent.id or self.last_id
        if not sent.data or sent.event not in _CONTENTS:
            return None
        try:
            content = _CONTENTS[sent.event].validate_json(sent.data)
        except ValidationError:
            raise ApiUnreachableError(
                f"the stream's event {sent.id} is not as this version knows it: update energy-grid"
            ) from None
        return StreamEvent(id=self.last_id or "", topic=sent.event, content=content)

    def refused(self, answer: Response) -> float:
        """Seconds until the stream is asked again after an answer that is no stream.

        Raises:
            ApiError: it is of no use to ask again.
        """
        error, seconds = _error_of(answer), _retry_after(answer)
        if not (answer.is_server_error or answer.status_code in _AGAIN):
            raise error
        if seconds is not None and seconds > _LONGEST_WAIT:
            raise error
        return max(self.interrupted(str(error)), seconds or 0)

    def interrupted(self, reason: str) -> float:
        """Seconds until the stream is asked again.

        Raises:
            ApiUnreachableError: it was of no use too often.
        """
        self._failures += 1
        if self._failures >= _FAILURES:
            place = f"; go on with since={self.last_id!r}" if self.last_id else ""
            raise ApiUnreachableError(
                f"the stream was interrupted {_FAILURES} times in a row ({reason}){place}"
            )
        return float(min(_FIRST_WAIT * 2 ** (self._failures - 1), _LONGEST_WAIT))


def _error_of(answer: Response) -> ApiError:
    if answer.is_redirect:
        return ApiUnreachableError(
            f"{answer.url.host} sends on to {answer.headers['Location']}: name that address, if it"
            " is the interface's, since a token is not sent elsewhere"
        )
    try:
        problem = Problem.model_validate_json(answer.content)
    except ValidationError:
        return _foreign(answer)
    return ApiProblemError(problem, _retry_after(answer))


def _foreign(answer: Response) -> ApiUnreachableError:
    return ApiUnreachableError(
        f"{answer.url.host} answered with status {answer.status_code} and nothing that this version"
        " of the interface knows: check the address, or update energy-grid"
    )


def _retry_after(answer: Response) -> int | None:
    text = answer.headers.get("Retry-After", "")
    return int(text) if text.isdecimal() and len(text) < 10 else None
