"""``energy-grid asset shares``: shares of an asset, their revenue, and buyouts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from energy_grid.cli.answers import (
    Answer,
    as_document,
    facts,
    listed,
    numbered,
    stacked,
    word,
)
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.options import Address, money, number, reading, whole
from energy_grid.cli.session import (
    Planned,
    Session,
    View,
    approved,
    event_of,
    events_of,
    newest,
)
from energy_grid.cli.times import format_time
from energy_grid.domain.enums import State
from energy_grid.errors import EnergyGridError, InputError

if TYPE_CHECKING:
    from energy_grid.chain.tx.receipts import Receipt
    from energy_grid.contracts.asset_shares import AssetShares_BuyoutOffered

__all__ = ["shares"]

shares = CommandGroup("shares", "Shares of an asset: revenue, and buyouts.")

_MAX_BUYOUTS = 20
_PERCENT = 100
_ADDRESS, _NUMBER = re.compile(r"0x[0-9a-fA-F]{40}"), re.compile(r"[0-9]{1,18}")


def _shares(text: str) -> int | str:
    """The number of an asset, or the address of its shares."""
    if _ADDRESS.fullmatch(text):
        return text
    if _NUMBER.fullmatch(text):
        return int(text)
    raise InputError(f"{text[:50]!r} is neither an asset's number nor the address of its shares")


Shares = Annotated[
    int | str,
    typer.Argument(
        parser=reading(_shares),
        metavar="ASSET",
        help="Its number or, also after a sale or redemption, the address of its shares.",
    ),
]
Offer = Annotated[int, number("OFFER", "Its number.", 1)]
For = Annotated[
    str | None,
    typer.Option("--for", metavar="ADDRESS", help="The recipient; by default the sender."),
]


@shares.does("send")
def send(
    session: Session,
    asset: Shares,
    to: Address,
    count: Annotated[
        int, typer.Option("--count", parser=whole(1), metavar="COUNT", help="The number of shares.")
    ],
) -> Planned[Any]:
    """Send shares; the revenue until then stays with the sender."""
    found, address = session.market.shares(asset), session.address_of(to)
    return session.plan(
        found.transfer(address, count),
        lambda _: f"Sent {count} {found.symbol()} to {address}",
    )


@shares.does("revenue")
def revenue(
    session: Session,
    asset: Shares,
    amount: Annotated[str, money("--amount", "The amount")],
    from_balance: Annotated[
        bool,
        typer.Option(
            "--from-balance", help="Pay from the balance in the market, not from the wallet."
        ),
    ] = False,
) -> Planned[Any]:
    """Pay revenue to all holders, in proportion to their shares."""
    found, units = session.market.shares(asset), session.parse_tokens(amount)
    if not units:
        raise InputError("the --amount is 0: name a larger one")
    market = session.market
    plan = market.share_revenue(session.who, found, units, from_balance=from_balance)

    def message(receipts: list[Receipt]) -> str:
        queued = events_of(market.settlement, receipts, "WithdrawalQueued")
        given = (
            f"{session.tokens(units)} {'for' if queued else 'to'} the holders of {found.symbol()}"
        )
        return f"{'Queued' if queued else 'Paid'} {given}"

    return Planned(plan, message)


@shares.does("claim")
def claim(session: Session, asset: Shares, to: For = None) -> Planned[Any]:
    """Claim the revenue of a holder."""
    found, address = session.market.shares(asset), session.recipient(to)

    def message(receipts: list[Receipt]) -> str:
        amount = event_of(found, receipts, "RevenueClaimed")["amount"]
        return f"Claimed {session.tokens(amount)} for {address}"

    return session.plan(found.claim_revenue(address), message)


@shares.does("offer")
def offer(
    session: Session, asset: Shares, price: Annotated[str, money("--price", "Money for one share")]
) -> Planned[Any]:
    """Offer to buy all shares, and pay for them at once; at least the book value."""
    found, per_share = session.market.shares(asset), session.parse_tokens(price)
    if per_share < (minimum := found.minimum_price()):
        raise EnergyGridError(
            f"{session.tokens(per_share)} for a share is too little: its book value is"
            f" {session.tokens(minimum)}"
        )
    due = per_share * found.share_count()
    plan = session.market.offer_buyout(session.who, found, per_share)

    def message(opened: AssetShares_BuyoutOffered) -> str:
        return (
            f"Opened offer {opened.id}: {session.tokens(per_share)} for each {found.symbol()},"
            f" {session.tokens(due)} in all, until"
            f" {format_time(opened.ends_at)}{approved(plan, session.tokens(due))}"
        )

    return Planned(plan, message)


@shares.does("accept")
def accept(session: Session, asset: Shares, offer: Offer) -> Planned[Any]:
    """Accept an offer with all shares of the sender; they are then locked."""
    found = session.market.shares(asset)

    def message(receipts: list[Receipt]) -> str:
        accepted = event_of(found, receipts, "BuyoutAccepted")
        so_far = _of_all(accepted["accepted"], found.share_count())
        return f"Accepted offer {offer} with {accepted['shares']} {found.symbol()}: {so_far} so far"

    return session.plan(found.accept_buyout(offer), message)


@shares.does("retract")
def retract(session: Session, asset: Shares, offer: Offer) -> Planned[Any]:
    """Retract the sender's acceptance, before the offer ends."""
    found = session.market.shares(asset)

    def message(receipts: list[Receipt]) -> str:
        accepted = event_of(found, receipts, "BuyoutRetracted")["accepted"]
        return f"Retracted from offer {offer}: {_of_all(accepted, found.share_count())} left"

    return session.plan(found.retract_acceptance(offer), message)


