"""Threats 1 to 5 and 75: settlement tokens with fees, with hooks, that block, lie or rebase.

Whatever the token does, the contract credits what arrived, and what it owes is never above what
it holds; a transfer that fails changes nothing.
"""

from __future__ import annotations

from typing import Any

import pytest
from eth_utils.crypto import keccak

from tests.support.core.attack_suite import DAY, KWH, START, TODAY, Street, twins
from tests.support.core.chain import Reverted, refused

MONEY = 10**6


def street_of(*token: Any, **options: Any) -> Street:
    """Two households that share, and a day that has passed."""
    street = Street(token=token, cash=0, **options)
    for name in ("giver", "taker"):
        street.home(name, money=MONEY, member=True)
    street.fund(MONEY)
    street.chain.set_time(START)
    street.live({"giver": [2 * KWH] * 24, "taker": [-KWH] * 24})
    street.wait()
    street.close()
    return street


def reserve(street: Street, name: str) -> int:
    """Base units that may not leave."""
    settlement = street["Settlement"]
    return int(settlement.balanceOf(street.at(name)) - street.available(street.at(name)))


@pytest.mark.parametrize("fee", [1, 100, 5000])
def test_fee_on_transfer__every_way_in__credits_what_arrives(fee: int) -> None:
    """2, 75: deposits, funds and repayments. The fee of a withdrawal is its recipient's."""
    street = street_of("FeeToken", fee)
    settlement, giver = street["Settlement"], street.at("giver")
    street.assert_solvent()
    arrives = MONEY - MONEY * fee // 10_000
    security = 8000
    found = street.account("giver")
    income = 24 * KWH * (18 + 8)
    assert found["free"] == (arrives - security) * 1000 + income
    held = street.token.balanceOf(settlement.address)
    assert held == 3 * arrives

    amount = street.available(giver)
    settlement.withdraw(amount, giver, by=giver)
    assert street.token.balanceOf(giver) == amount - amount * fee // 10_000
    assert street.token.balanceOf(settlement.address) == held - amount
    street.give(giver, 1000)
    assert settlement.deposit(1000, by=giver) == 1000 - 1000 * fee // 10_000
    street.assert_solvent()


