"""Gives the roles to those who are to hold them; governance comes last, in the handover."""

from __future__ import annotations

from energy_grid.chain.roles import DELAYED, Role
from scripts._deploy.context import Context

__all__ = ["run"]

_STEP = "grants"


def run(context: Context) -> None:
    """Grant, in one transaction, what is not granted yet."""
    context.settled(_STEP)
    calls = [
        context.encode("AccessManager", "grantRole", role, holder, _delay_of(context, role))
        for role, holders in context.roles.items()
        if role != Role.ADMIN
        for holder in holders
        if not context.read("AccessManager", "hasRole", role, holder)[0]
    ]
    if calls:
        context.call_manager(_STEP, calls)
        context.say(f"  {len(calls)} roles granted")


def _delay_of(context: Context, role: Role) -> int:
    """Seconds that the calls of a role wait."""
    return context.settings.parameters["roleDelay"] if role in DELAYED else 0
