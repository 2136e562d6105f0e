"""How requests reach a node: over kept-alive HTTP connections, or through a user's `Web3`.

web3.py's HTTPProvider takes five times the CPU time for a request to a local node (1.6 ms, not
0.3), and importing web3 takes 0.9 s. ``python -m tests.bench.web3_choice`` measures both. Therefore
the package speaks HTTP itself, and loads web3 only where a user hands in or asks for its objects.
"""

from __future__ import annotations

import json
import os
import select
import ssl
from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import partial
from http.client import (
    HTTPConnection,
    HTTPException,
    HTTPResponse,
    HTTPSConnection,
    IncompleteRead,
)
from io import BufferedReader, RawIOBase
from itertools import count as numbers
from json import JSONDecodeError
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import SplitResult, unquote, urlsplit
from weakref import finalize

from energy_grid.errors import InputError, NodeUnreachableError

if TYPE_CHECKING:
    from socket import socket

    from web3 import Web3

__all__ = ["HttpTransport", "Request", "Transport", "Web3Transport", "plain"]

# A method of JSON-RPC and its parameters.
Request = tuple[str, Sequence[Any]]
Answer = Mapping[str, Any]

_LOCAL_HOSTS = ("127.0.0.1", "::1", "localhost")
_PORTS = {"http": 80, "https": 443}
_SUCCESS = 2
# Some nodes send the error of JSON-RPC with these, such as for too many blocks at once.
_ERROR_IN_BODY = (400, 413)
# Several times what nodes allow an answer with logs to have; a larger one is made to do harm.
_MAX_BYTES = 2**27


class Transport(Protocol):
    """Carries requests to one node; threads may share it.

    Attributes:
        url: the node's address; empty where there is none.
        host: the part of the address that may be shown, since paths may hold access keys.
    """

    url: str
    host: str

    def single(self, method: str, params: Sequence[Any]) -> Answer:
        """The answer to one request: an object with its result or its error.

        Raises:
            NodeUnreachableError: no node answers.
        """
        ...

    def batch(self, requests: Sequence[Request]) -> Any:
        """The answers in the order of the requests; a single answer if the node rejected them all.

        Raises:
            NodeUnreachableError: no node answers.
        """
        ...

    def close(self) -> None:
        """Close the connections."""
        ...


