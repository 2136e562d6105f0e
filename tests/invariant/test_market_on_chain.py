"""The market on the chain and in the model, driven at random together; see README.md."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from eth_account.signers.local import LocalAccount
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
)

from energy_grid.chain.contract import Contract
from energy_grid.chain.roles import Role
from energy_grid.domain.costs import cost_up
from energy_grid.domain.orders import OrderTerms, OrderType, TransactionStatus
from energy_grid.domain.periods import Period, PeriodKind, closable
from energy_grid.errors import ContractError, DomainError
from tests.model.costs import Fees
from tests.model.settlement import MarketRules, SettlementModel
from tests.model.slots import slot_of_reading
from tests.support.examples import ChainMachine, Drive, rule
from tests.support.market import MONDAY, Market, Receipt, actor
from tests.support.views import Views

NAMES = ("prosumer", "buyer", "seller")
UTILITY = "utility"
OPENING_BALANCE = 2_000_000
# Every prosumer may draw this much from the grid in a slot, in Wh.
LIMIT_WH = 100_000

names = st.sampled_from(NAMES)
wh = st.one_of(st.just(0), st.integers(1, 3000))
prices = st.integers(1, 9).map(lambda step: step * 50_001)
kinds = st.sampled_from([PeriodKind.HOURLY, PeriodKind.HOURLY, PeriodKind.DAILY])


class MarketOnChain(ChainMachine):
    """One machine for both; `market` is set by the test."""

    @initialize(fees=st.sampled_from([Fees(), Fees(protocol_bps=100, grid_per_kwh=37_501)]))
    def open(self, fees: Fees) -> None:
        market = self.market
        self.before = market.node.snapshot()
        self.people = {name: actor(name) for name in NAMES}
        self.meters = {}
        for person in self.people.values():
            market.deposit(person, OPENING_BALANCE)
            # For the deposits and repayments to come.
            market.give_money(person, 10_000_000_000)
            self.meters[person.address] = market.register_meter(person)
            market.do(person, market.grid, "registerConsumer", LIMIT_WH)
        market.do(actor(UTILITY), market.grid, "registerProducer", 10 * LIMIT_WH, 0)
        self.set_fees(fees)
        rules = MarketRules(
            slot_seconds=market.slot_length,
            grace=market.grace,
            collateral_per_kwh=market.trading.call("COLLATERAL_PER_KWH"),
        )
        self.settlement_model = SettlementModel(rules, fees)
        for name in NAMES:
            self.settlement_model.deposit(name, OPENING_BALANCE)
        self.now = MONDAY + 3600
        self.last_read = dict.fromkeys(NAMES, market.now)
        self.minted = self.burned = self.from_grid = 0
        self.closed: set[tuple[str, int]] = set()
        # Whose meter was read exactly at the end of which slots; each has one.
        self.read_at_end: set[tuple[str, int]] = set()

    def teardown(self) -> None:
        if hasattr(self, "before"):
            self.market.node.revert(self.before)
            self.market._funded.clear()

    def set_fees(self, fees: Fees) -> None:
        authority = self.market.roles[Role.GRID_AUTHORITY]
        settlement = self.market.settlement
        self.market.do(authority, settlement, "setFees", fees.protocol_bps, fees.grid_per_kwh)

    def both(
        self,
        model: Callable[[], Any],
        sender: LocalAccount,
        contract: Contract,
        function: str,
        *arguments: Any,
    ) -> Receipt | None:
        """Do it in the model and, at the same second, on the chain; None where both refuse."""
        self.now += 1
        receipt = in_model = on_chain = None
        try:
            model()
        except DomainError as refusal:
            in_model = refusal
        try:
            receipt = self.market.at(self.now).do(sender, contract, function, *arguments)
        except ContractError as refusal:
            on_chain = refusal
        assert (in_model is None) == (on_chain is None), f"{in_model!r} / {on_chain!r}"
        return receipt

    # Time and money

    @rule(seconds=st.sampled_from([60, 900, 1800, 3600]))
    def wait(self, seconds: int) -> None:
        self.now += seconds

    @rule(name=names, amount=st.integers(0, 10**6))
    def deposit(self, name: str, amount: int) -> None:
        self.both(
            lambda: self.settlement_model.deposit(name, amount),
            self.people[name],
            self.market.settlement,
            "deposit",
            amount,
        )

    @rule(name=names, amount=st.integers(0, 3 * 10**6))
    def withdraw(self, name: str, amount: int) -> None:
        person = self.people[name]
        self.both(
            lambda: self.settlement_model.withdraw(name, amount),
            person,
            self.market.settlement,
            "withdraw",
            amount,
            person.address,
        )

    @precondition(lambda self: any(item.debt for item in self.settlement_model.accounts.values()))
    @rule(name=names, amount=st.integers(1, 10**6))
    def repay(self, name: str, amount: int) -> None:
        self.both(
            lambda: self.settlement_model.repay_debt(name, amount),
            self.people[name],
            self.market.settlement,
            "repayDebt",
            amount,
        )

    # Trading

    @rule(
        name=names,
        side=st.sampled_from(OrderType),
        kind=kinds,
        amount=st.integers(1, 3000),
        price=prices,
        lifetime=st.integers(0, 4000),
    )
    def place(
        self, name: str, side: OrderType, kind: PeriodKind, amount: int, price: int, lifetime: int
    ) -> None:
        now = self.now + 1
        period = Period.current(kind, now)
        terms = OrderTerms(
            trader=name,
            order_type=side,
            amount=amount,
            price=price,
            expiry=now + lifetime,
            period=period,
        )
        self.both(
            lambda: self.settlement_model.place(terms, now),
            self.people[name],
            self.market.trading,
            "createOrder(uint256,uint256,uint256,uint8,uint8,uint256)",
            *(amount, price, now + lifetime, side, kind, period.start),
        )

    @rule(
        sides=st.permutations(NAMES),
        kind=kinds,
        amount=st.integers(1, 3000),
        share=st.integers(1, 4),
        price=prices,
        premium=st.sampled_from([0, 1, 12_345]),
    )
    def agree(
        self,
        sides: list[str],
        kind: PeriodKind,
        amount: int,
        share: int,
        price: int,
        premium: int,
    ) -> None:
        """Two prosumers place crossing orders; one of them takes what the other offers in part."""
        first = len(list(self.settlement_model.book)) + 1
        self.place(sides[0], OrderType.BUY, kind, amount, price + premium, 4000)
        self.place(sides[1], OrderType.SELL, kind, max(1, amount // share), price, 4000)
        if len(list(self.settlement_model.book)) == first + 1:
            self.match(first, first + 1)

    @precondition(lambda self: bool(list(self.settlement_model.book)))
    @rule(data=st.data(), caller=names)
    def cancel(self, data: st.DataObject, caller: str) -> None:
        order = data.draw(st.integers(1, len(list(self.settlement_model.book)) + 1))
        self.both(
            lambda: self.settlement_model.cancel(order, caller, self.now),
            self.people[caller],
            self.market.trading,
            "cancelOrder",
            order,
        )

    @precondition(lambda self: bool(list(self.settlement_model.book)))
    @rule(data=st.data())
    def match_any(self, data: st.DataObject) -> None:
        ids = st.integers(1, len(list(self.settlement_model.book)) + 1)
        self.match(data.draw(ids), data.draw(ids))

    @rule(kind=kinds)
    def match_best(self, kind: PeriodKind) -> None:
        period = Period.current(kind, self.now)
        for buy, sell in list(self.settlement_model.book.best_pairs(period, self.now + 1))[:3]:
            self.match(buy, sell)

    def match(self, buy: int, sell: int) -> None:
        self.both(
            lambda: self.settlement_model.match(buy, sell, self.now),
            actor("keeper"),
            self.market.trading,
            "matchOrders",
            buy,
            sell,
        )

    # Metering and settling

    @rule(name=names, produced=wh, consumed=wh)
    def read(self, name: str, produced: int, consumed: int) -> None:
        timestamp = self.now + 1
        if timestamp - self.last_read[name] < self.market.meters.call("MIN_INTERVAL"):
            return
        self.last_read[name] = timestamp
        receipt = self.both(
            lambda: self.settlement_model.record(name, timestamp, produced, consumed, self.now),
            self.meters[self.people[name].address],
            self.market.meters,
            "submitReading",
            (timestamp, consumed, produced, 5000, 2300),
        )
        if receipt and timestamp % self.market.slot_length == 0:
            self.read_at_end.add((name, slot_of_reading(timestamp, self.market.slot_length)))

    @rule(name=names, produced=wh, consumed=wh)
    def read_at_the_slot_s_end(self, name: str, produced: int, consumed: int) -> None:
        self.now = self.market.end_of(self.market.slot(self.now)) - 1
        self.read(name, produced, consumed)

    @rule(name=names, amount=st.integers(1, 2000))
    def buy_from_grid(self, name: str, amount: int) -> None:
        grid = self.market.grid
        self.market.at(self.now + 1).do(actor(UTILITY), grid, "reportProduction", 10 * LIMIT_WH)
        self.now += 1
        cost = cost_up(amount, grid.call("getDynamicPrice"))
        bought = self.both(
            lambda: self.settlement_model.buy_from_grid(name, amount, cost, self.now),
            self.people[name],
            grid,
            "consumeEnergy",
            amount,
        )
        self.from_grid += amount if bought else 0

    @precondition(lambda self: bool(self.settlement_model.transactions))
    @rule(data=st.data(), max_slots=st.integers(0, 30))
    def settle(self, data: st.DataObject, max_slots: int) -> None:
        transaction = data.draw(st.integers(1, len(self.settlement_model.transactions) + 1))
        self.both(
            lambda: self.settlement_model.settle(transaction, max_slots, self.now),
            actor("keeper"),
            self.market.trading,
            "settleTransaction(uint256,uint256)",
            transaction,
            max_slots,
        )

    @rule(readings=st.lists(st.tuples(names, wh, wh), min_size=2, max_size=4))
    def the_hour_passes(self, readings: list[tuple[str, int, int]]) -> None:
        """The ordinary course of things: meters are read, and what is due is settled."""
        for name, produced, consumed in readings:
            self.now += 60
            self.read(name, produced, consumed)
        self.settle_all()
        self.now += self.market.slot_length
        self.settle_all()

    @rule()
    def settle_all(self) -> None:
        for item in list(self.settlement_model.transactions.values()):
            if item.status is TransactionStatus.MATCHED:
                self.both(
                    lambda item=item: self.settlement_model.settle(item.id, 48, self.now),
                    actor("keeper"),
                    self.market.trading,
                    "settleTransaction(uint256)",
                    item.id,
                )

    @rule()
    def close_all(self) -> None:
        """Settle and close all that is due, as keepers do."""
        rules = self.settlement_model.rules
        self.now += 3 * rules.grace
        self.settle_all()
        for name, slot in list(self.settlement_model.energy):
            due = closable(slot, self.now + 1, rules.slot_seconds, rules.grace)
            if due and (name, slot) not in self.closed:
                self.close(name, slot)

    @rule(name=names, age=st.integers(0, 4))
    def close_any(self, name: str, age: int) -> None:
        self.close(name, self.market.slot(self.now) - age)

    def close(self, name: str, slot: int) -> None:
        price = self.market.grid.call("priceOf", slot)
        person = self.people[name]
        receipt = self.both(
            lambda: self.settlement_model.close_slot(name, slot, price, self.now),
            actor("keeper"),
            self.market.settlement,
            "closeSlot",
            person.address,
            slot,
        )
        if receipt is None:
            return
        self.closed.add((name, slot))
        event = self.market.events(receipt, self.market.settlement, "SlotClosed")[0]
        energy = self.settlement_model.energy_of(name, slot)
        assert (
            energy.produced + energy.bought + event["burned"] + event["from_grid"]
            == energy.consumed + energy.sold + event["minted"]
        )
        self.minted += event["minted"]
        self.burned += event["burned"]

    # Invariants

    @invariant()
    def the_chain_equals_the_model(self) -> None:
        if not hasattr(self, "settlement_model"):
            return
        read = Views(self.market.node)
        settlement, token = self.market.settlement, self.market.energy_token
        people = [(name, self.people[name].address) for name in NAMES]
        slots = list(self.settlement_model.energy)
        for _, address in people:
            for function in ("balanceOf", "lockedOf", "debtOf"):
                read.add(settlement, function, address)
            read.add(token, "balanceOf", address)
        for name, slot in slots:
            read.add(settlement, "energyOf", self.people[name].address, slot)
            read.add(settlement, "metersReadAtEnd", self.people[name].address, slot)
        for order in self.settlement_model.book:
            read.add(self.market.trading, "getOrder", order.id)
            read.add(self.market.trading, "getOrderTerms", order.id)
        for identity in self.settlement_model.transactions:
            read.add(self.market.trading, "getTransaction", identity)
        read.add(settlement, "treasuryOwed")
        read.add(token, "totalSupply")
        read.add(self.market.dollar, "balanceOf", settlement.address)
        answers = iter(read.all())

        held = 0
        for name, _ in people:
            account = self.settlement_model.account(name)
            available, locked, debt, energy_credits = (next(answers) for _ in range(4))
            assert (available, locked, debt) == (account.available, account.locked, account.debt)
            assert energy_credits == account.energy_credits
            assert available == 0 or debt == 0
            held += available + locked
        sold = bought = 0
        for name, slot in slots:
            energy = self.settlement_model.energy_of(name, slot)
            produced_, consumed, sold_, bought_, closed = next(answers)
            assert next(answers) == ((name, slot) in self.read_at_end)
            assert (produced_, consumed, sold_, bought_, closed) == (
                *(energy.produced, energy.consumed, energy.sold, energy.bought),
                energy.closed,
            )
            assert sold_ <= produced_
            sold, bought = sold + sold_, bought + bought_
        assert bought == sold + self.from_grid
        for order in self.settlement_model.book:
            placed, terms = next(answers), next(answers)
            assert (placed[1], placed[2], placed[3], placed[5]) == (
                *(order.amount, order.price, order.expiry, order.status),
            )
            assert terms[0] == order.remaining
        for transaction in self.settlement_model.transactions.values():
            found = next(answers)
            assert (found[2], found[3], found[4], found[8], found[9]) == (
                *(transaction.amount, transaction.delivered, transaction.price),
                *(transaction.settled_slots, transaction.status),
            )
        fees, revenue = next(answers)
        treasury = self.settlement_model.treasury
        assert (fees, revenue) == (
            treasury.protocol_fees + treasury.grid_fees,
            treasury.grid_sales,
        )
        assert next(answers) == self.minted - self.burned
        assert next(answers) == held + fees + revenue


def test_market__driven_at_random__agrees_with_the_model_and_keeps_its_invariants(
    market: Market, drive: Drive
) -> None:
    drive(MarketOnChain, market, examples=30, steps=50)
