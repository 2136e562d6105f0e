"""Participants of GridManagement: what they declare, who confirms them, and every refusal."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from tests.support.core.chain import refused
from tests.support.core.grid_suite import ADMIN, DAY, FORWARDER, GridWorld

PRODUCER = "0x" + 39 * "0" + "2"
CONSUMER = "0x" + 39 * "0" + "3"
METER = "0x" + 39 * "0" + "5"
STRANGER = "0x" + 39 * "0" + "9"
NO_LIMIT = 2**256 - 1


@pytest.fixture
def world() -> GridWorld:
    world = GridWorld()
    world.grid.registerProducer(10_000, 0, by=PRODUCER)
    world.grid.registerConsumer(5_000, by=CONSUMER)
    world.grid.registerStorage(8_000, 3_000, 2_000, by=CONSUMER)
    world.double.setCost(77)
    return world


def _log(world: GridWorld, event: str) -> dict[str, Any]:
    return next(values for _, name, values in world.chain.logs if name == event)


def _meter(world: GridWorld, account: str, rated: int, **other: bool) -> None:
    flags = {"settlement": True, "active": True, **other}
    info = (1, account, bytes(32), rated, flags["settlement"], 0, 65_535, 0, flags["active"])
    world.double.setMeter(METER, info)


def test_register__twice_or_nothing__is_refused(world: GridWorld) -> None:
    with refused("GridManagement_AlreadyRegistered", PRODUCER):
        world.grid.registerProducer(1, 0, by=PRODUCER)
    with refused("GridManagement_AlreadyRegistered", CONSUMER):
        world.grid.registerConsumer(1, by=CONSUMER)
    with refused("GridManagement_AlreadyRegistered", CONSUMER):
        world.grid.registerStorage(1, 1, 1, by=CONSUMER)
    for function, arguments in (
        ("registerProducer", (0, 0)),
        ("registerConsumer", (0,)),
        ("registerStorage", (0, 1, 1)),
        ("registerStorage", (1, 0, 1)),
        ("registerStorage", (1, 1, 0)),
    ):
        with refused("GridManagement_ZeroAmount"):
            world.grid.call(function, *arguments, by=STRANGER)
    with refused("SafeCastOverflowedUintDowncast", 64, 2**64):
        world.grid.registerProducer(2**64, 0, by=STRANGER)


def test_strangers__are_not_registered(world: GridWorld) -> None:
    for function, arguments, by in (
        ("reportProduction", (1,), STRANGER),
        ("consumeEnergy(uint256)", (1,), STRANGER),
        ("chargeStorage", (1,), STRANGER),
        ("dischargeStorage", (1,), STRANGER),
        ("addConsumerBalance", (STRANGER, 1_000_000), STRANGER),
        ("getProducerInfo", (STRANGER,), STRANGER),
        ("getConsumerInfo", (STRANGER,), STRANGER),
        ("getStorageInfo", (STRANGER,), STRANGER),
        ("reviewReputation", (STRANGER,), STRANGER),
        ("updateProducerReputation", (STRANGER, 1), ADMIN),
        ("confirmParticipant", (STRANGER, True), ADMIN),
        ("confirmParticipant", (STRANGER, False), ADMIN),
    ):
        with refused("GridManagement_NotRegistered", STRANGER):
            world.grid.call(function, *arguments, by=by)


def test_declared_production__is_shown_and_moves_no_price(world: GridWorld) -> None:
    price = world.grid.call("getDynamicPrice()")
    world.grid.reportProduction(9_000, by=PRODUCER)
    world.grid.reportProduction(4_000, by=PRODUCER)
    assert tuple(world.grid.getProducerInfo(PRODUCER)) == (10_000, 4_000, 4_000, 0, True, 100, 0)
    assert world.grid.call("getGridStatus()")[1] == 4_000
    assert world.grid.call("getDynamicPrice()") == price
    with refused("GridManagement_AboveLimit", 10_001, 10_000):
        world.grid.reportProduction(10_001, by=PRODUCER)
    world.chain.set_time(world.now + 900)
    assert world.grid.call("getGridStatus()")[1] == 0
    world.grid.reportProduction(1_000, by=PRODUCER)
    assert tuple(world.grid.getProducerInfo(PRODUCER))[1:3] == (1_000, 5_000)


def test_random_declarations__add_up(world: GridWorld) -> None:
    draws, names = Random(5), [f"0x{number:040x}" for number in range(20, 25)]
    for name in names:
        world.grid.registerProducer(1_000, 1, by=name)
    of_slot: dict[str, int] = {}
    for _ in range(200):
        if draws.random() < 0.2:
            world.chain.set_time(world.now + 900)
            of_slot = {}
        name = draws.choice(names)
        of_slot[name] = draws.randint(0, 1_000)
        world.grid.reportProduction(of_slot[name], by=name)
        assert world.grid.call("getGridStatus()")[1] == sum(of_slot.values())


def test_storage__within_rates_and_content(world: GridWorld) -> None:
    world.grid.chargeStorage(3_000, by=CONSUMER)
    assert _log(world, "StorageCharged")["stored"] == 3_000
    with refused("GridManagement_AboveLimit", 1, 0):
        world.grid.chargeStorage(1, by=CONSUMER)
    world.grid.dischargeStorage(500, by=CONSUMER)
    with refused("GridManagement_AboveLimit", 1_501, 1_500):
        world.grid.dischargeStorage(1_501, by=CONSUMER)
    with refused("GridManagement_ZeroAmount"):
        world.grid.chargeStorage(0, by=CONSUMER)
    for _ in range(2):
        world.chain.set_time(world.now + 900)
        world.grid.chargeStorage(2_500, by=CONSUMER)
    world.chain.set_time(world.now + 900)
    with refused("GridManagement_StorageBounds", 501, 500):
        world.grid.chargeStorage(501, by=CONSUMER)
    assert tuple(world.grid.getStorageInfo(CONSUMER)) == (8_000, 7_500, 3_000, 2_000)
    assert world.grid.isStorage(CONSUMER)
    for amount in (2_000, 2_000, 2_000):
        world.chain.set_time(world.now + 900)
        world.grid.dischargeStorage(amount, by=CONSUMER)
    world.chain.set_time(world.now + 900)
    with refused("GridManagement_StorageBounds", 1_501, 1_500):
        world.grid.dischargeStorage(1_501, by=CONSUMER)


def test_consume__asks_settlement_with_the_price_limit(world: GridWorld) -> None:
    world.grid.call("consumeEnergy(uint256)", 2_000, by=CONSUMER)
    assert _log(world, "Consumed") == {"account": CONSUMER, "wh": 2_000, "max_price": NO_LIMIT}
    assert _log(world, "EnergyConsumed")["cost"] == 77
    world.grid.call("consumeEnergy(uint256,uint256)", 1_000, 310_000, by=CONSUMER)
    assert _log(world, "Consumed") == {"account": CONSUMER, "wh": 1_000, "max_price": 310_000}
    world.double.setAccount(CONSUMER, 4, 123, 0, 0)
    assert tuple(world.grid.getConsumerInfo(CONSUMER)) == (5_000, 3_000, 3_000, 123, True, 0)
    with refused("GridManagement_AboveLimit", 2_001, 2_000):
        world.grid.call("consumeEnergy(uint256)", 2_001, by=CONSUMER)
    with refused("GridManagement_ZeroAmount"):
        world.grid.call("consumeEnergy(uint256)", 0, by=CONSUMER)
    world.double.setCost(0)
    with refused("GridDouble_Refused"):
        world.grid.call("consumeEnergy(uint256)", 1, by=CONSUMER)
    world.chain.set_time(world.now + 900)
    assert tuple(world.grid.getConsumerInfo(CONSUMER))[1:3] == (3_000, 0)


def test_relayed_calls__are_the_holders(world: GridWorld) -> None:
    data = world.grid.abi.function("consumeEnergy(uint256)").encode([500])
    world.chain.send(FORWARDER, world.grid.address, data + bytes.fromhex(CONSUMER[2:]))
    assert _log(world, "Consumed")["account"] == CONSUMER
    with refused("GridManagement_NotRegistered", STRANGER):
        world.chain.send(STRANGER, world.grid.address, data + bytes.fromhex(CONSUMER[2:]))


def test_top_up__between_one_and_a_million_whole_units(world: GridWorld) -> None:
    bounds = 10**6, 10**12
    for amount in (10**6 - 1, 10**12 + 1):
        with refused("GridManagement_BadTopUp", amount, *bounds):
            world.grid.addConsumerBalance(CONSUMER, amount, by=STRANGER)
    for amount in bounds:
        world.grid.addConsumerBalance(CONSUMER, amount, by=STRANGER)
        deposited = {"payer": STRANGER, "account": CONSUMER, "amount": amount}
        assert _log(world, "DepositedFrom") == deposited


def test_confirmation__by_the_authority__counts_the_capacity(world: GridWorld) -> None:
    assert not world.grid.isActiveParticipant(PRODUCER)
    assert world.grid.capacityOf(0) == 0
    world.grid.confirmParticipant(PRODUCER, True, by=ADMIN)
    assert world.grid.isActiveParticipant(PRODUCER)
    assert world.grid.capacityOf(0) == 10_000
    with refused("GridManagement_AlreadyConfirmed", PRODUCER, 2):
        world.grid.confirmParticipant(PRODUCER, True, by=ADMIN)
    world.grid.confirmParticipant(CONSUMER, False, by=ADMIN)
    assert world.grid.isActiveParticipant(CONSUMER)


def test_confirmation__by_a_meter__counts_no_capacity(world: GridWorld) -> None:
    _meter(world, PRODUCER, 40_000)
    world.grid.confirmByMeter(METER, True, by=STRANGER)
    event = {"participant": PRODUCER, "is_producer": True, "confirmation": 1}
    assert _log(world, "ParticipantConfirmed") == event
    assert world.grid.isActiveParticipant(PRODUCER)
    assert world.grid.capacityOf(0) == 0
    with refused("GridManagement_AlreadyConfirmed", PRODUCER, 1):
        world.grid.confirmByMeter(METER, True, by=STRANGER)
    world.grid.confirmParticipant(PRODUCER, True, by=ADMIN)
    assert world.grid.capacityOf(0) == 10_000
    with refused("GridManagement_AlreadyConfirmed", PRODUCER, 2):
        world.grid.confirmByMeter(METER, True, by=STRANGER)


def test_confirmation__by_no_matching_meter__is_refused(world: GridWorld) -> None:
    _meter(world, PRODUCER, 39_996)
    with refused("GridManagement_AboveMeter", 10_000, 9_999):
        world.grid.confirmByMeter(METER, True, by=STRANGER)
    with refused("GridManagement_NotRegistered", PRODUCER):
        world.grid.confirmByMeter(METER, False, by=STRANGER)
    for flag in ("settlement", "active"):
        _meter(world, PRODUCER, 40_000, **{flag: False})
        with refused("GridManagement_NoMeter", PRODUCER, METER):
            world.grid.confirmByMeter(METER, True, by=STRANGER)


def test_deactivation__blocks_the_side_of_anybody(world: GridWorld) -> None:
    for account, is_producer in ((PRODUCER, True), (CONSUMER, False), (STRANGER, True)):
        with refused("GridManagement_AlreadyActive", account):
            world.grid.reactivateParticipant(account, is_producer, by=ADMIN)
        world.grid.deactivateParticipant(account, is_producer, by=ADMIN)
        told = {"account": account, "buying": not is_producer, "blocked": True}
        assert _log(world, "SideBlocked") == told
        with refused("GridManagement_Inactive", account):
            world.grid.deactivateParticipant(account, is_producer, by=ADMIN)
    with refused("GridManagement_Inactive", PRODUCER):
        world.grid.reportProduction(1, by=PRODUCER)
    with refused("GridManagement_Inactive", CONSUMER):
        world.grid.call("consumeEnergy(uint256)", 1, by=CONSUMER)
    world.grid.registerProducer(1, 1, by=STRANGER)
    with refused("GridManagement_Inactive", STRANGER):
        world.grid.reportProduction(1, by=STRANGER)
    world.grid.reactivateParticipant(STRANGER, True, by=ADMIN)
    assert _log(world, "SideBlocked")["blocked"] is False
    world.grid.reportProduction(1, by=STRANGER)


def test_capacity__follows_confirmation_and_deactivation(world: GridWorld) -> None:
    steps = (
        ("deactivateParticipant", 0),
        ("confirmParticipant", 0),
        ("reactivateParticipant", 10_000),
        ("deactivateParticipant", 0),
        ("reactivateParticipant", 10_000),
    )
    for function, capacity in steps:
        world.grid.call(function, PRODUCER, True, by=ADMIN)
        assert world.grid.capacityOf(0) == capacity


def test_reputation__falls_with_debt_and_unread_meters(world: GridWorld) -> None:
    review, day = world.grid.reviewReputation, world.now // DAY
    with refused("GridManagement_NoFault", PRODUCER):
        review(PRODUCER, by=STRANGER)
    world.double.setAccount(PRODUCER, 0, 0, 0, 1)
    with refused("GridManagement_NoFault", PRODUCER):
        review(PRODUCER, by=STRANGER)
    world.double.setAccount(PRODUCER, 7, 0, 1, 1)
    review(PRODUCER, by=STRANGER)
    assert _log(world, "ReputationSet")["reputation"] == 98
    with refused("GridManagement_ReviewedToday", PRODUCER, day):
        review(PRODUCER, by=STRANGER)
    world.chain.set_time(world.now + DAY)
    world.double.setAccount(PRODUCER, 7, 0, 1, 0)
    world.grid.updateProducerReputation(PRODUCER, 1, by=ADMIN)
    review(PRODUCER, by=STRANGER)
    world.chain.set_time(world.now + DAY)
    review(PRODUCER, by=STRANGER)
    assert tuple(world.grid.getProducerInfo(PRODUCER))[5] == 0
    with refused("GridManagement_BadScore", 101):
        world.grid.updateProducerReputation(PRODUCER, 101, by=ADMIN)


def test_production__of_sub_meters_or_export(world: GridWorld) -> None:
    world.double.setLifetime(PRODUCER, (1, 2, 3, 0))
    assert world.grid.getEnergyProduction(PRODUCER) == 2
    world.double.setLifetime(PRODUCER, (1, 2, 3, 4))
    assert world.grid.getEnergyProduction(PRODUCER) == 4


def test_metrics_and_condition(world: GridWorld) -> None:
    assert world.grid.recordMetrics(5, 4, 3, 10_000, by=ADMIN) == 1
    assert tuple(world.grid.getMetrics(1)) == (5, 4, 3, 10_000, world.now)
    for number in (0, 2):
        with refused("GridManagement_NoSuchMetrics", number):
            world.grid.getMetrics(number)
    with refused("GridManagement_BadEfficiency", 10_001):
        world.grid.recordMetrics(5, 4, 3, 10_001, by=ADMIN)
    world.grid.updateGridStatus(2, by=ADMIN)
    assert world.grid.call("getGridStatus()")[6] == 2


def test_authority__is_asked(world: GridWorld) -> None:
    for function, arguments in (
        ("setBasePrice(uint256)", (1,)),
        ("setBasePrice(bytes32,uint256)", (bytes(32), 1)),
        ("toggleEmergencyMode", ()),
        ("implementEmergencyProtocol", (bytes(32), 1)),
        ("updateGridStatus", (1,)),
        ("recordMetrics", (1, 1, 1, 1)),
        ("updateProducerReputation", (PRODUCER, 1)),
        ("confirmParticipant", (PRODUCER, True)),
        ("deactivateParticipant", (PRODUCER, True)),
        ("reactivateParticipant", (PRODUCER, True)),
    ):
        with refused("AccessManagedUnauthorized", STRANGER):
            world.grid.call(function, *arguments, by=STRANGER)
