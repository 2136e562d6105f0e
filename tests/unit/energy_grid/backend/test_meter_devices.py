"""Devices that do not sign: adapters, their files, and what becomes of messages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from energy_grid.backend.meter_gateway.devices import Devices, load_devices
from energy_grid.backend.meter_gateway.payload import PayloadError
from energy_grid.chain.accounts import Account
from energy_grid.cli.accounts import account_of
from energy_grid.errors import InputError
from energy_grid.market.signing import reading_signer
from tests.support.metering import DOMAIN, LIMITS, NOON

METER = Account.local(17)
SLOT = 900
TASMOTA = {"Time": "2027-01-04T12:00:05", "SML": {"Total_in": 4521.3312, "Total_out": 120.5}}
SHELLY = {"id": 0, "a_total_act_energy": 1.5, "total_act": 4521331.25, "total_act_ret": 120500.9}
OBIS = {
    "1-0:1.8.0*255": 4521331.2,
    "1-0:2.8.0*255": 120500,
    "1-0:32.7.0*255": 231.4,
    "1-0:14.7.0*255": 49.98,
}
OWN = """
topic = "house/{device}"
import = {path = ["meter", "in"], unit = 100}
"""


def load(folder: Path, content: str) -> Devices:
    (folder / "devices").mkdir()
    (folder / "devices" / "kitchen.toml").write_text(content)
    found = load_devices(folder / "devices", lambda _: METER)
    return Devices(found, LIMITS, SLOT, lambda *_: False)


@pytest.mark.parametrize(
    ("adapter", "topic", "sent", "shown"),
    [
        ("tasmota", "tele/kitchen/SENSOR", TASMOTA, (4521331, 120500, 5000, 2300)),
        ("shelly", "kitchen/status/emdata:0", SHELLY, (4521331, 120500, 5000, 2300)),
        ("obis", "obis/kitchen", OBIS, (4521331, 120500, 4998, 2314)),
    ],
)
def test_adapter__of_the_package__reads_what_devices_publish(
    tmp_path: Path, adapter: str, topic: str, sent: Any, shown: tuple[int, ...]
) -> None:
    devices = load(tmp_path, f'device = "kitchen"\nadapter = "{adapter}"\nkey = "local:17"\n')
    assert devices.topics == [topic]
    received = devices.read(topic, json.dumps(sent).encode(), NOON + 7)
    assert received is not None
    reading = received.signed.reading
    found = reading.consumption, reading.production, reading.grid_frequency, reading.voltage
    assert (reading.timestamp, found) == (NOON, shown)
    assert reading_signer(received.signed, DOMAIN) == METER.address


def test_adapter__of_a_file_of_ones_own__reads_too(tmp_path: Path) -> None:
    devices = load(tmp_path, f'device = "attic"\nkey = "local:17"\n{OWN}')
    received = devices.read("house/attic", b'{"meter": {"in": 12.345}}', NOON)
    assert received is not None
    assert (received.signed.reading.consumption, received.signed.reading.production) == (1234, 0)


def test_messages__of_a_slot__make_one_reading(tmp_path: Path) -> None:
    devices = load(tmp_path, f'device = "attic"\nkey = "local:17"\n{OWN}')

    def read(value: int, at: int) -> int | None:
        received = devices.read("house/attic", b'{"meter": {"in": %d}}' % value, at)
        return None if received is None else received.signed.reading.consumption

    assert read(1, NOON + 91) is None
    assert read(2, NOON + SLOT) == 200
    assert read(3, NOON + SLOT + 10) == 200
    assert read(4, NOON + 2 * SLOT + 90) == 400


def test_message__that_is_stored__makes_none(tmp_path: Path) -> None:
    load(tmp_path, f'device = "attic"\nkey = "local:17"\n{OWN}')
    found = load_devices(tmp_path / "devices", lambda _: METER)
    devices = Devices(found, LIMITS, SLOT, lambda meter, at: (meter, at) == (METER.address, NOON))
    assert devices.read("house/attic", b'{"meter": {"in": 1}}', NOON) is None


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"[]", b"{}", b'{"meter": 1}', b'{"meter": {"in": true}}', b"[" * 16_000),
        *(b'{"meter": {"in": -1}}', b'{"meter": {"in": "1"}}', b'{"meter": {"in": NaN}}'),
        *(b'{"meter": {"in": 1e400}}', b'{"meter": {"in": 1e999999999}}', b" " * 20_000),
    ],
)
def test_message__without_the_value__is_refused(tmp_path: Path, content: bytes) -> None:
    devices = load(tmp_path, f'device = "attic"\nkey = "local:17"\n{OWN}')
    with pytest.raises(PayloadError, match="the message"):
        devices.read("house/attic", content, NOON)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("device", "cannot read the device"),
        ('device = "a/b"\nkey = "k"', "needs device"),
        ('device = "a"', "needs device"),
        ('device = "a"\nkey = "k"\nadapter = "other"', "there is no adapter 'other'"),
        ('device = "a"\nkey = "k"\ntopic = "x"', "import: field required"),
        (f'device = "a"\nkey = "k"\n{OWN}\nmore = 1', "more: extra"),
        ('device = "a"\nkey = "k"\ntopic = "x"\nimport = {path = [], unit = 1}', "import.path"),
    ],
)
def test_file__of_no_device__is_refused_with_a_line(tmp_path: Path, content: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        load(tmp_path, content)


def test_file__with_a_key_that_is_not_here__is_refused_and_named(tmp_path: Path) -> None:
    (tmp_path / "attic.toml").write_text(f'device = "attic"\nkey = "env:NO_SUCH"\n{OWN}')
    with pytest.raises(InputError, match=r"attic\.toml, key: env:NO_SUCH: set the variable"):
        load_devices(tmp_path, account_of)


def test_files__of_one_topic__are_refused(tmp_path: Path) -> None:
    content = f'device = "attic"\nkey = "local:17"\n{OWN}'
    load(tmp_path, content)
    (tmp_path / "devices" / "other.toml").write_text(content)
    with pytest.raises(InputError, match="another file has the topic house/attic"):
        load_devices(tmp_path / "devices", lambda _: METER)
    assert load_devices(tmp_path / "none", lambda _: METER) == []
