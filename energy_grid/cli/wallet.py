"""``energy-grid wallet``: all that an account has in the market."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType

from energy_grid.cli.answers import (
    Answer,
    as_document,
    facts,
    listed,
    numbered,
    stacked,
    word,
)
from energy_grid.cli.book import order_documents, order_table
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.days import day_table
from energy_grid.cli.meters import meter_table
from energy_grid.cli.money import balances_of, balances_rows, queued_of, queued_table
from energy_grid.cli.numbers import counted
from energy_grid.cli.offers import record_table
from energy_grid.cli.options import Address
from energy_grid.cli.participants import part_rows, parts_of
from energy_grid.cli.reads import ask
from energy_grid.cli.roles import role_name, roles_of
from energy_grid.cli.session import View
from energy_grid.cli.slots import list_slots
from energy_grid.cli.trades import trade_table
from energy_grid.domain.enums import OfferStatus, TradeStatus
from energy_grid.domain.orders import OrderStatus, TransactionStatus
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.units import format_carbon, format_wh

if TYPE_CHECKING:
    from energy_grid.contracts.energy_trading import TransactionRecord
    from energy_grid.market.account_queries import ShareHolding

__all__ = ["wallet"]

wallet = CommandGroup("wallet")
wallet.shows("slots")(list_slots)

_NOBODY = "0x" + "0" * 40
# Days that the overview has.
_DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class _Section:
    """A part of the overview.

    Attributes:
        document: what ``--json`` has of it.
        rows: lines with one value each.
        shown: tables, those with rows.
    """

    document: dict[str, Any]
    rows: dict[str, str] = field(default_factory=dict)
    shown: Sequence[RenderableType] = ()


@wallet.shows("show")
def show(view: View, account: Address) -> Answer:
    """Show all that an account has: money, energy, meters, orders, shares, votes, roles."""
    address = view.address_of(account)
    parts = [
        part(view, address)
        for part in (_money, _participation, _energy, _trading, _spot, _plants, _carbon, _power)
    ]
    document: dict[str, Any] = {"account": address}
    rows = {"account": view.named(address)}
    for each in parts:
        document |= each.document
        rows |= each.rows
    shown = stacked(facts(rows), *(one for each in parts for one in each.shown))
    return Answer(document=document, shown=shown)


@wallet.shows("orders")
def orders(view: View, account: Address) -> Answer:
    """List the on-chain orders of an account, and the nonces of its signed orders."""
    from energy_grid.market.account_queries import orders_of

    address = view.address_of(account)
    found = orders_of(view.market.trading, address, view.market.deployment.first_block)
    signed = _signed(view, address)
    document = {"account": address, "orders": order_documents(found), "signed": signed}
    none = "It has no on-chain order."
    shown = stacked(order_table(view, found, none), f"Signed orders: {_signed_words(signed)}")
    return Answer(document=document, shown=shown)


@wallet.shows("trades")
def trades(view: View, account: Address) -> Answer:
    """List the trades of an account that are not settled."""
    found = _unsettled(view, view.address_of(account))
    shown = trade_table(view, found, "It has nothing to settle.")
    return Answer(document=numbered("trade_id", found), shown=shown)


@wallet.shows("offers")
def offers(view: View, account: Address) -> Answer:
    """List the offers of an account to everybody, and its purchases of such offers."""
    from energy_grid.market.account_queries import spot_offers_of, spot_purchases_of

    address, first = view.address_of(account), view.market.deployment.first_block
    made = spot_offers_of(view.market.spot, address, first)
    bought = spot_purchases_of(view.market.spot, address, first)
    rows = [
        (str(each["offer_id"]), format_wh(each["amount"]), view.money(each["paid"]))
        for each in bought
    ]
    document = {
        "account": address,
        "offers": numbered("offer_id", made),
        "purchases": [
            {name: each[name] for name in ("offer_id", "amount", "paid")} for each in bought
        ],
    }
    shown = stacked(
        record_table(view, "offer", made, "It has made no offer to everybody."),
        listed((">from offer", ">bought", ">paid"), rows, "It has bought from no offer."),
    )
    return Answer(document=document, shown=shown)


@wallet.shows("spot-trades")
def spot_trades(view: View, account: Address) -> Answer:
    """List the offers to one buyer that an account has made or received."""
    from energy_grid.market.account_queries import spot_trades_of

    address, first = view.address_of(account), view.market.deployment.first_block
    found = spot_trades_of(view.market.spot, address, first)
    shown = record_table(view, "spot trade", found, "It has no spot trade.")
    return Answer(document=numbered("spot_trade_id", found), shown=shown)


@wallet.shows("shares")
def shares(view: View, account: Address) -> Answer:
    """Show an account's shares of plants and its claims, also of sold and redeemed plants."""
    from energy_grid.market.account_queries import shares_of

    address, first = view.address_of(account), view.market.deployment.first_block
    found = shares_of(view.market.assets, address, first)
    return Answer(document=_share_documents(found), shown=_share_table(view, found))


