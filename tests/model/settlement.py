"""The settlement accounts: the money and the energy of every account, and what changes them.

    available --place--> locked (order) --match--> locked (transaction) --settle--> seller, fees
        ^                   |                          |
        +----- cancel ------+------ what a fill or the end of a transaction gives back

    transaction   event                                          next
    MATCHED       settle, something is still owed and may come   MATCHED
    MATCHED       settle, all delivered                          SETTLED
    MATCHED       settle, all slots final and drained            SETTLED, seller compensates

Nothing here knows the time or the grid price: both are arguments. The books always add up:
``deposited == withdrawn + sum(available + locked) + treasury``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from energy_grid.domain.batch import BATCH_IDS, Batch, Refused
from energy_grid.domain.costs import collateral, cost_down
from energy_grid.domain.enums import OrderType, Refusal, TransactionStatus
from energy_grid.domain.orders import OrderTerms
from energy_grid.domain.periods import Period, closable, is_final, slot_of
from energy_grid.domain.slots import Closing, SlotEnergy, close_slot
from energy_grid.domain.units import natural
from energy_grid.errors import DomainError
from tests.model.accounts import (
    Account,
    Accounts,
    DebtOutstandingError,
    InsufficientBalanceError,
    InsufficientEnergyError,
    NoDebtError,
    Treasury,
    UnknownAccountError,
    ZeroAmountError,
)
from tests.model.batch import BatchOrder, Signatures, decide
from tests.model.costs import Fees, Payout, payout, released_on_fill
from tests.model.nonces import NonceBook
from tests.model.orders import GateClosedError, Order, OrderBook, Transaction
from tests.model.slots import deliverable, metered, slot_of_reading

__all__ = [
    "Account",
    "BatchSettled",
    "DebtOutstandingError",
    "InsufficientBalanceError",
    "InsufficientEnergyError",
    "MarketRules",
    "NoDebtError",
    "NothingToSettleError",
    "ReadingFromFutureError",
    "Settled",
    "SettlementModel",
    "SideBlockedError",
    "SlotFinalError",
    "SlotNotClosableError",
    "TransactionNotFoundError",
    "TransactionSettledError",
    "Treasury",
    "UnknownAccountError",
    "ZeroAmountError",
    "draw",
]


class ReadingFromFutureError(DomainError):
    """A reading is newer than now."""


class SlotFinalError(DomainError):
    """The slot takes no more readings."""


class SlotNotClosableError(DomainError):
    """The slot may still be settled."""


class SideBlockedError(DomainError):
    """The authority has deactivated the account on this side."""


class TransactionNotFoundError(DomainError):
    """No transaction has this id."""


class TransactionSettledError(DomainError):
    """The transaction has ended."""


class NothingToSettleError(DomainError):
    """Nothing can be delivered or ended now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketRules:
    """What a deployment fixes: seconds, and the collateral of sellers per kWh."""

    slot_seconds: int = 3600
    grace: int = 900
    collateral_per_kwh: int = 0

    def __post_init__(self) -> None:
        natural("collateral", self.collateral_per_kwh)
        # Without it a reading taken at the end of a slot would always come too late.
        if natural("grace", self.grace) == 0:
            raise DomainError("grace must be at least a second")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What one settlement did: Wh by slot, the payment, and the end if this was the end."""

    draws: tuple[tuple[int, int], ...]
    payout: Payout
    finished: bool
    refund: int = 0
    compensation: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchSettled:
    """What became of a batch: transactions in the order of their fills, and what was left out."""

    transactions: tuple[Transaction, ...]
    refused: tuple[Refused, ...]

    @property
    def amount(self) -> int:
        """Wh agreed."""
        return sum(transaction.amount for transaction in self.transactions)


def draw(
    transaction: Transaction,
    energy_of: Callable[[str, int], SlotEnergy],
    rules: MarketRules,
    max_slots: int,
    now: int,
) -> tuple[Transaction, tuple[tuple[int, int], ...]]:
    """Deliver what the metered slots allow: the transaction after it, and Wh by slot.

    At most ``max_slots`` slots are looked at. Slots that are not final are drawn too, but are
    not done with, since readings may still come.
    """
    slots = transaction.period.slots(rules.slot_seconds)
    done, delivered = transaction.settled_slots, transaction.delivered
    draws = []
    for slot in slots[done : done + max_slots]:
        # No reading can exist of a slot that has not begun, nor of any later one.
        if delivered == transaction.amount or now <= slot * rules.slot_seconds:
            break
        wh = deliverable(
            energy_of(transaction.seller, slot),
            energy_of(transaction.buyer, slot),
            transaction.amount - delivered,
        )
        if wh:
            draws.append((slot, wh))
            delivered += wh
        if is_final(slot, now, rules.slot_seconds, rules.grace):
            done += 1
    ended = delivered == transaction.amount or done == len(slots)
    status = TransactionStatus.SETTLED if ended else TransactionStatus.MATCHED
    after = replace(transaction, delivered=delivered, settled_slots=done, status=status)
    return after, tuple(draws)


class SettlementModel(Accounts):
    """The books of one market, changed by one method per thing that can happen.

    Every refusal leaves the books as they were. Readers get zeros for accounts and slots that
    nothing happened to.
    """

    def __init__(self, rules: MarketRules, fees: Fees) -> None:
        super().__init__(fees)
        self.rules = rules
        self.book = OrderBook(rules.slot_seconds)
        self.nonces = NonceBook()
        self.energy: dict[tuple[str, int], SlotEnergy] = {}
        self.transactions: dict[int, Transaction] = {}
        self.batches = 0
        self._blocked: set[tuple[str, OrderType]] = set()

    def block_side(self, name: str, side: OrderType, *, blocked: bool) -> None:
        """Refuse, or allow again, an account's new orders of one side."""
        self.open_account(name)
        (self._blocked.add if blocked else self._blocked.discard)((name, side))

    def energy_of(self, name: str, slot: int) -> SlotEnergy:
        """Energy of an account in a slot."""
        return self.energy.get((name, slot), SlotEnergy())

    def place(self, terms: OrderTerms, now: int) -> Order:
        """Add an order to the book and lock what it may cost.

        Raises:
            what `OrderBook.place` raises, then SideBlockedError, then DebtOutstandingError (BUY
            only), then InsufficientBalanceError.
        """
        lock = self.book.draft(terms, now).lock(self.rules.collateral_per_kwh)
        if (terms.trader, terms.order_type) in self._blocked:
            raise SideBlockedError(f"{terms.trader} may not {terms.order_type.name}")
        if terms.order_type is OrderType.BUY:
            self._check_no_debt(terms.trader)
        self._check_available(terms.trader, lock)
        self._book(terms.trader, available=-lock, locked=lock)
        return self.book.place(terms, now)

    def cancel(self, order_id: int, caller: str, now: int) -> Order:
        """Take an order out of the book and give its lock back to its trader.

        Raises:
            what `OrderBook.cancel` raises.
        """
        order = self.book.cancel(order_id, caller, now)
        lock = order.lock(self.rules.collateral_per_kwh)
        self._book(order.trader, available=lock, locked=-lock)
        return order

    def match(self, buy_id: int, sell_id: int, now: int) -> Transaction:
        """Turn two orders into a transaction; both get back what it does not keep.

        Raises:
            what `OrderBook.match` raises.
        """
        transaction = self.book.match(buy_id, sell_id, now)
        transaction = replace(transaction, late=self._is_late(transaction.period, now))
        wh = transaction.amount
        self._release(buy_id, wh, cost_down(wh, transaction.price))
        self._release(sell_id, wh, self.collateral_of(transaction, wh))
        self.transactions[transaction.id] = transaction
        return transaction

    def settle_batch(
        self, batch: Batch, *, skip: bool, now: int, signatures: Signatures
    ) -> BatchSettled:
        """Make a transaction of every fill, all at one price.

        With ``skip``, what is refused is left out with all fills that need it, and reported.

        Raises:
            SlotLengthError: the market's slots are longer than the period.
            GateClosedError: the period is over.
            what `batch.decide` raises.
        """
        batch.period.slots(self.rules.slot_seconds)
        if now >= batch.period.end:
            raise GateClosedError(f"the period closed at {batch.period.end}")
        late = self._is_late(batch.period, now)
        decision = decide(
            batch,
            skip=skip,
            now=now,
            collateral_per_kwh=0 if late else self.rules.collateral_per_kwh,
            books=self,
            signatures=signatures,
        )
        self.batches += bool(decision.agreed)
        made = tuple(
            Transaction(
                id=self.batches * BATCH_IDS + place,
                buy_id=fill.buy.order_id,
                sell_id=fill.sell.order_id,
                buyer=fill.buy.trader,
                seller=fill.sell.trader,
                amount=fill.amount,
                price=batch.price,
                period=batch.period,
                late=late,
            )
            for place, fill in enumerate(decision.agreed)
        )
        self.transactions.update((transaction.id, transaction) for transaction in made)
        for order in decision.orders:
            self._book_filled(order)
        return BatchSettled(transactions=made, refused=decision.refused)

    def cancel_signed(self, trader: str, nonces: Sequence[int]) -> None:
        """Void signed orders by their nonces; raises what `NonceBook.cancel` raises."""
        self.nonces.cancel(trader, nonces)

    def cancel_signed_below(self, trader: str, nonce: int) -> None:
        """Void all signed orders of lower nonces.

        Raises:
            UnknownAccountError, then what `NonceBook.cancel_below` raises.
        """
        if not self.is_known(trader):
            raise UnknownAccountError(f"{trader} has no account")
        self.nonces.cancel_below(trader, nonce)

    def lock_refusal(self, name: str, amount: int, side: OrderType) -> Refusal:
        """Why this much money cannot be locked for an order, NONE if it can."""
        account = self.account(name)
        if (name, side) in self._blocked:
            return Refusal.SIDE_BLOCKED
        if side is OrderType.BUY and account.debt:
            return Refusal.IN_DEBT
        return Refusal.INSUFFICIENT_BALANCE if amount > account.available else Refusal.NONE

    def record(self, name: str, timestamp: int, produced: int, consumed: int, now: int) -> int:
        """Count a meter reading (Wh since the one before); gives the slot it counted for.

        Raises:
            ReadingFromFutureError, SlotFinalError
        """
        if timestamp > now:
            raise ReadingFromFutureError(f"a reading of {timestamp} at {now}")
        slot = slot_of_reading(timestamp, self.rules.slot_seconds)
        if is_final(slot, now, self.rules.slot_seconds, self.rules.grace):
            raise SlotFinalError(f"slot {slot} takes no readings at {now}")
        self.open_account(name)
        self.energy[name, slot] = metered(self.energy_of(name, slot), produced, consumed)
        return slot

    def buy_from_grid(self, name: str, wh: int, cost: int, now: int) -> int:
        """Buy energy of the running slot from the grid, paid at once; gives the slot.

        Raises:
            InsufficientBalanceError
        """
        self._check_available(name, natural("cost", cost))
        slot = slot_of(now, self.rules.slot_seconds)
        energy = self.energy_of(name, slot)
        self.energy[name, slot] = replace(energy, bought=energy.bought + natural("energy", wh))
        self._book(name, available=-cost)
        self._collect(grid_sales=cost)
        return slot

    def settle(self, transaction_id: int, max_slots: int, now: int) -> Settled:
        """Deliver, pay, and end the transaction when nothing more can come.

        One payment is made for all slots of the call.

        Raises:
            TransactionNotFoundError, TransactionSettledError, NothingToSettleError
        """
        if transaction_id not in self.transactions:
            raise TransactionNotFoundError(f"there is no transaction {transaction_id}")
        before = self.transactions[transaction_id]
        if before.status is TransactionStatus.SETTLED:
            raise TransactionSettledError(f"transaction {transaction_id} has ended")
        after, draws = draw(before, self.energy_of, self.rules, natural("slots", max_slots), now)
        if after == before:
            raise NothingToSettleError(f"transaction {transaction_id} has to wait")
        for slot, wh in draws:
            sold, bought = self.energy_of(after.seller, slot), self.energy_of(after.buyer, slot)
            self.energy[after.seller, slot] = replace(sold, sold=sold.sold + wh)
            self.energy[after.buyer, slot] = replace(bought, bought=bought.bought + wh)
        paid = payout(before.delivered, after.delivered, after.price, self.fees)
        self._book(after.buyer, locked=-paid.pay)
        self._book(after.seller, available=paid.to_seller)
        self._collect(protocol_fees=paid.protocol_fee, grid_fees=paid.grid_fee)
        self.transactions[transaction_id] = after
        if after.status is TransactionStatus.MATCHED:
            return Settled(draws=draws, payout=paid, finished=False)
        refund, compensation = self._finish(after)
        return Settled(
            draws=draws, payout=paid, finished=True, refund=refund, compensation=compensation
        )

    def close_slot(self, name: str, slot: int, grid_price: int, now: int) -> Closing:
        """Balance an account's slot against its bank, its money and the grid.

        Raises:
            SlotNotClosableError, SlotClosedError
        """
        if not closable(slot, now, self.rules.slot_seconds, self.rules.grace):
            raise SlotNotClosableError(f"slot {slot} cannot be closed at {now}")
        energy = self.energy_of(name, slot)
        account = self.account(name)
        closing = close_slot(energy, account.energy_credits, account.available, grid_price)
        self._book(
            name,
            available=-closing.paid,
            debt=closing.debt,
            energy_credits=closing.minted - closing.burned,
        )
        self._collect(grid_sales=closing.paid)
        self.energy[name, slot] = replace(energy, closed=True)
        return closing

    def collateral_of(self, transaction: Transaction, wh: int) -> int:
        """What a seller answers with for so much of a transaction."""
        return 0 if transaction.late else collateral(wh, self.rules.collateral_per_kwh)

    def _is_late(self, period: Period, now: int) -> bool:
        first = period.slots(self.rules.slot_seconds)[0]
        return closable(first, now, self.rules.slot_seconds, self.rules.grace)

    def _book_filled(self, order: BatchOrder) -> None:
        if order.nonce is None:
            self.book.fill(order.order_id, order.filled)
            self._release(order.order_id, order.filled, order.kept)
            return
        self._book(order.trader, available=-order.kept, locked=order.kept)
        self.nonces.note_filled(
            order.trader,
            order.nonce,
            order.order_id,
            filled=order.size - order.open + order.filled,
            amount=order.size,
        )

    def _release(self, order_id: int, filled: int, kept: int) -> None:
        """Give back what a on-chain order has locked for ``filled`` Wh, less what is kept."""
        order = self.book.get(order_id)
        rate = order.lock_rate(self.rules.collateral_per_kwh)
        released = released_on_fill(order.remaining + filled, filled, rate)
        self._book(order.trader, available=released - kept, locked=kept - released)

    def _finish(self, ended: Transaction) -> tuple[int, int]:
        held = self.collateral_of(ended, ended.amount)
        compensation = self.collateral_of(ended, ended.owed)
        refund = cost_down(ended.amount, ended.price) - cost_down(ended.delivered, ended.price)
        self._book(ended.buyer, available=refund + compensation, locked=-refund)
        self._book(ended.seller, available=held - compensation, locked=-held)
        return refund, compensation
