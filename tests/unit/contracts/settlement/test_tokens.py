"""Settlement tokens that call back, block accounts, or keep a share; and more money than fits."""

from __future__ import annotations

from typing import Any

import pytest
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from tests.model.market import Tariff
from tests.support.core.chain import refused
from tests.support.core.energy_suite import METER, boundary
from tests.support.core.settlement_suite import DAY, GRID, SettlementWorld, account_word

TARIFF = Tariff(buy=300, feed_in=80, network_fee=30, protocol_fee=5, max_factor=20_000)
PAYER, STRANGER, FORWARDER = ("0x" + 40 * digit for digit in "654")
S = "Settlement_"
GUARDED = keccak(b"ReentrancyGuardReentrantCall()")[:4]


def _world(*token: Any) -> SettlementWorld:
    world = SettlementWorld(TARIFF, 60, slot=3600, outflow=1000, forwarder=FORWARDER, token=token)
    world.pay(PAYER, 10**6)
    return world


def _free(world: SettlementWorld, account: str) -> int:
    return account_word(world.settlement.accountOf(account)[1])["free"]


def _live_a_day(world: SettlementWorld, name: str, net: int) -> int:
    """Every slot of the next day is read in time; that day."""
    day = world.today + 1
    for slot in range(day * 24, day * 24 + 24):
        world.chain.set_time((slot + 1) * 3600 + 1)
        world.energy.record([boundary(slot, world.numbers[name], net)], by=METER)
    world.chain.set_time((day + 1) * DAY + 1000)
    return day


# Tokens that call back


@pytest.fixture
def hooked() -> SettlementWorld:
    """The token has an account with 3,990, tokens, and withdrawal 1 of 10 that is due."""
    world = _world("HookToken")
    token, settlement = world.token, world.settlement
    token.transfer(token.address, 500, by=PAYER)
    settlement.depositFor(token.address, 5000, by=PAYER)
    for amount in 1000, 10:
        _withdraw(world, amount)
    world.chain.set_time(world.now + 3 * DAY)
    return world


def _withdraw(world: SettlementWorld, amount: int) -> None:
    """By the token itself: a contract, which sends no transactions."""
    data = world.settlement.abi.function("withdraw").encode([amount, STRANGER])
    holder = bytes.fromhex(world.token.address[2:])
    world.chain.send(FORWARDER, world.settlement.address, data + holder)


def _move(world: SettlementWorld, outer: str) -> None:
    """Some money, in or out."""
    settlement = world.settlement
    match outer:
        case "deposit":
            settlement.depositFor(world.token.address, 40, by=PAYER)
        case "fundGrid":
            settlement.fundGrid(40, by=PAYER)
        case "withdraw":
            _withdraw(world, 2)
        case "executeWithdrawal":
            settlement.executeWithdrawal(1)


def _hook(world: SettlementWorld, call: str, *arguments: Any) -> None:
    data = world.settlement.abi.function(call).encode(arguments)
    world.token.setHook(world.settlement.address, data)


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        ("deposit", (1,)),
        ("depositFor", (PAYER, 1)),
        ("depositWithPermit", (1, 0, 27, bytes(32), bytes(32))),
        ("withdraw", (1, STRANGER)),
        ("repayDebt", (1,)),
        ("executeWithdrawal", (1,)),
        ("fundGrid", (1,)),
    ],
)
@pytest.mark.parametrize("outer", ["deposit", "fundGrid", "withdraw", "executeWithdrawal"])
def test_hooks__cannot_move_tokens_again(
    hooked: SettlementWorld, outer: str, call: str, arguments: Any
) -> None:
    token, settlement = hooked.token, hooked.settlement
    _hook(hooked, call, *arguments)
    holdings, free = token.balanceOf(settlement), _free(hooked, token.address)
    _move(hooked, outer)
    moved = {"deposit": 40, "fundGrid": 40, "withdraw": -2, "executeWithdrawal": -10}[outer]
    holdings += moved
    free += moved * 1000 if outer in ("deposit", "withdraw") else 0
    assert (token.calls(), token.successes(), token.lastResult()) == (2, 0, GUARDED)
    # The token keeps the refusal to itself.
    hooked.chain.coverage.raised.add(GUARDED.hex())
    assert (token.balanceOf(settlement), _free(hooked, token.address)) == (holdings, free)


def test_hooks__cannot_cancel_what_is_being_paid(hooked: SettlementWorld) -> None:
    token, settlement = hooked.token, hooked.settlement
    free = _free(hooked, token.address)
    _hook(hooked, "cancelWithdrawal", 1)
    settlement.executeWithdrawal(1)
    assert (token.calls(), token.successes()) == (2, 0)
    assert token.lastResult()[:4] == keccak(b"Settlement_NoSuchWithdrawal(uint256)")[:4]
    assert _free(hooked, token.address) == free


def test_hooks__what_they_may_call_is_as_between_two_calls(hooked: SettlementWorld) -> None:
    token, settlement = hooked.token, hooked.settlement
    free, holdings = _free(hooked, token.address), token.balanceOf(settlement)
    _hook(hooked, "cancelWithdrawal", 1)
    assert settlement.depositFor(token.address, 40, by=PAYER) == 40
    assert (token.calls(), token.successes()) == (2, 1)
    assert _free(hooked, token.address) == free + 10_000 + 40_000
    assert token.balanceOf(settlement) == holdings + 40


