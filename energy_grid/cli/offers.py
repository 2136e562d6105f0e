"""``energy-grid offer``: the spot market for energy credits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from rich.console import RenderableType

from energy_grid.cli.answers import Answer, facts, listed, numbered, word
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.options import Address, Limit, kwh, money, number
from energy_grid.cli.session import Planned, Session, View, approved, event_of, newest
from energy_grid.cli.times import format_time
from energy_grid.domain.units import format_wh

if TYPE_CHECKING:
    from energy_grid.chain.tx.receipts import Receipt
    from energy_grid.contracts import events
    from energy_grid.contracts.peer_to_peer_trading import EnergyOffer, Trade

__all__ = ["offers", "record_table"]

offers = CommandGroup("offer")

Record: TypeAlias = "EnergyOffer | Trade"
OfferNumber = Annotated[int, number("OFFER", "Its number.")]
TradeNumber = Annotated[
    int, number("SPOT_TRADE", "The number of a spot trade, an offer to one buyer.")
]
Amount = Annotated[int, kwh("--amount", "How much, in kWh.")]
Price = Annotated[str, money("--price", "Money per kWh")]


@offers.does("create")
def create(session: Session, amount: Amount, price: Price) -> Planned[Any]:
    """Offer energy credits to everybody; the contract holds them until they are sold."""
    per_kwh = session.parse_price(price)
    plan = session.market.offer_energy(session.who, amount, per_kwh)

    def message(offer: int) -> str:
        return (
            f"Opened offer {offer}: {format_wh(amount)} at"
            f" {session.price(per_kwh)}{approved(plan, format_wh(amount))}"
        )

    return Planned(plan, message)


@offers.does("accept")
def accept(
    session: Session,
    offer: OfferNumber,
    amount: Annotated[int | None, kwh("--amount", "In kWh; by default all that is left.")] = None,
) -> Planned[Any]:
    """Buy an offer, or a part of it, with the sender's balance in the market."""

    def message(bought: events.PeerToPeerTrading_EnergyOfferAccepted) -> str:
        return (
            f"Bought {format_wh(bought.amount)} of offer {offer} for {session.money(bought.paid)};"
            f" {format_wh(bought.remaining)} left"
        )

    return Planned(session.market.accept_offer(session.who, offer, amount), message)


@offers.does("cancel")
def cancel(session: Session, offer: OfferNumber) -> Planned[Any]:
    """Cancel an offer and return its unsold energy credits (its seller)."""
    spot = session.market.spot

    def message(receipts: list[Receipt]) -> str:
        returned = event_of(spot, receipts, "EnergyOfferCancelled")["returned"]
        return f"Cancelled offer {offer}: {format_wh(returned)} returned"

    return session.plan(spot.cancel_energy_offer(offer), message)


@offers.does("to")
def offer_to(session: Session, buyer: Address, amount: Amount, price: Price) -> Planned[Any]:
    """Offer energy credits to one buyer, all or nothing."""
    per_kwh, address = session.parse_price(price), session.address_of(buyer)
    plan = session.market.offer_energy_to(session.who, address, amount, per_kwh)

    def message(trade: int) -> str:
        return (
            f"Opened spot trade {trade} to {address}: {format_wh(amount)} at"
            f" {session.price(per_kwh)}{approved(plan, format_wh(amount))}"
        )

    return Planned(plan, message)


@offers.does("complete")
def complete(session: Session, trade: TradeNumber) -> Planned[Any]:
    """Buy a spot trade offered to the sender, with its balance in the market."""

    def message(done: events.PeerToPeerTrading_TradeCompleted) -> str:
        amount = session.market.spot.get_trade_info(trade).amount
        return f"Completed spot trade {trade}: {format_wh(amount)} for {session.money(done.paid)}"

    return Planned(session.market.complete_trade(session.who, trade), message)


@offers.does("decline")
def decline(session: Session, trade: TradeNumber) -> Planned[Any]:
    """Return the energy credits of a spot trade to its seller (buyer or seller)."""

    def message(_: Any) -> str:
        known = session.market.spot.get_trade_info(trade)
        done = "Cancelled" if known.seller == session.address else "Declined"
        return f"{done} spot trade {trade}: {format_wh(known.amount)} returned to {known.seller}"

    return session.plan(session.market.spot.cancel_trade(trade), message)


@offers.shows("show")
def show(view: View, offer: OfferNumber) -> Answer:
    """Show an offer to everybody."""
    return _one(view, "offer", offer, view.market.spot.get_energy_offer(offer))


@offers.shows("list")
def list_offers(view: View, limit: Limit = 20) -> Answer:
    """List the newest offers to everybody."""
    from energy_grid.contracts.peer_to_peer_trading import EnergyOffer

    spot = view.market.spot
    numbers = newest(spot.offer_count(), limit)
    return _many(
        view, "offer", numbers, spot.call_many("getEnergyOffer", zip(numbers), kind=EnergyOffer)
    )


@offers.shows("spot-trade")
def show_trade(view: View, trade: TradeNumber) -> Answer:
    """Show a spot trade, an offer to one buyer."""
    return _one(view, "spot trade", trade, view.market.spot.get_trade_info(trade))


@offers.shows("spot-trades")
def list_trades(view: View, limit: Limit = 20) -> Answer:
    """List the newest spot trades, offers to one buyer."""
    from energy_grid.contracts.peer_to_peer_trading import Trade

    spot = view.market.spot
    numbers = newest(spot.trade_count(), limit)
    found = spot.call_many("getTradeInfo", zip(numbers), kind=Trade)
    return _many(view, "spot trade", numbers, found)


@offers.shows("balance")
def balance(view: View, account: Address) -> Answer:
    """Show the energy credits and the balance in the market of an account."""
    address = view.address_of(account)
    energy_credits = view.market.spot.get_energy_balance(address)
    held = view.market.settlement.balance_of(address)
    rows = {
        "account": address,
        "energy credits": f"{format_wh(energy_credits)}, without those on offer",
        "balance": view.money(held),
    }
    document = {"account": address, "energy_credits": energy_credits, "available": held}
    return Answer(document=document, shown=facts(rows))


def _one(view: View, kind: str, number: int, known: Record) -> Answer:
    rows = {kind: str(number)} | {
        title.removeprefix(">"): cell for title, cell in _cells(view, known).items()
    }
    return Answer(document=numbered(_id(kind), [(number, known)])[0], shown=facts(rows))


def _id(kind: str) -> str:
    return f"{kind.replace(' ', '_')}_id"


def _many(view: View, kind: str, numbers: Sequence[int], records: Sequence[Record]) -> Answer:
    found = list(zip(numbers, records, strict=True))
    shown = record_table(view, kind, found, f"There is no {kind} yet.")
    return Answer(document=numbered(_id(kind), found), shown=shown)


def record_table(
    view: View, kind: str, found: Sequence[tuple[int, Record]], none: str
) -> RenderableType:
    """Offers or spot trades as a table."""
    rows = [{f">{kind}": str(number)} | _cells(view, each) for number, each in found]
    titles = list(rows[0]) if rows else []
    return listed(titles, [list(row.values()) for row in rows], none)


def _cells(view: View, known: Record) -> dict[str, str]:
    from energy_grid.contracts.peer_to_peer_trading import EnergyOffer, Trade

    cells = {"status": word(known.status), "seller": known.seller}
    if isinstance(known, Trade):
        cells["buyer"] = known.buyer
    cells[">offered"] = format_wh(known.amount)
    if isinstance(known, EnergyOffer):
        cells[">left"] = format_wh(known.remaining)
    return cells | {">price": view.price(known.price), "opened": format_time(known.created_at)}
