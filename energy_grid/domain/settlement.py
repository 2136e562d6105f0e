"""The ledger: the money and the energy of every account, and what changes them.

    available --place--> locked (order) --match--> locked (transaction) --settle--> seller, fees
        ^                   |                          |
        +----- cancel ------+------ what a fill or the end of a transaction gives back

    transaction   event                                          next
    MATCHED       settle, something is still owed and may come   MATCHED
    MATCHED       settle, all delivered                          SETTLED
    MATCHED       settle, all slots final and drained            SETTLED, seller compensates

Nothing here knows the time or the grid price: both are arguments. The books always add up:
``deposited == withdrawn + sum(available + locked) + treasury``. A debt is no money; it becomes
treasury money when it is repaid, and all money that comes to a debtor repays it first: an account
never has both available money and a debt.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from energy_grid.domain.costs import (
    Fees,
    Payout,
    collateral,
    cost_down,
    payout,
    released_on_fill,
    spot_payout,
)
from energy_grid.domain.orders import (
    Order,
    OrderBook,
    OrderTerms,
    OrderType,
    Transaction,
    TransactionStatus,
)
from energy_grid.domain.periods import closable, is_final, slot_of, slot_of_reading
from energy_grid.domain.slots import Closing, SlotEnergy, close_slot, deliverable
from energy_grid.domain.units import natural
from energy_grid.errors import DomainError

__all__ = [
    "Account",
    "DebtOutstandingError",
    "InsufficientBalanceError",
    "InsufficientEnergyError",
    "Ledger",
    "MarketRules",
    "NoDebtError",
    "NothingToSettleError",
    "ReadingFromFutureError",
    "Settled",
    "SlotFinalError",
    "SlotNotClosableError",
    "TransactionNotFoundError",
    "TransactionSettledError",
    "Treasury",
    "ZeroAmountError",
    "draw",
]


class InsufficientBalanceError(DomainError):
    """More money is wanted than the account has available."""


class InsufficientEnergyError(DomainError):
    """More banked energy is wanted than the account has."""


class DebtOutstandingError(DomainError):
    """A debt blocks withdrawals, new BUY orders and purchases on the spot."""


class ReadingFromFutureError(DomainError):
    """A reading is newer than now."""


class SlotFinalError(DomainError):
    """The slot takes no more readings."""


class SlotNotClosableError(DomainError):
    """The slot may still be settled."""


class TransactionNotFoundError(DomainError):
    """No transaction has this id."""


class TransactionSettledError(DomainError):
    """The transaction has ended."""


class NothingToSettleError(DomainError):
    """Nothing can be delivered or ended now."""


class ZeroAmountError(DomainError):
    """An amount of nothing."""


class NoDebtError(DomainError):
    """There is no debt to repay."""


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
class Account:
    """Money in base units and banked energy (EnergyToken) in Wh."""

    available: int = 0
    locked: int = 0
    debt: int = 0
    banked: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Treasury:
    """Money that belongs to the operator."""

    protocol_fees: int = 0
    grid_fees: int = 0
    grid_sales: int = 0

    @property
    def total(self) -> int:
        """All of it."""
        return self.protocol_fees + self.grid_fees + self.grid_sales


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What one settlement did: Wh by slot, the payment, and the end if this was the end."""

    draws: tuple[tuple[int, int], ...]
    payout: Payout
    finished: bool
    refund: int = 0
    compensation: int = 0


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


