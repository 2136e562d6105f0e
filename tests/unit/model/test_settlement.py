"""The settlement accounts: locks, matches, deliveries, payments, ends, closings and debts."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from energy_grid.domain.orders import OrderTerms, OrderType, TransactionStatus
from energy_grid.domain.periods import Period, PeriodKind
from energy_grid.domain.slots import Closing, SlotClosedError, SlotEnergy
from energy_grid.errors import DomainError
from tests.model.costs import Fees, Payout
from tests.model.orders import NotOrderOwnerError, Transaction
from tests.model.settlement import (
    Account,
    DebtOutstandingError,
    InsufficientBalanceError,
    MarketRules,
    NoDebtError,
    NothingToSettleError,
    ReadingFromFutureError,
    SettlementModel,
    SlotFinalError,
    SlotNotClosableError,
    TransactionNotFoundError,
    TransactionSettledError,
    ZeroAmountError,
    draw,
)
from tests.model.slots import unsold

BUY, SELL = OrderType
GRACE = 600
RULES = MarketRules(slot_seconds=3600, grace=GRACE, collateral_per_kwh=50_000)
HOUR = Period(kind=PeriodKind.HOURLY, start=1_767_571_200)
DAY = Period(kind=PeriodKind.DAILY, start=1_767_571_200)
SLOT = HOUR.start // 3600
NOW = HOUR.start
FINAL = HOUR.end + GRACE
CLOSABLE = HOUR.end + 2 * GRACE
MONEY = 10_000_000


@pytest.fixture
def settlement() -> SettlementModel:
    books = SettlementModel(RULES, Fees())
    for name in ("buyer", "seller", "rival"):
        books.deposit(name, MONEY)
    return books


def terms(trader: str, side: OrderType, wh: int, price: int, period: Period = HOUR) -> OrderTerms:
    return OrderTerms(
        trader=trader,
        order_type=side,
        amount=wh,
        price=price,
        expiry=period.end,
        period=period,
    )


def trade(
    settlement: SettlementModel,
    wh: int = 2001,
    price: int = 300_001,
    period: Period = HOUR,
    by: str = "buyer",
) -> Transaction:
    sell = settlement.place(terms("seller", SELL, wh, price, period), NOW)
    buy = settlement.place(terms(by, BUY, wh, price, period), NOW)
    return settlement.match(buy.id, sell.id, NOW)


@contextmanager
def refused(
    settlement: SettlementModel, error: type[DomainError], match: str | None = None
) -> Iterator[None]:
    before = copy.deepcopy(vars(settlement))
    with pytest.raises(error, match=match):
        yield
    assert list(settlement.book) == list(before.pop("book"))
    assert {name: value for name, value in vars(settlement).items() if name != "book"} == before


def test_withdraw__up_to_what_is_available(settlement: SettlementModel) -> None:
    settlement.place(terms("buyer", BUY, 1000, 4_000_000), NOW)
    with refused(settlement, InsufficientBalanceError, "buyer has 6000000, 6000001 is needed"):
        settlement.withdraw("buyer", 6_000_001)
    settlement.withdraw("buyer", 6_000_000)
    assert settlement.account("buyer") == Account(locked=4_000_000)


def test_money__nothing_or_less__is_refused(settlement: SettlementModel) -> None:
    for move in (settlement.deposit, settlement.withdraw):
        with refused(settlement, ZeroAmountError):
            move("buyer", 0)
        with refused(settlement, DomainError, "negative"):
            move("buyer", -1)


def test_place__locks_the_cost_of_a_bid_and_the_collateral_of_an_ask(
    settlement: SettlementModel,
) -> None:
    settlement.place(terms("buyer", BUY, 1001, 300_001), NOW)
    assert settlement.account("buyer") == Account(available=MONEY - 300_302, locked=300_302)
    settlement.place(terms("seller", SELL, 1001, 300_001), NOW)
    assert settlement.account("seller") == Account(available=MONEY - 50_050, locked=50_050)


def test_place__beyond_the_balance__is_refused(settlement: SettlementModel) -> None:
    with refused(settlement, InsufficientBalanceError):
        settlement.place(terms("buyer", BUY, 1000, MONEY + 1), NOW)
    with refused(settlement, InsufficientBalanceError):
        settlement.place(terms("seller", SELL, 200_001, 1), NOW)
    settlement.place(terms("buyer", BUY, 1000, MONEY), NOW)
    settlement.place(terms("seller", SELL, 200_000, 1), NOW)


def test_cancel__gives_the_lock_of_the_rest_back(settlement: SettlementModel) -> None:
    buy = settlement.place(terms("buyer", BUY, 1001, 300_001), NOW)
    sell = settlement.place(terms("seller", SELL, 500, 300_001), NOW)
    settlement.match(buy.id, sell.id, NOW)
    with refused(settlement, NotOrderOwnerError):
        settlement.cancel(buy.id, "seller", NOW)
    settlement.cancel(buy.id, "buyer", NOW)
    assert settlement.account("buyer").locked == 150_000
    assert settlement.account("seller").locked == 25_000


def test_match__keeps_the_price_of_the_match_and_gives_the_rest_back(
    settlement: SettlementModel,
) -> None:
    sell = settlement.place(terms("seller", SELL, 1001, 200_001), NOW)
    buy = settlement.place(terms("buyer", BUY, 3000, 300_001), NOW)
    transaction = settlement.match(buy.id, sell.id, NOW)
    kept, rest = 1001 * 200_001 // 1000, -(-1999 * 300_001 // 1000)
    assert settlement.account("buyer") == Account(available=MONEY - kept - rest, locked=kept + rest)
    assert settlement.account("seller") == Account(available=MONEY - 50_050, locked=50_050)
    assert settlement.transactions == {transaction.id: transaction}


def test_record__adds_up_in_the_slot_the_reading_completes(settlement: SettlementModel) -> None:
    assert settlement.record("seller", HOUR.start + 1, 10, 1, HOUR.end) == SLOT
    assert settlement.record("seller", HOUR.end, 20, 2, FINAL - 1) == SLOT
    assert settlement.record("seller", HOUR.end + 1, 5, 5, HOUR.end + 1) == SLOT + 1
    assert settlement.energy_of("seller", SLOT) == SlotEnergy(produced=30, consumed=3)


def test_record__too_late_or_from_the_future__is_refused(settlement: SettlementModel) -> None:
    with refused(settlement, SlotFinalError):
        settlement.record("seller", HOUR.end, 1, 1, FINAL)
    with refused(settlement, ReadingFromFutureError):
        settlement.record("seller", HOUR.end, 1, 1, HOUR.end - 1)
    with refused(settlement, DomainError, "production"):
        settlement.record("seller", HOUR.end, -1, 1, HOUR.end)


def test_settle__all_delivered__pays_and_ends_before_the_slot_is_final(
    settlement: SettlementModel,
) -> None:
    transaction = trade(settlement)
    settlement.record("seller", HOUR.start + 60, 2500, 0, NOW + 60)
    settled = settlement.settle(transaction.id, 1, NOW + 60)
    price = 2001 * 300_001 // 1000
    assert settled.draws == ((SLOT, 2001),)
    assert settled.payout == Payout(pay=price, protocol_fee=0, grid_fee=0)
    assert (settled.finished, settled.refund, settled.compensation) == (True, 0, 0)
    assert settlement.account("buyer") == Account(available=MONEY - price)
    assert settlement.account("seller") == Account(available=MONEY + price)
    assert settlement.energy_of("seller", SLOT) == SlotEnergy(produced=2500, sold=2001)
    assert settlement.energy_of("buyer", SLOT) == SlotEnergy(bought=2001)
    with refused(settlement, TransactionSettledError, "transaction 1 has ended"):
        settlement.settle(transaction.id, 1, NOW + 60)


def test_settle__in_pieces__pays_by_cumulative_delivery(settlement: SettlementModel) -> None:
    settlement.fees = Fees(protocol_bps=100, grid_per_kwh=30_001)
    transaction = trade(settlement)
    delivered = paid = grid = 0
    for step, wh in enumerate((1, 999, 1000), start=1):
        settlement.record("seller", HOUR.start + step, wh, 0, HOUR.end)
        settled = settlement.settle(transaction.id, 1, HOUR.end)
        delivered += wh
        paid += settled.payout.pay
        grid += settled.payout.grid_fee
        assert paid == delivered * 300_001 // 1000
        assert grid == delivered * 30_001 // 1000
        assert not settled.finished
    settled = settlement.settle(transaction.id, 1, FINAL)
    assert settled.finished
    assert settled.refund == 2001 * 300_001 // 1000 - paid
    assert settled.compensation == 50
    assert settlement.treasury.grid_fees == grid
    assert (
        settlement.treasury.total
        == settlement.treasury.grid_fees + settlement.treasury.protocol_fees
    )
    assert settlement.account("buyer") == Account(available=MONEY - paid + 50)
    assert settlement.account("seller") == Account(
        available=MONEY + paid - settlement.treasury.total - 50
    )


def test_settle__nothing_delivered__ends_when_final_with_compensation(
    settlement: SettlementModel,
) -> None:
    transaction = trade(settlement)
    with refused(settlement, NothingToSettleError, "transaction 1 has to wait"):
        settlement.settle(transaction.id, 1, FINAL - 1)
    late = settlement.settle(transaction.id, 1, FINAL)
    assert (late.finished, late.refund, late.compensation) == (True, 600_302, 100_050)
    assert settlement.account("buyer") == Account(available=MONEY + 100_050)
    assert settlement.account("seller") == Account(available=MONEY - 100_050)


@pytest.mark.parametrize("name", ["buyer", "seller"])
def test_settle__a_closed_slot__delivers_nothing(settlement: SettlementModel, name: str) -> None:
    transaction = trade(settlement)
    settlement.record("seller", HOUR.end, 2500, 0, HOUR.end)
    settlement.close_slot(name, SLOT, 0, CLOSABLE)
    settled = settlement.settle(transaction.id, 1, CLOSABLE)
    assert (settled.finished, settled.draws, settled.compensation) == (True, (), 100_050)


def test_settle__two_claims_on_one_surplus__the_first_is_served(
    settlement: SettlementModel,
) -> None:
    first, second = trade(settlement), trade(settlement, by="rival")
    settlement.record("seller", HOUR.end, 3000, 9999, HOUR.end)
    assert settlement.settle(second.id, 1, HOUR.end).draws == ((SLOT, 2001),)
    assert settlement.settle(first.id, 1, HOUR.end).draws == ((SLOT, 999),)
    assert unsold(settlement.energy_of("seller", SLOT)) == 0
    assert settlement.settle(first.id, 1, FINAL).compensation == 1002 * 50_000 // 1000


def test_settle__long_period__moves_over_final_slots_and_draws_the_open_one(
    settlement: SettlementModel,
) -> None:
    transaction = trade(settlement, wh=5000, period=DAY)
    for slot, wh in ((0, 1000), (1, 0), (2, 700)):
        end = DAY.start + (slot + 1) * 3600
        settlement.record("seller", end, wh, 0, end)
    now = DAY.start + 3 * 3600 + GRACE - 1
    assert settlement.settle(transaction.id, 1, now).draws == ((SLOT, 1000),)
    assert settlement.transactions[1].settled_slots == 1
    assert settlement.settle(transaction.id, 96, now).draws == ((SLOT + 2, 700),)
    assert settlement.transactions[1].settled_slots == 2
    settlement.record("seller", DAY.start + 3 * 3600, 50, 0, now)
    assert settlement.settle(transaction.id, 96, now + 1).draws == ((SLOT + 2, 50),)
    assert settlement.transactions[1].settled_slots == 3
    last = DAY.end + GRACE
    assert not settlement.settle(transaction.id, 20, last).finished
    assert settlement.transactions[1].settled_slots == 23
    assert settlement.settle(transaction.id, 20, last).compensation == 3250 * 50
    assert settlement.transactions[1].status is TransactionStatus.SETTLED


def test_settle__unknown_or_no_slots__is_refused(settlement: SettlementModel) -> None:
    with refused(settlement, TransactionNotFoundError, "no transaction 1"):
        settlement.settle(1, 1, NOW)
    trade(settlement)
    with refused(settlement, NothingToSettleError):
        settlement.settle(1, 0, FINAL)
    with refused(settlement, DomainError, "slots must not be negative"):
        settlement.settle(1, -1, FINAL)


def test_draw__only_looks_at_slots_that_have_begun(settlement: SettlementModel) -> None:
    transaction = trade(settlement, period=DAY)
    seen = []

    def look(name: str, slot: int) -> SlotEnergy:
        seen.append(slot)
        return SlotEnergy()

    draw(transaction, look, RULES, 24, DAY.start + 3600)
    assert set(seen) == {SLOT}
    draw(transaction, look, RULES, 24, DAY.start + 3601)
    assert set(seen) == {SLOT, SLOT + 1}


def test_repay_debt__without_one__is_refused(settlement: SettlementModel) -> None:
    with refused(settlement, NoDebtError):
        settlement.repay_debt("buyer", 1)


def test_buy_from_grid__is_paid_at_once_and_credited_if_not_consumed(
    settlement: SettlementModel,
) -> None:
    assert settlement.buy_from_grid("buyer", 700, 210_001, NOW) == SLOT
    assert settlement.account("buyer") == Account(available=MONEY - 210_001)
    assert settlement.treasury.grid_sales == 210_001
    with refused(settlement, InsufficientBalanceError):
        settlement.buy_from_grid("buyer", 1, MONEY, NOW)
    assert settlement.close_slot("buyer", SLOT, 0, CLOSABLE) == Closing(minted=700)


def test_close_slot__surplus_is_credited_then_burned_then_the_grid_is_paid(
    settlement: SettlementModel,
) -> None:
    settlement.record("buyer", HOUR.end, 1500, 500, HOUR.end)
    settlement.record("buyer", HOUR.end + 3600, 0, 1800, HOUR.end + 3600)
    assert settlement.close_slot("buyer", SLOT, 400_000, CLOSABLE) == Closing(minted=1000)
    assert settlement.account("buyer").energy_credits == 1000
    closing = settlement.close_slot("buyer", SLOT + 1, 400_001, CLOSABLE + 3600)
    assert closing == Closing(burned=1000, from_grid=800, cost=320_001, paid=320_001)
    assert settlement.account("buyer") == Account(available=MONEY - 320_001)
    assert settlement.treasury.grid_sales == 320_001


def test_close_slot__too_early_or_twice__is_refused(settlement: SettlementModel) -> None:
    with refused(settlement, SlotNotClosableError):
        settlement.close_slot("buyer", SLOT, 0, CLOSABLE - 1)
    settlement.close_slot("buyer", SLOT, 0, CLOSABLE)
    with refused(settlement, SlotClosedError):
        settlement.close_slot("buyer", SLOT, 0, CLOSABLE)


@pytest.fixture
def indebted(settlement: SettlementModel) -> SettlementModel:
    settlement.withdraw("buyer", MONEY - 100)
    settlement.record("buyer", HOUR.end, 0, 1000, HOUR.end)
    closing = settlement.close_slot("buyer", SLOT, 400, CLOSABLE)
    assert (closing.paid, closing.debt) == (100, 300)
    return settlement


def test_debt__blocks_withdrawals_and_bids(indebted: SettlementModel) -> None:
    tomorrow = Period(kind=PeriodKind.DAILY, start=DAY.end)
    with refused(indebted, DebtOutstandingError, "buyer owes 300"):
        indebted.withdraw("buyer", 1)
    with refused(indebted, DebtOutstandingError):
        indebted.place(terms("buyer", BUY, 1000, 1000, tomorrow), CLOSABLE)


def test_debt__is_repaid_by_whatever_comes_in(indebted: SettlementModel) -> None:
    indebted.deposit("buyer", 120)
    assert indebted.account("buyer") == Account(debt=180)
    indebted.deposit("buyer", 200)
    assert indebted.account("buyer") == Account(available=20)
    assert indebted.treasury.grid_sales == 400


def test_repay_debt__takes_at_most_the_debt(indebted: SettlementModel) -> None:
    assert indebted.repay_debt("buyer", 100) == 100
    assert indebted.account("buyer") == Account(debt=200)
    assert indebted.repay_debt("buyer", 10**9) == 200
    assert indebted.account("buyer") == Account()
    assert indebted.treasury.grid_sales == 400


def test_repay_debt__nothing_or_less__is_refused(indebted: SettlementModel) -> None:
    with refused(indebted, ZeroAmountError):
        indebted.repay_debt("buyer", 0)
    with refused(indebted, DomainError, "negative"):
        indebted.repay_debt("buyer", -1)


@pytest.mark.parametrize(
    "rules",
    [
        lambda: replace(RULES, grace=0),
        lambda: replace(RULES, grace=-1),
        lambda: replace(RULES, collateral_per_kwh=-1),
        lambda: SettlementModel(replace(RULES, slot_seconds=1800), Fees()).place(
            terms("buyer", BUY, 1, 1), 0
        ),
    ],
)
def test_rules__impossible__are_refused(rules: Callable[[], object]) -> None:
    with pytest.raises(DomainError):
        rules()
