"""CarbonCredits.issueCarbonCredits: what retired certificates earn. Which are refused:
test_issue_refusals.py."""

from __future__ import annotations

from itertools import permutations

import pytest
from eth_account.signers.local import LocalAccount
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.contracts import errors
from tests.model.carbon import CarbonRegister, EmissionFactors
from tests.support.examples import on_chain, rewound
from tests.support.market import DAY, MONDAY, Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.carbon.credits import (
    FACTOR,
    TODAY,
    balance,
    clean_producer,
    credited,
    earn,
    issue,
    logged,
    producer_fields,
    set_factor,
    transfers,
)

# What the plant can make in a slot.
LARGEST_WH = 100_000
MAX_FACTOR = 2000


def test_issue__retired_certificates__grams_to_who_retired_them(
    market: Market, producer: LocalAccount
) -> None:
    days = earn(market, producer, 1000, 0, 2501)

    receipt = issue(market, producer, days)

    # 3501 Wh at 380 g/kWh are 1,330,380 mg.
    assert logged(market, receipt) == [
        (
            "CarbonCreditsIssued",
            {"account": producer.address, "retirements": 2, "energy": 3501, "grams": 1330},
        ),
        transfers(None, producer, 1330),
    ]
    assert balance(market, producer) == 1330
    assert credited(market, days) == [True, True]
    assert producer_fields(market, producer) == (TODAY + 1, 0, 380)
    carbon = market.carbon
    assert carbon.call("totalSupply") == carbon.call("totalIssued") == 1330


def test_issue__called__returns_the_grams(market: Market, producer: LocalAccount) -> None:
    days = earn(market, producer, 10_000)

    assert market.carbon.call("issueCarbonCredits", producer.address, days) == 3800


def test_issue__less_than_a_gram__credited_and_kept_for_later(
    market: Market, producer: LocalAccount
) -> None:
    found = []
    for day in earn(market, producer, 1, 1, 1):
        receipt = issue(market, producer, [day])
        found.append([name for name, _ in logged(market, receipt)])

    assert found == [["CarbonCreditsIssued"]] * 2 + [["CarbonCreditsIssued", "Transfer"]]
    assert balance(market, producer) == 1
    assert producer_fields(market, producer)[2] == 140


@pytest.mark.parametrize("wh", [1, 999, 1000, 1001])
def test_issue__whole_grams_exactly__nothing_left(market: Market, wh: int) -> None:
    set_factor(market, 1000)
    producer = clean_producer(market)
    issue(market, producer, earn(market, producer, wh))

    assert balance(market, producer) == wh
    assert producer_fields(market, producer)[2] == 0


def test_issue__milligrams_left__never_a_whole_gram(market: Market) -> None:
    set_factor(market, 999)
    producer = clean_producer(market)
    first, second = earn(market, producer, 1, 1)

    issue(market, producer, [first])
    assert (balance(market, producer), producer_fields(market, producer)[2]) == (0, 999)
    issue(market, producer, [second])
    assert (balance(market, producer), producer_fields(market, producer)[2]) == (1, 998)


def test_issue__factor_of_zero__credited_for_nothing(market: Market) -> None:
    set_factor(market, 0)
    producer = clean_producer(market)
    days = earn(market, producer, 5000)

    receipt = issue(market, producer, days)

    event = {"account": producer.address, "retirements": 1, "energy": 5000, "grams": 0}
    assert logged(market, receipt) == [("CarbonCreditsIssued", event)]
    with refused(errors.CarbonCredits_NothingToIssue, account=producer.address):
        issue(market, producer, days)


def test_issue__largest_days_at_the_highest_factor__exact(market: Market) -> None:
    set_factor(market, MAX_FACTOR)
    producer = clean_producer(market)
    days = earn(market, producer, *[LARGEST_WH] * 4)

    issue(market, producer, days)

    assert balance(market, producer) == 4 * LARGEST_WH * 2


def test_issue__factor_changed_midway__each_day_at_its_own(
    market: Market, producer: LocalAccount
) -> None:
    days = []
    for day, factor in enumerate((100, 0, 2000, 2000, 2000, 2000), start=1):
        days += earn(market, producer, 1000, first=TODAY + day)
        set_factor(market.at(MONDAY + (day + 1) * DAY - 1), factor)

    for day, grams in zip(days, [FACTOR, 100, 0, 2000, 2000, 2000], strict=True):
        with rewound(market):
            issue(market, producer, [day])
            assert balance(market, producer) == grams
    set_factor(market, 7)
    issue(market, producer, reversed(days))
    assert balance(market, producer) == FACTOR + 100 + 3 * 2000


