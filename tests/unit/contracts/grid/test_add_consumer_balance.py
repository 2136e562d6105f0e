"""GridManagement.addConsumerBalance."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.support.core.grid_suite import ADMIN, FORWARDER, GridWorld
from tests.unit.contracts.grid.participants import CONSUMER, PRODUCER, STRANGER, log

BOUNDS = 10**6, 10**12
"""One and a million whole units."""


def test_add_consumer_balance__within_bounds__deposited(world: GridWorld) -> None:
    for payer, amount in zip((STRANGER, CONSUMER), BOUNDS, strict=True):
        world.grid.addConsumerBalance(CONSUMER, amount, by=payer)
        deposited = {"payer": payer, "account": CONSUMER, "amount": amount}
        assert log(world, "DepositedFrom") == deposited


def test_add_consumer_balance__of_a_deactivated_consumer__deposited(world: GridWorld) -> None:
    world.grid.deactivateParticipant(CONSUMER, False, by=ADMIN)
    world.grid.addConsumerBalance(CONSUMER, BOUNDS[0], by=STRANGER)
    assert log(world, "DepositedFrom")["account"] == CONSUMER


def test_add_consumer_balance__out_of_bounds__refused(world: GridWorld) -> None:
    for amount in (0, BOUNDS[0] - 1, BOUNDS[1] + 1, 2**256 - 1):
        with refused("GridManagement_BadTopUp", amount, *BOUNDS):
            world.grid.addConsumerBalance(CONSUMER, amount, by=STRANGER)


def test_add_consumer_balance__of_no_consumer__refused_first(world: GridWorld) -> None:
    for amount in (0, BOUNDS[0]):
        with refused("GridManagement_NotRegistered", PRODUCER):
            world.grid.addConsumerBalance(PRODUCER, amount, by=STRANGER)


def test_add_consumer_balance__relayed__who_signed_pays(world: GridWorld) -> None:
    data = world.grid.abi.function("addConsumerBalance").encode([CONSUMER, BOUNDS[0]])
    world.chain.send(FORWARDER, world.grid.address, data + bytes.fromhex(PRODUCER[2:]))
    assert log(world, "DepositedFrom")["payer"] == PRODUCER
