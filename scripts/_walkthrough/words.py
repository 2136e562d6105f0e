"""Values as a story prints them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum

__all__ = ["shown"]

_ADDRESS_CHARACTERS = 42
_SHORT_BYTES = 8


def shown(value: object) -> str:
    """A value on one line: records by their fields, short addresses and hashes, words for enums."""
    if isinstance(value, Enum):
        return value.name.lower().replace("_", " ")
    if is_dataclass(value) and not isinstance(value, type):
        found = ((each.name, getattr(value, each.name)) for each in fields(value))
        return ", ".join(f"{name.replace('_', ' ')} {shown(one)}" for name, one in found)
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
