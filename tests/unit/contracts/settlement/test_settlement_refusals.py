"""Who may call what of Settlement, what is refused, and what leaves while others cannot."""

from __future__ import annotations

from typing import Any

import pytest
from eth_account import Account as Key
from eth_utils.address import to_checksum_address

from energy_grid.chain.abi import Abi
from tests.model.market import Tariff
from tests.support.core.chain import CHAIN_ID, refused
from tests.support.core.energy_suite import METER, boundary
from tests.support.artifacts import artifact
from tests.support.core.settlement_suite import (
    DAY,
    GRID,
    SPOT,
    TRADING,
    SettlementWorld,
    account_word,
    leg,
    period,
)

TARIFF = Tariff(buy=300, feed_in=80, network_fee=30, protocol_fee=5, max_factor=20_000)
DEAR = Tariff(buy=900, feed_in=90, network_fee=60, protocol_fee=7, max_factor=20_000)
STRANGER = "0x" + 40 * "5"
NAMES = ("north", "east", "south")
S = "Settlement_"


@pytest.fixture
def world() -> SettlementWorld:
    world = SettlementWorld(TARIFF, 60, slot=3600, outflow=1000, allowance=50, cap=80)
    for name in NAMES:
        world.open(name, 10**6)
    return world


def _at(world: SettlementWorld, name: str) -> str:
    return str(to_checksum_address(world.address(name)))


def _free(world: SettlementWorld, name: str) -> int:
    return account_word(world.settlement.accountOf(_at(world, name))[1])["free"]


def _tomorrow(world: SettlementWorld) -> range:
    return world.rules.slots(world.today + 1)


def _live_a_day(world: SettlementWorld, nets: dict[str, int]) -> None:
    """Every slot of tomorrow is read in time."""
    first = (world.today + 1) * 24
    for slot in range(first, first + 24):
        world.chain.set_time((slot + 1) * 3600 + 1)
        words = [boundary(slot, world.numbers[name], net) for name, net in nets.items()]
        world.energy.record(words, by=METER)
    world.chain.set_time((first + 24) * 3600 + 1000)


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        ("lockOrder", (1, 0, False, 1)),
        ("unlockOrder", (1, 1)),
        ("book", (0, [])),
        ("raiseSignedFloor", (1, 5)),
        ("openAccount", (STRANGER,)),
        ("takeSecurity", (1, 1, 1)),
        ("payOnTheSpot", (STRANGER, STRANGER, 1, 1)),
        ("depositFrom", (STRANGER, STRANGER, 1)),
        ("consume", (STRANGER, 1, 1)),
        ("setSideBlocked", (STRANGER, True, True)),
    ],
)
def test_modules__nobody_else_calls_their_functions(
    world: SettlementWorld, call: str, arguments: Any
) -> None:
    with refused(S + "OnlyModule", STRANGER.lower()):
        world.settlement.call(call, *arguments, by=STRANGER)


