"""What the day meant for each household, out of the books.

    bill        purchases + grid - sales - compensations received + compensations paid; what the
                household could not pay and owes is in it
    grid alone  each slot's own deficit at the grid price, each slot's own surplus at the feed-in
                tariff: what the household would pay without neighbours
    saved       grid alone - (bill - what is left banked, at the feed-in tariff)

A bill counts banked energy as energy. To compare like with like, what the slots have left of it is
worth what the grid would have paid for it. What becomes of it on the spot market afterwards is in
no bill. Negative bills are income.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, fields

from energy_grid.demo.bidding import Tariff
from energy_grid.demo.books import Books
from energy_grid.demo.money_moves import money_moves
from energy_grid.domain.costs import cost_down, cost_up
from energy_grid.domain.slots import Closing, SlotEnergy

__all__ = ["Bill", "bills", "total"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """One account's day: energy in Wh, money in base units.

    ``banked`` is the change of its banked energy, so that
    ``produced + bought + from_grid == consumed + sold + banked``.
    """

    produced: int
    consumed: int
    bought: int
    sold: int
    banked: int
    from_grid: int
    sales: int
    purchases: int
    grid_cost: int
    compensated: int
    compensating: int
    grid_alone: int
    banked_value: int

    @property
    def bill(self) -> int:
        """What the household pays for the day."""
        income = self.sales + self.compensated
        return self.purchases + self.grid_cost + self.compensating - income

    @property
    def saved(self) -> int:
        """How much better the market is than the grid alone."""
        return self.grid_alone - (self.bill - self.banked_value)


def bills(books: Books, tariff: Tariff, slots: range | None = None) -> dict[str, Bill]:
    """The bill of every account, by address, for so many of the slots or for all.

    All trades in the books are of these slots.
    """
    moves = money_moves(books)
    drawn: dict[str, list[tuple[SlotEnergy, Closing]]] = {
        account.address: [] for account in books.accounts
    }
    for (address, slot), energy in books.slots.items():
        if slots is None or slot in slots:
            drawn[address].append((energy, books.closings.get((address, slot), Closing())))
    at_once: Counter[str] = Counter()
    cost_at_once: Counter[str] = Counter()
    for purchase in books.grid_purchases:
        at_once[purchase.account] += purchase.wh
        cost_at_once[purchase.account] += purchase.cost
    left: Counter[str] = Counter()
    for (address, _), closing in books.closings.items():
        left[address] += closing.minted - closing.burned
    made = {}
    for address, rows in drawn.items():
        banked = sum(closing.minted - closing.burned for _, closing in rows)
        made[address] = Bill(
            produced=sum(energy.produced for energy, _ in rows),
            consumed=sum(energy.consumed for energy, _ in rows),
            bought=sum(energy.bought for energy, _ in rows) - at_once[address],
            sold=sum(energy.sold for energy, _ in rows),
            banked=banked,
            from_grid=sum(closing.from_grid for _, closing in rows) + at_once[address],
            sales=moves[address].sales,
            purchases=moves[address].purchases,
            grid_cost=sum(closing.cost for _, closing in rows) + cost_at_once[address],
            compensated=moves[address].compensated,
            compensating=moves[address].compensating,
            grid_alone=sum(_alone(energy, tariff) for energy, _ in rows),
            banked_value=cost_down(left[address], tariff.feed_in),
        )
    return made


def total(rows: Iterable[Bill]) -> Bill:
    """The sum of bills, column by column."""
    table = list(rows)
    return Bill(**{f.name: sum(getattr(row, f.name) for row in table) for f in fields(Bill)})


def _alone(energy: SlotEnergy, tariff: Tariff) -> int:
    surplus = energy.produced - energy.consumed
    if surplus >= 0:
        return -cost_down(surplus, tariff.feed_in)
    return cost_up(-surplus, tariff.grid_price)
