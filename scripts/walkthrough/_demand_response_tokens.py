"""The demand-response story of tokens that misbehave: each with a DemandResponse of its own."""

from __future__ import annotations

from energy_grid.chain.contract import Call, Contract
from energy_grid.client import Account, errors
from energy_grid.contracts.demand_response import DemandResponse
from scripts._walkthrough.common import refuses_inside
from scripts._walkthrough.stage import Stage
from scripts._walkthrough.tokens import DOLLAR

__all__ = ["tell_of_tokens"]

_HOUR = 3600


def tell_of_tokens(stage: Stage) -> None:
    """One that takes a fee, one that fails silently, one with a black list, one that calls back."""
    stage.chapter("Tokens that misbehave")
    stage.says("Rewards can be in any token. Here are four that a deployer should know of, each")
    stage.says("with a DemandResponse of its own, which a vote has opened for Otto.")
    _a_fee(stage)
    _a_failure(stage)
    _a_black_list(stage)
    _a_call_back(stage)


def _opened(stage: Stage, name: str, *arguments: int) -> tuple[Contract, DemandResponse]:
    """A token, of which Otto has 1000, and a DemandResponse that pays in it."""
    market, otto = stage.market, stage.person("Otto")
    modules = (market.operators.address, market.meters.address, market.settlement.address)
    token = stage.deploy(f"a {name}", name, *arguments)
    deployed = stage.deploy(
        "and who pays in it",
        "DemandResponse",
        market.access.address,
        token.address,
        modules,
        (_HOUR, 100, 10, 5),
    )
    demand = DemandResponse(stage.node, deployed.address)
    stage.does("Otto is admitted", stage.governance, demand.register_grid_operator(otto.address))
    stage.does("he has 1000", otto, token.prepare("faucet", 1000 * DOLLAR))
    stage.does("it may take all", otto, token.prepare("approve", demand.address, 1000 * DOLLAR))
    return token, demand


def _event(demand: DemandResponse) -> Call:
    """4 kW at 3 each."""
    return demand.start_event(4, 3 * DOLLAR, _HOUR)


def _a_fee(stage: Stage) -> None:
    _, demand = _opened(stage, "FeeToken", 100)
    stage.refuses(
        "an event of 12: one percent is lost on the way",
        errors.DemandResponse_EscrowShort,
        stage.person("Otto"),
        _event(demand),
        received=11_880_000,
        budget=12_000_000,
    )


def _a_failure(stage: Stage) -> None:
    otto = stage.person("Otto")
    token, demand = _opened(stage, "FalseToken")
    stage.does("it fails from now on, by returning false", otto, token.prepare("setFailing", True))
    stage.refuses(
        "an event: no budget without money",
        errors.SafeERC20FailedOperation,
        otto,
        _event(demand),
        token=token.address,
    )


def _saved(stage: Stage, demand: DemandResponse, consumer: Account) -> None:
    """An event in which a consumer has saved 1 kW, completed."""
    otto, event = stage.person("Otto"), demand.event_count() + 1
    stage.does("an event", otto, _event(demand))
    stage.wait_until(demand.get_event(event).end_time)
    verify = demand.verify_reduction(
        event, consumer.address, baseline=1000, actual=0, meter_start=0, meter_end=0
    )
    stage.does("1 kW saved, by Otto's word", otto, verify)
    stage.wait_until(demand.get_event(event).verifiable_until + 1)
    stage.does("completed", otto, demand.complete_event(event))


def _a_black_list(stage: Stage) -> None:
    ada = stage.person("Ada")
    token, demand = _opened(stage, "BlacklistToken")
    stage.does("Ada is a consumer", ada, demand.register_consumer(ada.address))
    _saved(stage, demand, ada)
    stage.does("she gets on the list", ada, token.prepare("setListed", ada.address, True))
    distribute = demand.distribute_rewards(1, 10)
    stage.does("her reward waits; others' do not", ada, distribute, "RewardDeferred")
    stage.refuses(
        "claimed to herself",
        errors.RewardDistributionFailed,
        ada,
        demand.claim_reward(1, ada.address),
        to=ada.address,
        amount=3 * DOLLAR,
    )
    bank = stage.person("Ada's bank").address
    stage.does("claimed to her bank", ada, demand.claim_reward(1, bank), "RewardPaid")
    stage.check(token.call("balanceOf", bank) == 3 * DOLLAR, "the bank has not got it")


def _a_call_back(stage: Stage) -> None:
    ada = stage.person("Ada")
    token, demand = _opened(stage, "HookToken")
    stage.does("Ada is a consumer", ada, demand.register_consumer(ada.address))
    _saved(stage, demand, ada)
    refuses_inside(
        stage,
        "a reward, in whose transfer the token asks for it once more",
        errors.ReentrancyGuardReentrantCall,
        ada,
        demand.claim_reward(1, ada.address),
        token,
        demand.claim_reward(1, token.address),
    )
    stage.check(token.call("balanceOf", ada.address) == 3 * DOLLAR, "Ada was not paid once")
