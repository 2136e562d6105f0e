"""Ids of certificates."""

from __future__ import annotations

from energy_grid.domain.certificates import certificate_id, device_and_slot

_MOST = 2**32 - 1


def test_certificate_id__of_small_parts__has_each_in_its_place() -> None:
    assert certificate_id(1, 2, 3, 4) == 1 << 96 | 2 << 64 | 3 << 32 | 4


def test_device_and_slot__of_the_largest_id__are_its_lowest_words() -> None:
    assert device_and_slot(certificate_id(7, _MOST, _MOST, _MOST - 1)) == (_MOST, _MOST - 1)
    assert device_and_slot(2**256 - 1) == (_MOST, _MOST)
