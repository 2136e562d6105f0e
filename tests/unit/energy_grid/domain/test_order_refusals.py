"""Refusals of orders in words."""

from __future__ import annotations

import pytest

from energy_grid.domain.batch import Refusal
from energy_grid.domain.order_refusals import REASONS, order_name


def test_reasons__every_refusal__has_its_own_words() -> None:
    assert set(REASONS) == set(Refusal)
    assert len(set(REASONS.values())) == len(Refusal)


@pytest.mark.parametrize(
    ("order_id", "name"),
    [
        (1, "order 1"),
        (2**40 - 1, "order 1099511627775"),
        (2**40, f"order 0x{'0' * 53}10000000000"),
        (0x0123_4567_89AB << 208, f"order 0x0123456789ab{'0' * 52}"),
        (2**256 - 1, f"order 0x{'f' * 64}"),
    ],
)
def test_order_name__number_or_hash__is_whole(order_id: int, name: str) -> None:
    assert order_name(order_id) == name
