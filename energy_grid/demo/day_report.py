"""What a trading day is shown as: rows per household and per slot, all of it integers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from energy_grid.demo.bidding import Tariff
from energy_grid.demo.bills import Bill, bills, total
from energy_grid.demo.checks import Statement
from energy_grid.demo.feeder_report import FeederReport
from energy_grid.demo.gas import GasUse
from energy_grid.demo.plant_report import PlantsReport
from energy_grid.demo.profiles import Household
from energy_grid.demo.records import MarketRecords
from energy_grid.demo.trading_day import PeriodOutcome
from energy_grid.domain.orders import OrderType

__all__ = ["Currency", "DayReport", "HouseholdRow", "SlotRow", "household_rows", "slot_rows"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Currency:
    """The settlement token: what it is called and how many decimals it has."""

    symbol: str
    decimals: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdRow:
    """A household, its account, its bill."""

    household: Household
    account: str
    bill: Bill


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotRow:
    """One slot of the day: energy in Wh, prices in money base units per kWh.

    Attributes:
        start: Unix time of its first second.
        offered, wanted: what SELL and BUY orders asked for.
        matched: what the auction agreed; ``delivered`` of it was metered.
        burned: energy credits that was used.
        matched_value: sum of Wh * price over the matches on the chain.
        clearing_price: the auction's, None where nothing was matched.
    """

    start: int
    produced: int
    consumed: int
    offered: int
    wanted: int
    matched: int
    delivered: int
    burned: int
    from_grid: int
    matched_value: int
    clearing_price: int | None

    @property
    def traded_price(self) -> int | None:
        """Average of what was agreed on the chain, by volume, rounded down."""
        return self.matched_value // self.matched if self.matched else None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayReport:
    """The whole day."""

    day: date
    week: str
    slot_seconds: int
    seed: int
    currency: Currency
    tariff: Tariff
    households: tuple[HouseholdRow, ...]
    slots: tuple[SlotRow, ...]
    feeder: FeederReport
    plants: PlantsReport
    gas: tuple[GasUse, ...]
    check: tuple[Statement, ...]

    @property
    def total(self) -> Bill:
        """All households together."""
        return total(row.bill for row in self.households)

    @property
    def traded_price(self) -> int | None:
        """The day's average of what was agreed, weighted by volume."""
        matched = sum(slot.matched for slot in self.slots)
        return sum(slot.matched_value for slot in self.slots) // matched if matched else None


def household_rows(
    records: MarketRecords, households: Mapping[str, Household], tariff: Tariff, slots: range
) -> tuple[HouseholdRow, ...]:
    """A row for each household; ``households`` by the address of their accounts.

    Bills are for ``slots``: the records can have others, in which meters were read beforehand.
    """
    by_address = bills(records, tariff, slots)
    return tuple(
        HouseholdRow(household=household, account=address, bill=by_address[address])
        for address, household in households.items()
    )


def slot_rows(
    records: MarketRecords, outcomes: Sequence[PeriodOutcome], slot_seconds: int
) -> tuple[SlotRow, ...]:
    """A row for each slot: energy from the records, prices from the auctions."""
    produced: Counter[int] = Counter()
    consumed: Counter[int] = Counter()
    delivered: Counter[int] = Counter()
    burned: Counter[int] = Counter()
    from_grid: Counter[int] = Counter()
    for (_, slot), energy in records.slots.items():
        produced[slot] += energy.produced
        consumed[slot] += energy.consumed
    for delivery in records.deliveries:
        delivered[delivery.slot] += delivery.wh
    for (_, slot), closing in records.closings.items():
        burned[slot] += closing.burned
        from_grid[slot] += closing.from_grid
    return tuple(
        SlotRow(
            start=outcome.slot * slot_seconds,
            produced=produced[outcome.slot],
            consumed=consumed[outcome.slot],
            offered=_ordered(outcome, OrderType.SELL),
            wanted=_ordered(outcome, OrderType.BUY),
            matched=sum(fill.pair.wh for fill in outcome.fills),
            delivered=delivered[outcome.slot],
            burned=burned[outcome.slot],
            from_grid=from_grid[outcome.slot],
            matched_value=sum(fill.pair.wh * fill.pair.price for fill in outcome.fills),
            clearing_price=outcome.auction.price,
        )
        for outcome in outcomes
    )


def _ordered(outcome: PeriodOutcome, order_type: OrderType) -> int:
    return sum(order.wh for order in outcome.orders if order.order_type is order_type)
