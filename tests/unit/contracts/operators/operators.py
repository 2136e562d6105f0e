"""Operators of the grid, registered and verified, and what the contract knows of them.

Capacity in kW; regions are plain words, as people write them.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from eth_account.signers.local import LocalAccount

from energy_grid.chain.contract import to_bytes32
from energy_grid.chain.roles import Role
from tests.support.market import Market, Receipt, actor

__all__ = [
    "NORTH",
    "SOUTH",
    "Status",
    "as_authority",
    "assert_status",
    "logged",
    "operator_fields",
    "operator_in",
    "register",
    "registered_operator",
    "revoked_operator",
    "set_authorization",
    "set_score",
    "verified_operator",
]

NORTH, SOUTH = to_bytes32("NORTH"), to_bytes32("SOUTH")


class Status(IntEnum):
    """Statuses of an operator, as the chain numbers them."""

    NONE = 0
    REGISTERED = 1
    VERIFIED = 2
    REVOKED = 3


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
    """A verified operator of a region, whom the authority has given every permission."""
    operator = registered_operator(market, name, region, capacity)
    as_authority(market, "verifyOperator", operator.address)
    set_score(market, operator, 100)
    return operator


def revoked_operator(market: Market, name: str = "operator") -> LocalAccount:
    """An operator whose verification was taken away."""
    operator = verified_operator(market, name)
    as_authority(market, "revokeOperator", operator.address)
    return operator


def operator_in(market: Market, status: Status) -> LocalAccount:
    """The actor "operator", brought to this status."""
    if status is Status.REGISTERED:
        return registered_operator(market)
    if status is Status.VERIFIED:
        return verified_operator(market)
    return revoked_operator(market) if status is Status.REVOKED else actor("operator")


def set_authorization(market: Market, operator: LocalAccount, *, allowed: bool) -> Receipt:
    """Suspend a verified operator, or let it act again."""
    return as_authority(market, "setOperatorAuthorization", operator.address, allowed)


def set_score(market: Market, operator: LocalAccount, score: int) -> Receipt:
    """Judge an operator: below 50 it may only report, below 80 it has no command."""
    return as_authority(market, "setOperatorScore", operator.address, score)


def operator_fields(market: Market, operator: LocalAccount) -> dict[str, Any]:
    """The operator's record, by the names of its fields."""
    names = ("name", "region", "capacity", "score", "registered_at", "status", "authorized")
    return dict(zip(names, market.operators.call("getOperator", operator.address), strict=True))


def assert_status(
    market: Market, operator: LocalAccount, status: Status, *, authorized: bool
) -> None:
    """Every view that says whether the operator may act agrees with this."""
    fields = operator_fields(market, operator)
    assert (fields["status"], fields["authorized"]) == (status, authorized)
    call, address = market.operators.call, operator.address
    assert call("isVerifiedOperator", address) == (status is Status.VERIFIED)
    assert call("isAuthorizedOperator", address, fields["region"]) == authorized
    assert (call("permissionLevelOf", address) != 0) == authorized


def logged(market: Market, receipt: Receipt) -> list[tuple[str, dict[str, Any]]]:
    """Every event of the contract in a transaction, in order, by name."""
    events = market.operators.events(receipt.logs)
    return [(event.event, dict(event.arguments)) for event in events]
