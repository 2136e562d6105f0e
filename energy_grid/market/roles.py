"""Roles: their members and the functions they may call, read from the AccessManager."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from energy_grid.chain.abi import load
from energy_grid.chain.multicall import ChainQuery, past_events, read_all
from energy_grid.chain.roles import Role, functions_of
from energy_grid.contracts.access_manager import AccessManager

__all__ = ["RestrictedFunction", "restricted_functions", "role_assignments", "role_members"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictedFunction:
    """A restricted function, and the number of the role that may call it."""

    contract: str
    function: str
    selector: bytes
    role: int


def role_members(access: AccessManager, role: Role) -> frozenset[str]:
    """The members of a role now.

    The wrapper's `AccessManager.has_role` gives a pair, which is always true: use its `is_member`.
    """
    return frozenset(role_assignments(access).get(role, {}))


def role_assignments(access: AccessManager, first_block: int = 0) -> dict[int, dict[str, int]]:
    """The members of each role now, with the delay of their calls in seconds.

    Events give all accounts that ever got a role, the view those that still have it.
    """
    granted = past_events(access, "RoleGranted", first_block)
    pairs = list(dict.fromkeys((log["role_id"], log["account"]) for log in granted))
    answers = read_all(access.node, [ChainQuery(access, "hasRole", pair) for pair in pairs])
    held: dict[int, dict[str, int]] = {}
    for (role, account), (member, delay) in zip(pairs, answers, strict=True):
        if member:
            held.setdefault(role, {})[account] = delay
    return held


def restricted_functions(
    access: AccessManager, contracts: Mapping[str, str]
) -> list[RestrictedFunction]:
    """The restricted functions of contracts, given by name and address, with their roles.

    These are the functions of a role, and those of governance alone: the chain has the same value
    for functions of governance and for functions without a restriction.
    """
    functions = [
        (name, address, each)
        for name, address in sorted(contracts.items())
        for each in load(name).functions.values()
        if not each.constant and functions_of(name)
    ]
    answers = read_all(
        access.node,
        [
            ChainQuery(access, "getTargetFunctionRole", (address, each.selector))
            for _, address, each in functions
        ],
    )
    return [
        RestrictedFunction(
            contract=name, function=each.signature, selector=each.selector, role=role
        )
        for (name, _, each), role in zip(functions, answers, strict=True)
        if role != Role.ADMIN or each.name in functions_of(name)
    ]
