"""Values as a story prints them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum

from energy_grid.domain.units import format_time

__all__ = ["shown", "with_names"]

# Fields of records that are Unix seconds, by the ends of their names.
_TIMES = ("_at", "_time", "_until", "deadline", "expiry", "timestamp")
# Whole, as errors print them, or short, as a story does.
_AN_ADDRESS = re.compile("0x[0-9a-fA-F]{4}(?:[0-9a-fA-F]{32}|…)[0-9a-fA-F]{4}(?![0-9a-fA-F])")
_ADDRESS_CHARACTERS = 42
_SHORT_BYTES = 8


def shown(value: object) -> str:
    """A value on one line: records by their fields, with times as dates, short addresses and
    hashes, words for enums.
    """
    if isinstance(value, Enum):
        return value.name.lower().replace("_", " ")
    if is_dataclass(value) and not isinstance(value, type):
        found = ((each.name, getattr(value, each.name)) for each in fields(value))
        return ", ".join(f"{name.replace('_', ' ')} {_field(name, one)}" for name, one in found)
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        found = value._asdict().items()
        return ", ".join(f"{name.replace('_', ' ')} {_field(name, one)}" for name, one in found)
    if isinstance(value, bytes):
        short = value[:_SHORT_BYTES].hex()
        return f"0x{short}{'…' if len(value) > _SHORT_BYTES else ''}"
    if isinstance(value, str):
        is_address = value.startswith("0x") and len(value) == _ADDRESS_CHARACTERS
        return f"{value[:6]}…{value[-4:]}" if is_address else value
    if isinstance(value, Mapping):
        return ", ".join(f"{shown(key)}: {shown(one)}" for key, one in value.items()) or "nothing"
    if isinstance(value, list | tuple | set | frozenset):
        return (
            ", ".join(f"({shown(one)})" if is_dataclass(one) else shown(one) for one in value)
            or "none"
        )
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return "nothing" if value is None else str(value)


def with_names(line: str, names: Mapping[str, str]) -> str:
    """A line with the names of those whose addresses are in it; other addresses are short.

    Args:
        names: by short addresses.
    """

    def name(found: re.Match[str]) -> str:
        short = f"{found[0][:6]}…{found[0][-4:]}"
        return names.get(short, short)

    return _AN_ADDRESS.sub(name, line)


def _field(name: str, value: object) -> str:
    # 0 is no time, but that there is none.
    if value and isinstance(value, int) and (name == "time" or name.endswith(_TIMES)):
        return format_time(value)
    return shown(value)
