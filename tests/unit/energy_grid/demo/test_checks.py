"""Statements that hold or do not."""

from __future__ import annotations

from energy_grid.demo.checks import Statement, all_rows, equal


def test_equal__same_amounts__holds_and_shows_them() -> None:
    assert equal("it adds up", {"in": 5, "out": 5}, str) == Statement(
        claim="it adds up", numbers="in 5 = out 5", holds=True
    )


def test_equal__different_amounts__does_not_hold_and_shows_them() -> None:
    statement = equal("it adds up", {"in": 5, "out": 6}, "{} Wh".format)
    assert not statement.holds
    assert statement.numbers == "in 5 Wh, but out 6 Wh"


def test_all_rows__right__counts_them() -> None:
    statement = all_rows("true", ((at, at, at) for at in range(1200)), "slots")
    assert (statement.holds, statement.numbers) == (True, "1,200 slots")


def test_all_rows__one_row__is_counted_in_the_singular() -> None:
    assert all_rows("true", [("a", 1, 1)], "accounts").numbers == "1 account"


def test_all_rows__some_wrong__shows_the_first() -> None:
    statement = all_rows("true", [("a", 1, 1), ("b", 1, 2), ("c", 3, 4)], "slots")
    assert not statement.holds
    assert statement.numbers == "wrong in 2 of 3 slots, first b: 1 and 2"
