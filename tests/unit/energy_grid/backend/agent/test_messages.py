"""Schedules and what batteries hold, as messages: what is none is said."""

from __future__ import annotations

import json
from typing import Any

import pytest

from energy_grid.backend.agent.messages import (
    AGENT,
    Slot,
    parse_battery,
    parse_schedule,
    schedule,
)
from energy_grid.backend.meter_gateway.payload import PayloadError
from energy_grid.domain.battery import Band

ACCOUNT = "0x00000000000000000000000000000000000000A1"
SLOT = {"start": 3600, "seconds": 900, "atLeastWh": 100, "atMostWh": 5_000}


def _bytes(content: Any) -> bytes:
    return json.dumps(content).encode()


def test_schedule__as_an_agent_gives_it__is_read_back() -> None:
    slots = tuple(
        Slot(start=start, seconds=3600, band=Band(0, 5_000), stored_wh=400)
        for start in (3600, 7200)
    )
    topic, content = schedule(31337, ACCOUNT, slots)
    assert topic == f"energy-grid/31337/{ACCOUNT}/schedule"
    assert parse_schedule(content) == (AGENT, slots)


def test_parse_schedule__of_home_assistant__is_sorted_and_needs_no_expectation() -> None:
    later = SLOT | {"start": 7200}
    by, slots = parse_schedule(_bytes({"by": "home", "slots": [later, SLOT]}))
    assert by == "home"
    assert [each.start for each in slots] == [3600, 7200]
    assert (slots[0].end, slots[0].stored_wh) == (4500, None)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"on", "no JSON object"),
        (b"[" * 100_000, "no JSON object"),
        (_bytes({"by": "home", "slots": [SLOT] * 60}), "at most 4096 bytes"),
        (_bytes([]), "no JSON object"),
        (_bytes({"slots": []}), "a schedule names by"),
        (_bytes({"by": "home", "slots": {}}), "a schedule names by"),
        # Half a character, which no log can write, and a line of its own in it.
        (_bytes({"by": "\ud800", "slots": [SLOT]}), "in printable characters"),
        (_bytes({"by": "home\nkeeper: stopped", "slots": [SLOT]}), "in printable characters"),
        (_bytes({"by": "home", "slots": [1]}), "a slot is an object with start, seconds"),
        (_bytes({"by": "home", "slots": [SLOT | {"start": 1.5}]}), "start must be a whole"),
        (_bytes({"by": "home", "slots": [SLOT | {"start": True}]}), "start must be a whole"),
        (_bytes({"by": "home", "slots": [SLOT | {"seconds": -1}]}), "seconds must be a whole"),
        (_bytes({"by": "home", "slots": [SLOT | {"atMostWh": 2**48}]}), "atMostWh must be"),
        (_bytes({"by": "home", "slots": [SLOT | {"storedWh": "much"}]}), "storedWh must be"),
        (_bytes({"by": "home", "slots": [SLOT | {"atMostWh": 99}]}), "from 100 to 99 Wh"),
    ],
)
def test_parse_schedule__malformed__is_refused(content: bytes, message: str) -> None:
    with pytest.raises(PayloadError, match=message):
        parse_schedule(content)


def test_parse_battery__whole_wh__is_read() -> None:
    assert parse_battery(_bytes({"storedWh": 4_200, "other": "ignored"})) == 4_200


@pytest.mark.parametrize("stored", [None, "4200", 4200.5, -1])
def test_parse_battery__anything_else__is_refused(stored: Any) -> None:
    with pytest.raises(PayloadError, match="storedWh must be a whole number"):
        parse_battery(_bytes({"storedWh": stored}))
