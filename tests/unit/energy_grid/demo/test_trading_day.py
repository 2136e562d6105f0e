"""What is sent on a day, and when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from energy_grid.demo.bidding import Offer, offers
from energy_grid.demo.calendar import TRADED_HOUR, Phase
from energy_grid.demo.trading_day import Reading, TradingDay
from tests.support.days import TARIFF, plan_of

SUMMER = date(2016, 7, 6)


class Recorder:
    """A market that records its calls and their times."""

    def __init__(self) -> None:
        self.now = 0
        self.offers: dict[int, tuple[int, Sequence[Offer]]] = {}
        self.readings: dict[int, Sequence[Reading]] = {}

    def advance_to(self, timestamp: int) -> None:
        self.now = timestamp

    def trade(self, offers: Sequence[Offer], hour: int) -> int | None:
        self.offers[hour] = self.now, offers
        return hour % 7

    def report(self, readings: Sequence[Reading]) -> None:
        self.readings[self.now] = readings


def test_run__day__signs_orders_before_the_hour_and_reads_each_slot() -> None:
    trading = plan_of(SUMMER, 12, slot_seconds=900).trading(tariff=TARIFF)
    market, steps = Recorder(), []
    prices = TradingDay(market, trading).run(steps.append)
    assert tuple(steps) == trading.steps
    hour = trading.start + TRADED_HOUR * 3600
    made = offers(trading.days_before, TARIFF, trading.seed)
    assert len(made) > 1
    assert market.offers == {hour: (hour - 300, made)}
    assert prices == {hour: hour % 7}
    reads = [step.at for step in steps if step.phase is Phase.METER]
    assert [*market.readings] == reads == [*range(trading.start, trading.start + 86_401, 900)]


def test_registers__of_a_day__rise_by_what_each_slot_imports_and_exports() -> None:
    trading = plan_of(SUMMER, [1, 54]).trading(tariff=TARIFF)
    for day, registers in zip(trading.days, trading.registers, strict=True):
        before = registers.at(trading.start)
        for slot, net in enumerate(day.nets_wh, 1):
            after = registers.at(trading.start + slot * 3600)
            assert (after.household, after.timestamp) == (
                day.household.number,
                trading.start + slot * 3600,
            )
            assert after.imported - before.imported == max(-net, 0)
            assert after.exported - before.exported == max(net, 0)
            assert registers.net(after.timestamp - 3600) == net
            before = after
