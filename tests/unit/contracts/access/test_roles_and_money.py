"""What somebody who stole every key of the operators can do to the users' money: delay it."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.roles import PERMISSIONS, Role
from tests.support.market import MONDAY, Market, actor
from tests.support.settlement import (
    close,
    holdings,
    last_closable,
    liabilities,
    lock,
    queue,
    record,
)
from tests.support.stacks import give_role

USERS = {name: actor(name) for name in ("prosumer", "neighbour")}
THIEF = actor("thief")
MONEY = 1_000_000
EARNED = 30_000
REGION = b"NORTH".ljust(32, b"\0")
# Orders that the users have not signed: with a key's signature, and with a wallet's.
FORGED: tuple[tuple[object, ...], ...] = (
    (USERS["prosumer"].address, 0, 1000, 2**62, 2**40, 7, b"\1" * 32, b"\2" * 32),
    (USERS["neighbour"].address, 1, 1000, 1, 2**40, 7, bytes(32), bytes(32)),
)
BATCH = (
    *(0, MONDAY + 7 * 86_400, 10_000, bytes(32)),
    *(sorted(FORGED, key=lambda order: int(str(order[0]), 16)), []),
    *([(0, 1, 1000), (1, 0, 1000)], [b"not signed"]),
)
# Contract, function, arguments; those that need a signature are added in the test.
USEFUL_CALLS: tuple[tuple[str, str, tuple[object, ...]], ...] = (
    ("Settlement", "setFees", (100, 100_000)),
    ("Settlement", "lengthenWithdrawal", (1, 7 * 86_400)),
    ("Settlement", "lengthenWithdrawal", (2, 7 * 86_400)),
    ("Settlement", "setOutflowLimit", (2**104 - 1,)),
    ("Settlement", "setOutflowLimit", (0,)),
    ("Settlement", "collect", (THIEF.address,)),
    ("Settlement", "pause", ()),
    ("Settlement", "unpause", ()),
    ("Settlement", "shutdown", ()),
    ("EnergyTrading", "settleBatch", (BATCH, True)),
    ("EnergyTrading", "pause", ()),
    ("EnergyTrading", "unpause", ()),
    ("EnergyTrading", "shutdown", ()),
    ("GridManagement", "setBasePrice", (2**62,)),
    ("GridManagement", "toggleEmergencyMode", ()),
    ("GridManagement", "implementEmergencyProtocol", (REGION, 1)),
    ("GridManagement", "updateGridStatus", (2,)),
    ("GridManagement", "recordMetrics", (1, 1, 1, 1)),
    ("GridManagement", "updateProducerReputation", (USERS["prosumer"].address, 0)),
    ("GridManagement", "deactivateParticipant", (USERS["prosumer"].address, True)),
    ("GridManagement", "reactivateParticipant", (USERS["prosumer"].address, True)),
    ("GridOperatorVerification", "verifyOperator", (THIEF.address,)),
    ("GridOperatorVerification", "setOperatorAuthorization", (THIEF.address, True)),
    ("DemandResponse", "registerGridOperator", (THIEF.address,)),
    ("GridOperatorVerification", "setOperatorScore", (THIEF.address, 0)),
    ("GridOperatorVerification", "revokeOperator", (THIEF.address,)),
    ("PriceOracle", "confirmRound", (bytes(32), 2)),
    ("PriceOracle", "submitPrice", (3, 2**95)),
    ("WeatherOracle", "confirmRound", (REGION, 2)),
    ("WeatherOracle", "submitWeather", (REGION, 3, (1500, 6000, 10_000, 10_000))),
    ("GridOracle", "confirmRound", (REGION, 2)),
    ("GridOracle", "submitGridState", (REGION, 3, (2**64 - 1, 0, 4500, 50))),
    ("DemandResponse", "pause", ()),
    ("DemandResponse", "unpause", ()),
    ("DemandResponse", "shutdown", ()),
    ("CarbonCredits", "setEmissionFactor", (1,)),
    ("CarbonCredits", "registerCleanEnergyProducer", (USERS["prosumer"].address,)),
    ("CarbonCredits", "deregisterCleanEnergyProducer", (USERS["prosumer"].address,)),
    ("EnergyAssetNFT", "mint", (THIEF.address, (0, 1, REGION, 1, 1, 86_400, "Roof"))),
    ("EnergyAssetNFT", "pause", ()),
    ("EnergyAssetNFT", "unpause", ()),
    ("EnergyAssetNFT", "shutdown", ()),
    ("PeerToPeerTrading", "pause", ()),
    ("PeerToPeerTrading", "unpause", ()),
    ("PeerToPeerTrading", "shutdown", ()),
    ("GovernanceToken", "mint", (THIEF.address, 1)),
)
# The submissions to the oracles in two rounds, of which the second is a jump.
JUMPS: tuple[tuple[str, str, tuple[object, ...], object, object], ...] = (
    ("PriceOracle", "submitPrice", (), 100, 1000),
    ("WeatherOracle", "submitWeather", (REGION,), (0, 0, 0, 0), (1500, 0, 0, 0)),
    ("GridOracle", "submitGridState", (REGION,), (1, 1, 5000, 100), (1, 1, 5000, 150)),
)


@pytest.fixture
def market(market: Market) -> Market:
    """Both users have money in every state, and energy credits; the treasury has earned some."""
    market.go_to(MONDAY + 86_400)
    slot = last_closable(market)
    for user in USERS.values():
        market.deposit(user, 3 * MONEY + EARNED // 2)
        record(market, user, slot, consumed=EARNED // 2 * 1000 // 300_000)
        record(market, user, slot - 1, produced=700)
        close(market, user, slot)
        close(market, user, slot - 1)
        lock(market, user, MONEY)
        queue(market, user, MONEY)
    market.do(USERS["prosumer"], market.grid, "registerProducer", 1, 0)
    return market


def states(market: Market) -> dict[str, list[int]]:
    """Each user's balance, lock, queue, debt, bank."""
    settlement = market.settlement
    return {
        name: [
            market.balance(user),
            market.locked(user),
            settlement.call("queuedWithdrawal", number)[2],
            settlement.call("debtOf", user.address),
            market.energy_token.call("balanceOf", user.address),
        ]
        for number, (name, user) in enumerate(USERS.items(), 1)
    }


