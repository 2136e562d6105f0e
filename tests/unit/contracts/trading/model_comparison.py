"""The market and its reference model, given the same commands at the same second.

What one of them refuses, the other must refuse for the same reason; what both carry out must leave
the same balances, to the last unit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from eth_account.signers.local import LocalAccount

from energy_grid.chain.contract import Contract
from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.batch import Batch
from energy_grid.domain.orders import OrderTerms, OrderType
from energy_grid.domain.periods import Period
from energy_grid.domain.signed_orders import SignedOrder
from energy_grid.errors import ContractError, DomainError
from tests.model import orders as model
from tests.model import settlement
from tests.model.costs import Fees
from tests.model.settlement import MarketRules, SettlementModel
from tests.support.market import Receipt
from tests.support.signed_orders import batch_args, digest
from tests.unit.contracts.trading.traders import (
    CREATE,
    FOREVER,
    RATED_POWER,
    SETTLE_SLOTS,
    Energy,
    Order,
    Terms,
    Traders,
    Transaction,
    all_transactions,
)

__all__ = ["ModelComparison", "comparison_of"]

Result = TypeVar("Result")

_REASONS = {
    model.DustError: "EnergyTrading_Dust",
    model.GateClosedError: "EnergyTrading_GateClosed",
    model.NotCrossingError: "EnergyTrading_NotCrossing",
    model.NotOrderOwnerError: "EnergyTrading_NotOwner",
    model.OrderExpiredError: "EnergyTrading_Expired",
    model.OrderNotActiveError: "EnergyTrading_NotActive",
    model.OrderNotFoundError: "EnergyTrading_NoSuchOrder",
    model.PeriodMismatchError: "EnergyTrading_PeriodMismatch",
    model.SelfTradeError: "EnergyTrading_SelfTrade",
    model.WrongSideError: "EnergyTrading_WrongSide",
    settlement.DebtOutstandingError: "Settlement_InDebt",
    settlement.InsufficientBalanceError: "Settlement_InsufficientBalance",
    settlement.NothingToSettleError: "EnergyTrading_NothingToSettle",
    settlement.SlotNotClosableError: "Settlement_SlotNotClosable",
    settlement.TransactionNotFoundError: "EnergyTrading_NoSuchTransaction",
    settlement.TransactionSettledError: "EnergyTrading_AlreadySettled",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelComparison:
    """Both; accounts have their addresses for names in the model."""

    traders: Traders
    settlement_model: SettlementModel
    accounts: tuple[LocalAccount, ...]
    meters: dict[str, LocalAccount] = field(default_factory=dict)

    @property
    def next(self) -> int:
        """When the next thing happens."""
        return self.traders.market.now + 1

    def place(
        self, trader: LocalAccount, side: OrderType, amount: int, price: int, period: Period
    ) -> int | None:
        """Place an order; its number, None if it is refused."""
        now = self.next
        terms = OrderTerms(
            trader=trader.address,
            order_type=side,
            amount=amount,
            price=price,
            expiry=FOREVER,
            period=period,
        )
        placed = self._both(
            lambda: self.settlement_model.place(terms, now),
            trader,
            self.traders.market.trading,
            *(CREATE, amount, price, FOREVER, side, period.kind, period.start),
        )
        return placed[0].id if placed else None

    def match(self, buy: int, sell: int) -> int | None:
        """Match; the transaction's number, None if it is refused."""
        now = self.next
        matched = self._both(
            lambda: self.settlement_model.match(buy, sell, now),
            self.traders.keeper,
            self.traders.market.trading,
            *("matchOrders", buy, sell),
        )
        return matched[0].id if matched else None

    def batch(self, batch: Batch, *, skip: bool = False) -> Sequence[settlement.Transaction]:
        """The keeper sends a batch that no step refuses as a whole; what it has agreed."""
        now = self.next
        done = self._both(
            lambda: self.settlement_model.settle_batch(batch, skip=skip, now=now, signatures=self),
            self.traders.market.roles[Role.KEEPER],
            self.traders.market.trading,
            *("settleBatch", batch_args(batch), skip),
        )
        assert done is not None
        return done[0].transactions

    def order_id(self, order: SignedOrder) -> int:
        """What stands for a signed order."""
        return int.from_bytes(digest(self.traders.market, order.terms, order.nonce))

    def confirms(self, order: SignedOrder) -> bool:
        """All that are compared are signed by their traders."""
        return True

    def agree(
        self, seller: LocalAccount, buyer: LocalAccount, amount: int, price: int, period: Period
    ) -> int | None:
        """Place two orders that meet, and match them; None if that is refused."""
        sell = self.place(seller, OrderType.SELL, amount, price, period)
        buy = self.place(buyer, OrderType.BUY, amount, price, period)
        return None if buy is None or sell is None else self.match(buy, sell)

    def read(self, trader: LocalAccount, timestamp: int, *, produced: int, consumed: int) -> None:
        """A reading of the trader's meter at exactly this second."""
        self.traders.market.at(timestamp)
        self._both(
            lambda: self.settlement_model.record(
                trader.address, timestamp, produced, consumed, timestamp
            ),
            self.meters[trader.address],
            self.traders.market.meters,
            *("submitReading", (timestamp, consumed, produced, 5000, 2300)),
        )

    def settle(self, transaction: int, max_slots: int) -> Receipt | None:
        """Settle; what happened on the chain, None if it is refused."""
        now = self.next
        settled = self._both(
            lambda: self.settlement_model.settle(transaction, max_slots, now),
            self.traders.keeper,
            self.traders.market.trading,
            *(SETTLE_SLOTS, transaction, max_slots),
        )
        return settled[1] if settled else None

    def close(self, trader: LocalAccount, slot: int) -> None:
        """Close an account's slot."""
        now = self.next
        price = self.traders.market.grid.call("priceOf", slot)
        self._both(
            lambda: self.settlement_model.close_slot(trader.address, slot, price, now),
            self.traders.keeper,
            self.traders.market.settlement,
            *("closeSlot", trader.address, slot),
        )

    def assert_same(self) -> None:
        """The books agree."""
        traders, settlement_model = self.traders, self.settlement_model
        for trader in self.accounts:
            account = settlement_model.account(trader.address)
            assert traders.money(trader) == (account.available, account.locked)
            assert traders.debt(trader) == account.debt
        for (name, slot), energy in settlement_model.energy.items():
            found = Energy(*traders.market.settlement.call("energyOf", name, slot))
            assert found == Energy(
                energy.produced, energy.consumed, energy.sold, energy.bought, energy.closed
            )
        treasury = settlement_model.treasury
        assert traders.fees_owed() == treasury.protocol_fees + treasury.grid_fees
        self._assert_same_orders()
        self._assert_same_transactions()

    def _assert_same_orders(self) -> None:
        placed, terms = self.traders.market.trading.call("getOrders", 1, FOREVER)
        assert [Order(*order) for order in placed] == [
            Order(
                *(order.trader, order.amount, order.price, order.expiry),
                *(order.order_type, order.status),
            )
            for order in self.settlement_model.book
        ]
        assert [Terms(*values) for values in terms] == [
            Terms(order.remaining, order.period.kind, order.period.start, order.period.end)
            for order in self.settlement_model.book
        ]

    def _assert_same_transactions(self) -> None:
        assert all_transactions(self.traders.market) == [
            Transaction(
                *(item.buyer, item.seller, item.amount, item.delivered, item.price),
                *(item.period.kind, item.period.start, item.period.end),
                *(item.settled_slots, item.status, item.late),
            )
            for _, item in sorted(self.settlement_model.transactions.items())
        ]

    def _both(
        self,
        carry_out: Callable[[], Result],
        sender: LocalAccount,
        contract: Contract,
        function: str,
        *arguments: Any,
    ) -> tuple[Result, Receipt] | None:
        """What came of it in the model and on the chain, None where both refuse."""
        result = receipt = expected = refused = None
        try:
            result = carry_out()
        except DomainError as refusal:
            expected = errors.error_class(_REASONS[type(refusal)])
        try:
            receipt = self.traders.market.do(sender, contract, function, *arguments)
        except ContractError as refusal:
            refused = type(refusal)
        assert refused is expected
        return None if result is None or receipt is None else (result, receipt)


def comparison_of(
    traders: Traders, *, fees: Fees | None = None, meters: bool = False
) -> ModelComparison:
    """A comparison of a market where nothing has happened but deposits; with fees, and with a
    meter for every account, if asked."""
    fees = fees or Fees()
    accounts = (traders.buyer, traders.seller, traders.rival)
    rules = MarketRules(
        slot_seconds=traders.market.slot_length,
        grace=traders.market.grace,
        collateral_per_kwh=traders.collateral,
    )
    settlement_model = SettlementModel(rules, fees)
    if fees != Fees():
        traders.set_fees(fees.protocol_bps, fees.grid_per_kwh)
    found = {traders.seller.address: traders.meter}
    for trader in accounts:
        settlement_model.deposit(trader.address, traders.market.balance(trader))
        if meters and trader.address not in found:
            found[trader.address] = traders.market.register_meter(trader, rated_power=RATED_POWER)
    return ModelComparison(
        traders=traders, settlement_model=settlement_model, accounts=accounts, meters=found
    )