@wallet.shows("credits")
def credits(view: View, account: Address) -> Answer:
    """Show an account's carbon credits: issued, held and retired."""
    from energy_grid.chain.multicall import past_events
    from energy_grid.market.account_queries import carbon_issues_of

    address, first, contract = (
        view.address_of(account),
        view.market.deployment.first_block,
        view.market.carbon,
    )
    held, retired_for, (*_, milligrams) = ask(
        view,
        (contract, "balanceOf", address),
        (contract, "retiredFor", address),
        (contract, "cleanProducer", address),
    )
    issued = carbon_issues_of(contract, address, first)
    retired = past_events(contract, "CarbonCreditsRetired", first, account=address)[::-1]
    rows = {
        "account": address,
        "credits": format_carbon(held),
        "below one gram": f"{milligrams} mg CO2e",
        "retired for it": format_carbon(retired_for),
    }
    got = [
        (str(each["retirements"]), format_wh(each["energy"]), format_carbon(each["grams"]))
        for each in issued
    ]
    used = [
        (str(each["id"]), format_carbon(each["amount"]), each["beneficiary"], each["reason"])
        for each in retired
    ]
    document = {
        "account": address,
        "credits": held,
        "milligrams": milligrams,
        "retired_for": retired_for,
        "issued": [
            {name: each[name] for name in ("retirements", "energy", "grams")} for each in issued
        ],
        "retired": [
            {"retirement_id": each["id"]}
            | {name: each[name] for name in ("beneficiary", "amount", "reason")}
            for each in retired
        ],
    }
    shown = stacked(
        facts(rows),
        listed((">retirements", ">certificates", ">issued"), got, "No credit was issued to it."),
        listed((">retirement", ">amount", "for", "reason"), used, "It has retired no credit."),
    )
    return Answer(document=document, shown=shown)


def _money(view: View, address: str) -> _Section:
    balances, waiting = balances_of(view, address), queued_of(view, address)
    return _Section(
        document={**balances, "queued": numbered("withdrawal_id", waiting)},
        rows=balances_rows(view, balances),
        shown=queued_table(view, waiting),
    )


def _participation(view: View, address: str) -> _Section:
    parts = parts_of(view, [address])[address]
    return _Section(document={"participation": as_document(parts)}, rows=part_rows(parts))


def _energy(view: View, address: str) -> _Section:
    market = view.market
    tokens, energy_credits = ask(
        view,
        (market.energy_token, "balanceOf", address),
        (market.settlement, "creditsOf", address),
    )
    meters, meter_rows = meter_table(view, address)
    today = market.node.time // DAY_SECONDS
    days, day_rows = day_table(view, address, range(today - _DAYS, today))
    return _Section(
        document={
            "energy_credits": energy_credits,
            "energy_tokens": tokens,
            "meters": meters,
            "days": days,
        },
        rows={
            "energy credits": f"{format_wh(energy_credits)} in the account, {format_wh(tokens)} as"
            " tokens, without those on offer",
            "read by": counted(len(meters), "meter"),
        },
        shown=_filled((meters, meter_rows), (days, day_rows)),
    )


def _trading(view: View, address: str) -> _Section:
    from energy_grid.market.account_queries import orders_of

    stored = orders_of(view.market.trading, address, view.market.deployment.first_block)
    active = [each for each in stored if each[1].status is OrderStatus.ACTIVE]
    waits, signed = _unsettled(view, address), _signed(view, address)
    return _Section(
        document={
            "orders": order_documents(active),
            "signed": signed,
            "trades": numbered("trade_id", waits),
        },
        rows={"signed orders": _signed_words(signed)},
        shown=_filled(
            (active, order_table(view, active, "")), (waits, trade_table(view, waits, ""))
        ),
    )


