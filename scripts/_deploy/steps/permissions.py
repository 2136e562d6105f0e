"""Assigns each restricted function to its role, and names the roles.

Functions for governance need nothing: what has no role is for the admin.
"""

from __future__ import annotations

from energy_grid.chain.roles import DELAYED, PERMISSIONS, Role
from scripts._deploy.context import Context

__all__ = ["run"]

_STEP = "permissions"


def run(context: Context) -> None:
    """Assign, in one transaction, what is not assigned yet."""
    context.settled(_STEP)
    calls = []
    for role, targets in PERMISSIONS.items():
        for contract, names in targets.items():
            if missing := _unassigned(context, contract, names, role):
                arguments = (context.address(contract), missing, role)
                calls.append(context.encode("AccessManager", "setTargetFunctionRole", *arguments))
    # Who stops a call that waits; of the other roles none waits.
    calls += [
        context.encode("AccessManager", "setRoleGuardian", role, Role.GUARDIAN)
        for role in sorted(DELAYED)
        if context.read("AccessManager", "getRoleGuardian", role) != Role.GUARDIAN
    ]
    if calls:
        # The labels have no view to ask for: they go with the functions, in one transaction.
        calls += [
            context.encode("AccessManager", "labelRole", role, role.name)
            for role in Role
            if role != Role.ADMIN
        ]
        context.call_manager(_STEP, calls)
        context.say("  every restricted function has its role")


def _unassigned(context: Context, contract: str, names: tuple[str, ...], role: Role) -> list[bytes]:
    address = context.address(contract)
    functions = context.abi(contract).functions.values()
    return [
        selector
        for selector in (each.selector for each in functions if each.name in names)
        if context.read("AccessManager", "getTargetFunctionRole", address, selector) != role
    ]
