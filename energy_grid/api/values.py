"""The values of the HTTP interface: how whole numbers, times and addresses are written.

Money, prices, ids   whole numbers as text, since programs in JavaScript round those above 2^53
Energy, power        numbers; Wh and W, which the name says
Times                ISO 8601 with a zone, answered in UTC: 2024-01-01T12:00:00Z
Addresses            0x and 40 digits, answered with their checksum
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)

from energy_grid.chain.abi import checksum

__all__ = [
    "MAX_TABLE",
    "Address",
    "Answer",
    "Day",
    "Hash",
    "Natural",
    "Request",
    "Time",
    "Wh",
    "Whole",
    "time_of",
]

MAX_TABLE = 250_000
"""Characters of a table of readings, so that what has it stays below the largest request."""
_NUMBER = re.compile("-?(0|[1-9][0-9]{0,77})")
_END = 10**78
_ADDRESS = re.compile("0x[0-9a-fA-F]{40}")
# The gate of the first period closes a second before 1970.
_FIRST_DAY, _LAST_DAY = date(1970, 1, 1), date(2999, 12, 31)
_FIRST, _LAST = datetime(1969, 12, 31, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


class Request(BaseModel):
    """What is sent: nothing else than what it names."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Answer(BaseModel):
    """What is answered; later versions may answer more."""

    model_config = ConfigDict(frozen=True)


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        if not _NUMBER.fullmatch(value):
            raise ValueError("this is no whole number")
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("a whole number is needed, as text if it is above 2^53")
    if abs(value) >= _END:
        raise ValueError("a whole number has at most 78 digits")
    return value


def _natural(value: int) -> int:
    if not 0 <= value < 2**256:
        raise ValueError("a whole number from 0 to 2^256 - 1 is needed")
    return value


def _checked(value: str) -> str:
    if not _ADDRESS.fullmatch(value):
        raise ValueError("an address is 0x and 40 digits")
    if value[2:] not in (value[2:].lower(), value[2:].upper()) and checksum(value) != value:
        raise ValueError("the checksum of the address is wrong: a character was mistyped")
    return checksum(value)


def _in_seconds(value: datetime) -> datetime:
    if value.microsecond or not _FIRST <= value <= _LAST:
        raise ValueError("times are in whole seconds from 1970")
    return value.astimezone(UTC)


def _of_a_market(value: date) -> date:
    if not _FIRST_DAY <= value <= _LAST_DAY:
        raise ValueError(f"days are from {_FIRST_DAY} to {_LAST_DAY}")
    return value


Whole = Annotated[
    int,
    BeforeValidator(_whole),
    PlainSerializer(str, return_type=str, when_used="json"),
    WithJsonSchema(
        {"type": "string", "pattern": "^-?(0|[1-9][0-9]{0,77})$", "examples": ["250000"]}
    ),
]
"""A whole number of any size, as text."""
Natural = Annotated[Whole, AfterValidator(_natural)]
"""One that a word of the chain holds."""
Wh = Annotated[int, Field(ge=-(2**53), le=2**53, strict=True, examples=[1500])]
"""Energy in Wh."""
Time = Annotated[
    AwareDatetime, AfterValidator(_in_seconds), Field(examples=["2024-01-01T12:00:00Z"])
]
"""A moment, in whole seconds."""
Day = Annotated[date, AfterValidator(_of_a_market), Field(examples=["2024-01-01"])]
"""A day, in UTC."""
Address = Annotated[str, AfterValidator(_checked), Field(pattern="^0x[0-9a-fA-F]{40}$")]
Hash = Annotated[str, Field(pattern="^0x[0-9a-f]{64}$")]


def time_of(seconds: int) -> datetime:
    """A moment of the chain; one later than anybody can write is the last one."""
    return _LAST if seconds >= _LAST.timestamp() else datetime.fromtimestamp(seconds, UTC)
