"""The constructors of DemandResponse, DemandBaselines and DemandEnrolments."""

from __future__ import annotations

import pytest

from energy_grid.chain.contract import Contract, to_bytes32
from energy_grid.contracts import errors
from tests.support.market import Market
from tests.support.refusals import refused

ZERO = "0x" + 40 * "0"
DAY = 86_400
FORWARDER = "0x" + 40 * "4"


def deploy(
    market: Market,
    *,
    authority: str | None = None,
    token: str | None = None,
    verification_time: int = 3600,
) -> Contract:
    baselines, enrolments = (
        market.contracts[name].address for name in ("DemandBaselines", "DemandEnrolments")
    )
    return market.deploy(
        "DemandResponse",
        market.access.address if authority is None else authority,
        market.dollar.address if token is None else token,
        (market.operators.address, baselines, enrolments, FORWARDER),
        (verification_time,),
    )


def deploy_baselines(market: Market, **parameters: int) -> Contract:
    usual = {"minReduction": 100, "baselineDays": 10, "baselineKnown": 4, "noiseFactor": 200}
    values = tuple({**usual, **parameters}.values())
    return market.deploy("DemandBaselines", (market.settlement.address,), values)


@pytest.mark.parametrize("missing", ["authority", "token"])
def test_constructor__no_token_or_authority__refused(market: Market, missing: str) -> None:
    with refused(errors.NotInitialized):
        deploy(market, **{missing: ZERO})


@pytest.mark.parametrize("value", [0, 30 * DAY + 1])
def test_constructor__verification_time_out_of_range__refused(market: Market, value: int) -> None:
    name = to_bytes32("verificationTime")
    with refused(errors.DemandResponse_BadParameter, name=name, value=value):
        deploy(market, verification_time=value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("minReduction", each) for each in (0, 2**32)),
        *(("baselineDays", each) for each in (1, 11)),
        *(("baselineKnown", each) for each in (1, 11)),
        *(("noiseFactor", each) for each in (0, 1_001)),
    ],
)
def test_constructor__baseline_parameter_out_of_range__refused(
    market: Market, name: str, value: int
) -> None:
    with refused(errors.DemandBaselines_BadParameter, name=to_bytes32(name), value=value):
        deploy_baselines(market, **{name: value})


@pytest.mark.parametrize("time", [1, 30 * DAY])
def test_constructor__parameters_at_their_bounds__fixed(market: Market, time: int) -> None:
    contract = deploy(market, verification_time=time)

    assert contract.call("VERIFICATION_TIME") == time
    assert contract.call("UNREAD_TIME") == time // 24
    assert contract.call("MIN_REDUCTION") == market.contracts["DemandBaselines"].call(
        "MIN_REDUCTION"
    )
    assert contract.call("REWARD_TOKEN") == market.dollar.address
    assert contract.call("OPERATORS") == market.operators.address
    assert contract.call("BASELINES") == market.contracts["DemandBaselines"].address
    assert contract.call("ENROLMENTS") == market.contracts["DemandEnrolments"].address
    assert contract.call("isTrustedForwarder", FORWARDER)
    assert not contract.call("isTrustedForwarder", ZERO)
    assert contract.call("authority") == market.access.address


@pytest.mark.parametrize("values", [(1, 2, 2, 1), (2**32 - 1, 10, 10, 1_000)])
def test_constructor__baseline_parameters_at_their_bounds__fixed(
    market: Market, values: tuple[int, int, int, int]
) -> None:
    names = "minReduction", "baselineDays", "baselineKnown", "noiseFactor"
    contract = deploy_baselines(market, **dict(zip(names, values, strict=True)))

    views = "MIN_REDUCTION", "BASELINE_DAYS", "BASELINE_KNOWN", "NOISE_FACTOR"
    assert tuple(contract.call(each) for each in views) == values
    assert contract.call("ADJUSTMENT_TIME") == 3 * 3600
    assert contract.call("SETTLEMENT") == market.settlement.address
    assert contract.call("ENERGY") == market.energy.address


def test_constructor__enrolments__know_their_response(market: Market) -> None:
    enrolments = market.contracts["DemandEnrolments"]
    assert enrolments.call("RESPONSE") == market.demand_response.address
    assert enrolments.call("isTrustedForwarder", market.contracts["ERC2771Forwarder"].address)
