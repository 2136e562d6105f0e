"""What a user typed becomes a configuration, or one line."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from energy_grid.demo.config import DemoConfig
from energy_grid.errors import InputError

WORDS: dict[str, Any] = {
    "day": "2016-07-06",
    "households": "all",
    "seed": "1",
    "slot": "900",
    "report": None,
}


def numbers(config: DemoConfig) -> list[int]:
    return [household.number for household in config.households]


def test_of_words__defaults__are_everybody_and_a_folder_named_after_the_day() -> None:
    config = DemoConfig.of_words(**WORDS)
    assert numbers(config) == list(range(1, 93))
    assert config.day == date(2016, 7, 6)
    assert config.folder == Path("energy-grid-report/2016-07-06")


def test_of_words__a_number_of_households__is_so_many_with_panels_among_them() -> None:
    config = DemoConfig.of_words(**WORDS | {"households": "12"})
    assert len(config.households) == 12
    assert any(household.pv_peak_w for household in config.households)


def test_of_words__a_list__is_these_households() -> None:
    assert numbers(DemoConfig.of_words(**WORDS | {"households": "12,3,7"})) == [3, 7, 12]


def test_of_words__one_number_and_a_comma__is_this_household() -> None:
    assert numbers(DemoConfig.of_words(**WORDS | {"households": "34,"})) == [34]


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ({"day": "2016-12-01"}, "2016-12-01"),
        ({"households": "92"}, "2016-07-06"),
        ({"households": "1"}, "2016-07-06-1-household"),
        ({"households": "34,"}, "2016-07-06-household-34"),
        ({"households": "12,3,7"}, "2016-07-06-households-3-7-12"),
        ({"seed": "01"}, "2016-07-06"),
        (
            {"households": "20", "slot": "3600", "seed": "7", "sharing_only": True},
            "2016-07-06-20-households-slot-3600-seed-7-sharing-only",
        ),
    ],
)
def test_of_words__no_report__the_folder_is_named_after_what_is_special(
    words: dict[str, Any], name: str
) -> None:
    assert DemoConfig.of_words(**WORDS | words).folder == Path("energy-grid-report") / name


def test_of_words__report__is_the_folder() -> None:
    assert DemoConfig.of_words(**WORDS | {"report": Path("x")}).folder == Path("x")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"day": "yesterday"}, "--day yesterday: write a day such as 2016-07-06"),
        (
            {"day": "2016-01-12"},
            "no data for 2016-01-12: there are 2016-07-04 to 2016-07-10 (summer),"
            " 2016-11-28 to 2016-12-04 (winter)",
        ),
        # The day before the week has data, but not the day before it.
        ({"day": "2016-07-03"}, "no data for 2016-07-03"),
        ({"households": "many"}, "--households many: write all, how many"),
        ({"households": "3,,"}, "--households 3,,"),
        ({"households": ","}, "--households ,"),
        ({"households": "9" * 5000}, "--households 9"),
        ({"households": "99,"}, "no household 99"),
        ({"households": "-3"}, "--households -3"),
        ({"households": "93"}, "1 to 92 households can be had, not 93"),
        ({"households": "0"}, "1 to 92 households can be had, not 0"),
        ({"households": "3,99"}, "no household 99"),
        ({"households": "3,3"}, "household 3 is given twice"),
        ({"slot": "1800"}, "--slot 1800: a slot has 900 or 3600 seconds"),
        ({"slot": "abc"}, "--slot abc: a slot has 900 or 3600 seconds"),
        ({"slot": "3600.0"}, "--slot 3600.0"),
        ({"seed": "-1"}, "--seed -1"),
        ({"seed": "abc"}, "--seed abc: a seed is a whole number of at most 20 digits"),
        ({"seed": "9" * 21}, "--seed 9"),
    ],
)
def test_of_words__wrong__is_one_line(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError) as refusal:
        DemoConfig.of_words(**WORDS | wrong)
    assert says in str(refusal.value)
    assert "\n" not in str(refusal.value)
