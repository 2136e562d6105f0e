"""What operators do to balance a region, in short, and what the contract says of it then.

Power in kW; the region is NORTH by default.
"""

from __future__ import annotations

from typing import Any

from eth_account.signers.local import LocalAccount

from energy_grid.chain.contract import structure
from energy_grid.contracts.balancing_coordination import BalancingAction, RegionCapacity
from energy_grid.domain.balancing import ActionStatus, ActionType
from tests.support.market import Market, Receipt, actor
from tests.unit.contracts.operators.operators import (
    NORTH,
    as_authority,
    registered_operator,
    verified_operator,
)

__all__ = [
    "HOUR",
    "LARGEST",
    "UNFIT",
    "available",
    "cancel",
    "capacity_of",
    "closed",
    "complete",
    "expire",
    "initiate",
    "open_ids",
    "opened",
    "record",
    "report_load",
    "set_capacity",
    "unfit_operator",
]

HOUR = 3600
LARGEST = 2**64 - 1
# Who may do nothing in NORTH, whatever its score.
UNFIT = ("nobody", "unverified", "revoked", "suspended", "of another region")


def unfit_operator(market: Market, kind: str) -> LocalAccount:
    """One of `UNFIT`."""
    if kind == "nobody":
        return actor("nobody")
    if kind == "unverified":
        return registered_operator(market, kind)
    if kind == "of another region":
        return verified_operator(market, kind, region="SOUTH")
    operator = verified_operator(market, kind)
    if kind == "revoked":
        as_authority(market, "revokeOperator", operator.address)
    else:
        as_authority(market, "setOperatorAuthorization", operator.address, False)
    return operator


def set_capacity(
    market: Market,
    operator: LocalAccount,
    maximum: int,
    current: int,
    reserve: int,
    *,
    region: bytes = NORTH,
) -> Receipt:
    return market.do(
        *(operator, market.balancing, "setRegionCapacity"), region, maximum, current, reserve
    )


def report_load(
    market: Market, operator: LocalAccount, demand: int, *, region: bytes = NORTH
) -> Receipt:
    return market.do(operator, market.load, "reportLoad", region, 1000, demand)


def initiate(
    market: Market,
    operator: LocalAccount,
    action_type: int = ActionType.INCREASE_GENERATION,
    target: int = 10,
    priority: int = 3,
    *,
    region: bytes = NORTH,
) -> int:
    """Open an action; its number."""
    receipt = market.do(
        *(operator, market.balancing, "initiateBalancingAction"),
        *(region, action_type, target, priority),
    )
    return int(opened(market, receipt)[0]["id"])


def complete(market: Market, operator: LocalAccount, action: int) -> Receipt:
    return market.do(operator, market.balancing, "completeBalancingAction", action)


def cancel(market: Market, operator: LocalAccount, action: int) -> Receipt:
    return market.do(operator, market.balancing, "cancelBalancingAction", action)


def expire(market: Market, action: int, *, sender: LocalAccount | None = None) -> Receipt:
    caller = sender or actor("keeper")
    return market.do(caller, market.balancing, "expireBalancingAction", action)


def opened(market: Market, receipt: Receipt) -> list[dict[str, Any]]:
    """The actions that a transaction opened, as its events say."""
    events = market.events(receipt, market.balancing, "BalancingActionOpened")
    return [dict(one.arguments) for one in events]


def closed(market: Market, receipt: Receipt) -> list[tuple[int, ActionStatus]]:
    """The actions that a transaction closed, and how."""
    events = market.events(receipt, market.balancing, "BalancingActionClosed")
    return [(one["id"], ActionStatus(one["status"])) for one in events]


def record(market: Market, action: int) -> BalancingAction:
    return structure(BalancingAction, market.balancing.call("getBalancingAction", action))


def open_ids(market: Market, region: bytes = NORTH) -> list[int]:
    """The open actions of a region, the most urgent first."""
    return [one[0] for one in market.balancing.call("getOpenActions", region)]


def available(market: Market, action_type: int, region: bytes = NORTH) -> int:
    return int(market.balancing.call("availableFor", region, action_type))


def capacity_of(market: Market, region: bytes = NORTH) -> RegionCapacity:
    return structure(RegionCapacity, market.balancing.call("getRegionCapacity", region))
