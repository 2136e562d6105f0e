"""The vault's limits: what may leave at once, tokens that misbehave, what a deployment fixes."""

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
    ledger, ada, ben = stage.market.settlement, stage.person("Ada"), stage.person("Ben")
    stage.chapter("More than may leave at once")
    stage.says(
        "Were the market broken, a thief would want all at once: what is above a limit waits."
    )
    stage.shows("what may leave within a window", dollars(ledger.outflow_limit()))
    stage.shows("seconds of the window", ledger.outflow_window())
    stage.shows("seconds that a withdrawal above it waits", ledger.withdrawal_delay())
    stage.does(
        "a vote lowers the limit to 20 dollars",
        stage.governance,
        ledger.set_outflow_limit(20 * DOLLAR),
        "OutflowLimitSet",
    )
    stage.refuses(
        "a limit that no 104 bits hold",
        errors.SafeCastOverflowedUintDowncast,
        stage.governance,
        ledger.set_outflow_limit(2**104),
        bits=104,
    )
    stage.shows("what may leave now", dollars(ledger.available_outflow()))
    for what, person in (("Ada wants 25 dollars", ada), ("Ben, too", ben)):
        call = ledger.withdraw(25 * DOLLAR, person.address)
        stage.does(what, person, call, "WithdrawalQueued")
    stage.shows("withdrawals that were queued so far", ledger.withdrawal_count())
    stage.shows("Ada's", ledger.queued_withdrawal(1))
    stage.refuses_to_answer(
        "one that is not there",
        errors.Settlement_NoSuchWithdrawal,
        lambda: ledger.queued_withdrawal(3),
        id=3,
    )
    stage.refuses(
        "Ben takes Ada's back",
        errors.Settlement_NotWithdrawalOwner,
        ben,
        ledger.cancel_withdrawal(1),
        caller=ben.address,
    )
    before = ledger.balance_of(ada.address)
    stage.does("Ada does", ada, ledger.cancel_withdrawal(1), "WithdrawalCancelled")
    stage.check(ledger.balance_of(ada.address) == before + 25 * DOLLAR, "Ada lost her money")


def _a_day_later(stage: Stage) -> None:
    token, ledger = stage.market.money, stage.market.settlement
    ada, ben = stage.person("Ada"), stage.person("Ben")
    stage.chapter("A day later")
    stage.refuses(
        "Ben's at once",
        errors.Settlement_WithdrawalNotDue,
        ben,
        ledger.execute_withdrawal(2),
        id=2,
    )
    stage.refuses(
        "the guardian puts it off by 8 days",
        errors.Settlement_LengtheningTooLong,
        stage.safe,
        ledger.lengthen_withdrawal(2, 8 * _DAY),
        maximum=7 * _DAY,
    )
    stage.does(
        "the Safe, which is guardian, wants a day to look at it",
        stage.safe,
        ledger.lengthen_withdrawal(2, _DAY),
        "WithdrawalLengthened",
    )
    stage.refuses(
        "and another day",
        errors.Settlement_AlreadyLengthened,
        stage.safe,
        ledger.lengthen_withdrawal(2, _DAY),
        id=2,
    )
    stage.wait_until(ledger.queued_withdrawal(2).executable_at)
    before = token.balance_of(ben.address)
    stage.does("then anybody can have Ben paid", ada, ledger.execute_withdrawal(2), "Withdrawn")
    stage.check(token.balance_of(ben.address) == before + 25 * DOLLAR, "Ben was not paid")
    stage.does(
        "a vote raises the limit again",
        stage.governance,
        ledger.set_outflow_limit(100_000 * DOLLAR),
    )


def _a_token_that_fails(stage: Stage) -> None:
    ada = stage.person("Ada")
    stage.chapter("A token that fails without saying so")
    stage.says("Whoever deploys a market chooses its token. Two more vaults, on tokens that")
    stage.says("behave as some do:")
    token = stage.deploy("one whose transfers can answer no", "FalseToken")
    ledger = _vault(stage, token)
    stage.does("Ada has a dollar of it", ada, token.prepare("faucet", DOLLAR))
    stage.does("and allows it", ada, token.prepare("approve", ledger.address, DOLLAR))
    stage.does("transfers fail from now on", ada, token.prepare("setFailing", True))
    stage.refuses(
        "a deposit that would be credited and not be there",
        errors.SafeERC20FailedOperation,
        ada,
        ledger.deposit(DOLLAR),
        token=token.address,
    )


def _a_token_that_calls_back(stage: Stage) -> None:
    ada = stage.person("Ada")
    stage.chapter("A token that calls back in the middle of a transfer")
    token = stage.deploy("one that calls whom it is told to", "HookToken")
    ledger = _vault(stage, token)
    stage.does("Ada has a dollar of it", ada, token.prepare("faucet", DOLLAR))
    stage.does("and allows it", ada, token.prepare("approve", ledger.address, DOLLAR))
    inside = ledger.deposit(1)
    stage.does(
        "the token is to deposit while Ada does, so that both see it arrive",
        ada,
        token.prepare("setHook", ledger.address, inside.data),
    )
    stage.does("Ada's dollar is counted once", ada, ledger.deposit(DOLLAR), "Deposited")
    stage.check(ledger.balance_of(ada.address) == DOLLAR, "Ada's dollar was counted otherwise")
    stage.check(token.call("successes") == 0, "the call back got through")

    def told() -> None:
        raise decode_revert(token.call("lastResult"), ledger.name)

    stage.refuses_to_answer(
        "what the token was told meanwhile", errors.ReentrancyGuardReentrantCall, told
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
    """Another vault, with the modules of the market: of which this story uses none."""
    parameters = (3600, 3600, 3600, _DAY, 0)
    arguments = _arguments(stage, token.address, parameters)
    deployed = stage.deploy("a vault on it", "Settlement", *arguments)
    return Settlement(stage.node, deployed.address)


def _arguments(stage: Stage, token: str, parameters: Sequence[int]) -> list[Any]:
    ledger = stage.market.settlement
    modules = (
        ledger.trading_module(),
        ledger.spot_module(),
        ledger.meter_module(),
        ledger.grid_module(),
        ledger.energy_token(),
    )
    return [ledger.authority(), token, modules, tuple(parameters), 1000 * DOLLAR]
