"""``energy-grid grid capacity`` and ``grid balance``: capacity and balancing of a region."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from energy_grid.cli.answers import (
    Answer,
    as_document,
    facts,
    identified,
    listed,
    stacked,
    table,
    word,
    yes_or_no,
)
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.options import Priority, Region, choice, kw, number
from energy_grid.cli.session import Planned, Session, View, event_of, every
from energy_grid.cli.times import format_time
from energy_grid.domain.balancing import ActionType

if TYPE_CHECKING:
    from energy_grid.chain.tx.receipts import Receipt
    from energy_grid.contracts.balancing_coordination import BalancingAction

__all__ = ["balance", "capacity"]

capacity = CommandGroup("capacity", "The balancing capacity of a region.")
balance = CommandGroup("balance", "Balancing actions of a region.")

Action = Annotated[int, number("ACTION", "Its number.")]


@capacity.does("set")
def set_capacity(
    session: Session,
    region: Region,
    most: Annotated[int, kw("--max", "Installed capacity with the reserve, in kW.")],
    running: Annotated[int, kw("--running", "Running capacity, in kW.")],
    reserve: Annotated[int, kw("--reserve", "Reserve, in kW.")] = 0,
) -> Planned[Any]:
    """Set the capacity of a region (operator of the region)."""
    call = session.market.balancing.set_region_capacity(
        region, max_generation=most, current_generation=running, reserve_capacity=reserve
    )
    return session.plan(
        call,
        lambda _: (
            f"Set {region} to {most} kW installed, {running} kW running, {reserve} kW in reserve"
        ),
    )


@capacity.shows("show")
def show_capacity(view: View, region: Region) -> Answer:
    """Show the capacity of a region, and what is available for each action."""
    has = view.market.balancing.get_region_capacity(region)
    left = {kind: view.market.balancing.available_for(region, kind) for kind in ActionType}
    rows = {
        "installed": f"{has.max_generation} kW",
        "running": f"{has.current_generation} kW",
        "reserve": f"{has.reserve} kW",
        "load shed": f"{has.shed} kW",
    }
    document = {
        "region": region,
        **as_document(has),
        "available": {kind.name: left[kind] for kind in ActionType},
    }
    possible = [(word(kind), f"{left[kind]} kW") for kind in ActionType]
    shown = stacked(facts(rows), table(("action", ">available"), possible))
    return Answer(document=document, shown=shown)


@balance.does("open")
def open_action(
    session: Session,
    region: Region,
    kind: Annotated[ActionType, choice(ActionType, "ACTION")],
    target: Annotated[int, kw("--target", "The power, in kW.")],
    priority: Priority = 3,
) -> Planned[Any]:
    """Open an action, which must be completed before its deadline (operator of the region)."""
    balancing = session.market.balancing

    def message(receipts: list[Receipt]) -> str:
        action = balancing.get_balancing_action(
            event_of(balancing, receipts, "BalancingActionOpened")["id"]
        )
        return (
            f"Opened action {action.id} in {region}: {word(kind)} by {target} kW, priority"
            f" {priority},"
            f" until {format_time(action.deadline)}"
        )

    return session.plan(
        balancing.initiate_balancing_action(region, kind, target, priority), message
    )


@balance.does("complete")
def complete(session: Session, action: Action) -> Planned[Any]:
    """Complete an action (operator of the region)."""
    return session.plan(
        session.market.balancing.complete_balancing_action(action),
        lambda _: f"Completed {_described(session, action)}",
    )


@balance.does("cancel")
def cancel(session: Session, action: Action) -> Planned[Any]:
    """Cancel an action before its deadline; costs the sender 5 points (operator of the region)."""

    def message(_: Any) -> str:
        score = session.market.operators.get_operator(session.address).score
        return f"Cancelled {_described(session, action)}; the score of {session.address} is {score}"

    return session.plan(session.market.balancing.cancel_balancing_action(action), message)


@balance.does("expire")
def expire(session: Session, action: Action) -> Planned[Any]:
    """Expire an action past its deadline; costs an operator who opened it 5 points (anybody)."""

    def message(_: Any) -> str:
        known = session.market.balancing.get_balancing_action(action)
        score = session.market.operators.get_operator(known.operator).score
        return f"Expired {_described(session, action)}; the score of {known.operator} is {score}"

    return session.plan(session.market.balancing.expire_balancing_action(action), message)


@balance.shows("show")
def show_action(view: View, action: Action) -> Answer:
    """Show a balancing action."""
    known = view.market.balancing.get_balancing_action(action)
    rows = {
        "action": str(known.id),
        "region": known.region,
        "action type": f"{word(known.action_type)} by {known.target} kW",
        "status": word(known.status),
        "priority": f"{known.priority} (1 is the most urgent of 5)",
        "operator": known.operator,
        "automated": yes_or_no(known.automated),
        "opened": format_time(known.created_at),
        "deadline": format_time(known.deadline),
    }
    return Answer(document=identified("action_id", known), shown=facts(rows))


@balance.shows("list")
def list_actions(
    view: View,
    region: Region,
    everything: Annotated[
        bool, typer.Option("--all", help="Include closed actions, newest first.")
    ] = False,
) -> Answer:
    """List the open actions of a region, the most urgent first."""
    balancing = view.market.balancing
    if everything:
        actions = every(
            lambda offset, limit: balancing.get_balancing_actions(region, offset, limit)
        )
    else:
        actions = balancing.get_open_actions(region)
    none = f"No {'' if everything else 'open '}actions in {region}."
    document = [identified("action_id", each) for each in actions]
    return Answer(document=document, shown=listed(_TITLES, _rows(actions), none))


_TITLES = (
    ">action",
    "type",
    ">target",
    "status",
    ">priority",
    "opened by",
    "automated",
    "deadline",
)


def _rows(actions: Sequence[BalancingAction]) -> list[tuple[str, ...]]:
    return [
        (
            str(each.id),
            word(each.action_type),
            f"{each.target} kW",
            word(each.status),
            str(each.priority),
            each.operator,
            yes_or_no(each.automated),
            format_time(each.deadline),
        )
        for each in actions
    ]


def _described(session: Session, action: int) -> str:
    known = session.market.balancing.get_balancing_action(action)
    return f"action {action} in {known.region}: {word(known.action_type)} by {known.target} kW"
