"""Founds the home region's community, without members.

It is managed by whom the grid authority is.
"""

from __future__ import annotations

from energy_grid.chain.abi import to_bytes32
from energy_grid.chain.roles import Role
from scripts._deploy.context import Context
from scripts._deploy.plan import HOME_REGION

__all__ = ["run"]


def run(context: Context) -> None:
    """Found it, unless there is one."""
    context.settled("community")
    if context.read("Communities", "communityCount") > 0:
        return
    theta, manager = context.settings.parameters["theta"], context.roles[Role.GRID_AUTHORITY][0]
    data = context.encode("Communities", "create", to_bytes32(HOME_REGION), theta, manager)
    context.call("community", "Communities", data)
    context.say(f"  community 1 in {HOME_REGION}: theta {theta / 100:g} %, managed by {manager}")
