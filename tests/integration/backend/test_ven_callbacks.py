"""Callbacks of VENs: whoever names an address chooses where this machine connects to."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from energy_grid.backend.grid_service.openadr import callbacks
from energy_grid.backend.grid_service.openadr.callbacks import CallbackError, Callbacks, is_public
from tests.support.callbacks import Listener, listening

_NOT_ASKED = r"(is at no public address|does not answer)"
_INNER = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fd00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:0:7f00:1::",
]


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Listener]:
    with listening(tmp_path) as listener:
        yield listener


@pytest.mark.parametrize("address", _INNER)
def test_is_public__of_inner_addresses__is_false(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["9.9.9.9", "2620:fe::fe", "::ffff:9.9.9.9"])
def test_is_public__of_others__is_true(address: str) -> None:
    assert is_public(ip_address(address))


def test_callback__that_repeats__is_willing_and_is_told(listener: Listener) -> None:
    own = listener.callbacks()
    own.require_willing(listener.url)
    own.notify(listener.url, "secret", {"operation": "CREATE"})
    own.notify(listener.url, None, {"operation": "DELETE"})
    assert listener.asked == ["GET /told", "POST /told", "POST /told"]
    assert listener.told == [
        ("Bearer secret", {"operation": "CREATE"}),
        (None, {"operation": "DELETE"}),
    ]


def test_callback__that_repeats_nothing__is_refused(listener: Listener) -> None:
    listener.answers = b"hello"
    with pytest.raises(CallbackError, match="does not repeat the parameter echo"):
        listener.callbacks().require_willing(listener.url)


def test_callback__that_sends_elsewhere__is_not_followed(listener: Listener) -> None:
    listener.redirects = listener.url.replace("told", "inner")
    with pytest.raises(CallbackError, match="does not repeat"):
        listener.callbacks().require_willing(listener.url)
    with pytest.raises(CallbackError, match="did not take a notification"):
        listener.callbacks().notify(listener.url, None, {})
    assert listener.asked == ["GET /told", "POST /told"]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1", "2130706433", "[::1]"])
def test_callback__on_this_machine__is_never_asked(listener: Listener, host: str) -> None:
    url = listener.url.replace("localhost", host)
    own = Callbacks(context=listener.context)
    with pytest.raises(CallbackError, match=_NOT_ASKED):
        own.require_willing(url)
    with pytest.raises(CallbackError, match=_NOT_ASKED):
        own.notify(url, None, {})
    assert listener.asked == []


def test_callback__of_a_name_with_an_inner_address_too__is_never_asked(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found(host: str, port: int, **_: Any) -> list[Any]:
        kind = socket.AF_INET, socket.SOCK_STREAM, 6, ""
        return [(*kind, ("9.9.9.9", port)), (*kind, ("127.0.0.1", port))]

    monkeypatch.setattr(callbacks.socket, "getaddrinfo", found)
    with pytest.raises(CallbackError, match=r"ven\.example is at no public address"):
        Callbacks().notify("https://ven.example/told", None, {})


def test_callback__whose_name_changes__is_asked_where_it_was_looked_at(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, names = socket.getaddrinfo, []

    def found(host: str, port: int, *arguments: Any, **options: Any) -> Any:
        names.append(host)
        return real("127.0.0.1", port, *arguments, **options)

    monkeypatch.setattr(callbacks.socket, "getaddrinfo", found)
    listener.callbacks().notify(listener.url, None, {})
    # Then only of the address itself, which is looked up nowhere.
    assert names == ["localhost", "127.0.0.1"]


def test_callback__with_a_certificate_of_nobody__is_not_told(listener: Listener) -> None:
    own = Callbacks(is_allowed=lambda _: True)
    with pytest.raises(CallbackError, match="does not answer over https"):
        own.notify(listener.url, None, {})
    assert listener.told == []


@pytest.mark.parametrize(
    "url",
    [
        "http://ven.example/told",
        "file:///etc/passwd",
        "https://",
        "https://me:word@ven.example/",
        "https://ven.example/#part",
        "https://ven.example:0/",
        "https://ven.example:99999/",
        "https://ven.example/a b",
        "https://ven.example/\r\nX: y",
        "https://vén.example/",
        "https://[::1/",
    ],
)
def test_callback__that_is_no_address__is_refused(url: str) -> None:
    with pytest.raises(CallbackError, match="a callback is an address such as"):
        Callbacks().require_willing(url)


def test_callback__that_answers_slowly__is_left(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callbacks, "_SECONDS", 0.3)
    listener.pause, listener.answers = threading.Event(), b"x" * 1000
    begun = time.monotonic()
    with pytest.raises(CallbackError, match=r"does not (answer|repeat)"):
        listener.callbacks().require_willing(listener.url)
    assert time.monotonic() - begun < 20
