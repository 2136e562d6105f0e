"""A battery's schedule over MQTT, as an agent and Home Assistant give it to each other.

    energy-grid/<chain id>/<account>/battery    {"storedWh": 4200}                retained
    energy-grid/<chain id>/<account>/schedule   who has made it, and its slots    retained

    {"by": "agent", "slots": [{"start": 1704070800, "seconds": 3600, "atLeastWh": 0,
                               "atMostWh": 10000, "storedWh": 4700}, ..]}

What a battery holds is said by who controls it. A schedule of anybody but ``agent`` is Home
Assistant's: as long as it has a slot that is not over, the agent makes none. ``storedWh`` of a slot
is what is expected, and may be missing. Home Assistant finds the running slot by its discovery:

    <prefix>/sensor/energy-grid-<account>/<value>/config
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from energy_grid.backend.meter_gateway.payload import PayloadError, topic_of
from energy_grid.domain.battery import Band
from energy_grid.errors import DomainError

__all__ = ["AGENT", "Slot", "configurations", "parse_battery", "parse_schedule", "schedule"]

AGENT = "agent"
# As brokers let through (docs/broker.md).
_MAX_BYTES, _MAX_NUMBER = 4096, 2**48
_NUMBERS = ("start", "seconds", "atLeastWh", "atMostWh")
# Name, and field of the running slot.
_VALUES = (
    ("Battery at least", "atLeastWh"),
    ("Battery at most", "atMostWh"),
    ("Battery expected", "storedWh"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A part of a schedule: when it begins (Unix seconds), how long it is, and its band.

    Attributes:
        stored_wh: that is expected after it; None: nobody has said.
    """

    start: int
    seconds: int
    band: Band
    stored_wh: int | None = None

    @property
    def end(self) -> int:
        """The second after its last one."""
        return self.start + self.seconds


def configurations(prefix: str, chain_id: int, account: str) -> Iterator[tuple[str, bytes]]:
    """The messages by which Home Assistant learns of a schedule.

    Args:
        prefix: of its discovery, mostly ``homeassistant``.
    """
    node = f"energy-grid-{account}"
    device = {"identifiers": [node], "name": f"Battery {account}", "manufacturer": "energy-grid"}
    topic = topic_of(chain_id, account, "schedule")
    for name, field in _VALUES:
        word = field.removesuffix("Wh").lower()
        content = {
            "name": name,
            "unique_id": f"{node}-{word}",
            "state_topic": topic,
            "value_template": f"{{{{ value_json.slots[0].{field} }}}}",
            "json_attributes_topic": topic,
            "unit_of_measurement": "Wh",
            "device_class": "energy_storage",
            "state_class": "measurement",
            "device": device,
        }
        yield f"{prefix}/sensor/{node}/{word}/config", json.dumps(content).encode()


def schedule(chain_id: int, account: str, slots: Sequence[Slot]) -> tuple[str, bytes]:
    """The message with an agent's schedule."""
    content = {
        "by": AGENT,
        "slots": [
            {
                "start": each.start,
                "seconds": each.seconds,
                "atLeastWh": each.band.at_least,
                "atMostWh": each.band.at_most,
                "storedWh": each.stored_wh,
            }
            for each in slots
        ],
    }
    return topic_of(chain_id, account, "schedule"), json.dumps(content).encode()


def parse_battery(content: bytes) -> int:
    """What a battery holds, in Wh.

    Raises:
        PayloadError: the message does not say so.
    """
    return _number(_document(content), "storedWh")


def parse_schedule(content: bytes) -> tuple[str, tuple[Slot, ...]]:
    """Who has made a schedule, and its slots in order.

    Raises:
        PayloadError: it is none.
    """
    document = _document(content)
    by, slots = document.get("by"), document.get("slots")
    # The name is shown in the log, where lines and half characters of others have no place.
    if not isinstance(by, str) or not by.isprintable() or not isinstance(slots, list):
        raise PayloadError("a schedule names by, in printable characters, and slots")
    found = []
    for each in slots:
        if not isinstance(each, dict):
            raise PayloadError(f"a slot is an object with {', '.join(_NUMBERS)}")
        start, seconds, least, most = (_number(each, name) for name in _NUMBERS)
        expected = None if each.get("storedWh") is None else _number(each, "storedWh")
        try:
            band = Band(least, most)
        except DomainError as error:
            raise PayloadError(str(error)) from None
        found.append(Slot(start=start, seconds=seconds, band=band, stored_wh=expected))
    return by, tuple(sorted(found, key=lambda slot: slot.start))


def _document(content: bytes) -> dict[str, Any]:
    try:
        document = json.loads(content) if len(content) <= _MAX_BYTES else None
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise PayloadError(f"the message is no JSON object of at most {_MAX_BYTES} bytes")
    return document


def _number(document: dict[str, Any], name: str) -> int:
    value = document.get(name)
    if type(value) is not int or not 0 <= value < _MAX_NUMBER:
        raise PayloadError(f"{name} must be a whole number from 0 on")
    return value
