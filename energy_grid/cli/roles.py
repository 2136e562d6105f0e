"""``energy-grid role``: the roles, their holders, and their functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from energy_grid.chain.roles import Role
from energy_grid.cli.answers import Answer, facts, listed, stacked, table
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.hashes import parse_hash
from energy_grid.cli.options import Address, reading
from energy_grid.cli.session import Planned, Session, View
from energy_grid.cli.times import format_time
from energy_grid.domain.units import format_duration
from energy_grid.errors import InputError
from energy_grid.market.call_words import measure

if TYPE_CHECKING:
    from energy_grid.market.roles import RestrictedFunction

__all__ = ["roles", "roles_of"]

roles = CommandGroup("role")


@roles.shows("list")
def list_roles(view: View) -> Answer:
    """List all roles and their holders."""
    from energy_grid.market.roles import role_assignments

    held = role_assignments(view.market.access, view.market.deployment.first_block)
    names = {**dict.fromkeys(map(int, Role)), **dict.fromkeys(sorted(held))}
    document, rows = [], []
    for role in names:
        having = held.get(role, {})
        document.append(
            {
                "role": role_name(role),
                "role_id": role,
                "holders": [
                    {"address": who, "delay": delay} for who, delay in sorted(having.items())
                ],
            }
        )
        lines = [_holder(view, who, delay) for who, delay in sorted(having.items())] or [
            "no account"
        ]
        rows += [
            (role_name(role) if first else "", each)
            for first, each in zip([True] + [False] * len(lines), lines, strict=False)
        ]
    return Answer(document=document, shown=table(("role", "held by"), rows))


@roles.shows("permissions")
def permissions(view: View) -> Answer:
    """List the restricted functions of the market, and the role of each."""
    functions = _guarded(view)
    document = [_document(each) for each in functions]
    rows = [
        (each.contract, each.function.partition("(")[0], role_name(each.role)) for each in functions
    ]
    return Answer(document=document, shown=table(("contract", "function", "role"), rows))


@roles.shows("of")
def of(view: View, account: Address) -> Answer:
    """Show the roles of an account, and the functions that it may call."""
    address = view.address_of(account)
    held = roles_of(view, address)
    may = [each for each in _guarded(view) if each.role in held]
    rows = {
        "account": view.named(address),
        "roles": ", ".join(map(role_name, held)) or "none",
    }
    delayed = {role: delay for role, delay in held.items() if delay}
    if delayed:
        rows["must wait"] = ", ".join(
            f"{format_duration(delay)} as {role_name(role)}" for role, delay in delayed.items()
        )
    functions = [
        (each.contract, each.function.partition("(")[0], role_name(each.role)) for each in may
    ]
    titles = ("contract", "may call", "as")
    none = "It may call no restricted function."
    document = {
        "account": address,
        "roles": [{"role": role_name(role), "delay": delay} for role, delay in held.items()],
        "functions": [_document(each) for each in may],
    }
    return Answer(document=document, shown=stacked(facts(rows), listed(titles, functions, none)))


@roles.shows("scheduled")
def scheduled(view: View) -> Answer:
    """List the calls that wait: who has scheduled them, when they can be made, until when."""
    document, shown = [], []
    for each in view.market.scheduled_calls():
        id, words = f"0x{each.id.hex()}", measure(view, each.call)
        rows = {
            "call": words,
            "by": view.named(each.caller),
            "can be made": f"from {format_time(each.executable_at)} on",
            "expires": format_time(each.expires_at),
            "operation": id,
        }
        shown.append(facts(rows))
        document.append(
            {
                "operation_id": id,
                "call": words,
                "caller": each.caller,
                "target": each.call.target,
                "data": f"0x{each.call.data.hex()}",
                "executable_at": each.executable_at,
                "expires_at": each.expires_at,
            }
        )
    return Answer(document=document, shown=stacked(*shown) if shown else "No call waits.")


@roles.does("cancel")
def cancel(
    session: Session,
    id: Annotated[
        str,
        typer.Argument(
            parser=reading(parse_hash), metavar="ID", help="As role scheduled prints it."
        ),
    ],
) -> Planned[Any]:
    """Cancel a call that waits (a guardian, or who has scheduled it)."""
    market = session.market
    found = {f"0x{each.id.hex()}": each for each in market.scheduled_calls()}
    if id not in found:
        raise InputError(f"no call waits under {id}: energy-grid role scheduled lists them")
    words = measure(session, found[id].call)
    return session.plan(market.cancel_scheduled(found[id]), lambda _: f"Cancelled: {words}")


def roles_of(view: View, address: str) -> dict[int, int]:
    """The roles of an account, each with the delay of its calls in seconds."""
    from energy_grid.market.roles import role_assignments

    held = role_assignments(view.market.access, view.market.deployment.first_block)
    return {role: having[address] for role, having in sorted(held.items()) if address in having}


def role_name(role: int) -> str:
    """``"GUARDIAN"``; of a role without a name, its number."""
    return Role(role).name if role in {*Role} else f"role {role}"


def _guarded(view: View) -> list[RestrictedFunction]:
    from energy_grid.market.roles import restricted_functions

    market = view.market
    return restricted_functions(
        market.access,
        {name: contract.address for name, contract in market.deployment.contracts.items()},
    )


def _document(each: RestrictedFunction) -> dict[str, str]:
    return {
        "contract": each.contract,
        "function": each.function,
        "selector": f"0x{each.selector.hex()}",
        "role": role_name(each.role),
    }


def _holder(view: View, who: str, delay: int) -> str:
    return view.named(who) + (f", waits {format_duration(delay)}" if delay else "")