class HttpTransport:
    """HTTP connections to one node, each used by one thread at a time.

    A request is sent once: whether it may be repeated is the caller's decision. HTTPS_PROXY,
    HTTP_PROXY and NO_PROXY hold beyond this machine, SSL_CERT_FILE for certificates.

    Args:
        url: address of the node, http or https; may hold a user name and a password.
        timeout: seconds that a request may take, from its first byte to the last of the answer.

    Raises:
        InputError: this is no such address.
    """

    def __init__(self, url: str, timeout: float) -> None:
        try:
            parts = urlsplit(url)
            # http.client would take the end of an IPv6 address for a port that is not named.
            port = parts.port or _PORTS[parts.scheme]
            if not parts.hostname:
                raise ValueError
        except (KeyError, ValueError):
            # Python's own message can have the whole address.
            raise InputError(
                "the address of a node begins with http:// or https:// and a host"
            ) from None
        self.url, self.host = url, parts.netloc.rpartition("@")[2]
        self._address = parts.hostname, port
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._timeout = timeout
        self._secure = parts.scheme == "https"
        self._headers = {"Content-Type": "application/json", "User-Agent": "energy-grid"}
        if parts.username is not None:
            self._headers["Authorization"] = _basic(parts.username, parts.password)
        self._proxy = None if parts.hostname in _LOCAL_HOSTS else _proxy_of(parts.scheme, self.host)
        if self._proxy is not None and not self._secure:
            self._path = f"http://{self.host}{self._path}"
            self._headers |= _proxy_headers(self._proxy)
        self._idle: list[HTTPConnection] = []
        # Nodes that nobody closes let go of their sockets as well.
        finalize(self, _close_all, self._idle)
        self._numbers = numbers(1)

    def single(self, method: str, params: Sequence[Any]) -> Answer:
        answer = self._post(self._body(method, params))
        if not isinstance(answer, dict):
            raise self._unreachable("no JSON-RPC")
        return answer

    def batch(self, requests: Sequence[Request]) -> Any:
        bodies = [self._body(method, params) for method, params in requests]
        answers = self._post(bodies)
        if not isinstance(answers, list):
            return answers
        by_number = {
            answer["id"]: answer
            for answer in answers
            if isinstance(answer, dict) and isinstance(answer.get("id"), int)
        }
        return [by_number[body["id"]] for body in bodies if body["id"] in by_number]

    def close(self) -> None:
        _close_all(self._idle)

    def _body(self, method: str, params: Sequence[Any]) -> dict[str, Any]:
        return {"jsonrpc": "2.0", "id": next(self._numbers), "method": method, "params": params}

    def _post(self, body: Any) -> Any:
        connection = None
        try:
            connection = self._connection()
            deadline = monotonic() + self._timeout
            connection.response_class = partial(_response, deadline)  # type: ignore[assignment]
            connection.request("POST", self._path, json.dumps(body).encode(), self._headers)
            response = connection.getresponse()
            content = _content(response)
        except (OSError, HTTPException, ValueError, AnswerTooLargeError) as error:
            # Also names and paths that HTTP cannot carry, and certificates that are not there.
            if connection is not None:
                connection.close()
            raise self._unreachable(type(error).__name__) from None
        self._idle.append(connection)
        if response.status // 100 == _SUCCESS:
            try:
                return json.loads(content)
            except (ValueError, RecursionError):
                # Such as a proxy's page.
                raise self._unreachable("no JSON") from None
        answer = _error_in(response.status, content)
        if answer is None:
            raise self._unreachable(f"HTTP {response.status}")
        return answer

    def _connection(self) -> HTTPConnection:
        try:
            connection = self._idle.pop()
        except IndexError:
            return self._opened()
        if connection.sock is not None and _has_ended(connection):
            # A closed connection opens itself again with the next request.
            connection.close()
        if connection.sock is not None:
            connection.sock.settimeout(self._timeout)
        return connection

    def _opened(self) -> HTTPConnection:
        proxy = self._proxy
        host, port = self._address
        if proxy is not None:
            host, port = proxy.hostname or "", proxy.port or _PORTS["http"]
        if not self._secure:
            return HTTPConnection(host, port, timeout=self._timeout)
        context = ssl.create_default_context()
        context.load_verify_locations(_certificates())
        connection = HTTPSConnection(host, port, timeout=self._timeout, context=context)
        if proxy is not None:
            connection.set_tunnel(*self._address, _proxy_headers(proxy))
        return connection

    def _unreachable(self, reason: str) -> NodeUnreachableError:
        return NodeUnreachableError(f"no node answers at {self.host} ({reason})")


class AnswerTooLargeError(NodeUnreachableError):
    """An answer is larger than any that a node has reason to give."""


class _Limited(RawIOBase):
    """What comes over a connection, up to a deadline and a number of bytes.

    A socket's own timeout begins anew with each piece that comes.
    """

    def __init__(self, connection: socket, deadline: float) -> None:
        self._connection, self._deadline, self._left = connection, deadline, _MAX_BYTES
        self._bytes = connection.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        seconds = self._deadline - monotonic()
        if seconds <= 0:
            raise TimeoutError
        self._connection.settimeout(seconds)
        count = self._bytes.readinto(buffer)
        self._left -= count or 0
        if self._left < 0:
            raise AnswerTooLargeError
        return count

    def close(self) -> None:
        self._bytes.close()
        super().close()


def _response(deadline: float, connection: socket, **details: Any) -> HTTPResponse:
    response = HTTPResponse(connection, **details)
    response.fp.close()
    response.fp = BufferedReader(_Limited(connection, deadline))
    return response


