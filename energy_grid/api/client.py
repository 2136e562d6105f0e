"""The HTTP interface of a running market, from Python.

    with EnergyGridApi("http://127.0.0.1:8000") as api:
        session = api.sign_in(account)
        for order in api.my_orders(state=["OPEN"]):
            print(order.id, order.filled_wh)
        for event in api.stream(["order"]):
            print(event.id, event.content)

`AsyncEnergyGridApi` has the same methods, to be awaited; its lists and its stream are for
``async for``. What is sent and answered has the types of `energy_grid.api.models`. Needs
``pip install energy-grid[api]``.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing, closing
from dataclasses import replace
from itertools import count
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote

import httpx2

from energy_grid.api.answers import Listening, answer_of, wait_after
from energy_grid.api.errors import ApiError, ApiProblemError, ApiUnreachableError
from energy_grid.api.models import Page, Session
from energy_grid.api.paths import Paths
from energy_grid.api.requests import AsyncSender, HttpRequest, Sender, StreamEvent
from energy_grid.api.signing import sign_challenge
from energy_grid.chain.accounts import Account
from energy_grid.errors import InputError

__all__ = [
    "ApiError",
    "ApiProblemError",
    "ApiUnreachableError",
    "AsyncEnergyGridApi",
    "EnergyGridApi",
    "StreamEvent",
]

Result = TypeVar("Result")
Item = TypeVar("Item")

_BASE = "/api/v1"
_TIMEOUT_SECONDS = 10.0
# The stream says every 15 s that it lives.
_SILENCE_SECONDS = 45.0
_CUT = "the connection was closed"


class EnergyGridApi(Paths, Sender):
    """A client that waits for its answers; a context manager. Threads can share it.

    What is safe to send twice is sent up to four times if the interface says when (429, 503).

    Args:
        address: of the interface, such as ``http://127.0.0.1:8000``.
        token: of a session that was opened before.
        origin: under which people see the interface, if that is not its address: accounts sign in
            for it.
        timeout_seconds: so long an answer may be silent.
        sleep: waits so many seconds.

    Attributes:
        token: of the session; None: nobody is signed in.

    Raises:
        InputError: the address is none.
    """

    def __init__(
        self,
        address: str,
        *,
        token: str | None = None,
        origin: str | None = None,
        timeout_seconds: float = _TIMEOUT_SECONDS,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.token = token
        self._place = _Place(address, origin, timeout_seconds)
        self._sleep = sleep
        self._http = httpx2.Client()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def sign_in(self, account: Account) -> Session:
        """Sign in: from now on the client shows what is the account's.

        Raises:
            InputError: the interface asks for a signature that is for somebody else.
        """
        challenge = self.challenge(account.address)
        signature = sign_challenge(account, challenge, self._place.origin)
        session = self.open_session(challenge.message, signature)
        self.token = session.token
        return session

    def sign_out(self) -> None:
        """End the session."""
        self.close_session()
        self.token = None

    def send(self, request: HttpRequest[Result]) -> Result:
        """The answer to a request; `Paths` has a method for each that there is.

        Raises:
            ApiProblemError: the interface refuses.
            ApiUnreachableError: there is no answer, or none of this interface.
        """
        for attempt in count(1):
            written = self._place.write(self._http, request, self.token)
            try:
                answer = self._http.send(written)
            except httpx2.HTTPError as error:
                raise _silence(request, written, error) from None
            seconds = wait_after(request, answer, attempt)
            if seconds is None:
                break
            self._sleep(seconds)
        return answer_of(request, answer)

    def items(self, request: HttpRequest[Page[Item]]) -> Iterator[Item]:
        """All items of a list, page by page as they are taken."""
        while True:
            page = self.send(request)
            yield from page.items
            if page.next is None:
                return
            request = replace(request, query={**request.query, "cursor": page.next})

    def listen(self, request: HttpRequest[None]) -> Iterator[StreamEvent]:
        """What the stream tells; see `stream`."""
        listening = Listening()
        while True:
            written = self._place.write(self._http, request, self.token, listening)
            try:
                with closing(self._http.send(written, stream=True)) as answer:
                    if answer.is_success:
                        for sent in httpx2.EventSource(answer):
                            event = listening.take(sent)
                            if event is not None:
                                yield event
                        seconds = listening.interrupted(_CUT)
                    else:
                        answer.read()
                        seconds = listening.refused(answer)
            except httpx2.HTTPError as error:
                seconds = listening.interrupted(_words(error))
            self._sleep(seconds)


class AsyncEnergyGridApi(Paths, AsyncSender):
    """As `EnergyGridApi`, on an event loop: ``async with``, ``await``, ``async for``.

    Args:
        sleep: waits so many seconds, awaited; all others as of `EnergyGridApi`.
    """

    def __init__(
        self,
        address: str,
        *,
        token: str | None = None,
        origin: str | None = None,
        timeout_seconds: float = _TIMEOUT_SECONDS,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.token = token
        self._place = _Place(address, origin, timeout_seconds)
        self._sleep = sleep
        self._http = httpx2.AsyncClient()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close its connections."""
        await self._http.aclose()

    async def sign_in(self, account: Account) -> Session:
        """As `EnergyGridApi.sign_in`."""
        challenge = await self.challenge(account.address)
        signature = sign_challenge(account, challenge, self._place.origin)
        session = await self.open_session(challenge.message, signature)
        self.token = session.token
        return session

    async def sign_out(self) -> None:
        """End the session."""
        await self.close_session()
        self.token = None

    async def send(self, request: HttpRequest[Result]) -> Result:
        """As `EnergyGridApi.send`."""
        for attempt in count(1):
            written = self._place.write(self._http, request, self.token)
            try:
                answer = await self._http.send(written)
            except httpx2.HTTPError as error:
                raise _silence(request, written, error) from None
            seconds = wait_after(request, answer, attempt)
            if seconds is None:
                break
            await self._sleep(seconds)
        return answer_of(request, answer)

    async def items(self, request: HttpRequest[Page[Item]]) -> AsyncIterator[Item]:
        """As `EnergyGridApi.items`."""
        while True:
            page = await self.send(request)
            for item in page.items:
                yield item
            if page.next is None:
                return
            request = replace(request, query={**request.query, "cursor": page.next})

    async def listen(self, request: HttpRequest[None]) -> AsyncIterator[StreamEvent]:
        """As `EnergyGridApi.listen`."""
        listening = Listening()
        while True:
            written = self._place.write(self._http, request, self.token, listening)
            try:
                async with aclosing(await self._http.send(written, stream=True)) as answer:
                    if answer.is_success:
                        async for sent in httpx2.EventSource(answer):
                            event = listening.take(sent)
                            if event is not None:
                                yield event
                        seconds = listening.interrupted(_CUT)
                    else:
                        await answer.aread()
                        seconds = listening.refused(answer)
            except httpx2.HTTPError as error:
                seconds = listening.interrupted(_words(error))
            await self._sleep(seconds)


