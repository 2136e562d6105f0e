"""Connections to a broker, by paho-mqtt: one that listens, and one that publishes.

Both have QoS 1. Who listens acknowledges a message itself, once it is durable; until then the
broker keeps it, also while nobody is connected, and sends it again. All of a connection happens in
the thread of its owner: an acknowledgement never goes to another connection than its message's.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from energy_grid.backend.hosts import is_loopback
from energy_grid.errors import EnergyGridError, InputError

__all__ = ["BrokerGoneError", "BrokerPlace", "Listener", "Message", "Publisher", "broker_at"]

_PORTS = {"mqtt": 1883, "mqtts": 8883}
# Longer than the longest pause of a service that cannot store.
_KEEPALIVE_SECONDS = 120
_ANSWER_SECONDS = 10.0
# A broker keeps what a gateway has not fetched for a month; 0xffffffff would be for ever.
_SESSION_SECONDS = 30 * 86_400
# So many messages may wait for their acknowledgement at once.
_INFLIGHT = 1000
_QOS = 1
# As long as messages come one after the other they are taken together: storing a few costs as much
# as storing many.
_QUIET_SECONDS, _LINGER_SECONDS = 0.005, 0.2


class BrokerGoneError(EnergyGridError, OSError):
    """The broker does not answer: it may come back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerPlace:
    """Where a broker is, and how one shows who one is.

    Attributes:
        ca, certificate, key: PEM files; without the first one there is no encryption.
        is_embedded: it speaks MQTT 3.1.1, without shared subscriptions.
    """

    host: str
    port: int
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    is_embedded: bool = False

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Message:
    """What came, with the number under which it is acknowledged.

    Attributes:
        is_retained: the broker had it before there was a subscription.
    """

    topic: str
    content: bytes
    number: int
    qos: int
    is_retained: bool


def broker_at(
    address: str, ca: Path | None = None, certificate: Path | None = None, key: Path | None = None
) -> BrokerPlace:
    """The broker of an address, ``mqtts://HOST:PORT``, or ``mqtt://`` on this machine.

    Raises:
        InputError: it is no such address, a file is missing, or its traffic could be read.
    """
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        host, port = "", 0
    if not host or not port or parts.scheme not in _PORTS or parts.username or parts.password:
        raise InputError("a broker's address is mqtts://HOST:PORT, without a name or a password")
    if parts.scheme == "mqtt":
        if not is_loopback(host):
            raise InputError(
                f"readings would go to {host} without encryption: use mqtts:// and certificates"
            )
        return BrokerPlace(host=host, port=port)
    files = {"authority's certificate": ca, "certificate": certificate, "key": key}
    for name, file in files.items():
        if file is None or not file.is_file():
            raise InputError(f"{address} needs the {name}: {file or 'none'} is no file")
    return BrokerPlace(host=host, port=port, ca=ca, certificate=certificate, key=key)


class _Connection:
    """A connection that is made when it is needed, and again when it is lost."""

    def __init__(self, place: BrokerPlace, name: str, *, clean: bool) -> None:
        self._place, self._clean = place, clean
        version = MQTTProtocolVersion.MQTTv311 if place.is_embedded else MQTTProtocolVersion.MQTTv5
        self.client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=name,
            clean_session=clean if place.is_embedded else None,
            protocol=version,
            manual_ack=True,
            reconnect_on_failure=False,
        )
        if place.ca is not None:
            self.client.tls_set(str(place.ca), str(place.certificate), str(place.key))
        self.client.max_inflight_messages_set(_INFLIGHT)
        self.client.on_connect = self._answered
        self.client.on_subscribe = self._granted
        self.client.on_publish = self._published
        self._answer: ReasonCode | None = None
        self._is_connected = self._is_granted = False

    @property
    def is_connected(self) -> bool:
        """Whether the broker has answered, and has not gone since."""
        return self._is_connected

    def connect(self) -> bool:
        """Connect where that is needed; whether it was.

        Raises:
            BrokerGoneError: nobody answers.
            InputError: the broker refuses this client.
        """
        if self._is_connected:
            return False
        self._answer = None
        try:
            if self._place.is_embedded:
                self.client.connect(self._place.host, self._place.port, _KEEPALIVE_SECONDS)
            else:
                self.client.connect(
                    self._place.host,
                    self._place.port,
                    _KEEPALIVE_SECONDS,
                    clean_start=self._clean,
                    properties=self._properties(),
                )
        except (OSError, ValueError) as error:
            raise BrokerGoneError(f"no broker answers at {self._place}: {error}") from None
        self.turn(lambda: self._answer is not None)
        self._is_connected = True
        return True

    def subscribe(self, topics: Sequence[tuple[str, int]]) -> None:
        """Let messages under topics come, each with its quality of service.

        Raises:
            BrokerGoneError: the connection is lost.
            InputError: the broker refuses this client.
        """
        self._is_granted = False
        self.client.subscribe([*topics])
        self.turn(lambda: self._is_granted)

    def turn(self, is_done: Callable[[], bool]) -> None:
        """Receive and send until something is so.

        Raises:
            BrokerGoneError: the connection is lost, or it takes too long.
        """
        deadline = time.monotonic() + _ANSWER_SECONDS
        while not is_done():
            self.exchange(0.05)
            if time.monotonic() > deadline:
                self.drop()
                raise BrokerGoneError(f"the broker at {self._place} does not answer")

    def exchange(self, seconds: float) -> None:
        """Receive what there is, after so many seconds at the latest, and send what waits.

        Raises:
            BrokerGoneError: the connection is lost.
        """
        code = self.client.loop(seconds)
        if code is not MQTTErrorCode.MQTT_ERR_SUCCESS:
            self.lose(code)

    def lose(self, code: MQTTErrorCode) -> NoReturn:
        """Take the connection for lost.

        Raises:
            BrokerGoneError: always.
        """
        self.drop()
        raise BrokerGoneError(f"the broker at {self._place} is gone: {paho.error_string(code)}")

    def drop(self) -> None:
        """Take the connection for lost."""
        self._is_connected = False

    def close(self) -> None:
        """End the connection; the broker keeps the session."""
        self._is_connected = False
        self.client.disconnect()

    def _answered(self, client: Any, data: Any, flags: Any, reason: Any, properties: Any) -> None:
        self._require(reason, "connect")
        self._answer = reason

    def _granted(self, client: Any, data: Any, number: Any, reasons: Any, properties: Any) -> None:
        for each in reasons:
            self._require(each, "subscribe")
        self._is_granted = True

    def _published(self, client: Any, data: Any, number: Any, reason: Any, properties: Any) -> None:
        self._require(reason, "publish")

    def _require(self, reason: ReasonCode, what: str) -> None:
        if reason.is_failure:
            self.drop()
            raise InputError(
                f"the broker at {self._place} does not let this client {what} ({reason}): look at"
                " its access list, and at the certificate"
            )

    def _properties(self) -> Properties:
        found = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        found.ReceiveMaximum = _INFLIGHT
        if not self._clean:
            found.SessionExpiryInterval = _SESSION_SECONDS
        return found


