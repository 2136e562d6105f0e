"""The spot market: offers, trades, and what they cost."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.domain.costs import cost_down, cost_up
from energy_grid.domain.enums import OfferStatus, TradeStatus
from energy_grid.errors import DomainError
from tests.model.costs import Fees, Payout, spot_payout
from tests.model.orders import SelfTradeError
from tests.model.settlement import (
    DebtOutstandingError,
    InsufficientBalanceError,
    InsufficientEnergyError,
    MarketRules,
    SettlementModel,
    ZeroAmountError,
)
from tests.model.spot import (
    ESCROW,
    MAX_AMOUNT,
    MAX_PRICE,
    AboveRemainingError,
    InactiveError,
    NotPartyError,
    NotSellerError,
    Offer,
    OfferNotFoundError,
    OfferNotOpenError,
    SpotMarket,
    SpotStoppedError,
    TooLargeError,
    Trade,
    TradeNotFoundError,
    TradeNotPendingError,
    ZeroPriceError,
)

FUNDS, ENERGY_CREDITS = 10**9, 10_000
AMOUNT, PRICE, NOW = 2_000, 250_000, 1_767_571_200

amounts = st.integers(1, 5_000) | st.integers(1, MAX_AMOUNT)
prices = st.integers(1, 3_000) | st.integers(1, MAX_PRICE)
fees_of = st.builds(Fees, protocol_bps=st.integers(0, 100), grid_per_kwh=st.integers(0, 10**6))


class Square:
    """A market of a seller with energy, a buyer with money, and a rival with both."""

    def __init__(self, fees: Fees | None = None) -> None:
        self.settlement = SettlementModel(MarketRules(), fees or Fees())
        self.barred: set[tuple[str, bool]] = {("stranger", True), ("stranger", False)}
        self.spot = SpotMarket(self.settlement, lambda *who: who not in self.barred)
        for name in ("seller", "rival"):
            self.bank(name, ENERGY_CREDITS)
        for name in ("buyer", "rival"):
            self.settlement.deposit(name, FUNDS)

    def bank(self, name: str, wh: int) -> None:
        account = self.settlement.account(name)
        self.settlement.accounts[name] = replace(
            account, energy_credits=account.energy_credits + wh
        )

    def owe(self, name: str, debt: int) -> None:
        account = self.settlement.account(name)
        self.settlement.accounts[name] = replace(account, available=0, debt=debt)

    def offer(self, amount: int = AMOUNT, price: int = PRICE, seller: str = "seller") -> Offer:
        return self.spot.create_offer(seller, amount, price, NOW)

    def trade(
        self, amount: int = AMOUNT, price: int = PRICE, seller: str = "seller", buyer: str = "buyer"
    ) -> Trade:
        return self.spot.create_trade(seller, buyer, amount, price, NOW)

    def money(self, name: str) -> int:
        return self.settlement.account(name).available

    def energy(self, name: str) -> int:
        return self.settlement.account(name).energy_credits

    def books(self) -> tuple[object, ...]:
        spot, settlement = self.spot, self.settlement
        return (
            *(dict(spot.offers), dict(spot.trades)),
            *(dict(settlement.accounts), settlement.treasury),
        )

    def refuses(
        self, error: type[DomainError], move: Callable[..., object], *given: object
    ) -> None:
        """The move is refused with exactly this error, and changes nothing."""
        before = self.books()
        with pytest.raises(DomainError) as refusal:
            move(*given)
        assert refusal.type is error
        assert self.books() == before


@pytest.fixture
def square() -> Square:
    return Square()


# What a purchase costs


@given(amounts, prices, fees_of)
def test_spot_payout__is_rounded_up_and_taken_apart(amount: int, price: int, fees: Fees) -> None:
    paid = spot_payout(amount, price, fees)
    assert paid.pay == cost_up(amount, price) >= 1
    assert paid.pay == paid.to_seller + paid.protocol_fee + paid.grid_fee
    assert paid.protocol_fee == paid.pay * fees.protocol_bps // 10_000
    assert 0 <= paid.grid_fee <= cost_down(amount, fees.grid_per_kwh)
    assert paid.to_seller >= 0
    # Only where nothing is left to take is the charge less than it should be.
    assert paid.grid_fee == cost_down(amount, fees.grid_per_kwh) or paid.to_seller == 0


@pytest.mark.parametrize(
    ("amount", "price", "fees", "expected"),
    [
        (1, 1, Fees(), (1, 0, 0)),
        (1000, 1, Fees(), (1, 0, 0)),
        (1001, 1, Fees(), (2, 0, 0)),
        (1, 1000, Fees(protocol_bps=100), (1, 0, 0)),
        (1000, 100, Fees(protocol_bps=100), (100, 1, 0)),
        (1501, 99_999, Fees(protocol_bps=25, grid_per_kwh=10_001), (150_099, 375, 15_011)),
        (1000, 101_010, Fees(protocol_bps=100, grid_per_kwh=100_000), (101_010, 1_010, 100_000)),
        (1000, 101_009, Fees(protocol_bps=100, grid_per_kwh=100_000), (101_009, 1_010, 99_999)),
        (MAX_AMOUNT, MAX_PRICE, Fees(), (-(-MAX_AMOUNT * MAX_PRICE // 1000), 0, 0)),
    ],
)
def test_spot_payout__at_the_edges(
    amount: int, price: int, fees: Fees, expected: tuple[int, int, int]
) -> None:
    paid = spot_payout(amount, price, fees)
    assert (paid.pay, paid.protocol_fee, paid.grid_fee) == expected


def test_spot_payout__a_million_random_fills__lose_no_unit() -> None:
    """What is paid is what the seller and the treasury get, one by one and in total."""
    rng = np.random.default_rng(20_260_101)
    count = 1_000_000
    wh = np.where(
        rng.random(count) < 0.5, rng.integers(1, 50, count), rng.integers(1, 10**7, count)
    )
    price = np.where(
        rng.random(count) < 0.5, rng.integers(1, 5_000, count), rng.integers(1, 10**9, count)
    )
    kinds = [
        Fees(protocol_bps=bps, grid_per_kwh=charge)
        for bps in (0, 1, 33, 100)
        for charge in (0, 1, 999, 100_001)
    ]
    paid = seller = treasury = short = 0
    for position, (amount, cost) in enumerate(zip(wh.tolist(), price.tolist(), strict=True)):
        fill = spot_payout(amount, cost, kinds[position % len(kinds)])
        short += fill.pay < 1 or fill.to_seller < 0
        paid += fill.pay
        seller += fill.to_seller
        treasury += fill.protocol_fee + fill.grid_fee
    assert short == 0
    assert paid == seller + treasury
    # Every cost here fits a machine integer, and so does their sum.
    assert paid == int((-(-wh * price // 1000)).sum())


@given(st.lists(st.integers(1, 5_000), min_size=2, max_size=6), prices, fees_of)
def test_spot_payout__cut_up__gives_neither_side_an_advantage(
    parts: list[int], price: int, fees: Fees
) -> None:
    whole = spot_payout(sum(parts), price, fees)
    cut = [spot_payout(part, price, fees) for part in parts]
    paid = sum(part.pay for part in cut)
    assert whole.pay <= paid < whole.pay + len(parts)
    assert sum(part.to_seller for part in cut) >= whole.to_seller


# Offers


@pytest.mark.parametrize(
    ("amount", "price", "seller", "error"),
    [
        (0, 0, "stranger", ZeroAmountError),
        (MAX_AMOUNT + 1, 0, "stranger", TooLargeError),
        (MAX_AMOUNT, 0, "stranger", ZeroPriceError),
        (MAX_AMOUNT, MAX_PRICE + 1, "stranger", TooLargeError),
        (MAX_AMOUNT, MAX_PRICE, "stranger", InactiveError),
        (ENERGY_CREDITS + 1, MAX_PRICE, "seller", InsufficientEnergyError),
        (-1, 1, "seller", DomainError),
        (1, -1, "seller", DomainError),
    ],
)
def test_create__refused__changes_nothing(
    square: Square, amount: int, price: int, seller: str, error: type[DomainError]
) -> None:
    square.refuses(error, square.offer, amount, price, seller)
    square.refuses(error, square.trade, amount, price, seller)


def test_create_offer__holds_the_energy(square: Square) -> None:
    offer = square.offer(ENERGY_CREDITS)
    assert offer == Offer(
        id=1,
        seller="seller",
        amount=ENERGY_CREDITS,
        remaining=ENERGY_CREDITS,
        price=PRICE,
        created_at=NOW,
    )
    assert square.spot.offer(1) == offer
    assert (square.energy("seller"), square.spot.held) == (0, ENERGY_CREDITS)
    assert square.offer(1, seller="rival").id == 2


def test_create__of_the_largest_terms__is_taken(square: Square) -> None:
    square.bank("seller", 2 * MAX_AMOUNT)
    assert square.offer(MAX_AMOUNT, MAX_PRICE).price == MAX_PRICE
    assert square.trade(MAX_AMOUNT, MAX_PRICE).amount == MAX_AMOUNT


def test_accept_offer__in_parts__is_sold_to_the_last_wh(square: Square) -> None:
    square.offer(1001, 999)
    assert square.spot.accept_offer(1, "buyer", 1000) == Payout(pay=999, protocol_fee=0, grid_fee=0)
    assert square.spot.offer(1).remaining == square.spot.held == 1
    assert square.spot.offer(1).status is OfferStatus.OPEN
    assert square.spot.accept_offer(1, "rival", 1).pay == 1
    assert square.spot.offer(1).status is OfferStatus.SOLD
    assert (square.spot.offer(1).remaining, square.spot.held) == (0, 0)
    assert (square.energy("buyer"), square.energy("rival")) == (1000, ENERGY_CREDITS + 1)
    assert square.money("seller") == 1000


def test_accept_offer__several_faults__the_first_is_named(square: Square) -> None:
    spot = square.spot
    square.offer(10, MAX_PRICE)
    square.offer()
    spot.cancel_offer(2, "seller")
    square.barred |= {("seller", False), ("buyer", True)}
    square.refuses(OfferNotFoundError, spot.accept_offer, 3, "buyer", 0)
    square.refuses(OfferNotOpenError, spot.accept_offer, 2, "buyer", 0)
    square.refuses(ZeroAmountError, spot.accept_offer, 1, "buyer", 0)
    square.refuses(AboveRemainingError, spot.accept_offer, 1, "seller", 11)
    square.refuses(InactiveError, spot.accept_offer, 1, "seller", 10)
    square.barred -= {("seller", False)}
    square.refuses(SelfTradeError, spot.accept_offer, 1, "seller", 10)
    square.refuses(InactiveError, spot.accept_offer, 1, "buyer", 10)
    square.barred -= {("buyer", True)}
    square.refuses(InsufficientBalanceError, spot.accept_offer, 1, "buyer", 10)
    square.owe("buyer", 1)
    square.refuses(DebtOutstandingError, spot.accept_offer, 1, "buyer", 10)


def test_accept_offer__of_a_seller_in_debt__pays_the_debt_first(square: Square) -> None:
    square.offer()
    square.owe("seller", 400_000)
    square.spot.accept_offer(1, "buyer", AMOUNT)
    assert square.settlement.account("seller").debt == 0
    assert square.money("seller") == 100_000
    assert square.settlement.treasury.grid_sales == 400_000


def test_cancel_offer__gives_back_what_remains(square: Square) -> None:
    spot = square.spot
    square.offer()
    spot.accept_offer(1, "buyer", 500)
    square.refuses(OfferNotFoundError, spot.cancel_offer, 2, "seller")
    square.refuses(NotSellerError, spot.cancel_offer, 1, "buyer")
    assert spot.cancel_offer(1, "seller") == AMOUNT - 500
    assert (square.energy("seller"), spot.held) == (ENERGY_CREDITS - 500, 0)
    assert spot.offer(1).status is OfferStatus.CANCELLED
    assert spot.offer(1).remaining == 0
    square.refuses(OfferNotOpenError, spot.cancel_offer, 1, "seller")


# Trades


def test_create_trade__wrong_buyer__is_refused(square: Square) -> None:
    square.refuses(SelfTradeError, square.trade, AMOUNT, PRICE, "rival", "rival")
    square.refuses(InactiveError, square.trade, AMOUNT, PRICE, "rival", "stranger")


def test_complete_trade__moves_energy_and_money(square: Square) -> None:
    square.settlement.fees = Fees(protocol_bps=100, grid_per_kwh=1000)
    trade = square.trade()
    assert trade == Trade(
        id=1, seller="seller", buyer="buyer", amount=AMOUNT, price=PRICE, created_at=NOW
    )
    assert square.spot.held == AMOUNT
    assert square.spot.complete_trade(1, "buyer").pay == 500_000
    assert square.spot.trade(1) == replace(trade, status=TradeStatus.COMPLETED)
    assert (square.spot.held, square.energy("buyer")) == (0, AMOUNT)
    assert square.money("buyer") == FUNDS - 500_000
    assert square.money("seller") == 500_000 - 5_000 - 2_000
    assert square.settlement.treasury.total == 7_000


def test_complete_trade__several_faults__the_first_is_named(square: Square) -> None:
    spot = square.spot
    square.trade(10, MAX_PRICE)
    square.trade()
    spot.cancel_trade(2, "buyer")
    square.barred |= {("seller", False)}
    square.refuses(TradeNotFoundError, spot.complete_trade, 3, "stranger")
    square.refuses(TradeNotPendingError, spot.complete_trade, 2, "stranger")
    square.refuses(NotPartyError, spot.complete_trade, 1, "seller")
    square.refuses(InactiveError, spot.complete_trade, 1, "buyer")
    square.barred = {("buyer", True)}
    square.refuses(InactiveError, spot.complete_trade, 1, "buyer")
    square.barred = set()
    square.refuses(InsufficientBalanceError, spot.complete_trade, 1, "buyer")
    square.owe("buyer", 1)
    square.refuses(DebtOutstandingError, spot.complete_trade, 1, "buyer")


@pytest.mark.parametrize("trader", ["seller", "buyer"])
def test_cancel_trade__by_seller_or_buyer__gives_the_energy_back(
    square: Square, trader: str
) -> None:
    spot = square.spot
    square.trade()
    square.refuses(TradeNotFoundError, spot.cancel_trade, 2, trader)
    square.refuses(NotPartyError, spot.cancel_trade, 1, "rival")
    spot.cancel_trade(1, trader)
    assert (square.energy("seller"), spot.held) == (ENERGY_CREDITS, 0)
    assert spot.trade(1).status is TradeStatus.CANCELLED
    for move in (spot.cancel_trade, spot.complete_trade):
        square.refuses(TradeNotPendingError, move, 1, "buyer")


# Stops


def test_stopped__refuses_what_is_new_and_leaves_the_exits_open(square: Square) -> None:
    spot = square.spot
    square.offer()
    square.trade()
    spot.stopped = True
    square.barred |= {("seller", False), ("buyer", True)}
    square.owe("seller", 1)
    square.refuses(SpotStoppedError, square.offer, 0)
    square.refuses(SpotStoppedError, square.trade, 0)
    square.refuses(SpotStoppedError, spot.accept_offer, 9, "buyer", 0)
    square.refuses(SpotStoppedError, spot.complete_trade, 9, "buyer")
    spot.cancel_offer(1, "seller")
    spot.cancel_trade(1, "seller")
    assert (square.energy("seller"), spot.held) == (ENERGY_CREDITS, 0)


# Any sequence


def test_market__any_sequence__adds_up() -> None:
    rng = random.Random(7)
    for fees in (Fees(), Fees(protocol_bps=77, grid_per_kwh=100_001)):
        square = Square(fees)
        people = ("seller", "buyer", "rival")
        money = sum(map(square.money, people))
        for _ in range(5_000):
            step(square, rng, people)
            spot = square.spot
            held = sum(offer.remaining for offer in spot.offers.values())
            held += sum(
                trade.amount
                for trade in spot.trades.values()
                if trade.status is TradeStatus.PENDING
            )
            assert held == spot.held == square.energy(ESCROW)
            assert sum(map(square.energy, (*people, ESCROW))) == 2 * ENERGY_CREDITS
            assert sum(map(square.money, people)) + square.settlement.treasury.total == money
        assert {offer.status for offer in square.spot.offers.values()} == set(OfferStatus)
        assert {trade.status for trade in square.spot.trades.values()} == set(TradeStatus)


def step(square: Square, rng: random.Random, people: tuple[str, ...]) -> None:
    spot = square.spot
    who, other = rng.choice(people), rng.choice(people)
    amount, price = rng.choice((1, 7, 500, 999)), rng.choice((1, 999, 250_001))
    offer_id, trade_id = len(spot.offers) - rng.randrange(3), len(spot.trades) - rng.randrange(3)
    moves: tuple[Callable[[], object], ...] = (
        lambda: spot.create_offer(who, amount, price, NOW),
        lambda: spot.accept_offer(offer_id, who, amount),
        lambda: spot.cancel_offer(offer_id, who),
        lambda: spot.create_trade(who, other, amount, price, NOW),
        lambda: spot.complete_trade(trade_id, who),
        lambda: spot.cancel_trade(trade_id, who),
    )
    before = square.books()
    try:
        rng.choice(moves)()
    except DomainError:
        assert square.books() == before