@shares.does("conclude")
def conclude(session: Session, asset: Shares, offer: Offer) -> Planned[Any]:
    """Conclude an offer past its end; two thirds of the shares sell the asset (anybody)."""
    found = session.market.shares(asset)

    def message(receipts: list[Receipt]) -> str:
        bidder = found.buyout(offer).bidder
        if event_of(found, receipts, "BuyoutConcluded")["sold"]:
            return (
                f"Concluded offer {offer}: the asset is {bidder}'s, the money the holders' to claim"
                " at"
                f" {found.address}"
            )
        return f"Concluded offer {offer}: not accepted; {bidder} can have a refund"

    return session.plan(found.conclude_buyout(offer), message)


@shares.does("refund")
def refund(session: Session, asset: Shares, to: For = None) -> Planned[Any]:
    """Refund a bidder whose offer has failed."""
    found, address = session.market.shares(asset), session.recipient(to)

    def message(receipts: list[Receipt]) -> str:
        amount = event_of(found, receipts, "RefundWithdrawn")["amount"]
        return f"Paid {session.tokens(amount)} back to {address}"

    return session.plan(found.withdraw_refund(address), message)


@shares.does("redeem")
def redeem(session: Session, asset: Shares) -> Planned[Any]:
    """Exchange all shares for the asset itself (holder of all shares)."""
    found = session.market.shares(asset)
    return session.plan(
        found.redeem(),
        lambda _: f"Redeemed asset {found.asset()}: it is {session.address}'s",
    )


@shares.does("steward")
def steward(session: Session, asset: Shares, who: Address) -> Planned[Any]:
    """Name the steward, who gives permissions (steward, or holder of more than half)."""
    found, address = session.market.shares(asset), session.address_of(who)
    return session.plan(
        found.set_steward(address),
        lambda _: f"{address} is the steward of asset {found.asset()}",
    )


@shares.shows("show")
def show(
    view: View,
    asset: Shares,
    holder: Annotated[
        str | None,
        typer.Option("--holder", metavar="ADDRESS", help="Show the shares of this account too."),
    ] = None,
) -> Answer:
    """Show the shares of an asset, their revenue, and the newest buyout offers."""
    from energy_grid.contracts.asset_shares import Buyout

    found = view.market.shares(asset)
    count, state, name, symbol = (
        found.share_count(),
        found.state(),
        found.name_(),
        found.symbol(),
    )
    number, total, minimum = found.asset(), found.total_revenue(), found.minimum_price()
    numbers = newest(found.buyout_count(), _MAX_BUYOUTS)
    offers = list(zip(numbers, found.call_many("buyout", zip(numbers), kind=Buyout), strict=True))
    rows = {
        "shares": f"{count} {symbol} ({name})",
        "asset": f"{number}, {word(state)}",
        "address": found.address,
        "steward": found.steward(),
        "revenue": f"{view.tokens(total)} in all",
    }
    if state is State.HELD:
        each, whole_plant = view.tokens(minimum), view.tokens(minimum * count)
        rows["minimum offer"] = f"{each} for a share, {whole_plant} for all"
    document = {
        "address": found.address,
        "asset_id": number,
        "name": name,
        "symbol": symbol,
        "shares": count,
        "state": state,
        "steward": found.steward(),
        "revenue": total,
        "minimum_price": minimum,
        "offers": numbered("buyout_id", offers),
    }
    if holder is not None:
        address = view.address_of(holder)
        held, due = found.balance_of(address), found.claimable_of(address)
        back, (accepted, bound) = found.refund_of(address), found.accepted_of(address)
        rows[address] = (
            f"{held} {symbol}, {view.tokens(due)} to claim"
            + (f", {bound} bound to offer {accepted}" if bound else "")
            + (f", {view.tokens(back)} to be refunded" if back else "")
        )
        document["holder"] = {
            "address": address,
            "shares": held,
            "claimable": due,
            "accepted_buyout_id": accepted or None,
            "accepted_shares": bound,
            "refund": back,
        }
    lines = [
        (
            str(each),
            known.bidder,
            view.tokens(known.price_per_share),
            _of_all(known.accepted, count),
            word(known.status),
            format_time(known.ends_at),
        )
        for each, known in offers
    ]
    titles = (">offer", "bidder", ">for a share", ">accepted", "status", "ends")
    shown = stacked(facts(rows), listed(titles, lines, "There is no buyout offer."))
    return Answer(document=as_document(document), shown=shown)


def _of_all(accepted: int, count: int) -> str:
    return f"{accepted} of {count} ({accepted * _PERCENT // count} %)"
