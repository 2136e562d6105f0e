"""``energy-grid role``: who holds which role, and what each role may call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from energy_grid.chain.roles import Role
from energy_grid.cli.answers import Answer, facts, listed, stacked, table
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.options import Address
from energy_grid.cli.session import View
from energy_grid.domain.units import format_duration

if TYPE_CHECKING:
    from energy_grid.market.roles import RestrictedFunction

__all__ = ["roles", "roles_of"]

roles = CommandGroup("role")


@roles.shows("list")
def list_roles(view: View) -> Answer:
    """All roles and who holds them now."""
    from energy_grid.market.roles import role_assignments

    held = role_assignments(view.market.access, view.market.deployment.first_block)
    names = {**dict.fromkeys(map(int, Role)), **dict.fromkeys(sorted(held))}
    document, rows = [], []
    for role in names:
        having = held.get(role, {})
        document.append(
            {
                "role": role_name(role),
                "number": role,
                "holders": [
                    {"address": who, "delay": delay} for who, delay in sorted(having.items())
                ],
            }
        )
        told = [_told(view, who, delay) for who, delay in sorted(having.items())] or ["nobody"]
        rows += [
            (role_name(role) if first else "", each)
            for first, each in zip([True] + [False] * len(told), told, strict=False)
        ]
    return Answer(document=document, shown=table(("role", "held by"), rows))


@roles.shows("permissions")
def permissions(view: View) -> Answer:
    """Every restricted function of the market, and the role that may call it."""
    functions = _guarded(view)
    document = [_document(each) for each in functions]
    rows = [
        (each.contract, each.function.partition("(")[0], role_name(each.role)) for each in functions
    ]
    return Answer(document=document, shown=table(("contract", "function", "for"), rows))


@roles.shows("of")
def of(view: View, account: Address) -> Answer:
    """The roles of an account, and what it may call by them."""
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


def roles_of(view: View, address: str) -> dict[int, int]:
    """The roles that an account holds, each with the seconds that its calls must wait."""
    from energy_grid.market.roles import role_assignments

    held = role_assignments(view.market.access, view.market.deployment.first_block)
    return {role: having[address] for role, having in sorted(held.items()) if address in having}


def role_name(role: int) -> str:
    """``"GUARDIAN"``; of a role that the market does not know, its number."""
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


def _told(view: View, who: str, delay: int) -> str:
    return view.named(who) + (f", its calls wait {format_duration(delay)}" if delay else "")
