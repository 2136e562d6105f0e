"""The ledger: locks, matches, deliveries, payments, ends, closings and debts."""

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
    Ledger,
    MarketRules,
    NoDebtError,
    NothingToSettleError,
    ReadingFromFutureError,
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
def ledger() -> Ledger:
    books = Ledger(RULES, Fees())
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
    ledger: Ledger, wh: int = 2001, price: int = 300_001, period: Period = HOUR, by: str = "buyer"
) -> Transaction:
    sell = ledger.place(terms("seller", SELL, wh, price, period), NOW)
    buy = ledger.place(terms(by, BUY, wh, price, period), NOW)
    return ledger.match(buy.id, sell.id, NOW)


@contextmanager
def refused(ledger: Ledger, error: type[DomainError], match: str | None = None) -> Iterator[None]:
    before = copy.deepcopy(vars(ledger))
    with pytest.raises(error, match=match):
        yield
    assert list(ledger.book) == list(before.pop("book"))
    assert {name: value for name, value in vars(ledger).items() if name != "book"} == before


def test_withdraw__up_to_what_is_available(ledger: Ledger) -> None:
    ledger.place(terms("buyer", BUY, 1000, 4_000_000), NOW)
    with refused(ledger, InsufficientBalanceError, "buyer has 6000000, 6000001 is needed"):
        ledger.withdraw("buyer", 6_000_001)
    ledger.withdraw("buyer", 6_000_000)
    assert ledger.account("buyer") == Account(locked=4_000_000)


def test_money__nothing_or_less__is_refused(ledger: Ledger) -> None:
    for move in (ledger.deposit, ledger.withdraw):
        with refused(ledger, ZeroAmountError):
            move("buyer", 0)
        with refused(ledger, DomainError, "negative"):
            move("buyer", -1)


def test_place__locks_the_cost_of_a_bid_and_the_collateral_of_an_ask(ledger: Ledger) -> None:
    ledger.place(terms("buyer", BUY, 1001, 300_001), NOW)
    assert ledger.account("buyer") == Account(available=MONEY - 300_302, locked=300_302)
    ledger.place(terms("seller", SELL, 1001, 300_001), NOW)
    assert ledger.account("seller") == Account(available=MONEY - 50_050, locked=50_050)


def test_place__beyond_the_balance__is_refused(ledger: Ledger) -> None:
    with refused(ledger, InsufficientBalanceError):
        ledger.place(terms("buyer", BUY, 1000, MONEY + 1), NOW)
    with refused(ledger, InsufficientBalanceError):
        ledger.place(terms("seller", SELL, 200_001, 1), NOW)
    ledger.place(terms("buyer", BUY, 1000, MONEY), NOW)
    ledger.place(terms("seller", SELL, 200_000, 1), NOW)


def test_cancel__gives_the_lock_of_the_rest_back(ledger: Ledger) -> None:
    buy = ledger.place(terms("buyer", BUY, 1001, 300_001), NOW)
    sell = ledger.place(terms("seller", SELL, 500, 300_001), NOW)
    ledger.match(buy.id, sell.id, NOW)
    with refused(ledger, NotOrderOwnerError):
        ledger.cancel(buy.id, "seller", NOW)
    ledger.cancel(buy.id, "buyer", NOW)
    assert ledger.account("buyer").locked == 150_000
    assert ledger.account("seller").locked == 25_000


def test_match__keeps_the_price_of_the_match_and_gives_the_rest_back(ledger: Ledger) -> None:
    sell = ledger.place(terms("seller", SELL, 1001, 200_001), NOW)
    buy = ledger.place(terms("buyer", BUY, 3000, 300_001), NOW)
    transaction = ledger.match(buy.id, sell.id, NOW)
    kept, rest = 1001 * 200_001 // 1000, -(-1999 * 300_001 // 1000)
    assert ledger.account("buyer") == Account(available=MONEY - kept - rest, locked=kept + rest)
    assert ledger.account("seller") == Account(available=MONEY - 50_050, locked=50_050)
    assert ledger.transactions == {transaction.id: transaction}


def test_record__adds_up_in_the_slot_the_reading_completes(ledger: Ledger) -> None:
    assert ledger.record("seller", HOUR.start + 1, 10, 1, HOUR.end) == SLOT
    assert ledger.record("seller", HOUR.end, 20, 2, FINAL - 1) == SLOT
    assert ledger.record("seller", HOUR.end + 1, 5, 5, HOUR.end + 1) == SLOT + 1
    assert ledger.energy_of("seller", SLOT) == SlotEnergy(produced=30, consumed=3)


def test_record__too_late_or_from_the_future__is_refused(ledger: Ledger) -> None:
    with refused(ledger, SlotFinalError):
        ledger.record("seller", HOUR.end, 1, 1, FINAL)
    with refused(ledger, ReadingFromFutureError):
        ledger.record("seller", HOUR.end, 1, 1, HOUR.end - 1)
    with refused(ledger, DomainError, "production"):
        ledger.record("seller", HOUR.end, -1, 1, HOUR.end)


