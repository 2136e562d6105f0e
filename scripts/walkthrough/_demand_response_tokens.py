"""The demand-response story of tokens that misbehave: each with a DemandResponse of its own."""

from __future__ import annotations

from web3.utils.address import get_create_address

from energy_grid.chain.contract import Call, Contract
from energy_grid.client import Account, EnergyGrid, errors
from energy_grid.contracts.demand_response import DemandResponse
from scripts._walkthrough.common import refuses_inside
from scripts._walkthrough.stage import Stage
from scripts._walkthrough.tokens import DOLLAR, NOBODY

__all__ = ["modules_of", "tell_of_tokens"]

_HOUR = 3600


def tell_of_tokens(stage: Stage) -> None:
    """One that takes a fee, one that fails silently, one with a black list, one that calls back."""
    stage.chapter("Tokens that misbehave")
    stage.says("Rewards can be in any token. Here are four that a deployer should know of, each")
    stage.says("with a DemandResponse of its own, which a vote has opened for the operator.")
    _a_fee(stage)
    _a_failure(stage)
    _a_black_list(stage)
    _a_call_back(stage)


def modules_of(market: EnergyGrid, enrolments: str | None = None) -> tuple[str, str, str, str]:
    """What a DemandResponse is given, by default the market's own."""
    return (
        market.operators.address,
        market.demand_baselines.address,
        enrolments or market.demand_enrolments.address,
        NOBODY.address,
    )


def _opened(stage: Stage, name: str, *arguments: int) -> tuple[Contract, DemandResponse]:
    """A token, of which the operator has 1000, and a DemandResponse that pays in it."""
    market, operator = stage.market, stage.person("the operator")
    token = stage.deploy(f"a {name}", name, *arguments)
    # The two know each other: where the second one will be follows from the deployer's nonce.
    deployer = stage.person("deployer").address
    planned = get_create_address(deployer, stage.node.nonce(deployer) + 1)  # type: ignore[arg-type]
    enrolments = stage.deploy("who takes part", "DemandEnrolments", planned, NOBODY.address)
    deployed = stage.deploy(
        "and who pays in it",
        "DemandResponse",
        market.access.address,
        token.address,
        modules_of(market, enrolments.address),
        (_HOUR,),
    )
    demand = DemandResponse(stage.node, deployed.address)
    stage.does(
        "the operator is admitted",
        stage.governance,
        demand.register_grid_operator(operator.address),
    )
    stage.does("it has 1000", operator, token.prepare("faucet", 1000 * DOLLAR))
    stage.does("it may take all", operator, token.prepare("approve", demand.address, 1000 * DOLLAR))
    return token, demand


def _event(demand: DemandResponse) -> Call:
    """4 kW at 3 each."""
    return demand.start_event(4, 3 * DOLLAR, _HOUR)


def _a_fee(stage: Stage) -> None:
    _, demand = _opened(stage, "FeeToken", 100)
    stage.refuses(
        "an event of 12: one percent is lost on the way",
        errors.DemandResponse_EscrowShort,
        stage.person("the operator"),
        _event(demand),
        received=11_880_000,
        budget=12_000_000,
    )


def _a_failure(stage: Stage) -> None:
    operator = stage.person("the operator")
    token, demand = _opened(stage, "FalseToken")
    stage.does(
        "it fails from now on, by returning false", operator, token.prepare("setFailing", True)
    )
    stage.refuses(
        "an event: no budget without money",
        errors.SafeERC20FailedOperation,
        operator,
        _event(demand),
        token=token.address,
    )


def _saved(stage: Stage, demand: DemandResponse, consumer: Account) -> None:
    """An event in which a consumer has saved 1 kW, completed."""
    operator, event = stage.person("the operator"), demand.event_count() + 1
    stage.does("an event", operator, _event(demand))
    stage.wait_until(demand.get_event(event).end_time)
    verify = demand.verify_reduction(
        event, consumer.address, baseline=1000, actual=0, meter_start=0, meter_end=0
    )
    stage.does("1 kW saved, by the operator's word", operator, verify)
    stage.wait_until(demand.get_event(event).verifiable_until + 1)
    stage.does("completed", operator, demand.complete_event(event))


def _a_black_list(stage: Stage) -> None:
    household = stage.person("the pensioner")
    token, demand = _opened(stage, "BlacklistToken")
    stage.does(
        "the pensioner is a consumer", household, demand.register_consumer(household.address)
    )
    _saved(stage, demand, household)
    stage.does(
        "it gets on the list", household, token.prepare("setListed", household.address, True)
    )
    distribute = demand.distribute_rewards(1, 10)
    stage.does("its reward waits; others' do not", household, distribute, "RewardDeferred")
    stage.refuses(
        "claimed to itself",
        errors.RewardDistributionFailed,
        household,
        demand.claim_reward(1, household.address),
        to=household.address,
        amount=3 * DOLLAR,
    )
    bank = stage.person("the pensioner's bank").address
    stage.does("claimed to its bank", household, demand.claim_reward(1, bank), "RewardPaid")
    stage.check(token.call("balanceOf", bank) == 3 * DOLLAR, "the bank did not receive it")


def _a_call_back(stage: Stage) -> None:
    household = stage.person("the pensioner")
    token, demand = _opened(stage, "HookToken")
    stage.does(
        "the pensioner is a consumer", household, demand.register_consumer(household.address)
    )
    _saved(stage, demand, household)
    refuses_inside(
        stage,
        "a reward, in whose transfer the token asks for it once more",
        errors.ReentrancyGuardReentrantCall,
        household,
        demand.claim_reward(1, household.address),
        token,
        demand.claim_reward(1, token.address),
    )
    stage.check(
        token.call("balanceOf", household.address) == 3 * DOLLAR, "the pensioner was not paid once"
    )
