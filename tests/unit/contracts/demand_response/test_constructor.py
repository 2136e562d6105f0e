"""DemandResponse's constructor."""

from __future__ import annotations

import pytest

from energy_grid.chain.contract import Contract, to_bytes32
from energy_grid.contracts import errors
from tests.support.market import Market
from tests.support.refusals import refused

ZERO = "0x" + 40 * "0"
DAY = 86_400


def deploy(
    market: Market,
    *,
    authority: str | None = None,
    token: str | None = None,
    verification_time: int = 3600,
    min_reduction: int = 100,
    baseline_days: int = 10,
    baseline_highest: int = 4,
) -> Contract:
    return market.deploy(
        "DemandResponse",
        market.access.address if authority is None else authority,
        market.dollar.address if token is None else token,
        (market.operators.address, market.settlement.address),
        (verification_time, min_reduction, baseline_days, baseline_highest),
    )


@pytest.mark.parametrize("missing", ["authority", "token"])
def test_constructor__no_token_or_authority__refused(market: Market, missing: str) -> None:
    with refused(errors.NotInitialized):
        deploy(market, **{missing: ZERO})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("verificationTime", 0),
        ("verificationTime", 30 * DAY + 1),
        ("minReduction", 0),
        ("minReduction", 2**32),
        ("baselineDays", 0),
        ("baselineDays", 11),
        ("baselineHighest", 0),
        ("baselineHighest", 11),
    ],
)
def test_constructor__parameter_out_of_range__refused(
    market: Market, name: str, value: int
) -> None:
    argument = {
        "verificationTime": "verification_time",
        "minReduction": "min_reduction",
        "baselineDays": "baseline_days",
        "baselineHighest": "baseline_highest",
    }[name]
    with refused(errors.DemandResponse_BadParameter, name=to_bytes32(name), value=value):
        deploy(market, **{argument: value})


def test_constructor__more_highest_days_than_days__refused(market: Market) -> None:
    name = to_bytes32("baselineHighest")
    with refused(errors.DemandResponse_BadParameter, name=name, value=5):
        deploy(market, baseline_days=4, baseline_highest=5)


@pytest.mark.parametrize(
    ("time", "reduction", "days", "highest"), [(1, 1, 1, 1), (30 * DAY, 2**32 - 1, 10, 10)]
)
def test_constructor__parameters_at_their_bounds__fixed(
    market: Market, time: int, reduction: int, days: int, highest: int
) -> None:
    contract = deploy(
        market,
        verification_time=time,
        min_reduction=reduction,
        baseline_days=days,
        baseline_highest=highest,
    )

    assert contract.call("VERIFICATION_TIME") == time
    assert contract.call("MIN_REDUCTION") == reduction
    assert contract.call("BASELINE_DAYS") == days
    assert contract.call("BASELINE_HIGHEST") == highest
    assert contract.call("REWARD_TOKEN") == market.dollar.address
    assert contract.call("OPERATORS") == market.operators.address
    assert contract.call("SETTLEMENT") == market.settlement.address
    assert contract.call("ENERGY") == market.energy.address
    assert contract.call("authority") == market.access.address
