"""Whole days on the reference model."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_grid.demo import simbench
from energy_grid.demo.auction import Pair
from energy_grid.demo.audit import audit, require
from energy_grid.demo.calendar import Step
from energy_grid.demo.trading_day import Fill, TradingDay
from energy_grid.domain.orders import OrderStatus
from energy_grid.errors import CheckFailedError
from tests.model.costs import Fees
from tests.support.days import market_of, plan_of, run
from tests.support.model_market import ModelMarket

SUMMER, WINTER = date(2016, 7, 6), date(2016, 12, 3)
DAYS = [day for week in simbench.weeks() for day in week.days]


@settings(max_examples=15)
@given(
    day=st.sampled_from(DAYS),
    chosen=st.lists(st.integers(1, 92), min_size=1, max_size=12, unique=True),
    slot_seconds=st.sampled_from([900, 3600]),
    seed=st.integers(0, 1000),
    fees=st.builds(Fees, protocol_bps=st.integers(0, 100), grid_per_kwh=st.integers(0, 20_000)),
)
def test_run__any_day_and_households__all_sums_agree(
    day: date, chosen: list[int], slot_seconds: int, seed: int, fees: Fees
) -> None:
    plan = plan_of(day, chosen, slot_seconds=slot_seconds, seed=seed)
    market = market_of(plan, fees=fees)
    run(market, plan)
    require(audit(market.read()))


@pytest.mark.parametrize("slot_seconds", [900, 3600])
@pytest.mark.parametrize("day", [SUMMER, WINTER])
def test_run__all_households__trade_settle_and_close(day: date, slot_seconds: int) -> None:
    plan = plan_of(day, None, slot_seconds=slot_seconds)
    market = market_of(plan)
    outcomes = run(market, plan)
    assert len(outcomes) == len(plan.slots)
    assert sum(fill.pair.wh for outcome in outcomes for fill in outcome.fills) > 10_000
    records = market.read()
    assert len(records.closings) == len(records.metered) == 92 * len(plan.slots)
    assert not any(order.status is OrderStatus.ACTIVE for order in market.settlement_model.book)
    metered = {
        (f"household-{one.household.number}", slot): (produced, consumed)
        for one in plan.days
        for slot, (produced, consumed) in zip(plan.slots, one, strict=True)
    }
    assert records.metered == metered


def test_run__steps__are_logged_as_they_are_done() -> None:
    plan = plan_of(SUMMER, 3)
    seen: list[Step] = []
    TradingDay(market_of(plan), plan).run(seen.append)
    assert tuple(seen) == plan.steps


def test_run__chain_matches_less__fails() -> None:
    class Forgetful(ModelMarket):
        def match(self, pairs: Sequence[Pair]) -> list[Fill]:
            return super().match(pairs[1:])

    plan = plan_of(SUMMER, 12)
    market = market_of(plan)
    market.__class__ = Forgetful
    with pytest.raises(CheckFailedError, match="the auction has"):
        run(market, plan)


def test_run__trade_does_not_end__fails() -> None:
    class Stuck(ModelMarket):
        def settle(self, transaction_ids: Sequence[int]) -> list[int]:
            super().settle(transaction_ids[1:])
            return list(transaction_ids[:1])

    plan = plan_of(SUMMER, 12)
    market = market_of(plan)
    market.__class__ = Stuck
    with pytest.raises(CheckFailedError, match="have not ended"):
        run(market, plan)
