"""A random market: traders, meters, settlers and closers in any order, at any time.

After every step:
    1. money: deposited == withdrawn + available + locked + treasury, and nothing is negative;
    2. locked is what active orders and open transactions keep, and nothing else;
    3. no slot has sold more than it produced, and all bought was sold or is the grid's;
    4. every closed slot balances, and energy credits is what was minted less what was burned;
    5. all grid energy is paid for or owed, and nobody owes who has money.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from energy_grid.domain.costs import cost_down, cost_up
from energy_grid.domain.orders import OrderStatus, OrderTerms, OrderType, TransactionStatus
from energy_grid.domain.periods import Period, PeriodKind, closable, slot_of
from energy_grid.domain.slots import Closing
from energy_grid.errors import DomainError
from tests.model.costs import Fees
from tests.model.settlement import MarketRules, SettlementModel

PROSUMERS = ("north", "east", "south")
Result = TypeVar("Result")
START = 1_767_571_200
LENGTH, GRACE = 3600, 600

prosumers = st.sampled_from(PROSUMERS)
wh = st.integers(0, 9000)
grid_prices = st.sampled_from([0, 1, 300_001, 900_003])


class Market(RuleBasedStateMachine):
    """Every rule either happens wholly or is refused with the books as they were."""

    @initialize(
        fees=st.builds(
            Fees, protocol_bps=st.integers(0, 100), grid_per_kwh=st.integers(0, 200_000)
        ),
        collateral_per_kwh=st.sampled_from([0, 1, 99_999]),
    )
    def open(self, fees: Fees, collateral_per_kwh: int) -> None:
        rules = MarketRules(slot_seconds=LENGTH, grace=GRACE, collateral_per_kwh=collateral_per_kwh)
        self.settlement = SettlementModel(rules, fees)
        self.now = START
        self.put_in = self.taken_out = 0
        self.closings: dict[tuple[str, int], Closing] = {}
        self.grid_energy = self.grid_money = 0
        for name in PROSUMERS:
            self.deposit(name, 1_500_000)

    @rule(seconds=st.sampled_from([1, 300, 900, 1800]))
    def wait(self, seconds: int) -> None:
        self.now += seconds

    @rule(after=st.sampled_from([0, GRACE - 1, GRACE, 2 * GRACE]))
    def wait_for_the_next_hour(self, after: int) -> None:
        self.now = (self.now // LENGTH + 1) * LENGTH + after

    def attempt(self, move: Callable[..., Result], *arguments: object) -> Result | None:
        """What the move gives, or None if it is refused: then nothing may have changed."""
        before = self.books()
        try:
            return move(*arguments)
        except DomainError:
            assert self.books() == before
            return None

    def books(self) -> tuple[object, ...]:
        settlement = self.settlement
        state = (settlement.accounts, settlement.energy, settlement.transactions)
        return (list(settlement.book), settlement.treasury, *(dict(part) for part in state))

    @rule(name=prosumers, amount=st.integers(1, 10**6))
    def deposit(self, name: str, amount: int) -> None:
        self.settlement.deposit(name, amount)
        self.put_in += amount

    @rule(name=prosumers, amount=st.integers(0, 3 * 10**6))
    def withdraw(self, name: str, amount: int) -> None:
        before = self.settlement.account(name)
        self.attempt(self.settlement.withdraw, name, amount)
        possible = 0 < amount <= before.available and not before.debt
        paid = amount if possible else 0
        assert self.settlement.account(name).available == before.available - paid
        self.taken_out += paid

    @precondition(lambda self: bool(self.indebted()))
    @rule(data=st.data(), amount=st.integers(0, 10**6))
    def repay(self, data: st.DataObject, amount: int) -> None:
        name = data.draw(st.sampled_from(self.indebted()))
        before = self.settlement.account(name)
        repaid = self.attempt(self.settlement.repay_debt, name, amount) or 0
        assert repaid == min(amount, before.debt)
        self.put_in += repaid

    def indebted(self) -> list[str]:
        return [name for name in PROSUMERS if self.settlement.account(name).debt]

    @rule(name=prosumers, energy=st.integers(0, 2000), price=grid_prices)
    def buy_from_grid(self, name: str, energy: int, price: int) -> None:
        cost = cost_up(energy, price)
        slot = self.attempt(self.settlement.buy_from_grid, name, energy, cost, self.now)
        if slot is not None:
            self.grid_energy += energy
            self.grid_money += cost

    @rule(
        name=prosumers,
        side=st.sampled_from(OrderType),
        kind=st.sampled_from([PeriodKind.HOURLY, PeriodKind.HOURLY, PeriodKind.DAILY]),
        amount=st.integers(1, 3000),
        price=st.integers(1, 9).map(lambda step: step * 50_001),
        lifetime=st.integers(0, 4000),
    )
    def place(
        self,
        name: str,
        side: OrderType,
        kind: PeriodKind,
        amount: int,
        price: int,
        lifetime: int,
    ) -> None:
        terms = OrderTerms(
            trader=name,
            order_type=side,
            amount=amount,
            price=price,
            expiry=self.now + lifetime,
            period=Period.current(kind, self.now),
        )
        before = self.settlement.account(name)
        lock = self.settlement.book.draft(terms, self.now).lock(
            self.settlement.rules.collateral_per_kwh
        )
        placed = self.attempt(self.settlement.place, terms, self.now)
        blocked = side is OrderType.BUY and before.debt > 0
        assert (placed is None) == (blocked or lock > before.available)

    @rule(
        sides=st.permutations(PROSUMERS),
        kind=st.sampled_from([PeriodKind.HOURLY, PeriodKind.DAILY]),
        amount=st.integers(1, 3000),
        price=st.integers(1, 9).map(lambda step: step * 50_001),
    )
    def agree(self, sides: list[str], kind: PeriodKind, amount: int, price: int) -> None:
        """Two prosumers place crossing orders and match them at once, if they can pay."""
        period = Period.current(kind, self.now)
        orders = []
        for name, side in zip(sides, OrderType, strict=False):
            terms = OrderTerms(
                trader=name,
                order_type=side,
                amount=amount,
                price=price,
                expiry=period.end,
                period=period,
            )
            orders.append(self.attempt(self.settlement.place, terms, self.now))
        buy, sell = orders
        if buy and sell:
            self.settlement.match(buy.id, sell.id, self.now)

    @precondition(lambda self: bool(list(self.settlement.book)))
    @rule(data=st.data(), caller=prosumers)
    def cancel(self, data: st.DataObject, caller: str) -> None:
        order = data.draw(st.sampled_from(list(self.settlement.book)))
        cancelled = self.attempt(self.settlement.cancel, order.id, caller, self.now)
        allowed = caller == order.trader or self.now > order.expiry
        assert (cancelled is not None) == (allowed and order.status is OrderStatus.ACTIVE)

    @precondition(lambda self: len(list(self.settlement.book)) > 1)
    @rule(data=st.data())
    def match_any(self, data: st.DataObject) -> None:
        ids = st.integers(1, len(list(self.settlement.book)))
        self.attempt(self.settlement.match, data.draw(ids), data.draw(ids), self.now)

    @rule(kind=st.sampled_from([PeriodKind.HOURLY, PeriodKind.DAILY]))
    def match_best(self, kind: PeriodKind) -> None:
        for buy_id, sell_id in self.settlement.book.best_pairs(
            Period.current(kind, self.now), self.now
        ):
            self.settlement.match(buy_id, sell_id, self.now)

    @rule(name=prosumers, produced=wh, consumed=wh, age=st.sampled_from([0, 0, 1, 600, 4000]))
    def read(self, name: str, produced: int, consumed: int, age: int) -> None:
        slot = (self.now - age - 1) // LENGTH
        counted = self.attempt(
            self.settlement.record, name, self.now - age, produced, consumed, self.now
        )
        open_ = self.now < (slot + 1) * LENGTH + GRACE
        assert counted == (slot if open_ else None)

    @precondition(lambda self: bool(self.settlement.transactions))
    @rule(data=st.data(), max_slots=st.integers(0, 30))
    def settle(self, data: st.DataObject, max_slots: int) -> None:
        chosen = data.draw(st.sampled_from(list(self.settlement.transactions.values())))
        settled = self.attempt(self.settlement.settle, chosen.id, max_slots, self.now)
        after = self.settlement.transactions[chosen.id]
        assert (settled is None) == (after == chosen)
        if chosen.status is TransactionStatus.SETTLED:
            assert settled is None
        elif self.now >= chosen.period.end + GRACE and max_slots >= 24:
            assert after.status is TransactionStatus.SETTLED

    @rule(max_slots=st.integers(1, 30))
    def settle_all(self, max_slots: int) -> None:
        for item in list(self.settlement.transactions.values()):
            if item.status is TransactionStatus.MATCHED:
                self.attempt(self.settlement.settle, item.id, max_slots, self.now)

    @rule(grid_price=grid_prices)
    def close_all(self, grid_price: int) -> None:
        for name, slot in list(self.settlement.energy):
            if (name, slot) not in self.closings and closable(slot, self.now, LENGTH, GRACE):
                self.closings[name, slot] = self.settlement.close_slot(
                    name, slot, grid_price, self.now
                )

    @rule(
        readings=st.lists(st.tuples(prosumers, wh, wh), min_size=1, max_size=4),
        max_slots=st.integers(1, 30),
        grid_price=grid_prices,
    )
    def the_hour_ends(
        self, readings: list[tuple[str, int, int]], max_slots: int, grid_price: int
    ) -> None:
        """The ordinary course of things: meters, then settlement, then closing."""
        self.wait_for_the_next_hour(0)
        for name, produced, consumed in readings:
            self.settlement.record(name, self.now, produced, consumed, self.now)
        self.settle_all(max_slots)
        self.wait(GRACE)
        self.settle_all(max_slots)
        self.wait(GRACE)
        self.close_all(grid_price)

    @rule(name=prosumers, back=st.integers(0, 3), grid_price=grid_prices)
    def close(self, name: str, back: int, grid_price: int) -> None:
        slot = slot_of(self.now, LENGTH) - back
        closing = self.attempt(self.settlement.close_slot, name, slot, grid_price, self.now)
        early = self.now < (slot + 1) * LENGTH + 2 * GRACE
        assert (closing is None) == (early or (name, slot) in self.closings)
        if closing:
            self.closings[name, slot] = closing

    @invariant()
    def money_adds_up(self) -> None:
        accounts = self.settlement.accounts.values()
        held = sum(account.available + account.locked for account in accounts)
        assert self.put_in == self.taken_out + held + self.settlement.treasury.total
        for account in accounts:
            assert min(account.available, account.locked, account.debt, account.energy_credits) >= 0

    @invariant()
    def locks_belong_to_orders_and_transactions(self) -> None:
        per_kwh = self.settlement.rules.collateral_per_kwh
        expected: Counter[str] = Counter()
        for order in self.settlement.book:
            expected[order.trader] += order.lock(per_kwh)
        for item in self.settlement.transactions.values():
            if item.status is TransactionStatus.MATCHED:
                whole = cost_down(item.amount, item.price)
                expected[item.buyer] += whole - cost_down(item.delivered, item.price)
                expected[item.seller] += self.settlement.collateral_of(item, item.amount)
        for name in PROSUMERS:
            assert self.settlement.account(name).locked == expected[name]

    @invariant()
    def no_energy_is_sold_twice(self) -> None:
        energies = self.settlement.energy.values()
        assert all(energy.sold <= energy.produced for energy in energies)
        delivered = sum(item.delivered for item in self.settlement.transactions.values())
        assert sum(energy.sold for energy in energies) == delivered
        assert sum(energy.bought for energy in energies) == delivered + self.grid_energy

    @invariant()
    def closed_slots_balance(self) -> None:
        energy_credits: Counter[str] = Counter()
        for (name, slot), closing in self.closings.items():
            energy = self.settlement.energy_of(name, slot)
            assert energy.closed
            assert (
                energy.produced + energy.bought + closing.burned + closing.from_grid
                == energy.consumed + energy.sold + closing.minted
            )
            energy_credits[name] += closing.minted - closing.burned
        for name in PROSUMERS:
            assert self.settlement.account(name).energy_credits == energy_credits[name]

    @invariant()
    def debts_are_what_the_grid_is_owed(self) -> None:
        accounts = self.settlement.accounts.values()
        charged = sum(closing.cost for closing in self.closings.values()) + self.grid_money
        assert self.settlement.treasury.grid_sales == charged - sum(item.debt for item in accounts)
        assert all(account.available == 0 or account.debt == 0 for account in accounts)


TestMarket = Market.TestCase
TestMarket.settings = settings(max_examples=120, stateful_step_count=60, deadline=None)
