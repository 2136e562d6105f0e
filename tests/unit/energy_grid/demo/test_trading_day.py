"""What is sent on a day, and when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from energy_grid.demo.bidding import Offer, offers
from energy_grid.demo.calendar import Phase
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


def test_run__day__signs_orders_before_each_hour_and_reads_each_slot() -> None:
    trading = plan_of(SUMMER, 12, slot_seconds=900).trading(tariff=TARIFF, grace=3600)
    market, steps = Recorder(), []
    prices = TradingDay(market, trading).run(steps.append)
    assert tuple(steps) == trading.steps
    for hour, start in enumerate(range(trading.start, trading.start + 86_400, 3600)):
        made = offers(trading.days_before, hour, TARIFF, trading.seed)
        assert market.offers[start] == (start - 300, made)
        assert prices[start] == start % 7
    assert sum(len(made) for _, made in market.offers.values()) > 24
    reads = [step.at for step in steps if step.phase is Phase.METER]
    assert [*market.readings] == reads == [*range(trading.start, trading.start + 86_401, 900)]


def test_registers__of_a_day__rise_by_what_each_slot_imports_and_exports() -> None:
    trading = plan_of(SUMMER, [1, 54]).trading(tariff=TARIFF, grace=3600)
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
            before = after