def _content(response: HTTPResponse) -> bytes:
    """The body of an answer.

    Raises:
        AnswerTooLargeError: it is too large.
        HTTPException: it is not whole.
    """
    if (response.length or 0) > _MAX_BYTES:
        raise AnswerTooLargeError
    # Without a number, a length that a part of the answer only claims would take memory.
    content = response.read(_MAX_BYTES + 1)
    if response.length:
        raise IncompleteRead(content, response.length)
    response.close()
    return content


class Web3Transport:
    """The provider and the middleware of a user's `Web3`."""

    def __init__(self, w3: Web3) -> None:
        self.w3 = w3
        self.url = str(getattr(w3.provider, "endpoint_uri", None) or "")
        self.host = urlsplit(self.url).netloc.rpartition("@")[2] or type(w3.provider).__name__

    def single(self, method: str, params: Sequence[Any]) -> Answer:
        provider, onion = self.w3.provider, self.w3.middleware_onion
        send = provider.request_func(self.w3, onion)
        answer: Answer = self._sent(send, method, list(params))
        return answer

    def batch(self, requests: Sequence[Request]) -> Any:
        from web3.providers import AutoProvider, JSONBaseProvider

        provider, onion = self.w3.provider, self.w3.middleware_onion
        if not isinstance(provider, (AutoProvider, JSONBaseProvider)):
            return [self.single(method, params) for method, params in requests]
        send = provider.batch_request_func(self.w3, onion)
        return self._sent(send, [(method, list(params)) for method, params in requests])

    def close(self) -> None:
        """Nothing: the user opened it."""

    def _sent(self, send: Any, *arguments: Any) -> Any:
        from web3.exceptions import CannotHandleRequest, ProviderConnectionError

        away = (CannotHandleRequest, JSONDecodeError, OSError, ProviderConnectionError)
        try:
            return plain(send(*arguments))
        except away as error:
            # The HTTP errors of requests have the response.
            response = getattr(error, "response", None)
            answer = None if response is None else _error_in(response.status_code, response.content)
            if answer is None:
                reason = type(error).__name__
                raise NodeUnreachableError(f"no node answers at {self.host} ({reason})") from None
            return answer


def plain(value: Any) -> Any:
    """What web3.py made of an answer, such as AttributeDict and HexBytes, as JSON-RPC has it."""
    if isinstance(value, Mapping):
        return {key: each if key in _ENVELOPE else plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, bytes):
        return f"0x{bytes(value).hex()}"
    return hex(value) if isinstance(value, int) and not isinstance(value, bool) else value


# Numbers that JSON-RPC has as numbers.
_ENVELOPE = ("id", "code")


def _error_in(status: int, content: bytes) -> dict[str, Any] | None:
    """The error of JSON-RPC in an answer that HTTP calls a bad request.

    An answer to too many requests, or to a failure within the node, counts as no answer.
    """
    if status not in _ERROR_IN_BODY:
        return None
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return None
    is_error = isinstance(answer, dict) and isinstance(answer.get("error"), dict)
    return answer if is_error else None


def _close_all(connections: list[HTTPConnection]) -> None:
    while connections:
        connections.pop().close()


def _has_ended(connection: HTTPConnection) -> bool:
    """Whether the node has closed an idle connection: then there is something to read."""
    poll = select.poll()
    poll.register(connection.sock, select.POLLIN)
    return bool(poll.poll(0))


def _proxy_of(scheme: str, host: str) -> SplitResult | None:
    """The address of the proxy that the environment names for a node."""
    from urllib.request import getproxies, proxy_bypass

    named = getproxies().get(scheme)
    if not named or proxy_bypass(host):
        return None
    return urlsplit(named if "://" in named else f"http://{named}")


def _proxy_headers(proxy: SplitResult) -> dict[str, str]:
    if proxy.username is None:
        return {}
    return {"Proxy-Authorization": _basic(proxy.username, proxy.password)}


def _certificates() -> str:
    """Certificates beside those of the system, which slim containers lack."""
    import certifi

    return os.environ.get("SSL_CERT_FILE") or certifi.where()


def _basic(user: str | None, password: str | None) -> str:
    words = f"{unquote(user or '')}:{unquote(password or '')}"
    return "Basic " + b64encode(words.encode()).decode()
