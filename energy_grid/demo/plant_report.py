"""What the plants and the shared one are shown as; all of it integers.

Energy in Wh, money in base units, carbon in g CO2e.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from energy_grid.demo.bills import bills
from energy_grid.demo.plants import Plants
from energy_grid.demo.profiles import Household
from energy_grid.demo.records import MarketRecords, SharesRecord

__all__ = [
    "HolderRow",
    "PlantAmounts",
    "PlantRow",
    "PlantsReport",
    "SharedPlant",
    "plants_report",
]


class PlantAmounts(NamedTuple):
    """What one plant did, in Wh and g.

    Attributes:
        produced: what its meter counted on the day.
        exported: what left the house, after load and battery.
        given: shared of it; ``kept`` as energy credits.
        carbon_credits: g that were issued for what it produced.
    """

    produced: int
    exported: int
    given: int
    kept: int
    carbon_credits: int

    @property
    def used(self) -> int:
        """What the household used itself, and its battery took."""
        return max(self.produced - self.exported, 0)

    @property
    def other(self) -> int:
        """What was traded or fed in."""
        return self.exported - self.given - self.kept


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantRow:
    """A plant as an asset.

    Attributes:
        value, book_value: its assumed cost, and its book value, in money.
    """

    asset: int
    household: Household
    commissioned_at: int
    value: int
    book_value: int
    amounts: PlantAmounts


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderRow:
    """A household with shares, and what it claimed of the revenue."""

    household: Household
    shares: int
    received: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedPlant:
    """The plant that is shared.

    Attributes:
        holders: the owner first.
        revenue: what was sent to the shares; ``left`` of it is dust.
        retired: g that were retired for the holders, and why.
    """

    asset: int
    owner: Household
    shares: int
    holders: tuple[HolderRow, ...]
    revenue: int
    left: int
    retired: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantsReport:
    """All of it.

    Attributes:
        shared: None where no plant is shared.
        factor: g CO2e per kWh of the last day that was credited, None where none was.
        issued, retired: g in all.
    """

    plants: tuple[PlantRow, ...]
    shared: SharedPlant | None
    factor: int | None
    issued: int
    retired: int

    @property
    def total(self) -> PlantAmounts:
        """All plants together."""
        amounts = [row.amounts for row in self.plants]
        fields = range(len(PlantAmounts._fields))
        return PlantAmounts(*(sum(row[field] for row in amounts) for field in fields))


def plants_report(
    plants: Plants, records: MarketRecords, households: Mapping[str, Household]
) -> PlantsReport:
    """What plants are shown as; ``households`` by the address of their accounts."""
    carbon = records.carbon
    return PlantsReport(
        plants=_plant_rows(plants, records, households),
        shared=next((_shared(one, records, households) for one in records.shares), None),
        factor=carbon.factors[max(carbon.factors)] if carbon.factors else None,
        issued=carbon.issued,
        retired=carbon.retired,
    )


def _plant_rows(
    plants: Plants, records: MarketRecords, households: Mapping[str, Household]
) -> tuple[PlantRow, ...]:
    planned = {plant.number: plant for plant in plants.plants}
    by_account = bills(records)
    credited = {one.account: one.issued for one in records.carbon.producers}
    rows = []
    for asset in records.assets:
        (account,) = asset.accounts
        household, bill = households[account], by_account[account]
        plant = planned[household.number]
        rows.append(
            PlantRow(
                asset=asset.id,
                household=household,
                commissioned_at=plant.commissioned_at,
                value=asset.value,
                book_value=asset.book_value,
                amounts=PlantAmounts(
                    produced=asset.production[records.day],
                    exported=bill.exported,
                    given=bill.given,
                    kept=bill.kept,
                    carbon_credits=credited.get(account, 0),
                ),
            )
        )
    return tuple(rows)


def _shared(
    shares: SharesRecord, records: MarketRecords, households: Mapping[str, Household]
) -> SharedPlant:
    retired = [one for one in records.carbon.retirements if one.beneficiary == shares.address]
    holders = sorted(shares.holdings.items(), key=lambda one: (-one[1], households[one[0]].number))
    return SharedPlant(
        asset=shares.asset,
        owner=households[shares.steward],
        shares=shares.count,
        holders=tuple(
            HolderRow(
                household=households[account],
                shares=held,
                received=shares.claimed.get(account, 0),
            )
            for account, held in holders
        ),
        revenue=sum(revenue.amount for revenue in shares.revenues),
        left=shares.holding,
        retired=sum(one.amount for one in retired),
        reason=retired[0].reason if retired else "",
    )
