"""Programs and events of the chain as OpenADR has them, as one account is asked in them.

    program-3         a program that the account can join, or has been in
    region-686f6d65   events of a region outside programs; behind the dash is its name, in hex
    event-12          an event in which the account is asked; a cancelled one there is no more

Nobody writes them but the chain. Who asks is told what concerns its account alone, so they have no
targets.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import RowMapping, select

from energy_grid.backend.grid_service.openadr.objects import stamp
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.demand import events_asking, programs_of, regions_of
from energy_grid.backend.store.openadr import VEN_OPT_OUTS
from energy_grid.chain.contract import from_bytes32
from energy_grid.client import EnergyGrid
from energy_grid.domain.enums import EventChoice, EventKind

__all__ = ["Signals", "event_number"]

_NUMBER = re.compile("event-([1-9][0-9]{0,17})")
_MOST = 200
_DESCRIPTOR = "EVENT_PAYLOAD_DESCRIPTOR"
_REWARD, _PART, _TEST = "REWARD", "PARTICIPATION", "TEST"
_MEASURED = "measured_from"
# What a VEN can report; nothing of it is paid for.
_REPORTS = [
    {"payloadType": "USAGE", "readingType": "DIRECT_READ", "units": "KWH"},
    {"payloadType": "OPERATING_STATE"},
]


def event_number(name: str) -> int | None:
    """The number of an event on the chain, by its id in OpenADR."""
    found = _NUMBER.fullmatch(name)
    return int(found[1]) if found else None


class Signals:
    """What there is for accounts, from the store.

    Args:
        market: may be shared; it says the time, and what money is called.
    """

    def __init__(self, market: EnergyGrid, database: Database) -> None:
        self._market, self._database, self._coin = market, database, market.coin

    def programs(self, account: str) -> list[dict[str, Any]]:
        """Programs of an account, the newest first; those of regions come last."""
        now = self._market.node.time
        with self._database.reading() as connection:
            rows = connection.execute(programs_of(account, now).limit(_MOST)).mappings().all()
            regions = connection.execute(regions_of(account)).all()
        return [*map(self._program, rows), *map(self._region, regions)]

    def program(self, account: str, name: str) -> dict[str, Any] | None:
        """A program, if it is one of the account's."""
        return next((each for each in self.programs(account) if each["id"] == name), None)

    def events(self, account: str, *, is_active: bool = False) -> list[dict[str, Any]]:
        """Events in which an account is asked, the newest first; cancelled ones are left out.

        Args:
            is_active: only those that are not over.
        """
        now = self._market.node.time if is_active else 0
        return [
            self._event(row, is_out=is_out)
            for row, is_out in self._asking(account)
            if row["end_time"] > now
        ]

    def event(self, account: str, name: str) -> dict[str, Any] | None:
        """An event, if the account is asked in it and it was not cancelled."""
        found = self._asking(account, event_number(name) or 0)
        return self._event(found[0][0], is_out=found[0][1]) if found else None

    def is_there(self, account: str, document: Mapping[str, Any]) -> bool:
        """Whether something that was told is still so, listed or not."""
        is_event = document["objectType"] == "EVENT"
        find = self.event if is_event else self.program
        return find(account, document["id"]) is not None

    def _asking(self, account: str, number: int | None = None) -> list[tuple[RowMapping, bool]]:
        """Rows of events, and whether the account's VEN has opted out by word."""
        wanted = events_asking(account, number).limit(_MOST)
        opted = VEN_OPT_OUTS.c
        with self._database.reading() as connection:
            rows = connection.execute(wanted).mappings().all()
            out = {*connection.scalars(select(opted.event).where(opted.account == account))}
        return [(row, row["event_id"] in out) for row in rows if row["cancelled_at"] is None]

    def _program(self, row: RowMapping) -> dict[str, Any]:
        return {
            "id": f"program-{row['program_id']}",
            "createdDateTime": stamp(row["created_at"]),
            "modificationDateTime": stamp(row["closed_at"] or row["created_at"]),
            "objectType": "PROGRAM",
            # Two programs of the chain may have one name.
            "programName": f"{row['name']} ({row['program_id']})",
            "intervalPeriod": _period(row["created_at"], int(row["end_time"])),
            "payloadDescriptors": self._descriptors(),
            "attributes": [
                {"type": "PROGRAM_LONG_NAME", "values": [row["name"]]},
                {"type": "REGION", "values": [_text(row["region"])]},
            ],
        }

    def _region(self, row: Any) -> dict[str, Any]:
        name = _text(row.region)
        return {
            "id": _region_id(row.region),
            "createdDateTime": stamp(row.since),
            "modificationDateTime": stamp(row.since),
            "objectType": "PROGRAM",
            "programName": f"Events of the region {name}",
            "payloadDescriptors": self._descriptors(),
            "attributes": [{"type": "REGION", "values": [name]}],
        }

    def _event(self, row: RowMapping, *, is_out: bool) -> dict[str, Any]:
        number, program = row["event_id"], row["program_id"]
        start, end, measured = (int(row[name]) for name in ("start_time", "end_time", _MEASURED))
        payloads = self._payloads(row, is_out=is_out)
        name = f"{'Test event' if row['is_test'] else 'Event'} {number} of {_text(row['region'])}"
        intervals = [{"id": 0, "payloads": payloads}]
        if measured > start:
            ramp = {**_period(start, measured)}
            of_ramp = [each for each in payloads if each["type"] != _REWARD]
            intervals = [
                {"id": 0, "intervalPeriod": ramp, "payloads": of_ramp},
                {"id": 1, "intervalPeriod": _period(measured, end), "payloads": payloads},
            ]
        return {
            "id": f"event-{number}",
            "createdDateTime": stamp(row["announced_at"]),
            "modificationDateTime": stamp(row["completed_at"] or row["announced_at"]),
            "objectType": "EVENT",
            "programID": f"program-{program}" if program else _region_id(row["region"]),
            "eventName": name,
            "reportDescriptors": _REPORTS,
            "payloadDescriptors": self._descriptors(),
            "intervalPeriod": _period(start, end),
            "intervals": intervals,
        }

    def _payloads(self, row: RowMapping, *, is_out: bool) -> list[dict[str, Any]]:
        """What an event asks for in its measured slots."""
        amount = self._coins(row["reward_per_kw"])
        if row["kind"] == EventKind.PRICE:
            return [{"type": "PRICE", "values": [amount]}]
        part = _part(row, is_out=is_out)
        return [
            {"type": "SIMPLE", "values": [1 if part == "IN" else 0]},
            {"type": _PART, "values": [part]},
            {"type": _TEST, "values": [bool(row["is_test"])]},
            {"type": _REWARD, "values": [amount]},
        ]

    def _descriptors(self) -> list[dict[str, Any]]:
        coin = self._coin.symbol
        return [
            {"objectType": _DESCRIPTOR, "payloadType": "SIMPLE"},
            {"objectType": _DESCRIPTOR, "payloadType": _REWARD, "units": "KW", "currency": coin},
            {"objectType": _DESCRIPTOR, "payloadType": "PRICE", "units": "KWH", "currency": coin},
        ]

    def _coins(self, units: int) -> float:
        return float(Decimal(int(units)).scaleb(-self._coin.decimals))


def _part(row: RowMapping, *, is_out: bool) -> str:
    """Whether an account takes part: IN, OUT, or WANTED, if it has to say so first."""
    if is_out or row["choice"] == EventChoice.OUT:
        return "OUT"
    return "WANTED" if row["opt_in"] and row["choice"] != EventChoice.IN else "IN"


def _period(start: int, end: int) -> dict[str, str]:
    return {"start": stamp(start), "duration": f"PT{end - start}S"}


def _region_id(word: str) -> str:
    return f"region-{_text(word).encode().hex()}"


def _text(word: str) -> str:
    return from_bytes32(bytes.fromhex(word[2:]))
