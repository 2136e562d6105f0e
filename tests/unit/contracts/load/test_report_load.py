"""LoadMonitoring.reportLoad."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.grid_levels import LoadStatus
from tests.support.market import MONDAY, Market, Receipt, actor
from tests.support.refusals import refused
from tests.unit.contracts.load.loads import Report, current_load, history, logged, report
from tests.unit.contracts.operators.operators import (
    NORTH,
    SOUTH,
    Status,
    operator_in,
    set_authorization,
    set_score,
    verified_operator,
)

LARGEST = 2**64 - 1
# A percentage of each status.
PERCENT = {
    LoadStatus.LOW: 10,
    LoadStatus.NORMAL: 50,
    LoadStatus.HIGH: 90,
    LoadStatus.CRITICAL: 120,
}


def changes(market: Market, receipt: Receipt) -> list[tuple[LoadStatus, LoadStatus, int]]:
    """The changes of status that a report made: from, to, percentage."""
    found = [values for name, values in logged(market, receipt) if name == "LoadStatusChanged"]
    return [(change["from"], change["to"], change["percentage"]) for change in found]


def test_report_load__by_an_operator_of_the_region__recorded(
    market: Market, operator: LocalAccount
) -> None:
    receipt = report(market.at(MONDAY + 500), operator, 1000, 837)

    assert logged(market, receipt) == [
        (
            "LoadReported",
            {
                "region": NORTH,
                "operator": operator.address,
                "capacity": 1000,
                "demand": 837,
                "percentage": 83,
            },
        ),
        (
            "LoadStatusChanged",
            {"region": NORTH, "from": LoadStatus.LOW, "to": LoadStatus.HIGH, "percentage": 83},
        ),
    ]
    assert current_load(market) == (1000, 837, 83, MONDAY + 500, LoadStatus.HIGH)
    assert market.load.call("reportCount", NORTH) == 1


@pytest.mark.parametrize("score", [0, 49, 100])
def test_report_load__any_score__recorded(
    market: Market, operator: LocalAccount, score: int
) -> None:
    set_score(market, operator, score)

    receipt = report(market, operator, 1000, 500)

    assert current_load(market) == Report(1000, 500, receipt.time).on_chain


@pytest.mark.parametrize("caller", ["southern", "stranger", "itself", *Role])
def test_report_load__by_who_is_no_operator_of_the_region__refused(
    market: Market, operator: LocalAccount, southern: LocalAccount, caller: str | Role
) -> None:
    if isinstance(caller, Role):
        sender = market.roles[caller]
    else:
        sender = market.load.address if caller == "itself" else actor(caller).address

    for capacity in (1000, 0):
        with refused(errors.GridOperatorVerification_NotAuthorized, operator=sender, region=NORTH):
            market.do(sender, market.load, "reportLoad", NORTH, capacity, 500)

    assert market.load.call("reportCount", NORTH) == 0


def test_report_load__for_no_region__refused(market: Market, operator: LocalAccount) -> None:
    for caller in (operator, actor("stranger")):
        with refused(
            errors.GridOperatorVerification_NotAuthorized,
            operator=caller.address,
            region=bytes(32),
        ):
            report(market, caller, 1000, 500, bytes(32))


@pytest.mark.parametrize("status", [Status.REGISTERED, Status.VERIFIED, Status.REVOKED])
def test_report_load__by_an_operator_not_authorized__refused(
    market: Market, status: Status
) -> None:
    operator = operator_in(market, status)
    if status is Status.VERIFIED:
        set_authorization(market, operator, allowed=False)

    with refused(
        errors.GridOperatorVerification_NotAuthorized, operator=operator.address, region=NORTH
    ):
        report(market, operator, 1000, 500)


def test_report_load__no_capacity__refused(market: Market, operator: LocalAccount) -> None:
    for demand in (0, 1, LARGEST + 1):
        with refused(errors.LoadMonitoring_ZeroCapacity, region=NORTH):
            report(market, operator, 0, demand)


@pytest.mark.parametrize(
    ("capacity", "demand", "percentage"),
    [
        (1, 0, 0),
        (1, LARGEST, LARGEST * 100),
        (LARGEST, LARGEST, 100),
        (LARGEST, LARGEST - 1, 99),
        (LARGEST, 0, 0),
        (3, 1, 33),
        (1000, 1001, 100),
        (1000, 1010, 101),
    ],
)
def test_report_load__at_the_bounds__percentage_rounded_down(
    market: Market, operator: LocalAccount, capacity: int, demand: int, percentage: int
) -> None:
    receipt = report(market, operator, capacity, demand)

    assert logged(market, receipt)[0][1]["percentage"] == percentage
    found = current_load(market)
    assert found[:4] == (capacity, demand, percentage, receipt.time)


@pytest.mark.parametrize("amount", [LARGEST + 1, LARGEST + 2, 2**256 - 1])
def test_report_load__capacity_or_demand_too_large__refused(
    market: Market, operator: LocalAccount, amount: int
) -> None:
    for capacity, demand in ((amount, 1), (1, amount)):
        with refused(errors.SafeCastOverflowedUintDowncast, bits=64, value=amount):
            report(market, operator, capacity, demand)


@pytest.mark.parametrize(
    ("demand", "status"),
    [
        (0, LoadStatus.LOW),
        (309, LoadStatus.LOW),
        (310, LoadStatus.NORMAL),
        (799, LoadStatus.NORMAL),
        (800, LoadStatus.HIGH),
        (949, LoadStatus.HIGH),
        (950, LoadStatus.CRITICAL),
        (5000, LoadStatus.CRITICAL),
    ],
)
def test_report_load__first_of_a_region__a_change_from_low_unless_it_is_low(
    market: Market, operator: LocalAccount, demand: int, status: LoadStatus
) -> None:
    receipt = report(market, operator, 1000, demand)

    expected = [] if status is LoadStatus.LOW else [(LoadStatus.LOW, status, demand // 10)]
    assert changes(market, receipt) == expected
    assert current_load(market)[-1] == status


@pytest.mark.parametrize("before", LoadStatus)
@pytest.mark.parametrize("after", LoadStatus)
def test_report_load__later__a_change_only_if_the_status_is_another(
    market: Market, operator: LocalAccount, before: LoadStatus, after: LoadStatus
) -> None:
    report(market, operator, 100, PERCENT[before])

    # As many percent of another capacity, plus one.
    receipt = report(market, operator, 200, 2 * PERCENT[after] + 2)

    expected = [] if before is after else [(before, after, PERCENT[after] + 1)]
    assert changes(market, receipt) == expected


def test_report_load__of_two_regions__apart(
    market: Market, operator: LocalAccount, southern: LocalAccount
) -> None:
    north = report(market, operator, 1000, 960)
    receipt = report(market, southern, 2000, 1900, SOUTH)

    assert changes(market, receipt) == [(LoadStatus.LOW, LoadStatus.CRITICAL, 95)]
    assert history(market, 0, 100) == [Report(1000, 960, north.time).on_chain]
    assert history(market, 0, 100, SOUTH) == [Report(2000, 1900, receipt.time).on_chain]
    assert [market.load.call("reportCount", region) for region in (NORTH, SOUTH)] == [1, 1]


def test_report_load__by_two_operators_of_a_region__one_history(
    market: Market, operator: LocalAccount
) -> None:
    colleague = verified_operator(market, "colleague")
    first = report(market, operator, 1000, 960)

    receipt = report(market, colleague, 1000, 970)

    assert logged(market, receipt)[0][1]["operator"] == colleague.address
    assert changes(market, receipt) == []
    assert history(market, 0, 100) == [
        Report(1000, 970, receipt.time).on_chain,
        Report(1000, 960, first.time).on_chain,
    ]


def test_report_load__time_of_33_bits__refused(market: Market, operator: LocalAccount) -> None:
    report(market.at(2**32 - 1), operator, LARGEST, LARGEST)
    assert current_load(market) == Report(LARGEST, LARGEST, 2**32 - 1).on_chain

    with refused(errors.SafeCastOverflowedUintDowncast, bits=32, value=2**32):
        report(market.at(2**32), operator, 1000, 500)
