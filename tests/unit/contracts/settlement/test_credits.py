"""Settlement.redeem, withdrawCredits and depositCredits."""

from __future__ import annotations

import pytest

from tests.support.core.chain import refused
from tests.support.core.settlement_suite import SettlementWorld
from tests.unit.contracts.settlement.suite import (
    STRANGER,
    S,
    at,
    free,
    indebted,
    live_a_day,
    logged,
)

VALUE = 60
KEPT = 24 * 100


@pytest.fixture
def world(world: SettlementWorld) -> SettlementWorld:
    """North has kept 2,400 Wh of a day."""
    world.attach("north", 8, (0, 0))
    world.settlement.setKeeps(True, by=at(world, "north"))
    live_a_day(world, {"north": 100})
    world.settlement.closeThrough([at(world, "north")], world.today - 1)
    assert world.settlement.creditsOf(at(world, "north")) == KEPT
    return world


def test_redeem__what_cannot_be__is_refused(world: SettlementWorld) -> None:
    settlement, north = world.settlement, at(world, "north")
    with refused(S + "UnknownAccount", STRANGER):
        settlement.redeem(1, by=STRANGER)
    with refused(S + "ZeroAmount"):
        settlement.redeem(0, by=north)
    with refused(S + "CreditsMissing", north, KEPT, KEPT + 1):
        settlement.redeem(KEPT + 1, by=north)
    with refused(S + "GridAccountShort", 0, 1):
        settlement.redeem(1, by=north)


def test_redeem__at_todays_value__is_paid_by_the_grid_account(world: SettlementWorld) -> None:
    """With an open gap and while stopped, too."""
    settlement, north = world.settlement, at(world, "north")
    world.fund(200)
    settlement.shutdown(by=world.authority)
    world.chain.set_time(world.now + 7200)
    before = free(world, "north")
    settlement.redeem(2000, by=north)
    assert logged(world, "CreditsRedeemed") == [(north, 2000, 2000 * VALUE)]
    assert free(world, "north") == before + 2000 * VALUE
    assert settlement.creditsOf(north) == KEPT - 2000
    assert settlement.gridAccount() == (200_000 - 2000 * VALUE, 0, 0, KEPT - 2000, 0)


def test_withdraw_credits__become_tokens_and_come_back(world: SettlementWorld) -> None:
    settlement, north = world.settlement, at(world, "north")
    settlement.withdrawCredits(400, by=north)
    assert (settlement.creditsOf(north), world.credits.balanceOf(north)) == (KEPT - 400, 400)
    assert settlement.gridAccount()[3] == world.credits.totalSupply() + KEPT - 400 == KEPT
    world.credits.transfer(STRANGER, 300, by=north)
    # Who has none gets an account.
    settlement.depositCredits(200, by=STRANGER)
    assert logged(world, "AccountOpened") == [(STRANGER, 4)]
    assert (settlement.creditsOf(STRANGER), world.credits.balanceOf(STRANGER)) == (200, 100)
    assert settlement.gridAccount()[3] == KEPT


def test_withdraw_credits__what_cannot_be__is_refused(world: SettlementWorld) -> None:
    settlement, north = world.settlement, at(world, "north")
    with refused(S + "UnknownAccount", STRANGER):
        settlement.withdrawCredits(1, by=STRANGER)
    with refused(S + "ZeroAmount"):
        settlement.withdrawCredits(0, by=north)
    with refused(S + "CreditsMissing", north, KEPT, KEPT + 1):
        settlement.withdrawCredits(KEPT + 1, by=north)
    world.chain.set_time(world.now + 7200)
    with refused(S + "GapOpen", north):
        settlement.withdrawCredits(1, by=north)


def test_withdraw_credits__of_a_debtor__is_refused(world: SettlementWorld) -> None:
    poor, _ = indebted(world)
    with refused(S + "InsufficientBalance", poor, 0, 0):
        world.settlement.withdrawCredits(1, by=poor)


def test_deposit_credits__what_cannot_be__is_refused(world: SettlementWorld) -> None:
    settlement, north = world.settlement, at(world, "north")
    with refused(S + "ZeroAmount"):
        settlement.depositCredits(0, by=north)
    with refused("ERC20InsufficientBalance", north, 0, 1):
        settlement.depositCredits(1, by=north)


def test_deposit_credits__of_a_debtor__pay_its_debt_at_todays_value(
    world: SettlementWorld,
) -> None:
    """Whole Wh; the rest of the debt stays."""
    settlement, north = world.settlement, at(world, "north")
    settlement.withdrawCredits(KEPT, by=north)
    poor, debt = indebted(world)
    world.credits.transfer(poor, KEPT, by=north)
    settlement.depositCredits(KEPT - 7, by=poor)
    assert logged(world, "CreditsRedeemed") == [(poor, KEPT - 7, (KEPT - 7) * VALUE)]
    left = debt * 1000 - (KEPT - 7) * VALUE
    assert logged(world, "DebtRepaid") == [(poor, (KEPT - 7) * VALUE, left)]
    assert settlement.accountOf(poor)[2] == left
    settlement.depositFor(poor, left // 1000, by=_rich(world))
    settlement.depositCredits(7, by=poor)
    assert settlement.creditsOf(poor) == 7 - left % 1000 // VALUE
    assert settlement.accountOf(poor)[2] == left % 1000 % VALUE


def test_deposit_credits__that_an_account_cannot_count__stay_outside(
    world: SettlementWorld,
) -> None:
    settlement, east, full = world.settlement, at(world, "east"), 2**40 - 1
    world.conjure(world.credits, east, full + 1)
    with refused(S + "CreditsFull", east, full, full + 1):
        settlement.depositCredits(full + 1, by=east)
    settlement.depositCredits(full - 5, by=east)
    with refused(S + "CreditsFull", east, 5, 6):
        settlement.depositCredits(6, by=east)
    settlement.depositCredits(5, by=east)
    assert (settlement.creditsOf(east), world.credits.balanceOf(east)) == (full, 1)
    with refused(S + "CreditsFull", east, 0, 1):
        settlement.depositCredits(1, by=east)


def _rich(world: SettlementWorld) -> str:
    world.pay(STRANGER, 10**6)
    return STRANGER
