"""Ids of certificates: which device of which plant, and which slot.

bits 96..   technology     bits 32..63  device, the number of its meter
bits 64..95 region         bits 0..31   slot, counted from 1970
"""

from __future__ import annotations

__all__ = ["certificate_id", "device_and_slot"]

_PART = 32
_MASK = 2**_PART - 1


def certificate_id(technology: int, region: int, device: int, slot: int) -> int:
    """The token id of a device's certificate of a slot."""
    return technology << 3 * _PART | region << 2 * _PART | device << _PART | slot


def device_and_slot(certificate: int) -> tuple[int, int]:
    """Whose certificate an id is, and of which slot."""
    return certificate >> _PART & _MASK, certificate & _MASK
