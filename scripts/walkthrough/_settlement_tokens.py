"""Settlement's other tokens and parameters: tokens that misbehave, what a deployment fixes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from energy_grid.chain.contract import Contract, to_bytes32
from energy_grid.client import errors
from energy_grid.contracts.errors import decode_revert
from energy_grid.contracts.settlement import Settlement
from scripts._walkthrough.stage import Stage
from scripts._walkthrough.tokens import DOLLAR

__all__ = ["tell_of_tokens"]

_DAY = 86_400
_PARAMETERS = (900, 3600, _DAY, DOLLAR, DOLLAR)


def tell_of_tokens(stage: Stage) -> None:
    """Tokens that are not what they seem, and bounds of a deployment."""
    _more_than_there_is(stage)
    _a_token_that_fails(stage)
    _a_token_that_takes_more(stage)
    _a_token_that_calls_back(stage)
    _at_deployment(stage)


def _more_than_there_is(stage: Stage) -> None:
    token, settlement, giant = (
        stage.market.money,
        stage.market.settlement,
        stage.person("a giant"),
    )
    stage.chapter("More money than the words of accounts can count")
    stage.says("This chain lets us write a balance as it likes.")
    amount = 2**80
    stage.node.rpc("anvil_dealERC20", giant.address, token.address, hex(amount))
    stage.does("the giant allows all it has", giant, token.approve(settlement.address, amount))
    stage.refuses(
        "and pays it in",
        errors.Settlement_TooMuchMoney,
        giant,
        settlement.deposit(amount),
        maximum=2**88 // 1000,
    )


def _a_token_that_fails(stage: Stage) -> None:
    prosumer = stage.person("the prosumer")
    stage.chapter("A token that fails without saying so")
    stage.says(
        "A deployer chooses the market's token. Two more settlement contracts, with tokens that"
    )
    stage.says("behave as some do:")
    token = stage.deploy("one whose transfers can answer no", "FalseToken")
    settlement = _with_token(stage, token)
    stage.does("the prosumer has a dollar of it", prosumer, token.prepare("faucet", DOLLAR))
    stage.does("and allows it", prosumer, token.prepare("approve", settlement.address, DOLLAR))
    stage.does("transfers fail from now on", prosumer, token.prepare("setFailing", True))
    stage.refuses(
        "a deposit that would be credited and not be there",
        errors.SafeERC20FailedOperation,
        prosumer,
        settlement.deposit(DOLLAR),
        token=token.address,
    )


def _a_token_that_takes_more(stage: Stage) -> None:
    prosumer = stage.person("the prosumer")
    stage.chapter("A token that charges the sender")
    stage.says("What it takes on top of a payment would be the money of others.")
    token = stage.deploy("one that takes a hundredth on top", "SurchargeToken", 100)
    settlement = _with_token(stage, token)
    stage.does("the prosumer has two dollars of it", prosumer, token.prepare("faucet", 2 * DOLLAR))
    allowed = token.prepare("approve", settlement.address, DOLLAR)
    stage.does("and allows one", prosumer, allowed)
    stage.does("it deposits, and pays the fee itself", prosumer, settlement.deposit(DOLLAR))
    stage.refuses(
        "a withdrawal, of which others would pay the fee",
        errors.Settlement_TokenTookMore,
        prosumer,
        settlement.withdraw(DOLLAR // 2, prosumer.address),
        amount=DOLLAR // 2,
        taken=DOLLAR // 2 + DOLLAR // 200,
    )


def _a_token_that_calls_back(stage: Stage) -> None:
    prosumer = stage.person("the prosumer")
    stage.chapter("A token that calls back in the middle of a transfer")
    token = stage.deploy("one that calls a given contract", "HookToken")
    settlement = _with_token(stage, token)
    stage.does("the prosumer has a dollar of it", prosumer, token.prepare("faucet", DOLLAR))
    stage.does("and allows it", prosumer, token.prepare("approve", settlement.address, DOLLAR))
    inside = settlement.deposit(1)
    stage.does(
        "the token is to deposit while the prosumer does, so that both see it arrive",
        prosumer,
        token.prepare("setHook", settlement.address, inside.data),
    )
    stage.does(
        "the prosumer's dollar is counted once", prosumer, settlement.deposit(DOLLAR), "Deposited"
    )
    stage.check(
        settlement.balance_of(prosumer.address) == DOLLAR,
        "the prosumer's dollar was counted otherwise",
    )
    stage.check(token.call("successes") == 0, "the call back got through")

    def reenter() -> None:
        raise decode_revert(token.call("lastResult"), settlement.name)

    stage.refuses_to_answer(
        "the reentrant call of the token", errors.ReentrancyGuardReentrantCall, reenter
    )


def _at_deployment(stage: Stage) -> None:
    stage.chapter("What is fixed at deployment")
    for what, name, value, parameters in (
        ("slots of half an hour", "slotLength", 1800, (1800, 3600, _DAY, 0, 0)),
        ("no window", "outflowWindow", 0, (900, 0, _DAY, 0, 0)),
        ("waiting for 31 days", "withdrawalDelay", 31 * _DAY, (900, 3600, 31 * _DAY, 0, 0)),
        ("more for one than for all", "allowance", 2, (900, 3600, _DAY, 2, 1)),
    ):
        stage.refuses_to_deploy(
            what,
            errors.Settlement_BadParameter,
            "Settlement",
            *_arguments(stage, stage.market.money.address, parameters),
            name=to_bytes32(name),
            value=value,
        )


def _with_token(stage: Stage, token: Contract) -> Settlement:
    """Another settlement contract with the market's modules, which this story does not use."""
    arguments = _arguments(stage, token.address, _PARAMETERS)
    deployed = stage.deploy("a settlement contract with it", "Settlement", *arguments)
    return Settlement(stage.node, deployed.address)


def _arguments(stage: Stage, token: str, parameters: Sequence[int]) -> list[Any]:
    settlement = stage.market.settlement
    modules = (
        settlement.trading_module(),
        settlement.spot_module(),
        settlement.meter_module(),
        settlement.days_module(),
        settlement.grid_module(),
        settlement.energy(),
        settlement.tariffs(),
        settlement.energy_token(),
        stage.market.contract("ERC2771Forwarder").address,
    )
    return [settlement.authority(), token, modules, tuple(parameters), 1000 * DOLLAR]
