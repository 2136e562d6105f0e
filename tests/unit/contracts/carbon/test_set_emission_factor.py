"""CarbonCredits.setEmissionFactor, and the factors of past days."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from tests.model.carbon import EmissionFactors
from tests.support.callers import outsiders
from tests.support.examples import on_chain, rewound
from tests.support.market import DAY, MONDAY, Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.carbon.credits import (
    FACTOR,
    TODAY,
    earn,
    factors,
    history,
    issue,
    logged,
    set_factor,
)

HIGHEST = 2000


def test_set_factor__in_a_day__it_and_past_ones_keep_theirs(market: Market) -> None:
    market.go_to(MONDAY + 5 * DAY)
    receipt = set_factor(market, 111)
    market.go_to(MONDAY + 8 * DAY)
    set_factor(market, 222)

    event = {"from_day": TODAY + 6, "grams_per_kwh": 111}
    assert logged(market, receipt) == [("EmissionFactorSet", event)]
    days = [*range(TODAY, TODAY + 11), 2**48 - 1, 2**48, 2**256 - 1]
    assert factors(market, *days) == [*[FACTOR] * 6, *[111] * 3, *[222] * 5]


def test_set_factor__around_the_end_of_a_day__counts_from_the_next(market: Market) -> None:
    set_factor(market.at(MONDAY + DAY - 1), 111)
    set_factor(market.at(MONDAY + DAY), 222)

    assert factors(market, TODAY, TODAY + 1, TODAY + 2) == [FACTOR, 111, 222]


def test_set_factor__several_times_in_a_day__the_last_counts(market: Market) -> None:
    before = history(market)
    for factor in (5, 6, 7):
        set_factor(market, factor)

    assert history(market) == [*before, (TODAY + 1, 7)]
    assert factors(market, TODAY, TODAY + 1) == [FACTOR, 7]


@pytest.mark.parametrize("factor", [0, 1, HIGHEST])
def test_set_factor__at_its_bounds__in_force(market: Market, factor: int) -> None:
    set_factor(market, factor)

    assert factors(market, TODAY, TODAY + 1) == [FACTOR, factor]


@pytest.mark.parametrize("factor", [HIGHEST + 1, 2**208, 2**208 + 1, 2**256 - 1])
def test_set_factor__too_high__refused(market: Market, factor: int) -> None:
    with refused(errors.CarbonCredits_FactorTooHigh, grams_per_kwh=factor, maximum=HIGHEST):
        set_factor(market, factor)


def test_set_factor__by_other_roles__refused(market: Market) -> None:
    for caller in (*outsiders(market, Role.ADMIN), actor("stranger").address):
        with refused(errors.AccessManagedUnauthorized, caller=caller):
            market.do(caller, market.carbon, "setEmissionFactor", 1)
    set_factor(market, 1)


def test_set_factor__after_the_day_was_metered__its_credits_stay_what_they_were(
    market: Market, producer: LocalAccount
) -> None:
    """Neither a late change nor several make more or less of what was produced before."""
    days = earn(market, producer, 1000, 1000)
    for factor in (HIGHEST, 0, 1):
        set_factor(market, factor)
        market.go_to(market.now + DAY)

    receipt = issue(market, producer, days)

    assert logged(market, receipt)[0][1]["grams"] == 2 * FACTOR


@on_chain
@given(
    changes=st.lists(st.tuples(st.integers(0, 4), st.integers(0, HIGHEST)), min_size=1, max_size=12)
)
def test_set_factor__any_history__every_day_has_what_was_in_force(
    market: Market, changes: list[tuple[int, int]]
) -> None:
    """Changes come 0 to 4 days after each other."""
    with rewound(market):
        ((first, initial),) = history(market)
        model = EmissionFactors(first, initial)
        day = TODAY
        for wait, factor in changes:
            day += wait
            if market.now < day * DAY:
                market.go_to(day * DAY)
            set_factor(market, factor)
            model.change(day, factor)

        assert history(market) == model.history
        around = range(first - 2, day + 4)
        assert factors(market, *around) == [model.of(each) for each in around]
