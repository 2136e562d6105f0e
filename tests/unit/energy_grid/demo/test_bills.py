"""What the day meant for each household."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from energy_grid.demo.bills import Bill, bills, earned, total
from energy_grid.market.days import ClosedDay
from tests.support.days import TARIFF, LivedDay, account_of, lived, plan_of

SUMMER = date(2016, 7, 6)
DEPOSIT = 500_000_000_000


@pytest.fixture(scope="module")
def day() -> LivedDay:
    return lived(plan_of(SUMMER))


def bill_of(**changed: int) -> Bill:
    """A bill of nothing but what is changed."""
    names = Bill.__dataclass_fields__
    return Bill(**{name: changed.get(name, 0) for name in names})


def test_bills__whole_day__are_what_accounts_have_less(day: LivedDay) -> None:
    """Whatever they had before, and redeemed or shared out after."""
    made = bills(day.records)
    assert len(made) == 92
    for account in day.records.accounts:
        left = account.free + account.security - account.redeemed_for + account.withdrawn * 1000
        before = sum(
            each.money
            for each in day.records.closed
            if each.account == account.address and each.day != day.records.day
        )
        assert made[account.address].exact_bill == DEPOSIT + before - left


def test_bills__without_trades_and_credits__cost_nobody_more() -> None:
    """The figures of the design: tests/unit/model/test_demo_figures.py explains them."""
    made = bills(lived(plan_of(SUMMER, sharing_only=True)).records)
    assert total(made.values()).bill == -34_670_280
    assert total(made.values()).grid_alone == -6_998_020
    assert all(bill.bill <= bill.grid_alone for bill in made.values())
    assert all(bill.reason(str) == "" for bill in made.values())


def test_bills__whole_day__who_pays_more_keeps_credits_for_it(day: LivedDay) -> None:
    made = {int(account, 16): bill for account, bill in bills(day.records).items()}
    above = [number for number, bill in made.items() if bill.bill > bill.grid_alone]
    assert 0 < len(above) <= len(day.plan.keepers)
    assert set(above) <= set(day.plan.keepers)
    for number in above:
        bill = made[number]
        assert bill.bill - bill.credits_worth <= bill.grid_alone
        assert bill.reason(str).startswith("keeps ")


def test_bills__days_before__are_in_none(day: LivedDay) -> None:
    trader = day.records.trades[0].buyer
    closed = [each for each in day.records.closed if each.account == trader]
    assert len(closed) == 4
    assert bills(day.records)[trader].exact_bill == -closed[-1].money - sum(
        trade.wh * len(trade.slots) * trade.price * (1 if trade.seller == trader else -1)
        for trade in day.records.trades
        if trader in (trade.buyer, trade.seller)
    )


def test_earned__household__is_what_others_paid_for_its_energy(day: LivedDay) -> None:
    for number in (54, 1):
        account = account_of(number)
        (closed,) = (
            each
            for each in day.records.closed
            if (each.account, each.day) == (account, day.records.day)
        )
        sold = sum(
            trade.wh * len(trade.slots) * trade.price
            for trade in day.records.trades
            if trade.seller == account
        )
        exact = closed.given * TARIFF.shared + closed.fed_in * TARIFF.feed_in + sold
        assert earned(day.records, account) == exact // 1000
        assert (exact > 0) == (number == 54)


@pytest.mark.parametrize(
    ("exact", "bill"), [(0, 0), (1, 1), (1000, 1), (1001, 2), (-999, 0), (-1000, -1), (-1001, -1)]
)
def test_bill__part_of_a_unit__is_rounded_up_and_income_down(exact: int, bill: int) -> None:
    found = bill_of(exact_bill=exact, exact_alone=exact)
    assert (found.bill, found.grid_alone, found.difference) == (bill, bill, 0)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"exact_alone": 5}, ""),
        (
            {"exact_bill": 9_000, "kept": 2_500, "drawn": 500, "credit_value": 9_000},
            "keeps 2.00 kWh as energy credits, worth 9",
        ),
        (
            {"exact_bill": 9_000, "unused": 1_230},
            "traded 1.23 kWh ahead that it then neither used nor had",
        ),
        (
            {"exact_bill": 9_000, "kept": 100, "credit_value": 8_000, "unused": 10},
            "keeps 0.10 kWh as energy credits, worth 8, and traded 0.01 kWh ahead that it then"
            " neither used nor had",
        ),
    ],
    ids=["lower", "credits", "trades", "both"],
)
def test_reason__bill_above_grid_alone__is_told(changed: dict[str, int], reason: str) -> None:
    assert bill_of(**changed).reason(str) == reason


def test_bills__late_charges__are_in_them(day: LivedDay) -> None:
    """What a closing charges is in the bill, whatever it is for."""

    def dearer(each: ClosedDay) -> ClosedDay:
        return replace(each, money=each.money - 700) if each.day == day.records.day else each

    before = bills(day.records)
    after = bills(replace(day.records, closed=tuple(map(dearer, day.records.closed))))
    assert {account: bill.exact_bill - 700 for account, bill in after.items()} == {
        account: bill.exact_bill for account, bill in before.items()
    }