@pytest.mark.parametrize("outer", ["deposit", "fundGrid", "withdraw", "executeWithdrawal"])
def test_hooks__what_views_say_meanwhile__is_true_before_or_after(
    hooked: SettlementWorld, outer: str
) -> None:
    token, settlement, chain = hooked.token, hooked.settlement, hooked.chain
    of_account = ("balanceOf", "debtOf", "creditsOf", "accountOf", "numberOf")
    views = [(name, [token.address]) for name in of_account]
    views += [(name, []) for name in ("gridAccount", "availableOutflow", "withdrawalCount")]
    for name, arguments in views:
        data = settlement.abi.function(name).encode(arguments)
        mark = chain.snapshot()
        before = chain.send(STRANGER, settlement.address, data, static=True)
        token.setHook(settlement.address, data)
        _move(hooked, outer)
        assert token.successes() == 2, name
        meanwhile = bytes(token.lastResult())
        after = chain.send(STRANGER, settlement.address, data, static=True)
        assert meanwhile in (before, after), name
        chain.revert(mark)


# Tokens that block accounts


def test_a_blocked_payee__stops_its_own_withdrawal_alone() -> None:
    world = _world("BlacklistToken")
    token, settlement = world.token, world.settlement
    for name in ("north", "east"):
        world.open(name, 5000)
    world.attach("north", 8000, (0, 0))
    world.fund(10**4)
    north, east = world.address("north"), world.address("east")
    settlement.withdraw(1000, PAYER, by=north)
    assert settlement.withdraw(7, STRANGER, by=north) == 1
    assert settlement.withdraw(8, PAYER, by=east) == 2
    world.chain.set_time(world.now + 3 * DAY)
    for account in (STRANGER, north):
        token.setListed(account, True)
    with refused("BlacklistToken_Listed", STRANGER):
        settlement.executeWithdrawal(1)
    with refused("BlacklistToken_Listed", STRANGER):
        settlement.withdraw(1, STRANGER, by=east)
    before = token.balanceOf(PAYER)
    settlement.executeWithdrawal(2)
    assert token.balanceOf(PAYER) == before + 8
    # The account itself goes on: nobody is paid in tokens by a closing.
    day = _live_a_day(world, "north", 100)
    settlement.closeThrough([north], day)
    assert _free(world, north) == (5000 - 1000 - 7 - 1) * 1000 + 24 * 100 * 80
    settlement.cancelWithdrawal(1, by=north)
    assert _free(world, north) == (5000 - 1000 - 1) * 1000 + 24 * 100 * 80


# Tokens that keep a share


def test_a_token_with_a_fee__only_what_arrives_counts() -> None:
    world = _world("FeeToken", 1000)
    token, settlement = world.token, world.settlement
    world.open("north", 1000)
    north, number = world.address("north"), world.numbers["north"]
    assert _free(world, north) == 900_000
    assert settlement.depositFor(north, 50, by=PAYER) == 45
    assert settlement.depositFrom(PAYER, north, 60, by=GRID) == 54
    settlement.fundGrid(1000, by=PAYER)
    assert settlement.gridAccount()[0] == 900_000
    settlement.withdraw(100, STRANGER, by=north)
    assert token.balanceOf(STRANGER) == 90
    assert token.balanceOf(settlement) * 1000 == _free(world, north) + 900_000

    # The fee of a repayment stays a debt.
    settlement.takeSecurity(number, 1, 0, by=METER)
    world.energy.attach(number, 1, (world.today + 1) * 24, 8000, by=METER)
    day = _live_a_day(world, "north", -500)
    settlement.closeThrough([north], day)
    debt = 24 * 500 * 300 // 1000 - 898
    assert settlement.debtOf(north) == debt == 2702
    world.pay(north, 10**4)
    assert settlement.repayDebt(100, by=north) == 90
    assert settlement.debtOf(north) == 2612
    assert settlement.repayDebt(2**256 - 1, by=north) == 2612 - 261
    assert settlement.debtOf(north) == 261
    cash = settlement.gridAccount()[0]
    assert cash == 900_000 + (898 + 90 + 2351) * 1000
    assert token.balanceOf(settlement) * 1000 == cash + 1000


# More money than fits


@pytest.mark.parametrize("call", ["deposit", "fundGrid"])
def test_money__that_packed_words_cannot_count_is_refused(call: str) -> None:
    world = _world("TestDollar", FORWARDER)
    token, settlement, most = world.token, world.settlement, (2**88 - 1) // 1000
    rich = str(to_checksum_address("0x" + 40 * "9"))
    world.token.approve(settlement.address, 2**256 - 1, by=rich)
    world.conjure(token, rich, most + 1)
    with refused(S + "TooMuchMoney", most + 1, most):
        settlement.call(call, most + 1, by=rich)
    settlement.call(call, most, by=rich)
    with refused(S + "TooMuchMoney", most + 1, most):
        settlement.call(call, 1, by=rich)
    with refused(S + "TooMuchMoney", most + 1, most):
        settlement.deposit(1, by=PAYER)
    if call == "deposit":
        assert _free(world, rich) == most * 1000
        settlement.withdraw(1000, STRANGER, by=rich)
    else:
        assert settlement.gridAccount()[0] == most * 1000