class Ledger:
    """The books of one market, changed by one method per thing that can happen.

    Every refusal leaves the books as they were. Readers get zeros for accounts and slots that
    nothing happened to.
    """

    def __init__(self, rules: MarketRules, fees: Fees) -> None:
        self.rules = rules
        self.fees = fees
        self.book = OrderBook(rules.slot_seconds)
        self.treasury = Treasury()
        self.accounts: dict[str, Account] = {}
        self.energy: dict[tuple[str, int], SlotEnergy] = {}
        self.transactions: dict[int, Transaction] = {}

    def account(self, name: str) -> Account:
        """Money and banked energy of an account."""
        return self.accounts.get(name, Account())

    def energy_of(self, name: str, slot: int) -> SlotEnergy:
        """Energy of an account in a slot."""
        return self.energy.get((name, slot), SlotEnergy())

    def deposit(self, name: str, amount: int) -> None:
        """Credit money that came in.

        Raises:
            ZeroAmountError
        """
        self._book(name, available=_amount(amount))

    def withdraw(self, name: str, amount: int) -> None:
        """Pay money out.

        Raises:
            ZeroAmountError, DebtOutstandingError, InsufficientBalanceError
        """
        _amount(amount)
        self._check_no_debt(name)
        self._check_available(name, amount)
        self._book(name, available=-amount)

    def repay_debt(self, name: str, amount: int) -> int:
        """Take money from outside, at most the debt, and repay with it; gives what was repaid.

        Raises:
            NoDebtError, ZeroAmountError
        """
        debt = self.account(name).debt
        if not debt:
            raise NoDebtError(f"{name} owes nothing")
        repaid = min(_amount(amount), debt)
        self._book(name, debt=-repaid)
        self._collect(grid_sales=repaid)
        return repaid

    def place(self, terms: OrderTerms, now: int) -> Order:
        """Add an order to the book and lock what it may cost.

        Raises:
            what `OrderBook.place` raises, then DebtOutstandingError (BUY only), then
            InsufficientBalanceError.
        """
        lock = self.book.draft(terms, now).lock(self.rules.collateral_per_kwh)
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
        per_kwh, length = self.rules.collateral_per_kwh, self.rules.slot_seconds
        transaction = self.book.match(buy_id, sell_id, now)
        first = transaction.period.slots(length)[0]
        late = closable(first, now, length, self.rules.grace)
        transaction = replace(transaction, late=late)
        wh = transaction.amount
        for order_id, kept in (
            (buy_id, cost_down(wh, transaction.price)),
            (sell_id, self.collateral_of(transaction, wh)),
        ):
            order = self.book.get(order_id)
            released = released_on_fill(order.remaining + wh, wh, order.lock_rate(per_kwh))
            self._book(order.trader, available=released - kept, locked=kept - released)
        self.transactions[transaction.id] = transaction
        return transaction

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
        self.energy[name, slot] = self.energy_of(name, slot).metered(produced, consumed)
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

    def pay_on_the_spot(self, buyer: str, seller: str, wh: int, price: int) -> Payout:
        """Pay for banked energy out of the buyer's available money; the energy is moved apart.

        Raises:
            DebtOutstandingError, InsufficientBalanceError
        """
        self._check_no_debt(buyer)
        paid = spot_payout(wh, price, self.fees)
        self._check_available(buyer, paid.pay)
        self._book(buyer, available=-paid.pay)
        self._book(seller, available=paid.to_seller)
        self._collect(protocol_fees=paid.protocol_fee, grid_fees=paid.grid_fee)
        return paid

    def move_banked(self, sender: str, recipient: str, wh: int) -> None:
        """Hand banked energy over.

        Raises:
            InsufficientEnergyError
        """
        if natural("energy", wh) > (banked := self.account(sender).banked):
            raise InsufficientEnergyError(f"{sender} has {banked} Wh, {wh} are needed")
        self._book(sender, banked=-wh)
        self._book(recipient, banked=wh)

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
        energy, account = self.energy_of(name, slot), self.account(name)
        closing = close_slot(energy, account.banked, account.available, grid_price)
        self.energy[name, slot] = replace(energy, closed=True)
        self._book(
            name,
            available=-closing.paid,
            debt=closing.debt,
            banked=closing.minted - closing.burned,
        )
        self._collect(grid_sales=closing.paid)
        return closing

    def collateral_of(self, transaction: Transaction, wh: int) -> int:
        """What a seller answers with for so much of a transaction."""
        return 0 if transaction.late else collateral(wh, self.rules.collateral_per_kwh)

    def _finish(self, ended: Transaction) -> tuple[int, int]:
        held = self.collateral_of(ended, ended.amount)
        compensation = self.collateral_of(ended, ended.owed)
        refund = cost_down(ended.amount, ended.price) - cost_down(ended.delivered, ended.price)
        self._book(ended.buyer, available=refund + compensation, locked=-refund)
        self._book(ended.seller, available=held - compensation, locked=-held)
        return refund, compensation

    def _check_no_debt(self, name: str) -> None:
        if debt := self.account(name).debt:
            raise DebtOutstandingError(f"{name} owes {debt}")

    def _check_available(self, name: str, amount: int) -> None:
        if amount > (available := self.account(name).available):
            raise InsufficientBalanceError(f"{name} has {available}, {amount} is needed")

    def _book(
        self, name: str, *, available: int = 0, locked: int = 0, debt: int = 0, banked: int = 0
    ) -> None:
        account = self.account(name)
        repaid = min(account.available + available, account.debt + debt)
        self.accounts[name] = Account(
            available=account.available + available - repaid,
            locked=account.locked + locked,
            debt=account.debt + debt - repaid,
            banked=account.banked + banked,
        )
        self._collect(grid_sales=repaid)

    def _collect(self, *, protocol_fees: int = 0, grid_fees: int = 0, grid_sales: int = 0) -> None:
        self.treasury = Treasury(
            protocol_fees=self.treasury.protocol_fees + protocol_fees,
            grid_fees=self.treasury.grid_fees + grid_fees,
            grid_sales=self.treasury.grid_sales + grid_sales,
        )


def _amount(amount: int) -> int:
    if natural("amount", amount) == 0:
        raise ZeroAmountError("an amount of nothing")
    return amount
