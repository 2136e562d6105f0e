"""The steps of a deployment, in their order.

Each asks the chain what is done already and does the rest, so that all of them can run again.
"""

from __future__ import annotations

from scripts._deploy.steps import (
    community,
    contracts,
    grants,
    handover,
    permissions,
    role_assignments,
    safes,
    token,
)

__all__ = ["STEPS"]

STEPS = (
    token.run,  # the settlement token is what it should be
    role_assignments.run,  # no role is for a single key
    contracts.run,  # all contracts, at the addresses planned
    safes.run,  # the Safes, each with its owners
    community.run,  # the first community, without members
    permissions.run,  # which role may call which function
    grants.run,  # who has which role
    handover.run,  # governance takes over; the deployer is left with nothing
)
