"""A market on a chain and its model, driven together: signed and on-chain orders, batches.

What one of the two refuses, the other must refuse for the same reason; after what both carry out,
everything that both know must be equal.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from eth_account.signers.local import LocalAccount

from energy_grid.chain.contract import Contract
from energy_grid.chain.roles import Role
from energy_grid.domain.batch import BATCH_IDS, Batch, Refusal
from energy_grid.domain.orders import OrderTerms, OrderType, TransactionStatus
from energy_grid.domain.periods import closable
from energy_grid.domain.signed_orders import MAX_NONCE, SignedOrder
from energy_grid.domain.slots import SlotClosedError
from energy_grid.errors import ContractError, DomainError
from tests.model import batch as batches
from tests.model import nonces, orders, settlement
from tests.model.batch import BatchRefusedError
from tests.model.costs import Fees
from tests.model.pruning import pruned
from tests.model.settlement import BatchSettled, MarketRules, SettlementModel
from tests.support.market import MONDAY, Market, Receipt, actor
from tests.support.signed_orders import (
    batch_args,
    by_wallet,
    deploy_wallet,
    digest,
    sign,
)
from tests.support.views import Views

__all__ = ["MarketComparison"]

OPENING_BALANCE = 3_000_000

_REASONS = {
    batches.NoFillsError: "EnergyTrading_NoFills",
    batches.NoSuchPlaceError: "EnergyTrading_NoSuchPlace",
    batches.UnsortedBatchError: "EnergyTrading_Unsorted",
    BatchRefusedError: "EnergyTrading_Refused",
    nonces.FloorNotHigherError: "Settlement_FloorNotHigher",
    nonces.NonceSpentError: "EnergyTrading_NonceSpent",
    nonces.NonceTooLargeError: "EnergyTrading_NonceTooLarge",
    orders.DustError: "EnergyTrading_Dust",
    orders.GateClosedError: "EnergyTrading_GateClosed",
    orders.NotCrossingError: "EnergyTrading_NotCrossing",
    orders.NotOrderOwnerError: "EnergyTrading_NotOwner",
    orders.OrderExpiredError: "EnergyTrading_Expired",
    orders.OrderNotActiveError: "EnergyTrading_NotActive",
    orders.OrderNotFoundError: "EnergyTrading_NoSuchOrder",
    orders.PeriodMismatchError: "EnergyTrading_PeriodMismatch",
    orders.SelfTradeError: "EnergyTrading_SelfTrade",
    orders.WrongSideError: "EnergyTrading_WrongSide",
    settlement.DebtOutstandingError: "Settlement_InDebt",
    settlement.InsufficientBalanceError: "Settlement_InsufficientBalance",
    settlement.NothingToSettleError: "EnergyTrading_NothingToSettle",
    settlement.SideBlockedError: "Settlement_SideBlocked",
    settlement.SlotNotClosableError: "Settlement_SlotNotClosable",
    settlement.TransactionNotFoundError: "EnergyTrading_NoSuchTransaction",
    settlement.TransactionSettledError: "EnergyTrading_AlreadySettled",
    settlement.UnknownAccountError: "Settlement_UnknownAccount",
    settlement.ZeroAmountError: "Settlement_ZeroAmount",
    SlotClosedError: "Settlement_SlotClosed",
}


class MarketComparison:
    """Both; accounts have their addresses for names in the model."""

    def __init__(self, market: Market, fees: Fees) -> None:
        self.market = market
        self.now = MONDAY + 3600
        self.settlement_model = SettlementModel(
            MarketRules(
                slot_seconds=market.slot_length,
                grace=market.grace,
                collateral_per_kwh=market.trading.call("COLLATERAL_PER_KWH"),
            ),
            fees,
        )
        authority = market.roles[Role.GRID_AUTHORITY]
        market.do(authority, market.settlement, "setFees", fees.protocol_bps, fees.grid_per_kwh)
        self.keys = {actor(role).address: actor(role) for role in ("prosumer", "buyer", "seller")}
        self.stranger = actor("stranger").address
        self.keys[self.stranger] = actor("stranger")
        self.owner = actor("owner of the wallet")
        self.wallet_contract = deploy_wallet(market, self.owner)
        self.wallet = self.wallet_contract.address
        self.keeper = market.roles[Role.KEEPER]
        self.people = [*(name for name in self.keys if name != self.stranger), self.wallet]
        for name in self.people:
            market.give_money(name, 10_000_000_000)
            market.do(name, market.settlement, "deposit", OPENING_BALANCE)
            market.do(name, market.grid, "registerConsumer", 100_000)
            market.do(name, market.grid, "registerProducer", 1_000_000, 0)
            self.settlement_model.deposit(name, OPENING_BALANCE)
        self.barred: set[tuple[str, OrderType]] = set()
        # Who has made which signature, by what is signed.
        self.signers: dict[tuple[int, bytes], str] = {}
        self.hashes: dict[tuple[OrderTerms, int], int] = {}
        self.nonces: set[tuple[str, int]] = set()
        self.minted = self.burned = 0
        # Why orders and fills were refused so far, and how many were matched, under NONE.
        self.seen: Counter[Refusal] = Counter()

    # What the model takes as given

    def order_id(self, order: SignedOrder) -> int:
        key = (order.terms, order.nonce)
        if key not in self.hashes:
            self.hashes[key] = int.from_bytes(digest(self.market, *key))
        return self.hashes[key]

    def confirms(self, order: SignedOrder) -> bool:
        signer = self.signers.get((self.order_id(order), order.signature))
        trader = order.terms.trader
        confirming = {self.wallet: self.owner.address} if order.by_contract else {trader: trader}
        return signer is not None and confirming.get(trader) == signer

    # Both at once

    def both(
        self,
        move: Callable[[int], Any],
        sender: str | LocalAccount,
        contract: Contract,
        function: str,
        *arguments: Any,
    ) -> tuple[Any, Receipt] | None:
        """What came of it in the model and, at the same second, on the chain; None where both
        refuse for the same reason."""
        self.now += 1
        result = receipt = reason = refusal = None
        try:
            result = move(self.now)
        except DomainError as error:
            reason = error
        try:
            receipt = self.market.at(self.now).do(sender, contract, function, *arguments)
        except ContractError as error:
            refusal = error
        expected = _REASONS[type(reason)] if reason else None
        assert (refusal.name if refusal else None) == expected, f"{reason!r} / {refusal!r}"
        if isinstance(reason, BatchRefusedError) and refusal:
            found = (refusal.arguments["order_id"], refusal.arguments["reason"])
            assert found == (reason.refused.order_id, reason.refused.reason)
            self.seen[reason.refused.reason] += 1
        return None if receipt is None else (result, receipt)

    # Money and accounts

    def deposit(self, name: str, amount: int) -> None:
        self.both(
            lambda _: self.settlement_model.deposit(name, amount),
            *(name, self.market.settlement, "deposit", amount),
        )

    def withdraw(self, name: str, amount: int) -> None:
        self.both(
            lambda _: self.settlement_model.withdraw(name, amount),
            *(name, self.market.settlement, "withdraw", amount, name),
        )

    def bar_or_not(self, name: str, side: OrderType) -> None:
        """The authority deactivates somebody on one side, or undoes it."""
        blocked = (name, side) not in self.barred
        self.barred ^= {(name, side)}
        function = "deactivateParticipant" if blocked else "reactivateParticipant"
        authority = self.market.roles[Role.GRID_AUTHORITY]
        self.both(
            lambda _: self.settlement_model.block_side(name, side, blocked=blocked),
            *(authority, self.market.grid, function, name, side is OrderType.SELL),
        )

    # Orders

    def sign_order(
        self,
        terms: OrderTerms,
        nonce: int,
        *,
        key: LocalAccount | None = None,
        other_form: bool = False,
    ) -> SignedOrder:
        """An order with the signature of its trader, or another key; perhaps as if a wallet were a
        key, or the reverse."""
        key = key or self.keys.get(terms.trader, self.owner)
        by_contract = (terms.trader == self.wallet) ^ other_form
        order = (by_wallet if by_contract else sign)(self.market, key, terms, nonce)
        self.signers[self.order_id(order), order.signature] = key.address
        if nonce <= MAX_NONCE:
            self.nonces.add((terms.trader, nonce))
        return order

    def place_order(self, terms: OrderTerms) -> None:
        self.both(
            lambda at: self.settlement_model.place(terms, at),
            *(terms.trader, self.market.trading),
            "createOrder(uint256,uint256,uint256,uint8,uint8,uint256)",
            *(terms.amount, terms.price, terms.expiry, terms.order_type),
            *(terms.period.kind, terms.period.start),
        )

    def match(self, buy: int, sell: int) -> None:
        self.both(
            lambda at: self.settlement_model.match(buy, sell, at),
            *(actor("keeper"), self.market.trading, "matchOrders", buy, sell),
        )

    def revoke(self) -> None:
        """The wallet changes hands: what its old owner has signed is void."""
        self.owner = actor(f"successor of {self.owner.address}")
        self.now += 1
        self.market.at(self.now).do(
            self.owner, self.wallet_contract, "setOwner", self.owner.address
        )

    # Batches

    def pruned(self, batch: Batch) -> Batch | None:
        """What a careful keeper sends instead: only what would not be refused; None for nothing."""
        twin = copy.deepcopy(self.settlement_model)
        try:
            outcome = twin.settle_batch(batch, skip=True, now=self.now + 1, signatures=self)
        except DomainError:
            return None
        return pruned(batch, outcome, self)

    def settle_batch(self, batch: Batch, *, skip: bool) -> BatchSettled | None:
        """Send a batch; what came of it, None if it was refused."""
        done = self.both(
            lambda at: self.settlement_model.settle_batch(
                batch, skip=skip, now=at, signatures=self
            ),
            *(self.keeper, self.market.trading, "settleBatch", batch_args(batch), skip),
        )
        if done is None:
            return None
        outcome: BatchSettled = done[0]
        self._assert_emitted(batch, outcome, done[1])
        self.seen.update(refused.reason for refused in outcome.refused)
        self.seen[Refusal.NONE] += len(outcome.transactions)
        return outcome

    def _assert_emitted(self, batch: Batch, outcome: BatchSettled, receipt: Receipt) -> None:
        trading = self.market.trading
        matched = self.market.events(receipt, trading, "OrdersMatched")
        assert [
            tuple(event[key] for key in ("transaction_id", "buy_id", "sell_id", "amount", "price"))
            for event in matched
        ] == [(t.id, t.buy_id, t.sell_id, t.amount, t.price) for t in outcome.transactions]
        skipped = self.market.events(receipt, trading, "OrderSkipped")
        assert [(event["order_id"], event["reason"]) for event in skipped] == [
            (refused.order_id, refused.reason) for refused in outcome.refused
        ]
        emitted = self.market.events(receipt, trading, "BatchSettled")
        names = ("batch_id", "order_set", "price", "amount", "matched")
        whole = (
            self.settlement_model.batches,
            batch.order_set,
            batch.price,
            outcome.amount,
            len(matched),
        )
        # There is no batch of nothing.
        assert [tuple(event[name] for name in names) for event in emitted] == [whole] * bool(
            matched
        )

    # Settling

    def settle(self, transaction_id: int, max_slots: int) -> None:
        self.both(
            lambda at: self.settlement_model.settle(transaction_id, max_slots, at),
            *(actor("keeper"), self.market.trading),
            *("settleTransaction(uint256,uint256)", transaction_id, max_slots),
        )

    def settle_all(self) -> None:
        for item in list(self.settlement_model.transactions.values()):
            if item.status is TransactionStatus.MATCHED:
                self.settle(item.id, 48)

    def close(self, name: str, slot: int) -> None:
        price = self.market.grid.call("priceOf", slot)
        done = self.both(
            lambda at: self.settlement_model.close_slot(name, slot, price, at),
            *(actor("keeper"), self.market.settlement, "closeSlot", name, slot),
        )
        if done:
            self.minted += done[0].minted
            self.burned += done[0].burned

    def close_due(self) -> None:
        rules = self.settlement_model.rules
        for (name, slot), energy in list(self.settlement_model.energy.items()):
            due = closable(slot, self.now + 1, rules.slot_seconds, rules.grace)
            if due and not energy.closed:
                self.close(name, slot)

    # What must be equal

    def assert_same(self) -> None:
        """Everything that both know is equal, and the settlement model can pay what it owes."""
        market, settlement_model = self.market, self.settlement_model
        expected: list[Any] = []
        views = Views(market.node)

        def same(value: Any, contract: Contract, function: str, *arguments: Any) -> None:
            views.add(contract, function, *arguments)
            expected.append(value)

        for name in self.names():
            account = settlement_model.account(name)
            same(account.available, market.settlement, "balanceOf", name)
            same(account.locked, market.settlement, "lockedOf", name)
            same(account.debt, market.settlement, "debtOf", name)
            same(account.energy_credits, market.energy_token, "balanceOf", name)
            same(settlement_model.nonces.floor(name), market.trading, "signedFloorOf", name)
        for (name, slot), e in settlement_model.energy.items():
            energy = (e.produced, e.consumed, e.sold, e.bought, e.closed)
            same(energy, market.settlement, "energyOf", name, slot)
            assert e.sold <= e.produced
        for trader, nonce in sorted(self.nonces):
            state = settlement_model.nonces.state(trader, nonce)
            same(state, market.trading, "nonceState", trader, nonce)
        for order_id in self.hashes.values():
            filled = settlement_model.nonces.filled(order_id)
            same(filled, market.trading, "filled", order_id.to_bytes(32))
        treasury = settlement_model.treasury
        fees = treasury.protocol_fees + treasury.grid_fees
        same((fees, treasury.grid_sales), market.settlement, "treasuryOwed")
        same(self.minted - self.burned, market.energy_token, "totalSupply")
        owed = treasury.total + sum(
            a.available + a.locked for a in settlement_model.accounts.values()
        )
        same(owed, market.dollar, "balanceOf", market.settlement.address)
        same(settlement_model.batches, market.trading, "batchCount")
        # In pages, as there can be many: the orders, the pairs, and each batch.
        views.add(market.trading, "getOrders", 1, 10_000)
        for batch in range(settlement_model.batches + 1):
            views.add(market.trading, "getTransactions", batch * BATCH_IDS or 1, 10_000)
        answers = views.all()
        found, (placed, *pages) = answers[: len(expected)], answers[len(expected) :]
        assert [tuple(a) if isinstance(a, list) else a for a in found] == expected
        self._assert_same_orders(*placed)
        self._assert_same_transactions([made for page in pages for made in page])

    def names(self) -> list[str]:
        return [*self.people, self.stranger]

    def _assert_same_orders(self, placed: Sequence[Any], terms: Sequence[Any]) -> None:
        assert [
            (order[0], order[3], order[5], rest[0])
            for order, rest in zip(placed, terms, strict=True)
        ] == [(o.trader, o.expiry, o.status, o.remaining) for o in self.settlement_model.book]

    def _assert_same_transactions(self, made: Sequence[Any]) -> None:
        assert [tuple(item) for item in made] == [
            (
                *(t.buyer, t.seller, t.amount, t.delivered, t.price, t.period.kind),
                *(t.period.start, t.period.end, t.settled_slots, t.status, t.late),
            )
            for _, t in sorted(self.settlement_model.transactions.items())
        ]
