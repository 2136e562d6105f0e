"""Refuses, before anything is sent, whoever is named for a role and is a single key."""

from __future__ import annotations

from energy_grid.chain.roles import Role
from scripts._deploy.context import Context
from scripts._deploy.keys import refuse_few_reporters, refuse_single_keys
from scripts._deploy.role_assignments import is_planned

__all__ = ["run"]


def run(context: Context) -> None:
    """Read those that exist already; the others are deployed here.

    Raises:
        DeploymentError: a role would be somebody's alone.
    """
    settings = context.settings
    known = {
        role: tuple(holder for holder in holders if not is_planned(holder))
        for role, holders in settings.roles.items()
    }
    refuse_single_keys(context.web3, known)
    reporters = len(known.get(Role.REPORTER, ()))
    refuse_few_reporters(reporters, settings.parameters["oracleQuorum"], "oracleQuorum")
