"""GridManagement.reactivateParticipant."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from tests.support.market import MONDAY, Market, Receipt, actor
from tests.support.refusals import refused
from tests.unit.contracts.grid.operations import (
    HOUR,
    as_authority,
    consume,
    consumer_info,
    logged,
    produce,
    producer_info,
    register_producer,
    status,
)

PERIOD = MONDAY + HOUR


def set_active(
    market: Market, account: LocalAccount, *, as_producer: bool, active: bool
) -> Receipt:
    function = "reactivateParticipant" if active else "deactivateParticipant"
    return as_authority(market, function, account.address, as_producer)


@pytest.mark.parametrize("caller", ["stranger", "producer"])
def test_reactivate_participant__by_others__refused(
    market: Market, producer: LocalAccount, caller: str
) -> None:
    set_active(market, producer, as_producer=True, active=False)

    with refused(errors.AccessManagedUnauthorized, caller=actor(caller).address):
        market.do(actor(caller), market.grid, "reactivateParticipant", producer.address, True)


def test_reactivate_participant__not_registered_as_that__refused(
    market: Market, producer: LocalAccount, consumer: LocalAccount
) -> None:
    for account, as_producer in ((consumer, True), (producer, False)):
        with refused(errors.GridManagement_NotRegistered, participant=account.address):
            set_active(market, account, as_producer=as_producer, active=True)


def test_reactivate_participant__active__refused(
    market: Market, producer: LocalAccount, consumer: LocalAccount
) -> None:
    for account, as_producer in ((producer, True), (consumer, False)):
        with refused(errors.GridManagement_AlreadyActive, participant=account.address):
            set_active(market, account, as_producer=as_producer, active=True)
    assert status(market).capacity == 1_000_000


def test_reactivate_participant__producer__reports_and_sells_again(
    market: Market, producer: LocalAccount
) -> None:
    market.deposit(producer, 10**9)
    produce(market, producer, 1000)
    before, grid = producer_info(market, producer), status(market)
    set_active(market, producer, as_producer=True, active=False)

    receipt = set_active(market, producer, as_producer=True, active=True)

    assert logged(market, receipt, "ParticipantActiveSet") == [
        {"participant": producer.address, "is_producer": True, "active": True}
    ]
    assert (producer_info(market, producer), status(market)) == (before, grid)
    assert market.grid.call("isActiveParticipant", producer.address)
    assert not market.settlement.call("isSideBlocked", producer.address, False)
    produce(market, producer, 2000)
    market.sell(producer, 1000, 250_000, start=PERIOD)


def test_reactivate_participant__consumer__buys_again_within_its_limit(
    market: Market, producer: LocalAccount, consumer: LocalAccount
) -> None:
    produce(market, producer, 1_000_000)
    consume(market, consumer, 399_999)
    before = consumer_info(market, consumer)
    set_active(market, consumer, as_producer=False, active=False)

    receipt = set_active(market, consumer, as_producer=False, active=True)

    assert logged(market, receipt, "ParticipantActiveSet") == [
        {"participant": consumer.address, "is_producer": False, "active": True}
    ]
    assert consumer_info(market, consumer) == before
    with refused(errors.GridManagement_AboveLimit, amount=2, left=1):
        consume(market, consumer, 2)
    consume(market, consumer, 1)
    market.buy(consumer, 1000, 250_000, start=PERIOD)


def test_reactivate_participant__many_times__capacity_is_that_of_the_active(
    market: Market,
) -> None:
    capacities = [1, 20, 300, 2**64 - 1]
    producers = [actor(f"producer {number}") for number in range(4)]
    for account, capacity in zip(producers, capacities, strict=True):
        register_producer(market, account, capacity)
    active = [True] * 4
    for turn in (0, 3, 1, 0, 2, 3, 1, 0, 2, 0):
        active[turn] = not active[turn]
        set_active(market, producers[turn], as_producer=True, active=active[turn])
        expected = sum(wh for wh, on in zip(capacities, active, strict=True) if on)
        assert status(market).capacity == expected
