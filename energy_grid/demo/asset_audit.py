"""What must hold of plants, shares, banked energy and carbon credits when a day is over.

plants     what an asset has produced is what its household's meters counted
shares     they add up, own the plant, and have shared out its revenue to the last unit
spot       banked energy is what the slots left and what was bought and sold, and it was paid
carbon     credits are metered production times the factor, of every slot once
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from energy_grid.demo.asset_books import CreditBook, SharesBook, SpotBook
from energy_grid.demo.books import Books
from energy_grid.demo.checks import Statement, all_rows, equal
from energy_grid.domain.costs import cost_up
from energy_grid.domain.enums import OfferStatus, TradeStatus
from energy_grid.domain.units import format_wh

__all__ = ["audit_assets"]

Writer = Callable[[int], str]

_MILLIGRAMS = 1000


def audit_assets(books: Books, money: Writer) -> tuple[Statement, ...]:
    """The statements about them; where there is nothing of a kind there are none about it."""
    return (
        *(_plants(books) if books.assets else ()),
        *(_shares(books) if books.shares else ()),
        *_banked(books),
        *(_spot(books, money) if books.spot.deals else ()),
        *(_carbon(books) if books.carbon.producers else ()),
    )


def _plants(books: Books) -> list[Statement]:
    return [
        all_rows(
            "every plant has produced what the readings of its household add up to",
            (
                (
                    asset.id,
                    produced,
                    sum(
                        books.metered.get((account, slot), (0, 0))[0]
                        for account in asset.accounts
                        for slot in slots
                    ),
                )
                for asset in books.assets
                for slots, produced in asset.production.items()
            ),
            "plants",
        )
    ]


def _shares(books: Books) -> list[Statement]:
    owners = {asset.id: asset.owner for asset in books.assets}
    holders = [(shares, holder) for shares in books.shares for holder in _holders(shares)]
    return [
        all_rows(
            "a shared plant belongs to its shares, and they add up to their number",
            (
                (
                    shares.asset,
                    (owners[shares.asset], sum(shares.holdings.values())),
                    (shares.address, shares.count),
                )
                for shares in books.shares
            ),
            "plants",
        ),
        all_rows(
            "its revenue is what was sent to its shares: they have paid it out or hold it",
            (
                (
                    shares.asset,
                    (shares.received, shares.received),
                    (
                        sum(revenue.amount for revenue in shares.revenues),
                        sum(shares.claimed.values()) + shares.holding,
                    ),
                )
                for shares in books.shares
            ),
            "plants",
        ),
        all_rows(
            "every holder has its part of it or can take it, rounded down",
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
            "what nobody can take of it is less than a unit for each holder",
            (
                (shares.asset, left, min(max(left, 0), len(_holders(shares)) - 1))
                for shares in books.shares
                for left in (shares.holding - sum(shares.claimable.values()),)
            ),
            "plants",
        ),
    ]


def _holders(shares: SharesBook) -> list[str]:
    """Everybody who has shares or ever got revenue of them."""
    earlier = (holder for revenue in shares.revenues for holder in revenue.holdings)
    return sorted({*shares.holdings, *shares.claimed, *earlier})


def _due(shares: SharesBook, holder: str) -> int:
    parts = (one.amount * one.holdings.get(holder, 0) for one in shares.revenues)
    return sum(parts) // shares.count


def _banked(books: Books) -> list[Statement]:
    left: Counter[str] = Counter()
    for (account, _), closing in books.closings.items():
        left[account] += closing.minted - closing.burned
    for deal in books.spot.deals:
        left[deal.buyer] += deal.wh
        left[deal.seller] -= deal.wh
    offered = _offered(books.spot)
    return [
        all_rows(
            "banked, with what is on offer = banked - used + bought - sold on the spot, for every"
            " account",
            (
                (
                    account.address,
                    account.banked + offered[account.address],
                    left[account.address],
                )
                for account in books.accounts
            ),
            "accounts",
        ),
        equal(
            "the spot market holds what is on offer",
            {"held": books.spot.holding, "on offer": offered.total()},
            format_wh,
        ),
    ]


def _offered(spot: SpotBook) -> Counter[str]:
    """What is still on offer, by seller."""
    offered: Counter[str] = Counter()
    for offer in (one.offer for one in spot.offers):
        if offer.status == OfferStatus.OPEN:
            offered[offer.seller] += offer.remaining
    for trade in (one.trade for one in spot.trades):
        if trade.status == TradeStatus.PENDING:
            offered[trade.seller] += trade.amount
    return offered


def _spot(books: Books, money: Writer) -> list[Statement]:
    spot = books.spot
    of_offer: Counter[int | None] = Counter()
    of_trade: Counter[int | None] = Counter()
    paid: Counter[tuple[str, str]] = Counter()
    for deal in spot.deals:
        of_offer[deal.offer] += deal.wh
        of_trade[deal.trade] += deal.wh
        paid[deal.seller, deal.buyer] += deal.paid
    booked: Counter[tuple[str, str]] = Counter()
    for payment in books.spot_payments:
        booked[payment.seller, payment.buyer] += payment.paid
    return [
        all_rows(
            "what was offered on the spot was sold, went back or is still there",
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
            "it was bought at the price asked, rounded up",
            (
                ((deal.seller, deal.buyer), deal.paid, cost_up(deal.wh, deal.price))
                for deal in spot.deals
            ),
            "deals",
        ),
        all_rows(
            "that is what the ledger moved, between the same two",
            ((pair, booked[pair], paid[pair]) for pair in sorted(paid.keys() | booked.keys())),
            "pairs",
        ),
    ]


def _carbon(books: Books) -> list[Statement]:
    carbon = books.carbon
    return [
        all_rows(
            "credits, with the part of a gram left over, are the Wh of the slots credited times the"
            " emission factor",
            (
                (
                    one.account,
                    one.issued * _MILLIGRAMS + one.remainder,
                    sum(_produced(books, one, slot) * carbon.factors[slot] for slot in one.slots),
                )
                for one in carbon.producers
            ),
            "producers",
        ),
        all_rows(
            "credits were issued once for each of these slots, and for all that was produced in it",
            (
                (
                    one.account,
                    (one.times, one.energy),
                    (len(one.slots), sum(_produced(books, one, slot) for slot in one.slots)),
                )
                for one in carbon.producers
            ),
            "producers",
        ),
        equal(
            "credits issued are those that somebody has and those that were retired",
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


def _produced(books: Books, producer: CreditBook, slot: int) -> int:
    return books.slots[producer.account, slot].produced
