"""``energy-grid token``: the tokens of the market, and banked energy from hand to hand."""

from __future__ import annotations

from typing import Annotated, Any

from energy_grid.cli.answers import Answer, table
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.options import Address, kwh
from energy_grid.cli.reads import ask
from energy_grid.cli.session import Planned, Session, View, short
from energy_grid.domain.units import format_money, format_wh

__all__ = ["tokens"]

tokens = CommandGroup("token")


@tokens.does("send")
def send(
    session: Session, to: Address, amount: Annotated[int, kwh("--amount", "How much, in kWh.")]
) -> Planned[Any]:
    """Give banked energy to somebody."""
    address = session.address_of(to)
    return session.plan(
        session.market.energy_token.transfer(address, amount),
        lambda _: f"Gave {format_wh(amount)} of banked energy to {short(address)}",
    )


@tokens.shows("list")
def list_tokens(view: View) -> Answer:
    """The tokens of the market: money, banked energy, carbon credits and votes."""
    market = view.market
    kinds = {
        "money": market.money,
        "banked energy": market.energy_token,
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
    titles = ("for", "symbol", ">decimals", ">there are", "address")
    return Answer(document=document, shown=table(titles, rows))
