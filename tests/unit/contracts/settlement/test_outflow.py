"""Settlement.setOutflowLimit, and what may leave in a window."""

from __future__ import annotations

from random import Random

import pytest

from tests.support.core.chain import Reverted, refused
from tests.support.core.settlement_suite import DAY, SettlementWorld
from tests.support.core.whole_market import Outflow
from tests.unit.contracts.settlement.suite import NAMES, STRANGER, TARIFF, at, logged

WINDOW = 100 * DAY


@pytest.mark.parametrize("seed", range(8))
def test_set_outflow_limit__at_random_times__leaves_what_the_model_does(seed: int) -> None:
    """Withdrawals of any accounts, and limits that change: at no time more than a window's limit,
    and what has left decays evenly."""
    draws = Random(seed)
    world = SettlementWorld(TARIFF, 60, slot=3600, outflow=1000)
    for name in NAMES:
        world.open(name, 10**6)
    settlement, model, queued = world.settlement, Outflow(1000, window=WINDOW), 0
    for _ in range(80):
        world.chain.set_time(world.now + draws.choice((0, 0, 1, DAY, 30 * DAY, WINDOW)))
        assert settlement.availableOutflow() == model.left(world.now)
        if draws.random() < 0.2:
            limit = draws.choice((0, 1, 999, 1000, 7000))
            settlement.setOutflowLimit(limit, by=world.authority)
            assert logged(world, "OutflowLimitSet") == [(limit,)]
            model.set_limit(limit, world.now)
            continue
        left = model.left(world.now)
        amount = draws.choice((1, left, left + 1, draws.randint(1, 3000))) or 1
        by = at(world, draws.choice(NAMES))
        answer = settlement.withdraw(amount, STRANGER, by=by)
        if amount <= left:
            assert answer == 0
            model.use(amount, world.now)
        else:
            queued += 1
            assert answer == queued


def test_set_outflow_limit__wallets_without_end__get_what_one_would(
    world: SettlementWorld,
) -> None:
    settlement = world.settlement
    for number in range(12):
        holder = f"0x{0xACC000 + number:040x}"
        world.pay(holder, 100)
        settlement.deposit(100, by=holder)
        assert (settlement.withdraw(100, holder, by=holder) == 0) == (number < 10)


def test_collect__under_the_limit__takes_of_it(world: SettlementWorld) -> None:
    settlement = world.settlement
    world.fund(5000)
    settlement.collect(600, STRANGER, by=world.authority)
    assert logged(world, "TreasuryCollected") == [(STRANGER, 0, 600_000)]
    assert settlement.availableOutflow() == 400
    with refused("Settlement_AboveOutflow", 400, 401):
        settlement.collect(401, STRANGER, by=world.authority)
    settlement.collect(400, STRANGER, by=world.authority)
    assert settlement.withdraw(1, STRANGER, by=at(world, "north")) == 1


def test_collect__what_cannot_be__is_refused(world: SettlementWorld) -> None:
    settlement = world.settlement
    with refused("AccessManagedUnauthorized", STRANGER):
        settlement.collect(1, STRANGER, by=STRANGER)
    with refused("Settlement_ZeroAmount"):
        settlement.collect(0, STRANGER, by=world.authority)
    for to in ("0x" + 40 * "0", settlement.address):
        with refused("Settlement_BadRecipient", to):
            settlement.collect(1, to, by=world.authority)
    with refused("Settlement_CollectAbove", 0, 1):
        settlement.collect(1, STRANGER, by=world.authority)


def test_collect__protocol_fees_and_cash__fees_first(world: SettlementWorld) -> None:
    """Fees of a trade on the spot: 7 a kWh of the protocol, 30 of the network."""
    settlement, north, east = world.settlement, at(world, "north"), at(world, "east")
    settlement.payOnTheSpot(north, east, 2000, 200, by="0x" + 40 * "b")
    cash, _, fees, _, _ = settlement.gridAccount()
    assert (cash, fees) == (60_000, 10_000)
    with pytest.raises(Reverted, match="CollectAbove"):
        settlement.collect(71, STRANGER, by=world.authority)
    settlement.collect(12, STRANGER, by=world.authority)
    assert logged(world, "TreasuryCollected") == [(STRANGER, 10_000, 2000)]
    assert settlement.gridAccount()[:3] == (58_000, 0, 0)


def test_set_outflow_limit__to_the_highest_number__means_no_limit(world: SettlementWorld) -> None:
    """A vote may say so. Exits stay open at every second of a window, and a limit can be set."""
    settlement, by = world.settlement, at(world, NAMES[0])
    assert settlement.withdraw(1, STRANGER, by=by) == 0
    settlement.setOutflowLimit(2**256 - 1, by=world.authority)
    for seconds in (0, 1, 2, WINDOW - 3, WINDOW):
        world.chain.set_time(world.now + seconds)
        assert settlement.withdraw(2, STRANGER, by=by) == 0
        assert settlement.availableOutflow() >= 2**256 - 1 - 3
    settlement.setOutflowLimit(10, by=world.authority)
    assert settlement.availableOutflow() == 10 - 2
