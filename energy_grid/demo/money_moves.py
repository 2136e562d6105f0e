"""Where each account's money came from and went to, summed from the records.

now == deposited - withdrawn + sales - purchases - grid + compensations + spot, all of one account
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from energy_grid.demo.records import MarketRecords

__all__ = ["MoneyMoves", "money_moves"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyMoves:
    """One account's moves in money base units.

    Attributes:
        sales: received for energy, after the fees.
        purchases: paid to neighbours.
        grid_paid: paid for grid energy, old debts included.
        compensated: received for energy that sellers failed to deliver.
        compensating: paid for energy that it failed to deliver.
        spot_sales: received for energy credits, after the fees.
        spot_purchases: paid for energy credits.
    """

    sales: int
    purchases: int
    grid_paid: int
    compensated: int
    compensating: int
    spot_sales: int
    spot_purchases: int

    @property
    def change(self) -> int:
        """By how much the market made the account richer."""
        income = self.sales + self.compensated + self.spot_sales
        return income - self.purchases - self.grid_paid - self.compensating - self.spot_purchases


def money_moves(records: MarketRecords) -> Mapping[str, MoneyMoves]:
    """The moves of every account, by address."""
    sales: Counter[str] = Counter()
    purchases: Counter[str] = Counter()
    grid: Counter[str] = Counter()
    compensated: Counter[str] = Counter()
    compensating: Counter[str] = Counter()
    spot_sales: Counter[str] = Counter()
    spot_purchases: Counter[str] = Counter()
    for payment in records.spot_payments:
        spot_sales[payment.seller] += payment.paid - payment.fees
        spot_purchases[payment.buyer] += payment.paid
    for payment in records.payments:
        sales[payment.seller] += payment.paid - payment.fees
        purchases[payment.buyer] += payment.paid
    for transaction in records.trades:
        compensated[transaction.buyer] += transaction.compensation or 0
        compensating[transaction.seller] += transaction.compensation or 0
    for (account, _), closing in records.closings.items():
        grid[account] += closing.paid
    for purchase in records.grid_purchases:
        grid[purchase.account] += purchase.cost
    return {
        account.address: MoneyMoves(
            sales=sales[account.address],
            purchases=purchases[account.address],
            grid_paid=grid[account.address] + account.debt_repaid,
            compensated=compensated[account.address],
            compensating=compensating[account.address],
            spot_sales=spot_sales[account.address],
            spot_purchases=spot_purchases[account.address],
        )
        for account in records.accounts
    }