# Each day once


def test_issue__again__refused(market: Market, producer: LocalAccount) -> None:
    days = earn(market, producer, 1000, 1000)
    issue(market, producer, days)
    before = balance(market, producer)

    for again in (days, days[:1], days[1:], [*days, *days]):
        with refused(errors.CarbonCredits_NothingToIssue, account=producer.address):
            issue(market, producer, again)
    assert balance(market, producer) == before


def test_issue__day_repeated_in_a_call__once(market: Market, producer: LocalAccount) -> None:
    first, second = earn(market, producer, 1000, 500)

    receipt = issue(market, producer, [first, first, second, first, second])

    event = {"account": producer.address, "retirements": 2, "energy": 1500, "grams": 570}
    assert logged(market, receipt)[0] == ("CarbonCreditsIssued", event)


def test_issue__one_day_issued_first_by_somebody__the_rest_is_not_prevented(
    market: Market, producer: LocalAccount
) -> None:
    days = earn(market, producer, 1000, 2000, 3000)
    issue(market, producer, [days[1]])

    receipt = issue(market, producer, days)

    event = {"account": producer.address, "retirements": 2, "energy": 4000, "grams": 1520}
    assert logged(market, receipt)[0] == ("CarbonCreditsIssued", event)
    assert balance(market, producer) == 2280


def test_issue__every_order_of_the_days__the_same(market: Market, producer: LocalAccount) -> None:
    days = earn(market, producer, 1, 999, 1234)
    for order in permutations(days):
        with rewound(market):
            issue(market, producer, order)
            assert balance(market, producer) == 848
            assert producer_fields(market, producer)[2] == 2234 * FACTOR - 848_000


def test_issue__certificates_that_were_sold__credits_to_who_retired_them(
    market: Market, producer: LocalAccount
) -> None:
    """The consumer, and nobody else: one kWh is not credited to two accounts."""
    neighbour = clean_producer(market, "neighbour")
    (own,) = earn(market, producer, 1000)
    for account, retired in ((neighbour, own), (actor("anybody"), own)):
        with refused(errors.CarbonCredits_NotTheirs, retirement=retired, account=account.address):
            issue(market, account, [retired])
    issue(market, producer, [own])
    assert (balance(market, producer), balance(market, neighbour)) == (380, 0)


@on_chain
@given(
    energy=st.lists(st.integers(0, 5000), min_size=1, max_size=6),
    factors=st.lists(st.integers(0, MAX_FACTOR), min_size=6, max_size=6),
    data=st.data(),
)
def test_issue__cut_into_any_calls__as_in_the_model_and_no_unit_lost(
    market: Market, energy: list[int], factors: list[int], data: st.DataObject
) -> None:
    with rewound(market):
        producer = clean_producer(market)
        model = CarbonRegister(EmissionFactors(TODAY, FACTOR))
        model.register("producer", TODAY)
        left = []
        for day, (wh, factor) in enumerate(zip(energy, factors, strict=False), start=1):
            set_factor(market.at(MONDAY + day * DAY - 1), factor)
            model.factors.change(TODAY + day - 1, factor)
            left += earn(market, producer, wh, first=TODAY + day)
            if wh:
                model.retire_certificates("producer", "producer", TODAY + day, wh)
        left = data.draw(st.permutations(left))
        while left:
            part = left[: data.draw(st.integers(1, len(left)))]
            left = left[len(part) :]
            event = logged(market, issue(market, producer, part))[0][1]
            issued = model.issue("producer", part)
            assert (event["retirements"], event["energy"], event["grams"]) == (
                *(issued.retirements, issued.energy, issued.grams),
            )

        remainder = producer_fields(market, producer)[2]
        assert balance(market, producer) == model.balances["producer"]
        assert remainder == model.left["producer"] < 1000
        earned = sum(wh * factor for wh, factor in zip(energy, factors, strict=False))
        assert balance(market, producer) * 1000 + remainder == earned


def test_issue__by_whomever__to_the_producer(market: Market, producer: LocalAccount) -> None:
    days = earn(market, producer, 1000, 1000)

    market.do(producer, market.carbon, "issueCarbonCredits", producer.address, days[:1])
    issue(market, producer, days[1:])

    assert balance(market, producer) == 760
    assert balance(market, actor("anybody")) == 0
