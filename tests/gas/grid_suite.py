"""What the grid suite's operations cost: operators' reports, oracles, demand response."""

from __future__ import annotations

from energy_grid.chain.roles import Role
from tests.support.market import Market, actor
from tests.support.settlement import record
from tests.support.stacks import give_role
from tests.unit.contracts.operators.operators import NORTH, verified_operator

__all__ = ["measure_grid_suite"]

HOUR, DAY = 3600, 86_400
HISTORY = 168
PAYEES = 50


def measure_grid_suite(market: Market) -> dict[str, int]:
    """Gas per operation of a full history: the ring of reports has gone round."""
    return {**_reports(market), **_oracles(market), **_demand_response(market)}


def _reports(market: Market) -> dict[str, int]:
    operator = verified_operator(market)
    figures: dict[str, int] = {}

    def do(name: str, *arguments: object) -> int:
        contract = market.stability if "tability" in name or "Response" in name else market.load
        if "Region" in name or "Balancing" in name:
            contract = market.balancing
        return market.do(operator, contract, name, *arguments).gas_used

    do("setRegionCapacity", NORTH, 1000, 500, 200)
    for _ in range(HISTORY + 1):
        figures["reportLoad"] = do("reportLoad", NORTH, 1000, 700)
        figures["reportStabilityMetrics, in band"] = do(
            "reportStabilityMetrics", NORTH, 5000, 100, 0
        )
    reserve, most_urgent = 4, 1
    do("initiateBalancingAction", NORTH, reserve, 10, most_urgent)
    figures["initiateBalancingAction"] = do(
        "initiateBalancingAction", NORTH, reserve, 10, most_urgent
    )
    do("completeBalancingAction", 1)
    figures["completeBalancingAction"] = do("completeBalancingAction", 2)
    do("configureAutomatedResponse", 0, reserve, 10, most_urgent)
    for number in (3, 4):
        figures["reportStabilityMetrics, one action opened"] = do(
            "reportStabilityMetrics", NORTH, 4940, 100, 0
        )
        do("completeBalancingAction", number)
    return figures


def _oracles(market: Market) -> dict[str, int]:
    reporters = [actor(f"reporter {number}").address for number in range(3)]
    for reporter in reporters:
        give_role(market, Role.REPORTER, reporter)
    figures: dict[str, int] = {}
    for number in (1, 2):
        for place, reporter in zip(("first", "second", "closing"), reporters, strict=True):
            figures[f"submitPrice, {place} of a round"] = market.do(
                reporter, market.price_oracle, "submitPrice", number, 250_000 + number
            ).gas_used
    return figures


def _demand_response(market: Market) -> dict[str, int]:
    """An event of an hour on a Friday, after ten metered weekdays."""
    operator, scheme = verified_operator(market, "aggregator"), market.demand_response
    authority = market.roles[Role.GRID_AUTHORITY]
    market.do(authority, scheme, "registerGridOperator", operator.address)
    market.give_money(operator, 10**9)
    market.do(operator, market.dollar, "approve", scheme.address, 2**256 - 1)
    households = [actor(f"reducing household {number}") for number in range(PAYEES)]
    first = (market.now // DAY + 21) * DAY // HOUR + 18
    for household in households:
        market.do(household, scheme, "registerConsumer", household.address)
    metered = households[:2]
    for household in metered:
        market.register_meter(household)
        for back in range(1, 15):  # with ten weekdays among them, whatever day it is
            record(market, household, first - back * 24 - 1, consumed=1, at_end=True)
            record(market, household, first - back * 24, consumed=2000)
        record(market, household, first, consumed=1000, at_end=True)

    figures: dict[str, int] = {}
    market.go_to(first * HOUR - 60)
    market.do(operator, scheme, "startEvent", 10, 1_000_000, HOUR)
    figures["startEvent"] = market.do(operator, scheme, "startEvent", 50, 1_000_000, HOUR).gas_used
    market.go_to(market.final_at(first))
    for household in metered:
        figures["verifyFromMeter, ten days of one slot"] = market.do(
            household, scheme, "verifyFromMeter", 2, household.address, 2**63
        ).gas_used
    for household in households[2:]:
        figures["verifyReduction"] = market.do(
            operator, scheme, "verifyReduction", 2, household.address, 1500, 500, 0, 500
        ).gas_used
    market.go_to(scheme.call("getEvent", 2)[8] + 1)
    figures["completeEvent"] = market.do(operator, scheme, "completeEvent", 2).gas_used
    distributed = market.do(operator, scheme, "distributeRewards", 2, PAYEES).gas_used
    figures["distributeRewards, each of 50"] = distributed // PAYEES
    return figures
