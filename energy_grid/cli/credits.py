"""``energy-grid credit``: energy credits, in the settlement account and as tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from energy_grid.cli.answers import Answer, facts, yes_or_no
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.options import Address, kwh, reading
from energy_grid.cli.reads import ask
from energy_grid.cli.session import Planned, Session, View
from energy_grid.domain.account_words import account_state
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.units import format_day, format_wh
from energy_grid.errors import EnergyGridError, InputError

if TYPE_CHECKING:
    from energy_grid.contracts import events

__all__ = ["credits_"]

credits_ = CommandGroup("credit")

Amount = Annotated[int, kwh("--amount", "How much, in kWh.")]
_CHOICES = {"on": True, "off": False}


def _choice(text: str) -> bool:
    if text not in _CHOICES:
        raise InputError(f"{text!r} is neither on nor off")
    return _CHOICES[text]


@credits_.does("keep")
def keep(
    session: Session,
    choice: Annotated[
        bool,
        typer.Argument(
            parser=reading(_choice),
            metavar="on|off",
            help="On: surplus becomes credits, which cover deficits. Off: it is fed in.",
        ),
    ],
) -> Planned[Any]:
    """Keep surplus as energy credits, or feed it in, from the next day on."""

    def message(made: events.Settlement_KeepsSet) -> str:
        does = "is kept as credits" if made.keeps else "is fed in"
        return f"Surplus of {session.address} {does} from {format_day(made.day)} on"

    return Planned(session.market.keep_surplus(session.who, choice), message)


@credits_.does("redeem")
def redeem(session: Session, amount: Amount) -> Planned[Any]:
    """Turn credits into money at today's value; a debt is paid first."""

    def message(made: events.Settlement_CreditsRedeemed) -> str:
        return f"Redeemed {format_wh(made.wh)} for {session.exact_money(made.money)}"

    return Planned(session.market.redeem_credits(session.who, amount), message)


@credits_.does("withdraw")
def withdraw(session: Session, amount: Amount) -> Planned[Any]:
    """Turn credits of the settlement account into tokens of the wallet."""

    def message(_: Any) -> str:
        left = session.market.settlement.credits_of(session.address)
        return f"Withdrew {format_wh(amount)} of credits as tokens; {format_wh(left)} stay"

    return Planned(session.market.withdraw_credits(session.who, amount), message)


@credits_.does("deposit")
def deposit(session: Session, amount: Amount) -> Planned[Any]:
    """Turn tokens of the wallet into credits; they pay a debt first."""
    tokens = session.market.energy_token.balance_of(session.address)
    if tokens < amount:
        raise EnergyGridError(
            f"{session.address} has {format_wh(tokens)} of energy credits as tokens, and this needs"
            f" {format_wh(amount)}"
        )

    def message(_: Any) -> str:
        held = session.market.settlement.credits_of(session.address)
        return f"Deposited {format_wh(amount)}: the account has {format_wh(held)} of credits"

    return Planned(session.market.deposit_credits(session.who, amount), message)


@credits_.shows("show")
def show(view: View, account: Address) -> Answer:
    """Show the credits of an account, their value today, and whether it keeps surplus."""
    market, address = view.market, view.address_of(account)
    today = market.node.time // DAY_SECONDS
    tokens, (_, word, _, _), value = ask(
        view,
        (market.energy_token, "balanceOf", address),
        (market.settlement, "accountOf", address),
        (market.tariffs, "creditValueAt", today),
    )
    state = account_state(word)
    rows = {
        "account": address,
        "credits": format_wh(state.credits),
        "as tokens": format_wh(tokens),
        "value": f"{view.price(value)}, {view.exact_money((state.credits + tokens) * value)}"
        " together",
        "keeps surplus": yes_or_no(state.keeps_on(today)),
    }
    if today < state.keeps_from:
        rows["from then on"] = f"{yes_or_no(state.next_keeps)}, from {format_day(state.keeps_from)}"
    document = {
        "account": address,
        "credits": state.credits,
        "tokens": tokens,
        "value_per_kwh": value,
        "keeps": state.keeps_on(today),
        "next_keeps": state.next_keeps,
        "keeps_from": format_day(state.keeps_from) if state.keeps_from else None,
    }
    return Answer(document=document, shown=facts(rows))
