"""CarbonCredits.deregisterCleanEnergyProducer."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from tests.support.callers import outsiders
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.carbon.credits import (
    HOUR,
    SLOT,
    balance,
    deregister,
    earn,
    issue,
    logged,
    producer_fields,
    register_producer,
    set_active,
)


def test_deregister__registered__running_slot_does_not_count(
    market: Market, producer: LocalAccount
) -> None:
    market.go_to(MONDAY + 3 * HOUR)

    receipt = deregister(market, producer)

    event = {"producer": producer.address, "until_slot": SLOT + 3}
    assert logged(market, receipt) == [("CleanProducerDeregistered", event)]
    assert producer_fields(market, producer) == (SLOT + 1, SLOT + 3, 0)
    assert not market.carbon.call("isCleanEnergyProducer", producer.address)
    slots = earn(market, producer, 1000, 1000, 1000, 1000)
    for slot in slots[2:]:
        with refused(errors.CarbonCredits_SlotNotClean, producer=producer.address, slot=slot):
            issue(market, producer, [slot])
    issue(market, producer, slots[:2])
    assert balance(market, producer) == 760


@pytest.mark.parametrize(("at", "until"), [(2 * HOUR - 1, 1), (2 * HOUR, 2)])
def test_deregister__around_the_end_of_a_slot__until_the_running_one(
    market: Market, producer: LocalAccount, at: int, until: int
) -> None:
    deregister(market.at(MONDAY + at), producer)

    assert producer_fields(market, producer)[1] == SLOT + until


def test_deregister__in_the_slot_of_registering__no_slot_ever_counts(
    market: Market, producer: LocalAccount
) -> None:
    deregister(market, producer)

    assert producer_fields(market, producer) == (SLOT + 1, SLOT, 0)
    slots = earn(market, producer, 1000, 1000, first=SLOT)
    for slot in slots:
        with refused(errors.CarbonCredits_SlotNotClean, producer=producer.address, slot=slot):
            issue(market, producer, [slot])


def test_deregister__inactive_producer__deregistered(
    market: Market, producer: LocalAccount
) -> None:
    set_active(market, producer, active=False)

    deregister(market, producer)

    assert producer_fields(market, producer)[1] == SLOT


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
