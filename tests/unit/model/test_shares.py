"""The money of a divided asset, in the model alone, against exact fractions."""

from __future__ import annotations

import random
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.domain.enums import State
from energy_grid.errors import DomainError
from tests.model.shares import (
    BUYOUT_PERIOD,
    BuyoutRefusedError,
    DividedAsset,
    NothingDueError,
    SharesRefusedError,
    minimum_price,
)

NOW = 1_704_067_200
END = NOW + BUYOUT_PERIOD


class Exact:
    """The entitlement of every holder, as fractions, updated for all each time: the slow way."""

    def __init__(self, shares: dict[str, int]) -> None:
        self.count = sum(shares.values())
        self.shares = dict(shares)
        self.entitled = dict.fromkeys(shares, Fraction(0))

    def receive(self, amount: int) -> None:
        for name, shares in self.shares.items():
            self.entitled[name] += Fraction(amount * shares, self.count)

    def move(self, sender: str, to: str, shares: int) -> None:
        self.shares[sender] -= shares
        self.shares[to] += shares


@pytest.mark.parametrize("count", [2, 3, 997, 10**12])
def test_shares__ten_thousand_random_moves_and_revenues__everybody_gets_the_exact_part_rounded_down(
    count: int,
) -> None:
    dice = random.Random(count)
    names = [f"holder {number}" for number in range(20)]
    asset = DividedAsset(count, names[0])
    exact = Exact({name: count if name == names[0] else 0 for name in names})
    came_in, wallets = 0, dict.fromkeys(names, 0)
    for _ in range(10_000):
        kind = dice.randrange(3)
        name = dice.choice(names)
        if kind == 0:
            amount = dice.choice([1, 2, dice.randrange(count), dice.randrange(10**15)])
            asset.receive(amount)
            exact.receive(amount)
            came_in += amount
        elif kind == 1:
            to, held = dice.choice(names), asset.shares_of(name)
            shares = dice.choice([held, dice.randint(0, held)])
            asset.move(name, to, shares, NOW)
            exact.move(name, to, shares)
        elif asset.claimable(name):
            wallets[name] += asset.claim(name)
            assert wallets[name] == floor(exact.entitled[name])
        assert asset.holdings == came_in - sum(wallets.values())
    for name in names:
        assert asset.shares_of(name) == exact.shares[name]
        wallets[name] += asset.claim(name) if asset.claimable(name) else 0
        assert wallets[name] == floor(exact.entitled[name])
    dust = asset.holdings
    assert sum(wallets.values()) + dust == came_in == asset.total
    assert sum(exact.entitled.values()) == came_in
    assert 0 <= dust < len(names)
    assert asset.points == count * came_in


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=6), st.integers(2, 10**12))
def test_shares__moved_around_each_payout__are_paid_once(payouts: list[int], count: int) -> None:
    """The same shares are given on after each payout, and every holder claims."""
    asset = DividedAsset(count, "holder 0")
    paid = 0
    for number, amount in enumerate(payouts):
        asset.receive(amount)
        holder, following = f"holder {number}", f"holder {number + 1}"
        if amount:
            paid += asset.claim(holder)
        asset.move(holder, following, count, NOW)
        for name in (holder, following):
            with pytest.raises(NothingDueError):
                asset.claim(name)
    assert paid == sum(payouts)


@pytest.mark.parametrize(
    ("book_value", "shares", "price"), [(300, 3, 100), (301, 3, 101), (299, 3, 100), (1, 10**12, 1)]
)
def test_minimum_price__book_value__rounded_up(book_value: int, shares: int, price: int) -> None:
    assert minimum_price(book_value, shares) == price


def test_shares__more_than_there_are__refused() -> None:
    asset = DividedAsset(10, "owner")
    with pytest.raises(SharesRefusedError):
        asset.move("owner", "buyer", 11, NOW)
    with pytest.raises(DomainError):
        asset.move("owner", "buyer", -1, NOW)
    with pytest.raises(DomainError):
        asset.receive(-1)


def test_shares__redeemed__late_revenue_is_the_redeemers() -> None:
    asset = DividedAsset(3, "owner")
    asset.move("owner", "holder", 1, NOW)
    asset.receive(3)
    with pytest.raises(SharesRefusedError):
        asset.redeem("owner", NOW)
    asset.move("holder", "owner", 1, NOW)
    asset.redeem("owner", NOW)
    asset.receive(10)
    assert (asset.claim("owner"), asset.claim("holder")) == (12, 1)
    assert asset.holdings == 0
    assert asset.state is State.REDEEMED
    for refused in (
        lambda: asset.redeem("owner", NOW),
        lambda: asset.offer("bidder", 1, NOW),
    ):
        with pytest.raises(BuyoutRefusedError):
            refused()


@pytest.mark.parametrize(("accepting", "sold"), [(199, False), (200, True)])
def test_buyout__two_thirds__decide(accepting: int, sold: bool) -> None:
    asset = DividedAsset(300, "owner")
    asset.move("owner", "holder", accepting, NOW)
    number = asset.offer("bidder", 7, NOW)
    asset.accept("holder", number, END - 1)
    with pytest.raises(SharesRefusedError):
        asset.move("holder", "owner", 1, END - 1)
    with pytest.raises(BuyoutRefusedError):
        asset.conclude(number, END - 1)
    assert asset.conclude(number, END) is sold
    with pytest.raises(BuyoutRefusedError):
        asset.conclude(number, END)
    if sold:
        assert (asset.claim("holder"), asset.claim("owner")) == (200 * 7, 100 * 7)
    else:
        assert asset.withdraw_refund("bidder") == 300 * 7
        with pytest.raises(NothingDueError):
            asset.withdraw_refund("bidder")
    assert asset.holdings == 0


def test_buyout__acceptances__are_of_one_running_offer() -> None:
    asset = DividedAsset(300, "owner")
    first, second = asset.offer("bidder", 1, NOW), asset.offer("rival", 9, NOW)
    for unknown in (0, 3):
        with pytest.raises(BuyoutRefusedError):
            asset.accept("owner", unknown, NOW)
    asset.accept("owner", first, NOW)
    with pytest.raises(BuyoutRefusedError):
        asset.accept("owner", second, NOW)
    with pytest.raises(BuyoutRefusedError):
        asset.retract("owner", second, NOW)
    with pytest.raises(SharesRefusedError):
        asset.accept("stranger", first, NOW)
    asset.retract("owner", first, NOW)
    asset.accept("owner", second, NOW)
    with pytest.raises(BuyoutRefusedError):
        asset.retract("owner", second, END)
    # Accepted in time: nothing may come before it, and the other one fails.
    for late in (
        lambda: asset.redeem("owner", END),
        lambda: asset.offer("third", 1, END),
        lambda: asset.accept("owner", first, END),
    ):
        with pytest.raises(BuyoutRefusedError):
            late()
    assert asset.conclude(second, END)
    assert not asset.conclude(first, END)
    with pytest.raises(BuyoutRefusedError):
        asset.retract("owner", second, END - 1)
