"""GridManagement.deactivateParticipant, down to the orders that it ends."""

from __future__ import annotations

from dataclasses import replace

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

PRODUCER, CONSUMER = True, False
PERIOD = MONDAY + HOUR


def deactivate(market: Market, account: LocalAccount, *, as_producer: bool) -> Receipt:
    return as_authority(market, "deactivateParticipant", account.address, as_producer)


def is_active(market: Market, account: LocalAccount) -> bool:
    return bool(market.grid.call("isActiveParticipant", account.address))


@pytest.mark.parametrize("caller", ["stranger", "producer"])
def test_deactivate_participant__by_others__refused(
    market: Market, producer: LocalAccount, caller: str
) -> None:
    with refused(errors.AccessManagedUnauthorized, caller=actor(caller).address):
        market.do(actor(caller), market.grid, "deactivateParticipant", producer.address, PRODUCER)


def test_deactivate_participant__not_registered_as_that__refused(
    market: Market, producer: LocalAccount, consumer: LocalAccount, storage: LocalAccount
) -> None:
    for account, as_producer in ((consumer, True), (producer, False), (storage, True)):
        with refused(errors.GridManagement_NotRegistered, participant=account.address):
            deactivate(market, account, as_producer=as_producer)


def test_deactivate_participant__again__refused(
    market: Market, producer: LocalAccount, consumer: LocalAccount
) -> None:
    for account, as_producer in ((producer, True), (consumer, False)):
        deactivate(market, account, as_producer=as_producer)
        with refused(errors.GridManagement_Inactive, participant=account.address):
            deactivate(market, account, as_producer=as_producer)


def test_deactivate_participant__producer__capacity_leaves_and_production_stays(
    market: Market, producer: LocalAccount, consumer: LocalAccount
) -> None:
    other = actor("other producer")
    register_producer(market, other, 250_000)
    produce(market, producer, 1000)
    before, grid = producer_info(market, producer), status(market)

    receipt = deactivate(market, producer, as_producer=True)

    assert logged(market, receipt, "ParticipantActiveSet") == [
        {"participant": producer.address, "is_producer": True, "active": False}
    ]
    assert producer_info(market, producer) == replace(before, active=False)
    assert status(market) == replace(grid, capacity=250_000)
    assert not is_active(market, producer)
    with refused(errors.GridManagement_Inactive, participant=producer.address):
        produce(market, producer, 1000)
    consume(market, consumer, 1000)
    # A smaller capacity makes the same load dearer.
    assert status(market).price == 300_000 + 300_000 * 1000 // 500_000


def test_deactivate_participant__the_last_producer__no_capacity_is_no_division(
    market: Market, producer: LocalAccount, consumer: LocalAccount
) -> None:
    produce(market, producer, 1000)
    consume(market, consumer, 400)

    deactivate(market, producer, as_producer=True)

    grid = status(market)
    assert (grid.capacity, grid.utilization, grid.price) == (0, 0, 300_000)
    assert (grid.production, grid.load, grid.available) == (1000, 400, 600)


def test_deactivate_participant__producer__cannot_sell_and_can_buy(
    market: Market, producer: LocalAccount
) -> None:
    market.deposit(producer, 10**9)

    deactivate(market, producer, as_producer=True)

    assert market.settlement.call("isSideBlocked", producer.address, False)
    with refused(errors.Settlement_SideBlocked, account=producer.address, buying=False):
        market.sell(producer, 1000, 250_000, start=PERIOD)
    assert market.trading.call("orderCount") == 0
    assert market.locked(producer) == 0
    market.buy(producer, 1000, 250_000, start=PERIOD)


def test_deactivate_participant__producer_with_an_order__order_is_still_matched(
    market: Market, producer: LocalAccount, consumer: LocalAccount
) -> None:
    market.deposit(producer, 10**9)
    sell = market.sell(producer, 1000, 250_000, start=PERIOD)

    deactivate(market, producer, as_producer=True)

    market.match(market.buy(consumer, 1000, 250_000, start=PERIOD), sell)
    assert market.trading.call("transactionCount") == 1


def test_deactivate_participant__consumer__cannot_buy_and_can_sell(
    market: Market, producer: LocalAccount, consumer: LocalAccount
) -> None:
    produce(market, producer, 1000)
    before = consumer_info(market, consumer)

    receipt = deactivate(market, consumer, as_producer=False)

    assert logged(market, receipt, "ParticipantActiveSet") == [
        {"participant": consumer.address, "is_producer": False, "active": False}
    ]
    assert consumer_info(market, consumer) == replace(before, active=False)
    assert not is_active(market, consumer)
    with refused(errors.GridManagement_Inactive, participant=consumer.address):
        consume(market, consumer, 1)
    with refused(errors.Settlement_SideBlocked, account=consumer.address, buying=True):
        market.buy(consumer, 1000, 250_000, start=PERIOD)
    market.sell(consumer, 1000, 250_000, start=PERIOD)


def test_deactivate_participant__who_is_both__one_side_has_more(
    market: Market, consumer: LocalAccount
) -> None:
    register_producer(market, consumer, 5000)

    deactivate(market, consumer, as_producer=True)
    assert is_active(market, consumer)
    assert (producer_info(market, consumer).active, consumer_info(market, consumer).active) == (
        False,
        True,
    )
    deactivate(market, consumer, as_producer=False)
    assert not is_active(market, consumer)


def test_deactivate_participant__without_account__blocked_when_it_has_one(
    market: Market, producer: LocalAccount
) -> None:
    assert market.settlement.call("numberOf", producer.address) == 0

    deactivate(market, producer, as_producer=True)
    market.deposit(producer, 10**9)

    with refused(errors.Settlement_SideBlocked, account=producer.address, buying=False):
        market.sell(producer, 1000, 250_000, start=PERIOD)
