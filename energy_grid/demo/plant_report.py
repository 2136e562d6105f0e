"""What the plants, the shared one, and the spot market are shown as; all of it integers.

Energy in Wh, money in base units, carbon in g CO2e.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from energy_grid.contracts.peer_to_peer_trading import EnergyOffer, Trade
from energy_grid.demo.money_moves import money_moves
from energy_grid.demo.plants import Plants
from energy_grid.demo.profiles import Household
from energy_grid.demo.records import MarketRecords, SharesRecord, SpotPurchase
from energy_grid.domain.enums import OfferStatus, TradeStatus

__all__ = [
    "HolderRow",
    "PlantAmounts",
    "PlantRow",
    "PlantsReport",
    "SharedPlant",
    "SpotReport",
    "SpotRow",
    "plants_report",
]


class PlantAmounts(NamedTuple):
    """What one plant did.

    Attributes:
        produced: what its meters counted on the day, battery included.
        sold: what its household sold in the auctions, ``sold_on_spot`` what later.
        energy_credits: Wh of the rest that are kept as credits, on offer or not.
        sales: money for both.
        carbon_credits: g that were issued for it.
    """

    produced: int
    sold: int
    sold_on_spot: int
    energy_credits: int
    sales: int
    carbon_credits: int

    @property
    def used(self) -> int:
        """What the household used itself, on the day or out of the bank; its battery, too."""
        return max(self.produced - self.sold - self.sold_on_spot - self.energy_credits, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantRow:
    """A plant as an asset.

    Attributes:
        value, book_value: its assumed cost, and its book value, in money.
        clean: whether it earns carbon credits.
    """

    asset: int
    household: Household
    commissioned_at: int
    value: int
    book_value: int
    clean: bool
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
class SpotRow:
    """Energy credits that a household offered.

    Attributes:
        buyer: whom it was addressed to, None for a public offer.
        sold: what of ``wh`` was bought, by so many ``buyers``, who ``paid`` for it.
    """

    seller: Household
    buyer: Household | None
    wh: int
    price: int
    sold: int
    buyers: int
    paid: int
    status: OfferStatus | TradeStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class SpotReport:
    """The spot market: trades between two, and offers, the cheapest first.

    Attributes:
        buyers: how many households bought anything.
    """

    rows: tuple[SpotRow, ...]
    buyers: int

    @property
    def sold(self) -> int:
        """All that changed hands."""
        return sum(row.sold for row in self.rows)

    @property
    def paid(self) -> int:
        """What was paid for it."""
        return sum(row.paid for row in self.rows)

    @property
    def dealt(self) -> tuple[SpotRow, ...]:
        """Those of which anything was bought."""
        return tuple(row for row in self.rows if row.sold)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantsReport:
    """All of it.

    Attributes:
        shared: None where no plant is shared.
        factor: g CO2e per kWh of the day's last slot that was credited, None where none was.
        issued, retired: g in all.
    """

    plants: tuple[PlantRow, ...]
    shared: SharedPlant | None
    spot: SpotReport
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
        spot=_spot(records, households),
        factor=carbon.factors[max(carbon.factors)] if carbon.factors else None,
        issued=carbon.issued,
        retired=carbon.retired,
    )


def _plant_rows(
    plants: Plants, records: MarketRecords, households: Mapping[str, Household]
) -> tuple[PlantRow, ...]:
    planned = {plant.number: plant for plant in plants.plants}
    sold, on_spot, kept = Counter[str](), Counter[str](), Counter[str]()
    for delivery in records.deliveries:
        sold[delivery.seller] += delivery.wh
    for (account, _), closing in records.closings.items():
        kept[account] += closing.minted - closing.burned
    for purchase in records.spot.purchases:
        on_spot[purchase.seller] += purchase.wh
        kept[purchase.seller] -= purchase.wh
    moves = money_moves(records)
    credited = {one.account: one.issued for one in records.carbon.producers}
    rows = []
    for asset in records.assets:
        (account,) = asset.accounts
        household, produced = households[account], sum(asset.production.values())
        plant = planned[household.number]
        # What a household buys is not its plant's, whether it is kept or sold on.
        unsold = max(produced - sold[account] - on_spot[account], 0)
        rows.append(
            PlantRow(
                asset=asset.id,
                household=household,
                commissioned_at=plant.commissioned_at,
                value=asset.value,
                book_value=asset.book_value,
                clean=plant.clean,
                amounts=PlantAmounts(
                    produced=produced,
                    sold=sold[account],
                    sold_on_spot=on_spot[account],
                    energy_credits=min(max(kept[account], 0), unsold),
                    sales=moves[account].sales + moves[account].spot_sales,
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


def _spot(records: MarketRecords, households: Mapping[str, Household]) -> SpotReport:
    spot = records.spot
    of_offer: dict[int | None, list[SpotPurchase]] = defaultdict(list)
    of_trade: dict[int | None, list[SpotPurchase]] = defaultdict(list)
    for purchase in spot.purchases:
        of_offer[purchase.offer].append(purchase)
        of_trade[purchase.trade].append(purchase)
    offers = sorted(spot.offers, key=lambda one: (one.offer.price, one.id))
    return SpotReport(
        rows=(
            *(
                _spot_row(one.trade, households[one.trade.buyer], of_trade[one.id], households)
                for one in spot.trades
            ),
            *(_spot_row(one.offer, None, of_offer[one.id], households) for one in offers),
        ),
        buyers=len({purchase.buyer for purchase in spot.purchases}),
    )


def _spot_row(
    what: EnergyOffer | Trade,
    buyer: Household | None,
    purchases: Sequence[SpotPurchase],
    households: Mapping[str, Household],
) -> SpotRow:
    return SpotRow(
        seller=households[what.seller],
        buyer=buyer,
        wh=what.amount,
        price=what.price,
        sold=sum(purchase.wh for purchase in purchases),
        buyers=len({purchase.buyer for purchase in purchases}),
        paid=sum(purchase.paid for purchase in purchases),
        status=what.status,
    )
