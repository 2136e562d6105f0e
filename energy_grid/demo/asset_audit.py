"""What must hold of plants, shares, energy credits and carbon credits when a day is over.

plants     an asset has produced what the meters of its household counted
shares     they add up, own the plant, and have shared out its revenue to the last unit
spot       energy credits are what the slots left and what was bought and sold, and they were paid
carbon     carbon credits are metered production times the factor, of every slot once
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from energy_grid.demo.checks import Statement, all_rows, equal
from energy_grid.demo.records import CreditRecord, MarketRecords, SharesRecord, SpotRecord
from energy_grid.domain.costs import cost_up
from energy_grid.domain.enums import OfferStatus, TradeStatus
from energy_grid.domain.units import format_wh

__all__ = ["audit_assets"]

Writer = Callable[[int], str]

_MILLIGRAMS = 1000


def audit_assets(records: MarketRecords, money: Writer) -> tuple[Statement, ...]:
    """The statements about them; where there is nothing of a kind there are none about it."""
    return (
        *(_plants(records) if records.assets else ()),
        *(_shares(records) if records.shares else ()),
        *_energy_credits(records),
        *(_spot(records, money) if records.spot.purchases else ()),
        *(_carbon(records) if records.carbon.producers else ()),
    )


def _plants(records: MarketRecords) -> list[Statement]:
    return [
        all_rows(
            "every plant has produced what the readings of its household add up to",
            (
                (
                    asset.id,
                    produced,
                    sum(
                        records.metered.get((account, slot), (0, 0))[0]
                        for account in asset.accounts
                        for slot in slots
                    ),
                )
                for asset in records.assets
                for slots, produced in asset.production.items()
            ),
            "plants",
        )
    ]


def _shares(records: MarketRecords) -> list[Statement]:
    owners = {asset.id: asset.owner for asset in records.assets}
    holders = [(shares, holder) for shares in records.shares for holder in _holders(shares)]
    return [
        all_rows(
            "a shared plant belongs to its shares, and they add up to their number",
            (
                (
                    shares.asset,
                    (owners[shares.asset], sum(shares.holdings.values())),
                    (shares.address, shares.count),
                )
                for shares in records.shares
            ),
            "plants",
        ),
        all_rows(
            "the revenue of shares is the money sent to them: they have paid it out or hold it",
            (
                (
                    shares.asset,
                    (shares.received, shares.received),
                    (
                        sum(revenue.amount for revenue in shares.revenues),
                        sum(shares.claimed.values()) + shares.holding,
                    ),
                )
                for shares in records.shares
            ),
            "plants",
        ),
        all_rows(
            "every holder has claimed its part of the revenue or can claim it, rounded down",
            (
                (
                    holder,
                    shares.claimed.get(holder, 0) + shares.claimable.get(holder, 0),
                    _due(shares, holder),
                )
                for shares, holder in holders
            ),
            "holders",
        ),
        all_rows(
            "the revenue that no holder can claim is below one unit per holder",
            (
                (shares.asset, left, min(max(left, 0), len(_holders(shares)) - 1))
                for shares in records.shares
                for left in (shares.holding - sum(shares.claimable.values()),)
            ),
            "plants",
        ),
    ]


def _holders(shares: SharesRecord) -> list[str]:
    """Every account that has shares or ever had a part in their revenue."""
    earlier = (holder for revenue in shares.revenues for holder in revenue.holdings)
    return sorted({*shares.holdings, *shares.claimed, *earlier})


def _due(shares: SharesRecord, holder: str) -> int:
    parts = (one.amount * one.holdings.get(holder, 0) for one in shares.revenues)
    return sum(parts) // shares.count


def _energy_credits(records: MarketRecords) -> list[Statement]:
    left: Counter[str] = Counter()
    for (account, _), closing in records.closings.items():
        left[account] += closing.minted - closing.burned
    for purchase in records.spot.purchases:
        left[purchase.buyer] += purchase.wh
        left[purchase.seller] -= purchase.wh
    offered = _offered(records.spot)
    return [
        all_rows(
            "energy credits + those on offer = gained - used + bought - sold on the spot market,"
            " for every account",
            (
                (
                    account.address,
                    account.energy_credits + offered[account.address],
                    left[account.address],
                )
                for account in records.accounts
            ),
            "accounts",
        ),
        equal(
            "the spot market holds what is on offer",
            {"held": records.spot.holding, "on offer": offered.total()},
            format_wh,
        ),
    ]


def _offered(spot: SpotRecord) -> Counter[str]:
    """What is still on offer, by seller."""
    offered: Counter[str] = Counter()
    for offer in (one.offer for one in spot.offers):
        if offer.status == OfferStatus.OPEN:
            offered[offer.seller] += offer.remaining
    for trade in (one.trade for one in spot.trades):
        if trade.status == TradeStatus.PENDING:
            offered[trade.seller] += trade.amount
    return offered


def _spot(records: MarketRecords, money: Writer) -> list[Statement]:
    spot = records.spot
    of_offer: Counter[int | None] = Counter()
    of_trade: Counter[int | None] = Counter()
    paid: Counter[tuple[str, str]] = Counter()
    for purchase in spot.purchases:
        of_offer[purchase.offer] += purchase.wh
        of_trade[purchase.trade] += purchase.wh
        paid[purchase.seller, purchase.buyer] += purchase.paid
    record: Counter[tuple[str, str]] = Counter()
    for payment in records.spot_payments:
        record[payment.seller, payment.buyer] += payment.paid
    return [
        all_rows(
            "energy credits offered on the spot market were sold, went back or are still on offer",
            [
                *(
                    (
                        f"offer {one.id}",
                        one.offer.amount,
                        of_offer[one.id] + one.returned + one.offer.remaining,
                    )
                    for one in spot.offers
                ),
                *(
                    (
                        f"trade {one.id}",
                        one.trade.amount if one.trade.status == TradeStatus.COMPLETED else 0,
                        of_trade[one.id],
                    )
                    for one in spot.trades
                ),
            ],
            "offers",
        ),
        all_rows(
            "each spot purchase was paid at the price asked, rounded up",
            (
                (
                    (purchase.seller, purchase.buyer),
                    purchase.paid,
                    cost_up(purchase.wh, purchase.price),
                )
                for purchase in spot.purchases
            ),
            "purchases",
        ),
        all_rows(
            "settlement accounts moved the same amounts between the same two",
            ((pair, record[pair], paid[pair]) for pair in sorted(paid.keys() | record.keys())),
            "pairs",
        ),
    ]


def _carbon(records: MarketRecords) -> list[Statement]:
    carbon = records.carbon
    return [
        all_rows(
            "carbon credits, with the part of a gram left over, are the Wh of the credited slots"
            " times the emission factor",
            (
                (
                    one.account,
                    one.issued * _MILLIGRAMS + one.remainder,
                    sum(_produced(records, one, slot) * carbon.factors[slot] for slot in one.slots),
                )
                for one in carbon.producers
            ),
            "producers",
        ),
        all_rows(
            "carbon credits were issued once for each of these slots, and for its whole production",
            (
                (
                    one.account,
                    (one.times, one.energy),
                    (len(one.slots), sum(_produced(records, one, slot) for slot in one.slots)),
                )
                for one in carbon.producers
            ),
            "producers",
        ),
        equal(
            "carbon credits issued are those that accounts hold and those that were retired",
            {
                "issued": carbon.issued,
                "to producers": sum(one.issued for one in carbon.producers),
                "supply + retired": carbon.supply + carbon.retired,
                "held + recorded as retired": carbon.balances
                + sum(one.amount for one in carbon.retirements),
            },
            "{:,} g".format,
        ),
    ]


def _produced(records: MarketRecords, producer: CreditRecord, slot: int) -> int:
    return records.slots[producer.account, slot].produced
