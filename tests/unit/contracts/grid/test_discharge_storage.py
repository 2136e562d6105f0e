"""GridManagement.dischargeStorage."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.grid.operations import (
    HOUR,
    SLOT,
    charge,
    consume,
    discharge,
    logged,
    produce,
    register_storage,
    status,
    storage_info,
)

CHARGED, DISCHARGE_RATE = 200_000, 100_000


@pytest.fixture
def storage(market: Market, producer: LocalAccount, storage: LocalAccount) -> LocalAccount:
    """Charged in the slot before; nothing is produced in this one."""
    produce(market, producer, 1_000_000)
    charge(market, storage, CHARGED)
    market.go_to(MONDAY + HOUR)
    return storage


def test_discharge_storage__without_storage__refused(
    market: Market, producer: LocalAccount
) -> None:
    with refused(errors.GridManagement_NotRegistered, participant=producer.address):
        discharge(market, producer, 1)


def test_discharge_storage__nothing__refused(market: Market, storage: LocalAccount) -> None:
    with refused(errors.GridManagement_ZeroAmount):
        discharge(market, storage, 0)


@pytest.mark.parametrize("amount", [DISCHARGE_RATE + 1, 2**64 + 1, 2**256 - 1])
def test_discharge_storage__above_the_rate__refused(
    market: Market, storage: LocalAccount, amount: int
) -> None:
    with refused(errors.GridManagement_AboveLimit, amount=amount, left=DISCHARGE_RATE):
        discharge(market, storage, amount)


def test_discharge_storage__in_parts_up_to_the_rate__then_refused(
    market: Market, storage: LocalAccount
) -> None:
    discharge(market, storage, DISCHARGE_RATE - 10)

    with refused(errors.GridManagement_AboveLimit, amount=11, left=10):
        discharge(market, storage, 11)
    discharge(market, storage, 10)
    assert storage_info(market, storage).stored_amount == CHARGED - DISCHARGE_RATE
    with refused(errors.GridManagement_AboveLimit, amount=1, left=0):
        discharge(market, storage, 1)


def test_discharge_storage__more_than_is_stored__refused(
    market: Market, producer: LocalAccount
) -> None:
    owner = actor("owner of a fast one")
    register_storage(market, owner, 1000, 1000, 1000)
    with refused(errors.GridManagement_StorageBounds, amount=1, possible=0):
        discharge(market, owner, 1)
    produce(market, producer, 1000)
    charge(market, owner, 30)

    with refused(errors.GridManagement_StorageBounds, amount=31, possible=30):
        discharge(market, owner, 31)
    discharge(market, owner, 30)
    assert storage_info(market, owner).stored_amount == 0


def test_discharge_storage__several_things_wrong__refused_in_order(market: Market) -> None:
    owner = actor("owner of a fast one")
    with pytest.raises(errors.GridManagement_NotRegistered):
        discharge(market, owner, 0)
    register_storage(market, owner, 1000, 1000, 1000)
    with pytest.raises(errors.GridManagement_ZeroAmount):
        discharge(market, owner, 0)
    with pytest.raises(errors.GridManagement_AboveLimit):
        discharge(market, owner, 1001)
    with pytest.raises(errors.GridManagement_StorageBounds):
        discharge(market, owner, 1000)


def test_discharge_storage__all_well__more_is_available(
    market: Market, storage: LocalAccount, consumer: LocalAccount
) -> None:
    before = status(market)

    receipt = discharge(market, storage, 70_000)

    assert logged(market, receipt, "StorageDischarged") == [
        {
            "owner": storage.address,
            "slot": SLOT + 1,
            "amount": 70_000,
            "stored": CHARGED - 70_000,
        }
    ]
    grid = status(market)
    assert (grid.production, grid.load, grid.available) == (0, 0, 70_000)
    assert grid.price == before.price
    with refused(errors.GridManagement_InsufficientEnergy, amount=70_001, available=70_000):
        consume(market, consumer, 70_001)
    consume(market, consumer, 70_000)


def test_discharge_storage__in_the_next_slot__rate_starts_anew(
    market: Market, storage: LocalAccount
) -> None:
    discharge(market, storage, DISCHARGE_RATE)
    market.go_to(MONDAY + 2 * HOUR - 1)
    assert status(market).available == DISCHARGE_RATE

    market.go_to(MONDAY + 2 * HOUR)
    assert status(market).available == 0
    assert storage_info(market, storage).stored_amount == CHARGED - DISCHARGE_RATE
    discharge(market, storage, DISCHARGE_RATE)
    assert storage_info(market, storage).stored_amount == 0
    assert status(market).available == DISCHARGE_RATE