def _spot(view: View, address: str) -> _Section:
    from energy_grid.market.account_queries import spot_offers_of, spot_trades_of

    spot, first = view.market.spot, view.market.deployment.first_block
    made, dealt = spot_offers_of(spot, address, first), spot_trades_of(spot, address, first)
    on_offer = [each for each in made if each[1].status is OfferStatus.OPEN]
    pending = [each for each in dealt if each[1].status is TradeStatus.PENDING]
    return _Section(
        document={
            "offers": numbered("offer_id", on_offer),
            "spot_trades": numbered("spot_trade_id", pending),
        },
        shown=_filled(
            (on_offer, record_table(view, "offer", on_offer, "")),
            (pending, record_table(view, "spot trade", pending, "")),
        ),
    )


def _plants(view: View, address: str) -> _Section:
    from energy_grid.market.account_queries import assets_of, shares_of

    market = view.market
    plants = assets_of(market.assets, address)
    held = shares_of(market.assets, address, market.deployment.first_block)
    names = ", ".join(f"{number} ({each.terms.name})" for number, each in plants)
    return _Section(
        document={"assets": numbered("asset_id", plants), "shares": _share_documents(held)},
        rows={"plants": names} if plants else {},
        shown=_filled((held, _share_table(view, held))),
    )


def _carbon(view: View, address: str) -> _Section:
    contract = view.market.carbon
    held, retired = ask(view, (contract, "balanceOf", address), (contract, "retiredFor", address))
    shown = f"{format_carbon(held)}; {format_carbon(retired)} retired for it"
    return _Section(document={"carbon": held, "retired_for": retired}, rows={"carbon": shown})


def _power(view: View, address: str) -> _Section:
    """Votes and roles."""
    votes = view.market.votes
    tokens, delegate, weight = ask(
        view,
        (votes, "balanceOf", address),
        (votes, "delegates", address),
        (votes, "getVotes", address),
    )
    roles = [role_name(role) for role in roles_of(view, address)]
    rows = {"votes": f"{view.votes(tokens)}, {_delegated(address, delegate)}"}
    if weight:
        rows["votes with"] = view.votes(weight)
    if roles:
        rows["roles"] = ", ".join(roles)
    document = {"votes": {"tokens": tokens, "delegate": delegate, "votes": weight}, "roles": roles}
    return _Section(document=document, rows=rows)


def _filled(*tables: tuple[Sequence[Any], RenderableType]) -> list[RenderableType]:
    """The tables that have rows."""
    return [shown for found, shown in tables if found]


def _share_documents(found: Sequence[ShareHolding]) -> list[dict[str, Any]]:
    return [
        {
            "asset_id": each.asset,
            "address": each.address,
            "symbol": each.symbol,
            "state": each.state.name,
            "shares": each.shares,
            "count": each.count,
            "claimable": each.claimable,
            "refund": each.refund,
            "accepted_buyout_id": each.accepted_offer or None,
        }
        for each in found
    ]


def _share_table(view: View, found: Sequence[ShareHolding]) -> RenderableType:
    rows = [
        (
            str(each.asset),
            f"{each.shares} of {each.count} {each.symbol}",
            word(each.state),
            view.tokens(each.claimable + each.refund),
            each.address,
        )
        for each in found
    ]
    titles = (">asset", ">shares", "state", ">to claim", "address of the shares")
    return listed(titles, rows, "It has no shares of a plant.")


def _signed(view: View, address: str) -> dict[str, int]:
    market = view.market
    return {
        "floor": market.trading.signed_floor_of(address),
        "next_free": market.next_nonce(address),
    }


def _signed_words(signed: dict[str, int]) -> str:
    return f"lowest valid nonce {signed['floor']}, next free nonce {signed['next_free']}"


def _unsettled(view: View, address: str) -> list[tuple[int, TransactionRecord]]:
    from energy_grid.market import account_queries

    return account_queries.trades(
        view.market.trading,
        lambda known: (
            known.status is TransactionStatus.MATCHED and address in (known.seller, known.buyer)
        ),
    )


def _delegated(address: str, delegate: str) -> str:
    if delegate == _NOBODY:
        return "without a delegate"
    return "its own delegate" if delegate == address else f"delegated to {delegate}"
