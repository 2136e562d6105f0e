"""Gives the roles to those who are to hold them; governance comes last, in the handover."""

from __future__ import annotations

from energy_grid.chain.roles import Role
from scripts._deploy.context import Context

__all__ = ["run"]

_STEP = "grants"


def run(context: Context) -> None:
    """Grant, in one transaction, what is not granted yet."""
    context.settled(_STEP)
    calls = [
        context.encode("AccessManager", "grantRole", role, holder, 0)
        for role, holders in context.roles.items()
        if role != Role.ADMIN
        for holder in holders
        if not context.read("AccessManager", "hasRole", role, holder)[0]
    ]
    if calls:
        context.call_manager(_STEP, calls)
        context.say(f"  {len(calls)} roles granted")
