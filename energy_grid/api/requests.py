"""Requests to the HTTP interface, and the methods that make them.

Each path is described once, by a method that returns an `HttpRequest`. A decorator turns it into
one that sends it, in a blocking client and in an awaiting one:

    decorator    the description returns    EnergyGridApi gives     AsyncEnergyGridApi gives
    Answered     HttpRequest[Market]        Market                  a coroutine of Market
    Listed       HttpRequest[Page[Trade]]   Iterator[Trade]         AsyncIterator[Trade]
    Streamed     HttpRequest[None]          Iterator[StreamEvent]   AsyncIterator[StreamEvent]
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, update_wrapper
from typing import (
    Any,
    Concatenate,
    Generic,
    Literal,
    ParamSpec,
    Self,
    TypeVar,
    cast,
    overload,
)

from pydantic import TypeAdapter, ValidationError

from energy_grid.api.models import (
    Alive,
    ChainEvent,
    NewBlock,
    OrderChange,
    Page,
    Void,
)
from energy_grid.api.values import Request, Time
from energy_grid.errors import InputError

__all__ = [
    "Answered",
    "AsyncSender",
    "HttpRequest",
    "Listed",
    "Sender",
    "StreamEvent",
    "Streamed",
    "body_of",
    "json_of",
    "nothing_of",
    "text_of",
    "time_text",
]

Given = ParamSpec("Given")
Result = TypeVar("Result")
Item = TypeVar("Item")
Body = TypeVar("Body", bound=Request)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest(Generic[Result]):
    """A request, and how its answer is read.

    Attributes:
        path: as the interface's description has it: ``/orders/{id}``.
        read: what the content of the answer says.

            Raises:
                ValidationError: it is something else.
        parts: of the path, by their names.
        query: what is None is left out.
        key: by which the interface knows the request again (``Idempotency-Key``).
    """

    method: Literal["GET", "POST", "DELETE"]
    path: str
    read: Callable[[bytes], Result]
    parts: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Request | None = None
    key: str | None = None

    @property
    def is_repeatable(self) -> bool:
        """Whether it does the same, sent twice or once."""
        return self.method == "GET" or self.key is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamEvent:
    """An event of the stream.

    Attributes:
        id: who is told from here on (``since``) is told everything that follows.
        topic: ``block``, ``order``, ``account``, ``batch``, ``price``, ``grid``, ``community``,
            ``governance``, ``void`` or ``alive``.
        content: what it tells.
    """

    id: str
    topic: str
    content: NewBlock | OrderChange | ChainEvent | Void | Alive


class Sender(ABC):
    """Sends requests, and waits."""

    @abstractmethod
    def send(self, request: HttpRequest[Result]) -> Result:
        """The answer to a request.

        Raises:
            ApiProblemError: the interface refuses.
            ApiUnreachableError: there is no answer, or none of this interface.
        """

    @abstractmethod
    def items(self, request: HttpRequest[Page[Item]]) -> Iterator[Item]:
        """All items of a list, page by page as they are taken.

        Raises:
            ApiError: as `send`.
        """

    @abstractmethod
    def listen(self, request: HttpRequest[None]) -> Iterator[StreamEvent]:
        """What the stream tells.

        Raises:
            ApiError: as `send`.
        """


class AsyncSender(ABC):
    """As `Sender`, on an event loop."""

    @abstractmethod
    async def send(self, request: HttpRequest[Result]) -> Result:
        """As `Sender.send`."""

    @abstractmethod
    def items(self, request: HttpRequest[Page[Item]]) -> AsyncIterator[Item]:
        """As `Sender.items`."""

    @abstractmethod
    def listen(self, request: HttpRequest[None]) -> AsyncIterator[StreamEvent]:
        """As `Sender.listen`."""


class _Described(Generic[Given, Result]):
    """A method that describes a request; in a client, one that sends it.

    Attributes:
        describe: makes the request.
    """

    _send = ""

    def __init__(self, describe: Callable[Concatenate[Any, Given], HttpRequest[Result]]) -> None:
        self.describe = describe
        self.__doc__ = describe.__doc__

    def _bound(self, api: object) -> Callable[..., Any]:
        send = getattr(api, self._send)

        def asked(*args: Any, **options: Any) -> Any:
            return send(self.describe(api, *args, **options))

        return update_wrapper(asked, self.describe)


class Answered(_Described[Given, Result]):
    """Gives the answer."""

    _send = "send"

    @overload
    def __get__(self, api: None, kind: type) -> Self: ...
    @overload
    def __get__(self, api: Sender, kind: type) -> Callable[Given, Result]: ...
    @overload
    def __get__(
        self, api: AsyncSender, kind: type
    ) -> Callable[Given, Coroutine[Any, Any, Result]]: ...
    def __get__(self, api: object, kind: type) -> Any:
        return self if api is None else self._bound(api)


class Listed(_Described[Given, Page[Item]], Generic[Given, Item]):
    """Gives the items of all pages."""

    _send = "items"

    @overload
    def __get__(self, api: None, kind: type) -> Self: ...
    @overload
    def __get__(self, api: Sender, kind: type) -> Callable[Given, Iterator[Item]]: ...
    @overload
    def __get__(self, api: AsyncSender, kind: type) -> Callable[Given, AsyncIterator[Item]]: ...
    def __get__(self, api: object, kind: type) -> Any:
        return self if api is None else self._bound(api)


class Streamed(_Described[Given, None], Generic[Given]):
    """Gives what the stream tells."""

    _send = "listen"

    @overload
    def __get__(self, api: None, kind: type) -> Self: ...
    @overload
    def __get__(self, api: Sender, kind: type) -> Callable[Given, Iterator[StreamEvent]]: ...
    @overload
    def __get__(
        self, api: AsyncSender, kind: type
    ) -> Callable[Given, AsyncIterator[StreamEvent]]: ...
    def __get__(self, api: object, kind: type) -> Any:
        return self if api is None else self._bound(api)


def json_of(kind: type[Result]) -> Callable[[bytes], Result]:
    """Reads an answer in JSON."""
    return cast(Callable[[bytes], Result], _adapter(cast(Any, kind)).validate_json)


def text_of(content: bytes) -> str:
    """Reads an answer that is text."""
    return content.decode()


def nothing_of(_: bytes) -> None:
    """Reads an answer that says nothing."""


def body_of(kind: type[Body], content: Mapping[str, Any]) -> Body:
    """What is sent, checked.

    Raises:
        InputError: it is not as the interface takes it; the message names the part.
    """
    return cast(Body, _checked(kind, content, ""))


def time_text(moment: datetime, name: str) -> str:
    """A moment as the interface takes it.

    Raises:
        InputError: it has no zone, or parts of a second.
    """
    checked: datetime = _checked(Time, moment, name)
    return checked.isoformat().replace("+00:00", "Z")


def _checked(kind: Any, value: object, name: str) -> Any:
    try:
        return _adapter(kind).validate_python(value)
    except ValidationError as error:
        first = error.errors()[0]
        where = name or ".".join(map(str, first["loc"]))
        raise InputError(f"{where}: {first['msg'].removeprefix('Value error, ')}") from None


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
