"""Random batches over random orders: what holds of every one of them.

1. money: what was deposited is what accounts and the treasury hold, before and after settling
2. of every order, what buyers get and sellers give is what its transactions say, and never more
   than its amount, over all batches
3. nobody trades with itself, above its limit as a buyer or below it as a seller
4. what is locked is what open orders and transactions hold
5. a batch that skips does what the strict batch of the rest does
6. a strict batch that is refused changes nothing, and its refusal is the first one skipped
"""

from __future__ import annotations

import copy
from collections import Counter
from dataclasses import dataclass, field
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_grid.domain.batch import Batch, Fill
from energy_grid.domain.costs import cost_down
from energy_grid.domain.orders import OrderTerms, OrderType, TransactionStatus
from energy_grid.domain.periods import Period, PeriodKind
from energy_grid.domain.signed_orders import SignedOrder
from energy_grid.errors import DomainError
from tests.model.batch import BatchRefusedError
from tests.model.costs import Fees
from tests.model.pruning import pruned
from tests.model.settlement import MarketRules, SettlementModel

HOUR = Period(kind=PeriodKind.HOURLY, start=1_767_571_200)
NAMES = ("a", "b", "c", "d")
PRICES = (1, 99, 50_001, 50_002, 100_003)
MONEY = 400_000


@dataclass
class Register:
    """Hashes by what is signed; one order in ten is forged."""

    seen: dict[tuple[OrderTerms, int], int] = field(default_factory=dict)

    def order_id(self, order: SignedOrder) -> int:
        return self.seen.setdefault((order.terms, order.nonce), 10**6 + len(self.seen))

    def confirms(self, order: SignedOrder) -> bool:
        return order.signature == b"yes"


def draw_terms(random: Random, now: int) -> OrderTerms:
    return OrderTerms(
        trader=random.choice(NAMES),
        order_type=random.choice(list(OrderType)),
        amount=random.choice([1, 7, 999, 1000, 1001, 3000]),
        price=random.choice(PRICES),
        expiry=random.choice([now, HOUR.end]),
        period=HOUR,
    )


def draw_batch(random: Random, orders: dict[tuple[str, int], SignedOrder], stored: int) -> Batch:
    chosen = random.sample(sorted(orders), random.randint(0, len(orders)))
    numbers = random.sample(range(1, stored + 2), random.randint(0, stored + 1))
    places = len(chosen) + len(numbers)
    fills = [
        Fill(
            buy=random.randrange(max(places, 1)),
            sell=random.randrange(max(places, 1)),
            amount=random.choice([1, 7, 20, 500, 999, 1000, 1001]),
        )
        for _ in range(random.randint(1, 12))
    ]
    return Batch(
        period=HOUR,
        price=random.choice(PRICES),
        order_set=bytes(32),
        signed_orders=tuple(orders[key] for key in sorted(chosen)),
        stored_orders=tuple(sorted(numbers)),
        fills=tuple(fills),
    )


def locked(settlement: SettlementModel) -> Counter[str]:
    expected: Counter[str] = Counter(dict.fromkeys(NAMES, 0))
    for order in settlement.book:
        expected[order.trader] += order.lock(settlement.rules.collateral_per_kwh)
    for made in settlement.transactions.values():
        if made.status is TransactionStatus.MATCHED:
            expected[made.buyer] += cost_down(made.amount, made.price)
            expected[made.seller] += settlement.collateral_of(made, made.amount)
    return expected


def state(settlement: SettlementModel) -> dict[str, object]:
    return {**vars(settlement), "book": list(settlement.book)}


def check_orders(settlement: SettlementModel, terms: dict[int, OrderTerms]) -> None:
    got: Counter[int] = Counter()
    for made in settlement.transactions.values():
        buy, sell = terms[made.buy_id], terms[made.sell_id]
        assert sell.price <= made.price <= buy.price
        assert (buy.order_type, sell.order_type) == tuple(OrderType)
        assert (buy.trader, sell.trader) == (made.buyer, made.seller)
        assert made.buyer != made.seller
        got.update({made.buy_id: made.amount, made.sell_id: made.amount})
    for number, wh in got.items():
        assert wh <= terms[number].amount
    for order in settlement.book:
        assert order.remaining == order.amount - got[order.id]


@settings(max_examples=150)
@given(random=st.randoms(use_true_random=False), fees=st.sampled_from([0, 100]))
def test_settle_batch__whatever_is_in_it__keeps_all_sums_and_orders(
    random: Random, fees: int
) -> None:
    rules = MarketRules(grace=600, collateral_per_kwh=random.choice([0, 1, 70_001]))
    settlement, register, now = (
        SettlementModel(rules, Fees(protocol_bps=fees, grid_per_kwh=fees)),
        Register(),
        0,
    )
    now = HOUR.start + random.choice([0, 1000])
    for name in NAMES[:3]:
        settlement.deposit(name, MONEY)
    orders = {}
    for _ in range(random.randint(2, 9)):
        signature = random.choice([b"yes"] * 9 + [b"no"])
        order = SignedOrder(
            terms=draw_terms(random, now), nonce=random.randint(0, 3), signature=signature
        )
        orders[order.terms.trader, order.nonce] = order
    terms = {register.order_id(order): order.terms for order in orders.values()}
    for _ in range(random.randint(0, 4)):
        try:
            placed = settlement.place(stored := draw_terms(random, now), now)
        except DomainError:
            continue
        terms[placed.id] = stored
    for _ in range(4):
        now += random.choice([0, 0, 60])
        check_batch(
            settlement, register, draw_batch(random, orders, len(list(settlement.book))), now
        )
        check_orders(settlement, terms)
        assert {name: settlement.account(name).locked for name in NAMES} == locked(settlement)
        check_money(settlement)
    settle_everything(random, settlement)
    check_money(settlement)


def check_batch(settlement: SettlementModel, register: Register, batch: Batch, now: int) -> None:
    """Carry it out, and compare with the strict forms of it."""
    strict, before = copy.deepcopy(settlement), copy.deepcopy(settlement)
    try:
        outcome = settlement.settle_batch(batch, skip=True, now=now, signatures=register)
    except DomainError:
        assert state(settlement) == state(before)
        return
    if outcome.refused:
        with pytest.raises(BatchRefusedError) as refusal:
            strict.settle_batch(batch, skip=False, now=now, signatures=register)
        assert refusal.value.refused == outcome.refused[0]
        assert state(strict) == state(before)
    rest = pruned(batch, outcome, register)
    if rest is None:
        assert state(settlement) == state(before)
    else:
        again = strict.settle_batch(rest, skip=False, now=now, signatures=register)
        assert again.transactions == outcome.transactions
        assert state(strict) == state(settlement)


def check_money(settlement: SettlementModel) -> None:
    held = sum(account.available + account.locked for account in settlement.accounts.values())
    assert held + settlement.treasury.total == 3 * MONEY


def settle_everything(random: Random, settlement: SettlementModel) -> None:
    final = HOUR.end + 600
    for name in NAMES:
        settlement.record(name, HOUR.end, random.randint(0, 3000), 0, HOUR.end)
    for number in settlement.transactions:
        settlement.settle(number, 1, final)
    slot = HOUR.start // 3600
    energies = [settlement.energy_of(name, slot) for name in NAMES]
    assert sum(energy.sold for energy in energies) == sum(energy.bought for energy in energies)
    assert all(energy.sold <= energy.produced for energy in energies)
