"""The constructor of Settlement: every parameter at its bounds."""

from __future__ import annotations

import pytest

from energy_grid.chain.contract import Contract, to_bytes32
from energy_grid.contracts import errors
from energy_grid.domain.enums import StopLevel
from tests.support.market import Market, actor
from tests.support.refusals import refused

DAY = 86_400
GOOD = {
    "slotLength": 3600,
    "grace": 3600,
    "outflowWindow": 3600,
    "withdrawalDelay": DAY,
    "maxGridFeePerKwh": 100_000,
}
MODULES = {
    role: actor(role).address
    for role in ("trading", "spot market", "meter", "grid module", "energy token")
}


def deploy(market: Market, *, outflow_limit: int = 10**9, **changed: int) -> Contract:
    parameters = tuple({**GOOD, **changed}.values())
    return market.deploy(
        "Settlement",
        market.access.address,
        market.dollar.address,
        tuple(MODULES.values()),
        parameters,
        outflow_limit,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("slotLength", value) for value in (0, 1, 899, 901, 1800, 3599, 3601, 86_400)),
        *(("grace", value) for value in (0, 7 * DAY + 1, 2**256 - 1)),
        ("outflowWindow", 0),
        *(("withdrawalDelay", value) for value in (30 * DAY + 1, 2**256 - 1)),
    ],
)
def test_constructor__bad_parameter__is_refused(market: Market, name: str, value: int) -> None:
    with refused(errors.Settlement_BadParameter, name=to_bytes32(name), value=value):
        deploy(market, **{name: value})


def test_constructor__grid_fee_of_65_bits__is_refused(market: Market) -> None:
    with refused(errors.SafeCastOverflowedUintDowncast, bits=64, value=2**64):
        deploy(market, maxGridFeePerKwh=2**64)


def test_constructor__limit_of_105_bits__is_refused(market: Market) -> None:
    with refused(errors.SafeCastOverflowedUintDowncast, bits=104, value=2**104):
        deploy(market, outflow_limit=2**104)


@pytest.mark.parametrize(
    ("slot_length", "grace", "delay"), [(900, 1, 0), (3600, 7 * DAY, 30 * DAY)]
)
def test_constructor__at_the_bounds__is_taken(
    market: Market, slot_length: int, grace: int, delay: int
) -> None:
    settlement = deploy(
        market,
        slotLength=slot_length,
        grace=grace,
        outflowWindow=1,
        withdrawalDelay=delay,
        maxGridFeePerKwh=2**64 - 1,
        outflow_limit=2**104 - 1,
    )
    expected = {
        "authority": market.access.address,
        "settlementToken": market.dollar.address,
        "energyToken": MODULES["energy token"],
        "gridModule": MODULES["grid module"],
        "tradingModule": MODULES["trading"],
        "spotModule": MODULES["spot market"],
        "meterModule": MODULES["meter"],
        "SLOT_LENGTH": slot_length,
        "GRACE": grace,
        "OUTFLOW_WINDOW": 1,
        "WITHDRAWAL_DELAY": delay,
        "MAX_GRID_FEE_PER_KWH": 2**64 - 1,
        "outflowLimit": 2**104 - 1,
        "availableOutflow": 2**104 - 1,
        "protocolFeeBps": 0,
        "gridFeePerKwh": 0,
        "stopLevel": StopLevel.RUNNING,
        "accountCount": 0,
        "withdrawalCount": 0,
        "treasuryOwed": (0, 0),
    }
    assert {name: settlement.call(name) for name in expected} == expected
    (event,) = settlement.history("OutflowLimitSet")
    assert event.arguments == {"limit": 2**104 - 1}
