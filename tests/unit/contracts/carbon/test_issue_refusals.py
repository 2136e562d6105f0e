"""CarbonCredits.issueCarbonCredits: who gets nothing, and which days are refused."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from tests.support.market import DAY, MONDAY, Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.carbon.credits import (
    TODAY,
    balance,
    clean_producer,
    credited,
    deregister,
    earn,
    issue,
    own_storage,
    register_producer,
    set_active,
)

NEVER = 2**256 - 1


def test_issue__deregistered__days_from_before_still_count(
    market: Market, producer: LocalAccount
) -> None:
    market.go_to(MONDAY + 3 * DAY)
    deregister(market, producer)
    days = earn(market, producer, 1000, 1000)

    issue(market, producer, days)

    assert balance(market, producer) == 760


def test_issue__deactivated_since__refused_until_it_is_active_again(
    market: Market, producer: LocalAccount
) -> None:
    days = earn(market, producer, 1000)
    set_active(market, producer, active=False)

    with refused(errors.CarbonCredits_InactiveProducer, producer=producer.address):
        issue(market, producer, days)
    set_active(market, producer, active=True)
    issue(market, producer, days)
    assert balance(market, producer) == 380


@pytest.mark.parametrize("day", [TODAY, TODAY - 1, 1, 0])
def test_issue__before_the_registration__refused(
    market: Market, producer: LocalAccount, day: int
) -> None:
    days = earn(market, producer, 1000, 1000, first=TODAY)

    with refused(errors.CarbonCredits_DayNotClean, producer=producer.address, day=day):
        issue(market, producer, [days[1], day])
    issue(market, producer, days[1:])


def test_issue__around_the_deregistration__days_before_alone(
    market: Market, producer: LocalAccount
) -> None:
    market.go_to(MONDAY + 3 * DAY)
    deregister(market, producer)
    _, before, running = earn(market, producer, 1000, 1000, 1000)

    with refused(errors.CarbonCredits_DayNotClean, producer=producer.address, day=running):
        issue(market, producer, [before, running])
    issue(market, producer, [before])
    assert balance(market, producer) == 380


def test_issue__nothing_produced__refused_and_left_open(
    market: Market, producer: LocalAccount
) -> None:
    days = earn(market, producer, 0, 0)

    for asked in ([], days, days[:1]):
        with refused(errors.CarbonCredits_NothingToIssue, producer=producer.address):
            issue(market, producer, asked)
    assert credited(market, producer, days) == [False, False]


def test_issue__never_registered__refused(market: Market) -> None:
    plant = actor("plant")
    register_producer(market, plant)

    for account in (plant, actor("stranger")):
        for asked in ([], [TODAY], [NEVER]):
            with refused(errors.CarbonCredits_NotRegistered, producer=account.address):
                issue(market, account, asked)


@pytest.mark.parametrize("deregistered", [True, False])
def test_issue__owner_of_a_storage_without_production_meters__refused_before_days(
    market: Market, *, deregistered: bool
) -> None:
    producer = clean_producer(market, plant=False)
    if deregistered:
        deregister(market, producer)
    own_storage(market, producer)
    set_active(market, producer, active=False)
    with refused(errors.CarbonCredits_InactiveProducer, producer=producer.address):
        issue(market, producer, [NEVER])
    set_active(market, producer, active=True)
    with refused(errors.CarbonCredits_IsStorage, account=producer.address):
        issue(market, producer, [NEVER])


def test_issue__day_that_is_not_over__refused(market: Market, producer: LocalAccount) -> None:
    day = TODAY + 1
    market.at((day + 1) * DAY - 1)
    with refused(errors.CarbonCredits_DayNotClean, producer=producer.address, day=day):
        issue(market, producer, [day])
    earn(market, producer, 1000)
    for later in (1, 2, 10, 2**32, 2**48, 2**255):
        with refused(errors.CarbonCredits_DayNotClean, producer=producer.address, day=day + later):
            issue(market, producer, [day, day + later])
    assert credited(market, producer, [day]) == [False]
    issue(market, producer, [day])
    assert balance(market, producer) == 380


def test_issue__day_that_is_not_read__refused(market: Market, producer: LocalAccount) -> None:
    """By the production sub-meter, or by any settlement meter where there is none."""
    days = earn(market, producer, 1000)
    market.go_to((days[0] + 2) * DAY)
    unread = {"producer": producer.address, "day": days[0] + 1}
    with refused(errors.CarbonCredits_DayNotRead, **unread):
        issue(market, producer, [*days, days[0] + 1])
    unmetered = clean_producer(market, "unmetered", plant=False)
    market.go_to((days[0] + 4) * DAY)
    unread = {"producer": unmetered.address, "day": days[0] + 3}
    with refused(errors.CarbonCredits_DayNotRead, **unread):
        issue(market, unmetered, [days[0] + 3])
