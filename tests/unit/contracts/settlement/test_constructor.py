"""Settlement's constructor, and what it fixes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.core.chain import Deployed, refused
from tests.support.core.energy_suite import DAYS, METER
from tests.support.core.settlement_suite import DAY, GRID, SPOT, TRADING, SettlementWorld
from tests.unit.contracts.settlement.suite import STRANGER

NAMES = ("slotLength", "outflowWindow", "withdrawalDelay", "allowance", "allowanceCap")
VALID = {
    "slotLength": 900,
    "outflowWindow": DAY,
    "withdrawalDelay": 30 * DAY,
    "allowance": 7,
    "allowanceCap": 7,
}


def deploy(world: SettlementWorld, limit: int = 5, **changes: int) -> Deployed:
    """Another one, with the modules of the first, and the stranger as its forwarder."""
    energy, tariffs, credits = world.energy, world.tariffs, world.credits
    modules: tuple[Any, ...] = (TRADING, SPOT, METER, DAYS, GRID)
    modules += (energy.address, tariffs.address, credits.address, STRANGER)
    parameters = tuple({**VALID, **changes}[name] for name in NAMES)
    return world.chain.deploy(
        *("Settlement", world.manager.address, world.token.address, modules, parameters, limit)
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("slotLength", 901),
        ("slotLength", 7200),
        ("outflowWindow", 0),
        ("withdrawalDelay", 30 * DAY + 1),
        ("allowance", 8),
    ],
)
def test_constructor__bad_parameter__is_refused(
    world: SettlementWorld, name: str, value: int
) -> None:
    with refused("Settlement_BadParameter", name.encode().ljust(32, b"\0"), value):
        deploy(world, **{name: value})


def test_constructor__at_its_bounds__can_be_read(world: SettlementWorld) -> None:
    settlement = deploy(world, 2**256 - 1)
    fixed = [getattr(settlement, name)() for name in ("SLOT_LENGTH", "OUTFLOW_WINDOW")]
    fixed += [settlement.WITHDRAWAL_DELAY(), settlement.ALLOWANCE(), settlement.ALLOWANCE_CAP()]
    assert fixed == [*VALID.values()]
    assert settlement.outflowLimit() == settlement.availableOutflow() == 2**256 - 1
    modules = [settlement.tradingModule(), settlement.spotModule(), settlement.meterModule()]
    modules += [settlement.daysModule(), settlement.gridModule()]
    assert [each.lower() for each in modules] == [TRADING, SPOT, METER, DAYS, GRID]
    contracts = [settlement.ENERGY(), settlement.TARIFFS(), settlement.energyToken()]
    assert contracts == [world.energy.address, world.tariffs.address, world.credits.address]
    assert settlement.settlementToken() == world.token.address
    assert settlement.authority() == world.manager.address
    assert settlement.accountCount() == settlement.withdrawalCount() == 0


def test_views__of_nobody__are_empty(world: SettlementWorld) -> None:
    settlement = world.settlement
    assert settlement.accountAt(0) == settlement.accountAt(4) == "0x" + 40 * "0"
    assert settlement.accountOf(STRANGER) == (0, 0, 0, 0)
    amounts = [settlement.balanceOf, settlement.debtOf, settlement.creditsOf, settlement.numberOf]
    assert [each(STRANGER) for each in amounts] == [0, 0, 0, 0]
    assert settlement.cursorAt(9) == 0
    assert settlement.dayMoneyOf(9, world.today) == (0, 0)
