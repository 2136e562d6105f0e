"""Settlement.withdraw: paid at once within the outflow limit, queued above it."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.support.core.energy_suite import METER
from tests.support.core.settlement_suite import DAY, SettlementWorld
from tests.unit.contracts.settlement.suite import (
    STRANGER,
    TARIFF,
    S,
    at,
    free,
    indebted,
    live_a_day,
    logged,
)

NOBODY = "0x" + 40 * "0"
DELAY = 3 * DAY


def test_withdraw__what_cannot_be__is_refused(world: SettlementWorld) -> None:
    settlement, north = world.settlement, at(world, "north")
    with refused(S + "ZeroAmount"):
        settlement.withdraw(0, STRANGER, by=north)
    for to in (NOBODY, settlement.address):
        with refused(S + "BadRecipient", to):
            settlement.withdraw(1, to, by=north)
    with refused(S + "UnknownAccount", STRANGER):
        settlement.withdraw(1, STRANGER, by=STRANGER)
    for amount in (10**6 + 1, 2**256 - 1):
        needed = -(-min(amount * 1000, 2**256 - 1) // 1000)
        with refused(S + "InsufficientBalance", north, 10**6, needed):
            settlement.withdraw(amount, STRANGER, by=north)


def test_withdraw__what_open_days_may_cost__stays(world: SettlementWorld) -> None:
    """Today and tomorrow at three hours of rated power and the dearest price."""
    settlement, north = world.settlement, at(world, "north")
    world.attach("north", 100, (0, 0))
    world.chain.set_time((world.today + 1) * DAY + 5)
    reserve = 300 * TARIFF.max_buy
    available = (10**9 - 1000 - reserve) // 1000
    with refused(S + "InsufficientBalance", north, available, available + 1):
        settlement.withdraw(available + 1, STRANGER, by=north)
    settlement.withdraw(available, STRANGER, by=north)
    assert free(world, "north") == 10**9 - 1000 - available * 1000


def test_withdraw__in_debt_or_with_a_gap__is_refused(world: SettlementWorld) -> None:
    settlement = world.settlement
    poor, _ = indebted(world)
    with refused(S + "InsufficientBalance", poor, 0, 1):
        settlement.withdraw(1, STRANGER, by=poor)
    world.chain.set_time(world.now + 2 * 3600)
    with refused(S + "GapOpen", poor):
        settlement.withdraw(1, STRANGER, by=poor)


def test_withdraw__within_the_limit__is_paid_at_once(world: SettlementWorld) -> None:
    settlement, north = world.settlement, at(world, "north")
    held = world.token.balanceOf(settlement.address)
    assert settlement.availableOutflow() == settlement.outflowLimit() == 1000
    assert settlement.withdraw(1000, STRANGER, by=north) == 0
    assert logged(world, "Withdrawn") == [(north, STRANGER, 1000)]
    assert logged(world, "WithdrawalQueued") == []
    assert world.token.balanceOf(STRANGER) == 1000
    assert world.token.balanceOf(settlement.address) == held - 1000
    assert settlement.balanceOf(north) == 10**6 - 1000
    assert (settlement.availableOutflow(), settlement.withdrawalCount()) == (0, 0)


def test_withdraw__above_the_limit__is_queued(world: SettlementWorld) -> None:
    settlement, north = world.settlement, at(world, "north")
    assert settlement.withdraw(1001, STRANGER, by=north) == 1
    due = world.now + DELAY
    assert logged(world, "WithdrawalQueued") == [(1, north, STRANGER, 1001, due)]
    assert logged(world, "Withdrawn") == []
    assert tuple(settlement.queuedWithdrawal(1)) == (north, STRANGER, 1001, due, False)
    assert settlement.balanceOf(north) == 10**6 - 1001
    assert world.token.balanceOf(STRANGER) == 0
    # It takes nothing of the limit: others still get theirs at once.
    assert settlement.availableOutflow() == 1000
    assert settlement.withdraw(1000, STRANGER, by=at(world, "east")) == 0
    assert settlement.withdraw(1, STRANGER, by=at(world, "east")) == 2
    assert settlement.withdrawalCount() == 2


def test_withdraw__of_metered_accounts_when_the_limit_is_used_up__is_paid_from_the_allowance(
    world: SettlementWorld,
) -> None:
    settlement = world.settlement
    for name in ("north", "east"):
        world.attach(name, 8000, (0, 0))
    settlement.withdraw(1000, STRANGER, by=at(world, "south"))
    assert settlement.withdraw(40, STRANGER, by=at(world, "north")) == 1, "not metered yet"
    world.chain.set_time((world.today + 1) * DAY + 10)
    used = 1000 - settlement.availableOutflow()
    settlement.withdraw(1000 - used, STRANGER, by=at(world, "south"))
    assert settlement.withdraw(40, STRANGER, by=at(world, "south")) == 2, "no meter"
    assert settlement.withdraw(40, STRANGER, by=at(world, "north")) == 0
    assert settlement.withdraw(11, STRANGER, by=at(world, "north")) == 3, "above its own"
    assert settlement.withdraw(41, STRANGER, by=at(world, "east")) == 4, "above all together"
    assert settlement.withdraw(40, STRANGER, by=at(world, "east")) == 0


def test_withdraw__what_late_registers_have_charged__stays(world: SettlementWorld) -> None:
    settlement, north = world.settlement, at(world, "north")
    world.attach("north", 0, (0, 0))
    live_a_day(world, {"north": 0})
    slot = world.now // 3600 - 1
    settlement.closeThrough([north], world.today - 1)
    world.energy.recordSpan(world.numbers["north"], slot, slot + 1, 10, 0, by=METER)
    pending = world.energy.pendingOf(world.numbers["north"])
    assert pending == 10 * TARIFF.buy
    available = (10**9 - 1000 - pending) // 1000
    with refused(S + "InsufficientBalance", north, available, available + 1):
        settlement.withdraw(available + 1, STRANGER, by=north)