def test_settle__all_delivered__pays_and_ends_before_the_slot_is_final(ledger: Ledger) -> None:
    transaction = trade(ledger)
    ledger.record("seller", HOUR.start + 60, 2500, 0, NOW + 60)
    settled = ledger.settle(transaction.id, 1, NOW + 60)
    price = 2001 * 300_001 // 1000
    assert settled.draws == ((SLOT, 2001),)
    assert settled.payout == Payout(pay=price, protocol_fee=0, grid_fee=0)
    assert (settled.finished, settled.refund, settled.compensation) == (True, 0, 0)
    assert ledger.account("buyer") == Account(available=MONEY - price)
    assert ledger.account("seller") == Account(available=MONEY + price)
    assert ledger.energy_of("seller", SLOT) == SlotEnergy(produced=2500, sold=2001)
    assert ledger.energy_of("buyer", SLOT) == SlotEnergy(bought=2001)
    with refused(ledger, TransactionSettledError, "transaction 1 has ended"):
        ledger.settle(transaction.id, 1, NOW + 60)


def test_settle__in_pieces__pays_by_cumulative_delivery(ledger: Ledger) -> None:
    ledger.fees = Fees(protocol_bps=100, grid_per_kwh=30_001)
    transaction = trade(ledger)
    delivered = paid = grid = 0
    for step, wh in enumerate((1, 999, 1000), start=1):
        ledger.record("seller", HOUR.start + step, wh, 0, HOUR.end)
        settled = ledger.settle(transaction.id, 1, HOUR.end)
        delivered += wh
        paid += settled.payout.pay
        grid += settled.payout.grid_fee
        assert paid == delivered * 300_001 // 1000
        assert grid == delivered * 30_001 // 1000
        assert not settled.finished
    settled = ledger.settle(transaction.id, 1, FINAL)
    assert settled.finished
    assert settled.refund == 2001 * 300_001 // 1000 - paid
    assert settled.compensation == 50
    assert ledger.treasury.grid_fees == grid
    assert ledger.treasury.total == ledger.treasury.grid_fees + ledger.treasury.protocol_fees
    assert ledger.account("buyer") == Account(available=MONEY - paid + 50)
    assert ledger.account("seller") == Account(available=MONEY + paid - ledger.treasury.total - 50)


def test_settle__nothing_delivered__ends_when_final_with_compensation(ledger: Ledger) -> None:
    transaction = trade(ledger)
    with refused(ledger, NothingToSettleError, "transaction 1 has to wait"):
        ledger.settle(transaction.id, 1, FINAL - 1)
    late = ledger.settle(transaction.id, 1, FINAL)
    assert (late.finished, late.refund, late.compensation) == (True, 600_302, 100_050)
    assert ledger.account("buyer") == Account(available=MONEY + 100_050)
    assert ledger.account("seller") == Account(available=MONEY - 100_050)


@pytest.mark.parametrize("name", ["buyer", "seller"])
def test_settle__a_closed_slot__delivers_nothing(ledger: Ledger, name: str) -> None:
    transaction = trade(ledger)
    ledger.record("seller", HOUR.end, 2500, 0, HOUR.end)
    ledger.close_slot(name, SLOT, 0, CLOSABLE)
    settled = ledger.settle(transaction.id, 1, CLOSABLE)
    assert (settled.finished, settled.draws, settled.compensation) == (True, (), 100_050)


def test_settle__two_claims_on_one_surplus__the_first_is_served(ledger: Ledger) -> None:
    first, second = trade(ledger), trade(ledger, by="rival")
    ledger.record("seller", HOUR.end, 3000, 9999, HOUR.end)
    assert ledger.settle(second.id, 1, HOUR.end).draws == ((SLOT, 2001),)
    assert ledger.settle(first.id, 1, HOUR.end).draws == ((SLOT, 999),)
    assert unsold(ledger.energy_of("seller", SLOT)) == 0
    assert ledger.settle(first.id, 1, FINAL).compensation == 1002 * 50_000 // 1000


def test_settle__long_period__moves_over_final_slots_and_draws_the_open_one(
    ledger: Ledger,
) -> None:
    transaction = trade(ledger, wh=5000, period=DAY)
    for slot, wh in ((0, 1000), (1, 0), (2, 700)):
        end = DAY.start + (slot + 1) * 3600
        ledger.record("seller", end, wh, 0, end)
    now = DAY.start + 3 * 3600 + GRACE - 1
    assert ledger.settle(transaction.id, 1, now).draws == ((SLOT, 1000),)
    assert ledger.transactions[1].settled_slots == 1
    assert ledger.settle(transaction.id, 96, now).draws == ((SLOT + 2, 700),)
    assert ledger.transactions[1].settled_slots == 2
    ledger.record("seller", DAY.start + 3 * 3600, 50, 0, now)
    assert ledger.settle(transaction.id, 96, now + 1).draws == ((SLOT + 2, 50),)
    assert ledger.transactions[1].settled_slots == 3
    last = DAY.end + GRACE
    assert not ledger.settle(transaction.id, 20, last).finished
    assert ledger.transactions[1].settled_slots == 23
    assert ledger.settle(transaction.id, 20, last).compensation == 3250 * 50
    assert ledger.transactions[1].status is TransactionStatus.SETTLED


