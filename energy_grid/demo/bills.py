"""What the day meant for each household, computed from the market's records.

    bill            purchases + grid energy - sales - compensations received + compensations paid.
                    Grid energy counts in full, also what the household could not pay yet
    reference bill  what the household would pay without the market: each slot's deficit at the
                    grid price, less each slot's surplus at the feed-in tariff
    bill reduction  reference bill - bill, in cash

A negative bill is income. Energy credits are in no bill: a household that keeps its surplus as
credits earns no cash for it, so its bill reduction can be negative. ``credit_value`` says what the
feed-in tariff would pay for the credits that the slots left; that is not paid. What happens on
the spot market afterwards is in no bill either.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, fields

from energy_grid.demo.bidding import Tariff
from energy_grid.demo.money_moves import money_moves
from energy_grid.demo.records import MarketRecords
from energy_grid.domain.costs import cost_down, cost_up
from energy_grid.domain.slots import Closing, SlotEnergy

__all__ = ["Bill", "bills", "total"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """One account's day: energy in Wh, money in base units.

    ``energy_credits`` is the change of its energy credits, so that
    ``produced + bought + from_grid == consumed + sold + energy_credits``.
    """

    produced: int
    consumed: int
    bought: int
    sold: int
    energy_credits: int
    from_grid: int
    sales: int
    purchases: int
    grid_cost: int
    compensated: int
    compensating: int
    reference: int
    credit_value: int

    @property
    def bill(self) -> int:
        """What the household pays for the day."""
        income = self.sales + self.compensated
        return self.purchases + self.grid_cost + self.compensating - income

    @property
    def reduction(self) -> int:
        """How much less it pays than the reference bill, in cash."""
        return self.reference - self.bill


def bills(records: MarketRecords, tariff: Tariff, slots: range | None = None) -> dict[str, Bill]:
    """The bill of every account, by address, for so many of the slots or for all.

    All trades in the records are of these slots.
    """
    moves = money_moves(records)
    drawn: dict[str, list[tuple[SlotEnergy, Closing]]] = {
        account.address: [] for account in records.accounts
    }
    for (address, slot), energy in records.slots.items():
        if slots is None or slot in slots:
            drawn[address].append((energy, records.closings.get((address, slot), Closing())))
    at_once: Counter[str] = Counter()
    cost_at_once: Counter[str] = Counter()
    for purchase in records.grid_purchases:
        at_once[purchase.account] += purchase.wh
        cost_at_once[purchase.account] += purchase.cost
    left: Counter[str] = Counter()
    for (address, _), closing in records.closings.items():
        left[address] += closing.minted - closing.burned
    made = {}
    for address, rows in drawn.items():
        energy_credits = sum(closing.minted - closing.burned for _, closing in rows)
        made[address] = Bill(
            produced=sum(energy.produced for energy, _ in rows),
            consumed=sum(energy.consumed for energy, _ in rows),
            bought=sum(energy.bought for energy, _ in rows) - at_once[address],
            sold=sum(energy.sold for energy, _ in rows),
            energy_credits=energy_credits,
            from_grid=sum(closing.from_grid for _, closing in rows) + at_once[address],
            sales=moves[address].sales,
            purchases=moves[address].purchases,
            grid_cost=sum(closing.cost for _, closing in rows) + cost_at_once[address],
            compensated=moves[address].compensated,
            compensating=moves[address].compensating,
            reference=sum(_reference(energy, tariff) for energy, _ in rows),
            credit_value=cost_down(left[address], tariff.feed_in),
        )
    return made


def total(rows: Iterable[Bill]) -> Bill:
    """The sum of bills, column by column."""
    table = list(rows)
    return Bill(**{f.name: sum(getattr(row, f.name) for row in table) for f in fields(Bill)})


def _reference(energy: SlotEnergy, tariff: Tariff) -> int:
    surplus = energy.produced - energy.consumed
    if surplus >= 0:
        return -cost_down(surplus, tariff.feed_in)
    return cost_up(-surplus, tariff.grid_price)
