"""What a day is shown as: rows per household and per slot, all of it integers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from energy_grid.demo.bidding import Tariff
from energy_grid.demo.bills import Bill, bills, total
from energy_grid.demo.calendar import HOUR_SECONDS
from energy_grid.demo.checks import Statement
from energy_grid.demo.feeder_report import FeederReport
from energy_grid.demo.foresight import Foresight
from energy_grid.demo.gas import GasUse
from energy_grid.demo.gateway import PUBLISHED
from energy_grid.demo.plan import DemoPlan
from energy_grid.demo.plant_report import PlantsReport
from energy_grid.demo.profiles import Household
from energy_grid.demo.records import MarketRecords, SlotKey
from energy_grid.demo.seasons import Season
from energy_grid.domain.closing import Flows
from energy_grid.domain.enums import Reason

__all__ = [
    "CommunityTotals",
    "Currency",
    "DayReport",
    "DayRow",
    "HouseholdRow",
    "SlotRow",
    "day_rows",
    "household_rows",
    "slot_rows",
]

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Currency:
    """The settlement token: what it is called and how many decimals it has."""

    symbol: str
    decimals: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdRow:
    """A household, its account, its bill.

    Attributes:
        consumed: what it used behind its meter, battery losses included, in Wh (not on the chain).
        trades, keeps: whether it signs orders, and keeps energy credits.
        passed_over: why its day was not settled with the others'; None where it was.
    """

    household: Household
    account: str
    bill: Bill
    consumed: int
    trades: bool
    keeps: bool
    passed_over: Reason | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRow:
    """A day that the gateway has read.

    Attributes:
        root: what it has anchored.
        leaves: where they are published, in the report's folder.
        closed, passed_over: how many accounts were.
    """

    day: date
    root: bytes
    leaves: str
    closed: int
    passed_over: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CommunityTotals:
    """All households together, in Wh.

    Attributes:
        shared: what members took of each other; ``traded`` what they bought of each other.
        grid, grid_alone: what they drew from the grid, and would draw without each other.
        fed_in, fed_in_alone: what they fed into it, and would feed.
    """

    consumed: int
    shared: int
    traded: int
    grid: int
    grid_alone: int
    fed_in: int
    fed_in_alone: int

    @property
    def self_sufficiency(self) -> int:
        """Share of consumption that is not from the grid, in percent, rounded."""
        return self._percent(self.grid)

    @property
    def self_sufficiency_alone(self) -> int:
        """The same without sharing and trading."""
        return self._percent(self.grid_alone)

    def _percent(self, grid: int) -> int:
        return round(100 - 100 * grid / self.consumed)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotRow:
    """One slot of the day: all households' energy in Wh, and the price it was traded at.

    Attributes:
        start: Unix time of its first second.
        shared: what members took of each other.
        sold: what was traded ahead.
        clearing_price: money base units per kWh, None where nothing was traded.
    """

    start: int
    exported: int
    imported: int
    shared: int
    sold: int
    drawn: int
    kept: int
    from_grid: int
    fed_in: int
    clearing_price: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayReport:
    """The whole day.

    Attributes:
        days: the days before too, the reported one last.
        seasons: a winter and a summer day, the same weekday, when all just share.
    """

    day: date
    week: str
    slot_seconds: int
    seed: int
    sharing_only: bool
    currency: Currency
    tariff: Tariff
    days: tuple[DayRow, ...]
    households: tuple[HouseholdRow, ...]
    slots: tuple[SlotRow, ...]
    seasons: Sequence[Season]
    foresight: Foresight
    feeder: FeederReport
    plants: PlantsReport
    gas: tuple[GasUse, ...]
    check: tuple[Statement, ...]

    @property
    def total(self) -> Bill:
        """All households together."""
        return total(row.bill for row in self.households)

    @property
    def community(self) -> CommunityTotals:
        """What they are to each other, and to the grid."""
        found = self.total
        return CommunityTotals(
            consumed=sum(row.consumed for row in self.households),
            shared=found.taken,
            traded=found.bought,
            grid=found.from_grid,
            grid_alone=found.imported,
            fed_in=found.fed_in,
            fed_in_alone=found.exported,
        )

    @property
    def gas_per_household(self) -> int:
        """Gas of a household's day."""
        return sum(use.total for use in self.gas if use.part) // len(self.households)

    @property
    def gas_of_parts(self) -> dict[str, int]:
        """The same by what it is for."""
        totals: dict[str, int] = {}
        for use in self.gas:
            if use.part:
                totals[use.part] = totals.get(use.part, 0) + use.total
        return {part: total // len(self.households) for part, total in totals.items()}


def day_rows(records: MarketRecords) -> tuple[DayRow, ...]:
    """A row for each day that the gateway has read."""
    return tuple(
        DayRow(
            day=_EPOCH + timedelta(days=one.day),
            root=one.root,
            leaves=f"{PUBLISHED}/{one.root.hex()}/leaves.bin",
            closed=len(one.closed),
            passed_over=len(one.passed_over),
        )
        for one in records.settled
    )


def household_rows(
    records: MarketRecords, households: Mapping[str, Household], plan: DemoPlan
) -> tuple[HouseholdRow, ...]:
    """A row for each household; ``households`` by the address of their accounts."""
    by_address = bills(records)
    numbers = {each.address: number for number, each in enumerate(records.accounts, 1)}
    consumed = {day.household.number: sum(day.consumed_wh) for day in plan.days}
    return tuple(
        HouseholdRow(
            household=household,
            account=address,
            bill=by_address[address],
            consumed=consumed[household.number],
            trades=household.number in plan.traders,
            keeps=household.number in plan.keepers,
            passed_over=records.settled[-1].passed_over.get(numbers[address]),
        )
        for address, household in households.items()
    )


def slot_rows(
    records: MarketRecords,
    flows: Mapping[SlotKey, Flows],
    prices: Mapping[int, int | None],
    slot_seconds: int,
) -> tuple[SlotRow, ...]:
    """A row for each slot: energy as the check has computed it, prices of the hours."""
    in_slot: dict[int, list[Flows]] = {slot: [] for slot in records.slots}
    for (_, slot), found in flows.items():
        if slot in records.slots:
            in_slot[slot].append(found)
    return tuple(
        SlotRow(
            start=slot * slot_seconds,
            exported=sum(max(one.net, 0) for one in found),
            imported=sum(max(-one.net, 0) for one in found),
            shared=sum(one.taken for one in found),
            sold=sum(max(-one.position, 0) for one in found),
            drawn=sum(one.drawn for one in found),
            kept=sum(one.kept for one in found),
            from_grid=sum(one.from_grid for one in found),
            fed_in=sum(one.fed_in for one in found),
            clearing_price=prices.get(slot * slot_seconds // HOUR_SECONDS * HOUR_SECONDS),
        )
        for slot, found in in_slot.items()
    )
