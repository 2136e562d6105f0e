"""Rows of a day."""

from __future__ import annotations

from datetime import date

from tests.support.days import day_report


def test_slots__whole_day__add_up_to_the_households() -> None:
    report = day_report(date(2016, 7, 6), None)
    assert len(report.slots) == 24
    assert report.slots[0].start == 1_467_763_200
    total = report.total
    assert sum(slot.produced for slot in report.slots) == total.produced
    assert sum(slot.consumed for slot in report.slots) == total.consumed
    assert sum(slot.delivered for slot in report.slots) == total.sold
    assert sum(slot.from_grid for slot in report.slots) == total.from_grid
    for slot in report.slots:
        assert slot.delivered <= slot.matched <= min(slot.offered, slot.wanted)
        assert (slot.traded_price is None) == (slot.clearing_price is None) == (slot.matched == 0)


def test_traded_price__day__is_the_average_by_volume() -> None:
    report = day_report(date(2016, 7, 6), 12)
    matched = sum(slot.matched for slot in report.slots)
    assert report.traded_price is not None
    value = sum(slot.matched_value for slot in report.slots)
    assert report.traded_price * matched <= value < (report.traded_price + 1) * matched
    assert report.tariff.feed_in <= report.traded_price <= report.tariff.grid_price


def test_traded_price__nobody_has_panels__there_is_none() -> None:
    report = day_report(date(2016, 7, 6), [1, 2, 3])
    assert report.traded_price is None
    assert report.total.bill == report.total.reference
    assert report.total.reduction == 0
