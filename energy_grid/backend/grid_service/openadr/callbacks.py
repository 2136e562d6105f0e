"""Asking the addresses that VENs have named for notifications (webhooks).

Whoever names one chooses where this machine connects to. So it is https, to a machine of the
public internet: the address that the name has is looked at and then connected to, so that no second
look gives another one. Redirections are not followed, and what is answered is shown to nobody.
"""

from __future__ import annotations

import json
import secrets
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

from energy_grid.errors import EnergyGridError

__all__ = ["CallbackError", "Callbacks", "is_public"]

_SECONDS = 10.0
_MOST_BYTES = 4096
_HTTPS = 443
# Addresses of version 4 are within these as well.
_TRANSLATED = (IPv6Network("64:ff9b::/96"), IPv6Network("2002::/16"), IPv6Network("2001::/32"))

Ip = IPv4Address | IPv6Address


class CallbackError(EnergyGridError):
    """An address takes no notifications; the message does not say what it answers."""


def is_public(address: Ip) -> bool:
    """Whether an address is one of the public internet."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if any(address in network for network in _TRANSLATED):
            return False
    return address.is_global and not address.is_multicast


class Callbacks:
    """Sends to callbacks; threads may share it.

    Args:
        is_allowed: to which addresses.
        context: of TLS; by default the machine's authorities are trusted.
    """

    def __init__(
        self,
        *,
        is_allowed: Callable[[Ip], bool] = is_public,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._is_allowed = is_allowed
        self._context = context or ssl.create_default_context()

    def require_willing(self, url: str) -> None:
        """Pass if whoever is there answers with what it is asked to repeat: it wants to be told.

        Raises:
            CallbackError: it does not, or is at no address that may be asked.
        """
        parts, echo = _parts(url), secrets.token_urlsafe(24)
        query = f"{parts.query}&" if parts.query else ""
        target = f"{_path(parts)}?{query}echo={quote(echo)}"
        status, body = self._ask(parts, "GET", target, {}, None)
        if status != HTTPStatus.OK or echo.encode() not in body:
            raise CallbackError(
                "the callback does not repeat the parameter echo of a GET with the status 200"
            )

    def notify(self, url: str, bearer: str | None, document: Mapping[str, Any]) -> None:
        """Post a notification.

        Raises:
            CallbackError: it was not taken.
        """
        parts = _parts(url)
        target = f"{_path(parts)}?{parts.query}" if parts.query else _path(parts)
        headers = {"Content-Type": "application/json"}
        if bearer:
            headers["Authorization"] = f"Bearer {bearer}"
        status, _ = self._ask(parts, "POST", target, headers, json.dumps(document).encode())
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            raise CallbackError("the callback did not take a notification")

    def _ask(
        self,
        parts: SplitResult,
        method: str,
        target: str,
        headers: Mapping[str, str],
        content: bytes | None,
    ) -> tuple[int, bytes]:
        host = parts.hostname or ""
        try:
            with (
                closing(HTTPConnection(host, timeout=_SECONDS)) as connection,
                self._connected(host, parts.port or _HTTPS) as plain,
                self._context.wrap_socket(
                    plain, server_hostname=host, do_handshake_on_connect=False
                ) as secured,
                _ended(secured),
            ):
                secured.do_handshake()
                connection.sock = secured
                connection.request(method, target, content, {**headers, "Connection": "close"})
                answer = connection.getresponse()
                return answer.status, answer.read(_MOST_BYTES)
        except (OSError, HTTPException, ValueError):
            # Not why: whoever named the address would learn what is there.
            raise CallbackError(f"the callback at {host} does not answer over https") from None

    def _connected(self, host: str, port: int) -> socket.socket:
        """A connection to an address that may be asked, which the name has now."""
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [ip_address(str(each[4][0]).partition("%")[0]) for each in found]
        # Of a name with an inner address nothing is asked.
        if not addresses or not all(self._is_allowed(each) for each in addresses):
            raise CallbackError(f"{host} is at no public address: no callback may be there")
        return socket.create_connection((str(addresses[0]), port), timeout=_SECONDS)


@contextmanager
def _ended(connection: socket.socket) -> Iterator[None]:
    """End what goes over a connection after a while, however slowly it goes."""

    def cut() -> None:
        with suppress(OSError):
            # Of TLS it would first be asked to say farewell.
            socket.socket.shutdown(connection, socket.SHUT_RDWR)

    timer = threading.Timer(_SECONDS, cut)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _path(parts: SplitResult) -> str:
    return parts.path or "/"


def _parts(url: str) -> SplitResult:
    """The parts of an address that can be a callback.

    Raises:
        CallbackError: it cannot.
    """
    try:
        parts = urlsplit(url)
        is_right = parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_right = False
    has_more = is_right and (parts.username is not None or "#" in url)
    if not is_right or has_more or not url.isascii() or any(each <= " " for each in url):
        raise CallbackError("a callback is an address such as https://ven.example/callback")
    return parts