class Listener:
    """Gets all messages under some topics; a session that outlives the process.

    Args:
        name: of the session, which only one process may have at a time.
        topics: as subscriptions have them.
        passing: topics of which nothing is kept for who is away.
    """

    def __init__(
        self, place: BrokerPlace, name: str, topics: Sequence[str], passing: Sequence[str] = ()
    ) -> None:
        self._connection = _Connection(place, name, clean=False)
        self._topics = [*((each, _QOS) for each in topics), *((each, 0) for each in passing)]
        self._came = list[Message]()
        self._client = self._connection.client
        self._client.on_message = self._take

    @property
    def is_connected(self) -> bool:
        """Whether messages can come."""
        return self._connection.is_connected

    def connect(self) -> bool:
        """Connect where that is needed; whether it was.

        Raises:
            BrokerGoneError, InputError: as `_Connection.connect`.
        """
        if self._connection.is_connected:
            return False
        # Of a connection that is gone: the broker sends them again.
        self._came.clear()
        self._connection.connect()
        self._connection.subscribe(self._topics)
        return True

    def receive(self, at_most: int) -> list[Message]:
        """What has come and comes close behind, in its order; nothing of it is acknowledged.

        Raises:
            BrokerGoneError: the connection is lost.
        """
        self._connection.exchange(0)
        count, deadline = 0, time.monotonic() + _LINGER_SECONDS
        while count < len(self._came) < at_most and time.monotonic() < deadline:
            count = len(self._came)
            self._connection.exchange(_QUIET_SECONDS)
        found, self._came = self._came[:at_most], self._came[at_most:]
        return found

    def acknowledge(self, messages: Iterable[Message]) -> None:
        """Let the broker forget messages, all of this connection.

        Raises:
            BrokerGoneError: the connection is lost: some of them come again.
        """
        for each in messages:
            self._client.ack(each.number, each.qos)
        self._connection.exchange(0)

    def show(self, topic: str, content: bytes) -> None:
        """Publish what the broker hands to everybody who comes later, too."""
        self._client.publish(topic, content, qos=0, retain=True)

    def close(self) -> None:
        """End the connection; the broker keeps what comes and what is not acknowledged, and sends
        it with the next one."""
        self._connection.close()

    def _take(self, client: Any, data: Any, message: paho.MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = ""
        content, kind = bytes(message.payload), message.retain
        self._came.append(Message(topic, content, message.mid, message.qos, kind))


class Publisher:
    """Brings messages to a broker, as devices do.

    Args:
        name: of the client.
    """

    def __init__(self, place: BrokerPlace, name: str) -> None:
        self._connection = _Connection(place, name, clean=True)

    def publish(self, messages: Iterable[tuple[str, bytes]]) -> None:
        """Publish, and wait until the broker has them all.

        Raises:
            BrokerGoneError: it may have some of them.
            InputError: the broker refuses this client.
        """
        self._connection.connect()
        client = self._connection.client
        waiting: list[paho.MQTTMessageInfo] = []
        for topic, content in messages:
            found = client.publish(topic, content, qos=_QOS)
            if found.rc is not MQTTErrorCode.MQTT_ERR_SUCCESS:
                self._connection.lose(found.rc)
            waiting.append(found)
            if len(waiting) % _INFLIGHT == 0:
                self._wait(waiting)
        self._wait(waiting)

    def close(self) -> None:
        """End the connection."""
        self._connection.close()

    def _wait(self, waiting: list[paho.MQTTMessageInfo]) -> None:
        self._connection.turn(lambda: waiting[-1].is_published() if waiting else True)
        self._connection.turn(lambda: all(each.is_published() for each in waiting))
        waiting.clear()
