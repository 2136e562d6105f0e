"""``energy-grid operator``: grid operators and their regions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from energy_grid.cli.answers import Answer, as_document, facts, listed, word
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.options import Address, Region, kw, number
from energy_grid.cli.session import Planned, Session, View
from energy_grid.cli.times import format_time
from energy_grid.domain.enums import OperatorStatus

if TYPE_CHECKING:
    from energy_grid.contracts.grid_operator_verification import Operator

__all__ = ["operators"]

operators = CommandGroup("operator")


@operators.does("register")
def register(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="NAME", help="1 to 64 characters.")],
    region: Region,
    capacity: Annotated[int, kw("--capacity", "The capacity that it operates, in kW.")],
) -> Planned[Any]:
    """Register the sender as operator of a region, for verification by the grid authority."""
    return session.plan(
        session.market.operators.register_operator(name, region, capacity),
        lambda _: f"Registered {name} ({session.address}) for {region} with {capacity} kW",
    )


@operators.does("verify")
def verify(session: Session, operator: Address) -> Planned[Any]:
    """Verify an operator, also after a revocation (grid authority)."""
    address = session.address_of(operator)
    return session.plan(
        session.market.operators.verify_operator(address),
        lambda _: f"Verified {_who(session, address)}",
    )


@operators.does("revoke")
def revoke(session: Session, operator: Address) -> Planned[Any]:
    """Revoke the verification of an operator (grid authority)."""
    address = session.address_of(operator)
    return session.plan(
        session.market.operators.revoke_operator(address),
        lambda _: f"Revoked the verification of {_who(session, address)}",
    )


@operators.does("authorize")
def authorize(session: Session, operator: Address) -> Planned[Any]:
    """Authorize a suspended operator again (grid authority)."""
    address = session.address_of(operator)
    return session.plan(
        session.market.operators.set_operator_authorization(address, True),
        lambda _: f"Authorized {_who(session, address)}",
    )


@operators.does("suspend")
def suspend(session: Session, operator: Address) -> Planned[Any]:
    """Suspend a verified operator (grid authority)."""
    address = session.address_of(operator)
    return session.plan(
        session.market.operators.set_operator_authorization(address, False),
        lambda _: f"Suspended {_who(session, address)}",
    )


@operators.does("score")
def score(
    session: Session,
    operator: Address,
    points: Annotated[int, number("SCORE", "0 to 100.", 0, 100)],
) -> Planned[Any]:
    """Score an operator: 50 points permit balancing, 80 permit control (grid authority)."""
    address = session.address_of(operator)

    def message(_: Any) -> str:
        level = session.market.operators.permission_level_of(address)
        return f"Scored {_who(session, address)} {points} of 100: level {word(level)}"

    return session.plan(session.market.operators.set_operator_score(address, points), message)


@operators.shows("show")
def show(view: View, operator: Address) -> Answer:
    """Show an operator: its region, score and permission level."""
    address = view.address_of(operator)
    known = view.market.operators.get_operator(address)
    level = view.market.operators.permission_level_of(address)
    admitted = view.market.demand_response.is_grid_operator(address)
    rows = {"address": address, "status": _status(known)}
    if known.status:
        rows |= {
            "name": known.name,
            "region": known.region,
            "capacity": f"{known.capacity} kW",
            "score": f"{known.score} of 100",
            "level": word(level),
            "demand response": "registered" if admitted else "not registered",
            "registered": format_time(known.registered_at),
        }
    document = {
        "address": address,
        **as_document(known),
        "level": level,
        "demand_response": admitted,
    }
    return Answer(document=document, shown=facts(rows))


@operators.shows("list")
def list_(view: View) -> Answer:
    """List all operators, in the order of their registration."""
    operators, first = view.market.operators, view.market.deployment.first_block
    history = operators.history("OperatorRegistered", from_block=first)
    addresses = dict.fromkeys(each["operator"] for each in history)
    found = [(each, operators.get_operator(each)) for each in addresses]
    rows = [
        (
            address,
            known.name,
            known.region,
            f"{known.capacity} kW",
            str(known.score),
            _status(known),
        )
        for address, known in found
    ]
    titles = ("operator", "name", "region", ">capacity", ">score", "status")
    document = [{"address": address, **as_document(known)} for address, known in found]
    shown = listed(titles, rows, "No operator is registered.")
    return Answer(document=document, shown=shown)


def _status(known: Operator) -> str:
    is_suspended = known.status is OperatorStatus.VERIFIED and not known.authorized
    return "suspended" if is_suspended else word(known.status)


def _who(session: Session, address: str) -> str:
    known = session.market.operators.get_operator(address)
    return f"{known.name} ({address}), {known.region}"
