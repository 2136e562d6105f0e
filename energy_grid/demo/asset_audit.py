"""What must hold of plants, shares and carbon credits when a day is over.

plants     an asset has produced what the sub-meter of its plant counted
shares     they add up, own the plant, and have shared out its revenue to the last unit
carbon     certificates are metered production, and credits those retired times the factor, once
"""

from __future__ import annotations

from energy_grid.demo.checks import Statement, all_rows, equal
from energy_grid.demo.records import CreditRecord, MarketRecords, SharesRecord

__all__ = ["audit_assets"]

_MILLIGRAMS = 1000


def audit_assets(records: MarketRecords) -> tuple[Statement, ...]:
    """The statements about them; where there is nothing of a kind there are none about it."""
    return (
        *(_plants(records) if records.assets else ()),
        *(_shares(records) if records.shares else ()),
        *(_carbon(records) if records.carbon.producers else ()),
    )


def _plants(records: MarketRecords) -> list[Statement]:
    return [
        all_rows(
            "every plant has produced what the registers of its own meter say",
            (
                (asset.id, produced, _produced(records, account, day))
                for asset in records.assets
                for account in asset.accounts
                for day, produced in asset.production.items()
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


def _carbon(records: MarketRecords) -> list[Statement]:
    carbon = records.carbon
    return [
        all_rows(
            "carbon credits, with the part of a gram left over, are the Wh of the retired"
            " certificates times the emission factor",
            (
                (
                    one.account,
                    one.issued * _MILLIGRAMS + one.remainder,
                    _milligrams(records, one),
                )
                for one in carbon.producers
            ),
            "producers",
        ),
        all_rows(
            "carbon credits were issued once for each retirement of certificates",
            (
                (
                    one.account,
                    (one.times, one.energy),
                    (len(one.retired), sum(wh for _, wh in one.retired)),
                )
                for one in carbon.producers
            ),
            "producers",
        ),
        all_rows(
            "certificates were issued for all that a plant has produced on the day, and at most as"
            " much was retired",
            (
                (
                    one.account,
                    (one.certified, max(one.energy - one.certified, 0)),
                    (_produced(records, one.account, records.day), 0),
                )
                for one in carbon.producers
                if one.certified
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


def _milligrams(records: MarketRecords, producer: CreditRecord) -> int:
    factors = records.carbon.factors
    return sum(wh * factors[day] for day, wh in producer.retired)


def _produced(records: MarketRecords, account: str, day: int) -> int:
    """Wh from midnight to midnight, by the registers of the account's sub-meter."""
    return records.produced[account, day + 1] - records.produced[account, day]