class _Place:
    """Where the interface is, and how requests to it are written."""

    def __init__(self, address: str, origin: str | None, timeout_seconds: float) -> None:
        try:
            url = httpx2.URL(address)
        except httpx2.InvalidURL:
            url = httpx2.URL()
        if url.scheme not in ("http", "https") or not url.host:
            raise InputError(f"{address!r} is no address such as http://127.0.0.1:8000")
        self._base = address.rstrip("/") + _BASE
        self._seconds = timeout_seconds
        self.origin = (origin or f"{url.scheme}://{url.netloc.decode()}").rstrip("/")

    def write(
        self,
        http: httpx2.Client | httpx2.AsyncClient,
        request: HttpRequest[Any],
        token: str | None,
        listening: Listening | None = None,
    ) -> httpx2.Request:
        """A request as it is sent."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        seconds = self._seconds
        if request.key is not None:
            headers["Idempotency-Key"] = request.key
        if listening is not None:
            headers |= listening.headers
            seconds = _SILENCE_SECONDS
        content = None
        if request.body is not None:
            headers["Content-Type"] = "application/json"
            content = request.body.model_dump_json(by_alias=True).encode()
        parts = {name: quote(part, safe="") for name, part in request.parts.items()}
        return http.build_request(
            request.method,
            self._base + request.path.format(**parts),
            params={name: value for name, value in request.query.items() if value is not None},
            headers=headers,
            content=content,
            timeout=httpx2.Timeout(self._seconds, read=seconds),
        )


def _silence(
    request: HttpRequest[Any], written: httpx2.Request, error: httpx2.HTTPError
) -> ApiUnreachableError:
    done = "" if request.is_repeatable else "; what was asked for may have been done all the same"
    host = written.url.netloc.decode()
    return ApiUnreachableError(f"{host} does not answer: {_words(error)}{done}")


def _words(error: httpx2.HTTPError) -> str:
    return str(error) or type(error).__name__