def test_fee_on_top__of_the_sender__is_refused_at_every_payout() -> None:
    """75: what such a token takes beyond a payment would be the money of others."""
    street = Street(token=("SurchargeToken", 100), cash=0)
    street.person("owner", money=0)
    settlement, owner = street["Settlement"], street.at("owner")
    street.give(owner, 3 * MONEY)
    assert settlement.deposit(MONEY, by=owner) == MONEY
    settlement.fundGrid(MONEY, by=owner)
    treasury = street.key("Settlement", "collect")
    excess = MONEY // 2, MONEY // 2 * 101 // 100
    with refused("Settlement_TokenTookMore", *excess):
        settlement.withdraw(MONEY // 2, owner, by=owner)
    with refused("Settlement_TokenTookMore", *excess):
        settlement.collect(MONEY // 2, treasury, by=treasury)
    street.assert_solvent()


def test_fee_on_transfer__of_all__is_refused() -> None:
    """75: a token that keeps everything pays for nothing."""
    street = Street(token=("FeeToken", 10_000), cash=0)
    street.person("owner", money=0)
    street.give(street.at("owner"), MONEY)
    for call in ("deposit", "fundGrid"):
        with refused("Settlement_ZeroAmount"):
            getattr(street["Settlement"], call)(MONEY, by=street.at("owner"))


def test_false_token__transfers_that_fail__change_nothing() -> None:
    """3, 75: a token that returns nothing works; one that returns false, or lies, is refused."""
    street = street_of("FalseToken")
    settlement, giver = street["Settlement"], street.at("giver")
    before = street.worth("giver"), street.worth("taker"), settlement.gridAccount()
    street.give(giver, MONEY)
    street.token.setFailing(True)
    for function, *arguments in (
        ("deposit", MONEY),
        ("depositFor", street.at("taker"), MONEY),
        ("fundGrid", MONEY),
        ("withdraw", 1, giver),
    ):
        with refused("SafeERC20FailedOperation", street.token.address):
            getattr(settlement, function)(*arguments, by=giver)
    street.token.setFailing(False)
    ours = street.worth("giver") - MONEY * 1000
    assert (ours, street.worth("taker"), settlement.gridAccount()) == before
    settlement.withdraw(street.available(giver), giver, by=giver)
    street.assert_solvent()


def test_blocking_token__a_listed_payee__stops_nobody_else() -> None:
    """4, 75: closings and trades move no token, so a payee that the token blocks hinders nobody;
    its money waits, and may leave to another address."""
    street = street_of("BlacklistToken")
    settlement, giver, taker = street["Settlement"], street.at("giver"), street.at("taker")
    street.token.setListed(giver, True)
    before = street.worth("giver")
    with refused("BlacklistToken_Listed", giver):
        settlement.withdraw(1, giver, by=giver)
    assert street.worth("giver") == before
    street.chain.set_time(START + DAY)
    street.live({"giver": [KWH] * 24, "taker": [-KWH] * 24})
    street.wait()
    street.close(day=TODAY + 1)
    assert street.worth("giver") == before + 24 * KWH * 18
    settlement.withdraw(street.available(taker), taker, by=taker)
    other = "0x" + 40 * "7"
    amount = street.available(giver)
    settlement.withdraw(amount, other, by=giver)
    assert street.token.balanceOf(other) == amount
    street.assert_solvent()


def test_blocking_token__a_queued_withdrawal_of_a_listed_account__comes_back() -> None:
    """4, 75: it cannot be executed, and its owner cancels it."""
    street = Street(token=("BlacklistToken",), cash=0, outflow=1)
    street.person("owner", money=1000)
    settlement, owner = street["Settlement"], street.at("owner")
    settlement.withdraw(1000, owner, by=owner)
    street.token.setListed(owner, True)
    street.chain.set_time(street.now + DAY)
    with refused("BlacklistToken_Listed", owner):
        settlement.executeWithdrawal(1)
    settlement.cancelWithdrawal(1, by=owner)
    assert street.account("owner")["free"] == 1000 * 1000


def test_blocking_token__that_lists_the_market__keeps_the_books() -> None:
    """75: nothing comes in or goes out; closing, sharing and redeeming go on."""
    street = street_of("BlacklistToken")
    settlement, giver = street["Settlement"], street.at("giver")
    street.token.setListed(settlement.address, True)
    for function, *arguments in (("deposit", 1), ("withdraw", 1, giver)):
        street.token.faucet(1, by=giver)
        with refused("BlacklistToken_Listed", settlement.address):
            getattr(settlement, function)(*arguments, by=giver)
    street.chain.set_time(START + DAY)
    street.live({"giver": [KWH] * 24, "taker": [-KWH] * 24})
    street.wait()
    street.close(day=TODAY + 1)
    street.token.setListed(settlement.address, False)
    settlement.withdraw(street.available(giver), giver, by=giver)
    street.assert_solvent()


GUARDED: list[tuple[Any, ...]] = [
    ("deposit", 1),
    ("fundGrid", 1),
    ("withdraw", 1, "token"),
    ("repayDebt", 1),
    ("executeWithdrawal", 1),
    ("collect", 1, "token"),
]
OPEN: list[tuple[Any, ...]] = [
    ("redeem", 1),
    ("withdrawCredits", 1),
    ("cancelWithdrawal", 1),
    ("serve", 8),
    ("closeThrough", ["giver", "taker"], TODAY),
    ("setKeeps", True),
    ("releaseSecurity", "giver"),
]


@pytest.mark.parametrize("inner", GUARDED + OPEN, ids=lambda each: str(each[0]))
@pytest.mark.parametrize("outer", ["deposit", "withdraw", "fundGrid"])
def test_hook__calls_back_during_a_transfer__gains_nothing(
    outer: str, inner: tuple[Any, ...]
) -> None:
    """1, 75: the token itself is an account, which calls again while its money, or another's, is on
    the way. What transfers is guarded; what does not finds the accounts in order."""
    street = Street(token=("HookToken",), cash=MONEY)
    for name in ("giver", "taker"):
        street.home(name, money=MONEY, member=True)
    settlement, token, giver = street["Settlement"], street.token, street.at("giver")
    settlement.depositFor(token.address, 1000, by=_funded(street))
    street.chain.set_time(START)
    street.live({"giver": [2 * KWH] * 24, "taker": [-KWH] * 24})
    street.wait()
    function, *arguments = inner
    known = {"token": token.address, "giver": giver, "taker": street.at("taker")}
    plain = [
        [known[name] for name in each] if isinstance(each, list) else known.get(str(each), each)
        for each in arguments
    ]
    data = settlement.abi.function(function).encode(plain)

    def play(*, hooked: bool) -> tuple[int, int, int]:
        if hooked:
            token.setHook(settlement.address, data)
        street.give(giver, 1000)
        if outer == "withdraw":
            settlement.withdraw(100, giver, by=giver)
        else:
            getattr(settlement, outer)(100, by=giver)
        if hooked:
            assert token.calls() == 2
            assert token.successes() == 0 or inner in OPEN
        token.setHook("0x" + 40 * "0", b"")
        try:
            street.close()
        except Reverted as refusal:
            assert (hooked, refusal.name) == (True, "Settlement_NothingToClose")  # noqa: PT017
        street.assert_solvent()
        own = settlement.accountOf(token.address)[1] & 2**88 - 1
        return street.worth("giver"), street.worth("taker"), own

    hooked, plain_found = twins(street, lambda: play(hooked=True), lambda: play(hooked=False))
    assert hooked == plain_found


def _hold(street: Street, amount: int) -> None:
    """A rebase: what the token says that the contract holds. Balances are the first mapping."""
    holder = bytes.fromhex(street["Settlement"].address[2:])
    place = int.from_bytes(keccak(holder.rjust(32, b"\0") + bytes(32)))
    street.chain.evm.insert_account_storage(street.token.address, place, amount)


def _funded(street: Street) -> str:
    supplier = street.supplier
    street.give(supplier, 1000)
    return supplier


def test_rebasing_token__upwards__what_comes_from_nowhere_is_nobodys() -> None:
    """5, 75: tokens that appear are not credited, neither to the next depositor."""
    street = street_of("TestDollar", "0x" + 40 * "0")
    settlement, giver = street["Settlement"], street.at("giver")
    before = street.worth("giver"), street.worth("taker"), settlement.gridAccount()
    street.token.faucet(MONEY, by=giver)
    street.token.transfer(settlement.address, MONEY, by=giver)
    assert (street.worth("giver"), street.worth("taker"), settlement.gridAccount()) == before
    street.give(giver, 10)
    assert settlement.deposit(10, by=giver) == 10
    assert street.worth("giver") == before[0] + 10 * 1000


def test_rebasing_token__downwards__pays_until_it_is_gone_and_then_refuses() -> None:
    """75: what no contract can pay. A token that takes away what accounts hold cannot be refused at
    deployment by what it shows; nobody gets more than its own, a call that cannot be paid changes
    nothing, and the supplier's fund makes good what is missing."""
    street = street_of("TestDollar", "0x" + 40 * "0")
    settlement, giver, taker = street["Settlement"], street.at("giver"), street.at("taker")
    held = street.token.balanceOf(settlement.address)
    lost = held - MONEY
    _hold(street, held - lost)
    settlement.withdraw(street.available(giver), giver, by=giver)
    left = street.token.balanceOf(settlement.address)
    amount = street.available(taker)
    before = street.worth("taker")
    with refused("ERC20InsufficientBalance", settlement.address, left, amount):
        settlement.withdraw(amount, taker, by=taker)
    assert street.worth("taker") == before
    _hold(street, left + lost)
    settlement.withdraw(amount, taker, by=taker)
    street.assert_solvent()
