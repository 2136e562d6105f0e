"""``energy-grid asset shares``: an asset that many own, its revenue, and buyouts."""

from __future__ import annotations

import re
from typing import Annotated

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
from energy_grid.cli.desk import Desk, View, event_of, newest, short
from energy_grid.cli.options import Address, money, number, reading, whole
from energy_grid.domain.shares import State
from energy_grid.domain.units import format_time
from energy_grid.errors import EnergyGridError, InputError

__all__ = ["shares"]

shares = CommandGroup("shares", "An asset that many own: revenue, and buyouts.")

_MOST_BUYOUTS = 20
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
        help="Its number or, once it is sold or redeemed too, the address of its shares.",
    ),
]
Offer = Annotated[int, number("OFFER", "Its number.", 1)]
For = Annotated[
    str | None,
    typer.Option("--for", metavar="ADDRESS", help="Who is paid; the sender by default."),
]


@shares.does("send")
def send(
    desk: Desk,
    asset: Shares,
    to: Address,
    count: Annotated[
        int, typer.Option("--count", parser=whole(1), metavar="COUNT", help="How many shares.")
    ],
) -> str:
    """Give shares to somebody; what they have earned until then stays the sender's."""
    found, address = desk.market.shares(asset), desk.address(to)
    desk.send(found.transfer(address, count))
    return f"Gave {count} {found.symbol()} to {short(address)}"


@shares.does("revenue")
def revenue(
    desk: Desk,
    asset: Shares,
    amount: Annotated[str, money("--amount", "How much")],
    from_ledger: Annotated[
        bool,
        typer.Option("--from-ledger", help="Out of the balance in the ledger, not the wallet."),
    ] = False,
) -> str:
    """Give money to all holders, each in proportion."""
    found, units = desk.market.shares(asset), desk.parse_money(amount)
    if not units:
        raise InputError("name an --amount of more than nothing")
    if from_ledger:
        receipt = desk.send(desk.market.settlement.withdraw(units, found.address))
        if desk.market.settlement.events(receipt.logs, "WithdrawalQueued"):
            return f"Queued {desk.money(units)} for the holders of {found.symbol()}"
    else:
        desk.send(desk.market.money.transfer(found.address, units))
    return f"Gave {desk.money(units)} to the holders of {found.symbol()}"


@shares.does("claim")
def claim(desk: Desk, asset: Shares, to: For = None) -> str:
    """Pay a holder its part of the revenue."""
    found, address = desk.market.shares(asset), desk.recipient(to)
    receipt = desk.send(found.claim_revenue(address))
    amount = event_of(found, receipt, "RevenueClaimed")["amount"]
    return f"Claimed {desk.money(amount)} for {short(address)}"


@shares.does("offer")
def offer(
    desk: Desk, asset: Shares, price: Annotated[str, money("--price", "Money for one share")]
) -> str:
    """Offer to buy all shares, and pay for them at once, at least their book value."""
    found, per_share = desk.market.shares(asset), desk.parse_money(price)
    if per_share < (least := found.minimum_price()):
        raise EnergyGridError(
            f"{desk.money(per_share)} for a share is too little: in the books it is worth"
            f" {desk.money(least)}"
        )
    due = per_share * found.share_count()
    receipt, approved = desk.pay(found.offer_buyout(per_share), due)
    opened = event_of(found, receipt, "BuyoutOffered")
    return (
        f"Opened offer {opened['id']}: {desk.money(per_share)} for each {found.symbol()},"
        f" {desk.money(due)} in all, until {format_time(opened['ends_at'])}{approved}"
    )


@shares.does("accept")
def accept(desk: Desk, asset: Shares, offer: Offer) -> str:
    """Accept an offer with all shares of the sender, which then cannot be moved."""
    found = desk.market.shares(asset)
    receipt = desk.send(found.accept_buyout(offer))
    accepted = event_of(found, receipt, "BuyoutAccepted")
    so_far = _of_all(accepted["accepted"], found.share_count())
    return f"Accepted offer {offer} with {accepted['shares']} {found.symbol()}: {so_far} so far"


@shares.does("retract")
def retract(desk: Desk, asset: Shares, offer: Offer) -> str:
    """Take the sender's acceptance back, before the offer ends."""
    found = desk.market.shares(asset)
    receipt = desk.send(found.retract_acceptance(offer))
    accepted = event_of(found, receipt, "BuyoutRetracted")["accepted"]
    return f"Retracted from offer {offer}: {_of_all(accepted, found.share_count())} left"


