"""What somebody who stole every role can do to the users' money: delay it."""

from __future__ import annotations

from typing import Any

import pytest

from energy_grid.chain.roles import PERMISSIONS
from energy_grid.domain.grid_levels import BANDS
from tests.support.core.attack_suite import BUY, HOME, KWH, REGISTRAR, SELL, START, TODAY, Street
from tests.support.core.relay_suite import key

USERS = ("prosumer", "neighbour")
THIEF = REGISTRAR
"""The manager's administrator may call whatever a role guards."""
WEEK = 7 * 86_400
FAR = TODAY + 30
FEES = (30, 8, 2, 1, 30_000)
SOON = START + 3 * 86_400
# Orders that the users have not signed: with a key's signature, and with a wallet's.
LIMIT = 2**40


@pytest.fixture
def street() -> Street:
    """Both users have free, locked and queued money, and credits; the oracles hold a round."""
    street = Street(quorum=1, outflow=10**6)
    for name in USERS:
        street.home(name, money=3 * 10**7, keeps=True)
    street.chain.set_time(START)
    street.live({name: [KWH] * 24 for name in USERS})
    street.wait()
    street.close(*USERS)
    for name in USERS:
        street.order(name, SELL, KWH, 20, SOON)
        street["Settlement"].withdraw(2 * 10**7, street.at(name), by=street.at(name))
        street["GridManagement"].registerProducer(1, 0, by=street.at(name))
    for number, value in enumerate((100, 1000), 1):
        street["PriceOracle"].submitPrice(number, value, by=THIEF)
        street["WeatherOracle"].submitWeather(HOME, number, (value, 0, 0, 0), by=THIEF)
        street["GridOracle"].submitGridState(HOME, number, (1, 1, 5000, 50 + value // 10), by=THIEF)
    street["Communities"].createWithGateway(HOME, 5_000, THIEF, THIEF, False, by=THIEF)
    return street


def calls(street: Street) -> list[tuple[str, str, tuple[Any, ...]]]:
    """Every restricted function of the contracts that hold or price anything, with arguments that
    do something."""
    device, new = (key(f"{each} of the thief") for each in ("device", "other device"))
    own, prosumer = key("thief"), street.at("prosumer")
    meters = street.meters
    registered = meters.registration(device, own.address, settlement=False)
    both = [meters.registration_proof(each, registered) for each in (device, own)]
    exchange = (device.address, new.address, 10_000, 5_000, 700, 0, 0, LIMIT)
    agreed = [meters.exchange_proof(each, exchange) for each in (new, device)]
    rotated = key("rotated device of the thief")
    rotation = [
        meters.rotation_proof(each, new.address, rotated.address) for each in (rotated, new)
    ]
    stop = [("pause", ()), ("unpause", ()), ("shutdown", ())]
    return [
        ("Settlement", "lengthenWithdrawal", (1, WEEK)),
        ("Settlement", "lengthenWithdrawal", (2, WEEK)),
        ("Settlement", "setOutflowLimit", (2**200,)),
        ("Settlement", "collect", (10**6, own.address)),
        ("Settlement", "setOutflowLimit", (0,)),
        ("EnergyTrading", "settleBatch", (forged(street), True)),
        ("CommunityDays", "anchor", (street.community + 1, TODAY, b"\1" * 32)),
        ("Tariffs", "setTariff", (HOME, FEES, FAR)),
        ("Tariffs", "setCreditValue", (0, FAR)),
        ("Tariffs", "addRegion", (b"thief".ljust(32, b"\0"), FEES)),
        ("GridBands", "setBands", (HOME, BANDS["europe"])),
        ("EnergyAccounts", "prolong", (street.now // 3600, street.now // 3600 + 20, WEEK)),
        ("GridManagement", "setBasePrice", (40,)),
        ("GridManagement", "toggleEmergencyMode", ()),
        ("GridManagement", "implementEmergencyProtocol", (HOME, 1)),
        ("GridManagement", "updateGridStatus", (2,)),
        ("GridManagement", "recordMetrics", (1, 1, 1, 1)),
        ("GridManagement", "updateProducerReputation", (prosumer, 0)),
        ("GridManagement", "confirmParticipant", (prosumer, True)),
        ("GridManagement", "deactivateParticipant", (prosumer, True)),
        ("GridManagement", "reactivateParticipant", (prosumer, True)),
        ("SmartMeter", "registerMeter", (registered, *both)),
        ("SmartMeter", "exchangeMeter", (exchange, *agreed)),
        ("SmartMeter", "rotateMeterKey", (new.address, rotated.address, *rotation)),
        ("SmartMeter", "deactivateMeter", (rotated.address,)),
        ("PriceOracle", "confirmRound", (bytes(32), 2)),
        ("PriceOracle", "submitPrice", (3, 2**95)),
        ("WeatherOracle", "confirmRound", (HOME, 2)),
        ("WeatherOracle", "submitWeather", (HOME, 3, (1500, 6000, 10_000, 10_000))),
        ("GridOracle", "confirmRound", (HOME, 2)),
        *((f"{name}Oracle", "setParameters", (1, 86_400)) for name in ("Price", "Weather", "Grid")),
        ("GridOracle", "submitGridState", (HOME, 3, (2**64 - 1, 0, 4500, 50))),
        *(
            (name, *step)
            for name in ("EnergyTrading", "PeerToPeerTrading", "Settlement")
            for step in stop
        ),
    ]


def forged(street: Street) -> tuple[Any, ...]:
    """A batch of what the users have not signed: by a key, and by a wallet."""
    orders = [
        (street.at("prosumer"), BUY, KWH, 2**31, LIMIT, 7, b"\1" * 32, b"\2" * 32),
        (street.at("neighbour"), SELL, KWH, 1, LIMIT, 7, bytes(32), bytes(32)),
    ]
    orders.sort(key=lambda order: int(order[0], 16))
    fills = [(0, 1, KWH), (1, 0, KWH)]
    return 0, SOON, 10, bytes(32), orders, [], fills, [b"not signed"]


def states(street: Street) -> dict[str, Any]:
    """All that each user has, but for the price of credits in a month."""
    locked = street["Settlement"]
    return {
        name: (
            {field: value for field, value in street.account(name).items() if field != "outside"},
            locked.queuedWithdrawal(number)[2],
        )
        for number, name in enumerate(USERS, 1)
    }


def test_roles__all_in_one_hand__move_no_users_money(street: Street) -> None:
    useful = calls(street)
    restricted = {
        (contract, function)
        for targets in PERMISSIONS.values()
        for contract, functions in targets.items()
        for function in functions
        if contract in street.contracts
    }
    assert {(contract, function) for contract, function, _ in useful} == restricted
    before = states(street)
    assert all(queued for _, queued in before.values())
    for contract, function, arguments in useful:
        target = street[contract]
        signature = next(
            each
            for each, entry in target.abi.functions.items()
            if entry.name == function and len(entry.inputs.types) == len(arguments)
        )
        target.call(signature, *arguments, by=THIEF)
        assert states(street) == before, function
    assert street.token.balanceOf(key("thief").address) == 10**6
    assert street["EnergyTrading"].transactionCount() == 0
    for number, name in enumerate(USERS, 1):
        leave(street, name, number)


def leave(street: Street, name: str, order: int) -> None:
    """The order, the meter, the credits and all money, with every contract shut down."""
    settlement, holder = street["Settlement"], street.at(name)
    street["EnergyTrading"].cancelOrder(order, by=holder)
    if street.now < START + 2 * 86_400:
        for each in USERS:
            street.detach(each)
        street.live()
        street.wait(8 * 86_400)
        street.close(*USERS, day=TODAY + 1)
    settlement.releaseSecurity(holder)
    settlement.redeem(street.account(name)["credits"], by=holder)
    free = street.account(name)["free"] // KWH
    number = settlement.withdraw(free, holder, by=holder)
    # The guardian can postpone this one, too, but not again.
    settlement.lengthenWithdrawal(number, WEEK, by=THIEF)
    street.wait(settlement.WITHDRAWAL_DELAY() + WEEK)
    queued = settlement.queuedWithdrawal(order)[2]
    for each in (order, number):
        settlement.executeWithdrawal(each)
    assert street.token.balanceOf(holder) == queued + free
    assert free + queued >= 3 * 10**7
    assert street.account(name)["free"] < KWH
