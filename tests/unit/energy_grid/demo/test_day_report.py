"""Rows of a day."""

from __future__ import annotations

from datetime import date

from tests.support.days import day_report

SUMMER = date(2016, 7, 6)


def test_slots__whole_day__add_up_to_the_households() -> None:
    report = day_report(SUMMER)
    assert len(report.slots) == 24
    assert report.slots[0].start == 1_467_763_200
    total = report.total
    for of_slot, of_day in (
        ("exported", total.exported),
        ("imported", total.imported),
        ("shared", total.taken),
        ("sold", total.bought),
        ("drawn", total.drawn),
        ("kept", total.kept),
        ("from_grid", total.from_grid),
        ("fed_in", total.fed_in),
    ):
        assert sum(getattr(slot, of_slot) for slot in report.slots) == of_day
    assert total.sold == total.bought > 0
    for slot in report.slots:
        assert (slot.clearing_price is None) == (slot.sold == 0)


def test_community__sharing_alone__makes_it_two_thirds_self_sufficient() -> None:
    found = day_report(SUMMER, sharing_only=True).community
    assert (found.self_sufficiency_alone, found.self_sufficiency) == (16, 66)
    assert found.traded == 0
    assert found.grid_alone - found.grid == found.shared
    assert found.fed_in_alone - found.fed_in - found.shared + 24 * 92 >= 0


def test_community__nobody_has_panels__has_nothing_to_share() -> None:
    report = day_report(SUMMER, [1, 2, 3])
    assert (report.community.shared, report.community.self_sufficiency) == (0, 0)
    assert report.total.bill == report.total.grid_alone


def test_gas_per_household__is_of_what_each_day_takes() -> None:
    report = day_report(SUMMER, 12)
    assert report.gas_per_household == 1_260_000 // 12
    assert report.gas_of_parts == {"settling": 80_000, "trades": 25_000}