def test_settle__unknown_or_no_slots__is_refused(ledger: Ledger) -> None:
    with refused(ledger, TransactionNotFoundError, "no transaction 1"):
        ledger.settle(1, 1, NOW)
    trade(ledger)
    with refused(ledger, NothingToSettleError):
        ledger.settle(1, 0, FINAL)
    with refused(ledger, DomainError, "slots must not be negative"):
        ledger.settle(1, -1, FINAL)


def test_draw__only_looks_at_slots_that_have_begun(ledger: Ledger) -> None:
    transaction = trade(ledger, period=DAY)
    seen = []

    def look(name: str, slot: int) -> SlotEnergy:
        seen.append(slot)
        return SlotEnergy()

    draw(transaction, look, RULES, 24, DAY.start + 3600)
    assert set(seen) == {SLOT}
    draw(transaction, look, RULES, 24, DAY.start + 3601)
    assert set(seen) == {SLOT, SLOT + 1}


def test_repay_debt__without_one__is_refused(ledger: Ledger) -> None:
    with refused(ledger, NoDebtError):
        ledger.repay_debt("buyer", 1)


def test_buy_from_grid__is_paid_at_once_and_banked_if_not_consumed(ledger: Ledger) -> None:
    assert ledger.buy_from_grid("buyer", 700, 210_001, NOW) == SLOT
    assert ledger.account("buyer") == Account(available=MONEY - 210_001)
    assert ledger.treasury.grid_sales == 210_001
    with refused(ledger, InsufficientBalanceError):
        ledger.buy_from_grid("buyer", 1, MONEY, NOW)
    assert ledger.close_slot("buyer", SLOT, 0, CLOSABLE) == Closing(minted=700)


def test_close_slot__surplus_is_banked_then_burned_then_the_grid_is_paid(ledger: Ledger) -> None:
    ledger.record("buyer", HOUR.end, 1500, 500, HOUR.end)
    ledger.record("buyer", HOUR.end + 3600, 0, 1800, HOUR.end + 3600)
    assert ledger.close_slot("buyer", SLOT, 400_000, CLOSABLE) == Closing(minted=1000)
    assert ledger.account("buyer").banked == 1000
    closing = ledger.close_slot("buyer", SLOT + 1, 400_001, CLOSABLE + 3600)
    assert closing == Closing(burned=1000, from_grid=800, cost=320_001, paid=320_001)
    assert ledger.account("buyer") == Account(available=MONEY - 320_001)
    assert ledger.treasury.grid_sales == 320_001


def test_close_slot__too_early_or_twice__is_refused(ledger: Ledger) -> None:
    with refused(ledger, SlotNotClosableError):
        ledger.close_slot("buyer", SLOT, 0, CLOSABLE - 1)
    ledger.close_slot("buyer", SLOT, 0, CLOSABLE)
    with refused(ledger, SlotClosedError):
        ledger.close_slot("buyer", SLOT, 0, CLOSABLE)


@pytest.fixture
def indebted(ledger: Ledger) -> Ledger:
    ledger.withdraw("buyer", MONEY - 100)
    ledger.record("buyer", HOUR.end, 0, 1000, HOUR.end)
    closing = ledger.close_slot("buyer", SLOT, 400, CLOSABLE)
    assert (closing.paid, closing.debt) == (100, 300)
    return ledger


def test_debt__blocks_withdrawals_and_bids(indebted: Ledger) -> None:
    tomorrow = Period(kind=PeriodKind.DAILY, start=DAY.end)
    with refused(indebted, DebtOutstandingError, "buyer owes 300"):
        indebted.withdraw("buyer", 1)
    with refused(indebted, DebtOutstandingError):
        indebted.place(terms("buyer", BUY, 1000, 1000, tomorrow), CLOSABLE)


def test_debt__is_repaid_by_whatever_comes_in(indebted: Ledger) -> None:
    indebted.deposit("buyer", 120)
    assert indebted.account("buyer") == Account(debt=180)
    indebted.deposit("buyer", 200)
    assert indebted.account("buyer") == Account(available=20)
    assert indebted.treasury.grid_sales == 400


def test_repay_debt__takes_at_most_the_debt(indebted: Ledger) -> None:
    assert indebted.repay_debt("buyer", 100) == 100
    assert indebted.account("buyer") == Account(debt=200)
    assert indebted.repay_debt("buyer", 10**9) == 200
    assert indebted.account("buyer") == Account()
    assert indebted.treasury.grid_sales == 400


def test_repay_debt__nothing_or_less__is_refused(indebted: Ledger) -> None:
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
        lambda: Ledger(replace(RULES, slot_seconds=1800), Fees()).place(
            terms("buyer", BUY, 1, 1), 0
        ),
    ],
)
def test_rules__impossible__are_refused(rules: Callable[[], object]) -> None:
    with pytest.raises(DomainError):
        rules()
