"""GridManagement.registerConsumer."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from energy_grid.contracts.grid_management import ConsumerInfo
from tests.support.market import Market, Receipt, actor
from tests.support.refusals import refused
from tests.unit.contracts.grid.operations import (
    as_authority,
    consumer_info,
    logged,
    producer_info,
    status,
)

LARGEST = 2**64 - 1
NEWCOMER = actor("newcomer")


def register(market: Market, account: LocalAccount, limit: int) -> Receipt:
    return market.do(account, market.grid, "registerConsumer", limit)


def test_register_consumer__all_well__active(market: Market) -> None:
    market.deposit(NEWCOMER, 123)

    receipt = register(market, NEWCOMER, 5000)

    assert consumer_info(market, NEWCOMER) == ConsumerInfo(
        consumption_limit=5000, total_consumed=0, current_usage=0, balance=123, active=True
    )
    assert market.grid.call("isActiveParticipant", NEWCOMER.address)
    assert logged(market, receipt, "ConsumerRegistered") == [
        {"consumer": NEWCOMER.address, "consumption_limit": 5000}
    ]


def test_register_consumer__without_money__has_none(market: Market) -> None:
    register(market, NEWCOMER, 1)

    assert consumer_info(market, NEWCOMER).balance == 0


def test_register_consumer__without_limit__refused(market: Market) -> None:
    with refused(errors.GridManagement_ZeroAmount):
        register(market, NEWCOMER, 0)


@pytest.mark.parametrize("limit", [1, LARGEST])
def test_register_consumer__limit_at_its_bounds__registered(market: Market, limit: int) -> None:
    register(market, NEWCOMER, limit)

    assert consumer_info(market, NEWCOMER).consumption_limit == limit


@pytest.mark.parametrize("limit", [LARGEST + 1, 2**256 - 1])
def test_register_consumer__limit_too_large__refused(market: Market, limit: int) -> None:
    with refused(errors.SafeCastOverflowedUintDowncast, bits=64, value=limit):
        register(market, NEWCOMER, limit)


def test_register_consumer__again__refused(market: Market, consumer: LocalAccount) -> None:
    with refused(errors.GridManagement_AlreadyRegistered, participant=consumer.address):
        register(market, consumer, 1)
    as_authority(market, "deactivateParticipant", consumer.address, False)
    with refused(errors.GridManagement_AlreadyRegistered, participant=consumer.address):
        register(market, consumer, 1)
    with refused(errors.GridManagement_ZeroAmount):
        register(market, consumer, 0)


def test_register_consumer__by_a_producer__is_both(market: Market, producer: LocalAccount) -> None:
    register(market, producer, 7)

    assert consumer_info(market, producer).consumption_limit == 7
    assert producer_info(market, producer).capacity == 1_000_000
    assert status(market).capacity == 1_000_000
