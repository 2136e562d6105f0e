"""Devices that do not sign: what they publish becomes readings that this host signs for them.

A file in the folder ``devices`` names a device, the adapter for what it sends, and the key of its
meter, a keystore or a variable of the environment:

    device = "kitchen"
    adapter = "tasmota"
    key = "/keys/kitchen.json"

In place of an adapter's name it can have an adapter's lines (`adapters`). The first message after a
slot's end, within `_PATIENCE`, gives the registers at that end; there is one reading a slot. Energy
of the seconds in between is in the slot before: registers go on, and none is lost.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from energy_grid.backend.meter_gateway.intake import Received
from energy_grid.backend.meter_gateway.judging import Limits
from energy_grid.backend.meter_gateway.payload import PayloadError
from energy_grid.chain.accounts import Account
from energy_grid.contracts.smart_meter import MeterReading, SignedReading
from energy_grid.errors import InputError
from energy_grid.market.signing import sign_reading

__all__ = ["Device", "Devices", "load_devices"]

_ADAPTERS = "energy_grid.backend.meter_gateway.adapters"
_PLACE = "{device}"
_MAX_BYTES = 16_384
_MAX_DIGITS = 20
# Seconds after a slot's end in which a message can tell of it.
_PATIENCE = 90


class _Value(BaseModel):
    """Where a number stands, and what one of its units is in those of a reading."""

    model_config = ConfigDict(extra="forbid")

    path: list[str] = Field(min_length=1)
    unit: int = Field(gt=0)


class _Adapter(BaseModel):
    model_config = ConfigDict(extra="forbid")

    topic: str = Field(min_length=1)
    import_: _Value = Field(alias="import")
    export: _Value | None = None
    voltage: _Value | None = None
    frequency: _Value | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A device that publishes under a topic, and the key of its meter."""

    topic: str
    adapter: _Adapter
    meter: Account


def load_devices(folder: Path, account_of: Callable[[str], Account]) -> list[Device]:
    """The devices of a folder's files; none if there is no folder.

    Args:
        account_of: the account that a word names.

    Raises:
        InputError: a file is no device's, or two have the same topic.
    """
    found: dict[str, Device] = {}
    for path in sorted(folder.glob("*.toml")) if folder.is_dir() else []:
        device = _device(path, account_of)
        if device.topic in found:
            raise InputError(f"{path}: another file has the topic {device.topic}, too")
        found[device.topic] = device
    return [*found.values()]


def _device(path: Path, account_of: Callable[[str], Account]) -> Device:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read the device {path}: {error}") from None
    name, key, kind = (content.pop(each, None) for each in ("device", "key", "adapter"))
    if not isinstance(name, str) or not isinstance(key, str) or set(name) & set("+#/"):
        raise InputError(f"{path} needs device, a name in a topic, and key, which signs for it")
    if kind is not None:
        content = {**_packaged(str(kind), path), **content}
    try:
        adapter = _Adapter(**content)
    except ValidationError as error:
        (first, *_) = error.errors()
        where = ".".join(map(str, first["loc"]))
        raise InputError(f"{path}, {where}: {first['msg'].lower()}") from None
    try:
        meter = account_of(key)
    except InputError as error:
        why = str(error).removeprefix("--account ")
        raise InputError(f"{path}, key: {why}", public=error.public) from None
    return Device(topic=adapter.topic.replace(_PLACE, name), adapter=adapter, meter=meter)


def _packaged(name: str, path: Path) -> dict[str, Any]:
    known = {
        each.name.removesuffix(".toml"): each
        for each in resources.files(_ADAPTERS).iterdir()
        if each.name.endswith(".toml")
    }
    if name not in known:
        raise InputError(f"{path}: there is no adapter {name!r}; there are {', '.join(known)}")
    return tomllib.loads(known[name].read_text(encoding="utf-8"))


class Devices:
    """Makes signed readings of what devices publish.

    Args:
        slot: seconds.
        is_stored: whether there is a reading of a meter at a time.
    """

    def __init__(
        self,
        devices: Sequence[Device],
        limits: Limits,
        slot: int,
        is_stored: Callable[[str, int], bool],
    ) -> None:
        self._by_topic = {each.topic: each for each in devices}
        self._limits, self._slot, self._is_stored = limits, slot, is_stored
        self._signed: dict[str, SignedReading] = {}

    @property
    def topics(self) -> list[str]:
        """Under which they publish."""
        return [*self._by_topic]

    def read(self, topic: str, content: bytes, received_at: int) -> Received | None:
        """The reading at the last slot's end; None if there is one, or it is too long ago.

        Raises:
            PayloadError: the message does not have the values of the adapter.
        """
        device = self._by_topic[topic]
        at = received_at - received_at % self._slot
        meter = device.meter.address
        if received_at - at > _PATIENCE or self._is_stored(meter, at):
            return None
        known = self._signed.get(meter)
        # What was signed once is not signed with other registers: they would contradict each other.
        if known is None or known.reading.timestamp != at:
            reading = self._reading(device.adapter, _document(content), at)
            known = self._signed[meter] = sign_reading(device.meter, reading, self._limits.domain)
        return Received(meter, known, received_at)

    def _reading(self, adapter: _Adapter, document: Any, at: int) -> MeterReading:
        return MeterReading(
            timestamp=at,
            consumption=_number(document, adapter.import_, 0),
            production=_number(document, adapter.export, 0),
            grid_frequency=_number(document, adapter.frequency, self._limits.frequency),
            voltage=_number(document, adapter.voltage, self._limits.voltage),
        )


def _document(content: bytes) -> Any:
    if len(content) > _MAX_BYTES:
        raise PayloadError(f"the message has {len(content)} bytes: at most {_MAX_BYTES} are read")
    try:
        return json.loads(content, parse_float=Decimal)
    except (ValueError, RecursionError, InvalidOperation):
        raise PayloadError("the message of a device is not JSON") from None


def _number(document: Any, value: _Value | None, otherwise: int) -> int:
    """A number in whole units of a reading, exact but for what is below one."""
    if value is None:
        return otherwise
    found, shown = document, ".".join(value.path)
    for name in value.path:
        found = found.get(name) if isinstance(found, Mapping) else None
    is_number = isinstance(found, int | Decimal) and not isinstance(found, bool)
    if not is_number or not Decimal(found).is_finite() or not 0 <= found < 10**_MAX_DIGITS:
        raise PayloadError(f"the message of a device has no number at {shown}")
    return int(Decimal(found) * value.unit)
