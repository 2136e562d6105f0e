"""Makes governance the admin and takes the deployer's last role, in one transaction."""

from __future__ import annotations

from energy_grid.chain.roles import Role
from scripts._deploy.context import Context

__all__ = ["run"]

_STEP = "handover"


def run(context: Context) -> None:
    """Hand over, unless that is done."""
    context.settled(_STEP)
    deployer = context.journal.deployer
    if not context.read("AccessManager", "hasRole", Role.ADMIN, deployer)[0]:
        return
    calls = [
        context.encode("AccessManager", "grantRole", Role.ADMIN, holder, 0)
        for holder in context.roles[Role.ADMIN]
    ]
    calls.append(context.encode("AccessManager", "renounceRole", Role.ADMIN, deployer))
    context.call_manager(_STEP, calls)
    context.say("  governance has taken over; the deployer holds no role")