def test_deposit_and_withdraw__refusals(world: SettlementWorld) -> None:
    north, settlement = _at(world, "north"), world.settlement
    with refused(S + "ZeroAmount"):
        settlement.deposit(0, by=north)
    with refused(S + "ZeroAmount"):
        settlement.withdraw(0, STRANGER, by=north)
    with refused(S + "BadRecipient", settlement.address):
        settlement.withdraw(1, settlement, by=north)
    with refused(S + "UnknownAccount", STRANGER.lower()):
        settlement.withdraw(1, STRANGER, by=STRANGER)
    for amount in (10**6 + 1, 2**256 - 1):
        with refused(
            S + "InsufficientBalance", north, 10**6, -(-min(amount * 1000, 2**256 - 1) // 1000)
        ):
            settlement.withdraw(amount, STRANGER, by=north)


def test_outflow_limit__queues_and_cancelling_returns(world: SettlementWorld) -> None:
    settlement, north = world.settlement, _at(world, "north")
    assert settlement.withdraw(1000, STRANGER, by=north) == 0
    assert settlement.withdraw(1, STRANGER, by=north) == 1
    assert settlement.balanceOf(north) == 10**6 - 1001
    due = world.now + 3 * DAY
    with refused(S + "WithdrawalNotDue", 1, due):
        settlement.executeWithdrawal(1)
    with refused(S + "NotWithdrawalOwner", 1, _at(world, "east")):
        settlement.cancelWithdrawal(1, by=_at(world, "east"))
    settlement.cancelWithdrawal(1, by=north)
    assert settlement.balanceOf(north) == 10**6 - 1000
    with refused(S + "NoSuchWithdrawal", 1):
        settlement.executeWithdrawal(1)
    assert settlement.withdraw(7, STRANGER, by=north) == 2
    settlement.lengthenWithdrawal(2, DAY, by=world.authority)
    with refused(S + "AlreadyLengthened", 2):
        settlement.lengthenWithdrawal(2, DAY, by=world.authority)
    world.chain.set_time(due + DAY)
    settlement.executeWithdrawal(2)
    assert world.token.balanceOf(STRANGER) == 1007


def test_allowance__leaves_for_metered_accounts_when_the_limit_is_used_up(
    world: SettlementWorld,
) -> None:
    settlement = world.settlement
    for name in ("north", "east"):
        world.attach(name, 8000, (0, 0))
    settlement.withdraw(1000, STRANGER, by=_at(world, "south"))
    assert settlement.withdraw(40, STRANGER, by=_at(world, "north")) == 1, "not metered yet"
    world.chain.set_time((world.today + 1) * DAY + 10)
    used = 1000 - settlement.availableOutflow()
    settlement.withdraw(1000 - used, STRANGER, by=_at(world, "south"))
    assert settlement.withdraw(40, STRANGER, by=_at(world, "south")) == 2, "no meter"
    assert settlement.withdraw(40, STRANGER, by=_at(world, "north")) == 0
    assert settlement.withdraw(11, STRANGER, by=_at(world, "north")) == 3, "above its own"
    assert settlement.withdraw(41, STRANGER, by=_at(world, "east")) == 4, "above all together"
    assert settlement.withdraw(40, STRANGER, by=_at(world, "east")) == 0


def test_pause__stops_what_is_new_and_leaves_exits_open(world: SettlementWorld) -> None:
    settlement, north, authority = world.settlement, _at(world, "north"), world.authority
    world.fund(5000)
    settlement.pause(by=authority)
    with refused("EmergencyStop_Stopped", 1):
        settlement.deposit(1, by=north)
    with refused("EmergencyStop_Stopped", 1):
        settlement.consume(north, 1, 10**9, by=GRID)
    with refused("EmergencyStop_Stopped", 1):
        settlement.collect(1, STRANGER, by=authority)
    settlement.withdraw(10, STRANGER, by=north)
    settlement.shutdown(by=authority)
    settlement.withdraw(10, STRANGER, by=north)
    settlement.collect(10, STRANGER, by=authority)
    with refused(S + "AboveOutflow", 970, 971):
        settlement.collect(971, STRANGER, by=authority)
    with refused(S + "CollectAbove", 4990, 4991):
        settlement.collect(4991, STRANGER, by=authority)


def test_book__says_all_refusals_in_their_order(world: SettlementWorld) -> None:
    settlement, slots = world.settlement, _tomorrow(world)
    north, east, south = (world.numbers[name] for name in NAMES)
    settlement.raiseSignedFloor(north, 7, by=TRADING)
    with refused(S + "FloorNotHigher", _at(world, "north"), 7, 7):
        settlement.raiseSignedFloor(north, 7, by=TRADING)
    settlement.setSideBlocked(_at(world, "east"), False, True, by=GRID)
    legs = [
        leg(north, 1, sell=False, nonce=6),
        leg(east, 1, sell=True),
        leg(south, 10**9, sell=False),
        leg(south, 1, sell=False),
    ]
    word = period(slots, 1, 100)
    with refused(S + "LegsRefused", ((0, 1), (1, 2), (2, 7))):
        settlement.book(word, legs, by=TRADING)
    with refused(S + "Unbalanced", 3, 2):
        settlement.book(
            word, [leg(north, 3, sell=False, nonce=7), leg(south, 2, sell=True)], by=TRADING
        )
    with refused(S + "SideBlocked", _at(world, "east"), False):
        settlement.lockOrder(east, word, True, 1, by=TRADING)
    settlement.setSideBlocked(_at(world, "east"), False, False, by=GRID)
    settlement.lockOrder(east, word, True, 1, by=TRADING)


def test_book__one_region_alone(world: SettlementWorld) -> None:
    settlement, slots = world.settlement, _tomorrow(world)
    north, east, south = (world.numbers[name] for name in NAMES)
    world.add_region("dear", DEAR)
    world.account("east").region = "dear"
    world.attach("east", 0, (0, 0))
    assert world.trade("north", "east", slots, 1, 1, 100) == "OtherRegion"
    assert world.trade("east", "north", slots, 1, 1, 100) == "OtherRegion"
    word = period(slots, 1, 100)
    legs = [leg(each, 1, sell=sell) for each in (north, east, south) for sell in (False, True)]
    with refused(S + "LegsRefused", ((2, 6), (3, 6))):
        settlement.book(word, legs, by=TRADING)
    # An order that is refused anyhow does not make the region.
    legs = [leg(east, 10**9, sell=False), leg(east, 1, sell=False), leg(east, 1, sell=True)]
    with refused(S + "LegsRefused", ((0, 7),)):
        settlement.book(word, legs, by=TRADING)
    settlement.setSideBlocked(_at(world, "east"), True, True, by=GRID)
    with refused(S + "LegsRefused", ((0, 2),)):
        settlement.book(word, [legs[1], leg(south, 1, sell=True)], by=TRADING)
    # Without a meter an account is at home.
    assert world.trade("north", "south", slots, 1, 1, 100) == ""


def test_stored_orders__what_they_locked_pays_their_trade(world: SettlementWorld) -> None:
    settlement, slots = world.settlement, _tomorrow(world)
    buyer, seller = world.numbers["north"], world.numbers["east"]
    rates = [
        settlement.lockOrder(buyer, period(slots, 1, 250), False, 40, by=TRADING),
        settlement.lockOrder(seller, period(slots, 1, 150), True, 40, by=TRADING),
    ]
    assert rates == [250, 600 - (150 - 35)]
    legs = [
        leg(buyer, 30, sell=False, locked=rates[0]),
        leg(seller, 30, sell=True, locked=rates[1]),
    ]
    settlement.book(period(slots, 1, 200), legs, by=TRADING)
    left = 200 - 35
    free = account_word(settlement.accountOf(_at(world, "north"))[1])["free"]
    assert 10**9 - free == 24 * (30 * 200 + 10 * 250)
    free = account_word(settlement.accountOf(_at(world, "east"))[1])["free"]
    assert 10**9 - free == 24 * (30 * (600 - left) + 10 * (600 - (150 - 35)))
    assert settlement.dayMoneyOf(seller, world.today + 1) == (
        24 * 30 * left,
        24 * 30 * (600 - left),
    )
    cash, _, fees, _, _ = settlement.gridAccount()
    assert (cash, fees) == (24 * 30 * 30, 24 * 30 * 5)


@pytest.mark.parametrize("matched", [0, 13, 40])
def test_stored_orders__in_a_dearer_region_later__unlock_what_they_locked(
    world: SettlementWorld, matched: int
) -> None:
    settlement, slots = world.settlement, _tomorrow(world)
    buyer, seller = world.numbers["north"], world.numbers["east"]
    rate = settlement.lockOrder(seller, period(slots, 1, 150), True, 40, by=TRADING)
    assert rate == 600 - (150 - 35), "the home region's"
    world.add_region("dear", DEAR)
    for name in ("north", "east"):
        world.account(name).region = "dear"
        world.attach(name, 0, (0, 0))
    assert world.energy.regionOf(seller)[0] == 2
    if matched:
        legs = [leg(world.numbers["south"], matched, sell=False)]
        legs.append(leg(seller, matched, sell=True, locked=rate))
        with refused(S + "LegsRefused", ((1, 6),)):
            settlement.book(period(slots, 1, 200), legs, by=TRADING)
        legs = [leg(buyer, matched, sell=False), leg(seller, matched, sell=True, locked=rate)]
        settlement.book(period(slots, 1, 200), legs, by=TRADING)
    settlement.unlockOrder(seller, 24 * (40 - matched) * rate, by=TRADING)
    # A match is at the terms of the region in which the seller is now.
    income, cover = 200 - 67, 1800 - (200 - 67)
    assert _free(world, "east") == 10**9 - 1000 - 24 * matched * cover
    assert settlement.dayMoneyOf(seller, slots[0] // 24) == (
        24 * matched * income,
        24 * matched * cover,
    )
    assert _free(world, "north") == 10**9 - 1000 - 24 * matched * 200


def test_close__double_and_unknown_names_change_nothing(world: SettlementWorld) -> None:
    world.attach("north", 8000, (0, 0))
    north = _at(world, "north")
    _live_a_day(world, {"north": -500})
    day = world.today - 1
    before = account_word(world.settlement.accountOf(north)[1])["free"]
    world.settlement.closeThrough([STRANGER, north, north, _at(world, "south")], day)
    after = account_word(world.settlement.accountOf(north)[1])
    assert before - after["free"] == 24 * 500 * 300
    assert after["day"] == day + 1
    with refused(S + "NothingToClose", 2**256 - 1):
        world.settlement.closeThrough([north, STRANGER], 2**256 - 1)
    for last in (day, 2**256 - 1):
        with refused(S + "NothingToClose", last):
            world.settlement.closeThrough([], last)


def test_receivables__wait_in_order_and_are_served(world: SettlementWorld) -> None:
    for name in ("north", "east"):
        world.attach(name, 8000, (0, 0))
    _live_a_day(world, {"north": 1000, "east": 1000})
    day, settlement = world.today - 1, world.settlement
    due = 24 * 1000 * 80
    with refused(S + "NothingToServe"):
        settlement.serve(1)
    settlement.closeThrough([_at(world, "east"), _at(world, "north")], day)
    assert settlement.gridAccount()[:2] == (0, 2 * due)
    with refused(S + "GridAccountShort", 0, 1):
        _redeem_something(world)
    world.fund(due // 1000 + 1)
    assert settlement.gridAccount()[0] == 0
    north, east = (settlement.accountOf(_at(world, name)) for name in ("north", "east"))
    assert account_word(east[1])["free"] == 10**9 - 1000 + due
    assert north[2] >> 88 == due - 1000


def _redeem_something(world: SettlementWorld) -> None:
    """Credits out of nowhere: of a day on which the account keeps its surplus."""
    settlement, north = world.settlement, _at(world, "north")
    mark = world.chain.snapshot()
    settlement.setKeeps(True, by=north)
    _live_a_day(world, {"north": 1000, "east": 0})
    settlement.closeThrough([north], world.today - 1)
    try:
        settlement.redeem(1, by=north)
    finally:
        world.chain.revert(mark)


def test_relayed__a_household_without_coin_deposits_by_permit() -> None:
    world = SettlementWorld(TARIFF, 60, slot=3600, forwarder=STRANGER)
    key = Key.create()
    token, settlement = world.token, world.settlement
    token.faucet(500, by=key.address)
    deadline = world.now + 60
    domain = {
        "name": "Test Dollar",
        "version": "1",
        "chainId": CHAIN_ID,
        "verifyingContract": token.address,
    }
    fields = ("owner", "address"), ("spender", "address"), ("value", "uint256")
    types = {
        "Permit": [
            {"name": name, "type": kind}
            for name, kind in (*fields, ("nonce", "uint256"), ("deadline", "uint256"))
        ]
    }
    message = {
        "owner": key.address,
        "spender": settlement.address,
        "value": 500,
        "nonce": 0,
        "deadline": deadline,
    }
    signed = key.sign_typed_data(domain, types, message)
    function = artifact("Settlement").abi.function("depositWithPermit")
    parts = signed.v, signed.r.to_bytes(32, "big"), signed.s.to_bytes(32, "big")
    data = function.encode([500, deadline, *parts])
    world.chain.send(STRANGER, settlement.address, data + bytes.fromhex(key.address[2:]))
    assert settlement.balanceOf(key.address) == 500
    # Nobody else speaks for an account, and `restricted` sees the forwarder.
    with refused(S + "UnknownAccount", GRID.lower()):
        function = artifact("Settlement").abi.function("redeem")
        world.chain.send(
            GRID, settlement.address, function.encode([1]) + bytes.fromhex(key.address[2:])
        )
    with refused("AccessManagedUnauthorized", STRANGER.lower()):
        function = artifact("Settlement").abi.function("setOutflowLimit")
        authority = bytes.fromhex(world.authority[2:])
        world.chain.send(STRANGER, settlement.address, function.encode([1]) + authority)


def test_spot__pays_the_seller_less_the_fees_of_today(world: SettlementWorld) -> None:
    buyer, seller = _at(world, "north"), _at(world, "east")
    assert world.settlement.payOnTheSpot(buyer, seller, 7, 200, by=SPOT) == 2
    free = account_word(world.settlement.accountOf(seller)[1])["free"]
    assert free == 10**9 + 7 * (200 - 35)
    assert world.settlement.gridAccount()[0] == 7 * 30
    assert world.settlement.gridAccount()[2] == 7 * 5
    with refused(S + "InsufficientBalance", buyer, 999_998, 10**7):
        world.settlement.payOnTheSpot(buyer, seller, 10**5, 10**5, by=SPOT)


def test_keeps__remembers_days(world: SettlementWorld) -> None:
    north, number = _at(world, "north"), world.numbers["north"]
    settlement, today = world.settlement, world.today
    settlement.setKeeps(True, by=north)
    settlement.setKeeps(False, by=north)
    settlement.setKeeps(True, by=north)
    world.chain.set_time((today + 2) * DAY)
    with refused(S + "KeepsPending", north, today, today + 1):
        settlement.setKeeps(False, by=north)
    settlement.closeThrough([north], today + 0)
    settlement.setKeeps(False, by=north)
    kept = [settlement.keepsAt(number, today + each) for each in range(5)]
    assert kept == [False, True, True, False, False]


@pytest.mark.parametrize("changes", [15, 16, 17, 40])
@pytest.mark.parametrize("undone", [False, True])
def test_keeps__says_of_days_that_are_forgotten_that_it_does(
    world: SettlementWorld, changes: int, undone: bool
) -> None:
    north, number = _at(world, "north"), world.numbers["north"]
    settlement, today = world.settlement, world.today
    was, keeps = {today: False}, False
    for day in range(today, today + changes):
        world.chain.set_time(day * DAY + 5000)
        if day > today:
            settlement.closeThrough([north], day - 1)
        keeps = not keeps
        settlement.setKeeps(keeps, by=north)
        was[day + 1] = keeps
    if undone:
        settlement.setKeeps(not keeps, by=north)
        was[today + changes] = not keeps
    found = {day: settlement.keepsAt(number, day) for day in was}
    known = today if changes <= 15 else today + changes - 15
    assert all(found[day] == was[day] for day in was if day >= known)
    assert all(found[day] for day in was if day < known)


def test_consume__the_price_limit_and_what_it_locks(world: SettlementWorld) -> None:
    north, settlement = _at(world, "north"), world.settlement
    with refused(S + "PriceAbove", 300, 299):
        settlement.consume(north, 5, 299, by=GRID)
    assert settlement.consume(north, 5, 300, by=GRID) == 2
    assert settlement.dayMoneyOf(world.numbers["north"], world.today) == (0, 1500)


def test_security__is_free_when_the_days_of_its_meter_are_closed(world: SettlementWorld) -> None:
    settlement, north = world.settlement, _at(world, "north")
    number, today = world.numbers["north"], world.today
    with refused(S + "NoSecurity", north):
        settlement.releaseSecurity(north)
    world.attach("north", 8000, (0, 0), security=33)
    with refused(S + "SecurityTaken", north):
        settlement.takeSecurity(number, 1, 8000, by=METER)
    with refused(S + "ZeroAmount"):
        settlement.takeSecurity(world.numbers["east"], 0, 8000, by=METER)
    with refused(S + "DaysOpen", north, today, 2**32 - 1):
        settlement.releaseSecurity(north)
    world.chain.set_time((today + 1) * DAY + 60)
    end = (today + 2) * 24
    world.energy.detach(number, end, by=METER)
    with refused(S + "DaysOpen", north, today, end):
        settlement.releaseSecurity(north)
    world.chain.set_time((today + 2) * DAY + 900)
    settlement.closeThrough([north], today)
    with refused(S + "DaysOpen", north, today + 1, end):
        settlement.releaseSecurity(north)
    settlement.closeThrough([north], today + 1)
    with refused("EnergyAccounts_RegistersMissing", number, end, (today + 32) * DAY):
        settlement.releaseSecurity(north)
    world.energy.recordSpan(number, end - 24, end, 0, 0, by=METER)
    before = _free(world, "north")
    settlement.releaseSecurity(north)
    assert _free(world, "north") == before + 33_000
    assert account_word(settlement.accountOf(north)[1])["deemed"] == 0
    with refused(S + "NoSecurity", north):
        settlement.releaseSecurity(north)


def test_credits__that_an_account_cannot_count_stay_outside(world: SettlementWorld) -> None:
    settlement, north, full = world.settlement, _at(world, "north"), 2**40 - 1
    world.conjure(world.credits, north, full + 1)
    with refused(S + "CreditsFull", north, full, full + 1):
        settlement.depositCredits(full + 1, by=north)
    settlement.depositCredits(full - 5, by=north)
    with refused(S + "CreditsFull", north, 5, 6):
        settlement.depositCredits(6, by=north)
    settlement.depositCredits(5, by=north)
    assert (settlement.creditsOf(north), world.credits.balanceOf(north)) == (full, 1)
    with refused(S + "CreditsFull", north, 0, 1):
        settlement.depositCredits(1, by=north)
    with refused(S + "CreditsMissing", north, full, full + 1):
        settlement.withdrawCredits(full + 1, by=north)


def test_book__positions_that_do_not_fit_are_refused(world: SettlementWorld) -> None:
    settlement, most = world.settlement, 2**31 - 1
    number, word = world.numbers["north"], period(_tomorrow(world), 1, 0)
    with refused(S + "LegsRefused", ((0, 5),)):
        settlement.book(word, [leg(number, most + 1, sell=False)], by=TRADING)
    # One that fits is booked, though nobody sells it: the call fails as a whole.
    with refused(S + "Unbalanced", most, 0):
        settlement.book(word, [leg(number, most, sell=False)], by=TRADING)
    with refused(S + "LegsRefused", ((1, 5),)):
        legs = [leg(number, most, sell=False), leg(number, 1, sell=False)]
        settlement.book(word, legs, by=TRADING)
