"""Who may call what, as the AccessManager has it."""

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
    """Who has a role now, by the history of grants."""
    return frozenset(role_assignments(access).get(role, {}))


def role_assignments(access: AccessManager, first_block: int = 0) -> dict[int, dict[str, int]]:
    """Who has each role now, with the seconds that the holder's calls must wait.

    The events tell of everybody who ever was given one, the view who has it still.
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

    Those are all that were given to a role, and those that governance has kept: the chain says
    the same of what is for governance and of what is for everybody.
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