@shares.does("conclude")
def conclude(desk: Desk, asset: Shares, offer: Offer) -> str:
    """End an offer whose time is over: with two thirds, the asset is the bidder's (anybody)."""
    found = desk.market.shares(asset)
    receipt = desk.send(found.conclude_buyout(offer))
    bidder = short(found.buyout(offer).bidder)
    if event_of(found, receipt, "BuyoutConcluded")["sold"]:
        return (
            f"Concluded offer {offer}: the asset is {bidder}'s, the money the holders' to claim at"
            f" {found.address}"
        )
    return f"Concluded offer {offer}: not accepted; {bidder} can have a refund"


@shares.does("refund")
def refund(desk: Desk, asset: Shares, to: For = None) -> str:
    """Pay a bidder back whose offer has failed."""
    found, address = desk.market.shares(asset), desk.recipient(to)
    receipt = desk.send(found.withdraw_refund(address))
    amount = event_of(found, receipt, "RefundWithdrawn")["amount"]
    return f"Paid {desk.money(amount)} back to {short(address)}"


@shares.does("redeem")
def redeem(desk: Desk, asset: Shares) -> str:
    """Take the asset out; its shares end (holder of all of them)."""
    found = desk.market.shares(asset)
    desk.send(found.redeem())
    return f"Redeemed asset {found.asset()}: it is {short(desk.actor.address)}'s"


@shares.does("steward")
def steward(desk: Desk, asset: Shares, who: Address) -> str:
    """Name who gives permissions for all holders (steward, or holder of more than half)."""
    found, address = desk.market.shares(asset), desk.address(who)
    desk.send(found.set_steward(address))
    return f"{short(address)} is the steward of asset {found.asset()}"


@shares.shows("show")
def show(
    view: View,
    asset: Shares,
    holder: Annotated[
        str | None, typer.Option("--holder", metavar="ADDRESS", help="And what this account has.")
    ] = None,
) -> Answer:
    """The shares of an asset, their revenue, and the newest offers to buy them all."""
    from energy_grid.contracts.asset_shares import Buyout

    found = view.market.shares(asset)
    count, state, name, symbol = (
        found.share_count(),
        found.state(),
        found.name_(),
        found.symbol(),
    )
    number, total, least = found.asset(), found.total_revenue(), found.minimum_price()
    numbers = newest(found.buyout_count(), _MOST_BUYOUTS)
    offers = list(zip(numbers, found.call_many("buyout", zip(numbers), kind=Buyout), strict=True))
    rows = {
        "shares": f"{count} {symbol} ({name})",
        "asset": f"{number}, {word(state)}",
        "address": found.address,
        "steward": found.steward(),
        "revenue": f"{view.money(total)} in all",
    }
    if state is State.HELD:
        each, whole_plant = view.money(least), view.money(least * count)
        rows["least offer"] = f"{each} for a share, {whole_plant} for all"
    document = {
        "address": found.address,
        "asset": number,
        "name": name,
        "symbol": symbol,
        "shares": count,
        "state": state,
        "steward": found.steward(),
        "revenue": total,
        "minimum_price": least,
        "offers": numbered("id", offers),
    }
    if holder is not None:
        address = view.address(holder)
        held, due = found.balance_of(address), found.claimable_of(address)
        back, (accepted, bound) = found.refund_of(address), found.accepted_of(address)
        rows[short(address)] = (
            f"{held} {symbol}, {view.money(due)} to claim"
            + (f", {bound} bound to offer {accepted}" if bound else "")
            + (f", {view.money(back)} to be refunded" if back else "")
        )
        document["holder"] = {
            "address": address,
            "shares": held,
            "claimable": due,
            "accepted_offer": accepted,
            "accepted_shares": bound,
            "refund": back,
        }
    lines = [
        (
            str(each),
            short(known.bidder),
            view.money(known.price_per_share),
            _of_all(known.accepted, count),
            word(known.status),
            format_time(known.ends_at),
        )
        for each, known in offers
    ]
    titles = (">offer", "bidder", ">for a share", ">accepted", "status", "ends")
    shown = stacked(facts(rows), listed(titles, lines, "Nobody has offered to buy them all."))
    return Answer(document=as_document(document), shown=shown)


def _of_all(accepted: int, count: int) -> str:
    return f"{accepted} of {count} ({accepted * _PERCENT // count} %)"
