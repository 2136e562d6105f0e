"""How slots and transactions are named on the command line."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from energy_grid.cli.slot_words import At, parse_slot
from energy_grid.cli.trades import parse_numbers
from energy_grid.errors import InputError


def test_slot__is_a_number_or_a_time_in_it() -> None:
    assert parse_slot("473352") == At(473_352)
    assert parse_slot("2024-01-01T00:30") == At(None, 1_704_069_000)


@pytest.mark.parametrize("text", ["", "-1", "now", "2024-01-01", "9" * 11, "1.5", "\u0661"])
def test_slot__anything_else__is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is not a slot: write its number, or a time such as"):
        parse_slot(text)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("7", [7]),
        ("9,7-8,7", [7, 8, 9]),
        ("4294967296-4294967297", [2**32, 2**32 + 1]),
        ("1-1000", list(range(1, 1001))),
    ],
)
def test_transactions__are_numbers_and_ranges_each_once(text: str, numbers: list[int]) -> None:
    assert parse_numbers(text) == numbers


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is not a trade"),
        ("1,", "is not a trade"),
        ("1-2-3", "is not a trade"),
        ("x", "is not a trade"),
        ("9" * 5000, "is not a trade"),
        ("5-4", "is not a range of trades"),
        ("1-1001", "is not a range of trades: at most 1000 in all"),
        ("1-500,600-1100", "is not a range of trades: at most 1000 in all"),
    ],
)
def test_transactions__anything_else_and_too_many__are_refused(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        parse_numbers(text)


@pytest.mark.parametrize("parse", [parse_slot, parse_numbers])
def test_refusal__of_a_private_key__has_its_first_digits_at_most(
    parse: Callable[[str], object],
) -> None:
    with pytest.raises(InputError) as refusal:
        parse("0x" + "ab" * 32)
    assert "ab" * 10 not in str(refusal.value)
