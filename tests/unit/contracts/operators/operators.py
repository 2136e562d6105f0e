"""Operators of the grid, registered and verified, and what the contract knows of them.

Capacity in kW; regions are plain words, as people write them.
"""

from __future__ import annotations

from typing import Any

from eth_account.signers.local import LocalAccount

from energy_grid.adapters.chain.contract import to_bytes32
from energy_grid.adapters.chain.roles import Role
from tests.support.market import Market, Receipt, actor

__all__ = [
    "NOBODY",
    "NORTH",
    "SOUTH",
    "as_authority",
    "operator_fields",
    "register",
    "registered_operator",
    "set_score",
    "verified_operator",
]

NORTH, SOUTH = to_bytes32("NORTH"), to_bytes32("SOUTH")
NOBODY = "0x" + "00" * 20


def as_authority(market: Market, function: str, *arguments: Any) -> Receipt:
    """What only the grid authority may do with operators."""
    return market.do(market.roles[Role.GRID_AUTHORITY], market.operators, function, *arguments)


def register(
    market: Market,
    operator: LocalAccount,
    *,
    name: str = "PowerCorp",
    region: bytes = NORTH,
    capacity: int = 1000,
) -> Receipt:
    return market.do(operator, market.operators, "registerOperator", name, region, capacity)


def registered_operator(
    market: Market, name: str = "operator", region: str = "NORTH", capacity: int = 1000
) -> LocalAccount:
    """An operator of a region whom nobody has verified; its account is the actor of this name."""
    register(market, actor(name), name=name, region=to_bytes32(region), capacity=capacity)
    return actor(name)


def verified_operator(
    market: Market, name: str = "operator", region: str = "NORTH", capacity: int = 1000
) -> LocalAccount:
    """A verified operator of a region, at first with every permission."""
    operator = registered_operator(market, name, region, capacity)
    as_authority(market, "verifyOperator", operator.address)
    return operator


def set_score(market: Market, operator: LocalAccount, score: int) -> Receipt:
    """Judge an operator: below 50 it may only report, below 80 it has no command."""
    return as_authority(market, "setOperatorScore", operator.address, score)


def operator_fields(market: Market, operator: LocalAccount) -> dict[str, Any]:
    """The operator's record, by the names of its fields."""
    names = ("name", "region", "capacity", "score", "registered_at", "status", "authorized")
    return dict(zip(names, market.operators.call("getOperator", operator.address), strict=True))
