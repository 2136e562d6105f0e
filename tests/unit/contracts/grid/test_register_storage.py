"""GridManagement.registerStorage."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from energy_grid.contracts.grid_management import StorageInfo
from tests.support.market import Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.grid.operations import logged, register_storage, status, storage_info

LARGEST = 2**64 - 1
OWNER = actor("owner")


def test_register_storage__all_well__empty(market: Market) -> None:
    receipt = register_storage(market, OWNER, 3000, 2000, 1000)

    assert storage_info(market, OWNER) == StorageInfo(
        capacity=3000, stored_amount=0, charge_rate=2000, discharge_rate=1000
    )
    assert logged(market, receipt, "StorageRegistered") == [
        {
            "owner": OWNER.address,
            "capacity": 3000,
            "charge_rate": 2000,
            "discharge_rate": 1000,
        }
    ]
    assert status(market).capacity == 0
    assert market.grid.call("isStorage", OWNER.address) is True
    # Owning a storage makes nobody a producer or a consumer.
    assert not market.grid.call("isActiveParticipant", OWNER.address)


@pytest.mark.parametrize("position", range(3))
def test_register_storage__one_of_them_zero__refused(market: Market, position: int) -> None:
    sizes = [3000, 2000, 1000]
    sizes[position] = 0

    with refused(errors.GridManagement_ZeroAmount):
        register_storage(market, OWNER, *sizes)
    assert market.grid.call("isStorage", OWNER.address) is False


@pytest.mark.parametrize("position", range(3))
@pytest.mark.parametrize("size", [LARGEST + 1, 2**256 - 1])
def test_register_storage__one_of_them_too_large__refused(
    market: Market, position: int, size: int
) -> None:
    sizes = [3000, 2000, 1000]
    sizes[position] = size

    with refused(errors.SafeCastOverflowedUintDowncast, bits=64, value=size):
        register_storage(market, OWNER, *sizes)


@pytest.mark.parametrize("size", [1, LARGEST])
def test_register_storage__all_at_their_bounds__registered(market: Market, size: int) -> None:
    register_storage(market, OWNER, size, size, size)

    assert market.grid.call("getStorageInfo", OWNER.address) == (size, 0, size, size)


def test_register_storage__again__refused(market: Market, storage: LocalAccount) -> None:
    with refused(errors.GridManagement_AlreadyRegistered, participant=storage.address):
        register_storage(market, storage, 1, 1, 1)
    with refused(errors.GridManagement_ZeroAmount):
        register_storage(market, storage, 1, 1, 0)
