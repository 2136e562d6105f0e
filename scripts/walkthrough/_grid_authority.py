"""The grid's story: what the grid authority says of it, and what a failed delivery says."""

from __future__ import annotations

from energy_grid.client import EnergyType, OrderType, Period, PeriodKind, errors
from energy_grid.domain.enums import GridCondition
from scripts._walkthrough.common import only
from scripts._walkthrough.stage import Stage
from scripts._walkthrough.tokens import DOLLAR

__all__ = ["tell_authority"]

_HOUR = 3600


def tell_authority(stage: Stage) -> None:
    """Condition, metrics, participants; reputations, by the authority's word and by the market."""
    _says(stage)
    _a_failed_delivery(stage)


def _says(stage: Stage) -> None:
    grid, safe = stage.market.grid, stage.safe
    prosumer, wind_producer, consumer = (
        stage.person(name) for name in ("the prosumer", "the wind producer", "the consumer")
    )
    stage.chapter("What the grid authority says")
    stage.does(
        "the grid is under stress",
        safe,
        grid.update_grid_status(GridCondition.STRESSED),
        "GridConditionSet",
    )
    figures = {"production": 7_500, "consumption": 3_400, "peak_load": 3_400}
    stage.does(
        "what the hour came to, 98.2 % of it used well",
        safe,
        grid.record_metrics(**figures, efficiency=9_820),
        "MetricsRecorded",
    )
    record = grid.get_metrics(1)
    stage.shows("record 1", record)
    stage.check(record.peak_load == 3_400, f"a peak of {record.peak_load} Wh was recorded")
    stage.refuses(
        "more than all used well",
        errors.GridManagement_BadEfficiency,
        safe,
        grid.record_metrics(**figures, efficiency=10_001),
        efficiency=10_001,
    )
    stage.refuses_to_answer(
        "a record that there is not",
        errors.GridManagement_NoSuchMetrics,
        lambda: grid.get_metrics(2),
        id=2,
    )
    stage.does(
        "the prosumer's reports were a little high: reputation 95",
        safe,
        grid.update_producer_reputation(prosumer.address, 95),
        "ReputationSet",
    )
    stage.refuses(
        "a reputation above 100",
        errors.GridManagement_BadScore,
        safe,
        grid.update_producer_reputation(prosumer.address, 101),
        score=101,
    )
    stage.shows(
        "its metered energy (it has no meter, and only declares)",
        grid.get_energy_production(prosumer.address),
    )
    stage.does(
        "the wind producer's turbine is serviced: its capacity leaves the grid's",
        safe,
        grid.deactivate_participant(wind_producer.address, True),
        "ParticipantActiveSet",
    )
    capacity = grid.capacity_of(EnergyType.WIND)
    stage.shows("what is left of wind", capacity)
    stage.check(capacity == 0, f"{capacity} Wh of wind are left")
    stage.does("it runs again", safe, grid.reactivate_participant(wind_producer.address, True))
    stage.does(
        "the consumer's connection is being repaired",
        safe,
        grid.deactivate_participant(consumer.address, False),
    )
    stage.refuses(
        "it draws nevertheless",
        errors.GridManagement_Inactive,
        consumer,
        grid.consume_energy(1),
        participant=consumer.address,
    )
    stage.does("it is repaired", safe, grid.reactivate_participant(consumer.address, False))
    stage.refuses(
        "it is repaired twice",
        errors.GridManagement_AlreadyActive,
        safe,
        grid.reactivate_participant(consumer.address, False),
        participant=consumer.address,
    )


def _a_failed_delivery(stage: Stage) -> None:
    market, grid, trading = stage.market, stage.market.grid, stage.market.trading
    prosumer, consumer = stage.person("the prosumer", money="5"), stage.person("the consumer")
    stage.chapter("What is sold and does not come costs reputation")
    stage.says("The prosumer sells an hour to the consumer, at 0.25 per kWh (the walkthrough of")
    stage.says("trading tells how).")
    hour = Period.current(PeriodKind.HOURLY, stage.now + _HOUR)
    stage.does("it pays in 5 dollars as security", prosumer, market.settlement.deposit(5 * DOLLAR))
    terms = {"energy": 1_000, "price": DOLLAR // 4, "period": hour}
    sold = stage.does(
        "1,000 Wh of the next hour", prosumer, stage.market.prepare_order(OrderType.SELL, **terms)
    )
    bought = stage.does(
        "the consumer takes them", consumer, stage.market.prepare_order(OrderType.BUY, **terms)
    )
    orders = (only(one, "OrderCreated")["order_id"] for one in (bought, sold))
    matched = stage.does("matched", consumer, trading.match_orders(*orders), "OrdersMatched")
    stage.wait_until(hour.end + 2 * market.settlement.grace())
    stage.does(
        "no meter has counted any of it: it is settled, and Settlement notes it in the grid",
        consumer,
        trading.settle_transaction(only(matched, "OrdersMatched")["transaction_id"]),
        "TransactionSettled",
        "ReputationSet",
        within=[grid.note_failed_delivery(prosumer.address)],
    )
    reputation = grid.get_producer_info(prosumer.address).reputation
    stage.shows("the prosumer's reputation", reputation)
    stage.check(reputation == 94, f"the prosumer's reputation is {reputation}")
