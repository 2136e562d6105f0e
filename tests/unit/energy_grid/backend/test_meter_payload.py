"""What the gateway reads of messages, and what it refuses with a line."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.backend.meter_gateway.payload import (
    PayloadError,
    Status,
    Topic,
    parse_reading_payload,
    parse_status,
    parse_topic,
    reading_payload,
    topic_of,
)
from energy_grid.chain.accounts import Account
from energy_grid.contracts.smart_meter import MeterReading, SignedReading
from energy_grid.market.signing import meter_domain, sign_reading

METER = Account.local(17)
DOMAIN = meter_domain(31337, Account.local(1).address)
NUMBERS = ("timestamp", "importWh", "exportWh", "frequencyCentihertz", "voltageDecivolts")


def signed(**values: int) -> SignedReading:
    given = {
        "timestamp": 1_704_070_800,
        "consumption": 1000,
        "production": 250,
        "grid_frequency": 5000,
        "voltage": 2300,
    }
    return sign_reading(METER, MeterReading(**{**given, **values}), DOMAIN)


def document(**values: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(reading_payload(signed(), DOMAIN))
    return found | values


@pytest.mark.parametrize("as_cbor", [False, True])
def test_reading__written__is_read_again(as_cbor: bool) -> None:
    edge = signed(timestamp=2**32 - 1, consumption=2**48 - 1, production=2**48 - 1)
    for each in (signed(), edge):
        assert parse_reading_payload(reading_payload(each, DOMAIN, as_cbor=as_cbor), DOMAIN) == each


def test_reading__in_cbor__is_half_as_long() -> None:
    assert len(reading_payload(signed(), DOMAIN, as_cbor=True)) < 270
    assert len(reading_payload(signed(), DOMAIN)) < 512


@pytest.mark.parametrize("encode", [lambda it: json.dumps(it).encode(), cbor2.dumps])
@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize(
    "value", [-1, 2**63, 2**64, 2**300, 1.0, float("nan"), float("inf"), "1", True, None, [1]]
)
def test_number__beyond_its_type__is_refused(encode: Any, name: str, value: object) -> None:
    # Lists, and CBOR's numbers of any length, are deeper than a flat map.
    with pytest.raises(PayloadError, match=f"{name}|no flat map"):
        parse_reading_payload(encode(document(**{name: value})), DOMAIN)


@pytest.mark.parametrize(("name", "bits"), [("timestamp", 32), ("importWh", 48), ("exportWh", 48)])
def test_number__that_the_chain_has_no_room_for__is_refused(name: str, bits: int) -> None:
    with pytest.raises(PayloadError, match=rf"{name} is {2**bits}: it must be below 2\^{bits}"):
        parse_reading_payload(json.dumps(document(**{name: 2**bits})).encode(), DOMAIN)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "neither JSON nor"),
        (b"null", "no object"),
        (b"\xff\xfe", "neither JSON nor"),
        (b"[" * 1024, "neither JSON nor"),
        (b'{"a":' * 200, "neither JSON nor"),
        (b'{"a": {"b": 1}}', "whole numbers and texts"),
        (b'{"a": 1, "a": 1}', "twice"),
        (b"{" + b" " * 2000 + b"}", "2002 bytes: at most 1024"),
        (b"\xa1" * 1000, "flat map"),
        (cbor2.dumps({"a": {"b": {}}}), "flat map"),
        (cbor2.dumps({"a": cbor2.CBORTag(35, "(a")}), "flat map"),
        (b"\xa1\xc5\x82\x1b\x7f\xff\xff\xff\xff\xff\xff\xff\x02\x01", "flat map"),
        (b"\xbf\x61a\x01\xff", "flat map"),
        (b"\xa2\x61a\x01\x61a\x02", "flat map"),
        (json.dumps(document(more=1)).encode(), "unknown field 'more'"),
        (json.dumps(document(chainId=1)).encode(), "not for"),
        (json.dumps(document(signature="0x00")).encode(), "signature must be 64 bytes"),
    ],
)
def test_message__malformed_giant_or_deep__is_refused_with_a_line(content: bytes, why: str) -> None:
    with pytest.raises(PayloadError, match=why) as caught:
        parse_reading_payload(content, DOMAIN)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


@given(st.binary(max_size=1100))
def test_message__of_any_bytes__is_refused_and_nothing_else(content: bytes) -> None:
    for parse in (parse_status, lambda it: parse_reading_payload(it, DOMAIN)):
        with contextlib.suppress(PayloadError):
            parse(content)


@given(st.integers(0xA0, 0xBF), st.binary(max_size=300))
def test_message__of_any_map__is_refused_and_nothing_else(first: int, rest: bytes) -> None:
    with pytest.raises(PayloadError):
        parse_reading_payload(bytes([first]) + rest, DOMAIN)


def test_topic__of_a_meter__is_read() -> None:
    topic = topic_of(31337, METER.address, "reading")
    assert parse_topic(topic) == Topic(31337, METER.address, "reading")


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "energy-grid",
        f"energy-grid/31337/{METER.address.lower()}/reading",
        f"energy-grid/31337/{METER.address}/reading/more",
        f"energy-grid/31337/{METER.address}/other",
        f"energy-grid/x/{METER.address}/reading",
        f"energy-grid/31337/{METER.address}\n/reading",
    ],
)
def test_topic__of_no_meter__is_refused(topic: str) -> None:
    with pytest.raises(PayloadError, match="publish to"):
        parse_topic(topic)


def test_status__is_read_or_refused() -> None:
    assert parse_status(b'{"online": true, "time": 7}') == Status(True, 7)
    assert parse_status(cbor2.dumps({"online": False})) == Status(False, None)
    for content in (b'{"online": 1}', b"{}", b'{"online": true, "time": 1.5}'):
        with pytest.raises(PayloadError, match=r"refused"):
            parse_status(content)
