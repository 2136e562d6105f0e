"""GridManagement.updateProducerReputation."""

from __future__ import annotations

from dataclasses import replace

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from tests.support.market import Market, Receipt, actor
from tests.support.refusals import refused
from tests.unit.contracts.grid.operations import as_authority, logged, producer_info


def update(market: Market, producer: LocalAccount, score: int) -> Receipt:
    return as_authority(market, "updateProducerReputation", producer.address, score)


@pytest.mark.parametrize("caller", ["stranger", "producer"])
def test_update_producer_reputation__by_others__refused(
    market: Market, producer: LocalAccount, caller: str
) -> None:
    with refused(errors.AccessManagedUnauthorized, caller=actor(caller).address):
        market.do(actor(caller), market.grid, "updateProducerReputation", producer.address, 100)


@pytest.mark.parametrize("score", [0, 1, 99, 100])
@pytest.mark.parametrize("active", [True, False])
def test_update_producer_reputation__in_range__set(
    market: Market, producer: LocalAccount, score: int, *, active: bool
) -> None:
    if not active:
        as_authority(market, "deactivateParticipant", producer.address, True)
    before = producer_info(market, producer)

    receipt = update(market, producer, score)

    assert producer_info(market, producer) == replace(before, reputation=score)
    assert logged(market, receipt, "ReputationSet") == [
        {"producer": producer.address, "reputation": score}
    ]


@pytest.mark.parametrize("score", [101, 256, 256 + 50, 2**256 - 1])
def test_update_producer_reputation__too_high__refused(
    market: Market, producer: LocalAccount, score: int
) -> None:
    for account in (producer, actor("stranger")):
        with refused(errors.GridManagement_BadScore, score=score):
            update(market, account, score)


def test_update_producer_reputation__not_registered__refused(
    market: Market, consumer: LocalAccount
) -> None:
    with refused(errors.GridManagement_NotRegistered, participant=consumer.address):
        update(market, consumer, 50)
