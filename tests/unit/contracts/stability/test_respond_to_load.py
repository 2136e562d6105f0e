"""StabilityMaintenance.respondToLoad: a CRITICAL load, of which a quorum of reporters says so."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.balancing import ActionType
from energy_grid.domain.enums import Trigger
from tests.support.market import Market, Receipt, actor
from tests.support.refusals import refused
from tests.support.stacks import give_role
from tests.unit.contracts.balancing.actions import (
    complete,
    open_ids,
    opened,
    record,
    report_load,
)
from tests.unit.contracts.operators.operators import NORTH, SOUTH
from tests.unit.contracts.oracles.operations import GRID_ORACLE, answer
from tests.unit.contracts.stability.reports import (
    FINE,
    MAX_AGE,
    configure,
    critical_event,
    in_emergency,
    logged,
    prices,
    report,
    resolve,
)

SHED = ActionType.SHED_LOAD


@pytest.fixture
def reporters(market: Market) -> list[LocalAccount]:
    accounts = [actor(f"{ordinal} reporter") for ordinal in ("first", "second", "third")]
    for account in accounts:
        give_role(market, Role.REPORTER, account.address)
    return accounts


def respond(market: Market, *, region: bytes = NORTH, by: str = "anybody") -> Receipt:
    return market.do(actor(by), market.stability, "respondToLoad", region)


@pytest.mark.parametrize(
    ("demand", "supply"),
    [(949, 1000), (0, 1000), (94, 100), (9_499, 10_000), (0, 0), (1, 0), (2**64 - 1, 0)],
)
def test_respond_to_load__below_95_percent_or_of_what_nobody_knows__refused(
    market: Market,
    north: LocalAccount,
    reporters: list[LocalAccount],
    demand: int,
    supply: int,
) -> None:
    configure(market, north, Trigger.CRITICAL_LOAD, SHED)
    answer(market, GRID_ORACLE, reporters, (demand, supply, 5000, 100))
    with refused(
        errors.StabilityMaintenance_LoadNotCritical, region=NORTH, demand=demand, supply=supply
    ):
        respond(market)


@pytest.mark.parametrize(("demand", "supply"), [(950, 1000), (2000, 1000), (1, 1)])
def test_respond_to_load__from_95_percent_on__opens_actions_and_an_event(
    market: Market,
    north: LocalAccount,
    reporters: list[LocalAccount],
    demand: int,
    supply: int,
) -> None:
    """By anybody; the action is the oracle's, and costs nobody's score."""
    configure(market, north, Trigger.CRITICAL_LOAD, SHED, 40, 2)
    answer(market, GRID_ORACLE, reporters, (demand, supply, 4990, 99))

    receipt = respond(market)

    (action,) = opened(market, receipt)
    oracle = market.grid_oracle.address
    assert (action["target"], action["automated"], action["operator"]) == (40, True, oracle)
    assert [one["trigger"] for one in logged(market, receipt, "AutomatedActionOpened")] == [
        Trigger.CRITICAL_LOAD
    ]
    event = critical_event(market, 1)
    assert (event.operator, event.confirmed_by) == (oracle, oracle)
    assert (event.frequency, event.voltage) == (4990, 99)
    assert in_emergency(market) == (True, True)


def test_respond_to_load__again__opens_nothing_twice_and_each_answer_renews_once(
    market: Market, north: LocalAccount, reporters: list[LocalAccount]
) -> None:
    """A stranger who repeats it while an answer is fresh makes no emergency longer."""
    configure(market, north, Trigger.CRITICAL_LOAD, SHED)
    answer(market, GRID_ORACLE, reporters, (990, 1000, 5000, 100))
    until = respond(market).time + MAX_AGE
    market.go_to(market.now + MAX_AGE // 4)

    receipt = respond(market)

    assert opened(market, receipt) == logged(market, receipt, "CriticalEventOpened") == []
    assert market.events(receipt, market.grid, "RegionEmergencySet") == []
    assert market.grid.call("emergencyUntil", NORTH) == until
    complete(market, north, 1)
    assert [one["id"] for one in opened(market, respond(market))] == [2]
    answer(market, GRID_ORACLE, reporters, (990, 1000, 5000, 100))
    receipt = respond(market)
    assert logged(market, receipt, "CriticalEventOpened") == []
    (renewed,) = market.events(receipt, market.grid, "RegionEmergencySet")
    assert renewed["until"] == receipt.time + MAX_AGE


def test_respond_to_load__nothing_configured__refused_and_no_emergency(
    market: Market, north: LocalAccount, reporters: list[LocalAccount]
) -> None:
    """A response to another trigger is none to this one."""
    configure(market, north, Trigger.LOW_FREQUENCY, SHED)
    answer(market, GRID_ORACLE, reporters, (990, 1000, 5000, 100))
    with refused(errors.StabilityMaintenance_NothingConfigured, region=NORTH):
        respond(market)
    assert (open_ids(market), in_emergency(market)) == ([], (False, False))


def test_respond_to_load__no_fresh_answer__refused(
    market: Market, north: LocalAccount, reporters: list[LocalAccount]
) -> None:
    """An operator's own report, and one reporter, are not the quorum's."""
    configure(market, north, Trigger.CRITICAL_LOAD, SHED)
    report_load(market, north, 1000)
    market.do(
        *(reporters[0], market.grid_oracle, "submitGridState"),
        *(NORTH, 1, (1000, 1000, 5000, 100)),
    )
    with refused(errors.StabilityMaintenance_NoFreshState, region=NORTH):
        respond(market)
    for each in reporters[1:]:
        market.do(
            *(each, market.grid_oracle, "submitGridState"), *(NORTH, 1, (1000, 1000, 5000, 100))
        )
    market.go_to(market.now + MAX_AGE + 1)
    with refused(errors.StabilityMaintenance_NoFreshState, region=NORTH):
        respond(market)
    with refused(errors.StabilityMaintenance_NoFreshState, region=SOUTH):
        respond(market, region=SOUTH)


def test_respond_to_load__resolved_event__actions_but_no_event_for_two_hours(
    market: Market, north: LocalAccount, reporters: list[LocalAccount]
) -> None:
    configure(market, north, Trigger.CRITICAL_LOAD, SHED)
    answer(market, GRID_ORACLE, reporters, (990, 1000, 5000, 100))
    respond(market)
    complete(market, north, 1)
    report(market, north, *FINE)
    resolve(market, north, 1)

    receipt = respond(market)

    assert len(opened(market, receipt)) == 1
    assert in_emergency(market) == (False, False)
    assert prices(market)[1] is False
    market.go_to(market.now + MAX_AGE)
    answer(market, GRID_ORACLE, reporters, (990, 1000, 5000, 100))
    respond(market)
    assert in_emergency(market) == (True, True)
    assert record(market, 2).target
