"""CarbonCredits.deregisterCleanEnergyProducer."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from tests.support.callers import outsiders
from tests.support.market import DAY, MONDAY, Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.carbon.credits import (
    TODAY,
    balance,
    deregister,
    earn,
    issue,
    logged,
    producer_fields,
    register,
    register_producer,
    set_active,
)


def test_deregister__registered__running_day_does_not_count(
    market: Market, producer: LocalAccount
) -> None:
    market.go_to(MONDAY + 3 * DAY)

    receipt = deregister(market, producer)

    event = {"producer": producer.address, "until_day": TODAY + 3}
    assert logged(market, receipt) == [("CleanProducerDeregistered", event)]
    assert producer_fields(market, producer) == (TODAY + 1, TODAY + 3, 0)
    assert not market.carbon.call("isCleanEnergyProducer", producer.address)
    assert [market.carbon.call("isCleanOn", producer.address, TODAY + day) for day in range(5)] == [
        False,
        True,
        True,
        False,
        False,
    ]


def test_deregister__with_days_to_credit__they_are_not_lost(
    market: Market, producer: LocalAccount
) -> None:
    """Nor by a new registration."""
    before = earn(market, producer, 1000, 1000)
    deregister(market, producer)
    until = market.now // DAY
    (between,) = earn(market, producer, 1000, first=until + 1)
    register(market, producer)
    (after,) = earn(market, producer, 1000, first=until + 3)
    with refused(errors.CarbonCredits_DayNotClean, producer=producer.address, day=until + 1):
        issue(market, producer, [between])
    # The day of the end does not count.
    with refused(errors.CarbonCredits_DayNotClean, producer=producer.address, day=until):
        issue(market, producer, before)
    issue(market, producer, [before[0], after])
    assert balance(market, producer) == 760


@pytest.mark.parametrize(("at", "until"), [(2 * DAY - 1, 1), (2 * DAY, 2)])
def test_deregister__around_the_end_of_a_day__until_the_running_one(
    market: Market, producer: LocalAccount, at: int, until: int
) -> None:
    deregister(market.at(MONDAY + at), producer)

    assert producer_fields(market, producer)[1] == TODAY + until


def test_deregister__in_the_day_of_registering__no_day_ever_counts(
    market: Market, producer: LocalAccount
) -> None:
    deregister(market, producer)

    assert producer_fields(market, producer) == (TODAY + 1, TODAY + 1, 0)
    (retired,) = earn(market, producer, 1000)
    with refused(errors.CarbonCredits_DayNotClean, producer=producer.address, day=TODAY + 1):
        issue(market, producer, [retired])
    register(market, producer)
    assert producer_fields(market, producer) == (TODAY + 2, 0, 0)


def test_deregister__inactive_producer__deregistered(
    market: Market, producer: LocalAccount
) -> None:
    set_active(market, producer, active=False)

    deregister(market, producer)

    assert producer_fields(market, producer)[1] == TODAY + 1


def test_deregister__not_registered__refused(market: Market, producer: LocalAccount) -> None:
    deregister(market, producer)
    register_producer(market, actor("plant"))
    for account in (producer, actor("plant"), actor("stranger")):
        with refused(errors.CarbonCredits_NotRegistered, producer=account.address):
            deregister(market, account)


def test_deregister__by_other_roles__refused(market: Market, producer: LocalAccount) -> None:
    for caller in (*outsiders(market, Role.REGISTRAR), producer.address):
        with refused(errors.AccessManagedUnauthorized, caller=caller):
            market.do(caller, market.carbon, "deregisterCleanEnergyProducer", producer.address)
    deregister(market, producer)
