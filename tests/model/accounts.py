"""Money and energy credits of every account, apart from the effects of trades and meters.

A debt is no money; it becomes treasury money when it is repaid, and all money that comes to a
debtor repays it first: an account never has both available money and a debt.
"""

from __future__ import annotations

from dataclasses import dataclass

from energy_grid.domain.units import natural
from energy_grid.errors import DomainError
from tests.model.costs import Fees, Payout, spot_payout

__all__ = [
    "Account",
    "Accounts",
    "DebtOutstandingError",
    "InsufficientBalanceError",
    "InsufficientEnergyError",
    "NoDebtError",
    "Treasury",
    "UnknownAccountError",
    "ZeroAmountError",
]


class InsufficientBalanceError(DomainError):
    """More money is wanted than the account has available."""


class InsufficientEnergyError(DomainError):
    """More energy credits is wanted than the account has."""


class DebtOutstandingError(DomainError):
    """A debt blocks withdrawals, new BUY orders and purchases on the spot."""


class ZeroAmountError(DomainError):
    """An amount of nothing."""


class NoDebtError(DomainError):
    """There is no debt to repay."""


class UnknownAccountError(DomainError):
    """The account never had money nor a meter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Money in base units and energy credits (EnergyToken) in Wh."""

    available: int = 0
    locked: int = 0
    debt: int = 0
    energy_credits: int = 0


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


class Accounts:
    """Accounts and the treasury; readers get zeros for accounts that nothing happened to."""

    def __init__(self, fees: Fees) -> None:
        self.fees = fees
        self.treasury = Treasury()
        self.accounts: dict[str, Account] = {}

    def open_account(self, name: str) -> None:
        """Get to know an account, as a first deposit or meter does."""
        self.accounts.setdefault(name, Account())

    def is_known(self, name: str) -> bool:
        """Whether the account ever had money or a meter."""
        return name in self.accounts

    def account(self, name: str) -> Account:
        """Money and energy credits of an account."""
        return self.accounts.get(name, Account())

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

    def pay_on_the_spot(self, buyer: str, seller: str, wh: int, price: int) -> Payout:
        """Pay for energy credits out of the buyer's available money; the energy is moved apart.

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

    def move_energy_credits(self, sender: str, recipient: str, wh: int) -> None:
        """Hand energy credits over.

        Raises:
            InsufficientEnergyError
        """
        if natural("energy", wh) > (energy_credits := self.account(sender).energy_credits):
            raise InsufficientEnergyError(f"{sender} has {energy_credits} Wh, {wh} are needed")
        self._book(sender, energy_credits=-wh)
        self._book(recipient, energy_credits=wh)

    def _check_no_debt(self, name: str) -> None:
        if debt := self.account(name).debt:
            raise DebtOutstandingError(f"{name} owes {debt}")

    def _check_available(self, name: str, amount: int) -> None:
        if amount > (available := self.account(name).available):
            raise InsufficientBalanceError(f"{name} has {available}, {amount} is needed")

    def _book(
        self,
        name: str,
        *,
        available: int = 0,
        locked: int = 0,
        debt: int = 0,
        energy_credits: int = 0,
    ) -> None:
        account = self.account(name)
        repaid = min(account.available + available, account.debt + debt)
        self.accounts[name] = Account(
            available=account.available + available - repaid,
            locked=account.locked + locked,
            debt=account.debt + debt - repaid,
            energy_credits=account.energy_credits + energy_credits,
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
