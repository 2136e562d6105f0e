"""Settlement.closeDay."""

from __future__ import annotations

from eth_utils.address import to_checksum_address

from tests.support.core.chain import refused
from tests.support.core.energy_suite import DAYS, METER
from tests.support.core.settlement_suite import DAY, TRADING, SettlementWorld, account_word
from tests.unit.contracts.settlement.suite import STRANGER, S, at, logged

_CLOSED = (-5_000 & 2**100 - 1) | (-11 & 2**40 - 1) << 100 | 17 << 184 | 1 << 224
_FLOWS = 4 << 40 | 15 << 208
"""-5,000 thousandths, a net of -11 Wh, a mean of 17 Wh; 4 Wh kept, 15 Wh from the grid."""


def test_close_day__other_callers__are_refused(world: SettlementWorld) -> None:
    day = world.today
    for caller in (STRANGER, METER, TRADING, world.authority):
        with refused(S + "OnlyModule", to_checksum_address(caller)):
            world.settlement.closeDay(day, [_CLOSED, _FLOWS], [], by=caller)
    world.settlement.closeDay(day, [], [], by=DAYS)
    assert world.settlement.cursorAt(1) == day


def test_close_day__by_a_gateway_or_alone__the_account_s_word_says_it(
    world: SettlementWorld,
) -> None:
    settlement, day, north = world.settlement, world.today, at(world, "north")
    before = account_word(settlement.accountOf(north)[1])
    other = settlement.accountOf(at(world, "east"))[1]
    settlement.closeDay(day, [_CLOSED, _FLOWS], [], by=DAYS)
    assert logged(world, "DayClosed") == []
    settled = account_word(settlement.accountOf(north)[1])
    changed = {"free": before["free"] - 5_000, "credits": 4, "day": day + 1, "deemed": 17}
    assert settled == before | changed | {"by_gateway": 1}
    world.chain.set_time((day + 2) * DAY + world.rules.grace)
    settlement.closeThrough([north], day + 1)
    assert logged(world, "DayClosed") == [(north, day + 1, 17 << 184 | 1 << 224, 0)]
    assert account_word(settlement.accountOf(north)[1]) == before | changed | {"day": day + 2}
    assert settlement.accountOf(at(world, "east"))[1] == other
