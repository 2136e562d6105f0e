"""GridOperatorVerification.registerOperator."""

from __future__ import annotations

import pytest

from energy_grid.chain.contract import to_bytes32
from energy_grid.contracts import errors
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.operators.operators import (
    NORTH,
    SOUTH,
    Status,
    as_authority,
    assert_status,
    logged,
    operator_fields,
    operator_in,
    register,
    registered_operator,
)

LARGEST = 2**64 - 1
APPLICANT = actor("applicant")


def test_register_operator__new__registered_and_without_permissions(market: Market) -> None:
    receipt = register(market.at(MONDAY + 500), APPLICANT, name="PowerCorp", capacity=1000)

    assert logged(market, receipt) == [
        (
            "OperatorRegistered",
            {
                "operator": APPLICANT.address,
                "region": NORTH,
                "name": "PowerCorp",
                "capacity": 1000,
            },
        )
    ]
    assert operator_fields(market, APPLICANT) == {
        "name": "PowerCorp",
        "region": NORTH,
        "capacity": 1000,
        "score": 40,
        "registered_at": MONDAY + 500,
        "status": Status.REGISTERED,
        "authorized": False,
    }
    assert_status(market, APPLICANT, Status.REGISTERED, authorized=False)


def test_register_operator__several__each_has_its_own_record(market: Market) -> None:
    register(market, actor("one"), name="One", region=NORTH, capacity=1)
    register(market, actor("other"), name="One", region=SOUTH, capacity=2)

    one, other = (operator_fields(market, actor(name)) for name in ("one", "other"))
    assert (one["name"], one["region"], one["capacity"]) == ("One", NORTH, 1)
    assert (other["name"], other["region"], other["capacity"]) == ("One", SOUTH, 2)


@pytest.mark.parametrize("name", ["x", "x" * 31, "x" * 32, "x" * 64, "é" * 32])
def test_register_operator__name_of_1_to_64_bytes__kept_whole(market: Market, name: str) -> None:
    register(market, APPLICANT, name=name)

    assert operator_fields(market, APPLICANT)["name"] == name


@pytest.mark.parametrize(
    ("name", "length"), [("", 0), ("x" * 65, 65), ("é" * 33, 66), ("x" * 1000, 1000)]
)
def test_register_operator__name_of_no_or_more_bytes__refused(
    market: Market, name: str, length: int
) -> None:
    with refused(errors.GridOperatorVerification_BadName, length=length):
        register(market, APPLICANT, name=name)


def test_register_operator__no_region__refused(market: Market) -> None:
    parameter = to_bytes32("region")

    with refused(errors.GridOperatorVerification_BadParameter, name=parameter, value=0):
        register(market, APPLICANT, region=bytes(32))


@pytest.mark.parametrize("region", [b"\0" * 31 + b"\1", b"\xff" * 32])
def test_register_operator__any_other_region__registered(market: Market, region: bytes) -> None:
    register(market, APPLICANT, region=region)

    assert operator_fields(market, APPLICANT)["region"] == region


@pytest.mark.parametrize("capacity", [1, LARGEST])
def test_register_operator__capacity_at_its_bounds__registered(
    market: Market, capacity: int
) -> None:
    register(market, APPLICANT, capacity=capacity)

    assert operator_fields(market, APPLICANT)["capacity"] == capacity


@pytest.mark.parametrize("capacity", [0, LARGEST + 1, LARGEST + 2, 2**256 - 1])
def test_register_operator__capacity_out_of_range__refused(market: Market, capacity: int) -> None:
    parameter = to_bytes32("capacity")

    with refused(errors.GridOperatorVerification_BadParameter, name=parameter, value=capacity):
        register(market, APPLICANT, capacity=capacity)


@pytest.mark.parametrize("status", [Status.REGISTERED, Status.VERIFIED, Status.REVOKED])
def test_register_operator__registered_before__refused(market: Market, status: Status) -> None:
    operator = operator_in(market, status)
    before = operator_fields(market, operator)

    with refused(errors.GridOperatorVerification_AlreadyRegistered, operator=operator.address):
        register(market, operator, name="Another", region=SOUTH)

    assert operator_fields(market, operator) == before


def test_register_operator__score_0_and_registered_before__refused(market: Market) -> None:
    operator = registered_operator(market)
    as_authority(market, "setOperatorScore", operator.address, 0)

    with refused(errors.GridOperatorVerification_AlreadyRegistered, operator=operator.address):
        register(market, operator)


def test_register_operator__time_of_33_bits__refused(market: Market) -> None:
    register(market.at(2**32 - 1), APPLICANT)
    assert operator_fields(market, APPLICANT)["registered_at"] == 2**32 - 1

    with refused(errors.SafeCastOverflowedUintDowncast, bits=32, value=2**32):
        register(market.at(2**32), actor("late"))
