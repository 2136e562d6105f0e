"""Batches on the model: who is refused for what, what is locked, and what becomes of nonces."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import pytest

from energy_grid.domain.batch import BATCH_IDS, Batch, Fill, Refusal, Refused
from energy_grid.domain.orders import OrderStatus, OrderTerms, OrderType
from energy_grid.domain.periods import Period, PeriodKind, SlotLengthError
from energy_grid.domain.signed_orders import MAX_NONCE, NonceState, SignedOrder
from energy_grid.errors import DomainError
from tests.model.batch import BatchRefusedError, NoFillsError, NoSuchPlaceError, UnsortedBatchError
from tests.model.costs import Fees
from tests.model.orders import GateClosedError, Transaction
from tests.model.settlement import (
    Account,
    BatchSettled,
    MarketRules,
    SettlementModel,
    SideBlockedError,
    ZeroAmountError,
)

BUY, SELL = OrderType
GRACE = 600
COLLATERAL = 50_001
RULES = MarketRules(slot_seconds=3600, grace=GRACE, collateral_per_kwh=COLLATERAL)
HOUR = Period(kind=PeriodKind.HOURLY, start=1_767_571_200)
DAY = Period(kind=PeriodKind.DAILY, start=1_767_571_200)
NOW = HOUR.start + 10
MONEY = 10_000_000
PRICE = 200_001


@dataclass
class Register:
    """Hashes count the orders seen; a signature is right if it says so."""

    seen: dict[tuple[OrderTerms, int], int] = field(default_factory=dict)

    def order_id(self, order: SignedOrder) -> int:
        return self.seen.setdefault((order.terms, order.nonce), 10**6 + len(self.seen))

    def confirms(self, order: SignedOrder) -> bool:
        return order.signature == b"yes"


@pytest.fixture
def settlement() -> SettlementModel:
    books = SettlementModel(RULES, Fees())
    for name in ("a-buyer", "b-seller", "c-rival"):
        books.deposit(name, MONEY)
    return books


@pytest.fixture
def register() -> Register:
    return Register()


def signed(
    trader: str,
    side: OrderType,
    wh: int = 2001,
    price: int = PRICE,
    nonce: int = 0,
    *,
    expiry: int = HOUR.end,
    period: Period = HOUR,
    signature: bytes = b"yes",
) -> SignedOrder:
    terms = OrderTerms(
        trader=trader, order_type=side, amount=wh, price=price, expiry=expiry, period=period
    )
    return SignedOrder(terms=terms, nonce=nonce, signature=signature)


BID = signed("a-buyer", BUY)
ASK = signed("b-seller", SELL)


def batch(
    orders: tuple[SignedOrder, ...] = (BID, ASK),
    fills: tuple[tuple[int, int, int], ...] = ((0, 1, 2001),),
    *,
    stored: tuple[int, ...] = (),
    price: int = PRICE,
    period: Period = HOUR,
) -> Batch:
    return Batch(
        period=period,
        price=price,
        order_set=bytes(32),
        signed_orders=orders,
        stored_orders=stored,
        fills=tuple(Fill(buy=buy, sell=sell, amount=wh) for buy, sell, wh in fills),
    )


@contextmanager
def unchanged(settlement: SettlementModel) -> Iterator[None]:
    before = copy.deepcopy(vars(settlement))
    yield
    assert list(settlement.book) == list(before.pop("book"))
    assert {name: value for name, value in vars(settlement).items() if name != "book"} == before


def run(
    settlement: SettlementModel, register: Register, what: Batch, now: int = NOW
) -> BatchSettled:
    return settlement.settle_batch(what, skip=True, now=now, signatures=register)


def refusal_of(
    settlement: SettlementModel, register: Register, what: Batch, now: int = NOW
) -> tuple[int, Refusal]:
    """Why a batch is refused in strict mode, where nothing changes; skipping reports it too."""
    with unchanged(settlement), pytest.raises(BatchRefusedError) as error:
        settlement.settle_batch(what, skip=False, now=now, signatures=register)
    refused = error.value.refused
    copied = copy.deepcopy(settlement)
    assert refused in copied.settle_batch(what, skip=True, now=now, signatures=register).refused
    return refused.order_id, refused.reason


def place(
    settlement: SettlementModel, trader: str, side: OrderType, wh: int, price: int = PRICE
) -> int:
    terms = OrderTerms(
        trader=trader, order_type=side, amount=wh, price=price, expiry=HOUR.end, period=HOUR
    )
    return settlement.place(terms, NOW).id


# What a batch does


def test_settle_batch__two_signed_orders__make_a_transaction_and_lock_its_money(
    settlement: SettlementModel, register: Register
) -> None:
    outcome = settlement.settle_batch(batch(), skip=False, now=NOW, signatures=register)
    made = Transaction(
        id=BATCH_IDS,
        buy_id=register.order_id(BID),
        sell_id=register.order_id(ASK),
        buyer="a-buyer",
        seller="b-seller",
        amount=2001,
        price=PRICE,
        period=HOUR,
    )
    assert outcome == BatchSettled(transactions=(made,), refused=())
    assert outcome.amount == 2001
    assert settlement.transactions == {BATCH_IDS: made}
    cost, held = 2001 * PRICE // 1000, 2001 * COLLATERAL // 1000
    assert settlement.account("a-buyer") == Account(available=MONEY - cost, locked=cost)
    assert settlement.account("b-seller") == Account(available=MONEY - held, locked=held)
    for trader in ("a-buyer", "b-seller"):
        assert settlement.nonces.state(trader, 0) is NonceState.FILLED
    assert settlement.nonces.filled(register.order_id(BID)) == 0


def test_settle_batch__partial_fills_over_batches__end_at_the_whole_order(
    settlement: SettlementModel, register: Register
) -> None:
    big = signed("a-buyer", BUY, 3000)
    for nonce, (wh, state) in enumerate(
        [(1000, NonceState.PARTIAL), (999, NonceState.PARTIAL), (1001, NonceState.FILLED)]
    ):
        ask = signed("b-seller", SELL, wh, nonce=nonce)
        if nonce:
            too_much = batch((big, signed("b-seller", SELL, 3000, nonce=9)), ((0, 1, 2001),))
            number = register.order_id(big)
            assert refusal_of(settlement, register, too_much) == (number, Refusal.OVERFILLED)
        run(settlement, register, batch((big, ask), ((0, 1, wh),)))
        assert settlement.nonces.state("a-buyer", 0) is state
    assert settlement.nonces.filled(register.order_id(big)) == 3000
    again = batch((big, signed("b-seller", SELL, nonce=9)), ((0, 1, 1),))
    assert refusal_of(settlement, register, again)[1] is Refusal.NONCE_SPENT


def test_settle_batch__another_order_of_a_nonce_in_use__is_refused(
    settlement: SettlementModel, register: Register
) -> None:
    run(settlement, register, batch(fills=((0, 1, 1000),)))
    other = signed("a-buyer", BUY, 5000)
    what = batch((other, ASK), ((0, 1, 1001),))
    number = register.order_id(other)
    assert refusal_of(settlement, register, what) == (number, Refusal.NONCE_SPENT)


def test_settle_batch__stored_orders__give_back_what_their_transactions_do_not_hold(
    settlement: SettlementModel, register: Register
) -> None:
    buy = place(settlement, "a-buyer", BUY, 3000, PRICE + 100_000)
    sell = place(settlement, "c-rival", SELL, 1001)
    what = batch((ASK,), ((1, 0, 1000), (1, 2, 1001)), stored=(buy, sell))
    outcome = run(settlement, register, what)
    assert [(made.buy_id, made.sell_id) for made in outcome.transactions] == [
        (buy, register.order_id(ASK)),
        (buy, sell),
    ]
    kept = 1000 * PRICE // 1000 + 1001 * PRICE // 1000
    rest = -(-999 * (PRICE + 100_000) // 1000)
    assert settlement.account("a-buyer").locked == kept + rest
    assert settlement.account("c-rival").locked == 1001 * COLLATERAL // 1000
    assert settlement.book.get(buy).remaining == 999
    assert settlement.book.get(sell).status is OrderStatus.FILLED
    # Single pairs have numbers of their own.
    other = place(settlement, "c-rival", SELL, 999)
    assert settlement.match(buy, other, NOW).id == 1


def test_settle_batch__late__holds_no_collateral(
    settlement: SettlementModel, register: Register
) -> None:
    orders = tuple(
        signed(order.terms.trader, order.terms.order_type, period=DAY, expiry=DAY.end)
        for order in (BID, ASK)
    )
    late = HOUR.end + 2 * GRACE
    for now, held in ((late - 1, 2001 * COLLATERAL // 1000), (late, 0)):
        copied = copy.deepcopy(settlement)
        outcome = run(copied, Register(), batch(orders, period=DAY), now)
        assert outcome.transactions[0].late is (held == 0)
        assert copied.account("b-seller").locked == held


def test_settle_batch__what_a_fill_took_whose_other_side_cannot_pay__is_given_back(
    settlement: SettlementModel, register: Register
) -> None:
    settlement.withdraw("c-rival", MONEY - 10)
    poor = signed("c-rival", SELL)
    bid = signed("a-buyer", BUY, 4002)
    what = batch((bid, ASK, poor), ((0, 2, 2001), (0, 1, 1500)))
    outcome = run(settlement, register, what)
    number = register.order_id(poor)
    assert outcome.refused == (Refused(order_id=number, reason=Refusal.INSUFFICIENT_BALANCE),)
    assert [made.amount for made in outcome.transactions] == [1500]
    assert settlement.account("a-buyer").locked == 1500 * PRICE // 1000
    assert settlement.nonces.filled(register.order_id(bid)) == 1500
    assert settlement.nonces.state("c-rival", 0) is NonceState.OPEN


def test_settle_batch__nothing_left_of_it__changes_nothing(
    settlement: SettlementModel, register: Register
) -> None:
    with unchanged(settlement):
        outcome = run(settlement, register, batch(fills=((0, 1, 2002), (1, 0, 1))))
    assert (outcome.transactions, outcome.amount) == ((), 0)
    assert [refused.reason for refused in outcome.refused] == [
        Refusal.OVERFILLED,
        Refusal.WRONG_SIDE,
    ]


# Refusals of the whole batch


@pytest.mark.parametrize("skip", [True, False])
def test_settle_batch__wrong_as_a_whole__is_refused_in_both_modes(
    settlement: SettlementModel, register: Register, skip: bool
) -> None:
    quarter = Period(kind=PeriodKind.QUARTER_HOURLY, start=HOUR.start)
    cases: list[tuple[Batch, int, type[DomainError]]] = [
        (batch(period=quarter), NOW, SlotLengthError),
        (batch(), HOUR.end, GateClosedError),
        (batch(fills=()), NOW, NoFillsError),
        (batch((ASK, BID)), NOW, UnsortedBatchError),
        (batch((BID, BID)), NOW, UnsortedBatchError),
        (batch((signed("a-buyer", BUY, nonce=1), BID)), NOW, UnsortedBatchError),
        (batch(stored=(1, 1)), NOW, (BatchRefusedError, UnsortedBatchError)[skip]),
        (batch(fills=((0, 2, 1),)), NOW, NoSuchPlaceError),
        (batch(fills=((2, 1, 1),)), NOW, NoSuchPlaceError),
    ]
    for what, now, error in cases:
        with unchanged(settlement), pytest.raises(error):
            settlement.settle_batch(what, skip=skip, now=now, signatures=register)


def test_settle_batch__unsorted__says_where(
    settlement: SettlementModel, register: Register
) -> None:
    place(settlement, "a-buyer", BUY, 1)
    with pytest.raises(UnsortedBatchError, match="place 3") as error:
        run(settlement, register, batch(stored=(1, 1)))
    assert error.value.place == 3


# Refusals of signed orders


def test_settle_batch__a_signed_order__is_refused_for_the_first_reason_that_holds(
    settlement: SettlementModel, register: Register
) -> None:
    """From the order that is wrong in every way, one fault after the other is mended."""
    settlement.nonces.cancel("a-buyer", [3])
    everything = signed(
        "a-nobody", BUY, price=PRICE - 1, nonce=MAX_NONCE + 1, expiry=NOW - 1, signature=b"no"
    )
    mending = [
        (everything, Refusal.NONCE_SPENT),
        (replace(everything, nonce=MAX_NONCE), Refusal.EXPIRED),
        (signed("a-nobody", BUY, price=PRICE - 1, expiry=NOW, signature=b"no"), None),
        (signed("a-nobody", BUY, signature=b"no"), Refusal.WRONG_SIGNATURE),
        (signed("a-nobody", BUY), Refusal.UNKNOWN_ACCOUNT),
        (signed("a-buyer", BUY, nonce=3, expiry=0), Refusal.NONCE_SPENT),
    ]
    for order, reason in mending:
        found = refusal_of(settlement, register, batch((order, ASK)))
        assert found == (register.order_id(order), reason or Refusal.WORSE_THAN_LIMIT)


@pytest.mark.parametrize(("side", "worse"), [(BUY, -1), (SELL, 1)])
def test_settle_batch__a_unit_worse_than_a_limit__is_refused(
    settlement: SettlementModel, register: Register, side: OrderType, worse: int
) -> None:
    for stored in (False, True):
        trader = "a-buyer" if side is BUY else "b-seller"
        for step, fits in ((0, True), (worse, False), (-worse, True)):
            copied = copy.deepcopy(settlement)
            other = ASK if side is BUY else BID
            if stored:
                number = place(copied, trader, side, 2001, PRICE + step)
                fill = ((1, 0, 2001),) if side is BUY else ((0, 1, 2001),)
                what = batch((other,), fill, stored=(number,))
            else:
                mine = signed(trader, side, price=PRICE + step)
                what = batch((mine, other) if side is BUY else (other, mine))
            if fits:
                assert run(copied, register, what).amount == 2001
            else:
                assert refusal_of(copied, register, what)[1] is Refusal.WORSE_THAN_LIMIT


def test_settle_batch__an_order_of_another_period__is_signed_by_nobody(
    settlement: SettlementModel, register: Register
) -> None:
    class OfItsPeriod(Register):
        def confirms(self, order: SignedOrder) -> bool:
            return order.terms.period == HOUR

    day = signed("a-buyer", BUY, period=DAY)
    assert run(settlement, OfItsPeriod(), batch((day, ASK))).refused == ()
    what = replace(batch(), period=DAY)
    assert refusal_of(settlement, OfItsPeriod(), what)[1] is Refusal.NONCE_SPENT
    fresh = replace(what, signed_orders=(replace(BID, nonce=1), replace(ASK, nonce=1)))
    assert refusal_of(settlement, OfItsPeriod(), fresh)[1] is Refusal.WRONG_SIGNATURE


# Refusals of on-chain orders


def test_settle_batch__a_stored_order__is_refused_for_the_first_reason_that_holds(
    settlement: SettlementModel, register: Register
) -> None:
    number = place(settlement, "a-buyer", BUY, 1000, PRICE - 1)
    fills = ((1, 0, 1),)
    other = batch((replace(ASK, terms=replace(ASK.terms, period=DAY)),), fills, period=DAY)
    assert refusal_of(settlement, register, batch((ASK,), fills, stored=(7,))) == (
        7,
        Refusal.NO_SUCH_ORDER,
    )
    late = replace(other, stored_orders=(number,))
    assert refusal_of(settlement, register, late, HOUR.end) == (number, Refusal.OTHER_PERIOD)
    what = batch((ASK,), fills, stored=(number,))
    assert refusal_of(settlement, register, what) == (number, Refusal.WORSE_THAN_LIMIT)
    settlement.cancel(number, "a-buyer", NOW)
    assert refusal_of(settlement, register, late, HOUR.end) == (number, Refusal.NOT_ACTIVE)


def test_settle_batch__a_stored_order_after_its_expiry__is_refused(
    settlement: SettlementModel, register: Register
) -> None:
    terms = replace(BID.terms, expiry=NOW)
    number = settlement.place(terms, NOW).id
    what = batch((ASK,), ((1, 0, 1000),), stored=(number,), price=PRICE)
    copied = copy.deepcopy(settlement)
    assert run(copied, register, what, NOW).amount == 1000
    assert refusal_of(settlement, register, what, NOW + 1) == (number, Refusal.EXPIRED)


# Refusals of fills


def test_settle_batch__a_fill__is_refused_for_the_first_reason_that_holds(
    settlement: SettlementModel, register: Register
) -> None:
    mine = signed("a-buyer", SELL, nonce=1)
    orders = (BID, mine, ASK)
    bid, own, ask = (register.order_id(order) for order in orders)
    cases = {
        (1, 1, 0): (own, Refusal.WRONG_SIDE),
        (2, 0, 0): (ask, Refusal.WRONG_SIDE),
        (0, 0, 0): (bid, Refusal.WRONG_SIDE),
        (0, 1, 9999): (bid, Refusal.SELF_TRADE),
        (0, 2, 2002): (bid, Refusal.OVERFILLED),
        (0, 2, 0): (bid, Refusal.DUST),
    }
    for fill, expected in cases.items():
        assert refusal_of(settlement, register, batch(orders, (fill,))) == expected
    small = (BID, signed("b-seller", SELL, 10, price=1))
    for fill, found in (((0, 1, 11), Refusal.OVERFILLED), ((0, 1, 10), Refusal.DUST)):
        what = batch(small, (fill,), price=99)
        expected = (bid if found is Refusal.DUST else register.order_id(small[1]), found)
        assert refusal_of(settlement, register, what) == expected
    assert run(settlement, register, batch(small, ((0, 1, 10),), price=100)).amount == 10


def test_settle_batch__overfilled_by_several_fills__the_last_is_refused(
    settlement: SettlementModel, register: Register
) -> None:
    what = batch(fills=((0, 1, 2000), (0, 1, 2), (0, 1, 1)))
    outcome = run(settlement, register, what)
    assert [made.amount for made in outcome.transactions] == [2000, 1]
    number = register.order_id(BID)
    assert outcome.refused == (Refused(order_id=number, reason=Refusal.OVERFILLED),)


def test_settle_batch__a_fill_of_a_refused_order__is_not_reported_again(
    settlement: SettlementModel, register: Register
) -> None:
    what = batch((replace(BID, signature=b"no"), ASK), ((0, 1, 1), (0, 1, 0)))
    assert [refused.reason for refused in run(settlement, register, what).refused] == [
        Refusal.WRONG_SIGNATURE
    ]


# Refusals of money


def test_settle_batch__money__is_refused_for_the_first_reason_that_holds(
    settlement: SettlementModel, register: Register
) -> None:
    settlement.withdraw("a-buyer", MONEY)
    settlement.record("a-buyer", NOW, 0, 1, NOW)
    settlement.close_slot("a-buyer", HOUR.start // 3600, 1000, HOUR.end + 2 * GRACE)
    assert settlement.account("a-buyer").debt == 1
    settlement.block_side("a-buyer", BUY, blocked=True)
    settlement.cancel_signed_below("a-buyer", 1)
    number = register.order_id(BID)
    assert refusal_of(settlement, register, batch()) == (number, Refusal.NONCE_SPENT)
    bid = replace(BID, nonce=1)
    what = batch((bid, ASK))
    assert refusal_of(settlement, register, what)[1] is Refusal.SIDE_BLOCKED
    with pytest.raises(SideBlockedError, match="BUY"):
        place(settlement, "a-buyer", BUY, 1000)
    settlement.block_side("a-buyer", BUY, blocked=False)
    assert refusal_of(settlement, register, what)[1] is Refusal.IN_DEBT
    settlement.deposit("a-buyer", 2001 * PRICE // 1000)
    assert refusal_of(settlement, register, what)[1] is Refusal.INSUFFICIENT_BALANCE
    settlement.deposit("a-buyer", 1)
    assert run(settlement, register, what).amount == 2001
    assert settlement.account("a-buyer").available == 0


def test_settle_batch__a_debtor_who_sells__needs_its_collateral_only(
    settlement: SettlementModel, register: Register
) -> None:
    settlement.record("b-seller", NOW, 0, MONEY + 1, NOW)
    settlement.close_slot("b-seller", HOUR.start // 3600, 1000, HOUR.end + 2 * GRACE)
    assert settlement.account("b-seller").debt == 1
    assert refusal_of(settlement, register, batch())[1] is Refusal.INSUFFICIENT_BALANCE


def test_settle_batch__two_orders_of_one_account__share_its_money(
    settlement: SettlementModel, register: Register
) -> None:
    settlement.withdraw("a-buyer", MONEY - 3000 * PRICE // 1000)
    orders = (BID, signed("a-buyer", BUY, nonce=1), signed("b-seller", SELL, 5000))
    outcome = run(settlement, register, batch(orders, ((1, 2, 2001), (0, 2, 2001))))
    assert [refused.order_id for refused in outcome.refused] == [register.order_id(orders[1])]
    outcome = run(settlement, register, batch(orders[1:], ((0, 1, 999),)))
    assert outcome.amount == 999


def test_block_side__one_side__leaves_the_other(
    settlement: SettlementModel, register: Register
) -> None:
    settlement.block_side("b-seller", BUY, blocked=True)
    assert run(settlement, register, batch()).amount == 2001
    settlement.block_side("z-new", SELL, blocked=True)
    assert settlement.is_known("z-new")
    with pytest.raises(ZeroAmountError):
        settlement.deposit("z-none", 0)
    assert not settlement.is_known("z-none")
