"""Settlement's limits: what may leave at once, tokens that misbehave, what a deployment fixes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from energy_grid.chain.contract import Contract, to_bytes32
from energy_grid.client import errors
from energy_grid.contracts.errors import decode_revert
from energy_grid.contracts.settlement import Settlement
from scripts._walkthrough.stage import Stage
from scripts._walkthrough.tokens import DOLLAR, dollars

__all__ = ["tell_of_limits"]

_DAY = 86_400


def tell_of_limits(stage: Stage) -> None:
    """Withdrawals that wait, tokens that are not what they seem, bounds of a deployment."""
    _too_much_at_once(stage)
    _a_day_later(stage)
    _a_token_that_fails(stage)
    _a_token_that_calls_back(stage)
    _at_deployment(stage)


def _too_much_at_once(stage: Stage) -> None:
    settlement, prosumer, consumer = (
        stage.market.settlement,
        stage.person("the prosumer"),
        stage.person("the consumer"),
    )
    stage.chapter("More than may leave at once")
    stage.says("Were the market broken, a thief would want all at once: what is above a limit")
    stage.says("waits.")
    stage.shows("what may leave within a window", dollars(settlement.outflow_limit()))
    stage.shows("seconds of the window", settlement.outflow_window())
    stage.shows("seconds that a withdrawal above it waits", settlement.withdrawal_delay())
    stage.does(
        "a vote lowers the limit to 20 dollars",
        stage.governance,
        settlement.set_outflow_limit(20 * DOLLAR),
        "OutflowLimitSet",
    )
    stage.refuses(
        "a limit that no 104 bits hold",
        errors.SafeCastOverflowedUintDowncast,
        stage.governance,
        settlement.set_outflow_limit(2**104),
        bits=104,
    )
    stage.shows("what may leave now", dollars(settlement.available_outflow()))
    for what, person in (
        ("the prosumer wants 25 dollars", prosumer),
        ("the consumer, too", consumer),
    ):
        call = settlement.withdraw(25 * DOLLAR, person.address)
        stage.does(what, person, call, "WithdrawalQueued")
    stage.shows("withdrawals that were queued so far", settlement.withdrawal_count())
    stage.shows("the prosumer's", settlement.queued_withdrawal(1))
    stage.refuses_to_answer(
        "one that is not there",
        errors.Settlement_NoSuchWithdrawal,
        lambda: settlement.queued_withdrawal(3),
        id=3,
    )
    stage.refuses(
        "the consumer takes the prosumer's back",
        errors.Settlement_NotWithdrawalOwner,
        consumer,
        settlement.cancel_withdrawal(1),
        caller=consumer.address,
    )
    before = settlement.balance_of(prosumer.address)
    stage.does(
        "the prosumer does", prosumer, settlement.cancel_withdrawal(1), "WithdrawalCancelled"
    )
    stage.check(
        settlement.balance_of(prosumer.address) == before + 25 * DOLLAR,
        "the prosumer lost its money",
    )


def _a_day_later(stage: Stage) -> None:
    token, settlement = stage.market.money, stage.market.settlement
    prosumer, consumer = stage.person("the prosumer"), stage.person("the consumer")
    stage.chapter("A day later")
    stage.refuses(
        "the consumer's at once",
        errors.Settlement_WithdrawalNotDue,
        consumer,
        settlement.execute_withdrawal(2),
        id=2,
    )
    stage.refuses(
        "the guardian puts it off by 8 days",
        errors.Settlement_LengtheningTooLong,
        stage.safe,
        settlement.lengthen_withdrawal(2, 8 * _DAY),
        maximum=7 * _DAY,
    )
    stage.does(
        "the Safe, which is guardian, takes a day to check it",
        stage.safe,
        settlement.lengthen_withdrawal(2, _DAY),
        "WithdrawalLengthened",
    )
    stage.refuses(
        "and another day",
        errors.Settlement_AlreadyLengthened,
        stage.safe,
        settlement.lengthen_withdrawal(2, _DAY),
        id=2,
    )
    stage.wait_until(settlement.queued_withdrawal(2).executable_at)
    before = token.balance_of(consumer.address)
    stage.does(
        "then anybody can have the consumer paid",
        prosumer,
        settlement.execute_withdrawal(2),
        "Withdrawn",
    )
    stage.check(
        token.balance_of(consumer.address) == before + 25 * DOLLAR, "the consumer was not paid"
    )
    stage.does(
        "a vote raises the limit again",
        stage.governance,
        settlement.set_outflow_limit(100_000 * DOLLAR),
    )


def _a_token_that_fails(stage: Stage) -> None:
    prosumer = stage.person("the prosumer")
    stage.chapter("A token that fails without saying so")
    stage.says(
        "A deployer chooses the market's token. Two more settlement contracts, with tokens that"
    )
    stage.says("behave as some do:")
    token = stage.deploy("one whose transfers can answer no", "FalseToken")
    settlement = _vault(stage, token)
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


def _a_token_that_calls_back(stage: Stage) -> None:
    prosumer = stage.person("the prosumer")
    stage.chapter("A token that calls back in the middle of a transfer")
    token = stage.deploy("one that calls a given contract", "HookToken")
    settlement = _vault(stage, token)
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
        ("slots of half an hour", "slotLength", 1800, (1800, 3600, 3600, _DAY, 0)),
        ("8 days for readings", "grace", 8 * _DAY, (3600, 8 * _DAY, 3600, _DAY, 0)),
        ("no window", "outflowWindow", 0, (3600, 3600, 0, _DAY, 0)),
        ("waiting for 31 days", "withdrawalDelay", 31 * _DAY, (900, 3600, 3600, 31 * _DAY, 0)),
    ):
        stage.refuses_to_deploy(
            what,
            errors.Settlement_BadParameter,
            "Settlement",
            *_arguments(stage, stage.market.money.address, parameters),
            name=to_bytes32(name),
            value=value,
        )


def _vault(stage: Stage, token: Contract) -> Settlement:
    """Another settlement contract with the market's modules, which this story does not use."""
    parameters = (3600, 3600, 3600, _DAY, 0)
    arguments = _arguments(stage, token.address, parameters)
    deployed = stage.deploy("a settlement contract with it", "Settlement", *arguments)
    return Settlement(stage.node, deployed.address)


def _arguments(stage: Stage, token: str, parameters: Sequence[int]) -> list[Any]:
    settlement = stage.market.settlement
    modules = (
        settlement.trading_module(),
        settlement.spot_module(),
        settlement.meter_module(),
        settlement.grid_module(),
        settlement.energy_token(),
    )
    return [settlement.authority(), token, modules, tuple(parameters), 1000 * DOLLAR]
