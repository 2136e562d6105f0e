"""Settlement's limits: what may leave at once, who may leave anyway, and what waits."""

from __future__ import annotations

from energy_grid.client import errors
from scripts._walkthrough.houses import DAY, House
from scripts._walkthrough.stage import Stage
from scripts._walkthrough.tokens import DOLLAR, dollars

__all__ = ["tell_of_limits"]


def tell_of_limits(stage: Stage, houses: dict[str, House]) -> None:
    """Withdrawals above a limit wait; a metered account has a small allowance."""
    _too_much_at_once(stage, houses)
    _an_allowance(stage, houses["the debtor"])
    _a_day_later(stage, houses)


def _too_much_at_once(stage: Stage, houses: dict[str, House]) -> None:
    settlement = stage.market.settlement
    prosumer, consumer, _ = (each.holder for each in houses.values())
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


def _an_allowance(stage: Stage, debtor: House) -> None:
    settlement, bank = stage.market.settlement, stage.person("the bank")
    stage.chapter("A small allowance, when the limit is used up")
    stage.says("Somebody who moves money in and out could use up the limit for all others. So")
    stage.says("every metered account has an allowance of its own.")
    stage.shows("in a window, for each", dollars(settlement.allowance()))
    stage.shows("and for all of them", dollars(settlement.allowance_cap()))
    call = settlement.withdraw(21 * DOLLAR, debtor.address)
    stage.does(
        "the debtor takes 21 dollars at once, above the limit", debtor.holder, call, "Withdrawn"
    )
    stage.does(
        "the supplier gives the grid account 15 dollars",
        stage.person("the supplier"),
        settlement.fund_grid(15 * DOLLAR),
    )
    stage.does(
        "a vote lowers the limit to 3", stage.governance, settlement.set_outflow_limit(3 * DOLLAR)
    )
    stage.refuses(
        "the treasurer has no allowance",
        errors.Settlement_AboveOutflow,
        stage.safe,
        settlement.collect(4 * DOLLAR, bank.address),
        available=3 * DOLLAR,
        amount=4 * DOLLAR,
    )


def _a_day_later(stage: Stage, houses: dict[str, House]) -> None:
    token, settlement = stage.market.money, stage.market.settlement
    prosumer, consumer, _ = (each.holder for each in houses.values())
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
        settlement.lengthen_withdrawal(2, 8 * DAY),
        maximum=7 * DAY,
    )
    stage.does(
        "the guardian's Safe takes a day to check it",
        stage.safe,
        settlement.lengthen_withdrawal(2, DAY),
        "WithdrawalLengthened",
    )
    stage.refuses(
        "and another day",
        errors.Settlement_AlreadyLengthened,
        stage.safe,
        settlement.lengthen_withdrawal(2, DAY),
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
