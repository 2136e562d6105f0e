"""The orders, trades, balances, assets and credits of one account, by events where the chain has no
list.

Energy in Wh, money in base units of the settlement token, slots by their numbers. Lists of numbered
things are the newest first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from energy_grid.chain.contract import EventLog, structure
from energy_grid.chain.multicall import ChainQuery, past_events, read_all
from energy_grid.contracts.asset_shares import AssetShares
from energy_grid.contracts.carbon_credits import CarbonCredits
from energy_grid.contracts.energy_accounts import EnergyAccounts, SlotEnergy
from energy_grid.contracts.energy_asset_nft import Asset, EnergyAssetNFT
from energy_grid.contracts.energy_trading import (
    BatchRecord,
    EnergyTrading,
    OrderRecord,
    OrderState,
    TransactionRecord,
)
from energy_grid.contracts.peer_to_peer_trading import EnergyOffer, PeerToPeerTrading, Trade
from energy_grid.contracts.settlement import QueuedWithdrawal, Settlement
from energy_grid.domain.enums import State

__all__ = [
    "ShareHolding",
    "assets_of",
    "carbon_issues_of",
    "orders_of",
    "shares_of",
    "slots_of",
    "spot_offers_of",
    "spot_purchases_of",
    "spot_trades_of",
    "trades",
    "withdrawals_of",
]

# What `getTransactions` is asked for at once, and how many such pages in one round trip.
_PAGE, _PAGES = 100, 20
_FIRST = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareHolding:
    """An account's part of a divided asset.

    Attributes:
        address: of the shares, by which they are known for good.
        asset: the number of the asset.
        shares, count: how many the account has, and how many there are.
        claimable: revenue, or the price of a sale, that the account can claim now.
        refund: what it gets back of an offer of its own that has failed.
        accepted_offer: the open offer to buy all that it has accepted; 0 if none.
    """

    address: str
    asset: int
    symbol: str
    state: State
    shares: int
    count: int
    claimable: int
    refund: int
    accepted_offer: int


def orders_of(
    trading: EnergyTrading, trader: str, first_block: int
) -> list[tuple[int, OrderRecord, OrderState]]:
    """All orders that an account has stored on the chain."""
    placed = past_events(trading, "OrderCreated", first_block, trader=trader)
    numbers = [log["order_id"] for log in reversed(placed)]
    queries = [
        ChainQuery(trading, view, [number])
        for number in numbers
        for view in ("getOrder", "getOrderTerms")
    ]
    answers = iter(read_all(trading.node, queries))
    return [
        (number, structure(OrderRecord, next(answers)), structure(OrderState, next(answers)))
        for number in numbers
    ]


def trades(
    trading: EnergyTrading,
    wanted: Callable[[TransactionRecord], bool] = lambda _: True,
    limit: int | None = None,
) -> list[tuple[int, TransactionRecord]]:
    """Trades that are wanted, the highest numbers first: those of batches, then of pairs.

    Args:
        limit: how many at most; all by default.
    """
    chosen: list[tuple[int, TransactionRecord]] = []
    pages = list(_pages(trading))
    for first in range(0, len(pages), _PAGES):
        some = pages[first : first + _PAGES]
        answers = read_all(
            trading.node, [ChainQuery(trading, "getTransactions", page) for page in some]
        )
        for (start, _), page in zip(some, answers, strict=True):
            records = [structure(TransactionRecord, values) for values in page]
            known = list(enumerate(records, start))
            chosen += [(number, record) for number, record in reversed(known) if wanted(record)]
        if limit is not None and len(chosen) >= limit:
            return chosen[:limit]
    return chosen


def withdrawals_of(
    settlement: Settlement, account: str, first_block: int
) -> list[tuple[int, QueuedWithdrawal]]:
    """The withdrawals of an account that wait."""
    queued = past_events(settlement, "WithdrawalQueued", first_block, account=account)
    numbers = [log["id"] for log in reversed(queued)]
    views = [
        ChainQuery(settlement, "queuedWithdrawal", [number], otherwise=True) for number in numbers
    ]
    return [
        (number, structure(QueuedWithdrawal, values))
        for number, values in zip(numbers, read_all(settlement.node, views), strict=True)
        if values is not None
    ]


def slots_of(
    energy: EnergyAccounts, account: str, slots: Iterable[int]
) -> list[tuple[int, SlotEnergy]]:
    """Those of the slots that are read, or in which an account has a position; the newest first."""
    numbers = sorted(slots, reverse=True)
    energies = energy.call_many("energyOf", ((account, slot) for slot in numbers), kind=SlotEnergy)
    return [
        (slot, found)
        for slot, found in zip(numbers, energies, strict=True)
        if found.read or found.position
    ]


def spot_offers_of(
    spot: PeerToPeerTrading, seller: str, first_block: int
) -> list[tuple[int, EnergyOffer]]:
    """All offers that an account has made to all buyers."""
    made = past_events(spot, "EnergyOfferCreated", first_block, seller=seller)
    numbers = [log["offer_id"] for log in reversed(made)]
    return list(
        zip(numbers, spot.call_many("getEnergyOffer", zip(numbers), kind=EnergyOffer), strict=True)
    )


def spot_purchases_of(spot: PeerToPeerTrading, buyer: str, first_block: int) -> list[EventLog]:
    """What an account has bought of such offers, the newest first."""
    return past_events(spot, "EnergyOfferAccepted", first_block, buyer=buyer)[::-1]


def spot_trades_of(
    spot: PeerToPeerTrading, account: str, first_block: int
) -> list[tuple[int, Trade]]:
    """All offers to one buyer that an account has made, or got."""
    made = past_events(spot, "TradeCreated", first_block, seller=account)
    made += past_events(spot, "TradeCreated", first_block, buyer=account)
    numbers = sorted({log["trade_id"] for log in made}, reverse=True)
    return list(zip(numbers, spot.call_many("getTradeInfo", zip(numbers), kind=Trade), strict=True))


def assets_of(assets: EnergyAssetNFT, owner: str) -> list[tuple[int, Asset]]:
    """The assets that an account owns by itself."""
    numbers = range(assets.asset_count(), 0, -1)
    owned = [
        number
        for number, each in zip(
            numbers, assets.call_many("ownerOf", zip(numbers), kind=str), strict=True
        )
        if each == owner
    ]
    return list(zip(owned, assets.call_many("getAsset", zip(owned), kind=Asset), strict=True))


def shares_of(assets: EnergyAssetNFT, holder: str, first_block: int) -> list[ShareHolding]:
    """The account's parts of divided assets, also of those that were sold or redeemed since, as
    long as it has shares of them, or money is due to it."""
    divided = past_events(assets, "Fractionalized", first_block)
    addresses = [log["shares"] for log in reversed(divided)]
    clones = [AssetShares(assets.node, address) for address in addresses]
    answers = iter(
        read_all(assets.node, [each for clone in clones for each in _share_views(clone, holder)])
    )
    holdings = []
    for clone in clones:
        asset, symbol, state, count, shares, claimable, refund, accepted = (
            next(answers) for _ in range(_SHARE_VIEWS)
        )
        if shares or claimable or refund:
            holdings.append(
                ShareHolding(
                    address=clone.address,
                    asset=asset,
                    symbol=symbol,
                    state=State(state),
                    shares=shares,
                    count=count,
                    claimable=claimable,
                    refund=refund,
                    accepted_offer=accepted[0],
                )
            )
    return holdings


def carbon_issues_of(credits: CarbonCredits, account: str, first_block: int) -> list[EventLog]:
    """How an account came by carbon credits of certificates that it retired, the newest first."""
    return past_events(credits, "CarbonCreditsIssued", first_block, account=account)[::-1]


_SHARE_VIEWS = 8


def _share_views(shares: AssetShares, holder: str) -> list[ChainQuery]:
    views: Sequence[tuple[str, Sequence[str]]] = (
        ("asset", ()),
        ("symbol", ()),
        ("state", ()),
        ("shareCount", ()),
        ("balanceOf", (holder,)),
        ("claimableOf", (holder,)),
        ("refundOf", (holder,)),
        ("acceptedOf", (holder,)),
    )
    return [ChainQuery(shares, view, arguments) for view, arguments in views]


def _pages(trading: EnergyTrading) -> Iterator[tuple[int, int]]:
    """First number and length of each page of transactions, the highest numbers first."""
    singles, batches = trading.transaction_count(), trading.batch_count()
    newest = range(batches, 0, -1)
    ranges = [
        (batch.first_transaction_id, batch.transactions)
        for batch in trading.call_many("getBatch", zip(newest), kind=BatchRecord)
    ]
    for start, count in [*ranges, (_FIRST, singles)]:
        for offset in range((count - 1) // _PAGE * _PAGE if count else -1, -1, -_PAGE):
            yield start + offset, min(_PAGE, count - offset)
