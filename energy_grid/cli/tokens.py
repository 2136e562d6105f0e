"""``energy-grid token``: the tokens of the market, and transfers of energy credits."""

from __future__ import annotations

from typing import Annotated, Any

from energy_grid.cli.answers import Answer, table
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.options import Address, kwh
from energy_grid.cli.reads import ask
from energy_grid.cli.session import Planned, Session, View
from energy_grid.domain.units import format_money, format_wh

__all__ = ["tokens"]

tokens = CommandGroup("token")


@tokens.does("send")
def send(
    session: Session, to: Address, amount: Annotated[int, kwh("--amount", "How much, in kWh.")]
) -> Planned[Any]:
    """Send energy credits to another account."""
    address = session.address_of(to)
    return session.plan(
        session.market.energy_token.transfer(address, amount),
        lambda _: f"Sent {format_wh(amount)} of energy credits to {address}",
    )


@tokens.shows("list")
def list_tokens(view: View) -> Answer:
    """List the tokens of the market: money, energy credits, carbon credits and votes."""
    market = view.market
    kinds = {
        "money": market.money,
        "energy credits": market.energy_token,
        "carbon credits": market.carbon,
        "votes": market.votes,
    }
    views = {"name": "name", "symbol": "symbol", "decimals": "decimals", "supply": "totalSupply"}
    asked = ((token, each) for token in kinds.values() for each in views.values())
    answers = iter(ask(view, *asked))
    document = [
        {"kind": kind, "address": token.address, **{name: next(answers) for name in views}}
        for kind, token in kinds.items()
    ]
    rows = [
        (
            each["kind"],
            each["symbol"],
            str(each["decimals"]),
            format_money(each["supply"], each["decimals"]),
            each["address"],
        )
        for each in document
    ]
    titles = ("for", "symbol", ">decimals", ">supply", "address")
    return Answer(document=document, shown=table(titles, rows))