def calls_with_meters(market: Market) -> list[tuple[str, str, tuple[object, ...]]]:
    """The thief registers a device of its own, takes the prosumer's, and switches it off."""
    meter = market.register_meter(USERS["prosumer"])
    number = market.meters.call("meterCount")
    device, key = actor("device of the thief"), actor("key of the thief")
    registration = {
        "meter": ("address", device.address),
        "account": ("address", THIEF.address),
        "region": ("bytes32", REGION),
        "ratedPower": ("uint256", 1),
    }
    rotation = {"meter": ("address", meter.address), "newKey": ("address", key.address)}
    signatures = (
        market.sign_typed(device, "MeterRegistration", registration),
        market.sign_typed(key, "MeterKeyRotation", rotation),
    )
    registered = (device.address, THIEF.address, REGION, 1, signatures[0])
    return [
        ("SmartMeter", "registerMeter", registered),
        ("SmartMeter", "rotateMeterKey", (meter.address, key.address, signatures[1])),
        ("EnergyAssetNFT", "linkMeter", (1, key.address)),
        ("EnergyAssetNFT", "unlinkMeter", (1, number)),
        ("SmartMeter", "setMeterAccount", (key.address, THIEF.address)),
        ("SmartMeter", "deactivateMeter", (key.address,)),
    ]


def hold_rounds(market: Market) -> None:
    """In each oracle, a round that waits for the guardian."""
    reporters = [actor(f"reporter {number}").address for number in range(3)]
    for reporter in reporters:
        give_role(market, Role.REPORTER, reporter)
    for name, function, feed, *rounds in JUMPS:
        for number, values in enumerate(rounds, 1):
            for reporter in reporters:
                market.do(reporter, market.contracts[name], function, *feed, number, values)


def test_roles__all_in_one_hand__move_no_users_money(market: Market) -> None:
    for role in Role:
        give_role(market, role, THIEF.address)
    useful = [*USEFUL_CALLS, *calls_with_meters(market)]
    restricted = {
        (name, function)
        for targets in PERMISSIONS.values()
        for name, functions in targets.items()
        for function in functions
    }
    assert {(name, function) for name, function, _ in useful} == restricted
    hold_rounds(market)
    market.do(THIEF, market.operators, "registerOperator", "Thief", REGION, 1)

    before = states(market)
    assert before == {name: [MONEY, MONEY, MONEY, 0, 700] for name in USERS}
    for name, function, arguments in useful:
        market.do(THIEF, market.contracts[name], function, *arguments)
        assert states(market) == before, function
    assert market.dollar.call("balanceOf", THIEF.address) == EARNED
    assert holdings(market) == liabilities(market) == 6 * MONEY
    assert market.trading.call("transactionCount") == 0

    for user in USERS.values():
        leave(market, user)
    assert holdings(market) == 0


def leave(market: Market, user: LocalAccount) -> None:
    """The trading module frees the lock, as it does for a cancelled order; all is withdrawn."""
    number = market.settlement.call("numberOf", user.address)
    market.do(market.trading.address, market.settlement, "unlock", number, MONEY)
    market.do(user, market.settlement, "withdraw", 2 * MONEY, user.address)
    latest = market.settlement.call("withdrawalCount")
    # The guardian can postpone this one, too, but not again.
    market.do(THIEF, market.settlement, "lengthenWithdrawal", latest, 7 * 86_400)
    delay = market.settlement.call("WITHDRAWAL_DELAY")
    market.go_to(market.now + delay + 7 * 86_400)
    mine = 1 + list(USERS.values()).index(user)
    for identifier in (mine, latest):
        market.do(THIEF, market.settlement, "executeWithdrawal", identifier)
    assert market.dollar.call("balanceOf", user.address) == 3 * MONEY
